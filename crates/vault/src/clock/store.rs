//! SQL of the highest time that was seen.

use db::{DbError, Tx, params};

use super::{Marks, Run};
use crate::log;

/// What was seen before; nothing in a new vault.
pub(super) fn marks(tx: &mut Tx<'_>) -> Result<Option<Marks>, DbError> {
    let (installation, _) = log::installation();
    let row = tx.query_opt(
        "SELECT seen, boot, up_seconds FROM vault_clock WHERE merchant_id = $1",
        &params![installation],
    )?;
    let Some(row) = row else { return Ok(None) };
    let run = Run { boot: row.get("boot")?, up_seconds: row.get("up_seconds")? };
    Ok(Some(Marks { seen: row.get("seen")?, run }))
}

/// Remembers what was seen.
pub(super) fn put_marks(tx: &mut Tx<'_>, marks: &Marks) -> Result<(), DbError> {
    let (installation, _) = log::installation();
    tx.exec(
        "INSERT INTO vault_clock (merchant_id, seen, boot, up_seconds) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (merchant_id) DO UPDATE SET seen = $2, boot = $3, up_seconds = $4",
        &params![installation, marks.seen, marks.run.boot.as_str(), marks.run.up_seconds],
    )?;
    Ok(())
}
