//! What a developer looks at: events as they happen, and how to install for real.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use http::page::Band;
use http::{Page, Refusal, Words};
use kernel::{Locale, Zone, format};

use super::{DemoState, state, store};
use crate::demo::data::programs;

/// Events shown.
const SHOWN: u32 = 40;

#[derive(Template)]
#[template(path = "events.html")]
struct EventsPage {
    page: Page,
    events: Vec<EventRow>,
}

struct EventRow {
    kind: String,
    object: String,
    body: String,
    at: String,
}

#[derive(Template)]
#[template(path = "install.html")]
struct InstallPage {
    page: Page,
}

fn frame(words: &std::sync::Arc<Words>, title: &str, path: &str) -> Page {
    Page::new(words.clone(), words.say(title), "Guichet")
        .band(Band::Demo)
        .languages(&[Locale::Fr, Locale::En], path)
}

/// `GET /demo/events`: what subscribers are told.
pub(super) async fn events(
    State(state): State<DemoState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let words = web::language::choose_staff(&state.ctx, &uri, &headers);
    let read = state.ctx.db.read(|tx| store::events(tx, SHOWN)).await;
    let told = read.map_err(|error: db::DbError| state::failed(&error))?;
    let row = |told: store::Told| EventRow {
        at: format::date_time(told.at, &Zone::paris(), words.locale()),
        body: pretty(&told.body),
        kind: told.kind,
        object: told.object,
    };
    let events = told.into_iter().map(row).collect();
    Ok(http::html(&EventsPage { page: frame(&words, "demo-events-title", "/demo/events"), events }))
}

fn pretty(body: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(body).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_default()
}

/// `GET /demo/install`
pub(super) async fn install(
    State(state): State<DemoState>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let words = web::language::choose_staff(&state.ctx, &uri, &headers);
    http::html(&InstallPage { page: frame(&words, "demo-install-title", "/demo/install") })
}

/// `POST /demo/programmes/{answer}`: a program of the sample data that is told of an event. One
/// of them is out of order.
pub(super) async fn hear(Path(answer): Path<String>) -> StatusCode {
    match answer.as_str() {
        programs::HEARS => StatusCode::NO_CONTENT,
        programs::FAILS => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::NOT_FOUND,
    }
}
