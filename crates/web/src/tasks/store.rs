//! The table of tasks.

use db::{DbError, Row, Tx, params};
use kernel::{Actor, Id, Scope, Timestamp};

use super::{NewTask, Owner, Task};

const COLUMNS: &str = "id, kind, object, note, amount, since, done_at, done_by";

/// Raises a task in the commit that finds it out; does nothing when the same one is open.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn raise(
    tx: &mut Tx<'_>,
    owner: Owner,
    task: &NewTask,
    since: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO task (id, merchant_id, mode, kind, object, note, since, user_id, amount)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        &params![
            task.id,
            owner.merchant,
            owner.mode.as_str(),
            task.kind,
            task.object.clone(),
            task.note.clone(),
            since,
            task.person,
            task.amount,
        ],
    )
    .map(|_| ())
}

/// Ends the open task of a kind about an object because the matter is settled; says how many.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn settle(
    tx: &mut Tx<'_>,
    owner: Owner,
    (kind, object): (&str, &str),
    now: Timestamp,
) -> Result<u64, DbError> {
    tx.exec(
        "UPDATE task SET done_at = $1, done_by = 'clock' WHERE merchant_id = $2 AND mode = $3
         AND kind = $4 AND object = $5 AND done_at IS NULL",
        &params![now, owner.merchant, owner.mode.as_str(), kind, object],
    )
}

/// Ends the open task of a kind about an object by the hand of whoever answers it.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn finish(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (kind, object): (&str, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE task SET done_at = $1, done_by = $2 WHERE merchant_id = $3 AND mode = $4
         AND kind = $5 AND object = $6 AND done_at IS NULL",
        &params![now, scope.actor().text(), scope.merchant(), scope.mode().as_str(), kind, object],
    )
    .map(|_| ())
}

/// Ends a task by hand; false when it was ended before.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn end(tx: &mut Tx<'_>, scope: &Scope, id: Id, now: Timestamp) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE task SET done_at = $1, done_by = $2
         WHERE id = $3 AND merchant_id = $4 AND mode = $5 AND done_at IS NULL
         AND (user_id IS NULL OR user_id = $6)",
        &params![
            now,
            scope.actor().text(),
            id,
            scope.merchant(),
            scope.mode().as_str(),
            reader(scope)
        ],
    )?;
    Ok(changed == 1)
}

/// A task of the scope.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: Id) -> Result<Option<Task>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM task WHERE id = $1 AND merchant_id = $2 AND mode = $3
         AND (user_id IS NULL OR user_id = $4)"
    );
    let values = params![id, scope.merchant(), scope.mode().as_str(), reader(scope)];
    let row = tx.query_opt(&sql, &values)?;
    row.as_ref().map(read).transpose()
}

/// Open tasks, oldest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn open(tx: &mut Tx<'_>, scope: &Scope, limit: u32) -> Result<Vec<Task>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM task WHERE merchant_id = $1 AND mode = $2 AND done_at IS NULL
         AND (user_id IS NULL OR user_id = $3)
         ORDER BY since, id LIMIT $4"
    );
    let rows =
        tx.query(&sql, &params![scope.merchant(), scope.mode().as_str(), reader(scope), limit])?;
    rows.iter().map(read).collect()
}

/// Ended tasks, latest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn finished(tx: &mut Tx<'_>, scope: &Scope, limit: u32) -> Result<Vec<Task>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM task WHERE merchant_id = $1 AND mode = $2 AND done_at IS NOT NULL
         AND (user_id IS NULL OR user_id = $3)
         ORDER BY done_at DESC, id DESC LIMIT $4"
    );
    let rows =
        tx.query(&sql, &params![scope.merchant(), scope.mode().as_str(), reader(scope), limit])?;
    rows.iter().map(read).collect()
}

/// How many tasks of the given kinds are open for somebody with these ceilings, in minor units;
/// no ceiling is no limit.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn open_count(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kinds: &[(&str, Option<i64>)],
) -> Result<i64, DbError> {
    let mut count: i64 = 0;
    for (kind, ceiling) in kinds {
        let row = tx.query_opt(
            "SELECT CAST(COUNT(*) AS BIGINT) AS open FROM task
             WHERE merchant_id = $1 AND mode = $2 AND kind = $3 AND done_at IS NULL
             AND (user_id IS NULL OR user_id = $4) AND (amount IS NULL OR amount <= $5)",
            &params![
                scope.merchant(),
                scope.mode().as_str(),
                *kind,
                reader(scope),
                ceiling.unwrap_or(i64::MAX),
            ],
        )?;
        count = count.saturating_add(row.map_or(Ok(0), |row| row.get("open"))?);
    }
    Ok(count)
}

/// Who reads; programs and the house are nobody's name.
fn reader(scope: &Scope) -> Id {
    match scope.actor() {
        Actor::User(user) => user.id(),
        _ => Id::from_bytes([0; 16]),
    }
}

fn read(row: &Row) -> Result<Task, DbError> {
    Ok(Task {
        id: row.get("id")?,
        kind: row.get("kind")?,
        object: row.get("object")?,
        note: row.get("note")?,
        amount: row.get("amount")?,
        since: row.get("since")?,
        done_at: row.get("done_at")?,
        done_by: row.get("done_by")?,
    })
}
