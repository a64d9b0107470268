//! The secret in the address of a payer's page: 128 random bits tied to one payment.

use db::{DbError, Tx};
use kernel::{Id, Rng, Scope};

use crate::payment::Payment;

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

pub(crate) fn register(
    _tx: &mut Tx<'_>,
    _scope: &Scope,
    _payment: &Payment,
) -> Result<(), DbError> {
    Ok(())
}
