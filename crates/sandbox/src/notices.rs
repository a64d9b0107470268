//! What the bank tells by itself: each outcome it answered, sealed, until the app has taken it.
//!
//! A message is written in the unit of work that does what it tells, leaves about a second after
//! the answer, and is sent again, byte for byte, until it is answered with 2xx. Two faults change
//! that: the message comes twice, or before the answer. Where no address is configured, nothing
//! is told; what the bank does in silence it does not tell either.

use std::fmt::Write as _;
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::extract::State;
use axum::http::HeaderName;
use axum::response::Json;
use axum::routing::get;
use axum::{Router, middleware};
use db::{DbError, Route, Tx};
use kernel::{Id, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::{Failure, demo_only, no_cross_site};
use crate::model::{Authentication, Operation};
use crate::ops::Fresh;
use crate::{Bank, answers, store};

/// Header of the seal: HMAC-SHA-256 over the body, in hexadecimal digits.
const SEAL_HEADER: HeaderName = HeaderName::from_static("bank-seal");
/// How long after the answer a message leaves.
const AFTER_ANSWER_SECONDS: i64 = 1;
/// A message that leaves before the answer is sent by whoever answers; the round leaves it alone
/// for this long.
const HELD_SECONDS: i64 = 20;
/// How long the app may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer waits for the message that goes before it; shorter than clients wait.
const PATIENCE_BEFORE_ANSWER: Duration = Duration::from_millis(1_500);
/// Seconds from one try to the next; after the last one the message is given up.
const TRIES_SECONDS: &[i64] = &[1, 2, 5, 15, 60, 300, 1_800, 3_600, 10_800, 21_600];
/// Most messages of one round, and lines listed.
const ROUND: i64 = 50;
/// Longest sleep when nothing is due.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Where messages go and what seals them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Notify {
    /// Origin of the app.
    pub origin: String,
    /// Path there.
    pub path: String,
    /// The secret, in hexadecimal digits.
    pub key: String,
}

impl std::fmt::Debug for Notify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Notify({}{})", self.origin, self.path)
    }
}

/// One message, as it stands in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) id: Id,
    /// 0, or 1 for the second of a pair.
    pub(crate) copy: i64,
    pub(crate) body: String,
    pub(crate) tries: i64,
    /// When it is sent next; none when it was taken or given up.
    pub(crate) due_at: Option<Timestamp>,
    /// HTTP status of the last answer.
    pub(crate) answered: Option<i64>,
    pub(crate) delivered_at: Option<Timestamp>,
}

/// How a message leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Once, after the answer.
    After,
    /// Twice, after the answer.
    Twice,
    /// Before the answer.
    Before,
}

/// Writes down what will be told of an operation.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    operation: &Operation,
    (manner, fresh): (Manner, &Fresh),
) -> Result<(), DbError> {
    add(tx, answers::operation(operation), (manner, fresh.notice, fresh.now))
}

/// Writes down what will be told of a contested sale.
pub(crate) fn tell_case(tx: &mut Tx<'_>, body: Value, fresh: &Fresh) -> Result<(), DbError> {
    add(tx, body, (Manner::After, fresh.notice, fresh.now))
}

/// Writes down that a challenge is decided, to be told before the holder goes back.
pub(crate) fn tell_decided(
    tx: &mut Tx<'_>,
    decided: &Authentication,
    (id, now): (Id, Timestamp),
) -> Result<(), DbError> {
    let body = json!({
        "id": decided.id,
        "ref": decided.reference,
        "kind": "authenticate",
        "result": decided.result_at(now),
        "flow": decided.flow,
    });
    add(tx, body, (Manner::Before, id, now))
}

fn add(
    tx: &mut Tx<'_>,
    mut body: Value,
    (manner, id, now): (Manner, Id, Timestamp),
) -> Result<(), DbError> {
    if let Value::Object(members) = &mut body {
        members.insert("event".into(), format!("evt_{}", id.text()).into());
    }
    let wait = if manner == Manner::Before { HELD_SECONDS } else { AFTER_ANSWER_SECONDS };
    let notice = Notice {
        id,
        copy: 0,
        body: body.to_string(),
        tries: 0,
        due_at: Some(now.plus_seconds(wait)),
        answered: None,
        delivered_at: None,
    };
    store::add_notice(tx, &notice)?;
    if manner == Manner::Twice {
        store::add_notice(tx, &Notice { copy: 1, ..notice })?;
    }
    Ok(())
}

