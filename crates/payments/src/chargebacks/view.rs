//! Cases in the words of the cash desk.

use http::Words;
use kernel::time::nights_between;
use kernel::{Date, Scope, format};
use web::list::view::Chip;

use super::list::PATH;
use super::model::{Chargeback, State};
use crate::desk::words::{brand, dashed, money};

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) href: String,
    pub(super) reference: String,
    pub(super) number: String,
    pub(super) opened: String,
    pub(super) amount: String,
    pub(super) chip: Chip,
    /// What is left of the time; empty once answered.
    pub(super) left: String,
}

/// A way to limit the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tab {
    pub(super) words: String,
    pub(super) href: String,
    pub(super) on: bool,
}

/// Where a case stands.
pub(super) fn chip(words: &Words, state: State) -> Chip {
    let (icon, tone) = match state {
        State::Opened => ("alert", "warn"),
        State::Submitted => ("wait", "info"),
        State::Won => ("check", "ok"),
        State::Accepted | State::Expired | State::Lost => ("cross", "bad"),
    };
    Chip { word: words.say(&format!("chargebacks-state-{}", state.as_str())), icon, tone }
}

/// Why it is contested, with the network's code.
pub(super) fn reason(words: &Words, case: &Chargeback) -> String {
    let family = words.say(&format!("chargebacks-family-{}", dashed(case.family.as_str())));
    if case.reason_code.is_empty() { family } else { format!("{family} ({})", case.reason_code) }
}

/// What is left of the time to answer.
pub(super) fn left(words: &Words, case: &Chargeback, today: Date) -> String {
    if case.state != State::Opened {
        return String::new();
    }
    words.count("chargebacks-left", nights_between(today, case.respond_by))
}

pub(super) fn row(words: &Words, case: &Chargeback, today: Date) -> Row {
    Row {
        href: format!("{PATH}/{}", case.id),
        reference: case.order_ref.clone(),
        number: case.number.clone(),
        opened: format::date(case.opened_on, words.locale()),
        amount: money(words, case.amount),
        chip: chip(words, case.state),
        left: left(words, case, today),
    }
}

/// All cases, or those of one state.
pub(super) fn tabs(words: &Words, chosen: Option<State>) -> Vec<Tab> {
    let all =
        Tab { words: words.say("chargebacks-all"), href: PATH.to_owned(), on: chosen.is_none() };
    let one = |state: &State| Tab {
        words: chip(words, *state).word,
        href: format!("{PATH}?etat={}", state.as_str()),
        on: chosen == Some(*state),
    };
    std::iter::once(all).chain(State::ALL.iter().map(one)).collect()
}

/// Label and value.
pub(super) fn facts(words: &Words, case: &Chargeback) -> Vec<(String, String)> {
    let day = |date: Date| format::date(date, words.locale());
    let mut facts = Vec::new();
    let mut add = |key: &str, value: String| facts.push((words.say(key), value));
    add("chargebacks-col-case", case.number.clone());
    add("chargebacks-col-network", brand(&case.network));
    add("chargebacks-col-reason", reason(words, case));
    add("chargebacks-col-fee", money(words, case.fee));
    add("chargebacks-col-opened", day(case.opened_on));
    add("chargebacks-col-respond", day(case.respond_by));
    if case.state == State::Opened {
        add("chargebacks-send-before", day(case.send_before()));
    }
    if let Some(proof) = &case.proof {
        add("chargebacks-sent-on", day(proof.sent_on));
        add("chargebacks-proof", proof.text.clone());
    }
    facts
}

/// What happened, in a sentence, and what follows.
pub(super) fn outcome(words: &Words, case: &Chargeback) -> String {
    let amount = money(words, case.amount);
    let by = format::date(case.respond_by, words.locale());
    let key = format!("chargebacks-outcome-{}", case.state.as_str());
    words.with(&key, &[("amount", &amount), ("by", &by)])
}

/// What had been given back before the bank took it again; empty without such a part.
pub(super) fn over(words: &Words, case: &Chargeback) -> String {
    let minor = case.over_disputed();
    if minor == 0 {
        return String::new();
    }
    let amount = kernel::Money::new(minor, case.amount.currency());
    words.with("chargebacks-over", &[("amount", &money(words, amount))])
}

/// The cases of a payment, for its page: a sentence and an address each.
pub(crate) fn notices(
    words: &Words,
    scope: &Scope,
    cases: &[Chargeback],
) -> Vec<(Chip, String, String)> {
    let may = scope.may(kernel::Right::ChargebackManage);
    let one = |case: &Chargeback| {
        let href = if may { format!("{PATH}/{}", case.id) } else { String::new() };
        (chip(words, case.state), outcome(words, case), href)
    };
    cases.iter().map(one).collect()
}
