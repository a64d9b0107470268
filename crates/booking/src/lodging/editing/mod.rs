//! Changing what is said of a lodging: names, descriptions, equipment, conditions, hours, persons.
//!
//! Units and nights are the planning's; prices have their own entries; baskets and bookings keep
//! what they were sold with.

mod form;
pub mod pages;

use db::Tx;
use kernel::{LodgingId, Scope};

use super::model::Lodging;
use super::ops::EntryError;
use super::saving::Edited;
use super::store;

/// Saves a lodging that was read at the version it carries.
///
/// # Errors
/// [`EntryError::NotFound`], [`EntryError::Lodging`] for what was entered wrong.
pub fn edit(tx: &mut Tx, scope: &Scope, changed: &Lodging) -> Result<Edited<Lodging>, EntryError> {
    changed.check()?;
    let before = known(tx, scope, changed.id)?;
    let saved = store::update(tx, scope, changed)?;
    let before = Box::new(before);
    Ok(if saved { Edited::Done(before) } else { Edited::Both(before) })
}

fn known(tx: &mut Tx, scope: &Scope, id: LodgingId) -> Result<Lodging, EntryError> {
    store::find(tx, scope, id)?.ok_or(EntryError::NotFound)
}
