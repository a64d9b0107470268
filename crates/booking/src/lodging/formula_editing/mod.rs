//! Changing a formula of a lodging: its name, what is served, the deposit it asks, and by how much
//! it changes the price.
//!
//! Baskets and bookings keep the price and the deposit they were made with.

mod form;
pub mod pages;

use db::Tx;
use kernel::{FormulaId, LodgingId, Scope};

use super::ops::EntryError;
use super::saving::Edited;
use super::store::{self, StoredFormula};

/// Saves a formula that was read at the version it carries.
///
/// # Errors
/// [`EntryError::NotFound`], [`EntryError::Lodging`] for what was entered wrong.
pub fn edit(
    tx: &mut Tx,
    scope: &Scope,
    changed: &StoredFormula,
) -> Result<Edited<StoredFormula>, EntryError> {
    changed.formula.check()?;
    let before = known(tx, scope, (changed.formula.lodging, changed.formula.id))?;
    let saved = store::update_formula(tx, scope, changed)?;
    let before = Box::new(before);
    Ok(if saved { Edited::Done(before) } else { Edited::Both(before) })
}

/// A formula of a lodging.
///
/// # Errors
/// [`EntryError::NotFound`].
fn known(
    tx: &mut Tx,
    scope: &Scope,
    (lodging, id): (LodgingId, FormulaId),
) -> Result<StoredFormula, EntryError> {
    store::find(tx, scope, lodging)?.ok_or(EntryError::NotFound)?;
    let found = store::stored_formula(tx, scope, id)?;
    found.filter(|found| found.formula.lodging == lodging).ok_or(EntryError::NotFound)
}
