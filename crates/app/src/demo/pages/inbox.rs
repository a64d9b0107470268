//! The inbox of the demo: every mail and text message, one thread per person, as a person reads
//! it and as it was sent.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use http::page::Band;
use http::{Page, Refusal};
use kernel::{Locale, Timestamp, Zone, format};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use web::mail::{self, Channel, Sent};

use super::{DemoState, state};

/// Messages shown.
const SHOWN: u32 = 200;

/// A message, wherever it was kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Message {
    id: String,
    kind: String,
    to: String,
    subject: String,
    text: String,
    link: Option<String>,
    at: Timestamp,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    page: Page,
    threads: Vec<Thread>,
}

/// All messages to one address or number.
struct Thread {
    to: String,
    icon: &'static str,
    kind: String,
    count: String,
    messages: Vec<Row>,
}

struct Row {
    subject: String,
    lines: Vec<String>,
    link: Option<String>,
    at: String,
    raw: String,
}

/// Newest first.
async fn messages(state: &DemoState) -> Result<Vec<Message>, Refusal> {
    let read = state.ctx.db.read(|tx| mail::latest(tx, SHOWN)).await;
    let sent = read.map_err(|error| state::failed(&error))?;
    Ok(sent.into_iter().map(Message::from).collect())
}

impl From<Sent> for Message {
    fn from(sent: Sent) -> Self {
        Self {
            id: sent.id.to_string(),
            kind: if sent.channel == Channel::Sms { "sms" } else { "mail" }.to_owned(),
            to: sent.to,
            subject: sent.subject,
            text: sent.text,
            link: sent.link,
            at: sent.at,
        }
    }
}

/// `GET /demo/inbox`
pub(super) async fn page(
    State(state): State<DemoState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let words = web::language::choose_staff(&state.ctx, &uri, &headers);
    let mut threads: Vec<Thread> = Vec::new();
    for message in messages(&state).await? {
        let row = row(&message, words.locale());
        match threads.iter_mut().find(|thread| thread.to == message.to) {
            Some(thread) => thread.messages.push(row),
            None => threads.push(Thread {
                icon: if message.kind == "sms" { "phone" } else { "mail" },
                kind: words.say(&format!("demo-inbox-{}", message.kind)),
                to: message.to,
                count: String::new(),
                messages: vec![row],
            }),
        }
    }
    for thread in &mut threads {
        let count = i64::try_from(thread.messages.len()).unwrap_or(i64::MAX);
        thread.count = words.count("demo-inbox-count", count);
    }
    let page = Page::new(words.clone(), words.say("demo-inbox"), "Guichet")
        .band(Band::Demo)
        .languages(&[Locale::Fr, Locale::En], "/demo/inbox");
    Ok(http::html(&InboxPage { page, threads }))
}

fn row(message: &Message, locale: Locale) -> Row {
    let raw = format!(
        "To: {}\nDate: {}\nSubject: {}\n\n{}{}",
        message.to,
        message.at,
        message.subject,
        message.text,
        message.link.as_ref().map(|link| format!("\n\n{link}")).unwrap_or_default(),
    );
    Row {
        subject: message.subject.clone(),
        lines: message.text.lines().map(str::to_owned).collect(),
        link: message.link.clone(),
        at: format::date_time(message.at, &Zone::paris(), locale),
        raw,
    }
}

/// `GET /demo/inbox.json`
pub(super) async fn json(State(state): State<DemoState>) -> Result<Json<Value>, Refusal> {
    let row = |message: Message| {
        json!({
            "id": message.id,
            "kind": message.kind,
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "links": message.link.into_iter().collect::<Vec<String>>(),
            "at": message.at,
        })
    };
    Ok(Json(messages(&state).await?.into_iter().map(row).collect()))
}
