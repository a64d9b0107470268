//! SQL of the locator.

use db::{DbError, Insert, Tx, params};
use kernel::{Id, Mode, Scope};

use crate::{scope, secrets};

static LOCATOR: Insert = Insert {
    table: "locator",
    columns: &["kind", "token_hash", "merchant_id", "mode", "object_id"],
};

/// Lets the token with this hash lead to an object of the scope.
///
/// # Errors
/// [`DbError::Conflict`] when a token of this kind leads elsewhere already.
pub fn put(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: &str,
    token_hash: [u8; 32],
    object: Id,
) -> Result<(), DbError> {
    let (merchant, mode) = (scope.merchant(), scope.mode().as_str());
    tx.insert(&LOCATOR, params![kind, token_hash, merchant, mode, object])
}

/// What a token leads to, with a payer's scope.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx<'_>, kind: &str, token: &str) -> Result<Option<(Scope, Id)>, DbError> {
    let row = tx.query_opt(
        "SELECT merchant_id, mode, object_id FROM locator WHERE kind = $1 AND token_hash = $2",
        &params![kind, secrets::hash(token)],
    )?;
    let Some(row) = row else { return Ok(None) };
    let mode = Mode::parse(&row.get::<String>("mode")?)
        .ok_or_else(|| DbError::Corrupt("locator mode".into()))?;
    Ok(Some((scope::for_payer(row.get("merchant_id")?, mode), row.get("object_id")?)))
}

/// Ends what a token leads to; false when it led nowhere.
///
/// # Errors
/// [`DbError`].
pub fn forget(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: &str,
    token_hash: [u8; 32],
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "DELETE FROM locator WHERE kind = $1 AND token_hash = $2 AND merchant_id = $3",
        &params![kind, token_hash, scope.merchant()],
    )?;
    Ok(changed == 1)
}
