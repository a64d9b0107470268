//! What the pages of a lot show.

use askama::Template;
use http::{Page, Words};
use kernel::{Money, Scope};
use web::Form;
use web::list::view::{Bulk, FormatChoice};
use web::shell::Shell;

use super::model::{Chosen, Ended, Outcome, Outlook};
use crate::desk::action::TYPED_FROM_MINOR;
use crate::desk::offers::right_of;
use crate::desk::words::{self, Chip};
use crate::payment::rules::Action;

/// A line of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// The payment's page.
    pub href: String,
    /// The merchant's reference.
    pub reference: String,
    /// Name of the payer.
    pub payer: String,
    /// What moves; empty when nothing does.
    pub amount: String,
    /// What became of it, on the page of results.
    pub chip: Option<Chip>,
    /// Why it is left out, or was refused.
    pub why: String,
}

/// The page before a lot: what would be done, and one button.
#[derive(Template)]
#[template(path = "lots/templates/lot-preview.html")]
pub struct PreviewPage {
    /// Title, band, languages.
    pub page: Page,
    /// Menu and person.
    pub shell: Shell,
    /// What was typed and what was wrong with it.
    pub form: Form,
    /// Where the form is posted.
    pub action: String,
    /// The list it was chosen from.
    pub back: String,
    /// Label and value: how many, how much, how many left out.
    pub facts: Vec<(String, String)>,
    /// What is done.
    pub going: Vec<LineView>,
    /// What is left out.
    pub left_out: Vec<LineView>,
    /// What will happen.
    pub consequence: String,
    /// Whether the total is typed by hand.
    pub asks_again: bool,
    /// Hint of the typing.
    pub again_hint: String,
    /// Words of the button.
    pub button: String,
    /// Hidden fields.
    pub hidden: Vec<(&'static str, String)>,
}

/// The page of results.
#[derive(Template)]
#[template(path = "lots/templates/lot-result.html")]
pub struct ResultPage {
    /// Title, band, languages.
    pub page: Page,
    /// Menu and person.
    pub shell: Shell,
    /// The page of its run.
    pub run: String,
    /// How many ended how.
    pub facts: Vec<(String, String)>,
    /// Every line.
    pub lines: Vec<LineView>,
    /// Filter of its file.
    pub filter: String,
    /// Forms of its file; none without the right to take it away.
    pub formats: Vec<FormatChoice>,
}

/// The total that is typed by hand before anything is sent, when it is large.
#[must_use]
pub fn typed_total(outlook: &Outlook) -> Option<Money> {
    outlook.total().filter(|total| total.minor() >= TYPED_FROM_MINOR)
}

/// How many, how much, how many left out.
#[must_use]
pub fn facts(words: &Words, outlook: &Outlook) -> Vec<(String, String)> {
    let count = |items: usize| items.to_string();
    let mut facts = vec![(words.say("lot-count"), count(outlook.going().count()))];
    if let Some(total) = outlook.total() {
        facts.push((words.say("lot-total"), words::money(words, total)));
    }
    facts.push((words.say("lot-left-out-count"), count(outlook.left_out().count())));
    facts
}

/// A chosen payment as a line.
#[must_use]
pub fn line(words: &Words, chosen: &Chosen) -> LineView {
    let payment = &chosen.payment;
    let payer = &payment.payer;
    LineView {
        href: format!("/caisse/{}", payment.id),
        reference: payment.order_ref.clone(),
        payer: format!("{} {}", payer.first_name, payer.last_name).trim().to_owned(),
        amount: shown(words, chosen.amount),
        chip: None,
        why: chosen.why.map_or_else(String::new, |why| why_not(words, why)),
    }
}

/// A line with what became of it.
#[must_use]
pub fn ended(words: &Words, line: &Ended) -> LineView {
    let (chip, why) = outcome(words, &line.outcome);
    LineView {
        href: format!("/caisse/{}", line.payment),
        reference: line.order_ref.clone(),
        payer: line.name.clone(),
        amount: shown(words, line.amount),
        chip: Some(chip),
        why,
    }
}

fn shown(words: &Words, amount: Money) -> String {
    if amount.is_zero() { String::new() } else { words::money(words, amount) }
}

/// What became of a line, and why when it was not done.
#[must_use]
pub fn outcome(words: &Words, outcome: &Outcome) -> (Chip, String) {
    let chip = |key: &str, icon, tone| Chip { word: words.say(key), icon, tone };
    match outcome {
        Outcome::Waiting => (chip("lot-waiting", "clock", "neutral"), String::new()),
        Outcome::Done => (chip("lot-done", "check", "ok"), String::new()),
        Outcome::AtTheBank => (chip("lot-at-bank", "wait", "info"), String::new()),
        Outcome::Unknown => {
            (chip("lot-unknown", "question", "warn"), words.say("lot-unknown-what"))
        }
        Outcome::LeftOut(why) => (chip("lot-left-out", "minus", "neutral"), why_not(words, why)),
        Outcome::Refused(code, raw) => {
            (chip("lot-refused", "ban", "bad"), words::refusal(words, code, raw))
        }
    }
}

/// Whether an outcome is of a kind.
type Is = fn(&Outcome) -> bool;

/// How many lines ended how, in the order in which it matters.
#[must_use]
pub fn tally(words: &Words, lines: &[Ended]) -> Vec<(String, String)> {
    let kinds: [(&str, Is); 5] = [
        ("lot-done", |o| *o == Outcome::Done),
        ("lot-refused", |o| matches!(o, Outcome::Refused(..))),
        ("lot-left-out", |o| matches!(o, Outcome::LeftOut(_))),
        ("lot-unknown", |o| matches!(o, Outcome::Unknown | Outcome::AtTheBank)),
        ("lot-waiting", |o| *o == Outcome::Waiting),
    ];
    let count = |is: Is| lines.iter().filter(|line| is(&line.outcome)).count();
    let counted = kinds.into_iter().map(|(key, is)| (key, count(is))).filter(|(_, n)| *n > 0);
    counted.map(|(key, n)| (words.say(key), n.to_string())).collect()
}

/// A reason in words: those of the cash desk, or of lots.
fn why_not(words: &Words, why: &str) -> String {
    let word = words::dashed(why);
    let desk = format!("desk-why-{word}");
    if words.has(&desk) { words.say(&desk) } else { words.say(&format!("lot-why-{word}")) }
}

/// What the person may do to the rows he ticks.
#[must_use]
pub fn bulk(words: &Words, scope: &Scope) -> Vec<Bulk> {
    let actions = [
        (Action::Validate, "/caisse/lots/valider"),
        (Action::Capture, "/caisse/lots/encaisser"),
        (Action::Refund, "/caisse/lots/rembourser"),
        (Action::Cancel, "/caisse/lots/annuler"),
    ];
    let may = |(action, _): &(Action, &str)| scope.may(right_of(*action));
    let one = |(action, href)| Bulk { words: words.say(action_key(action)), href };
    actions.into_iter().filter(may).map(one).collect()
}

/// Key of the words of an action on several payments.
#[must_use]
pub const fn action_key(action: Action) -> &'static str {
    match action {
        Action::Capture => "lot-capture",
        Action::Refund => "lot-refund",
        Action::Cancel => "lot-cancel",
        Action::Validate => "lot-validate",
        Action::Record => crate::desk::words::action_key(action),
    }
}
