//! Reads what has not been dealt with, of all merchants: figures for the operator.

use db::{DbError, Tx, params};
use kernel::{Mode, Timestamp};

use super::Backlog;

/// Jobs that are not done and events that nobody has taken, of one mode.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn backlog(tx: &mut Tx<'_>, mode: Mode) -> Result<Backlog, DbError> {
    let word = mode.as_str();
    let sql = "SELECT kind, state, COUNT(*) AS number, MIN(run_at) AS oldest FROM job \
         WHERE mode = $1 AND state <> 'done' GROUP BY kind, state ORDER BY kind, state";
    let rows = tx.query(sql, &params![word])?;
    let mut jobs = Vec::new();
    let mut oldest_job = None;
    for row in &rows {
        let (kind, state): (String, String) = (row.get("kind")?, row.get("state")?);
        // Test shops have clocks of their own, which say nothing about how long somebody waits.
        if state == "waiting" && mode == Mode::Live {
            let oldest: Option<Timestamp> = row.get("oldest")?;
            oldest_job = oldest_job.into_iter().chain(oldest).min();
        }
        jobs.push((kind, state, row.get("number")?));
    }
    let sql = "SELECT COUNT(*) AS number, MIN(at) AS oldest FROM event \
         WHERE handled = 0 AND mode = $1";
    let row = tx.query_opt(sql, &params![word])?;
    let events = row.as_ref().map_or(Ok(0), |row| row.get("number"))?;
    let oldest_event = row.map_or(Ok(None), |row| row.get("oldest"))?;
    Ok(Backlog { mode, jobs, events, oldest_event, oldest_job })
}
