//! The secret in the address of a payer's page: 128 random bits tied to one payment.

use db::{DbError, Tx};
use identity::locator;
use kernel::{Id, Rng, Scope};

use crate::payment::{self, Payment};

/// Kind of the locator rows that lead from a token to a payment.
pub const KIND: &str = "payment";

/// A fresh token.
#[must_use]
pub fn new(rng: &dyn Rng) -> String {
    Id::random(rng).text()
}

/// The address of a payment's page.
#[must_use]
pub fn page_url(app: &str, payment: &Payment) -> String {
    format!("{app}/p/{}", payment.page_token)
}

/// The address of a payment's receipt.
#[must_use]
pub fn receipt_url(app: &str, payment: &Payment) -> String {
    format!("{app}/r/{}", payment.page_token)
}

/// Where the bank sends the payer's browser back after a challenge.
#[must_use]
pub fn challenge_return_url(app: &str, payment: &Payment) -> String {
    format!("{app}/p/{}/3ds/retour", payment.page_token)
}

/// The payment behind the token of a page, with a payer's scope.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(tx: &mut Tx<'_>, token: &str) -> Result<Option<(Scope, Payment)>, DbError> {
    let Some((scope, id)) = locator::find(tx, KIND, token)? else { return Ok(None) };
    let payment = payment::store::find(tx, &scope, id.into())?;
    Ok(payment.map(|payment| (scope, payment)))
}

/// Lets the token of a payment lead to it.
pub(crate) fn register(tx: &mut Tx<'_>, scope: &Scope, payment: &Payment) -> Result<(), DbError> {
    let hash = locator::hash(&payment.page_token);
    locator::put(tx, scope, KIND, hash, payment.id.id())
}
