//! What each kind of task is about, and who may see it.

use http::Words;
use kernel::{Right, Scope, Zone, format};
use web::tasks::{self, Task};

use crate::users::model::Powers;

/// A kind of task.
struct Kind {
    name: &'static str,
    /// The page of the object, up to its id; empty when it has none.
    page: &'static str,
    /// Nothing where a task names the person it is for.
    right: Option<Right>,
}

const KINDS: &[Kind] = &[
    Kind { name: tasks::PAYMENT_UNKNOWN, page: "/caisse/", right: Some(Right::PaymentsRead) },
    Kind { name: tasks::REFUND_DONE_LATE, page: "/caisse/", right: Some(Right::PaymentsRead) },
    Kind { name: tasks::CARD_HELD, page: "/cartes/", right: Some(Right::CardView) },
    Kind { name: tasks::CARD_REFUSED, page: "/cartes/", right: Some(Right::CardView) },
    Kind { name: tasks::CARD_LOSING, page: "/cartes/", right: Some(Right::CardView) },
    Kind { name: tasks::CODES_ENDING, page: SETTINGS, right: Some(Right::SettingsManage) },
    Kind { name: tasks::CARD_NOT_CHARGED, page: "/cartes/", right: Some(Right::CardView) },
    Kind { name: tasks::PAID_TOO_LATE, page: "/caisse/", right: Some(Right::PaymentsRead) },
    Kind { name: tasks::REFUND_ELSEWHERE, page: "/caisse/", right: Some(Right::PaymentsRead) },
    Kind {
        name: tasks::CHARGEBACK_OPENED,
        page: "/caisse/impayes/",
        right: Some(Right::ChargebackManage),
    },
    Kind { name: tasks::JOB_FAILED, page: "", right: Some(Right::SettingsManage) },
    Kind { name: tasks::RUN_DONE, page: "/traitements/", right: None },
    Kind { name: tasks::RUN_FAILED, page: "/traitements/", right: None },
    Kind { name: tasks::ERRAND_DONE, page: "/traitements/", right: None },
    Kind { name: tasks::ERRAND_FAILED, page: "/traitements/", right: None },
    Kind { name: tasks::APPROVAL_ASKED, page: REQUESTS, right: Some(Right::PaymentsRefund) },
    Kind { name: tasks::APPROVAL_GRANTED, page: REQUESTS, right: None },
    Kind { name: tasks::APPROVAL_DECLINED, page: REQUESTS, right: None },
    Kind { name: tasks::APPROVAL_OVERTAKEN, page: REQUESTS, right: None },
    Kind { name: tasks::APPROVAL_EXPIRED, page: REQUESTS, right: None },
];

/// Pages of requests for an agreement; its answers are posted below it.
const REQUESTS: &str = "/demandes/";
/// The settings of cards, of whatever shop: the page reads no id.
const SETTINGS: &str = "/parametres/cartes#";

/// What a person may see of the tasks: the kinds, each with his ceiling in minor units.
#[derive(Debug, Clone)]
pub struct Sight(Vec<(&'static str, Option<i64>)>);

impl Sight {
    /// Of a person with these rights and ceilings.
    #[must_use]
    pub fn of(scope: &Scope, powers: &Powers) -> Self {
        let may = |kind: &&Kind| kind.right.is_none_or(|right| scope.may(right));
        let ceiling = |kind: &Kind| kind.right.and_then(|right| powers.ceiling(right));
        Self(KINDS.iter().filter(may).map(|kind| (kind.name, ceiling(kind))).collect())
    }

    /// The kinds with the ceiling of each.
    #[must_use]
    pub fn kinds(&self) -> &[(&'static str, Option<i64>)] {
        &self.0
    }

    /// Whether he sees a task.
    #[must_use]
    pub fn shows(&self, task: &Task) -> bool {
        let known = self.0.iter().find(|(kind, _)| *kind == task.kind);
        known.is_some_and(|(_, ceiling)| {
            ceiling.is_none_or(|most| task.amount.is_none_or(|amount| amount <= most))
        })
    }
}

/// Whether a task is ended by an answer of its own, and not by calling it done.
#[must_use]
pub fn is_question(task: &Task) -> bool {
    task.kind == tasks::APPROVAL_ASKED
}

/// A task as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What may be posted: the words of each button and its address, the likely one first.
    pub buttons: Vec<(String, String)>,
    /// What to do, in a sentence.
    pub what: String,
    /// What helps to understand it.
    pub note: String,
    /// The object's id.
    pub object: String,
    /// Its page; empty when it has none.
    pub href: String,
    /// Words of the way there.
    pub see: String,
    /// Since when, in the merchant's zone.
    pub since: String,
    /// When it was ended; empty while open.
    pub done_at: String,
    /// By whom.
    pub done_by: String,
}

impl Shown {
    /// A task in words; `name` turns who ended it into a name.
    #[must_use]
    pub fn of(task: &Task, (words, zone): (&Words, &Zone), name: impl Fn(&str) -> String) -> Self {
        let kind = KINDS.iter().find(|kind| kind.name == task.kind);
        let page = kind.map_or("", |kind| kind.page);
        let key = format!("task-{}", task.kind.replace(['.', '_'], "-"));
        let written = |at| format::date_time(at, zone, words.locale());
        let by = |who: &str| match who {
            "clock" => words.say("task-by-house"),
            other => name(other),
        };
        Self {
            buttons: buttons(words, task),
            what: if words.has(&key) { words.say(&key) } else { task.kind.clone() },
            note: task.note.clone(),
            object: task.object.clone(),
            see: see(page).map(|key| words.say(key)).unwrap_or_default(),
            href: if page.is_empty() { String::new() } else { format!("{page}{}", task.object) },
            since: written(task.since),
            done_at: task.done_at.map(written).unwrap_or_default(),
            done_by: task.done_by.as_deref().map(by).unwrap_or_default(),
        }
    }
}

/// Key of the words that lead to a page.
fn see(page: &str) -> Option<&'static str> {
    Some(match page {
        "/caisse/" => "task-see-payment",
        "/caisse/impayes/" => "task-see-case",
        "/cartes/" => "task-see-card",
        "/traitements/" => "task-see-run",
        REQUESTS => "task-see-request",
        SETTINGS => "task-see-settings",
        _ => return None,
    })
}

fn buttons(words: &Words, task: &Task) -> Vec<(String, String)> {
    if is_question(task) {
        let answer =
            |key: &str, verb: &str| (words.say(key), format!("{REQUESTS}{}/{verb}", task.object));
        return vec![answer("task-grant", "accorder"), answer("task-decline", "refuser")];
    }
    vec![(words.say("task-do"), format!("/taches/{}/fait", task.id.text()))]
}
