//! All SQL of the inbox.

use db::{DbError, Insert, Tx, params};
use kernel::{MerchantId, Scope, Timestamp};

use super::model::Entry;

static ENTRY: Insert = Insert {
    table: "connector_inbox",
    columns: &[
        "event",
        "account",
        "merchant_id",
        "payment_id",
        "operation_id",
        "outcome",
        "body",
        "received_at",
    ],
};

/// Keeps a message.
///
/// # Errors
/// [`DbError::Conflict`] when the same came at the same moment.
pub fn insert(tx: &mut Tx<'_>, scope: &Scope, entry: &Entry) -> Result<(), DbError> {
    let values = params![
        &entry.event,
        &entry.account,
        scope.merchant(),
        entry.payment,
        entry.operation,
        entry.outcome.as_str(),
        &entry.body,
        entry.received_at,
    ];
    tx.insert(&ENTRY, values)
}

/// Counts a message that came before; `false` when it is new.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn count_repeat(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (account, event): (&str, &str),
) -> Result<bool, DbError> {
    let sql = "UPDATE connector_inbox SET repeats = repeats + 1 \
         WHERE event = $1 AND account = $2 AND merchant_id = $3";
    Ok(tx.exec(sql, &params![event, account, scope.merchant()])? == 1)
}

/// Forgets the messages of a merchant that came before an instant.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn forget_before(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    before: Timestamp,
) -> Result<(), DbError> {
    let sql = "DELETE FROM connector_inbox WHERE merchant_id = $1 AND received_at < $2";
    tx.exec(sql, &params![merchant, before]).map(drop)
}
