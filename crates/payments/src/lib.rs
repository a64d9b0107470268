//! Payments: one model, one engine that reaches the bank, payer pages, cash desk, API.
//!
//! - [`account`]: what the connector account of a shop declares;
//! - [`payment`]: the model — amounts, operations, derived status — and its one writer;
//! - [`attempts`]: one card tried on one payment, and the transcripts;
//! - [`authentication_links`]: an absent holder asked to let his bank confirm a charge;
//! - [`bins`]: the table of issuer ranges, handed over to the vault;
//! - [`books`]: the verification of the ledger and of what was told of it;
//! - [`engine`]: reaches providers, resolves unknown results, runs the planned work;
//! - [`subject`]: the port through which bookings and baskets answer in the same transaction;
//! - [`contract`]: what the acquirer's contract allows;
//! - [`inbox`]: what providers told by themselves, each once;
//! - [`means`]: what each connector can do, shown to people;
//! - [`lots`]: one action of the cash desk on several payments;
//! - [`approvals`]: the agreement of a second person, above somebody's ceiling;
//! - [`chargebacks`]: sales that payers contest at their bank;
//! - [`grace`]: the moment in which staff may take back what moves no money;
//! - [`production`]: the way from the test shop to the live one;
//! - [`verifications`]: a kept card checked with its issuer;
//! - [`virtual_cards`]: cards of sales channels with a window and a balance;
//! - [`page_token`]: the secret in the address of a payer's page.

pub mod account;
pub mod api;
pub mod approvals;
pub mod attempts;
pub mod authentication_links;
pub mod bins;
pub mod books;
pub mod cards;
pub mod chargebacks;
pub mod checkout;
pub mod contract;
pub mod desk;
pub mod engine;
pub mod error;
pub mod fields;
pub mod grace;
pub mod inbox;
pub mod jobs;
pub mod lots;
pub mod means;
pub mod notices;
pub mod notifications;
pub mod page_token;
#[cfg(test)]
mod paper;
pub mod partners;
pub mod payment;
pub mod production;
pub mod subject;
pub mod verifications;
pub mod virtual_cards;
pub mod watch;

pub use api::routes as api_routes;
pub use engine::Engine;
pub use payment::ops::{self, CreateError, NewIds, NewPayment};
pub use payment::{
    CapturePlan, Channel, Initiator, KeepCard, Line, Parallel, Payer, Payment, Purpose, Reason,
    Status,
};
pub use subject::{
    Confirmation, Occasion, Reader, Served, Subject, SubjectError, SubjectRef, SubjectRefusal,
};

/// The tables of this crate.
pub const MIGRATIONS: &[db::Migration] = &[
    payment::MIGRATION,
    attempts::MIGRATION,
    attempts::REFUSAL_MIGRATION,
    attempts::FINGERPRINT_MIGRATION,
    payment::OPEN_MIGRATION,
    watch::MIGRATION,
    notifications::MIGRATION,
    payment::LIST_MIGRATION,
    grace::MIGRATION,
    inbox::MIGRATION,
    verifications::MIGRATION,
    lots::MIGRATION,
    notifications::FORMAT_MIGRATION,
    payment::ELSEWHERE_MIGRATION,
    account::MIGRATION,
    payment::TERMS_MIGRATION,
    payment::QUIET_MIGRATION,
    payment::INDEX_MIGRATION,
    approvals::MIGRATION,
    cards::facts::MIGRATION,
    production::MIGRATION,
    chargebacks::MIGRATION,
    cards::facts::OLD_MIGRATION,
    virtual_cards::MIGRATION,
    lots::MOVED,
    authentication_links::MIGRATION,
    authentication_links::CARD_MIGRATION,
    cards::reminders::MIGRATION,
    notifications::CLOCK_MIGRATION,
    cards::checks::MIGRATION,
];

/// The slices of this crate that have words or a place in the menu.
pub const SLICES: &[web::Slice] = &[
    web::Slice { name: "notices", migrations: &[], messages: notices::MESSAGES, menu: &[] },
    checkout::SLICE,
    authentication_links::SLICE,
    desk::SLICE,
    lots::SLICE,
    chargebacks::SLICE,
    approvals::SLICE,
    cards::SLICE,
    cards::accesses::SLICE,
    virtual_cards::SLICE,
    means::SLICE,
    production::SLICE,
    notifications::SLICE,
];
