//! The agreement of a second person, above somebody's ceiling.
//!
//! **What it is.** Whoever may give money back up to a ceiling asks for an agreement above it
//! instead of being turned away. What he typed is kept, and becomes a task of the people whose
//! ceiling suffices; one press of theirs does it or declines it, and nothing is typed twice.
//!
//! **Life.** `awaiting_approval` → `granted` (the operation is stored as sent in the same commit,
//! under the name of whoever agreed), `declined`, `overtaken` (the payment changed meanwhile:
//! nothing was done, and why is kept) or `expired` ([`HOURS`] of the shop's clock). Each end is
//! told to whoever asked by a task of his own, and is a line of the payment's journal.
//!
//! **Always true.** One open request per payment. The end is one conditional update in the
//! transaction that plans the operation, so two presses or two people do it once. Whoever agrees
//! holds the right with a ceiling that suffices at that moment: the operation is checked against
//! his ceiling, as if he had asked for it himself. What only waits for the bank ends nothing: the
//! request stays, and is answered again a little later.
//!
//! **Limits.** Refunds and records of refunds made elsewhere. Keys have no ceiling of a person:
//! programs are refused or served at once.

mod describe;
mod model;
mod ops;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use describe::Names;
pub(crate) use describe::notice;
pub use model::{Approval, State};
pub use ops::{ask, job_kind, names};
pub use pages::routes;
pub use store::latest;

/// How long a request waits, in hours of the shop's clock.
pub const HOURS: i64 = 48;

/// The table.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/approvals/0001_approval",
    sql: include_str!("schema/0001_approval.sql"),
};

/// Words of the slice.
pub const SLICE: web::Slice = web::Slice {
    name: "approvals",
    migrations: &[],
    messages: &[
        http::words::Messages { locale: kernel::Locale::Fr, text: include_str!("messages/fr.ftl") },
        http::words::Messages { locale: kernel::Locale::En, text: include_str!("messages/en.ftl") },
    ],
    menu: &[],
};
