//! Payments: one model, one engine that reaches the bank, payer pages, cash desk, API.
//!
//! - [`payment`]: the model — amounts, operations, derived status — and its one writer;
//! - [`attempts`]: one card tried on one payment, and the transcripts;
//! - [`engine`]: reaches providers, resolves unknown results, runs the planned work;
//! - [`subject`]: the port through which bookings and baskets answer in the same transaction;
//! - [`contract`]: what the acquirer's contract allows;
//! - [`page_token`]: the secret in the address of a payer's page.

pub mod attempts;
pub mod contract;
pub mod engine;
pub mod error;
pub mod fields;
pub mod jobs;
pub mod page_token;
pub mod payment;
pub mod subject;
#[path = "checkout/subject_page.rs"]
mod subject_page;
/// Pages of the payer.
pub mod checkout {
    pub use crate::subject_page::SubjectPage;
}

pub use engine::Engine;
pub use payment::ops::{self, CreateError, NewIds, NewPayment};
pub use payment::{
    CapturePlan, Channel, Initiator, KeepCard, Line, Parallel, Payer, Payment, Purpose, Reason,
    Status,
};
pub use subject::{
    Confirmation, Reader, Served, Subject, SubjectError, SubjectRef, SubjectRefusal,
};

/// The tables of this crate.
pub const MIGRATIONS: &[db::Migration] = &[payment::MIGRATION, attempts::MIGRATION];
