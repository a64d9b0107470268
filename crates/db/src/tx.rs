//! The transaction handed to every unit of work.

use crate::postgres::Session;
use crate::rows::Rows;
use crate::sqlite::Statements;
use crate::{DbError, Row, Val};

/// A declared insert: the statement is written by the engine, which may send many rows at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Insert {
    /// The table.
    pub table: &'static str,
    /// Its columns, in the order of the values.
    pub columns: &'static [&'static str],
}

impl Insert {
    /// The insert of one row, its values marked `$1…`.
    pub(crate) fn text(&self) -> String {
        let marks: Vec<String> = (1..=self.columns.len()).map(|n| format!("${n}")).collect();
        let (columns, marks) = (self.columns.join(", "), marks.join(", "));
        format!("INSERT INTO {} ({columns}) VALUES ({marks})", self.table)
    }

    /// A declaration is a static, so its address names it.
    pub(crate) fn address(&'static self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

/// Where the statements of a unit go.
pub(crate) enum On<'c> {
    Sqlite(Statements<'c>),
    Postgres(&'c mut Session),
    Rows(&'c mut Rows),
}

/// One unit of work on one connection. A statement that failed ends the unit: whatever the
/// closure answers, nothing of it is kept.
pub struct Tx<'c> {
    on: On<'c>,
    failure: Option<DbError>,
}

impl<'c> Tx<'c> {
    pub(crate) const fn new(on: On<'c>) -> Self {
        Self { on, failure: None }
    }

    /// Adds a row. A key that exists may be reported here or at the end of the unit, which then
    /// fails as a whole: check first where "exists already" is a normal answer.
    ///
    /// # Errors
    /// [`DbError::Conflict`], [`DbError::Check`] or an engine failure.
    pub fn insert(&mut self, into: &'static Insert, values: Vec<Val>) -> Result<(), DbError> {
        self.going()?;
        let outcome = match &mut self.on {
            On::Sqlite(statements) => statements.insert(into, &values),
            On::Postgres(session) => session.insert(into, values),
            On::Rows(rows) => {
                rows.keep(into, values);
                Ok(())
            }
        };
        self.noted(outcome)
    }

    /// Adds rows that were made apart.
    ///
    /// # Errors
    /// As [`Tx::insert`].
    pub fn insert_rows(&mut self, rows: &Rows) -> Result<(), DbError> {
        for (into, values) in rows.iter() {
            match &mut self.on {
                On::Sqlite(statements) => {
                    let outcome = statements.insert(into, values);
                    self.noted(outcome)?;
                }
                On::Postgres(_) | On::Rows(_) => self.insert(into, values.to_vec())?,
            }
        }
        Ok(())
    }

    /// Runs a statement and gives the number of rows it changed.
    ///
    /// # Errors
    /// As [`Tx::insert`].
    pub fn exec(&mut self, sql: &str, params: &[Val]) -> Result<u64, DbError> {
        self.going()?;
        let outcome = match &mut self.on {
            On::Sqlite(statements) => statements.exec(sql, params),
            On::Postgres(session) => session.exec(sql, params),
            On::Rows(_) => Err(Rows::asked()),
        };
        self.noted(outcome)
    }

    /// All rows of a query, or of a statement with `RETURNING`.
    ///
    /// # Errors
    /// As [`Tx::insert`].
    pub fn query(&mut self, sql: &str, params: &[Val]) -> Result<Vec<Row>, DbError> {
        self.going()?;
        let outcome = match &mut self.on {
            On::Sqlite(statements) => statements.query(sql, params),
            On::Postgres(session) => session.query(sql, params),
            On::Rows(_) => Err(Rows::asked()),
        };
        self.noted(outcome)
    }

    /// The only row of a query, if there is one.
    ///
    /// # Errors
    /// As [`Tx::query`], and [`DbError::Corrupt`] when there are several.
    pub fn query_opt(&mut self, sql: &str, params: &[Val]) -> Result<Option<Row>, DbError> {
        let mut rows = self.query(sql, params)?;
        if rows.len() > 1 {
            return Err(DbError::Corrupt("more than one row".into()));
        }
        Ok(rows.pop())
    }

    /// Ends a sub-select that claims rows, so that other processes take other rows instead of
    /// waiting for these: nothing on SQLite, where one writer claims at a time.
    #[must_use]
    pub const fn skip_locked(&self) -> &'static str {
        match self.on {
            On::Sqlite(_) | On::Rows(_) => "",
            On::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Whether the unit runs on PostgreSQL.
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self.on, On::Postgres(_))
    }

    /// The first failure of a statement, if one failed.
    pub(crate) const fn failure(&self) -> Option<&DbError> {
        self.failure.as_ref()
    }

    fn going(&self) -> Result<(), DbError> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn noted<T>(&mut self, outcome: Result<T, DbError>) -> Result<T, DbError> {
        if let Err(error) = &outcome {
            self.failure = Some(error.clone());
        }
        outcome
    }
}
