//! The form of what the account of a test shop declares.

use connectors::Settings;
use connectors::capabilities::{CaptureSupport, RefundSupport, VoidSupport};
use connectors::sandbox::terms::{CAPTURE, MAX_MINIMUM_UNITS, MINIMUM, REFUND, VOID};
use http::Words;
use web::Form;
use web::forms::Choice;
use web::forms::conflict::{self, Difference};
use web::forms::fields::{Field, Input};

use super::{capture_key, refund_key, void_key};

/// A choice among words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// Name of the field.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// What may be chosen.
    pub options: Vec<Choice>,
}

/// The choices of the form, as they stand in it.
#[must_use]
pub fn selects(words: &Words, form: &Form) -> Vec<Select> {
    let select = |name: &'static str, label: &str, options: Vec<(&'static str, &str)>| Select {
        name,
        label: words.say(label),
        options: options
            .into_iter()
            .map(|(word, key)| form.choice(name, word, words.say(key)))
            .collect(),
    };
    let captures = CaptureSupport::ALL.iter().map(|one| (one.as_str(), capture_key(*one)));
    let voids = VoidSupport::ALL.iter().map(|one| (one.as_str(), void_key(*one)));
    let refunds = RefundSupport::ALL.iter().map(|one| (one.as_str(), refund_key(*one)));
    vec![
        select(CAPTURE, "means-capture", captures.collect()),
        select(VOID, "means-void", voids.collect()),
        select(REFUND, "means-refund", refunds.collect()),
    ]
}

/// The form of an account as it stands.
#[must_use]
pub fn values(settings: &Settings) -> Form {
    let caps = crate::account::capabilities(settings);
    let mut form = Form::default();
    form.set(CAPTURE, caps.capture.as_str());
    form.set(VOID, caps.void.as_str());
    form.set(REFUND, caps.refund.as_str());
    form.set(MINIMUM, caps.money.minimum_units.to_string());
    form
}

/// Reads what was sent; faults stand in the form.
#[must_use]
pub fn read(words: &Words, form: &mut Form) -> Settings {
    let known = [
        (CAPTURE, CaptureSupport::parse(form.value(CAPTURE)).is_some()),
        (VOID, VoidSupport::parse(form.value(VOID)).is_some()),
        (REFUND, RefundSupport::parse(form.value(REFUND)).is_some()),
    ];
    for (name, _) in known.iter().filter(|(_, known)| !known) {
        form.fault(name, words.say("means-choose"));
    }
    let minimum = form.value(MINIMUM).trim().parse::<i64>();
    if !minimum.is_ok_and(|units| (1..=MAX_MINIMUM_UNITS).contains(&units)) {
        form.fault(MINIMUM, words.say("means-minimum-fault"));
    }
    let names = [CAPTURE, VOID, REFUND, MINIMUM];
    Settings::new(names.map(|name| (name, form.value(name).trim().to_owned())))
}

/// In what the typed form and the stored account differ, in words.
#[must_use]
pub fn differences(words: &Words, typed: &Form, saved: &Settings) -> Vec<Difference> {
    let saved = values(saved);
    let told = |form: &Form| {
        let mut told = Form::default();
        for select in selects(words, form) {
            let chosen = select.options.into_iter().find(|choice| choice.chosen);
            told.set(select.name, chosen.map(|choice| choice.label).unwrap_or_default());
        }
        told.set(MINIMUM, form.value(MINIMUM));
        told
    };
    let typed = told(typed);
    let labels = [
        (CAPTURE, "means-capture"),
        (VOID, "means-void"),
        (REFUND, "means-refund"),
        (MINIMUM, "means-minimum-units"),
    ];
    let fields = labels.map(|(name, key)| Field::of(&typed, name, (words.say(key), Input::Line)));
    conflict::differences(&fields, &told(&saved))
}
