//! Applies migrations to an SQLite file: tables become `STRICT`.

use rusqlite::Connection;

use crate::{DbError, Migration, migrate};

/// Applies what is missing, in the order given.
pub(crate) fn apply(connection: &mut Connection, list: &[Migration]) -> Result<(), DbError> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY) STRICT",
    )?;
    for migration in missing(connection, list)? {
        let step = connection.transaction()?;
        step.execute("INSERT INTO schema_version (name) VALUES (?1)", [migration.name])?;
        step.execute_batch(&mapped(migration.sql))
            .map_err(|error| DbError::Engine(format!("migration {}: {error}", migration.name)))?;
        step.commit()?;
    }
    Ok(())
}

/// The steps a file has not seen.
pub(crate) fn missing(
    connection: &Connection,
    list: &[Migration],
) -> Result<Vec<Migration>, DbError> {
    let known = "SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'";
    if !connection.prepare(known)?.exists([])? {
        return Ok(list.to_vec());
    }
    let mut names = connection.prepare("SELECT name FROM schema_version")?;
    let seen: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    migrate::missing(list, &seen)
}

fn mapped(sql: &str) -> String {
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
        let mapped = mapped(text);
        assert!(mapped.contains("id BLOB NOT NULL") && mapped.contains(") STRICT;"));
        assert!(mapped.ends_with("CREATE INDEX b ON a (n);"));
    }
}
