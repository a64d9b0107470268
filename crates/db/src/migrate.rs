//! Migrations: ordered texts in the binary, forward only, each applied once in its own commit.
//!
//! One text serves both engines: `BIGINT`, `TEXT` and `BYTES` are mapped, tables become `STRICT`
//! on SQLite.

use rusqlite::Connection;

use crate::DbError;

/// One step of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Unique name, `slice/0001_what`.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

/// Applies what is missing, in the order given.
pub(crate) fn apply(connection: &mut Connection, list: &[Migration]) -> Result<(), DbError> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY) STRICT",
    )?;
    for migration in list {
        let step = connection.transaction()?;
        let new = step.execute(
            "INSERT INTO schema_version (name) VALUES (?1) ON CONFLICT DO NOTHING",
            [migration.name],
        )?;
        if new == 1 {
            step.execute_batch(&for_sqlite(migration.sql)).map_err(|error| {
                DbError::Engine(format!("migration {}: {error}", migration.name))
            })?;
        }
        step.commit()?;
    }
    Ok(())
}

fn for_sqlite(sql: &str) -> String {
    let mut inside_table = false;
    let lines = sql.lines().map(|line| {
        inside_table |= line.trim_start().starts_with("CREATE TABLE");
        let ends = inside_table && line.trim_end().ends_with(");");
        let mapped = line.replace("BIGINT", "INTEGER").replace("BYTES", "BLOB");
        if ends && !line.trim_start().starts_with("CHECK") {
            inside_table = false;
            return mapped.trim_end().trim_end_matches(';').to_owned() + " STRICT;";
        }
        mapped
    });
    lines.collect::<Vec<String>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_mapped_and_tables_strict() {
        let text = "CREATE TABLE a (\n  id BYTES NOT NULL,\n  n BIGINT,\n  PRIMARY KEY (id)\n);\nCREATE INDEX b ON a (n);";
        let mapped = for_sqlite(text);
        assert!(mapped.contains("id BLOB NOT NULL") && mapped.contains(") STRICT;"));
        assert!(mapped.ends_with("CREATE INDEX b ON a (n);"));
    }
}
