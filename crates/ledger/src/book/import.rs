//! Entries written in bulk, as many at once as the database takes.
//!
//! Nothing is looked up: the caller has made each operation beside its entries, so that nobody can
//! have told of it before. The unique indexes on the name of an event and on an item still refuse a
//! second telling.

use db::Tx;
use kernel::{Date, Scope};

use super::ops::{Stamp, item_moves, postings_of};
use super::store;
use super::templates::{self, Fee, Movement};
use crate::LedgerError;

/// A capture and its fee; only adds rows, so they may be made apart ([`db::Rows`]).
///
/// # Errors
/// As [`super::ops::capture`].
pub fn import_capture(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (movement, fee): (&Movement, &Fee),
    (captured, charged): (Stamp, Stamp),
) -> Result<(), LedgerError> {
    let drafts = [
        (templates::capture(movement, captured.on)?, captured),
        (templates::fee_net(fee, charged.on)?, charged),
    ];
    let mut all = Vec::new();
    for (draft, stamp) in &drafts {
        let Some(draft) = draft else { continue };
        let postings = postings_of(scope, draft);
        store::insert(tx, scope, (stamp.id, stamp.now), (draft, &postings))?;
        all.extend(postings);
    }
    for item in item_moves(&all, charged.on)? {
        store::insert_item(tx, scope, &item)?;
    }
    Ok(())
}

/// Opens the accounts that [`import_capture`] writes to.
///
/// # Errors
/// As [`super::ops::capture`]; [`LedgerError::Invariant`] when one of them has a limit, which an
/// import would not watch.
pub fn open_for_import(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (movement, fee): (&Movement, &Fee),
    on: Date,
) -> Result<(), LedgerError> {
    for draft in [templates::capture(movement, on)?, templates::fee_net(fee, on)?] {
        let Some(draft) = draft else { continue };
        for line in draft.lines() {
            kernel::ensure!(!store::is_strict(&line.account))?;
            store::open_account(tx, scope, &line.account, draft.currency())?;
        }
    }
    Ok(())
}
