//! The clock of a test shop: follows real time until someone moves it.
//!
//! Life: real; moved to an instant, where it stands still; set to follow, when it runs on from
//! where it stood.
//!
//! Invariants: it only goes forward, at most 400 days per call; a live shop has none (404);
//! sessions, keys, leases and time codes never look at it.
//!
//! Limits: going back is a reset of the test data, not a move.

pub mod api;
pub mod describe;
pub mod model;
pub mod ops;
pub mod store;

#[cfg(test)]
mod tests;

pub use model::{ClockError, Move};
pub use ops::{load, turn};

/// Tables of the slice.
pub const MIGRATIONS: &[db::Migration] = &[db::Migration {
    name: "identity/clocks/0001_clocks",
    sql: include_str!("schema/0001_clocks.sql"),
}];
