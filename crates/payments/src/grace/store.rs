//! SQL of what may be taken back.

use db::{DbError, Row, Tx, params};
use identity::audit::Origin;
use kernel::{Mode, PaymentId, Scope, Timestamp};

use super::{Waiting, asker, user_of};
use crate::engine::desk::Ask;
use crate::payment::Source;
use crate::payment::rules::Action;

/// Rows carried out per round.
const PER_ROUND: i64 = 100;
const COLUMNS: &str = "payment_id, merchant_id, mode, action, version, reason, user_id, address, \
     device, role, due_at";

/// Writes it down; what waits already stays as it is.
pub(super) fn add(tx: &mut Tx<'_>, waiting: &Waiting) -> Result<(), DbError> {
    let Waiting { scope, ask, action, due_at } = waiting;
    let Some(user) = user_of(scope) else {
        return Err(DbError::Engine("only staff may think again".into()));
    };
    let sql = format!(
        "INSERT INTO payment_grace ({COLUMNS}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
    );
    let values = params![
        ask.payment,
        scope.merchant(),
        scope.mode().as_str(),
        action.as_str(),
        ask.version.unwrap_or_default(),
        ask.reason.clone(),
        user,
        ask.origin.address.clone(),
        ask.origin.device.clone(),
        ask.origin.role.clone(),
        *due_at,
    ];
    tx.exec(&sql, &values).map(|_| ())
}

/// What waits for a payment.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn waiting(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: PaymentId,
) -> Result<Option<Waiting>, DbError> {
    let sql =
        format!("SELECT {COLUMNS} FROM payment_grace WHERE payment_id = $1 AND merchant_id = $2");
    let row = tx.query_opt(&sql, &params![payment, scope.merchant()])?;
    row.as_ref().map(read).transpose()
}

/// Removes it; tells whether it was there.
pub(super) fn remove(tx: &mut Tx<'_>, scope: &Scope, payment: PaymentId) -> Result<bool, DbError> {
    let sql = "DELETE FROM payment_grace WHERE payment_id = $1 AND merchant_id = $2";
    Ok(tx.exec(sql, &params![payment, scope.merchant()])? > 0)
}

/// What is due, of all merchants.
pub(super) fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Waiting>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM payment_grace WHERE due_at <= $1 ORDER BY due_at, payment_id \
         LIMIT {PER_ROUND}"
    );
    tx.query(&sql, &params![now])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Waiting, DbError> {
    let corrupt = |what: &str| DbError::Corrupt(format!("payment_grace.{what}"));
    let mode: String = row.get("mode")?;
    let mode = Mode::parse(&mode).ok_or_else(|| corrupt("mode"))?;
    let action: String = row.get("action")?;
    let ask = Ask {
        payment: row.get("payment_id")?,
        version: Some(row.get("version")?),
        source: Source::Desk,
        reason: row.get("reason")?,
        origin: Origin {
            address: row.get("address")?,
            device: row.get("device")?,
            role: row.get("role")?,
        },
        ceiling: None,
        quiet: false,
    };
    Ok(Waiting {
        scope: asker((row.get("merchant_id")?, mode), row.get("user_id")?),
        ask,
        action: Action::parse(&action).ok_or_else(|| corrupt("action"))?,
        due_at: row.get("due_at")?,
    })
}
