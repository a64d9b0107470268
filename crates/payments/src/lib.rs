//! Payments: one model, one engine that reaches the bank, payer pages, cash desk, API.
//!
//! - [`payment`]: the model — amounts, operations, derived status — and its storage;
//! - [`subject`]: the port through which bookings and baskets answer in the same transaction;
//! - [`contract`]: what the acquirer's contract allows;
//! - [`page_token`]: the secret in the address of a payer's page.

pub mod contract;
pub mod page_token;
pub mod payment;
pub mod subject;

pub use payment::ops::{self, CreateError, NewIds, NewPayment};
pub use payment::{
    CapturePlan, Channel, Initiator, KeepCard, Line, Parallel, Payer, Payment, Purpose, Reason,
    Status,
};
pub use subject::{Confirmation, Served, Subject, SubjectError, SubjectRef, SubjectRefusal};

/// The tables of this crate.
pub const MIGRATIONS: &[db::Migration] = payment::MIGRATIONS;
