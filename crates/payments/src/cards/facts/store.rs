//! SQL of how far the vault's log was told.

use std::collections::BTreeMap;

use db::{DbError, Row, Tx, params};
use kernel::{MerchantId, Scope};

/// How far a log was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The number of the next entry.
    pub next: u64,
    /// Entries before this number were there before the log was followed; nothing as long as that
    /// was not looked at.
    pub old_until: Option<u64>,
}

fn place_of(row: &Row) -> Result<Place, DbError> {
    let next: i64 = row.get("next_entry")?;
    let old: Option<i64> = row.get("old_until")?;
    Ok(Place {
        next: u64::try_from(next).unwrap_or(0),
        old_until: old.and_then(|old| u64::try_from(old).ok()),
    })
}

/// The place in the log of the scope's merchant; nothing before the first entry of a new one.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn place(tx: &mut Tx<'_>, scope: &Scope) -> Result<Option<Place>, DbError> {
    let sql = "SELECT next_entry, old_until FROM vault_log_place WHERE merchant_id = $1";
    tx.query_opt(sql, &params![scope.merchant()])?.as_ref().map(place_of).transpose()
}

/// The places of all merchants.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn places(tx: &mut Tx<'_>) -> Result<BTreeMap<MerchantId, Place>, DbError> {
    let sql = "SELECT merchant_id, next_entry, old_until FROM vault_log_place";
    let rows = tx.query(sql, &[])?;
    rows.iter().map(|row| Ok((row.get("merchant_id")?, place_of(row)?))).collect()
}

/// Moves the place on; false when another process was here first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn go_on(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (from, to): (Option<Place>, Place),
) -> Result<bool, DbError> {
    let number = |entry: u64| i64::try_from(entry).unwrap_or(i64::MAX);
    let (merchant, next, old) = (scope.merchant(), number(to.next), to.old_until.map(number));
    let changed = match from {
        Some(from) => {
            let sql = "UPDATE vault_log_place SET next_entry = $1, old_until = $2 \
                       WHERE merchant_id = $3 AND next_entry = $4";
            tx.exec(sql, &params![next, old, merchant, number(from.next)])?
        }
        None => {
            let sql = "INSERT INTO vault_log_place (next_entry, old_until, merchant_id) \
                       VALUES ($1, $2, $3) ON CONFLICT (merchant_id) DO NOTHING";
            tx.exec(sql, &params![next, old, merchant])?
        }
    };
    Ok(changed == 1)
}
