//! The receipt: what was bought, how it was paid, what follows, whom to ask.

use askama::Template;
use http::Page;
use kernel::Timestamp;

use super::view::{self, Contact, LineView, Stage, Summary, Visit};
use crate::payment::{Kind, OpState, Payment, Purpose};

/// How long a receipt is readable, in months of 31 days.
pub const READABLE_MONTHS: i64 = 15;
const DAYS_PER_MONTH: i64 = 31;
const SECONDS_PER_DAY: i64 = 86_400;

/// Whether the receipt of a payment made at `created` is still shown.
#[must_use]
pub fn is_readable(created: Timestamp, now: Timestamp) -> bool {
    created.plus_seconds(READABLE_MONTHS * DAYS_PER_MONTH * SECONDS_PER_DAY) > now
}

/// The receipt as a page; it prints as it is.
#[derive(Template)]
#[template(path = "checkout-receipt.html")]
pub struct ReceiptPage {
    /// Title, brand, band, languages.
    pub page: Page,
    /// Colour of the head.
    pub tone: &'static str,
    /// The large icon.
    pub icon: String,
    /// What the payer paid for, in a sentence.
    pub text: String,
    /// The sum, large.
    pub amount: String,
    /// Label and value: references, day, means.
    pub facts: Vec<(String, String)>,
    /// What was bought.
    pub summary: Summary,
    /// Label and amount of what was paid and given back.
    pub money: Vec<LineView>,
    /// What happens next.
    pub next: Vec<String>,
    /// The calendar file.
    pub calendar: Option<String>,
    /// The payer's own page of what he bought.
    pub mine: Option<String>,
    /// Back to the shop.
    pub back: Option<String>,
    /// Whom to ask.
    pub contact: Contact,
}

impl ReceiptPage {
    /// The receipt of a paid (or given back) payment.
    #[must_use]
    pub fn of(visit: &Visit) -> Self {
        let payment = &visit.payment;
        let words = &visit.words;
        let end = End::of(payment);
        let (title, tone, icon) = match end {
            End::GivenBack => ("checkout-refunded-title", "info", "refund"),
            End::Paid => ("checkout-paid-title", "ok", "check"),
        };
        Self {
            page: visit.page(words.say(title), &visit.links.receipt()),
            tone,
            icon: view::large(icon),
            text: text(visit, end),
            amount: visit.amount(payment.amount.minor()),
            facts: facts(visit),
            summary: Summary::of(visit, Stage::Over),
            money: money(visit),
            next: next(visit, end),
            calendar: visit.subject.calendar.as_ref().map(|_| visit.links.calendar()),
            mine: visit.subject.mine_url.clone().map(|path| visit.links.to(&path)),
            back: visit.back(),
            contact: Contact::of(&visit.merchant),
        }
    }
}

/// How the payment stands for the payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Paid,
    GivenBack,
}

impl End {
    fn of(payment: &Payment) -> Self {
        let counters = &payment.counters;
        let nothing_left = counters.captured > 0 && counters.refundable() == 0;
        if nothing_left { Self::GivenBack } else { Self::Paid }
    }
}

fn text(visit: &Visit, end: End) -> String {
    let key = match (end, visit.payment.counters.captured > 0, visit.payment.purpose) {
        (End::GivenBack, _, _) => "checkout-receipt-refunded",
        (End::Paid, false, _) => "checkout-receipt-authorised",
        (End::Paid, true, Purpose::Deposit) => "checkout-receipt-deposit",
        (End::Paid, true, _) => "checkout-receipt-paid",
    };
    let amount = visit.amount(visit.payment.amount.minor());
    let names = [("merchant", visit.merchant.name.as_str()), ("amount", amount.as_str())];
    visit.words.with(key, &names)
}

/// When the money was accepted; the last change when that is not known.
fn paid_at(visit: &Visit) -> Timestamp {
    let payment = &visit.payment;
    let accepted = |kind| payment.last(kind).filter(|o| o.state == OpState::Success);
    let operation = accepted(Kind::Capture).or_else(|| accepted(Kind::Authorise));
    operation.map_or(payment.updated_at, |operation| operation.at)
}

fn facts(visit: &Visit) -> Vec<(String, String)> {
    let payment = &visit.payment;
    let words = &visit.words;
    let mut facts = Vec::new();
    let mut add = |key: &str, value: String| facts.push((words.say(key), value));
    if let Some(number) = &visit.subject.number {
        add("checkout-fact-booking", number.clone());
    }
    add("checkout-fact-reference", payment.order_ref.clone());
    add("checkout-fact-date", view::moment(words, paid_at(visit), &visit.merchant.zone));
    if let Some(card) = &payment.card {
        let brand = brand_name(card.network());
        let names = [("brand", brand.as_str()), ("last4", card.last4.as_str())];
        add("checkout-fact-means", words.with("checkout-card", &names));
    }
    let number = payment.accepted_authorisation().and_then(|o| o.authorisation.clone());
    if let Some(number) = number {
        add("checkout-fact-authorisation", number);
    }
    facts
}

fn money(visit: &Visit) -> Vec<LineView> {
    let counters = &visit.payment.counters;
    let mut lines = Vec::new();
    let mut add = |key: &str, minor: i64| {
        if minor != 0 {
            lines.push(LineView { label: visit.words.say(key), amount: visit.amount(minor) });
        }
    };
    if counters.refunded > 0 || counters.refund_pending > 0 {
        add("checkout-money-paid", counters.captured);
        add("checkout-money-refunded", counters.refunded.saturating_neg());
        add("checkout-money-refund-pending", counters.refund_pending.saturating_neg());
        add("checkout-money-kept", counters.refundable());
    }
    lines
}

fn next(visit: &Visit, end: End) -> Vec<String> {
    let mut next = match end {
        End::Paid => visit.subject.next.clone(),
        End::GivenBack => vec![visit.words.say("checkout-next-refund")],
    };
    if let Some(email) = &visit.payment.payer.email {
        next.push(visit.words.with("checkout-next-mail", &[("email", email.as_str())]));
    }
    next
}

/// A brand as people write it.
#[must_use]
pub fn brand_name(word: &str) -> String {
    match word {
        "visa" => "Visa".into(),
        "mastercard" => "Mastercard".into(),
        "visa_electron" => "Visa Electron".into(),
        "maestro" => "Maestro".into(),
        other => other.replace('_', " ").to_uppercase(),
    }
}

/// Name of the calendar file.
#[must_use]
pub fn calendar_name(visit: &Visit) -> String {
    let name = visit.subject.number.as_deref().unwrap_or(&visit.payment.order_ref);
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
    let safe: String = name.chars().map(plain).collect();
    format!("{safe}.ics")
}
