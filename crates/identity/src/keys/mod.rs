//! Keys of the API: what a program shows to act for one shop.
//!
//! Life: issued (the text is shown once and stored as its SHA-256), used, rotated (the old one
//! goes on for a day) or revoked at once.
//!
//! Invariants: a key is of one shop and its mode, so things of another mode do not exist for it;
//! it carries no right that the one who issued it lacks; it works only from its networks.
//!
//! Limits: the number of calls per second is counted per process.

pub mod api;
pub mod model;
pub mod network;
pub mod ops;
pub mod pages;
pub mod store;

#[cfg(test)]
mod tests;

pub use model::{ApiKey, KeyText};
pub use network::Network;
pub use ops::{KeyError, NewKey};

/// Tables of the slice.
pub const MIGRATIONS: &[db::Migration] =
    &[db::Migration { name: "identity/keys/0001_keys", sql: include_str!("schema/0001_keys.sql") }];
