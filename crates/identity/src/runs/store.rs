//! SQL of runs and their files.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Actor, Id, JobId, MerchantId, Mode, Right, Scope, Timestamp, UserId};
use web::tasks::{self, Owner};

use super::model::{Kind, NewRun, Run, State};

static RUN: Insert = Insert {
    table: "run",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "user_id",
        "kind",
        "needs_right",
        "title",
        "payload",
        "state",
        "done",
        "total",
        "parts",
        "file_name",
        "media_type",
        "file_bytes",
        "worked",
        "created_at",
        "lease_until",
    ],
};
static PART: Insert =
    Insert { table: "run_part", columns: &["run_id", "position", "merchant_id", "content"] };
const EXPORT: &str = "export";
const ERRAND: &str = "errand";
const COLUMNS: &str = "id, merchant_id, mode, user_id, kind, needs_right, title, payload, state, \
    done, total, place, parts, file_name, media_type, file_bytes, worked, created_at, ended_at, \
    lease_until";

/// Stores a run of the person who acts.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn insert(tx: &mut Tx<'_>, scope: &Scope, run: &NewRun, now: Timestamp) -> Result<(), DbError> {
    let Actor::User(user) = scope.actor() else {
        return Err(DbError::Corrupt("a run is asked for by a person".into()));
    };
    let (kind, payload) = match &run.kind {
        Kind::Export(payload) => (EXPORT, serde_json::to_string(payload)),
        Kind::Errand { name, result } => (ERRAND, serde_json::to_string(&(name, result))),
    };
    let payload = payload.map_err(|error| DbError::Corrupt(error.to_string()))?;
    let mut values = params![
        run.id,
        scope.merchant(),
        scope.mode().as_str(),
        user,
        kind,
        run.right.as_str(),
        &run.title,
        payload,
        State::Running.as_str(),
        0_i64,
        run.total,
        0_i64,
    ];
    values.extend(params![&run.file_name, run.media_type, 0_i64, 0_i64, now, 0_i64]);
    tx.insert(&RUN, values)
}

/// A run of the person who acts.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn own(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, user): (JobId, UserId),
) -> Result<Option<Run>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM run \
         WHERE id = $1 AND merchant_id = $2 AND mode = $3 AND user_id = $4"
    );
    let values = params![id, scope.merchant(), scope.mode().as_str(), user];
    tx.query_opt(&sql, &values)?.as_ref().map(read).transpose()
}

/// The latest runs of the person who acts.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn latest(
    tx: &mut Tx<'_>,
    scope: &Scope,
    user: UserId,
    limit: u32,
) -> Result<Vec<Run>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM run WHERE merchant_id = $1 AND user_id = $2 AND mode = $3 \
         ORDER BY created_at DESC, id DESC LIMIT $4"
    );
    let values = params![scope.merchant(), user, scope.mode().as_str(), limit];
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Whether a run waits for a process.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn any_waiting(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, DbError> {
    let sql = "SELECT id, merchant_id FROM run WHERE state = 'running' AND lease_until <= $1 \
               ORDER BY lease_until LIMIT 1";
    Ok(!tx.query(sql, &params![now])?.is_empty())
}

/// Takes the run that has waited longest, under a lease.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn claim(
    tx: &mut Tx<'_>,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Run>, DbError> {
    let sql = format!(
        "UPDATE run SET lease_until = $1 WHERE id IN (SELECT id FROM run \
         WHERE state = 'running' AND lease_until <= $2 ORDER BY lease_until, id LIMIT 1) \
         AND state = 'running' AND lease_until <= $2 RETURNING {COLUMNS}"
    );
    tx.query_opt(&sql, &params![lease_until, now])?.as_ref().map(read).transpose()
}

/// What a step made.
#[derive(Debug, Clone)]
pub struct Step {
    /// Rows done by now.
    pub done: i64,
    /// Where the next step begins.
    pub place: Option<Id>,
    /// Bytes of the file; none while a workbook gathers its rows.
    pub part: Option<Vec<u8>>,
    /// Microseconds the step took.
    pub took: i64,
    /// The new lease.
    pub lease_until: Timestamp,
}

/// Writes a step, unless the run was stopped or another process has done it meanwhile.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn step(tx: &mut Tx<'_>, scope: &Scope, run: &Run, step: &Step) -> Result<bool, DbError> {
    let length = step.part.as_ref().map_or(0, Vec::len);
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let sql = "UPDATE run SET done = $1, place = $2, parts = parts + $3, \
               file_bytes = file_bytes + $4, worked = worked + $5, lease_until = $6 \
               WHERE id = $7 AND merchant_id = $8 AND state = 'running' AND parts = $9";
    let values = params![
        step.done.max(run.done),
        step.place,
        i64::from(step.part.is_some()),
        length,
        step.took,
        step.lease_until,
        run.id,
        scope.merchant(),
        run.parts,
    ];
    if tx.exec(sql, &values)? != 1 {
        return Ok(false);
    }
    if let Some(part) = &step.part {
        tx.insert(&PART, params![run.id, run.parts, scope.merchant(), part.clone()])?;
    }
    Ok(true)
}

