//! Migrations: ordered texts in the binary, forward only, each applied once in its own commit.
//!
//! One text serves both engines: `BIGINT`, `TEXT` and `BYTES` are mapped. Where PostgreSQL needs
//! other words, a step `slice/0001_what.pg` stands beside `slice/0001_what` and replaces it there.

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
}
