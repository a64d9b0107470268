//! One action of the cash desk on several payments.
//!
//! **Life of a lot.** Rows of the list are ticked; a page shows what the action would do to each
//! of them, what it comes to, and which are left out and why. One button, with a one-time token,
//! stores the lot with its lines and a run of the same id, in one transaction. The run works on
//! the lines one after another, under the name of whoever asked; its page shows how far it is,
//! and the page of the lot what became of each line. The lot is forgotten with its run.
//!
//! **Invariants.** A line leaves the state *waiting* in the transaction that stores its operation
//! as sent: a crash neither skips it nor does it twice, and an answer that never came is settled
//! by asking the bank, as for any operation. A payment is done as it was seen: one that changed
//! since the page was shown is left out. What the page showed (how many, how much) is what the
//! button does; when it changed meanwhile, the page is shown again. All lines are in one currency.
//!
//! **Limits.** The rows of one page of the list, [`MAX_LINES`]. The action moves all that is left
//! of each payment. There is no moment to think again, as there is for a single cancellation: the
//! run can be interrupted instead.

pub mod list;
pub mod model;
pub mod ops;
pub mod pages;
pub mod store;
pub mod view;
pub mod work;

pub use pages::routes;
pub use work::errand;

use http::words::Messages;
use kernel::Locale;

#[cfg(test)]
mod tests;

/// Most payments of one lot.
pub const MAX_LINES: usize = 200;

/// The tables.
pub const MIGRATION: db::Migration =
    db::Migration { name: "payments/lots/0001_lot", sql: include_str!("schema/0001_lot.sql") };

/// Words of lots.
pub const SLICE: web::Slice = web::Slice {
    name: "lots",
    migrations: &[],
    messages: &[
        Messages { locale: Locale::Fr, text: include_str!("messages/fr.ftl") },
        Messages { locale: Locale::En, text: include_str!("messages/en.ftl") },
    ],
    menu: &[],
};