/// Counts one more thing of an errand and renews the lease; false when the run was stopped.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn advance(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: JobId,
    (began, now): (Timestamp, Timestamp),
) -> Result<bool, DbError> {
    let sql = "UPDATE run SET done = done + 1, worked = worked + $1, lease_until = $2 \
               WHERE id = $3 AND merchant_id = $4 AND state = 'running'";
    let took = now.micros_since(began).max(0);
    let lease_until = now.plus_seconds(super::LEASE_SECONDS);
    Ok(tx.exec(sql, &params![took, lease_until, id, scope.merchant()])? == 1)
}

/// Moves a run from one state to another; true for exactly one caller.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn turn(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: JobId,
    (from, to, now): (State, State, Timestamp),
) -> Result<bool, DbError> {
    let ended = matches!(to, State::Done | State::Failed).then_some(now);
    let sql = "UPDATE run SET state = $1, ended_at = $2, lease_until = 0 \
               WHERE id = $3 AND merchant_id = $4 AND state = $5";
    Ok(tx.exec(sql, &params![to.as_str(), ended, id, scope.merchant(), from.as_str()])? == 1)
}

/// Throws away what was written of a file.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn drop_parts(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<(), DbError> {
    let values = params![id, scope.merchant()];
    tx.exec("DELETE FROM run_part WHERE run_id = $1 AND merchant_id = $2", &values)?;
    let sql = "UPDATE run SET parts = 0, file_bytes = 0 WHERE id = $1 AND merchant_id = $2";
    tx.exec(sql, &values).map(|_| ())
}

/// One part of a file.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn part(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, position): (JobId, i64),
) -> Result<Option<Vec<u8>>, DbError> {
    let sql = "SELECT content FROM run_part \
               WHERE run_id = $1 AND position = $2 AND merchant_id = $3";
    let row = tx.query_opt(sql, &params![id, position, scope.merchant()])?;
    row.map(|row| row.get("content")).transpose()
}

/// Forgets runs that ended before an instant, or were asked for before it and stopped, with their
/// files; tells which.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn sweep(
    tx: &mut Tx<'_>,
    (before, now): (Timestamp, Timestamp),
) -> Result<Vec<(Owner, JobId)>, DbError> {
    let mut forgotten = Vec::new();
    let sql = "SELECT id, merchant_id, mode FROM run WHERE created_at < $1 \
               AND (ended_at < $1 OR state = 'stopped') ORDER BY created_at LIMIT 20";
    for row in tx.query(sql, &params![before])? {
        let (id, merchant): (JobId, MerchantId) = (row.get("id")?, row.get("merchant_id")?);
        let mode = Mode::parse(&row.get::<String>("mode")?);
        let mode = mode.ok_or_else(|| DbError::Corrupt("column mode".into()))?;
        let owner = Owner { merchant, mode };
        for kind in tasks::RUNS {
            tasks::settle(tx, owner, (kind, &id.to_string()), now)?;
        }
        let values = params![id, merchant];
        tx.exec("DELETE FROM run_part WHERE run_id = $1 AND merchant_id = $2", &values)?;
        tx.exec("DELETE FROM run WHERE id = $1 AND merchant_id = $2", &values)?;
        forgotten.push((owner, id));
    }
    Ok(forgotten)
}

fn read(row: &Row) -> Result<Run, DbError> {
    let word = |column: &str| row.get::<String>(column);
    let wrong = |column: &str| DbError::Corrupt(format!("column {column}"));
    let payload = word("payload")?;
    let kind = match word("kind")?.as_str() {
        EXPORT => serde_json::from_str(&payload).map(Kind::Export),
        ERRAND => {
            serde_json::from_str(&payload).map(|(name, result)| Kind::Errand { name, result })
        }
        _ => return Err(wrong("kind")),
    };
    let kind = kind.map_err(|_| wrong("payload"))?;
    Ok(Run {
        id: row.get("id")?,
        merchant: row.get("merchant_id")?,
        mode: Mode::parse(&word("mode")?).ok_or_else(|| wrong("mode"))?,
        user: row.get("user_id")?,
        title: row.get("title")?,
        kind,
        right: Right::parse(&word("needs_right")?),
        state: State::parse(&word("state")?).ok_or_else(|| wrong("state"))?,
        done: row.get("done")?,
        total: row.get("total")?,
        place: row.get("place")?,
        parts: row.get("parts")?,
        file_name: row.get("file_name")?,
        media_type: row.get("media_type")?,
        bytes: row.get("file_bytes")?,
        worked: row.get("worked")?,
        created_at: row.get("created_at")?,
        ended_at: row.get("ended_at")?,
        lease_until: row.get("lease_until")?,
    })
}
