//! Why an operation on a payment was not done, and the problem that tells it.

use db::DbError;
use kernel::{Invariant, Money, PaymentId, Problem};

use super::EngineError;
use crate::payment::Payment;
use crate::payment::elsewhere::Unsound;
use crate::payment::rules::{self, Action, Why};
use crate::payment::save::SaveError;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No such payment.
    #[error("no such payment")]
    NotFound,
    /// The payment changed since the asker looked.
    #[error("the payment changed meanwhile")]
    VersionConflict(Box<Payment>),
    /// Not in this status.
    #[error("not allowed now: {}", .why.sentence())]
    NotAllowed {
        /// The payment as it stands.
        payment: Box<Payment>,
        /// Why.
        why: Why,
    },
    /// The refundable amount changed since the asker looked.
    #[error("the refundable amount changed")]
    RefundableChanged(Money),
    /// More than may be given back.
    #[error("above the refundable amount")]
    AboveRefundable(Money),
    /// More than may be debited.
    #[error("above the capturable amount")]
    AboveCapturable(Money),
    /// More than this person may give back in one operation.
    #[error("above the person's ceiling")]
    AboveCeiling(Money),
    /// Not a positive amount of the payment's currency.
    #[error("bad amount")]
    BadAmount,
    /// Too long after the capture.
    #[error("the refund window is over")]
    WindowOver,
    /// A reason that is too long or holds a card number.
    #[error("bad reason")]
    BadReason,
    /// What is written down of a refund made elsewhere cannot have happened so.
    #[error("not a sound record")]
    UnsoundRecord(Unsound),
    /// The merchant wrote the same reference down before, under this payment.
    #[error("recorded already")]
    RecordedAlready(PaymentId),
    /// The provider cannot do this.
    #[error("the provider cannot: {0}")]
    CapabilityMissing(String),
    /// It could not be written.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl From<DbError> for DeskError {
    fn from(error: DbError) -> Self {
        Self::Save(error.into())
    }
}

impl From<Invariant> for DeskError {
    fn from(error: Invariant) -> Self {
        Self::Save(error.into())
    }
}

impl From<EngineError> for DeskError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound => Self::NotFound,
            EngineError::Save(error) => Self::Save(error),
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotFound => Self::not_found(),
            DeskError::VersionConflict(payment) => {
                Self::new(409, "version_conflict", "The payment changed since you looked at it.")
                    .with("current", crate::payment::json::event_body(&payment))
            }
            DeskError::NotAllowed { payment, why } => not_allowed(&payment, why),
            DeskError::RefundableChanged(current) => {
                Self::new(409, "refundable_changed", "The refundable amount changed; look again.")
                    .with("current", current.minor())
            }
            DeskError::AboveRefundable(most) => Self::field(
                "$.amount",
                "amount_above_refundable",
                format!("At most {} minor units may be refunded.", most.minor()),
            )
            .with("refundable", most.minor()),
            DeskError::AboveCapturable(most) => Self::field(
                "$.amount",
                "amount_above_capturable",
                format!("At most {} minor units may be captured.", most.minor()),
            )
            .with("capturable", most.minor()),
            DeskError::AboveCeiling(most) => Self::new(
                403,
                "approval_required",
                "The amount is above this person's ceiling; a person with a higher one must do it.",
            )
            .with("ceiling", most.minor()),
            DeskError::BadAmount => Self::field(
                "$.amount",
                "invalid_field",
                "Give a positive amount in minor units of the payment's currency.",
            ),
            DeskError::WindowOver => {
                Self::new(422, "refund_window_over", "The network takes no refund this late.")
            }
            DeskError::BadReason => Self::field(
                "$.reason",
                "invalid_field",
                "Give a reason of at most 500 characters without a card number.",
            ),
            DeskError::UnsoundRecord(Unsound::Reference) => Self::field(
                "$.reference",
                "invalid_field",
                "Give your own reference of the refund, 1 to 64 characters, no card number.",
            ),
            DeskError::UnsoundRecord(Unsound::Day) => Self::field(
                "$.on",
                "invalid_field",
                "Give the day of the refund, between the debit and today.",
            ),
            DeskError::RecordedAlready(first) => Self::new(
                409,
                "already_recorded",
                "This reference was recorded before; a refund is recorded once.",
            )
            .with("payment", first.to_string()),
            DeskError::CapabilityMissing(text) => Self::new(422, "capability_missing", text),
            DeskError::Save(error) => crate::error::of_save(&error),
        }
    }
}

fn not_allowed(payment: &Payment, why: Why) -> Problem {
    let (status, code) = match why {
        Why::ResultUnknown | Why::AtTheBank => (409, "result_unknown"),
        Why::Disputed => (409, "payment_disputed"),
        _ if why.is_of_contract() => (422, "capability_missing"),
        _ => (409, "operation_not_allowed"),
    };
    at_state(Problem::new(status, code, why.sentence()), payment, why.as_str())
}

/// Adds where the payment stands, what may be done with it now, and the reason as a word. A
/// problem's own `status` is that of HTTP (RFC 9457).
pub(crate) fn at_state(problem: Problem, payment: &Payment, why: &str) -> Problem {
    let allowed: Vec<&str> = rules::allowed(payment).into_iter().map(Action::as_str).collect();
    problem
        .with("payment_status", payment.status.as_str())
        .with("allowed", allowed)
        .with("why", why)
        .with("current", crate::payment::json::event_body(payment))
}
