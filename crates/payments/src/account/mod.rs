//! The connector account of a shop: through which family it reaches its provider, and what its
//! contract declares there.
//!
//! What an account can do ([`connectors::Capabilities`]) decides which actions staff and programs
//! are offered, which captures and refunds are taken, and below which amount the payer is not
//! offered the means at all. A payment is read together with the capabilities of its account, so
//! that nothing asks twice and nothing has to ask.
//!
//! **Invariants.** One account per shop; without a row it declares everything the connector can do.
//! A change is in the journal and holds at once, for payments under way too: what the provider no
//! longer does is not asked of it.
//!
//! **Limits.** One family, the simulated bank; only accounts of test shops can be changed, and only
//! in what they declare. Address and secrets are the installation's.

pub mod store;

use connectors::{Capabilities, Connector as _, Settings};

/// The table.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/account/0001_account",
    sql: include_str!("schema/0001_account.sql"),
};

/// What an account with these settings can do.
#[must_use]
pub fn capabilities(settings: &Settings) -> Capabilities {
    connectors::sandbox::Sandbox.caps(settings)
}
