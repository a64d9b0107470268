//! The ledger: where every cent is written once, and can be explained.
//!
//! [`book`] posts, [`reading`] shows, [`verify`] recomputes everything and names what is broken.
//! Callers use the functions re-exported here inside their own transaction, so that the change of
//! a payment, its entry and the outgoing event are one commit.

pub mod book;
pub mod error;
pub mod reading;
pub mod verify;

pub use book::chart::{Account, Behaviour, Reference, Tender};
pub use book::fees::{FeePlan, OnRefund};
pub use book::import::{import_capture, open_for_import};
pub use book::ops::{
    Posted, Stamp, capture, chargeback, credit_granted, credit_reserved, credit_used,
    deposit_applied, deposit_kept, deposit_returned, fee, fee_returned, refund_accepted,
    refund_asked, refund_outside, refund_refused, reverse, settle,
};
pub use book::templates::{
    CaseMove, Collected, Contested, Correction, Credit, DepositEnd, Ending, Fee, Institution,
    Movement, OutsideRefund, Settlement, Statement,
};
pub use error::LedgerError;
pub use verify::{BookReport, FIRST, Report, verify};

use db::Migration;

/// The tables of the ledger.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "ledger/0001_ledger", sql: include_str!("schema/0001_ledger.sql") },
    Migration {
        name: "ledger/0002_ledger_guard",
        sql: include_str!("schema/0002_ledger_guard.sql"),
    },
    Migration {
        name: "ledger/0002_ledger_guard.pg",
        sql: include_str!("schema/0002_ledger_guard.pg.sql"),
    },
];

#[cfg(test)]
mod tests;
