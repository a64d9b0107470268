//! Payments that ended elsewhere or long ago, written in bulk as they stand.
//!
//! Nothing is looked up and nobody is told: the caller has made every id in this unit of work.
//! Entries of the ledger are imported beside ([`ledger::import_capture`]).

use db::outbox::{self, NewEvent};
use db::{DbError, Tx};
use kernel::{EventId, Scope};

use super::json::event_body_from;
use super::{Parallel, Payment, operations, store};

/// Whether a merchant has any payment in this mode.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn has_any(tx: &mut Tx<'_>, scope: &Scope) -> Result<bool, DbError> {
    Ok(!store::ids_after(tx, scope, None, 1)?.is_empty())
}

/// Writes a payment with its operations and, when it was captured, the event of this id that told
/// so; only adds rows, so they may be made apart ([`db::Rows`]).
///
/// # Errors
/// [`DbError::Conflict`] when it is there already; the invariant that would break.
pub fn add(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: &Payment,
    captured: Option<EventId>,
) -> Result<(), DbError> {
    store::insert(tx, scope, payment, Parallel::Refuse)?;
    for (position, operation) in (1_i64..).zip(&payment.operations) {
        operations::store::insert(tx, scope, payment.id, position, operation)?;
    }
    let Some(id) = captured else { return Ok(()) };
    let told = NewEvent {
        id,
        kind: "payment.captured",
        object: payment.id.to_string(),
        shop: payment.shop,
        body: event_body_from(payment, ("page", false)),
    };
    outbox::note_told(tx, scope, &told, payment.updated_at)
}
