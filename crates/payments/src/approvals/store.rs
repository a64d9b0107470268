//! SQL of requests for an agreement.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{ApprovalId, Currency, Money, PaymentId, Scope, Timestamp};

use super::model::{Approval, State};
use crate::engine::desk::What;
use crate::payment::rules::Action;
use crate::payment::store::{from_optional_json, optional_json};
use crate::payment::words::from_row;

static INSERT: Insert = Insert {
    table: "payment_approval",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "payment_id",
        "action",
        "amount",
        "currency",
        "expected",
        "elsewhere",
        "reason",
        "asked_by",
        "asked_at",
        "expires_at",
        "state",
    ],
};

/// Writes a new request.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    approval: &Approval,
    (amount, expected): (Money, Money),
) -> Result<(), DbError> {
    let elsewhere = match &approval.what {
        What::Record { elsewhere, .. } => Some(elsewhere),
        _ => None,
    };
    let values = params![
        approval.id,
        scope.merchant(),
        scope.mode().as_str(),
        approval.payment,
        approval.what.action().as_str(),
        amount.minor(),
        amount.currency(),
        expected.minor(),
        optional_json(elsewhere)?,
        approval.reason.clone(),
        approval.asked_by,
        approval.asked_at,
        approval.expires_at,
        approval.state.as_str(),
    ];
    tx.insert(&INSERT, values)
}

/// A request of the scope.
pub(super) fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: ApprovalId,
) -> Result<Option<Approval>, DbError> {
    let sql = "SELECT * FROM payment_approval WHERE id = $1 AND merchant_id = $2 AND mode = $3";
    let row = tx.query_opt(sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The latest request about a payment.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn latest(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: PaymentId,
) -> Result<Option<Approval>, DbError> {
    let sql = "SELECT * FROM payment_approval WHERE merchant_id = $1 AND payment_id = $2 \
         ORDER BY asked_at DESC, id DESC LIMIT 1";
    let row = tx.query_opt(sql, &params![scope.merchant(), payment])?;
    row.as_ref().map(read).transpose()
}

/// Ends a request that still waits; false when it had ended before.
pub(super) fn end(
    tx: &mut Tx<'_>,
    scope: &Scope,
    approval: &Approval,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "UPDATE payment_approval SET state = $1, decided_by = $2, decided_at = $3, why = $4 \
         WHERE id = $5 AND merchant_id = $6 AND state = 'awaiting_approval'";
    let values = params![
        approval.state.as_str(),
        approval.decided_by,
        now,
        approval.why.clone(),
        approval.id,
        scope.merchant(),
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

fn read(row: &Row) -> Result<Approval, DbError> {
    let currency: Currency = row.get("currency")?;
    let amount = Money::new(row.get("amount")?, currency);
    let expected = Money::new(row.get("expected")?, currency);
    let elsewhere = from_optional_json(row, "elsewhere")?;
    let what = match (from_row(row, "action", Action::parse)?, elsewhere) {
        (Action::Refund, None) => What::Refund { amount, expected },
        (Action::Record, Some(elsewhere)) => What::Record { amount, expected, elsewhere },
        _ => return Err(DbError::Corrupt("payment_approval.action".into())),
    };
    Ok(Approval {
        id: row.get("id")?,
        payment: row.get("payment_id")?,
        what,
        reason: row.get("reason")?,
        asked_by: row.get("asked_by")?,
        asked_at: row.get("asked_at")?,
        expires_at: row.get("expires_at")?,
        state: from_row(row, "state", State::parse)?,
        decided_by: row.get("decided_by")?,
        decided_at: row.get("decided_at")?,
        why: row.get("why")?,
    })
}
