//! One action on several bookings (see [`identity::lots`]): charging what is left of them, calling
//! them off, saying that their guests did not come.
//!
//! **Always true.** Each line is done by the operation of a single booking, with its rules and its
//! line in the journal. A booking is done as it was seen: one that changed since the page was
//! shown is left out. What is charged leaves its line in the commit that stores the payment's
//! first request as sent.
//!
//! **Limits.** A stay that has begun is called off one by one, since that needs a right and a
//! reason of its own. Calling off gives no money back, as for a single booking.

mod charge;
mod ending;
pub mod pages;

use std::sync::Arc;

use db::{DbError, Tx};
use http::Words;
use identity::lots::{Chosen, Deed, Label};
use kernel::{Money, format};
use payments::Engine;

pub use charge::Balances;
pub use ending::Endings;

use super::ending::Ending;
use super::model::Booking;
use super::ops::BookingError;
use crate::holds::HoldError;

/// What is done to several bookings at once.
#[must_use]
pub fn deeds(engine: &Engine) -> Vec<Arc<dyn Deed>> {
    vec![
        Arc::new(Balances::new(engine)),
        Arc::new(Endings::new(&engine.ctx, Ending::Cancel)),
        Arc::new(Endings::new(&engine.ctx, Ending::NoShow)),
    ]
}

/// A booking among the chosen ones.
fn chosen(words: &Words, booking: &Booking, (amount, why): (Money, Option<String>)) -> Chosen {
    let locale = words.locale();
    let (starts, ends) = (format::date(booking.starts, locale), format::date(booking.ends, locale));
    Chosen {
        thing: booking.id.id(),
        label: Label {
            reference: booking.number.clone(),
            name: booking.contact.full_name(),
            detail: words.with("booking-lot-stay", &[("starts", &starts), ("ends", &ends)]),
        },
        amount,
        version: booking.version,
        why,
    }
}

/// The word of why a booking is not ended; the cause when the database failed.
fn word(error: BookingError) -> Result<&'static str, DbError> {
    Ok(match error {
        BookingError::NotFound => "not_found",
        BookingError::Illegal(_) => "state",
        BookingError::Past => "past",
        BookingError::Future => "future",
        BookingError::Db(error) | BookingError::Hold(HoldError::Db(error)) => return Err(error),
        error @ (BookingError::Incomplete
        | BookingError::Hold(_)
        | BookingError::Money(_)
        | BookingError::Invariant(_)) => {
            tracing::error!(%error, "a booking of a lot");
            "failed"
        }
    })
}

/// The bookings that were chosen, each with what the action thinks of it.
fn look_each(
    tx: &mut Tx<'_>,
    (scope, ids): (&kernel::Scope, &[kernel::Id]),
    mut one: impl FnMut(&mut Tx<'_>, &Booking) -> Result<Chosen, DbError>,
) -> Result<Vec<Chosen>, DbError> {
    let mut all = Vec::new();
    for id in ids {
        if let Some(booking) = super::store::find(tx, scope, (*id).into())? {
            all.push(one(tx, &booking)?);
        }
    }
    Ok(all)
}
