//! Holds: stock blocked for one buyer for a while (blocage temporaire).
//!
//! Life: a hold is placed when a basket has its contact, lasts [`model::HOLD_MINUTES`], is set to
//! end that long after each pay click, may be prolonged once by a button while nobody else was
//! refused the same stock, and ends *confirmed*, *released* or *expired*. It is live strictly
//! before its end.
//!
//! Invariants: all rows of a hold or none; a hold moves its quantities exactly once, on the
//! change of state it won; the holds of a basket live [`model::LIFETIME_MINUTES`] in all; a
//! refusal is only given after every hold that is over has been expired.
//!
//! Limits: [`crate::stock::model::MAX_LINES`] rows; [`ops::EXPIRY_ROUND`] holds a round of
//! expiry.

pub mod api;
pub mod describe;
mod events;
pub mod jobs;
pub mod model;
pub mod ops;
pub mod store;
#[cfg(test)]
mod tests;

pub use model::{Hold, HoldState};
pub use ops::HoldError;

/// The tables of the slice.
pub const MIGRATION: db::Migration =
    db::Migration { name: "holds/0001_hold", sql: include_str!("schema/0001_hold.sql") };
/// A version of each hold, for those who are told of it.
pub const VERSION_MIGRATION: db::Migration = db::Migration {
    name: "holds/0002_hold_version",
    sql: include_str!("schema/0002_hold_version.sql"),
};
