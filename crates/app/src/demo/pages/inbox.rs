//! The inbox of the demo: every mail and text message, one thread per person, as a person reads
//! it and as it was sent.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use db::{DbError, Tx};
use http::page::Band;
use http::{Page, Refusal, Words};
use kernel::{Locale, Timestamp, Zone, format};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use web::mail::{self, Channel, Sent};

use super::{DemoState, state, store};

/// Messages on the page.
const SHOWN: u32 = 200;
/// Programs get all of them.
const ALL: u32 = u32::MAX;

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
    /// What is said when there are more than the page shows.
    newest: Option<String>,
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

/// So many at most, newest first, and how many there are.
async fn messages(state: &DemoState, most: u32) -> Result<(Vec<Message>, i64), Refusal> {
    let read = move |tx: &mut Tx<'_>| {
        Ok::<(Vec<Sent>, i64), DbError>((mail::latest(tx, most)?, store::messages(tx)?))
    };
    let read = state.ctx.db.read(read).await;
    let (sent, total) = read.map_err(|error| state::failed(&error))?;
    Ok((sent.into_iter().map(Message::from).collect(), total))
}

/// Says how many of all messages are shown, when that is not all of them.
fn newest(words: &Words, shown: usize, total: i64) -> Option<String> {
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    let number = |value| format::count(value, words.locale());
    let (all, some) = (number(total), number(shown));
    let say = || words.with("demo-inbox-newest", &[("shown", &some), ("total", &all)]);
    (shown < total).then(say)
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
    let (messages, total) = messages(&state, SHOWN).await?;
    let newest = newest(&words, messages.len(), total);
    for message in messages {
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
    Ok(http::html(&InboxPage { page, newest, threads }))
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

/// `GET /demo/inbox.json`: every message, newest first.
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
    let (messages, _) = messages(&state, ALL).await?;
    Ok(Json(messages.into_iter().map(row).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_99_the_page_says_that_there_are_more_messages_than_it_shows() {
        let catalogue = http::Catalogue::new(&crate::slices::messages()).unwrap();
        for locale in [Locale::Fr, Locale::En] {
            let words = catalogue.words(locale);
            let told = newest(&words, 200, 891).unwrap();
            assert!(told.contains("200") && told.contains("891"), "{told}");
            assert_eq!(newest(&words, 200, 200), None);
        }
    }
}
