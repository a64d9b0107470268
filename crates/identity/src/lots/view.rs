//! What the pages of a lot show.

use askama::Template;
use http::{Page, Words};
use kernel::{Money, format};
use web::Form;
use web::forms::TYPED_FROM_MINOR;
use web::list::view::{Chip, FormatChoice};
use web::shell::Shell;

use super::model::{About, Chosen, Label, Line, Outcome, Outlook};

/// A line of a page.
pub(super) struct LineView {
    href: String,
    label: Label,
    amount: String,
    chip: Option<Chip>,
    why: String,
}

/// The page before a lot: what would be done, and one button.
#[derive(Template)]
#[template(path = "lots/templates/lot-preview.html")]
pub(super) struct PreviewPage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    pub(super) form: Form,
    /// Where the form is posted.
    pub(super) action: &'static str,
    /// The list it was chosen from.
    pub(super) back: String,
    /// Label and value: how many, how much, how many left out.
    pub(super) facts: Vec<(String, String)>,
    /// Heading of the amounts.
    pub(super) amount: String,
    pub(super) going: Vec<LineView>,
    pub(super) left_out: Vec<LineView>,
    /// What will happen.
    pub(super) consequence: String,
    /// How the total is typed by hand; empty when it is not.
    pub(super) again_hint: String,
    pub(super) asks_reason: bool,
    pub(super) button: String,
    /// The button's class.
    pub(super) tone: &'static str,
    pub(super) hidden: Vec<(&'static str, String)>,
}

/// The page of results.
#[derive(Template)]
#[template(path = "lots/templates/lot-result.html")]
pub(super) struct ResultPage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    /// The list it was chosen from.
    pub(super) back: &'static str,
    /// The page of its run.
    pub(super) run: String,
    /// How many ended how.
    pub(super) facts: Vec<(String, String)>,
    /// Heading of the amounts.
    pub(super) amount: String,
    pub(super) lines: Vec<LineView>,
    /// Filter of its file.
    pub(super) filter: String,
    /// Forms of its file; none without the right to take it away.
    pub(super) formats: Vec<FormatChoice>,
}

/// The total that is typed by hand before anything is done, when it is large.
pub(super) fn typed_total(about: &About, outlook: &Outlook) -> Option<Money> {
    outlook.total().filter(|total| about.typed && total.minor() >= TYPED_FROM_MINOR)
}

/// Heading of the amounts.
pub(super) fn amount(words: &Words, about: &About) -> String {
    let own = format!("{}-amount", about.key);
    words.say(if words.has(&own) { &own } else { "lot-amount" })
}

/// How many, how much, how many left out.
pub(super) fn facts(words: &Words, outlook: &Outlook) -> Vec<(String, String)> {
    let count = |n: i64| format::count(n, words.locale());
    let left_out = i64::try_from(outlook.left_out().count()).unwrap_or(i64::MAX);
    let mut facts = vec![(words.say("lot-count"), count(outlook.count()))];
    if let Some(total) = outlook.total() {
        facts.push((words.say("lot-total"), format::money(total, words.locale())));
    }
    facts.push((words.say("lot-left-out-count"), count(left_out)));
    facts
}

/// A chosen thing as a line.
pub(super) fn chosen(words: &Words, about: &About, one: &Chosen) -> LineView {
    LineView {
        href: href(about, one.thing),
        label: one.label.clone(),
        amount: shown(words, one.amount),
        chip: None,
        why: one.why.clone().unwrap_or_default(),
    }
}

/// A line with what became of it.
pub(super) fn ended(words: &Words, about: &About, (line, end): &(Line, Outcome)) -> LineView {
    let (chip, why) = outcome(words, end);
    LineView {
        href: href(about, line.thing),
        label: line.label.clone(),
        amount: shown(words, line.amount),
        chip: Some(chip),
        why,
    }
}

fn href(about: &About, thing: kernel::Id) -> String {
    format!("{}/{}", about.things, about.id(thing))
}

fn shown(words: &Words, amount: Money) -> String {
    if amount.is_zero() { String::new() } else { format::money(amount, words.locale()) }
}

/// What became of a line, and why when it was not done: the reason says whose refusal it is.
pub(super) fn outcome(words: &Words, outcome: &Outcome) -> (Chip, String) {
    let chip = |key: &str, icon, tone| Chip { word: words.say(key), icon, tone };
    match outcome {
        Outcome::Waiting => (chip("lot-waiting", "clock", "neutral"), String::new()),
        Outcome::Done => (chip("lot-done", "check", "ok"), String::new()),
        Outcome::AtTheBank => (chip("lot-at-bank", "wait", "info"), String::new()),
        Outcome::Unknown => {
            (chip("lot-unknown", "question", "warn"), words.say("lot-unknown-what"))
        }
        Outcome::LeftOut(why) => (chip("lot-left-out", "minus", "neutral"), why.clone()),
        Outcome::Refused(why) => (chip("lot-refused", "ban", "bad"), why.clone()),
    }
}

/// Whether an outcome is of a kind.
type Is = fn(&Outcome) -> bool;

/// How many lines ended how, in the order in which it matters.
pub(super) fn tally(words: &Words, lines: &[(Line, Outcome)]) -> Vec<(String, String)> {
    let kinds: [(&str, Is); 5] = [
        ("lot-done", |o| *o == Outcome::Done),
        ("lot-refused", |o| matches!(o, Outcome::Refused(_))),
        ("lot-left-out", |o| matches!(o, Outcome::LeftOut(_))),
        ("lot-unknown", |o| matches!(o, Outcome::Unknown | Outcome::AtTheBank)),
        ("lot-waiting", |o| *o == Outcome::Waiting),
    ];
    let count = |is: Is| lines.iter().filter(|(_, outcome)| is(outcome)).count();
    let counted = kinds.into_iter().map(|(key, is)| (key, count(is))).filter(|(_, n)| *n > 0);
    counted.map(|(key, n)| (words.say(key), n.to_string())).collect()
}
