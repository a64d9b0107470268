//! SQL of invitations. A link is found by its hash, before a merchant is known.

use db::{DbError, Insert, Tx, params};
use kernel::{MerchantId, Scope, Timestamp, UserId};

static INVITATION: Insert = Insert {
    table: "invitation",
    columns: &["token_hash", "merchant_id", "user_id", "expires_at"],
};

pub(super) fn add(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (token_hash, user): ([u8; 32], UserId),
    expires_at: Timestamp,
) -> Result<(), DbError> {
    tx.insert(&INVITATION, params![token_hash, scope.merchant(), user, expires_at])
}

/// Ends the open links of a user.
pub(super) fn end_all(tx: &mut Tx<'_>, scope: &Scope, user: UserId) -> Result<(), DbError> {
    let sql = "DELETE FROM invitation WHERE user_id = $1 AND merchant_id = $2 AND used_at IS NULL";
    tx.exec(sql, &params![user, scope.merchant()]).map(|_| ())
}

/// Whose open link this is.
pub(super) fn find(
    tx: &mut Tx<'_>,
    token_hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<(MerchantId, UserId)>, DbError> {
    let row = tx.query_opt(
        "SELECT merchant_id, user_id FROM invitation
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        &params![token_hash, now],
    )?;
    row.map(|row| Ok((row.get("merchant_id")?, row.get("user_id")?))).transpose()
}

/// Uses a link of a merchant up; false when it was used before.
pub(super) fn take(
    tx: &mut Tx<'_>,
    (token_hash, merchant): ([u8; 32], MerchantId),
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE invitation SET used_at = $1
         WHERE token_hash = $2 AND merchant_id = $3 AND used_at IS NULL AND expires_at > $1",
        &params![now, token_hash, merchant],
    )?;
    Ok(changed == 1)
}
