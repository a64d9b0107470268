//! Which mail an event calls for. Pure.

use db::outbox::Event;
use serde_json::Value;

use crate::payment::Payment;

/// What an event says, as far as mails depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `payment.captured`…
    pub kind: String,
    /// Version of the payment that it tells of: the true order of its events, whatever the clock
    /// of a test shop shows.
    pub version: i64,
    /// Authorised by then, in minor units.
    pub authorised: i64,
    /// Released by then.
    pub voided: i64,
    /// Debited by then.
    pub captured: i64,
    /// Given back by then.
    pub refunded: i64,
    /// Whoever asked for it tells the payer himself.
    pub quiet: bool,
}

impl Told {
    /// Reads the body of an event; `None` when it is not one of a payment.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        let number = |path: &str| event.body.pointer(path).and_then(Value::as_i64);
        Some(Self {
            kind: event.kind.clone(),
            version: number("/version")?,
            authorised: number("/counters/authorised")?,
            voided: number("/counters/voided")?,
            captured: number("/counters/captured")?,
            refunded: number("/counters/refunded")?,
            quiet: event.body.pointer("/notify_payer") == Some(&Value::Bool(false)),
        })
    }
}

/// A mail to the payer; amounts in minor units of the payment's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The money arrived.
    Receipt {
        /// How much.
        amount: i64,
    },
    /// The bank did not answer; it is being asked.
    Checking,
    /// After that: the bank accepted, the debit follows later.
    Accepted,
    /// After that: the bank refused.
    Refused,
    /// Accepted when the place was gone, and given back.
    CancelledLate {
        /// How much.
        amount: i64,
    },
    /// Money went back.
    Refund {
        /// How much.
        amount: i64,
    },
}

/// The mail that an event calls for. `history` holds all events of the payment (this one may be
/// among them); `payment` is read in the same transaction.
#[must_use]
pub fn choose(told: &Told, history: &[Told], payment: &Payment) -> Option<Notice> {
    let earlier: Vec<&Told> = history.iter().filter(|e| e.version < told.version).collect();
    let given_back = payment.late && !payment.served;
    match told.kind.as_str() {
        "payment.captured" => {
            let again = earlier.iter().any(|e| e.captured > 0);
            (!again && !given_back).then_some(Notice::Receipt { amount: told.captured })
        }
        "payment.unknown" => (told.authorised == 0).then_some(Notice::Checking),
        "payment.authorised" | "payment.to_validate" => {
            (was_checked(&earlier) && !given_back).then_some(Notice::Accepted)
        }
        "payment.refused" | "payment.action_required" | "payment.abandoned" => {
            let open = payment.counters.authorised == 0;
            (was_checked(&earlier) && open).then_some(Notice::Refused)
        }
        "payment.cancelled" => given_back.then_some(Notice::CancelledLate { amount: told.voided }),
        "refund.done" => {
            let before = earlier.iter().map(|e| e.refunded).max().unwrap_or(0);
            let amount = told.refunded.saturating_sub(before);
            let refund = (!told.quiet).then_some(Notice::Refund { amount });
            if given_back { Some(Notice::CancelledLate { amount }) } else { refund }
        }
        _ => None,
    }
}

/// Whether the last thing told was that the payment is being checked.
fn was_checked(earlier: &[&Told]) -> bool {
    let statuses = earlier.iter().filter(|e| e.kind.starts_with("payment."));
    let last = statuses.max_by_key(|e| e.version);
    last.is_some_and(|e| e.kind == "payment.unknown" && e.authorised == 0)
}
