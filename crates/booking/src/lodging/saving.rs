//! Saving what somebody changed in the catalogue: once for each form that was shown, never over
//! the work of somebody else, and with a line of the journal.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use identity::audit::{self, Line};
use kernel::{AuditId, Scope};
use serde_json::Value;
use web::Context;
use web::forms::{self, Submit};

use super::ops::EntryError;

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited<T> {
    /// Saved; what stood there before.
    Done(Box<T>),
    /// Somebody else saved first; what stands there now.
    Both(Box<T>),
}

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

/// A form that was sent.
pub(super) struct Sent {
    /// Names the form among all forms of the merchant.
    pub(super) path: String,
    /// The token it was shown with.
    pub(super) token: String,
    /// Where its first sending leads.
    pub(super) href: String,
    /// Line of the journal; what stood there before is added.
    pub(super) line: Line,
    /// The aggregate that changes.
    pub(super) route: Route,
}

/// Saves once for a form however often it is sent; gives where the first one led. `told` is what
/// the journal keeps of the thing.
///
/// # Errors
/// [`Stop`]: nothing was saved.
pub(super) async fn save_once<T: Send + 'static>(
    ctx: &Context,
    scope: &Scope,
    sent: Sent,
    edit: impl Fn(&mut Tx<'_>, &Scope) -> Result<Edited<T>, EntryError> + Send + 'static,
    told: fn(&T) -> Value,
) -> Result<String, Stop<T>> {
    let (scope, now, rng) = (scope.clone(), ctx.real_now(), Arc::clone(&ctx.rng));
    let Sent { path, token, href, line, route } = sent;
    let unit = move |tx: &mut Tx<'_>| -> Result<String, Stop<T>> {
        if let Submit::Again(first) = forms::begin(tx, &scope, &path, &token, now)? {
            return Ok(first);
        }
        match edit(tx, &scope)? {
            Edited::Both(now) => return Err(Stop::Both(now)),
            Edited::Done(before) => {
                let line = line.clone().before(told(&before));
                audit::record(tx, &scope, &line, now, AuditId::new(now, rng.as_ref()))?;
            }
        }
        forms::finish(tx, &scope, &path, &token, &href)?;
        Ok(href.clone())
    };
    ctx.db.write(route, unit).await
}
