//! The cash desk: payments found, understood, captured, given back.
//!
//! `/caisse` lists payments with filters, search and the totals of the whole filter;
//! `/caisse/{id}` shows one with its money, card, timeline and ledger lines; an action has its
//! own page that says what it does before one button does it.
//!
//! **Life of an action.** The page carries a one-time token, the version and the refundable
//! amount it showed. The submit stores the token and the operation in one transaction, then the
//! bank is asked; a second submit leads to the first result.
//!
//! **Invariants.** What is possible, and why not, comes from [`crate::payment::rules`], the same
//! table the API uses. An action that is not possible now stays visible with its reason; one that
//! the contract does not know is absent, and what was refunded elsewhere is written down
//! ([`record`]). Card data
//! is what the vault gave out: first and last digits.
//!
//! **Limits.** Pages of 25 to 200 rows by cursor. Words are found from their beginning; inside a
//! word, among the newest payments. A payment written by a release without search columns is found
//! by them from its next change on. Counts on tabs stop at a thousand; totals of many rows are
//! exact and computed on their own, after the page.

pub mod action;
pub(crate) mod acts;
mod choices;
pub mod columns;
pub mod detail;
pub mod entries;
pub mod filter;
pub mod history;
pub mod list;
pub mod offers;
pub mod pages;
pub mod record;
pub mod store;
pub mod words;

pub use pages::routes;

#[cfg(test)]
mod elsewhere_tests;
#[cfg(test)]
mod list_tests;
#[cfg(test)]
mod tests;

/// Words (with the meanings of refusals) and menu entry of the cash desk.
pub const SLICE: web::Slice = web::Slice {
    name: "desk",
    migrations: &[],
    messages: &[
        http::words::Messages { locale: kernel::Locale::Fr, text: include_str!("messages/fr.ftl") },
        http::words::Messages { locale: kernel::Locale::En, text: include_str!("messages/en.ftl") },
        http::words::Messages { locale: kernel::Locale::Fr, text: connectors::MESSAGES_FR },
        http::words::Messages { locale: kernel::Locale::En, text: connectors::MESSAGES_EN },
    ],
    menu: &[web::MenuEntry {
        label: "desk-menu",
        href: "/caisse",
        icon: "card",
        right: kernel::Right::PaymentsRead,
        order: 30,
    }],
};
