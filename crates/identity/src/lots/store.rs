//! SQL of lots and their lines.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Id, JobId, Money, Scope, Timestamp};

use super::model::{Chosen, Label, Line, Lot, Stand};
use crate::audit::Origin;

static LOT: Insert = Insert {
    table: "lot",
    columns: &[
        "run_id",
        "merchant_id",
        "mode",
        "user_id",
        "deed",
        "reason",
        "address",
        "device",
        "role",
        "created_at",
    ],
};
static LINE: Insert = Insert {
    table: "lot_line",
    columns: &[
        "run_id",
        "position",
        "merchant_id",
        "thing",
        "reference",
        "name",
        "detail",
        "version",
        "amount",
        "currency",
        "state",
    ],
};
const LINE_COLUMNS: &str =
    "position, thing, reference, name, detail, version, amount, currency, state, made, why";

/// Stores a lot with its lines, all waiting.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn insert<'a>(
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
        &lot.deed,
        lot.reason.clone(),
        &lot.origin.address,
        &lot.origin.device,
        &lot.origin.role,
        now,
    ];
    tx.insert(&LOT, values)?;
    for (position, chosen) in (0_i64..).zip(lines) {
        let label = &chosen.label;
        let values = params![
            lot.id,
            position,
            scope.merchant(),
            chosen.thing,
            &label.reference,
            &label.name,
            &label.detail,
            chosen.version,
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
pub(super) fn find(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<Option<Lot>, DbError> {
    let sql = "SELECT run_id, user_id, deed, reason, address, device, role FROM lot \
               WHERE run_id = $1 AND merchant_id = $2 AND mode = $3";
    let row = tx.query_opt(sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    let read = |row: &Row| {
        Ok(Lot {
            id: row.get("run_id")?,
            user: row.get("user_id")?,
            deed: row.get("deed")?,
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
pub(super) fn next(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<Option<Line>, DbError> {
    let sql = format!(
        "SELECT {LINE_COLUMNS} FROM lot_line \
         WHERE run_id = $1 AND merchant_id = $2 AND state = 'waiting' ORDER BY position LIMIT 1"
    );
    tx.query_opt(&sql, &params![id, scope.merchant()])?.as_ref().map(read).transpose()
}

/// Ends the waiting of a line; false when it waits no longer.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn leave(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, position): (JobId, i64),
    stand: &Stand,
) -> Result<bool, DbError> {
    let (state, made, why) = match stand {
        Stand::Waiting => return Ok(false),
        Stand::Asked(made) => ("asked", Some(*made), None),
        Stand::Done => ("done", None, None),
        Stand::Refused(why) => ("refused", None, Some(why.clone())),
    };
    let sql = "UPDATE lot_line SET state = $1, made = $2, why = $3 \
               WHERE run_id = $4 AND position = $5 AND merchant_id = $6 AND state = 'waiting'";
    let values = params![state, made, why, id, position, scope.merchant()];
    Ok(tx.exec(sql, &values)? == 1)
}

/// The lines of a lot, in their order.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn lines(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<Vec<Line>, DbError> {
    let sql = format!(
        "SELECT {LINE_COLUMNS} FROM lot_line \
         WHERE run_id = $1 AND merchant_id = $2 ORDER BY position"
    );
    tx.query(&sql, &params![id, scope.merchant()])?.iter().map(read).collect()
}

/// Forgets a lot.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn forget(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<(), DbError> {
    let values = params![id, scope.merchant()];
    tx.exec("DELETE FROM lot_line WHERE run_id = $1 AND merchant_id = $2", &values)?;
    tx.exec("DELETE FROM lot WHERE run_id = $1 AND merchant_id = $2", &values).map(|_| ())
}

fn read(row: &Row) -> Result<Line, DbError> {
    let wrong = || DbError::Corrupt("column state".into());
    let stand = match row.get::<String>("state")?.as_str() {
        "waiting" => Stand::Waiting,
        "asked" => Stand::Asked(row.get::<Option<Id>>("made")?.ok_or_else(wrong)?),
        "done" => Stand::Done,
        "refused" => Stand::Refused(row.get::<Option<String>>("why")?.unwrap_or_default()),
        _ => return Err(wrong()),
    };
    Ok(Line {
        position: row.get("position")?,
        thing: row.get("thing")?,
        label: Label {
            reference: row.get("reference")?,
            name: row.get("name")?,
            detail: row.get("detail")?,
        },
        version: row.get("version")?,
        amount: Money::new(row.get("amount")?, row.get("currency")?),
        stand,
    })
}
