//! An attempt: one card tried on one payment, step by step.
//!
//! **Life.** *Running* while a request is at the bank; *challenge* while the payer is on the
//! bank's page; *ended*. What the connector must know to go on is kept with it, so a payer who
//! comes back after a restart goes on where he was.
//!
//! **Invariants.** One attempt per finished capture of the vault, so a double click cannot
//! charge twice; at most one attempt of a payment is not ended; each step has a number, and an
//! answer to an older step changes nothing. A card that its issuer barred stays barred when its
//! number is typed again: the vault's fingerprint, which only its merchant's cards share, is kept
//! with the attempt for [`limits::BLOCKED_DAYS`] days and then forgotten.
//!
//! **Limits.** [`crate::payment::MAX_ATTEMPTS`] per payment. Every exchange with a provider is
//! kept as a transcript without card data.

pub mod limits;
pub mod model;
pub mod store;

pub use model::{Attempt, AttemptState, Exchange};

/// The tables of this slice.
pub const MIGRATION: db::Migration =
    db::Migration { name: "payments/0002_attempt", sql: include_str!("schema/0002_attempt.sql") };
/// Which attempts were made with the same number.
pub const FINGERPRINT_MIGRATION: db::Migration = db::Migration {
    name: "payments/0004_fingerprint",
    sql: include_str!("schema/0004_fingerprint.sql"),
};
/// How each attempt was refused, and from where it came.
pub const REFUSAL_MIGRATION: db::Migration =
    db::Migration { name: "payments/0003_refusal", sql: include_str!("schema/0003_refusal.sql") };