impl Bank {
    /// Sends one message now and waits for the app to take it, but not for long.
    pub(crate) async fn tell_now(&self, id: Id) {
        let read = move |tx: &mut Tx<'_>| store::notice(tx, id);
        match self.db.read::<_, DbError, _>(read).await {
            Ok(Some(notice)) => self.send(&notice, PATIENCE_BEFORE_ANSWER).await,
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "notice of the simulated bank"),
        }
    }

    /// Sends what is due, until the bank closes.
    pub(crate) async fn tell_all(self) {
        if self.config.notify.is_none() {
            return;
        }
        let mut closing = self.closing.clone();
        loop {
            let sleep = match self.round().await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::error!(%error, "notices of the simulated bank");
                    LONGEST_SLEEP
                }
            };
            tokio::select! {
                _ = closing.changed() => return,
                () = self.bell.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Sends what is due now; gives how long nothing will be.
    async fn round(&self) -> Result<Duration, DbError> {
        let now = self.clock.now();
        let due: Vec<Notice> = self.db.read(move |tx| store::notices_due(tx, now, ROUND)).await?;
        for notice in &due {
            self.send(notice, PATIENCE).await;
        }
        let next: Option<Timestamp> = self.db.read(store::next_notice).await?;
        let wait = next.map_or(LONGEST_SLEEP, |next| {
            let micros = next.micros_since(self.clock.now()).max(0);
            Duration::from_micros(u64::try_from(micros).unwrap_or_default())
        });
        Ok(wait.min(LONGEST_SLEEP))
    }

    async fn send(&self, notice: &Notice, patience: Duration) {
        let Some(to) = &self.config.notify else { return };
        let body: Value = serde_json::from_str(&notice.body).unwrap_or_default();
        let mut call = http::client::Call::post_json(&to.origin, &to.path, &body, patience);
        call.body = notice.body.clone().into();
        let answer = call.with(SEAL_HEADER, seal(&to.key, &notice.body)).send().await;
        let status = answer.as_ref().ok().map(|answer| i64::from(answer.status));
        let now = self.clock.now();
        let taken = status.is_some_and(|status| (200..300).contains(&status));
        let tried = usize::try_from(notice.tries).unwrap_or(usize::MAX);
        let again = TRIES_SECONDS.get(tried).filter(|_| !taken);
        let after = Notice {
            tries: notice.tries.saturating_add(1),
            due_at: again.map(|seconds| now.plus_seconds(*seconds)),
            answered: status,
            delivered_at: taken.then_some(now),
            ..notice.clone()
        };
        let write = move |tx: &mut Tx<'_>| store::note_try(tx, &after);
        if let Err(error) = self.db.write::<_, DbError, _>(Route::any(), write).await {
            tracing::error!(%error, "notice of the simulated bank");
        }
    }
}

/// HMAC-SHA-256 over the body, in hexadecimal digits.
fn seal(key: &str, body: &str) -> String {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let key: Vec<u8> = key.as_bytes().chunks(2).filter_map(byte).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    hmac::sign(&key, body.as_bytes()).as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Routes about messages.
pub(crate) fn routes() -> Router<Bank> {
    Router::new()
        .route("/notifications.json", get(listed))
        .layer(middleware::from_fn(no_cross_site))
}

async fn listed(State(bank): State<Bank>) -> Result<Json<Vec<Value>>, Failure> {
    demo_only(&bank)?;
    let all: Vec<Notice> = bank.db.read::<_, DbError, _>(|tx| store::notices(tx, ROUND)).await?;
    let line = |notice: &Notice| {
        json!({
            "copy": notice.copy,
            "body": notice.body,
            "tries": notice.tries,
            "answered": notice.answered,
            "delivered_at": notice.delivered_at,
        })
    };
    Ok(Json(all.iter().map(line).collect()))
}
