//! Rows made apart from any database.
//!
//! One writer puts rows into the file. What they are made of, texts and JSON above all, can be made
//! beside it, on as many threads as there are, by the same functions that write within a unit.

use crate::tx::On;
use crate::{DbError, Insert, Tx, Val};

/// Rows in the order in which they are to be added.
#[derive(Debug, Default)]
pub struct Rows(Vec<(&'static Insert, Vec<Val>)>);

impl Rows {
    /// What this work adds; it can ask nothing.
    ///
    /// # Errors
    /// What the work returned; [`DbError::Engine`] when it asks for something.
    pub fn of<E: From<DbError>>(
        work: impl FnOnce(&mut Tx<'_>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut rows = Self::default();
        work(&mut Tx::new(On::Rows(&mut rows)))?;
        Ok(rows)
    }

    pub(crate) fn keep(&mut self, into: &'static Insert, values: Vec<Val>) {
        self.0.push((into, values));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static Insert, &[Val])> {
        self.0.iter().map(|(into, values)| (*into, values.as_slice()))
    }

    pub(crate) fn asked() -> DbError {
        DbError::Engine("rows that are made apart can ask nothing".to_owned())
    }
}
