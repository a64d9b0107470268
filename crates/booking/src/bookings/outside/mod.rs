//! Transactions of a booking that were made without this house and are written down here: a debit,
//! a refund or a preauthorisation on the property's own terminal, in another program, at the bank.
//!
//! A line is written once and never changed. A debit lowers what is left to charge, a refund lowers
//! what counts as paid; a preauthorisation only stands there, because no money moved. Nothing
//! enters the ledger of this house: its money never passed through it.
//!
//! **Always true.** One reference of one means is written down once per merchant, by the schema;
//! amounts are of the booking's currency; no more goes back than is there.
//!
//! **Limits.** A wrong line is answered by its counterpart: a refund of the same amount.

pub mod api;
pub mod describe;
pub mod model;
pub mod ops;
pub mod store;
#[cfg(test)]
mod tests;

pub use model::{Recorded, RecordedKind};

/// The table of the slice.
pub const MIGRATION: db::Migration = db::Migration {
    name: "bookings/outside/0046_recorded",
    sql: include_str!("schema/0046_recorded.sql"),
};
