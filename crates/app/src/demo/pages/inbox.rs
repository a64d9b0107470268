//! The inbox of the demo: every mail and text message, newest first.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use http::page::Band;
use http::{Page, Refusal};
use kernel::{Locale, Problem, Zone, format};
use serde_json::{Value, json};
use web::mail::{self, Sent};

use super::DemoState;

/// Messages shown.
const SHOWN: u32 = 200;

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    page: Page,
    messages: Vec<Row>,
}

struct Row {
    to: String,
    subject: String,
    text: String,
    link: Option<String>,
    at: String,
}

async fn messages(state: &DemoState) -> Result<Vec<Sent>, Refusal> {
    let read = state.ctx.db.read(|tx| mail::latest(tx, SHOWN)).await;
    read.map_err(|error| {
        tracing::error!(%error, "inbox");
        Refusal(Problem::internal())
    })
}

/// `GET /demo/inbox`
pub(super) async fn page(
    State(state): State<DemoState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let words = web::language::choose_staff(&state.ctx, &uri, &headers);
    let locale = words.locale();
    let zone = Zone::paris();
    let row = |sent: Sent| Row {
        to: sent.to,
        subject: sent.subject,
        text: sent.text,
        link: sent.link,
        at: format::date_time(sent.at, &zone, locale),
    };
    let page = Page::new(words.clone(), words.say("demo-inbox"), "Guichet")
        .band(Band::Demo)
        .languages(&[Locale::Fr, Locale::En], "/demo/inbox");
    let messages = messages(&state).await?.into_iter().map(row).collect();
    Ok(http::html(&InboxPage { page, messages }))
}

/// `GET /demo/inbox.json`
pub(super) async fn json(State(state): State<DemoState>) -> Result<Json<Value>, Refusal> {
    let row = |sent: Sent| {
        json!({
            "id": sent.id,
            "kind": sent.channel,
            "to": sent.to,
            "subject": sent.subject,
            "text": sent.text,
            "links": sent.link.into_iter().collect::<Vec<String>>(),
            "at": sent.at,
        })
    };
    Ok(Json(messages(&state).await?.into_iter().map(row).collect()))
}
