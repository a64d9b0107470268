//! One action of the cash desk on several payments (see [`identity::lots`]).
//!
//! **Always true.** A payment is done as it was seen: one that changed since the page was shown
//! is left out. The action is the one of a single payment, and moves all that is left of it.
//!
//! **Limits.** There is no moment to think again, as there is for a single cancellation.

mod deed;
pub mod pages;
mod send;
mod store;

pub use deed::Several;
pub use pages::routes;
pub use send::{answer_of, send};

use std::sync::Arc;

use http::words::Messages;
use identity::lots::Deed;
use kernel::Locale;

use crate::engine::Engine;
use crate::payment::rules::Action;

#[cfg(test)]
mod tests;

/// The tables that lots of payments had of their own, now empty.
pub const MIGRATION: db::Migration =
    db::Migration { name: "payments/lots/0001_lot", sql: include_str!("schema/0001_lot.sql") };
/// Their rows move to the tables of all lots.
pub const MOVED: db::Migration =
    db::Migration { name: "payments/lots/0002_moved", sql: include_str!("schema/0002_moved.sql") };

/// Words of lots.
pub const SLICE: web::Slice = web::Slice {
    name: "payment_lots",
    migrations: &[],
    messages: &[
        Messages { locale: Locale::Fr, text: include_str!("messages/fr.ftl") },
        Messages { locale: Locale::En, text: include_str!("messages/en.ftl") },
    ],
    menu: &[],
};

/// The actions of the cash desk that are done to several payments.
const ACTIONS: [Action; 4] = [Action::Validate, Action::Capture, Action::Refund, Action::Cancel];

/// What is done to several payments, or virtual cards, at once.
#[must_use]
pub fn deeds(engine: &Engine) -> Vec<Arc<dyn Deed>> {
    let several = |action| Arc::new(Several::new(engine, action)) as Arc<dyn Deed>;
    let cards = Arc::new(crate::virtual_cards::Charges::new(engine)) as Arc<dyn Deed>;
    ACTIONS.into_iter().map(several).chain([cards]).collect()
}
