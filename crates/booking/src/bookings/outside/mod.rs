//! Transactions of a booking that were made without this house and are written down here: a debit,
//! a refund or a preauthorisation on the property's own terminal, in another program, at the bank.
//!
//! A line is written once and never changed. A debit lowers what is left to charge, a refund lowers
//! what counts as paid; a preauthorisation only stands there, because no money moved. Nothing
//! enters the ledger of this house: its money never passed through it.
//!
//! **Always true.** One reference of one means is written down once per shop, by the schema: two
//! shops have terminals that count alike. Amounts are of the booking's currency; no more goes back
//! here than was written down as debited here, because a refund of a payment of this house is
//! recorded on that payment. Each line is in the house's journal, with its amount.
//!
//! **Limits.** A wrong line stays. A refund of the same amount takes it out of what counts as paid,
//! but not out of what was asked of the guest: what was given back is not charged again here. That
//! a card can be charged no more is not taken yet, because nothing here would keep to it.

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
