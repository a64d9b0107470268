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
    /// Others came before, again and again; nothing was written.
    #[error("other transactions came first")]
    Busy,
    /// The server cannot be reached; nothing was written.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The server went away during a commit and did not come back in time to tell.
    #[error("whether the commit happened is not known")]
    CommitUnknown,
    /// The database is shut down.
    #[error("the database is closed")]
    Closed,
    /// Anything else the engine said (disk full, locked, a wrong statement).
    #[error("database: {0}")]
    Engine(String),
}

impl DbError {
    /// Whether nothing was written and a further try may do better.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable(_))
    }
}
