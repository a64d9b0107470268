//! Stock: one row per countable thing and slot (a lodging type and a night), with how many there
//! are, how many are taken and how many are held.
//!
//! Life: a row is opened with a capacity; quantities move from free to held, held to taken, held
//! or taken to free; sales of a row may be closed and opened again.
//!
//! Invariants: `taken >= 0`, `held >= 0`, `taken + held <= cap`, kept by the schema itself; every
//! statement that takes carries the condition in itself, and a read before the write never
//! decides; the quantities of a row equal the sums of its live hold lines ([`ops::doctor`]).
//!
//! Limits: [`model::MAX_LINES`] rows in one order; a missing row means "not open".

pub mod model;
pub mod ops;
pub mod store;

pub use model::{Line, Lines, LinesError, Resource, Slot};

/// The tables of the slice.
pub const MIGRATION: db::Migration =
    db::Migration { name: "stock/0001_stock", sql: include_str!("schema/0001_stock.sql") };
