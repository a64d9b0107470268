//! From which address the last step of a payment was asked for, for the journal of what it pays
//! for.

use db::{DbError, Tx};
use identity::audit;

use super::model::{Closed, Payment};
use super::operation::Kind;
use super::save::Pen;
use super::status::Status;
use crate::attempts;

/// The address of whoever asked for the last step: whoever asks now, else the payer's browser of
/// the last attempt, else the member of staff or the program that asked. Empty for what happened
/// by itself.
pub(super) fn of(tx: &mut Tx<'_>, pen: &Pen<'_>, payment: &Payment) -> Result<String, DbError> {
    if !pen.from.is_empty() {
        return Ok(pen.from.to_owned());
    }
    let asked = match payment.operations.last() {
        _ if payment.closed == Some(Closed::Merchant) => "payment.cancel",
        _ if payment.status == Status::Abandoned => return Ok(String::new()),
        Some(last) if last.attempt > 0 => "payment.create",
        Some(last) => match last.kind {
            Kind::Refund if last.elsewhere.is_some() => "payment.refund_recorded",
            Kind::Refund => "payment.refund",
            Kind::Void => "payment.cancel",
            Kind::Capture => "payment.capture",
            _ => return Ok(String::new()),
        },
        None => return Ok(String::new()),
    };
    if asked == "payment.create"
        && let Some(attempt) = attempts::store::latest(tx, pen.scope, payment.id)?
        && let Some(address) = attempt.address
    {
        return Ok(address);
    }
    let known = audit::address_of(tx, pen.scope, (asked, &payment.id.to_string()))?;
    Ok(known.unwrap_or_default())
}
