//! SQL of the checklist.

use db::{DbError, Tx, params};
use kernel::{PaymentId, Scope, Timestamp, UserId, WebhookEndpointId};

/// The latest payment of the scope's mode that was captured.
///
/// # Errors
/// [`DbError`].
pub fn captured(tx: &mut Tx<'_>, scope: &Scope) -> Result<Option<(PaymentId, Timestamp)>, DbError> {
    let sql = "SELECT id, created_at FROM payment \
         WHERE merchant_id = $1 AND mode = $2 AND captured > 0 ORDER BY id DESC LIMIT 1";
    let row = tx.query_opt(sql, &params![scope.merchant(), scope.mode().as_str()])?;
    row.map(|row| Ok((row.get("id")?, row.get("created_at")?))).transpose()
}

/// The latest message of the scope's mode that a program took.
///
/// # Errors
/// [`DbError`].
pub fn taken(
    tx: &mut Tx<'_>,
    scope: &Scope,
) -> Result<Option<(WebhookEndpointId, Timestamp)>, DbError> {
    let sql = "SELECT d.endpoint_id, d.planned_at FROM webhook_endpoint e \
         JOIN webhook_delivery d ON d.endpoint_id = e.id AND d.merchant_id = e.merchant_id \
         WHERE e.merchant_id = $1 AND e.mode = $2 AND d.state = 'delivered' \
         ORDER BY d.id DESC LIMIT 1";
    let row = tx.query_opt(sql, &params![scope.merchant(), scope.mode().as_str()])?;
    row.map(|row| Ok((row.get("endpoint_id")?, row.get("planned_at")?))).transpose()
}

/// Who looked at the payment page, and when.
///
/// # Errors
/// [`DbError`].
pub fn page_checked(
    tx: &mut Tx<'_>,
    scope: &Scope,
) -> Result<Option<(UserId, Timestamp)>, DbError> {
    let sql = "SELECT checked_by, checked_at FROM production_page WHERE merchant_id = $1";
    let row = tx.query_opt(sql, &params![scope.merchant()])?;
    row.map(|row| Ok((row.get("checked_by")?, row.get("checked_at")?))).transpose()
}

/// Notes who looked at the payment page; the first one stays. False when somebody had.
///
/// # Errors
/// [`DbError`].
pub fn check_page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (user, now): (UserId, Timestamp),
) -> Result<bool, DbError> {
    let sql = "INSERT INTO production_page (merchant_id, checked_by, checked_at) \
         VALUES ($1, $2, $3) ON CONFLICT (merchant_id) DO NOTHING";
    Ok(tx.exec(sql, &params![scope.merchant(), user, now])? == 1)
}
