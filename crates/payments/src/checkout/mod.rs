//! The payer's pages: from the link to the receipt, with the card typed at the vault.
//!
//! `/p/{token}` leads to the vault's card page; `/p/{token}/retour` takes its result;
//! `/p/{token}/3ds` has one button to the bank; `/p/{token}/attente` waits for an answer;
//! `/r/{token}` is the receipt. The token in the path is the whole session: no cookie, no
//! account, and another device sees the same truth.
//!
//! **Life of a visit.** What a page shows is a pure function of the payment
//! ([`crate::payment::page_state`], [`case`]): the browser's return decides nothing, so reload,
//! back button, double click and a second tab are harmless.
//!
//! **Invariants.** A page says that nothing was debited only where that is certain. A refusal
//! never tells the payer its cause. No page has inline code; every path works without script.
//!
//! **Limits.** One means of payment: the card. Receipts are readable for
//! [`receipt::READABLE_MONTHS`] months. The waiting page asks every 2 s for 60 s.

pub mod authenticate;
pub mod case;
pub mod links;
pub mod pages;
pub mod receipt;
mod subject_page;
pub mod view;

pub use pages::{return_routes, routes};
pub use subject_page::SubjectPage;

#[cfg(test)]
pub(crate) mod tests;

/// The words of these pages.
pub const SLICE: web::Slice = web::Slice {
    name: "checkout",
    migrations: &[],
    messages: http::payer_words!("messages"),
    menu: &[],
};
