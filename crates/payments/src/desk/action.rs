//! The page before an action: what it does to whose money, and one button.
//!
//! A large amount is typed once more. The form carries what the person saw, the version and the
//! refundable amount, so that nothing is sent on the strength of an old page.

use std::collections::BTreeMap;

use askama::Template;
use connectors::capabilities::VoidSupport;
use http::{Page, Words};
use kernel::{Money, format};
use web::Form;
use web::forms::{Choice, TYPED_FROM_MINOR};
use web::shell::Shell;

use super::{offers, record, words};
use crate::engine::desk::{MAX_REASON_CHARACTERS, What};
use crate::payment::Payment;
use crate::payment::rules::{self, Action};

/// Field of a form whose button asks for an agreement.
const AGREEMENT: &str = "accord";
const AGREEMENT_ASKED: &str = "oui";

/// The page of an action that is possible now.
#[derive(Template)]
#[template(path = "desk-action.html")]
pub struct ActionPage {
    /// Title, band, languages.
    pub page: Page,
    /// Menu and person.
    pub shell: Shell,
    /// What was typed and what was wrong with it.
    pub form: Form,
    /// Where the form is posted.
    pub action: String,
    /// The payment's page.
    pub back: String,
    /// What will happen, one sentence each.
    pub consequences: Vec<String>,
    /// Label and value: the payment, the card, the amounts.
    pub facts: Vec<(String, String)>,
    /// Whether an amount is asked for.
    pub asks_amount: bool,
    /// How the money was given back, when that is written down.
    pub means: Vec<Choice>,
    /// Hint of the amount.
    pub amount_hint: String,
    /// The address that fills in all that is left; empty when it is filled in.
    pub all: String,
    /// Words of that address.
    pub all_words: String,
    /// Whether the amount is typed once more.
    pub asks_again: bool,
    /// Hint of the second typing.
    pub again_hint: String,
    /// Words of the button.
    pub button: String,
    /// Hidden fields.
    pub hidden: Vec<(&'static str, String)>,
}

/// What the page is made from.
#[derive(Debug, Clone)]
pub struct Intent<'a> {
    /// What is to be done.
    pub action: Action,
    /// The payment as it stands.
    pub payment: &'a Payment,
    /// A new one-time token.
    pub token: String,
    /// What was typed, and its faults.
    pub form: Form,
    /// The most this person may move in one operation.
    pub ceiling: Option<Money>,
}

impl ActionPage {
    /// The page of an intent.
    #[must_use]
    pub fn of(page: Page, shell: Shell, intent: Intent<'_>) -> Self {
        let words = std::sync::Arc::clone(&page.words);
        let Intent { action, payment, token, form, ceiling } = intent;
        let asks_amount = !rules::is_whole(payment, action);
        let whole = most(payment, action);
        let above = !asks_amount && is_above(whole, ceiling);
        let agreed_first = above || form.is(AGREEMENT, AGREEMENT_ASKED);
        let most = if agreed_first { whole } else { within(whole, ceiling) };
        let filled = !form.value("amount").is_empty();
        let large = most.minor() >= TYPED_FROM_MINOR;
        let asks_again = large && !agreed_first && (!asks_amount || prefilled(&form));
        let written = words::money(&words, most);
        let path = offers::path(payment, action);
        let all_amount = words::typed(words.locale(), most);
        let page = form.mark(page);
        Self {
            action: path.clone(),
            back: format!("/caisse/{}", payment.id),
            consequences: match agreed_first {
                true => vec![words.say("approval-ask-what")],
                false => consequences(&words, (payment, action), ceiling),
            },
            facts: facts(&words, payment, action),
            asks_amount,
            means: match action {
                Action::Record => record::choices(&words, &form),
                _ => Vec::new(),
            },
            amount_hint: words.with("desk-amount-hint", &[("most", &written)]),
            all: if filled { String::new() } else { format!("{path}?montant={all_amount}") },
            all_words: words.with(all_key(action), &[("most", &written)]),
            asks_again,
            again_hint: words.with("desk-again-hint", &[("amount", &all_amount)]),
            button: words.say(match agreed_first {
                true => "approval-ask",
                false => words::action_key(action),
            }),
            hidden: hidden((payment, token), &form, agreed_first.then_some(AGREEMENT_ASKED)),
            page,
            shell,
            form,
        }
    }
}

const fn all_key(action: Action) -> &'static str {
    match action {
        Action::Capture => "desk-capture-all",
        _ => "desk-refund-all",
    }
}

