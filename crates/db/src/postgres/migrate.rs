//! Applies migrations to a PostgreSQL schema. Text is compared byte by byte, as on SQLite.

use super::session::Session;
use crate::{DbError, Migration, migrate, params};

/// Held while a step is applied, so that processes starting together do not meet.
const TURN: i64 = 0x6775_6963;

/// Applies what is missing, in the order given.
pub(crate) fn apply(session: &mut Session, list: &[Migration]) -> Result<(), DbError> {
    let missing = missing(session, list)?;
    if missing.is_empty() {
        return Ok(());
    }
    make_schema(session)?;
    session.script(&format!(
        "BEGIN; SELECT pg_advisory_xact_lock({TURN}); \
         CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY); COMMIT"
    ))?;
    missing.iter().try_for_each(|step| apply_one(session, step))
}

/// The schema that the address names is made at the first start; a plain name alone.
fn make_schema(session: &mut Session) -> Result<(), DbError> {
    let wanted = "SELECT current_setting('search_path') WHERE current_schema() IS NULL";
    let wanted: Vec<String> = session.lookup(wanted, &[])?;
    let is_plain = |name: &String| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let Some(name) = wanted.first().filter(|name| is_plain(name)) else { return Ok(()) };
    session.script(&format!(
        "BEGIN; SELECT pg_advisory_xact_lock({TURN}); CREATE SCHEMA IF NOT EXISTS {name}; COMMIT"
    ))
}

fn apply_one(session: &mut Session, step: &Migration) -> Result<(), DbError> {
    // Read committed: who waited for the turn sees what the one before has done.
    // A step over large tables takes its time.
    let begin = "BEGIN; SET LOCAL statement_timeout = 0";
    session.script(&format!("{begin}; SELECT pg_advisory_xact_lock({TURN})"))?;
    let name = step.name.replace('\'', "''");
    let marked = format!(
        "INSERT INTO schema_version (name) VALUES ('{name}'); {}; COMMIT",
        mapped(step.sql).trim_end().trim_end_matches(';')
    );
    let outcome =
        if seen(session, step)? { session.script("COMMIT") } else { session.script(&marked) };
    outcome.map_err(|error| {
        let _ = session.script("ROLLBACK");
        DbError::Engine(format!("migration {}: {error}", step.name))
    })
}

/// The steps a schema has not seen.
pub(crate) fn missing(
    session: &mut Session,
    list: &[Migration],
) -> Result<Vec<Migration>, DbError> {
    let known: Vec<bool> =
        session.lookup("SELECT to_regclass('schema_version') IS NOT NULL", &[])?;
    if known != [true] {
        return Ok(list.to_vec());
    }
    migrate::missing(list, &session.lookup("SELECT name FROM schema_version", &[])?)
}

fn seen(session: &mut Session, step: &Migration) -> Result<bool, DbError> {
    let sql = "SELECT name FROM schema_version WHERE name = $1";
    let names: Vec<String> = session.lookup(sql, &params![step.name])?;
    Ok(!names.is_empty())
}

/// Words of the common text in PostgreSQL's own.
fn mapped(sql: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut mapped = String::with_capacity(sql.len());
    for piece in sql.split_inclusive(|c: char| !is_word(c)) {
        let word = piece.trim_end_matches(|c: char| !is_word(c));
        let rest = piece.get(word.len()..).unwrap_or_default();
        mapped.push_str(match word {
            "BYTES" => "BYTEA",
            "TEXT" => "TEXT COLLATE \"C\"",
            other => other,
        });
        mapped.push_str(rest);
    }
    mapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_mapped_by_whole_words() {
        let text = "CREATE TABLE a (id BYTES NOT NULL, TEXTS BIGINT, t TEXT, u TEXT\n);";
        assert_eq!(
            mapped(text),
            "CREATE TABLE a (id BYTEA NOT NULL, TEXTS BIGINT, t TEXT COLLATE \"C\", \
             u TEXT COLLATE \"C\"\n);"
        );
    }
}
