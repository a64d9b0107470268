//! States, means and reasons in the words, shapes and colours of staff pages.

use http::Words;
use kernel::{Locale, Money, format};
use vault_wire::Brand;

use crate::payment::rules::{Action, Why};
use crate::payment::{Channel, Group, GuaranteeValue, OpState, Operation, Payment, Status};

pub use web::list::view::Chip;

/// The chip of a status.
#[must_use]
pub fn chip(words: &Words, status: Status) -> Chip {
    let (icon, tone) = match (status.group(), status) {
        (_, Status::Unknown) => ("question", "warn"),
        (_, Status::Disputed | Status::CaptureFailed) => ("alert", "bad"),
        (Group::Done, Status::Authorised) => ("clock", "info"),
        (Group::Done, _) => ("check", "ok"),
        (Group::ToDo, _) => ("alert", "warn"),
        (Group::InProgress, _) => ("wait", "info"),
        (Group::NotPaid, Status::Refused) => ("ban", "bad"),
        (Group::NotPaid, _) => ("minus", "neutral"),
        (Group::Returned, _) => ("refund", "neutral"),
    };
    Chip { word: words.say(&status_key(status)), icon, tone }
}

/// Message key of a status.
#[must_use]
pub fn status_key(status: Status) -> String {
    format!("desk-status-{}", dashed(status.as_str()))
}

/// Message key of a group.
#[must_use]
pub fn group_key(group: Group) -> String {
    format!("desk-group-{}", dashed(group.as_str()))
}

/// Where a sale was made, in words.
#[must_use]
pub fn channel(words: &Words, channel: Channel) -> String {
    words.say(&format!("desk-channel-{}", dashed(channel.as_str())))
}

/// Message key of who bears a fraud.
#[must_use]
pub fn guarantee_key(value: GuaranteeValue) -> String {
    format!("desk-guarantee-{}", value.as_str())
}

/// A result of strong authentication in words; one that has none, as it came.
#[must_use]
pub fn threeds(words: &Words, result: &str) -> String {
    let key = format!("desk-threeds-{}", dashed(&result.to_lowercase()));
    if words.has(&key) { words.say(&key) } else { result.to_owned() }
}

/// A word of the model as a part of a message key.
#[must_use]
pub fn dashed(word: &str) -> String {
    word.replace('_', "-")
}

/// A brand as people write it.
#[must_use]
pub fn brand(word: &str) -> String {
    Brand::parse(word).map_or_else(|| word.to_uppercase(), |brand| brand.name().to_owned())
}

/// An amount as the language writes it.
#[must_use]
pub fn money(words: &Words, amount: Money) -> String {
    format::money(amount, words.locale())
}

/// Digits of an amount for a form field: `20,00` or `20.00`.
#[must_use]
pub fn typed(locale: Locale, amount: Money) -> String {
    let decimals = usize::try_from(amount.currency().decimals()).unwrap_or(2);
    let digits = format!("{:0>width$}", amount.minor().unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
    match (decimals, locale) {
        (0, _) => whole.to_owned(),
        (_, Locale::En) => format!("{whole}.{fraction}"),
        _ => format!("{whole},{fraction}"),
    }
}

/// Message key of an action's button.
#[must_use]
pub const fn action_key(action: Action) -> &'static str {
    match action {
        Action::Capture => "desk-action-capture",
        Action::Refund => "desk-action-refund",
        Action::Record => "desk-action-record",
        Action::Cancel => "desk-action-cancel",
        Action::Validate => "desk-action-validate",
    }
}

/// Message key of a reason.
#[must_use]
pub fn why_key(why: Why) -> String {
    format!("desk-why-{}", dashed(why.as_str()))
}

/// What the merchant reads of a refusal: the meaning and the bank's own code.
#[must_use]
pub fn refusal(words: &Words, code: &str, raw: &str) -> String {
    let key = format!("decline-{}", dashed(code));
    let meaning = if words.has(&key) { words.say(&key) } else { words.say("desk-refused") };
    if raw.is_empty() {
        meaning
    } else {
        words.with("desk-refusal", &[("meaning", &meaning), ("code", raw)])
    }
}

/// The failure of the last attempt, unless a later one succeeded.
#[must_use]
pub fn failure(words: &Words, payment: &Payment) -> Option<String> {
    let shown = matches!(payment.status, Status::Refused | Status::ActionRequired);
    let decline = payment.decline.as_ref().filter(|_| shown)?;
    Some(refusal(words, &decline.code, &decline.raw))
}

/// The last refund that the bank refused, while the money was not given back since.
#[must_use]
pub fn refused_refund(payment: &Payment) -> Option<&Operation> {
    let last = payment.last(crate::payment::Kind::Refund)?;
    Some(last).filter(|o| o.state == OpState::Failed && !is_done_late(o))
}

/// Whether the bank gave money back that it had refused to give back.
#[must_use]
pub fn is_done_late(operation: &Operation) -> bool {
    operation.code.as_deref() == Some(crate::engine::learn::REFUND_DONE_LATE)
}
