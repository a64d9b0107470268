//! Work planned for later, in the commit that plans it.
//!
//! A job *waits* until its instant on its shop's clock, is claimed under a lease of real time,
//! and ends *done* or *failed*. After a crash the lease runs out and another worker claims it, so
//! a handler must be able to run twice. `dedupe` keeps at most one waiting job of a kind.

use kernel::{JobId, MerchantId, Mode, ShopId, Timestamp};
use serde_json::Value;

use crate::{DbError, Row, Tx, params};

/// Tries after which a job that keeps failing is given up and shown to staff.
pub const MAX_ATTEMPTS: u32 = 20;

/// A job to be planned.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Made outside the unit of work.
    pub id: JobId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Live or test.
    pub mode: Mode,
    /// Whose clock decides when it is due.
    pub shop: ShopId,
    /// Names the handler: `payments.query`.
    pub kind: &'static str,
    /// At most one waiting job of this kind has this word.
    pub dedupe: Option<String>,
    /// When it is due, on the shop's clock.
    pub run_at: Timestamp,
    /// What the handler needs.
    pub payload: Value,
}

/// A claimed job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Live or test.
    pub mode: Mode,
    /// Whose clock decides.
    pub shop: ShopId,
    /// Names the handler.
    pub kind: String,
    /// When it was due.
    pub run_at: Timestamp,
    /// What the handler needs.
    pub payload: Value,
    /// This try counted.
    pub attempts: u32,
}

/// Which jobs one clock rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockGroup {
    /// All live shops: real time.
    Live,
    /// One test shop: its test clock.
    Test(ShopId),
}

const COLUMNS: &str = "id, merchant_id, mode, shop_id, kind, run_at, payload, attempts";

/// Plans a job; does nothing when one with the same `dedupe` waits already.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn enqueue(tx: &mut Tx<'_>, job: &NewJob) -> Result<(), DbError> {
    let sql = "INSERT INTO job (id, merchant_id, mode, shop_id, kind, dedupe, run_at, payload, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting') ON CONFLICT DO NOTHING";
    let values = params![
        job.id,
        job.merchant,
        job.mode.as_str(),
        job.shop,
        job.kind,
        job.dedupe.clone(),
        job.run_at,
        job.payload.to_string(),
    ];
    tx.exec(sql, &values).map(|_| ())
}

/// Takes the job that has been due longest, if any, under a lease until `lease_until` (real
/// time; `now_real` tells which leases ran out).
///
/// # Errors
/// [`DbError`] of the engine.
pub fn claim(
    tx: &mut Tx<'_>,
    group: ClockGroup,
    now: Timestamp,
    now_real: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Job>, DbError> {
    let mut values = params![lease_until, now, now_real];
    let condition = match group {
        ClockGroup::Live => "mode = 'live'",
        ClockGroup::Test(shop) => {
            values.push(shop.into());
            "mode = 'test' AND shop_id = $4"
        }
    };
    let sql = format!(
        "UPDATE job SET lease_until = $1, attempts = attempts + 1 WHERE id = (\
         SELECT id FROM job WHERE state = 'waiting' AND run_at <= $2 AND lease_until <= $3 \
         AND {condition} ORDER BY run_at, id LIMIT 1{}) AND state = 'waiting' RETURNING {COLUMNS}",
        tx.skip_locked()
    );
    let row = tx.query_opt(&sql, &values)?;
    row.as_ref().map(read).transpose()
}

/// Whether a job of the group is due, leased or not.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn any_due(tx: &mut Tx<'_>, group: ClockGroup, now: Timestamp) -> Result<bool, DbError> {
    let found = match group {
        ClockGroup::Live => {
            let sql = "SELECT 1 AS one FROM job WHERE state = 'waiting' AND mode = 'live' \
                 AND run_at <= $1 LIMIT 1";
            tx.query_opt(sql, &params![now])?
        }
        ClockGroup::Test(shop) => {
            let sql = "SELECT 1 AS one FROM job WHERE state = 'waiting' AND mode = 'test' \
                 AND run_at <= $1 AND shop_id = $2 LIMIT 1";
            tx.query_opt(sql, &params![now, shop])?
        }
    };
    Ok(found.is_some())
}

/// When the next job of a group is due, on its clock.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn next_due(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Timestamp>, DbError> {
    let sql = "SELECT MIN(run_at) AS run_at FROM job WHERE shop_id = $1 AND state = 'waiting' \
         AND mode = 'test'";
    let row = tx.query_opt(sql, &params![shop])?;
    row.map_or(Ok(None), |row| row.get("run_at"))
}

/// Ends a job.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn done(tx: &mut Tx<'_>, merchant: MerchantId, id: JobId) -> Result<(), DbError> {
    let sql = "UPDATE job SET state = 'done' WHERE id = $1 AND merchant_id = $2";
    tx.exec(sql, &params![id, merchant]).map(|_| ())
}

/// Plans the same job again for `run_at`; its tries start anew.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn again(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    id: JobId,
    run_at: Timestamp,
) -> Result<(), DbError> {
    let sql = "UPDATE job SET run_at = $1, attempts = 0, lease_until = 0 \
         WHERE id = $2 AND merchant_id = $3";
    tx.exec(sql, &params![run_at, id, merchant]).map(|_| ())
}

/// Puts a failed try back for `run_at`, or gives the job up after [`MAX_ATTEMPTS`].
///
/// # Errors
/// [`DbError`] of the engine.
pub fn retry(tx: &mut Tx<'_>, job: &Job, run_at: Timestamp, error: &str) -> Result<(), DbError> {
    let state = if job.attempts >= MAX_ATTEMPTS { "failed" } else { "waiting" };
    let sql = "UPDATE job SET state = $1, run_at = $2, last_error = $3, lease_until = 0 \
         WHERE id = $4 AND merchant_id = $5";
    tx.exec(sql, &params![state, run_at, error, job.id, job.merchant]).map(|_| ())
}

/// Removes a waiting job by its `dedupe` word.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn cancel(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    kind: &str,
    dedupe: &str,
) -> Result<(), DbError> {
    let sql = "DELETE FROM job WHERE merchant_id = $1 AND kind = $2 AND dedupe = $3 \
         AND state = 'waiting'";
    tx.exec(sql, &params![merchant, kind, dedupe]).map(|_| ())
}

fn read(row: &Row) -> Result<Job, DbError> {
    let mode: String = row.get("mode")?;
    let payload: String = row.get("payload")?;
    Ok(Job {
        id: row.get("id")?,
        merchant: row.get("merchant_id")?,
        mode: Mode::parse(&mode).ok_or_else(|| DbError::Corrupt("mode".into()))?,
        shop: row.get("shop_id")?,
        kind: row.get("kind")?,
        run_at: row.get("run_at")?,
        payload: serde_json::from_str(&payload).map_err(|e| DbError::Corrupt(e.to_string()))?,
        attempts: row.get("attempts")?,
    })
}