/// What an action can move at most.
#[must_use]
pub fn most(payment: &Payment, action: Action) -> Money {
    let counters = &payment.counters;
    payment.money(match action {
        Action::Refund | Action::Record => counters.refundable(),
        Action::Capture | Action::Validate => counters.capturable(),
        Action::Cancel if counters.capturable() > 0 => counters.capturable(),
        Action::Cancel => 0,
    })
}

/// The same, as far as the person may go alone.
#[must_use]
pub fn within(most: Money, ceiling: Option<Money>) -> Money {
    ceiling.filter(|ceiling| ceiling.minor() < most.minor()).unwrap_or(most)
}

fn is_above(amount: Money, ceiling: Option<Money>) -> bool {
    ceiling.is_some_and(|ceiling| amount.minor() > ceiling.minor())
}

/// Whether the amount came with the address instead of the keyboard.
fn prefilled(form: &Form) -> bool {
    !form.value("prefilled").is_empty()
}

fn hidden(
    (payment, token): (&Payment, String),
    form: &Form,
    agreement: Option<&str>,
) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        (web::forms::TOKEN_FIELD, token),
        ("version", payment.version.to_string()),
        ("expected_refundable", payment.counters.refundable().to_string()),
    ];
    if prefilled(form) {
        fields.push(("prefilled", form.value("prefilled").to_owned()));
    }
    fields.extend(agreement.map(|asked| (AGREEMENT, asked.to_owned())));
    fields
}

fn consequences(
    words: &Words,
    (payment, action): (&Payment, Action),
    ceiling: Option<Money>,
) -> Vec<String> {
    let card = card(words, payment);
    let left = words::money(words, most(payment, action));
    let values = [("card", card.as_str()), ("amount", left.as_str())];
    let say = |key: &str| words.with(key, &values);
    match action {
        Action::Refund | Action::Record => {
            let above = ceiling.filter(|most| most.minor() < left_of(payment, action));
            let own = above.map(|most| above_ceiling(words, most));
            let told = match action {
                Action::Record => [say("desk-record-what"), say("desk-record-once")],
                _ => [say("desk-refund-what"), say("desk-refund-fee")],
            };
            told.into_iter().chain(own).collect()
        }
        Action::Capture => vec![say("desk-capture-what")],
        Action::Validate => vec![say("desk-validate-what")],
        Action::Cancel if payment.counters.capturable() > 0 => {
            vec![say("desk-cancel-void"), released(words, payment)]
        }
        Action::Cancel => vec![say("desk-cancel-open")],
    }
}

fn left_of(payment: &Payment, action: Action) -> i64 {
    most(payment, action).minor()
}

/// What a person reads who would move more than he may alone.
#[must_use]
pub fn above_ceiling(words: &Words, ceiling: Money) -> String {
    words.with("desk-above-ceiling", &[("most", &words::money(words, ceiling))])
}

/// Until when the payer's ceiling stays reduced if his bank does not hear of the release.
fn released(words: &Words, payment: &Payment) -> String {
    let zone = kernel::Zone::paris();
    match payment.capture_before {
        Some(before) => {
            let day = format::date(zone.date(before), words.locale());
            let key = match payment.caps.void {
                VoidSupport::Rest => "desk-cancel-ceiling",
                VoidSupport::None => "desk-cancel-lapses",
            };
            words.with(key, &[("day", &day)])
        }
        None => words.say("desk-cancel-no-ceiling"),
    }
}

fn card(words: &Words, payment: &Payment) -> String {
    payment.card.as_ref().map_or_else(
        || words.say("desk-no-card"),
        |card| format!("{} •••• {}", words::brand(card.network()), card.last4),
    )
}

fn facts(words: &Words, payment: &Payment, action: Action) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |key: &str, value: String| facts.push((words.say(key), value));
    add("desk-fact-reference", payment.order_ref.clone());
    let payer = &payment.payer;
    let name = format!("{} {}", payer.first_name, payer.last_name);
    if !name.trim().is_empty() {
        add("desk-fact-payer", name.trim().to_owned());
    }
    if payment.card.is_some() {
        add("desk-card", card(words, payment));
    }
    match action {
        Action::Refund | Action::Record => {
            add("desk-money-gross", words::money(words, payment.money(payment.counters.captured)));
            add("desk-money-refundable", words::money(words, most(payment, action)));
        }
        Action::Capture | Action::Validate => {
            add("desk-money-capturable", words::money(words, most(payment, action)));
        }
        Action::Cancel => add("desk-money-asked", words::money(words, payment.amount)),
    }
    facts
}

