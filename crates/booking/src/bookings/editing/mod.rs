//! Changing who booked and what staff note: dates, prices and payments stay as they are.

pub mod pages;

use db::Tx;
use kernel::{BookingId, Scope};

use super::model::Booking;
use super::ops::{self, BookingError};
use super::store;
use crate::carts::contact::Contact;
use crate::moment::Moment;

/// Longest note, in characters.
pub const MAX_NOTE_CHARACTERS: usize = 2_000;

/// What is changed of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Who booked.
    pub contact: Contact,
    /// For staff alone.
    pub note: String,
    /// The version both were read at.
    pub version: i64,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// Saved, with a line in the journal.
    Done,
    /// Somebody else changed the booking first; it is as it was.
    Both(Box<Booking>),
}

/// Saves contact and note of a booking.
///
/// # Errors
/// [`BookingError::NotFound`].
pub fn edit(
    tx: &mut Tx,
    scope: &Scope,
    id: BookingId,
    (change, moment): (&Change, Moment),
) -> Result<Edited, BookingError> {
    let booking = store::find(tx, scope, id)?.ok_or(BookingError::NotFound)?;
    let same = booking.contact == change.contact && booking.note == change.note;
    if same {
        return Ok(Edited::Done);
    }
    let changed = Booking {
        contact: change.contact.clone(),
        note: change.note.clone(),
        version: change.version,
        ..booking.clone()
    };
    if !store::save_contact(tx, scope, &changed, moment.now)? {
        return Ok(Edited::Both(Box::new(booking)));
    }
    let fields = what_changed(&booking, &changed).join(", ");
    ops::journal(tx, scope, &changed, ("booking.contact", &fields, moment))?;
    ops::tell(tx, scope, &changed, ("booking.changed", moment))?;
    Ok(Edited::Done)
}

/// The names of the fields that changed; their values are personal and stay in the booking.
fn what_changed(before: &Booking, after: &Booking) -> Vec<&'static str> {
    let (old, new) = (&before.contact, &after.contact);
    [
        ("first_name", old.first_name != new.first_name),
        ("last_name", old.last_name != new.last_name),
        ("email", old.email != new.email),
        ("phone", old.phone != new.phone),
        ("address", old.address != new.address),
        ("company", old.company != new.company),
        ("note", before.note != after.note),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}
