//! What a database can answer instead of rows.

use kernel::Problem;

/// Seconds after which a unit that others came before is worth another try.
const BUSY_SECONDS: u32 = 1;
/// Seconds after which a server that went away is worth another try.
const AWAY_SECONDS: u32 = 5;

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
    /// A newer program has changed the tables since; nothing was touched.
    #[error("a newer program was here: it made {0}, which this one does not know")]
    Newer(String),
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

/// What the outside is told; the cause is for the log.
impl From<&DbError> for Problem {
    fn from(error: &DbError) -> Self {
        match error {
            DbError::Busy => {
                let text = "Others came first, again and again. Send the same request again.";
                Self::new(503, "busy", text).retry_after(BUSY_SECONDS)
            }
            DbError::Unavailable(_) | DbError::Closed => {
                let text = "The database cannot be reached. Send the same request again.";
                Self::new(503, "database_unavailable", text).retry_after(AWAY_SECONDS)
            }
            DbError::CommitUnknown => {
                let text = "Whether it was done is not known. Send the same request again with \
                    the same Idempotency-Key, or look before you do it anew.";
                Self::new(503, "outcome_unknown", text).retry_after(AWAY_SECONDS)
            }
            DbError::Conflict(_)
            | DbError::Check(_)
            | DbError::Corrupt(_)
            | DbError::Invariant(_)
            | DbError::Panicked
            | DbError::Newer(_)
            | DbError::Engine(_) => Self::internal(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_31_a_database_that_is_away_or_busy_says_when_to_come_back() {
        let told = |error: DbError| {
            let problem = Problem::from(&error);
            (problem.status, problem.code, problem.retry_after_seconds)
        };
        assert_eq!(told(DbError::Busy), (503, "busy", Some(1)));
        let away = (503, "database_unavailable", Some(5));
        assert_eq!(told(DbError::Unavailable("10.0.0.1 refused".into())), away);
        assert_eq!(told(DbError::CommitUnknown), (503, "outcome_unknown", Some(5)));
        assert_eq!(told(DbError::Engine("disk full".into())), (500, "internal", None));
        let problem = Problem::from(&DbError::Unavailable("10.0.0.1 refused".into()));
        assert!(!problem.detail.contains("10.0.0.1"), "the cause is not shown");
    }
}
