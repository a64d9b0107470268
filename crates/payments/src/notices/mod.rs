//! Mails to payers: what became of a payment, once per event.
//!
//! A mail is written by a subscriber of the outbox, in the transaction that marks the event as
//! handed over, so a crash at any moment leaves either both or none. It bears the id of its
//! event, so a second one for the same event cannot be stored.
//!
//! **What is told.** The receipt of the first capture; that a result without an answer is being
//! checked, and then what the bank answered; that money which came too late for its place goes
//! back; each refund. A refusal that the payer saw on the page is not told again by mail.
//!
//! **Words.** The payer's language and, where a page says the same thing, the sentence of that
//! page (messages `checkout-…`). Subject within [`web::mail::MAX_SUBJECT_CHARACTERS`]; one link
//! on the shop's domain; how a human is reached; of a card the brand and last four digits. The
//! cause of a refusal is never told.
//!
//! **Limits.** A payer without an address gets nothing. Text only; the queue adds the HTML part.

pub mod compose;
pub mod model;
pub mod ops;

use http::words::Messages;
use web::{Context, Subscriber};

/// Words of the slice.
pub const MESSAGES: &[Messages] = http::payer_words!("messages");

/// Kinds of events that may lead to a mail, by how they begin.
const PREFIXES: [&str; 2] = ["payment.", "refund.done"];

/// The subscribers that write mails to payers.
#[must_use]
pub fn subscribers(ctx: &Context) -> Vec<Subscriber> {
    let ctx = ctx.clone();
    Subscriber::each(&PREFIXES, move |tx, event| ops::take(tx, &ctx, event))
}

#[cfg(test)]
mod tests;
