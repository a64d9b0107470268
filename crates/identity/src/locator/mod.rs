//! From the token in a public address to the merchant and object behind it.
//!
//! A payer's page knows nothing but its token; the token's SHA-256 leads here to a merchant, a
//! mode and an object, and gives a payer's scope without rights.
//!
//! Invariants: the token itself is never stored; a token of one kind opens no other kind.
//!
//! Limits: this is one of the few tables that is read without a merchant; it holds nothing that
//! says what the object is about.

pub mod store;

#[cfg(test)]
mod tests;

pub use crate::secrets::hash;
pub use store::{find, forget, put};

/// Tables of the slice.
pub const MIGRATIONS: &[db::Migration] = &[db::Migration {
    name: "identity/locator/0001_locator",
    sql: include_str!("schema/0001_locator.sql"),
}];
