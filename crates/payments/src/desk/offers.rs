//! What may be done with a payment at the cash desk: a button each, or why not now.
//!
//! What the contract of the account does not know has no button at all.

use http::Words;
use kernel::{Right, Scope, Timestamp};

use super::detail::Sheet;
use super::words;
use crate::engine::is_window_over;
use crate::payment::rules::{self, Action, Why};
use crate::payment::{Payment, Validation};

/// Something that may be done, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionView {
    /// The button's words.
    pub words: String,
    /// Its page.
    pub href: String,
    /// Why not now; empty when it is possible.
    pub reason: String,
    /// Whether it is the one most likely meant.
    pub primary: bool,
}

/// The right an action needs.
#[must_use]
pub const fn right_of(action: Action) -> Right {
    match action {
        Action::Capture => Right::PaymentsCapture,
        Action::Refund | Action::Record => Right::PaymentsRefund,
        Action::Cancel => Right::PaymentsCancel,
        Action::Validate => Right::PaymentsValidate,
    }
}

/// An action in addresses.
#[must_use]
pub const fn word(action: Action) -> &'static str {
    match action {
        Action::Capture => "encaisser",
        Action::Refund => "rembourser",
        Action::Record => "enregistrer",
        Action::Cancel => "annuler",
        Action::Validate => "valider",
    }
}

/// The page of an action.
#[must_use]
pub fn path(payment: &Payment, action: Action) -> String {
    format!("/caisse/{}/{}", payment.id, word(action))
}

/// The actions that the contract knows; one that is not possible says why.
pub(super) fn all(words: &Words, sheet: &Sheet, scope: &Scope) -> Vec<ActionView> {
    let payment = &sheet.payment;
    let mut primary = true;
    let one = |action: &Action| {
        let reason = reason(words, sheet, (scope, *action));
        let first = reason.is_empty() && std::mem::take(&mut primary);
        ActionView {
            words: words.say(words::action_key(*action)),
            href: path(payment, *action),
            reason,
            primary: first && *action != Action::Cancel,
        }
    };
    let order = [Action::Validate, Action::Capture, Action::Refund, Action::Record, Action::Cancel];
    order.iter().filter(|action| is_shown(payment, **action, sheet.now)).map(one).collect()
}

fn is_shown(payment: &Payment, action: Action, now: Timestamp) -> bool {
    match action {
        Action::Validate => payment.capture.validation == Validation::Pending,
        Action::Record => is_elsewhere(payment, now),
        action => rules::is_offered(payment, action),
    }
}

/// Whether money can only, or better, be given back without Guichet.
fn is_elsewhere(payment: &Payment, now: Timestamp) -> bool {
    let by_contract = rules::check(payment, Action::Refund).is_err_and(Why::is_of_contract);
    let refused = words::refused_refund(payment).is_some();
    let left = payment.counters.refundable() > 0;
    !rules::is_offered(payment, Action::Refund)
        || left && (by_contract || refused || is_window_over(payment, now))
}

/// Why an action is not possible now; empty when it is.
fn reason(words: &Words, sheet: &Sheet, (scope, action): (&Scope, Action)) -> String {
    let payment = &sheet.payment;
    let right = right_of(action);
    match rules::check(payment, action) {
        _ if sheet.waiting.is_some() => words.say("desk-why-waiting"),
        Err(why) => words.say(&words::why_key(why)),
        Ok(()) if !scope.may(right) => {
            words.with("desk-right-missing", &[("right", right.as_str())])
        }
        Ok(()) if action == Action::Refund && is_window_over(payment, sheet.now) => {
            words.say("desk-window-over")
        }
        Ok(()) => String::new(),
    }
}
