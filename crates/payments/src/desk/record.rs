//! The fields that say how money was given back without Guichet.

use http::Words;
use ledger::Tender;
use web::Form;
use web::forms::Choice;

use crate::payment::Elsewhere;
use crate::payment::elsewhere::{Unsound, is_reference};

/// The means by which money may have been given back.
#[must_use]
pub fn choices(words: &Words, form: &Form) -> Vec<Choice> {
    let one = |tender: Tender| form.choice("means", tender.as_str(), words.say(&means_key(tender)));
    Tender::ALL.map(one).to_vec()
}

/// Message key of a means.
#[must_use]
pub fn means_key(tender: Tender) -> String {
    format!("desk-means-{}", tender.as_str())
}

/// Reads the fields; faults stand in the form.
pub(super) fn read(words: &Words, form: &mut Form) -> Option<Elsewhere> {
    let means = Tender::parse(form.value("means"));
    if means.is_none() {
        form.fault("means", words.say("desk-means-missing"));
    }
    let reference = form.value("reference").trim().to_owned();
    if !is_reference(&reference) {
        form.fault("reference", words.say(fault_key(Unsound::Reference)));
    }
    let on = form.value("on").trim().parse().ok();
    if on.is_none() {
        form.fault("on", words.say(fault_key(Unsound::Day)));
    }
    Some(Elsewhere { means: means?, reference, on: on? })
}

/// Message key of a fault, and with [`field`] where it stands.
pub(super) const fn fault_key(fault: Unsound) -> &'static str {
    match fault {
        Unsound::Reference => "desk-record-reference-fault",
        Unsound::Day => "desk-record-day-fault",
    }
}

/// Name of the field that is at fault.
pub(super) const fn field(fault: Unsound) -> &'static str {
    match fault {
        Unsound::Reference => "reference",
        Unsound::Day => "on",
    }
}
