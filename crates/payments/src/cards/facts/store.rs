//! SQL of how far the vault's log was told.

use db::{DbError, Tx, params};
use kernel::Scope;

/// The number of the next entry; nothing before the first look.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn place(tx: &mut Tx<'_>, scope: &Scope) -> Result<Option<u64>, DbError> {
    let sql = "SELECT next_entry FROM vault_log_place WHERE merchant_id = $1";
    let row = tx.query_opt(sql, &params![scope.merchant()])?;
    let next = row.map(|row| row.get::<i64>("next_entry")).transpose()?;
    Ok(next.and_then(|next| u64::try_from(next).ok()))
}

/// Moves the place on; false when another process was here first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn go_on(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (from, to): (Option<u64>, u64),
) -> Result<bool, DbError> {
    let number = |entry: u64| i64::try_from(entry).unwrap_or(i64::MAX);
    let merchant = scope.merchant();
    let changed = match from {
        Some(from) => {
            let sql = "UPDATE vault_log_place SET next_entry = $1 \
                       WHERE merchant_id = $2 AND next_entry = $3";
            tx.exec(sql, &params![number(to), merchant, number(from)])?
        }
        None => {
            let sql = "INSERT INTO vault_log_place (next_entry, merchant_id) VALUES ($1, $2) \
                       ON CONFLICT (merchant_id) DO NOTHING";
            tx.exec(sql, &params![number(to), merchant])?
        }
    };
    Ok(changed == 1)
}
