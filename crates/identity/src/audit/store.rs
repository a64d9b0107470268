//! SQL of the journal: lines are added and read, nothing else.

use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{AuditId, Scope, Timestamp, UserId};

use super::model::{Entry, Line, MAX_DEVICE_CHARACTERS, cut, stored};
use crate::users;

static AUDIT_LINE: Insert = Insert {
    table: "audit_line",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "at",
        "actor",
        "role",
        "action",
        "object",
        "before_value",
        "after_value",
        "address",
        "device",
    ],
};

/// Lines of one answer to `/journal`.
pub const PAGE_LINES: i64 = 50;
/// Lines shown on an object's own page.
pub const OBJECT_LINES: i64 = 200;

/// Writes a line in the transaction of what it tells.
///
/// # Errors
/// [`DbError`].
pub fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    line: &Line,
    now: Timestamp,
    id: AuditId,
) -> Result<(), DbError> {
    tx.insert(
        &AUDIT_LINE,
        params![
            id,
            scope.merchant(),
            scope.mode().as_str(),
            now,
            scope.actor().text(),
            line.origin.role.clone(),
            line.action,
            line.object.clone(),
            line.before.as_ref().map(stored),
            line.after.as_ref().map(stored),
            line.origin.address.clone(),
            cut(&kernel::card_text::mask(&line.origin.device), MAX_DEVICE_CHARACTERS),
        ],
    )
}

/// The lines of one object, latest first.
///
/// # Errors
/// [`DbError`].
pub fn lines_of(tx: &mut Tx<'_>, scope: &Scope, object: &str) -> Result<Vec<Entry>, DbError> {
    let rows = tx.query(
        "SELECT id, at, actor, role, action, object, before_value, after_value, address, device
         FROM audit_line WHERE merchant_id = $1 AND mode = $2 AND object = $3
         ORDER BY id DESC LIMIT $4",
        &params![scope.merchant(), scope.mode().as_str(), object, OBJECT_LINES],
    )?;
    entries(tx, &rows)
}

/// From which address an action was last done to an object.
///
/// # Errors
/// [`DbError`].
pub fn address_of(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (action, object): (&str, &str),
) -> Result<Option<String>, DbError> {
    let row = tx.query_opt(
        "SELECT address FROM audit_line WHERE merchant_id = $1 AND mode = $2 AND object = $3
         AND action = $4 ORDER BY id DESC LIMIT 1",
        &params![scope.merchant(), scope.mode().as_str(), object, action],
    )?;
    row.map(|row| row.get("address")).transpose()
}

/// A page of the journal, latest first, older than the cursor when there is one.
///
/// # Errors
/// [`DbError`].
pub fn page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    older_than: Option<AuditId>,
) -> Result<Vec<Entry>, DbError> {
    let before = older_than.map_or(Val::Blob(vec![0xff; 16]), Val::from);
    let rows = tx.query(
        "SELECT id, at, actor, role, action, object, before_value, after_value, address, device
         FROM audit_line WHERE merchant_id = $1 AND mode = $2 AND id < $3
         ORDER BY id DESC LIMIT $4",
        &[scope.merchant().into(), scope.mode().as_str().into(), before, PAGE_LINES.into()],
    )?;
    entries(tx, &rows)
}

fn entries(tx: &mut Tx<'_>, rows: &[Row]) -> Result<Vec<Entry>, DbError> {
    let mut names: Vec<(String, String)> = Vec::new();
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let actor: String = row.get("actor")?;
        let known = names.iter().find(|(id, _)| *id == actor).map(|(_, name)| name.clone());
        let name = match (known, actor.parse::<UserId>()) {
            (Some(name), _) => name,
            (None, Ok(id)) => users::store::find(tx, id)?.map_or(actor.clone(), |user| user.name),
            (None, Err(_)) => actor.clone(),
        };
        names.push((actor, name.clone()));
        lines.push(entry(row, name)?);
    }
    Ok(lines)
}

fn entry(row: &Row, actor: String) -> Result<Entry, DbError> {
    Ok(Entry {
        id: row.get("id")?,
        at: row.get("at")?,
        actor,
        role: row.get("role")?,
        action: row.get("action")?,
        object: row.get("object")?,
        before: row.get("before_value")?,
        after: row.get("after_value")?,
        address: row.get("address")?,
        device: row.get("device")?,
    })
}
