//! Why a page of the catalogue was not saved.

use db::DbError;

use super::ops::EntryError;

/// Why nothing was saved; the unit rolls back, and the form's token is fresh again.
pub(super) enum Stop<T> {
    /// Somebody else saved meanwhile: what stands there now.
    Both(Box<T>),
    /// Refused.
    Entry(EntryError),
}

impl<T> From<EntryError> for Stop<T> {
    fn from(error: EntryError) -> Self {
        Self::Entry(error)
    }
}

impl<T> From<DbError> for Stop<T> {
    fn from(error: DbError) -> Self {
        Self::Entry(error.into())
    }
}
