//! Migrations: ordered texts in the binary, forward only, each applied once in its own commit.
//!
//! One text serves both engines: `BIGINT`, `TEXT` and `BYTES` are mapped. Where PostgreSQL needs
//! other words, a step `slice/0001_what.pg` stands beside `slice/0001_what` and replaces it there.

use crate::DbError;

/// One step of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Unique name, `slice/0001_what`.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

/// Ends the name of a step for PostgreSQL alone.
const POSTGRES_ENDING: &str = ".pg";

/// The steps that concern SQLite.
pub(crate) fn for_sqlite(list: &[Migration]) -> Vec<Migration> {
    list.iter().filter(|step| !step.name.ends_with(POSTGRES_ENDING)).copied().collect()
}

/// The steps that concern PostgreSQL.
pub(crate) fn for_postgres(list: &[Migration]) -> Vec<Migration> {
    let replaced = |step: &Migration| {
        list.iter().any(|other| other.name.strip_suffix(POSTGRES_ENDING) == Some(step.name))
    };
    list.iter().filter(|step| !replaced(step)).copied().collect()
}

/// The steps that a database has yet to see.
///
/// # Errors
/// [`DbError::Newer`] when it has seen one that this program does not know.
pub(crate) fn missing(list: &[Migration], seen: &[String]) -> Result<Vec<Migration>, DbError> {
    let is_known = |name: &&String| list.iter().any(|step| step.name == name.as_str());
    if let Some(newer) = seen.iter().find(|name| !is_known(name)) {
        return Err(DbError::Newer(newer.clone()));
    }
    let is_new = |step: &&Migration| seen.iter().all(|name| name != step.name);
    Ok(list.iter().filter(is_new).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_for_postgres_replaces_its_namesake() {
        let step = |name| Migration { name, sql: "" };
        let list = [step("a/0001"), step("a/0002"), step("a/0002.pg"), step("b/0001.pg")];
        let names = |steps: Vec<Migration>| steps.iter().map(|s| s.name).collect::<Vec<_>>();
        assert_eq!(names(for_sqlite(&list)), ["a/0001", "a/0002"]);
        assert_eq!(names(for_postgres(&list)), ["a/0001", "a/0002.pg", "b/0001.pg"]);
    }

    #[test]
    fn a_newer_program_was_here() {
        let list = [Migration { name: "a/0001", sql: "" }, Migration { name: "a/0002", sql: "" }];
        let missing = |seen: &[&str]| {
            missing(&list, &seen.iter().map(|&name| name.into()).collect::<Vec<_>>())
        };
        assert_eq!(missing(&["a/0001"]).unwrap(), [list[1]]);
        assert_eq!(missing(&["a/0002", "b/0001"]), Err(DbError::Newer("b/0001".into())));
    }
}
