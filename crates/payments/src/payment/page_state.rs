//! What the payer's page says: a pure function of the payment.
//!
//! The browser's return never decides; reload, back button and a second device show the same.

use kernel::Timestamp;

use super::model::{Closed, MAX_ATTEMPTS, Payment, Session};
use super::operation::{Kind, OpState};
use super::status::Status;
use super::words::words;

words! {
    /// One wording and one way out each.
    PageState {
        /// Pay by card.
        Pay => "pay",
        /// The bank wants to see the payer.
        Challenge => "challenge",
        /// The bank is being asked.
        Waiting => "waiting",
        /// The bank's answer is not known; do not pay twice.
        Unknown => "unknown",
        /// Paid.
        Paid => "paid",
        /// Paid, then given back because the place was gone.
        PlaceGone => "place_gone",
        /// Refused; nothing was debited.
        Refused => "refused",
        /// Refused for the last time; nothing was debited.
        NoMoreTries => "no_more_tries",
        /// The payer left; nothing was debited.
        Abandoned => "abandoned",
        /// The session ended; nothing was debited.
        Expired => "expired",
        /// The merchant cancelled; nothing was debited, or it was released.
        Cancelled => "cancelled",
        /// What was held went to somebody else; nothing was debited.
        HoldLost => "hold_lost",
        /// The price changed; nothing was debited.
        AmountChanged => "amount_changed",
        /// Another payment was opened for the same thing; nothing was debited.
        Replaced => "replaced",
        /// What was to be paid is paid otherwise, or is no more; nothing was debited.
        NothingDue => "nothing_due",
        /// Paid and given back.
        Refunded => "refunded",
    }
}

impl PageState {
    /// Whether "nothing was debited" is certain and may be printed.
    #[must_use]
    pub const fn nothing_debited(self) -> bool {
        matches!(
            self,
            Self::Pay
                | Self::Challenge
                | Self::Refused
                | Self::NoMoreTries
                | Self::Abandoned
                | Self::Expired
                | Self::Cancelled
                | Self::HoldLost
                | Self::AmountChanged
                | Self::Replaced
                | Self::NothingDue
        )
    }
}

/// The state of the page at an instant of the shop's clock.
#[must_use]
pub fn of(payment: &Payment, now: Timestamp) -> PageState {
    let is_over = timed_out(payment, now);
    let given_back = payment.late && payment.counters.authorised > 0 && !payment.served;
    match payment.status {
        _ if given_back => PageState::PlaceGone,
        Status::Authorised
        | Status::Captured
        | Status::Capturing
        | Status::PartiallyCaptured
        | Status::Settled
        | Status::ToValidate
        | Status::Review
        | Status::Verified
        | Status::Scheduled
        | Status::CaptureFailed
        | Status::Disputed
        | Status::PartiallyRefunded => PageState::Paid,
        Status::Refunding if payment.counters.refundable() > 0 => PageState::Paid,
        Status::Refunded | Status::Refunding | Status::ChargedBack => PageState::Refunded,
        Status::Authorising => PageState::Waiting,
        Status::Unknown => PageState::Unknown,
        Status::Cancelled => match payment.closed {
            Some(Closed::HoldLost) => PageState::HoldLost,
            Some(Closed::AmountChanged) => PageState::AmountChanged,
            Some(Closed::Replaced) => PageState::Replaced,
            Some(Closed::NothingDue) => PageState::NothingDue,
            Some(Closed::Merchant) | None => PageState::Cancelled,
        },
        Status::Abandoned if is_over => PageState::Expired,
        Status::Abandoned => PageState::Abandoned,
        Status::Expired => PageState::Expired,
        Status::Refused => PageState::NoMoreTries,
        Status::Created | Status::ActionRequired => open_page(payment, now),
    }
}

fn timed_out(payment: &Payment, now: Timestamp) -> bool {
    payment.session_ends.is_some_and(|ends| ends <= now)
}

fn open_page(payment: &Payment, now: Timestamp) -> PageState {
    let is_over = timed_out(payment, now);
    let last = payment
        .operations
        .iter()
        .rev()
        .find(|o| matches!(o.kind, Kind::Authenticate | Kind::Authorise));
    match last.map(|o| (o.kind, o.state)) {
        Some((Kind::Authenticate, OpState::Pending)) => PageState::Challenge,
        Some((_, OpState::Sent)) => PageState::Waiting,
        _ if is_over || payment.session == Session::Ended => PageState::Expired,
        Some((_, OpState::Failed)) if payment.attempts >= MAX_ATTEMPTS => PageState::NoMoreTries,
        Some((_, OpState::Failed)) => PageState::Refused,
        _ => PageState::Pay,
    }
}
