//! One effect per idempotency key: the key's row opens the work and closes with the answer.

use aws_lc_rs::digest;
use db::idempotency::{self, Begin, Key};
use db::{DbError, Route, Tx};
use kernel::{Problem, Scope};
use serde_json::Value;
use web::Context;

use super::save::SaveError;
use crate::engine::{AttemptError, ChargeError, DeskError, EngineError};
use crate::payment::CreateError;

/// How long a first request may take before a replay is told of what it made, in seconds of
/// real time. Longer than three time-outs of a bank.
pub const LEASE_SECONDS: i64 = 120;

/// A refusal of the work, as it goes out.
#[derive(Debug)]
pub struct Failure(pub Problem);

macro_rules! from_errors {
    ($($error:ty),+) => {$(impl From<$error> for Failure {
        fn from(error: $error) -> Self { Self(error.into()) }
    })+};
}
from_errors!(Problem, CreateError, AttemptError, ChargeError, DeskError, EngineError);

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self(crate::error::of_save(&SaveError::from(error)))
    }
}

/// What a key means.
#[derive(Debug)]
pub enum Once<T> {
    /// The first time: this was made.
    First(T),
    /// Done before: the same answer again.
    Replay {
        /// HTTP status of the first answer.
        status: u16,
        /// Body of the first answer.
        body: String,
    },
    /// The first request died half way; it had made this.
    Stands(Option<String>),
}

/// The key of a request with its fingerprint: SHA-256 of the canonical JSON.
#[must_use]
pub fn key_of(key: &str, path: &str, body: &Value) -> Key {
    let text = canonical(body);
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut fingerprint = [0; 32];
    for (to, from) in fingerprint.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Key { key: key.to_owned(), path: path.to_owned(), fingerprint }
}

/// JSON with members sorted by name and no blanks: equal bodies have equal texts.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: std::collections::BTreeMap<_, _> = map.iter().collect();
            let members: Vec<String> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

/// Opens the key and does the work in one transaction. The work names the object it makes.
///
/// # Errors
/// 409 while the first request runs, 422 for another body, or the refusal of the work, of which
/// nothing is kept.
pub async fn open<T, W>(
    ctx: &Context,
    scope: &Scope,
    (key, route): (&Key, Route),
    mut work: W,
) -> Result<Once<T>, Failure>
where
    T: Send + 'static,
    W: FnMut(&mut Tx<'_>) -> Result<(T, String), Failure> + Send + 'static,
{
    let (key, scope, now) = (key.clone(), scope.clone(), ctx.real_now());
    let unit = move |tx: &mut Tx<'_>| {
        let lease = now.plus_seconds(LEASE_SECONDS);
        match idempotency::begin(tx, &scope, &key, now, lease)? {
            Begin::Fresh => {
                let (made, object) = work(tx)?;
                idempotency::attach_object(tx, &scope, &key, &object)?;
                Ok(Once::First(made))
            }
            other => seen(other),
        }
    };
    ctx.db.write(route, unit).await
}

/// What a key means, without opening it; `None` when it is new.
///
/// # Errors
/// As [`open`].
pub async fn peek<T: Send + 'static>(
    ctx: &Context,
    scope: &Scope,
    key: &Key,
) -> Result<Option<Once<T>>, Failure> {
    struct RolledBack(Result<Begin, DbError>);
    impl From<DbError> for RolledBack {
        fn from(error: DbError) -> Self {
            Self(Err(error))
        }
    }
    let (key, scope, now) = (key.clone(), scope.clone(), ctx.real_now());
    let look = move |tx: &mut Tx<'_>| {
        let begin = idempotency::begin(tx, &scope, &key, now, now)?;
        Err::<(), RolledBack>(RolledBack(Ok(begin)))
    };
    match ctx.db.write(Route::any(), look).await {
        Err(RolledBack(Ok(Begin::Fresh))) | Ok(()) => Ok(None),
        Err(RolledBack(Ok(other))) => seen(other).map(Some),
        Err(RolledBack(Err(error))) => Err(error.into()),
    }
}

fn seen<T>(begin: Begin) -> Result<Once<T>, Failure> {
    match begin {
        Begin::Replay { status, body } => Ok(Once::Replay { status, body }),
        Begin::Abandoned { object } => Ok(Once::Stands(object)),
        Begin::Mismatch => Err(Failure(Problem::new(
            422,
            "idempotency_mismatch",
            "This Idempotency-Key was used with another body.",
        ))),
        Begin::InFlight | Begin::Fresh => Err(Failure(
            Problem::new(409, "idempotency_in_flight", "The first request is still running.")
                .retry_after(1),
        )),
    }
}

/// Stores the answer that replays of the key will get.
///
/// # Errors
/// The database failed.
pub async fn finish(
    ctx: &Context,
    scope: &Scope,
    key: Key,
    (status, body): (u16, String),
) -> Result<(), DbError> {
    let scope = scope.clone();
    let store = move |tx: &mut Tx<'_>| idempotency::finish(tx, &scope, &key, status, &body);
    ctx.db.write(Route::any(), store).await
}
