//! Statements on one SQLite connection.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::{DbError, Insert, Row, Val};

/// The texts of declared inserts, written once per connection.
#[derive(Debug, Default)]
pub(crate) struct Texts(RefCell<HashMap<usize, Rc<str>>>);

impl Texts {
    fn of(&self, insert: &'static Insert) -> Rc<str> {
        let mut texts = self.0.borrow_mut();
        let text = || Rc::from(placeholders(&insert.text()));
        Rc::clone(texts.entry(insert.address()).or_insert_with(text))
    }
}

/// Runs the statements of a unit.
pub(crate) struct Statements<'c> {
    connection: &'c rusqlite::Connection,
    texts: &'c Texts,
}

impl<'c> Statements<'c> {
    pub(crate) const fn new(connection: &'c rusqlite::Connection, texts: &'c Texts) -> Self {
        Self { connection, texts }
    }

    pub(crate) fn insert(&self, into: &'static Insert, values: &[Val]) -> Result<(), DbError> {
        let mut statement = self.connection.prepare_cached(&self.texts.of(into))?;
        statement.execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }

    pub(crate) fn exec(&self, sql: &str, params: &[Val]) -> Result<u64, DbError> {
        let mut statement = self.connection.prepare_cached(&placeholders(sql))?;
        let changed = statement.execute(rusqlite::params_from_iter(params))?;
        Ok(changed as u64)
    }

    pub(crate) fn query(&self, sql: &str, params: &[Val]) -> Result<Vec<Row>, DbError> {
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
