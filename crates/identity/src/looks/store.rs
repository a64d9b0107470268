//! SQL of looks; the accent is a column of the merchant.

use db::{DbError, Tx, params};
use kernel::{Scope, Timestamp};

use super::picture::Picture;

/// Sets the accent of the scope's merchant; `None` is the house's own.
pub(super) fn set_accent(
    tx: &mut Tx<'_>,
    scope: &Scope,
    accent: Option<&str>,
) -> Result<(), DbError> {
    let sql = "UPDATE merchant SET accent = $1 WHERE merchant_id = $2";
    tx.exec(sql, &params![accent.map(str::to_owned), scope.merchant()]).map(|_| ())
}

/// Puts a logo in the place of the one before.
pub(super) fn put_logo(
    tx: &mut Tx<'_>,
    scope: &Scope,
    picture: &Picture,
    now: Timestamp,
) -> Result<(), DbError> {
    let hash = http::theme::short_hash(&picture.png);
    tx.exec(
        "INSERT INTO merchant_logo (merchant_id, hash, width, height, png, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (merchant_id) DO UPDATE SET hash = excluded.hash, width = excluded.width,
         height = excluded.height, png = excluded.png, updated_at = excluded.updated_at",
        &params![scope.merchant(), hash, picture.width, picture.height, picture.png.clone(), now,],
    )?;
    Ok(())
}

/// Removes the logo; false when there was none.
pub(super) fn remove_logo(tx: &mut Tx<'_>, scope: &Scope) -> Result<bool, DbError> {
    let sql = "DELETE FROM merchant_logo WHERE merchant_id = $1";
    Ok(tx.exec(sql, &params![scope.merchant()])? == 1)
}

/// The logo with this hash.
///
/// # Errors
/// [`DbError`].
pub fn logo(tx: &mut Tx<'_>, scope: &Scope, hash: &str) -> Result<Option<Vec<u8>>, DbError> {
    let sql = "SELECT png FROM merchant_logo WHERE merchant_id = $1 AND hash = $2";
    let row = tx.query_opt(sql, &params![scope.merchant(), hash])?;
    row.map(|row| row.get("png")).transpose()
}
