//! Chargebacks: sales that payers contest at their bank.
//!
//! **Life of a case.** The bank opens it (`opened`): it takes its debit back and its fee at once.
//! The merchant gives up (`accepted`), or sends his proof himself and writes down when and which
//! (`submitted`), or lets the time pass (`expired`). The bank decides: `won` or `lost`. What was
//! given up, too late or lost can still be won; a case that was won is over.
//!
//! **Always true.** One case per number of the provider, whatever it repeats. The payment's
//! counters, the operations, the ledger entries, the event and the task are in the commit of the
//! change. `disputed` of a payment is the sum over its open cases, `charged_back` the sum over
//! those that ended against the merchant. A debit of the bank is a fact: the part of it that had
//! been given back before is posted all the same and kept beside the counters as `over_disputed`.
//!
//! **Time.** A network gives a number of calendar days from the day of opening ([`deadlines`]); an
//! earlier date of the provider counts instead. Reminders come 7, 3 and 1 days before, at
//! [`jobs::REMINDER_HOUR`] on the shop's clock; the day after the last one the case has expired.
//!
//! **Limits.** One round: no inquiry before and no arbitration after, as no connector tells of
//! them yet. Proof is a text of at most [`model::MAX_PROOF_CHARACTERS`] that names what was sent;
//! files are not kept here. An error is a word of [`model::Refused`].

pub mod api;
pub mod deadlines;
pub mod describe;
pub mod jobs;
pub mod list;
pub mod model;
pub(crate) mod ops;
pub mod pages;
pub mod store;
pub(crate) mod view;

#[cfg(test)]
mod tests;

pub use jobs::job_kind;
pub use list::Chargebacks;
pub use pages::routes;

/// The table.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/chargebacks/0001_chargeback",
    sql: include_str!("schema/0001_chargeback.sql"),
};

/// Words and menu entry.
pub const SLICE: web::Slice = web::Slice {
    name: "chargebacks",
    migrations: &[],
    messages: &[
        http::words::Messages { locale: kernel::Locale::Fr, text: include_str!("messages/fr.ftl") },
        http::words::Messages { locale: kernel::Locale::En, text: include_str!("messages/en.ftl") },
    ],
    menu: &[web::MenuEntry {
        label: "chargebacks-menu",
        href: "/caisse/impayes",
        icon: "alert",
        right: kernel::Right::ChargebackManage,
        order: 31,
    }],
};
