//! `/journal`: the lines of the merchant, latest first.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{Page, Words};
use kernel::{AuditId, Locale, Zone, format};
use web::Context;
use web::shell::Shell;

use super::model::Entry;
use super::store::{self, PAGE_LINES};
use crate::extract::api::internal;
use crate::extract::pages::{encode, role_label};
use crate::extract::{Staff, needs};

/// Most characters of an object's id in a query.
const MAX_OBJECT_CHARACTERS: usize = 64;

/// `/journal`.
pub fn routes() -> Router<Context> {
    Router::new().route("/journal", get(journal))
}

#[derive(Template)]
#[template(path = "audit/templates/journal.html")]
struct JournalPage {
    page: Page,
    shell: Shell,
    object: String,
    lines: Vec<LineView>,
    older: Option<String>,
}

/// A line of the journal as shown, on `/journal` and on the page of its object.
#[derive(Debug, Clone)]
pub struct LineView {
    /// Date and time in the merchant's zone.
    pub at: String,
    /// The same for machines.
    pub instant: String,
    /// Who.
    pub who: String,
    /// His roles, in words.
    pub role: String,
    /// What was done, in words where there are some.
    pub what: String,
    /// To what.
    pub object: String,
    /// The page with the lines of the same object.
    pub href: String,
    /// Before and after, as stored.
    pub change: String,
    /// Address and device.
    pub from: String,
}

impl LineView {
    /// The view of an entry in a language.
    #[must_use]
    pub fn new(entry: &Entry, words: &Words, zone: &Zone) -> Self {
        let arrow = |value: &Option<String>| value.clone().unwrap_or_else(|| "—".into());
        let change = match (&entry.before, &entry.after) {
            (None, None) => String::new(),
            (before, after) => format!("{} → {}", arrow(before), arrow(after)),
        };
        let roles: Vec<String> = entry
            .role
            .split(',')
            .filter(|role| !role.is_empty())
            .map(|role| role_label(words, role))
            .collect();
        Self {
            at: format::date_time(entry.at, zone, words.locale()),
            instant: entry.at.to_string(),
            who: who(&entry.actor, words),
            role: roles.join(", "),
            what: what(&entry.action, words),
            object: entry.object.clone(),
            href: format!("/journal?objet={}", encode(&entry.object)),
            change,
            from: [entry.address.as_str(), entry.device.as_str()].join(" ").trim().to_owned(),
        }
    }
}

fn who(actor: &str, words: &Words) -> String {
    match actor {
        "payer" | "clock" => words.say(&format!("audit-{actor}")),
        other => other.to_owned(),
    }
}

/// `payment.refunded` in words, if a slice has the message `audit-payment-refunded`.
fn what(action: &str, words: &Words) -> String {
    let key = format!("audit-{}", action.replace(['.', '_'], "-"));
    if words.has(&key) { words.say(&key) } else { action.to_owned() }
}

async fn journal(
    staff: Staff<needs::AuditRead>,
    State(ctx): State<Context>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let older_than: Option<AuditId> = query.get("avant").and_then(|id| id.parse().ok());
    let object: String = query
        .get("objet")
        .map_or("", |text| text.trim())
        .chars()
        .take(MAX_OBJECT_CHARACTERS)
        .collect();
    let (scope, wanted) = (staff.scope.clone(), object.clone());
    let read = ctx.db.read(move |tx| {
        if wanted.is_empty() {
            store::page(tx, &scope, older_than)
        } else {
            store::lines_of(tx, &scope, &wanted)
        }
    });
    let entries = match read.await {
        Ok(entries) => entries,
        Err(error) => return internal(error).into_response(),
    };
    let full = i64::try_from(entries.len()).unwrap_or(i64::MAX) >= PAGE_LINES;
    let last = entries.last().filter(|_| full && object.is_empty());
    let lang = if staff.words.locale() == Locale::Fr { "" } else { "&lang=en" };
    let zone = &staff.merchant.zone;
    let page = JournalPage {
        page: staff.page(&ctx, staff.words.say("audit-title")),
        shell: staff.shell.clone(),
        object,
        older: last.map(|entry| format!("/journal?avant={}{lang}", entry.id)),
        lines: entries.iter().map(|entry| LineView::new(entry, &staff.words, zone)).collect(),
    };
    http::html(&page)
}
