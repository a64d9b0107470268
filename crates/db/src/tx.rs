//! The transaction handed to every unit of work.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};

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
    fn text(&self) -> String {
        let marks: Vec<String> = (1..=self.columns.len()).map(|n| format!("?{n}")).collect();
        let (columns, marks) = (self.columns.join(", "), marks.join(", "));
        format!("INSERT INTO {} ({columns}) VALUES ({marks})", self.table)
    }
}

/// The texts of declared inserts, written once per connection. A declaration is a static, so its
/// address names it.
#[derive(Debug, Default)]
pub(crate) struct Texts(RefCell<HashMap<usize, Rc<str>>>);

impl Texts {
    fn of(&self, insert: &'static Insert) -> Rc<str> {
        let address = std::ptr::from_ref(insert).addr();
        let mut texts = self.0.borrow_mut();
        Rc::clone(texts.entry(address).or_insert_with(|| Rc::from(insert.text())))
    }
}

/// One unit of work on one connection.
pub struct Tx<'c> {
    connection: &'c rusqlite::Connection,
    texts: &'c Texts,
}

impl<'c> Tx<'c> {
    pub(crate) const fn new(connection: &'c rusqlite::Connection, texts: &'c Texts) -> Self {
        Self { connection, texts }
    }

    /// Adds a row. A key that exists may be reported here or at the end of the unit, which then
    /// fails as a whole: check first where "exists already" is a normal answer.
    ///
    /// # Errors
    /// [`DbError::Conflict`], [`DbError::Check`] or an engine failure.
    pub fn insert(&mut self, into: &'static Insert, values: Vec<Val>) -> Result<(), DbError> {
        let mut statement = self.connection.prepare_cached(&self.texts.of(into))?;
        statement.execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }

    /// Runs a statement and gives the number of rows it changed.
    ///
    /// # Errors
    /// As [`Tx::insert`].
    pub fn exec(&mut self, sql: &str, params: &[Val]) -> Result<u64, DbError> {
        let mut statement = self.connection.prepare_cached(&placeholders(sql))?;
        let changed = statement.execute(rusqlite::params_from_iter(params))?;
        Ok(changed as u64)
    }

    /// All rows of a query, or of a statement with `RETURNING`.
    ///
    /// # Errors
    /// As [`Tx::insert`].
    pub fn query(&mut self, sql: &str, params: &[Val]) -> Result<Vec<Row>, DbError> {
        let mut statement = self.connection.prepare_cached(&placeholders(sql))?;
        let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns.len())
                .map(|at| row.get_ref(at).map_err(DbError::from).and_then(read))
                .collect::<Result<Vec<Val>, DbError>>()?;
            found.push(Row::new(Arc::clone(&columns), values));
        }
        Ok(found)
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
}

/// `$n` as SQLite's numbered `?n`, so that order of appearance does not matter.
fn placeholders(sql: &str) -> String {
    sql.replace('$', "?")
}

fn read(value: ValueRef<'_>) -> Result<Val, DbError> {
    match value {
        ValueRef::Null => Ok(Val::Null),
        ValueRef::Integer(number) => Ok(Val::Int(number)),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .map(|t| Val::Text(t.to_owned()))
            .map_err(|_| DbError::Corrupt("text is not UTF-8".into())),
        ValueRef::Blob(bytes) => Ok(Val::Blob(bytes.to_vec())),
        ValueRef::Real(_) => Err(DbError::Corrupt("a float".into())),
    }
}

impl rusqlite::ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
