//! SQL of how cards are checked by themselves.

use db::{DbError, Tx, params};
use kernel::{CardToken, Scope, ShopId};

use super::{Policy, When};
use crate::payment::words::from_row;

/// How a shop has its cards checked; never, until somebody says so.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn policy(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<Policy, DbError> {
    let sql = "SELECT auto, days_before, with_code, amount_fallback, version \
         FROM card_check_policy WHERE shop_id = $1 AND merchant_id = $2 AND mode = $3";
    let row = tx.query_opt(sql, &params![shop, scope.merchant(), scope.mode().as_str()])?;
    let Some(row) = row else { return Ok(Policy::default()) };
    Ok(Policy {
        auto: from_row(&row, "auto", When::parse)?,
        days_before: row.get("days_before")?,
        with_code: row.get("with_code")?,
        amount_fallback: row.get("amount_fallback")?,
        version: row.get("version")?,
    })
}

/// Writes it over the version before; `false` when somebody else did.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn put(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (shop, policy): (ShopId, &Policy),
) -> Result<bool, DbError> {
    let sql = "INSERT INTO card_check_policy (shop_id, merchant_id, mode, auto, days_before, \
         with_code, amount_fallback, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (shop_id, merchant_id, mode) DO UPDATE SET auto = excluded.auto, \
         days_before = excluded.days_before, with_code = excluded.with_code, \
         amount_fallback = excluded.amount_fallback, version = excluded.version \
         WHERE card_check_policy.version = excluded.version - 1";
    let values = params![
        shop,
        scope.merchant(),
        scope.mode().as_str(),
        policy.auto.as_str(),
        policy.days_before,
        policy.with_code,
        policy.amount_fallback,
        policy.version,
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Whether a bank has accepted a payment with a card: its issuer knows it.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn is_accepted(tx: &mut Tx<'_>, scope: &Scope, card: CardToken) -> Result<bool, DbError> {
    let sql = "SELECT id FROM payment WHERE merchant_id = $1 AND card_id = $2 AND mode = $3 \
         AND authorised > 0 LIMIT 1";
    let values = params![scope.merchant(), card, scope.mode().as_str()];
    Ok(tx.query_opt(sql, &values)?.is_some())
}
