//! Work on many things, one after another, that makes no file but leads to a page of results.

use db::{DbError, Tx};
use kernel::{JobId, Scope};
use web::worker::Work;

use super::model::Run;

/// What became of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A thing was done; there may be more.
    More,
    /// Nothing is left.
    End,
    /// Not here: the run was stopped, or this process does not know what it is.
    Elsewhere,
}

/// A kind of work on many things.
pub trait Errand: Send + Sync + 'static {
    /// Its name in runs.
    fn name(&self) -> &'static str;
    /// Does the next thing. The commit that does it also marks it as done and counts it with
    /// [`advance`](super::store::advance), so that a crash neither skips nor repeats it.
    fn next(&self, run: Run) -> Work<Result<Turn, DbError>>;
    /// Forgets what it kept of a run that is forgotten.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn forget(&self, tx: &mut Tx<'_>, scope: &Scope, run: JobId) -> Result<(), DbError>;
}
