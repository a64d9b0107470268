//! Reading the checklist, and opening the live shop.

use connectors::registry;
use db::{DbError, Tx};
use identity::audit::{self, Line};
use identity::{merchants, scope, users};
use kernel::{AuditId, Mode, Scope, Timestamp, UserId};

use super::model::Found;
use super::store;

/// Every point as it stands, whichever mode the asker looks at.
///
/// # Errors
/// [`DbError`].
pub fn look(tx: &mut Tx<'_>, asker: &Scope) -> Result<Found, DbError> {
    let test = scope::for_house(asker.merchant(), Mode::Test);
    let live = scope::for_house(asker.merchant(), Mode::Live);
    let shops = merchants::store::shops(tx, &live)?;
    let page = match store::page_checked(tx, &test)? {
        Some((user, at)) => users::store::find(tx, user)?.map(|user| (user.name, at)),
        None => None,
    };
    let (with_factor, without_factor) = users::store::second_factors(tx, asker)?;
    Ok(Found {
        has_live_connector: registry::all().iter().any(|one| !one.meta().simulated),
        payment: store::captured(tx, &test)?,
        notification: store::taken(tx, &test)?,
        page,
        with_factor,
        without_factor,
        opened_at: shops.iter().find_map(|shop| shop.opened_at),
        has_live_shop: !shops.is_empty(),
    })
}

/// Notes that a person looked at the payment page, with its line in the journal.
///
/// # Errors
/// [`DbError`].
pub fn check_page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (user, line): (UserId, &Line),
    (now, id): (Timestamp, AuditId),
) -> Result<(), DbError> {
    if store::check_page(tx, scope, (user, now))? {
        audit::record(tx, scope, line, now, id)?;
    }
    Ok(())
}

/// Opens the live shops when every point is done; false when one is not, and nothing changed.
///
/// # Errors
/// [`DbError`].
pub fn open(
    tx: &mut Tx<'_>,
    scope: &Scope,
    line: &Line,
    (now, id): (Timestamp, AuditId),
) -> Result<bool, DbError> {
    let found = look(tx, scope)?;
    if found.opened_at.is_some() {
        return Ok(true);
    }
    if !found.may_open() {
        return Ok(false);
    }
    merchants::store::open_live(tx, scope, now)?;
    audit::record(tx, scope, line, now, id)?;
    Ok(true)
}
