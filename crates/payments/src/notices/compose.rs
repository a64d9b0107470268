//! The words of a mail. Pure: a payment, a merchant and a language in, subject and text out.

use http::Words;
use identity::merchants::Merchant;
use kernel::{Mode, Timestamp, card_text, format};
use web::mail::MAX_SUBJECT_CHARACTERS;

use super::model::Notice;
use crate::checkout::case::{Case, Letter as Refusal};
use crate::checkout::receipt::brand_name;
use crate::page_token;
use crate::payment::{Payment, Purpose};

/// What a mail is written from.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The payment as it stands.
    pub payment: &'a Payment,
    /// Who sells.
    pub merchant: &'a Merchant,
    /// When it happened, by the shop's clock.
    pub at: Timestamp,
    /// The payer's language.
    pub words: &'a Words,
}

/// A mail, ready to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// With the amount or the merchant, within the limit.
    pub subject: String,
    /// Paragraphs separated by empty lines.
    pub text: String,
    /// The one link.
    pub link: Option<String>,
}

/// Writes a mail; `app` is the address of this house.
#[must_use]
pub fn compose(notice: Notice, letter: &Letter<'_>, app: &str) -> Composed {
    let link = link(notice, letter.payment, app);
    let mut paragraphs = vec![letter.hello(), letter.news(notice)];
    paragraphs.extend(letter.certainty(notice));
    paragraphs.push(letter.facts(notice));
    paragraphs.extend(letter.follows(notice, link.as_deref()));
    paragraphs.push(letter.contact());
    paragraphs.push(letter.merchant.name.clone());
    if letter.payment.mode == Mode::Test {
        paragraphs.push(letter.words.say("notices-test"));
    }
    Composed {
        subject: letter.subject(notice),
        text: card_text::mask(&paragraphs.join("\n\n")),
        link,
    }
}

fn link(notice: Notice, payment: &Payment, app: &str) -> Option<String> {
    match notice {
        Notice::Receipt { .. } | Notice::Accepted | Notice::Refund { .. } => {
            Some(page_token::receipt_url(app, payment))
        }
        Notice::Checking | Notice::CancelledLate { .. } => Some(page_token::page_url(app, payment)),
        Notice::Refused => payment.may_attempt().then(|| page_token::page_url(app, payment)),
    }
}

impl Letter<'_> {
    fn subject(&self, notice: Notice) -> String {
        let key = match notice {
            Notice::Receipt { .. } => "notices-receipt-subject",
            Notice::Checking => "notices-checking-subject",
            Notice::Accepted => "notices-accepted-subject",
            Notice::Refused => "notices-refused-subject",
            Notice::CancelledLate { .. } => "notices-cancelled-subject",
            Notice::Refund { .. } => "notices-refund-subject",
        };
        let with = |merchant: &str| self.say(key, notice, merchant);
        let name = &self.merchant.name;
        let over = characters(&with(name)).saturating_sub(MAX_SUBJECT_CHARACTERS);
        if over == 0 {
            return with(name);
        }
        let kept = characters(name).saturating_sub(over.saturating_add(1));
        let short: String = name.chars().take(kept).collect();
        with(&format!("{}…", short.trim_end()))
    }

    fn hello(&self) -> String {
        let payer = &self.payment.payer;
        let name = format!("{} {}", payer.first_name, payer.last_name);
        match name.trim() {
            "" => self.words.say("notices-hello-unnamed"),
            name => self.words.with("notices-hello", &[("name", name)]),
        }
    }

    /// What happened, in the sentence of the page that says the same.
    fn news(&self, notice: Notice) -> String {
        let refusal;
        let key = match notice {
            Notice::Receipt { .. } if self.payment.purpose == Purpose::Deposit => {
                "checkout-receipt-deposit"
            }
            Notice::Receipt { .. } => "checkout-receipt-paid",
            Notice::Checking => "checkout-text-c",
            Notice::Accepted => "checkout-receipt-authorised",
            Notice::Refused => {
                refusal = self.refusal().text_key();
                &refusal
            }
            Notice::CancelledLate { .. } => "checkout-place-gone-text",
            Notice::Refund { .. } => "notices-refund-text",
        };
        self.say(key, notice, &self.merchant.name)
    }

    /// The page of the refusal: its letter chooses the sentence.
    fn refusal(&self) -> Case {
        Case::Refused(Refusal::of(self.payment.decline.as_ref()))
    }

    /// "Nothing was debited", where the sentence above does not say so itself.
    fn certainty(&self, notice: Notice) -> Option<String> {
        let adds = notice == Notice::Refused && self.refusal().adds_nothing_debited();
        adds.then(|| self.words.say("checkout-nothing-debited"))
    }

    /// One line each: amount, reference, day, card.
    fn facts(&self, notice: Notice) -> String {
        let payment = self.payment;
        let zone = &self.merchant.zone;
        let when = format::date_time(self.at, zone, self.words.locale());
        let mut lines = vec![
            self.say("notices-amount", notice, &self.merchant.name),
            self.words.with("notices-reference", &[("reference", &payment.order_ref)]),
            self.words.with("notices-date", &[("when", &when)]),
        ];
        if let Some(card) = &payment.card {
            let values = [("brand", &*brand_name(card.network())), ("last4", card.last4.as_str())];
            lines.push(self.words.with("checkout-card", &values));
        }
        lines.join("\n")
    }

    /// What comes next, and what the link is for.
    fn follows(&self, notice: Notice, link: Option<&str>) -> Option<String> {
        let key = match notice {
            Notice::Receipt { .. } => "notices-receipt-follows",
            Notice::Checking => "notices-checking-follows",
            Notice::Accepted => "notices-accepted-follows",
            Notice::Refund { .. } => "checkout-next-refund",
            Notice::Refused if link.is_some() => "notices-refused-follows",
            Notice::Refused | Notice::CancelledLate { .. } => return None,
        };
        Some(self.words.say(key))
    }

    fn contact(&self) -> String {
        let (phone, email) = (self.merchant.phone.trim(), self.merchant.email.as_str());
        let key = if phone.is_empty() { "notices-contact-email" } else { "notices-contact" };
        self.words.with(key, &[("phone", phone), ("email", email)])
    }

    /// A message with the amount of the notice and the merchant's name.
    fn say(&self, key: &str, notice: Notice, merchant: &str) -> String {
        let minor = match notice {
            Notice::Receipt { amount }
            | Notice::CancelledLate { amount }
            | Notice::Refund { amount } => amount,
            Notice::Checking | Notice::Accepted | Notice::Refused => self.payment.amount.minor(),
        };
        let amount = format::money(self.payment.money(minor), self.words.locale());
        self.words.with(key, &[("amount", &amount), ("merchant", merchant)])
    }
}

fn characters(text: &str) -> usize {
    text.chars().count()
}
