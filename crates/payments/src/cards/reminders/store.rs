//! SQL of reminders.

use db::{DbError, Tx, params};
use kernel::{Date, Scope, ShopId};

/// How far the people of a shop were reminded of a last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// The last day on which codes are shown.
    pub until: Date,
    /// The reminder told last, in days before it.
    pub told: Option<i64>,
}

/// What a shop was reminded of.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<Option<Reminder>, DbError> {
    let sql = "SELECT until, told FROM card_reminder \
         WHERE shop_id = $1 AND merchant_id = $2 AND mode = $3";
    let row = tx.query_opt(sql, &params![shop, scope.merchant(), scope.mode().as_str()])?;
    row.map(|row| Ok(Reminder { until: row.get("until")?, told: row.get("told")? })).transpose()
}

/// Writes what a shop was reminded of.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn put(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (shop, reminder): (ShopId, &Reminder),
) -> Result<(), DbError> {
    let sql = "INSERT INTO card_reminder (shop_id, merchant_id, mode, until, told) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (shop_id, merchant_id, mode) \
         DO UPDATE SET until = excluded.until, told = excluded.told";
    let (merchant, mode) = (scope.merchant(), scope.mode().as_str());
    tx.exec(sql, &params![shop, merchant, mode, reminder.until, reminder.told]).map(|_| ())
}

/// Forgets it: codes are not shown any more.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn forget(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<(), DbError> {
    let sql = "DELETE FROM card_reminder WHERE shop_id = $1 AND merchant_id = $2 AND mode = $3";
    tx.exec(sql, &params![shop, scope.merchant(), scope.mode().as_str()]).map(|_| ())
}
