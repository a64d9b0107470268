//! SQL of the watch.

use db::{DbError, Tx, params};
use kernel::Scope;

/// How many payments of the scope wait for an answer that the bank owes.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn answers_owed(tx: &mut Tx<'_>, scope: &Scope) -> Result<i64, DbError> {
    let row = tx.query_opt(
        "SELECT CAST(COUNT(*) AS BIGINT) AS owed FROM payment
         WHERE merchant_id = $1 AND mode = $2 AND status = 'unknown'",
        &params![scope.merchant(), scope.mode().as_str()],
    )?;
    row.map_or(Ok(0), |row| row.get("owed"))
}