/// What a person sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The one-time token.
    pub token: String,
    /// The version he saw.
    pub version: Option<i64>,
    /// What is to be done.
    pub what: What,
    /// Why.
    pub reason: Option<String>,
    /// Whether it is to be done or asked for.
    pub way: Way,
}

/// What a submit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To do it.
    Do,
    /// To ask a person with a higher ceiling.
    Ask,
}

/// Reads a submit; on faults gives the form with its messages.
///
/// # Errors
/// The form to show again.
pub fn read(
    words: &Words,
    (payment, action): (&Payment, Action),
    ceiling: Option<Money>,
    fields: &BTreeMap<String, String>,
) -> Result<Sent, Form> {
    let mut form = Form::with_values(fields);
    let most = most(payment, action);
    let whole = rules::is_whole(payment, action);
    let amount = if whole { Some(most) } else { amount(words, &mut form, most) };
    let way = amount.map_or(Way::Do, |amount| way(words, &mut form, (amount, ceiling)));
    let typed_by_hand = !whole && !prefilled(&form) || way == Way::Ask;
    if let Some(amount) = amount.filter(|a| a.minor() >= TYPED_FROM_MINOR && !typed_by_hand) {
        typed_again(words, &mut form, amount);
    }
    let reason = fields.get("reason").map(|text| text.trim().to_owned()).unwrap_or_default();
    if kernel::card_text::holds_card_number(&reason) {
        form.fault("reason", words.say("desk-no-number-here"));
    }
    if reason.chars().count() > MAX_REASON_CHARACTERS {
        form.fault("reason", words.say("desk-reason-long"));
    }
    let elsewhere = match action {
        Action::Record => record::read(words, &mut form),
        _ => None,
    };
    let (Some(amount), true) = (amount, form.is_right()) else { return Err(form) };
    let expected = fields.get("expected_refundable").and_then(|text| text.parse().ok());
    let expected = payment.money(expected.unwrap_or(payment.counters.refundable()));
    Ok(Sent {
        token: fields.get(web::forms::TOKEN_FIELD).cloned().unwrap_or_default(),
        version: fields.get("version").and_then(|text| text.parse().ok()),
        what: match (action, elsewhere) {
            (Action::Record, Some(elsewhere)) => What::Record { amount, expected, elsewhere },
            (Action::Record, None) => return Err(form),
            (Action::Refund, _) => What::Refund { amount, expected },
            (Action::Capture, _) => What::Capture(Some(amount)),
            (Action::Cancel, _) => What::Cancel,
            (Action::Validate, _) => What::Validate,
        },
        reason: (!reason.is_empty()).then_some(reason),
        way,
    })
}

/// Above the ceiling the form comes back once, with a button that asks for an agreement; below
/// it, with the one that does it.
fn way(words: &Words, form: &mut Form, (amount, ceiling): (Money, Option<Money>)) -> Way {
    let asks = form.is(AGREEMENT, AGREEMENT_ASKED);
    let written = words::money(words, amount);
    match ceiling.filter(|_| is_above(amount, ceiling)) {
        Some(_) if asks => Way::Ask,
        Some(most) => {
            let values = [("amount", written.as_str()), ("most", &words::money(words, most))];
            form.set(AGREEMENT, AGREEMENT_ASKED);
            form.fault("amount", words.with("approval-needed", &values));
            Way::Ask
        }
        None if asks => {
            form.set(AGREEMENT, "");
            let values = [("amount", written.as_str())];
            form.fault("amount", words.with("approval-not-needed", &values));
            Way::Do
        }
        None => Way::Do,
    }
}

fn typed_again(words: &Words, form: &mut Form, amount: Money) {
    let again = format::parse_amount(form.value("again"), amount.currency());
    if again != Ok(amount) {
        let wanted = words::typed(words.locale(), amount);
        form.fault("again", words.with("desk-again-fault", &[("amount", &wanted)]));
    }
}

fn amount(words: &Words, form: &mut Form, most: Money) -> Option<Money> {
    let typed = form.value("amount").to_owned();
    let fault = match format::parse_amount(&typed, most.currency()) {
        Ok(amount) if amount.minor() > most.minor() => {
            words.with("desk-amount-most", &[("most", &words::money(words, most))])
        }
        Ok(amount) if amount.minor() > 0 => return Some(amount),
        Ok(_) => words.say("desk-amount-zero"),
        Err(format::AmountError::Ambiguous) => {
            words.with("desk-amount-ambiguous", &[("typed", &typed)])
        }
        Err(format::AmountError::TooManyDecimals) => words.say("desk-amount-decimals"),
        Err(format::AmountError::Format) => words.say("desk-amount-format"),
    };
    form.fault("amount", fault);
    None
}
