//! Every row of every table as it stands, for whoever copies or searches a whole database.

use crate::{DbError, Migration, Row, Tx, Val, params};

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

/// Names of the migrations that the database has seen.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn migrations(tx: &mut Tx<'_>) -> Result<Vec<String>, DbError> {
    let sql = "SELECT name FROM schema_version ORDER BY name";
    tx.query(sql, &[])?.iter().map(|row| row.get("name")).collect()
}

/// Adds a row that [`each_row`] gave, here or on the other engine. Names are those of this schema:
/// another one is an error, and nothing of it is sent.
///
/// # Errors
/// [`DbError`] of the engine, or [`DbError::Corrupt`] for a name that no table or column has.
pub fn put_row(
    tx: &mut Tx<'_>,
    table: &str,
    columns: &[String],
    values: &[Val],
) -> Result<(), DbError> {
    let is_name = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !is_name(table) || !columns.iter().all(|name| is_name(name)) || columns.len() != values.len()
    {
        return Err(DbError::Corrupt(format!("a row of {table}")));
    }
    let marks: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), marks.join(", "));
    tx.exec(&sql, values).map(|_| ())
}

/// Steps of `list` that a database with these migrations had seen, whichever engine it was on.
///
/// # Errors
/// [`DbError::Newer`] naming a step that this program does not know.
pub fn seen_of(list: &[Migration], seen: &[String]) -> Result<Vec<Migration>, DbError> {
    let all = crate::in_order(&[list]);
    let stem = |name: &str| name.strip_suffix(".pg").unwrap_or(name).to_owned();
    let known = |name: &String| all.iter().any(|step| stem(step.name) == stem(name));
    if let Some(newer) = seen.iter().find(|name| !known(name)) {
        return Err(DbError::Newer(newer.clone()));
    }
    let was = |step: &&Migration| seen.iter().any(|name| stem(name) == stem(step.name));
    Ok(list.iter().filter(was).copied().collect())
}
