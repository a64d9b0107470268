//! Empties every table: test worlds only, which begin anew without a new file.

use crate::{DbError, Tx};

/// Deletes all rows of all tables and keeps the tables. Guards against deletion step aside for
/// the length of the transaction.
///
/// # Errors
/// [`DbError`] of the engine; nothing is deleted then.
pub fn all_rows(tx: &mut Tx<'_>) -> Result<(), DbError> {
    if tx.is_postgres() { postgres(tx) } else { sqlite(tx) }
}

fn sqlite(tx: &mut Tx<'_>) -> Result<(), DbError> {
    let guards = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name";
    let guards = tx.query(guards, &[])?;
    for guard in &guards {
        tx.exec(&format!("DROP TRIGGER {}", guard.get::<String>("name")?), &[])?;
    }
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' \
         AND name <> 'schema_version' AND name NOT LIKE 'sqlite%' ORDER BY name";
    for table in tx.query(tables, &[])? {
        tx.exec(&format!("DELETE FROM {}", table.get::<String>("name")?), &[])?;
    }
    for guard in &guards {
        tx.exec(&guard.get::<String>("sql")?, &[])?;
    }
    Ok(())
}

/// Guards of rows do not hear of a table that is emptied as a whole.
fn postgres(tx: &mut Tx<'_>) -> Result<(), DbError> {
    let tables = "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables \
         WHERE schemaname = current_schema() AND tablename <> 'schema_version' ORDER BY name";
    let tables = tx.query(tables, &[])?;
    let names: Result<Vec<String>, DbError> = tables.iter().map(|row| row.get("name")).collect();
    tx.exec(&format!("TRUNCATE {}", names?.join(", ")), &[]).map(|_| ())
}
