//! A payment: one intent to collect one amount in one currency for one shop.
//!
//! It holds the asked amount, ten counters, an append-only list of operations and a few facts.
//!
//! **Life.** Created by a basket, the desk or the API; the payer opens its page (or a card is
//! charged in the call); an attempt authenticates and authorises; the amount is captured with
//! the authorisation, by plan, or by hand; later it may be refunded. Each attempt is a set of
//! operations, at most [`MAX_ATTEMPTS`] per payment.
//!
//! **Invariants.** What is voided, lapsed and captured never exceeds what was authorised; what
//! goes back never exceeds what was captured; an operation's amount never changes; the counters
//! are the sums of the successful operations; the [`Status`] is a pure function of all of it,
//! written in the same commit and never by hand. They are checked whenever a payment is read or
//! written, and a breach rolls the unit of work back.
//!
//! A refund that was made without Guichet is an operation too ([`elsewhere`]): it asks no bank,
//! moves no money of ours, and lowers what may still be given back.
//!
//! **Limits.** 12 digits of minor units; one live payment per order of a shop.

pub mod api;
pub mod counters;
pub mod describe;
pub mod doctor;
pub mod elsewhere;
pub mod entries;
pub mod facts;
pub mod guarantee;
pub mod import;
pub mod json;
pub mod listing;
pub mod model;
pub mod once;
pub mod operation;
pub mod operations;
pub mod ops;
pub mod page_state;
pub mod request;
pub mod rules;
pub mod save;
pub mod status;
pub mod store;
pub mod terms;
pub mod validity;
mod whence;
pub(crate) mod words;

#[cfg(test)]
mod random_tests;
#[cfg(test)]
mod tests;

pub use counters::{Counters, Movement};
pub use elsewhere::Elsewhere;
pub use guarantee::{Guarantee, GuaranteeValue, ThreeDs};
pub use model::{
    CaptureMode, CapturePlan, Card, Channel, Closed, Decline, Initiator, KeepCard, Line,
    MAX_ATTEMPTS, Payer, Payment, Purpose, Reason, SESSION_MINUTES, Session, ThreedsWish,
    Validation,
};
pub use operation::{Kind, OpState, Operation, Proof, Raw, Source};
pub use ops::{CreateError, NewPayment};
pub use status::{Group, Status};
pub use store::Parallel;
pub use terms::{Methods, SaveCard, Terms};

/// Finds the results that the bank still owes.
pub const OPEN_MIGRATION: db::Migration =
    db::Migration { name: "payments/0002_open", sql: include_str!("schema/0002_open.sql") };
/// Search columns and indexes of the lists.
pub const LIST_MIGRATION: db::Migration =
    db::Migration { name: "payments/0005_list", sql: include_str!("schema/0005_list.sql") };
/// Refunds that were made elsewhere.
pub const ELSEWHERE_MIGRATION: db::Migration = db::Migration {
    name: "payments/0006_elsewhere",
    sql: include_str!("schema/0006_elsewhere.sql"),
};
/// What a request adds to the amount.
pub const TERMS_MIGRATION: db::Migration =
    db::Migration { name: "payments/0007_terms", sql: include_str!("schema/0007_terms.sql") };
/// Operations of which the payer hears nothing.
pub const QUIET_MIGRATION: db::Migration =
    db::Migration { name: "payments/0008_quiet", sql: include_str!("schema/0008_quiet.sql") };
/// Indexes that hold no row of which they know nothing.
pub const INDEX_MIGRATION: db::Migration = db::Migration {
    name: "payments/0010_leaner_indexes",
    sql: include_str!("schema/0010_leaner_indexes.sql"),
};
/// The tables of this slice.
pub const MIGRATION: db::Migration =
    db::Migration { name: "payments/0001_payment", sql: include_str!("schema/0001_payment.sql") };
