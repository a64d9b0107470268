//! The journal: who did what to which object, with the values before and after, when and from
//! where.
//!
//! Life: a line is written in the transaction of the change itself, so neither exists without
//! the other; it is never changed and never removed here.
//!
//! Invariants: lines are only added; a card number in a value is cut to its last four digits
//! before it is stored.
//!
//! Limits: values are kept as text up to 4 KiB; archiving after the legal period is not here yet.

pub mod model;
pub mod pages;
pub mod store;

#[cfg(test)]
mod tests;

pub use model::{Entry, Line, Origin};
pub use store::{address_of, lines_of, record};

/// Tables of the slice.
pub const MIGRATIONS: &[db::Migration] = &[db::Migration {
    name: "identity/audit/0001_audit",
    sql: include_str!("schema/0001_audit.sql"),
}];
