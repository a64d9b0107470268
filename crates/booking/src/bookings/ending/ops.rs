//! Ending a booking at the word of staff, with its line in the journal.

use db::Tx;
use identity::audit::{self, Line};
use kernel::{AuditId, Date, Scope, Timestamp};

use super::Ending;
use crate::bookings::model::{Booking, IllegalTransition};
use crate::bookings::ops::{self, BookingError};
use crate::moment::Moment;

/// Whether a booking may end so on a day, for a reason.
///
/// # Errors
/// [`BookingError`]: why not.
pub fn may_end(
    scope: &Scope,
    (ending, booking): (Ending, &Booking),
    (today, reason): (Date, &str),
) -> Result<(), BookingError> {
    let (from, to) = (booking.state, ending.state());
    if !from.may_become(to) {
        return Err(IllegalTransition { from, to }.into());
    }
    match ending {
        Ending::Cancel => ops::may_cancel(scope, booking, (today, reason)),
        Ending::NoShow => ops::may_miss(booking, today),
    }
}

/// Ends a booking; `line` is what the journal says of it, and the instant that of real time.
///
/// # Errors
/// [`BookingError`]; the transaction must end with it.
pub fn end(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (ending, booking): (Ending, &Booking),
    (today, reason, moment): (Date, &str, Moment<'_>),
    (line, real_now): (Line, Timestamp),
) -> Result<Booking, BookingError> {
    let how = (today, reason, moment);
    let ended = match ending {
        Ending::Cancel => ops::cancel(tx, scope, booking.id, how)?,
        Ending::NoShow => ops::no_show(tx, scope, booking.id, how)?,
    };
    let line = line.before(booking.state.as_str()).after(ended.state.as_str());
    audit::record(tx, scope, &line, real_now, AuditId::new(real_now, moment.rng))?;
    Ok(ended)
}
