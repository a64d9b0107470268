//! Verifications: a kept card is checked with its issuer, without a payment.
//!
//! **Life.** [`crate::engine::Engine::store_verification`] stores it as *sent* before the first byte
//! leaves, then the vault fills the card into the request. The issuer's word makes it *verified* or
//! *failed*; a decline that says nothing of the card (its limit, a wish for strong authentication)
//! and a silence leave it *unverified*. A silence is settled by asking the bank, never by asking the
//! issuer again.
//!
//! **Two ways.** An account check of amount zero where the connector declares one, else a small
//! authorisation that is released at once. A release that fails is tried again after a minute, five,
//! thirty, and six hours; then it becomes a task. No money is debited either way, so the ledger has
//! nothing to tell.
//!
//! **Always true.** One at a time for each card, [`MOST_PER_DAY`] within 24 hours,
//! [`MOST_PER_CARD`] in its life, none after the issuer said "never again". Without being asked to,
//! no verification spends the card's security code.
//!
//! **Limits.** One connector account per shop. Times follow the shop's clock: while a test clock
//! stands still, a silence is not asked about.

pub mod api;
pub mod model;
pub mod store;

pub use model::{Refusal, Standing, State, Verification, Way, Wish};

/// The table.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/verifications/0001_verification",
    sql: include_str!("schema/0001_verification.sql"),
};

/// Most verifications of one card within 24 hours.
pub const MOST_PER_DAY: usize = 2;
/// Most verifications of one card in its life.
pub const MOST_PER_CARD: usize = 10;
