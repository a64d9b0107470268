//! Changing a tariff that was entered: its days, its lengths, its price.
//!
//! Baskets and bookings keep the price they were made with. Where two tariffs already spoke of one
//! day and length, the later entered stays right; a new overlap with another price is refused.

mod form;
pub mod pages;
#[cfg(test)]
mod tests;

use db::Tx;
use kernel::{LodgingId, Scope, TariffId};

use super::ops::EntryError;
use super::saving::Edited;
use super::store::{self, StoredTariff};
use super::tariffs::TariffPeriod;

/// Saves a tariff that was read at the version it carries.
///
/// # Errors
/// [`EntryError::NotFound`], [`EntryError::Tariff`] for what was entered wrong.
pub fn edit(
    tx: &mut Tx,
    scope: &Scope,
    changed: &StoredTariff,
) -> Result<Edited<StoredTariff>, EntryError> {
    let wanted = &changed.period;
    wanted.check().map_err(|error| EntryError::Tariff(0, error))?;
    let before = known(tx, scope, (wanted.lodging, wanted.id))?;
    if before.version != changed.version {
        return Ok(Edited::Both(Box::new(before)));
    }
    let others = store::tariffs_of(tx, scope, (wanted.lodging, wanted.formula))?;
    let is_new = |other: &&TariffPeriod| before.period.quarrel(other).is_none();
    let others = others.iter().filter(|other| other.id != wanted.id).filter(is_new);
    if let Some(quarrel) = others.filter_map(|other| wanted.quarrel(other)).next() {
        return Err(EntryError::Tariff(0, quarrel));
    }
    let saved = store::update_tariff(tx, scope, changed)?;
    let before = Box::new(before);
    Ok(if saved { Edited::Done(before) } else { Edited::Both(before) })
}

/// A tariff of a lodging.
///
/// # Errors
/// [`EntryError::NotFound`].
fn known(
    tx: &mut Tx,
    scope: &Scope,
    (lodging, id): (LodgingId, TariffId),
) -> Result<StoredTariff, EntryError> {
    store::find(tx, scope, lodging)?.ok_or(EntryError::NotFound)?;
    let found = store::tariff(tx, scope, id)?;
    found.filter(|found| found.period.lodging == lodging).ok_or(EntryError::NotFound)
}
