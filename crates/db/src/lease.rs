//! Work that one process of many does: whoever holds the lease, until he stops renewing it.
//!
//! A lease counts real time; who ends in peace gives it back. When its holder dies, another process takes it once it has run out.

use kernel::Timestamp;

use crate::{DbError, Tx, params};

/// Who asks: a number each process draws at its start.
pub type Holder = [u8; 16];

/// Whether `holder` has, or could take, the lease: it is free, run out, or his own.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn is_open(
    tx: &mut Tx<'_>,
    name: &str,
    holder: &Holder,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "SELECT holder, until FROM lease WHERE name = $1";
    let Some(row) = tx.query_opt(sql, &params![name])? else { return Ok(true) };
    Ok(row.get::<Holder>("holder")? == *holder || row.get::<Timestamp>("until")? <= now)
}

/// Takes or renews the lease until `until`; false when another holds it.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn take(
    tx: &mut Tx<'_>,
    name: &str,
    holder: &Holder,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, DbError> {
    let sql = "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
         WHERE lease.holder = excluded.holder OR lease.until <= $4";
    Ok(tx.exec(sql, &params![name, holder, until, now])? == 1)
}

/// Gives the lease back, so that another process need not wait for its end.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn give_back(tx: &mut Tx<'_>, name: &str, holder: &Holder) -> Result<(), DbError> {
    let sql = "UPDATE lease SET until = 0 WHERE name = $1 AND holder = $2";
    tx.exec(sql, &params![name, holder]).map(|_| ())
}
