//! What each kind of task is about, and who may see it.

use http::Words;
use kernel::{Right, Scope, Zone, format};
use web::tasks::{self, Task};

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
    Kind { name: tasks::PAID_TOO_LATE, page: "/caisse/", right: Some(Right::PaymentsRead) },
    Kind { name: tasks::REFUND_ELSEWHERE, page: "/caisse/", right: Some(Right::PaymentsRead) },
    Kind { name: tasks::JOB_FAILED, page: "", right: Some(Right::SettingsManage) },
    Kind { name: tasks::RUN_DONE, page: "/traitements/", right: None },
    Kind { name: tasks::RUN_FAILED, page: "/traitements/", right: None },
    Kind { name: tasks::ERRAND_DONE, page: "/traitements/", right: None },
    Kind { name: tasks::ERRAND_FAILED, page: "/traitements/", right: None },
];

/// The kinds a person may see.
#[must_use]
pub fn kinds(scope: &Scope) -> Vec<&'static str> {
    let may = |kind: &&Kind| kind.right.is_none_or(|right| scope.may(right));
    KINDS.iter().filter(may).map(|kind| kind.name).collect()
}

/// A task as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where "done" is posted.
    pub action: String,
    /// What to do, in a sentence.
    pub what: String,
    /// What helps to understand it.
    pub note: String,
    /// The object's id.
    pub object: String,
    /// Its page; empty when it has none.
    pub href: String,
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
            action: format!("/taches/{}/fait", task.id.text()),
            what: if words.has(&key) { words.say(&key) } else { task.kind.clone() },
            note: task.note.clone(),
            object: task.object.clone(),
            href: if page.is_empty() { String::new() } else { format!("{page}{}", task.object) },
            since: written(task.since),
            done_at: task.done_at.map(written).unwrap_or_default(),
            done_by: task.done_by.as_deref().map(by).unwrap_or_default(),
        }
    }
}
