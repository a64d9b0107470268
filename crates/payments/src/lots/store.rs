//! SQL of lots and their lines.

use db::{DbError, Insert, Row, Tx, params};
use identity::audit::Origin;
use kernel::{JobId, Money, Scope, Timestamp, UserId};

use super::model::{Chosen, Ended, Left, Line, Lot, Outcome};
use crate::payment::rules::Action;
use crate::payment::words::from_row;
use crate::payment::{OpState, Payer};

static LOT: Insert = Insert {
    table: "payment_lot",
    columns: &[
        "run_id",
        "merchant_id",
        "mode",
        "user_id",
        "action",
        "reason",
        "address",
        "device",
        "role",
        "created_at",
    ],
};
static LINE: Insert = Insert {
    table: "payment_lot_line",
    columns: &[
        "run_id",
        "position",
        "merchant_id",
        "payment_id",
        "version",
        "amount",
        "currency",
        "state",
    ],
};

/// Stores a lot with its lines, all waiting.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn insert<'a>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    lot: &Lot,
    lines: impl Iterator<Item = &'a Chosen>,
    now: Timestamp,
) -> Result<(), DbError> {
    let values = params![
        lot.id,
        scope.merchant(),
        scope.mode().as_str(),
        lot.user,
        lot.action.as_str(),
        lot.reason.clone(),
        lot.origin.address.clone(),
        lot.origin.device.clone(),
        lot.origin.role.clone(),
        now,
    ];
    tx.insert(&LOT, values)?;
    for (position, chosen) in (0_i64..).zip(lines) {
        let payment = &chosen.payment;
        let values = params![
            lot.id,
            position,
            scope.merchant(),
            payment.id,
            payment.version,
            chosen.amount.minor(),
            chosen.amount.currency(),
            "waiting",
        ];
        tx.insert(&LINE, values)?;
    }
    Ok(())
}

/// A lot.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<Option<Lot>, DbError> {
    let sql = "SELECT run_id, user_id, action, reason, address, device, role FROM payment_lot \
               WHERE run_id = $1 AND merchant_id = $2 AND mode = $3";
    let row = tx.query_opt(sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    let read = |row: &Row| {
        Ok(Lot {
            id: row.get("run_id")?,
            user: row.get("user_id")?,
            action: from_row(row, "action", Action::parse)?,
            reason: row.get("reason")?,
            origin: Origin {
                address: row.get("address")?,
                device: row.get("device")?,
                role: row.get("role")?,
            },
        })
    };
    row.as_ref().map(read).transpose()
}

/// The first line that waits.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn next(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<Option<Line>, DbError> {
    let sql = "SELECT position, payment_id, version, amount, currency FROM payment_lot_line \
               WHERE run_id = $1 AND merchant_id = $2 AND state = 'waiting' \
               ORDER BY position LIMIT 1";
    let row = tx.query_opt(sql, &params![id, scope.merchant()])?;
    let read = |row: &Row| {
        Ok(Line {
            position: row.get("position")?,
            payment: row.get("payment_id")?,
            version: row.get("version")?,
            amount: Money::new(row.get("amount")?, row.get("currency")?),
        })
    };
    row.as_ref().map(read).transpose()
}

/// Ends the waiting of a line; false when it waits no longer.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn leave(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, position): (JobId, i64),
    left: Left,
) -> Result<bool, DbError> {
    let (state, operation, why) = match left {
        Left::Asked(operation) => ("asked", Some(operation), None),
        Left::Done => ("done", None, None),
        Left::Refused(why) => ("refused", None, Some(why)),
    };
    let sql = "UPDATE payment_lot_line SET state = $1, operation_id = $2, why = $3 \
               WHERE run_id = $4 AND position = $5 AND merchant_id = $6 AND state = 'waiting'";
    let values = params![state, operation, why, id, position, scope.merchant()];
    Ok(tx.exec(sql, &values)? == 1)
}

/// The lines of a person's lot with what became of them.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn ended(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, user): (JobId, UserId),
) -> Result<Vec<Ended>, DbError> {
    let sql = "SELECT l.payment_id, l.amount, l.currency, l.state, l.why, p.order_ref, p.payer, \
               o.state AS bank_state, o.code AS bank_code, o.raw_code AS bank_raw \
               FROM payment_lot_line l \
               JOIN payment_lot g ON g.run_id = l.run_id AND g.merchant_id = l.merchant_id \
               JOIN payment p ON p.id = l.payment_id AND p.merchant_id = l.merchant_id \
               LEFT JOIN payment_operation o ON o.id = l.operation_id \
                 AND o.merchant_id = l.merchant_id \
               WHERE l.run_id = $1 AND l.merchant_id = $2 AND g.user_id = $3 AND g.mode = $4 \
               ORDER BY l.position";
    let values = params![id, scope.merchant(), user, scope.mode().as_str()];
    tx.query(sql, &values)?.iter().map(read).collect()
}

/// Forgets a lot.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn forget(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<(), DbError> {
    let values = params![id, scope.merchant()];
    tx.exec("DELETE FROM payment_lot_line WHERE run_id = $1 AND merchant_id = $2", &values)?;
    tx.exec("DELETE FROM payment_lot WHERE run_id = $1 AND merchant_id = $2", &values).map(|_| ())
}

fn read(row: &Row) -> Result<Ended, DbError> {
    let payer: String = row.get("payer")?;
    let payer: Payer =
        serde_json::from_str(&payer).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let state: String = row.get("state")?;
    let outcome = match state.as_str() {
        "waiting" => Outcome::Waiting,
        "done" => Outcome::Done,
        "refused" => Outcome::LeftOut(row.get::<Option<String>>("why")?.unwrap_or_default()),
        _ => {
            let code: Option<String> = row.get("bank_code")?;
            let raw = row.get("bank_raw")?;
            let state = from_row(row, "bank_state", OpState::parse)?;
            Outcome::at_the_bank(state, code.unwrap_or_default(), raw)
        }
    };
    Ok(Ended {
        payment: row.get("payment_id")?,
        order_ref: row.get("order_ref")?,
        name: format!("{} {}", payer.first_name, payer.last_name).trim().to_owned(),
        amount: Money::new(row.get("amount")?, row.get("currency")?),
        outcome,
    })
}
