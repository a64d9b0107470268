//! What every list of the back office does beyond showing a page: its settings, its saved views,
//! its totals, its changes as they happen, and taking it away as a file.
//!
//! A slice implements [`List`] once and hands its routes to the functions of [`pages`].
//!
//! **Life of an export.** The person asks (POST); up to [`export::FILE_ROWS`] rows the browser is
//! led to an address that streams the file, above that to the page of a run that makes it
//! ([`crate::runs`]). Either way a line in the journal says who took what, how much, in which
//! form.
//!
//! **Invariants.** A file has exactly the filter, the columns and their order of the list it was
//! asked from, and as much as the vault gave out of a card. Memory does not grow with the file.

pub mod export;
pub mod pages;
pub mod sheet;

use std::sync::Arc;

use db::{DbError, Tx};
use documents::{Cell, Column};
use http::Words;
use kernel::{Id, Right, Scope, Timestamp, Zone};
use web::list::view::TotalView;

/// What of a list is wanted, and how it is said.
#[derive(Clone)]
pub struct Wanted {
    /// The filter, as the query of an address.
    pub query: String,
    /// Columns, in order.
    pub columns: Vec<String>,
    /// The reader's language.
    pub words: Arc<Words>,
    /// The merchant's zone.
    pub zone: Zone,
    /// When it was asked: what "today" means.
    pub now: Timestamp,
}

/// A chunk of a list: rows as cells, and where the next chunk begins; none at the end.
pub type Chunk = (Vec<Vec<Cell>>, Option<Id>);

/// A list of the back office.
pub trait List: Send + Sync + 'static {
    /// Its name in settings and runs.
    fn name(&self) -> &'static str;
    /// Its address.
    fn path(&self) -> &'static str;
    /// The right to take it away.
    fn export_right(&self) -> Right;
    /// All its columns.
    fn columns(&self) -> &'static [&'static str];
    /// The columns shown until a person chooses; all of them, unless a list says otherwise.
    fn usual(&self) -> &'static [&'static str] {
        self.columns()
    }
    /// Title of its sheets, and first part of the names of its files.
    fn title(&self, words: &Words) -> String;
    /// The columns of its sheets.
    fn sheet(&self, wanted: &Wanted) -> Vec<Column>;
    /// How many rows the filter has.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn count(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<i64, DbError>;
    /// The rows after a place.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn chunk(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        wanted: &Wanted,
        after: Option<Id>,
    ) -> Result<Chunk, DbError>;
    /// Totals of the whole filter; a list without any leaves this out.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn totals(&self, _: &mut Tx<'_>, _: &Scope, _: &Wanted) -> Result<Vec<TotalView>, DbError> {
        Ok(Vec::new())
    }
    /// A number that changes when the page of the filter does.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn digest(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<u64, DbError>;
}

/// A number that stands for what a page shows.
#[must_use]
pub fn digest_of(shown: &impl std::fmt::Debug) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    format!("{shown:?}").hash(&mut hasher);
    hasher.finish()
}
