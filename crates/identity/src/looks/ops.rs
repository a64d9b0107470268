//! Changing a look.

use db::{DbError, Tx};
use http::contrast;
use kernel::{Mode, Scope, ShopId, Timestamp};

use super::picture::Picture;
use super::store;
use crate::{locator, merchants, scope};

/// Kind of the locator rows that lead from a shop's id to its merchant's look.
pub const LOOK: &str = "look";

/// Sets the accent, `#rrggbb`, or gives it up. False when the text is no colour.
///
/// # Errors
/// [`DbError`].
pub fn set_accent(tx: &mut Tx<'_>, scope: &Scope, accent: Option<&str>) -> Result<bool, DbError> {
    let clean = match accent.map(contrast::parse) {
        None => None,
        Some(Some(colour)) => Some(contrast::hex(colour)),
        Some(None) => return Ok(false),
    };
    store::set_accent(tx, scope, clean.as_deref())?;
    publish(tx, scope)?;
    Ok(true)
}

/// Sets the logo.
///
/// # Errors
/// [`DbError`].
pub fn set_logo(
    tx: &mut Tx<'_>,
    scope: &Scope,
    picture: &Picture,
    now: Timestamp,
) -> Result<(), DbError> {
    store::put_logo(tx, scope, picture, now)?;
    publish(tx, scope)
}

/// Removes the logo; false when there was none.
///
/// # Errors
/// [`DbError`].
pub fn remove_logo(tx: &mut Tx<'_>, scope: &Scope) -> Result<bool, DbError> {
    store::remove_logo(tx, scope)
}

/// Lets the addresses of all shops of the merchant lead to its look.
fn publish(tx: &mut Tx<'_>, own: &Scope) -> Result<(), DbError> {
    for mode in [Mode::Live, Mode::Test] {
        let scope = scope::for_house(own.merchant(), mode);
        for shop in merchants::store::shops(tx, &scope)? {
            open(tx, &scope, shop.id)?;
        }
    }
    Ok(())
}

/// Lets the address of one shop lead to its merchant's look.
///
/// # Errors
/// [`DbError`].
pub fn open(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<(), DbError> {
    let name = shop.to_string();
    if locator::find(tx, LOOK, &name)?.is_none() {
        locator::put(tx, scope, LOOK, locator::hash(&name), shop.id())?;
    }
    Ok(())
}
