//! What a database can answer instead of rows.

/// Why a unit of work or a read failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// A unique key exists already.
    #[error("unique key exists already: {0}")]
    Conflict(String),
    /// A `CHECK` or a trigger of the schema refused the row.
    #[error("the schema refused the row: {0}")]
    Check(String),
    /// A stored value is not what the code expects.
    #[error("stored value unreadable: {0}")]
    Corrupt(String),
    /// An invariant of the house did not hold.
    #[error(transparent)]
    Invariant(#[from] kernel::Invariant),
    /// The unit of work panicked; it was rolled back.
    #[error("the unit of work panicked")]
    Panicked,
    /// The database is shut down.
    #[error("the database is closed")]
    Closed,
    /// Anything else the engine said (disk full, locked, a wrong statement).
    #[error("database: {0}")]
    Engine(String),
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ffi;
        let text = error.to_string();
        match error.sqlite_error().map(|e| e.extended_code) {
            Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                Self::Conflict(text)
            }
            Some(
                ffi::SQLITE_CONSTRAINT_CHECK
                | ffi::SQLITE_CONSTRAINT_NOTNULL
                | ffi::SQLITE_CONSTRAINT_FOREIGNKEY
                | ffi::SQLITE_CONSTRAINT_TRIGGER,
            ) => Self::Check(text),
            _ => Self::Engine(text),
        }
    }
}
