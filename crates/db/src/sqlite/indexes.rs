//! Indexes set aside while a file is filled, and made afterwards in one pass each.
//!
//! Their texts are kept in `index_aside`, in the commit that drops them: a file whose filling was
//! cut short has its indexes again when it is next opened.

use crate::{DbError, Tx, params};

/// Where the texts are kept; belongs to no merchant.
const ASIDE: &str = "CREATE TABLE IF NOT EXISTS index_aside \
                     (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT";

/// Drops the indexes of a table, but for those that refuse a second row and those of rows that wait
/// for something (`WHERE state = 'sent'`): what runs by itself asks for these all the time, and
/// without them it would read the whole table.
pub(crate) fn set_aside(tx: &mut Tx<'_>, table: &str) -> Result<(), DbError> {
    tx.exec(ASIDE, &[])?;
    let sql = "SELECT name, sql FROM sqlite_schema \
               WHERE type = 'index' AND tbl_name = $1 AND sql LIKE 'CREATE INDEX %' \
               AND (sql NOT LIKE '%WHERE%' OR sql LIKE '%IS NOT NULL')";
    for row in tx.query(sql, &params![table])? {
        let (name, text): (String, String) = (row.get("name")?, row.get("sql")?);
        let keep = "INSERT INTO index_aside (name, text) VALUES ($1, $2)";
        tx.exec(keep, &params![&name, text])?;
        tx.exec(&format!("DROP INDEX {name}"), &[])?;
    }
    Ok(())
}

/// Makes one index again; false when none is left.
pub(crate) fn make_one(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    let there = "SELECT name FROM sqlite_schema WHERE name = 'index_aside'";
    if tx.query_opt(there, &[])?.is_none() {
        return Ok(false);
    }
    let first = "SELECT name, text FROM index_aside ORDER BY name LIMIT 1";
    let Some(row) = tx.query_opt(first, &[])? else { return Ok(false) };
    let (name, text): (String, String) = (row.get("name")?, row.get("text")?);
    tx.exec(&text, &[])?;
    tx.exec("DELETE FROM index_aside WHERE name = $1", &params![name])?;
    Ok(true)
}
