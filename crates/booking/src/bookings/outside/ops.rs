//! Writing down what was made without this house.

use db::{DbError, Tx};
use kernel::money::MoneyError;
use kernel::{BookingId, Locale, Money, Problem, Scope, format};

use super::model::{self, Recorded, RecordedKind};
use super::store;
use crate::bookings::model::Booking;
use crate::bookings::ops;
use crate::moment::Moment;

/// Why nothing was written down.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The reference was written down before, under this booking.
    #[error("recorded already")]
    Already(Option<BookingId>),
    /// Not of the booking's currency.
    #[error("another currency")]
    Currency(kernel::Currency),
    /// It would have been made after now.
    #[error("in the future")]
    Future,
    /// More would have gone back than was written down as debited.
    #[error("above what was debited")]
    AboveRefundable(Money),
    /// Amounts out of range.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Already(booking) => {
                let text = "This reference was recorded before; a transaction is recorded once.";
                let problem = Self::new(409, "already_recorded", text);
                match booking {
                    Some(booking) => problem.with("booking", booking.to_string()),
                    None => problem,
                }
            }
            RecordError::Currency(own) => {
                let cure = format!("The booking is in {own}.");
                Self::field("$.currency", "currency_not_supported", cure)
            }
            RecordError::Future => {
                let cure = "Give the instant at which it was made, not one to come.";
                Self::field("$.at", "invalid_field", cure)
            }
            RecordError::AboveRefundable(most) => {
                let most_minor = most.minor();
                let cure = format!("At most {most_minor} recorded minor units are left to refund.");
                Self::field("$.amount", "amount_above_refundable", cure)
                    .with("refundable", most_minor)
            }
            RecordError::Money(_) => Self::field(
                "$.amount",
                "invalid_field",
                "The amounts of the booking are too large.",
            ),
            RecordError::Db(error) => identity::extract::api::internal(error).0,
        }
    }
}

/// Writes one transaction down, with its line in the journal.
///
/// # Errors
/// [`RecordError`]: nothing is written.
pub fn record(
    tx: &mut Tx,
    scope: &Scope,
    booking: &Booking,
    (one, moment): (&Recorded, Moment),
) -> Result<(), RecordError> {
    if let Some(first) = store::booking_of(tx, scope, (booking.shop, one.means, &one.reference))? {
        return Err(RecordError::Already(Some(first)));
    }
    if one.amount.currency() != booking.total.currency() {
        return Err(RecordError::Currency(booking.total.currency()));
    }
    if one.at > moment.now {
        return Err(RecordError::Future);
    }
    if one.kind == RecordedKind::Refund {
        let known = store::of(tx, scope, booking.id)?;
        let sum = |kind| model::sum(Money::zero(booking.total.currency()), &known, kind);
        let left = sum(RecordedKind::Debit)?.minus(sum(RecordedKind::Refund)?)?;
        if one.amount.minor() > left.minor() {
            return Err(RecordError::AboveRefundable(left));
        }
    }
    store::insert(tx, scope, (booking, moment.now), one).map_err(|error| match error {
        // Somebody else wrote it down at the same moment.
        DbError::Conflict(_) => RecordError::Already(None),
        error => error.into(),
    })?;
    let action = match one.kind {
        RecordedKind::Debit => "recorded.debit",
        RecordedKind::Refund => "recorded.refund",
        RecordedKind::Preauthorisation => "recorded.preauthorisation",
    };
    let amount = format::number(one.amount, Locale::En);
    let note = format!("{} · {amount} {}", one.reference, one.amount.currency());
    ops::journal(tx, scope, booking, (action, &note, moment))?;
    Ok(ops::tell(tx, scope, booking, ("booking.changed", moment))?)
}
