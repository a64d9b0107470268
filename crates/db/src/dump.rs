//! Every row of every table as it stands, for whoever copies or searches a whole database.

use crate::{DbError, Row, Tx, params};

/// Rows read at once.
const TURN_ROWS: i64 = 2_000;
/// Column of the place of a row in its table.
const MARK: &str = "dump_mark";

/// Names of all tables, in order; not the layer's own list of migrations.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn tables(tx: &mut Tx<'_>) -> Result<Vec<String>, DbError> {
    let sql = if tx.is_postgres() {
        "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables \
         WHERE schemaname = current_schema() AND tablename <> 'schema_version' ORDER BY name"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' \
         AND name <> 'schema_version' AND name NOT LIKE 'sqlite%' ORDER BY name"
    };
    tx.query(sql, &[])?.iter().map(|row| row.get("name")).collect()
}

/// Calls `see` with every row of a table, a page in memory at a time.
///
/// # Errors
/// [`DbError`] of the engine, or what `see` says.
pub fn each_row(
    tx: &mut Tx<'_>,
    table: &str,
    see: &mut dyn FnMut(&Row) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let sql = if tx.is_postgres() {
        format!(
            "SELECT t.*, CAST(ctid AS TEXT) AS {MARK} FROM {table} t \
             WHERE ctid > CAST(CAST($1 AS TEXT) AS TID) ORDER BY t.ctid LIMIT $2"
        )
    } else {
        format!(
            "SELECT t.*, CAST(rowid AS TEXT) AS {MARK} FROM {table} t \
             WHERE rowid > CAST($1 AS INTEGER) ORDER BY rowid LIMIT $2"
        )
    };
    let mut mark = if tx.is_postgres() { "(0,0)".to_owned() } else { i64::MIN.to_string() };
    loop {
        let rows = tx.query(&sql, &params![mark.as_str(), TURN_ROWS])?;
        for row in &rows {
            see(&row.without_last())?;
        }
        match rows.last() {
            Some(last) => mark = last.get(MARK)?,
            None => return Ok(()),
        }
    }
}
