//! Cards checked with their issuers by themselves, as the property wants it.
//!
//! **What it is.** A property chooses: never, as soon as a card has come, or some days before its
//! guest arrives, at nine of its clock; a card that comes within these days is checked as it comes.
//! What is asked and what becomes of it is a verification like any other ([`crate::verifications`]);
//! a card that is refused becomes a task that says to which channel, and until when, it is to be
//! reported.
//!
//! **Always true.** A card is checked by itself once in its life: one that anybody has checked
//! before is left alone, so a job that runs twice asks no issuer twice, and so is one with which a
//! bank has accepted a payment. The security code goes along only where the property says so, and
//! only where one is held. A check that did not leave the house is tried again on the next morning,
//! up to that of the arrival.
//!
//! **Limits.** A card that a payer typed for his payment is checked by that payment. Some days
//! before arrival, a card that comes at any hour up to the day of arrival is checked; one whose
//! booking is entered only after that day's nine o'clock is not. As soon as they come, a virtual card
//! that does not open yet is not checked later. A booking that the house does not know has no day of
//! arrival: its card is checked on receipt only.

mod auto;
mod ops;
pub mod pages;
mod report;
pub mod store;

pub use report::Report;

use crate::payment::words::words;

/// The table.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/cards/0064_card_check",
    sql: include_str!("schema/0064_card_check.sql"),
};

words! {
    /// When cards are checked by themselves.
    When {
        /// Never.
        Off => "off",
        /// As soon as they have come.
        OnReceipt => "on_receipt",
        /// Some days before the guest arrives.
        DaysBefore => "days_before",
    }
}

/// Days before arrival that may be chosen.
pub const DAYS_BEFORE: std::ops::RangeInclusive<i64> = 1..=30;
/// What may be authorised and released where no check of amount zero exists, in minor units.
pub const FALLBACK_MINOR: std::ops::RangeInclusive<i64> = 100..=200;

/// How a shop has its cards checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// When.
    pub auto: When,
    /// Days before arrival, of [`DAYS_BEFORE`].
    pub days_before: i64,
    /// Whether a held security code goes along, and is spent.
    pub with_code: bool,
    /// Minor units, of [`FALLBACK_MINOR`].
    pub amount_fallback: i64,
    /// Goes up by one with each change; 0 before the first.
    pub version: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            auto: When::Off,
            days_before: 2,
            with_code: false,
            amount_fallback: *FALLBACK_MINOR.start(),
            version: 0,
        }
    }
}
