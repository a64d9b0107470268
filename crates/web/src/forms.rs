//! Forms: typed values kept, errors beside their fields, one effect per rendered form.
//!
//! Each rendered form carries a one-time token. The first submit with it does the work; every
//! later one (double click, reload, second tab) is led to the first result.

pub mod conflict;
pub mod fields;

use std::collections::BTreeMap;

use db::idempotency::{self, Begin, Key};
use db::{DbError, Tx};
use http::Page;
use kernel::{Rng, Scope, Timestamp};

/// Field name of the one-time token.
pub const TOKEN_FIELD: &str = "form_token";
/// From this amount on a person types it again before it moves, in minor units.
pub const TYPED_FROM_MINOR: i64 = 50_000;
/// After this a submit that crashed half way may be tried again, in seconds of real time.
const LEASE_SECONDS: i64 = 60;

/// One wrong field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Name of the field, also its `id`.
    pub field: String,
    /// Sentence with the cure.
    pub message: String,
}

/// What was typed and what was wrong with it; handed to templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    values: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

/// A word that may be chosen in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub word: &'static str,
    /// Its label.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Form {
    /// A word that the field `name` may have.
    #[must_use]
    pub fn choice(&self, name: &str, word: &'static str, label: String) -> Choice {
        Choice { word, label, chosen: self.is(name, word) }
    }

    /// A form with what was typed. Values that hold a card number are dropped.
    #[must_use]
    pub fn with_values(values: &BTreeMap<String, String>) -> Self {
        let keep = |text: &String| !kernel::card_text::holds_card_number(text);
        let values = values.iter().filter(|(_, text)| keep(text));
        Self { values: values.map(|(k, v)| (k.clone(), v.clone())).collect(), faults: Vec::new() }
    }

    /// Sets a value.
    pub fn set(&mut self, field: &str, value: impl Into<String>) {
        self.values.insert(field.to_owned(), value.into());
    }

    /// Adds an error.
    pub fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.faults.push(Fault { field: field.to_owned(), message: message.into() });
    }

    /// What was typed; empty when nothing was.
    #[must_use]
    pub fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    /// Whether a field holds this value, for choices.
    #[must_use]
    pub fn is(&self, field: &str, value: &str) -> bool {
        self.value(field) == value
    }

    /// The first error of a field; empty when it is right.
    #[must_use]
    pub fn error(&self, field: &str) -> &str {
        let fault = self.faults.iter().find(|fault| fault.field == field);
        fault.map_or("", |fault| fault.message.as_str())
    }

    /// All errors, for the summary.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.faults.is_empty()
    }

    /// The page that the form stands on, whose title says so when something is wrong.
    #[must_use]
    pub fn mark(&self, page: Page) -> Page {
        if self.is_right() { page } else { page.faulty() }
    }
}

/// What a submit means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submit {
    /// The first: do the work, then [`finish`].
    First,
    /// A repetition: lead to the first result.
    Again(String),
    /// The first is still at work.
    Running,
}

/// A new one-time token for a form to be rendered.
#[must_use]
pub fn new_token(rng: &dyn Rng) -> String {
    kernel::Id::random(rng).text()
}

/// Opens the work of a submit. A missing token counts as a fresh one per call and is refused by
/// the caller.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn begin(
    tx: &mut Tx<'_>,
    scope: &Scope,
    path: &str,
    token: &str,
    now: Timestamp,
) -> Result<Submit, DbError> {
    let key = key(path, token);
    let lease_until = now.plus_seconds(LEASE_SECONDS);
    Ok(match idempotency::begin(tx, scope, &key, now, lease_until)? {
        Begin::Fresh | Begin::Abandoned { .. } => Submit::First,
        Begin::Replay { body, .. } => Submit::Again(body),
        Begin::InFlight | Begin::Mismatch => Submit::Running,
    })
}

/// Where the first submit led, before anything of a repetition is judged.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn led_to(
    tx: &mut Tx<'_>,
    scope: &Scope,
    path: &str,
    token: &str,
) -> Result<Option<String>, DbError> {
    idempotency::answered(tx, scope, &key(path, token))
}

/// Stores where the first submit led.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn finish(
    tx: &mut Tx<'_>,
    scope: &Scope,
    path: &str,
    token: &str,
    location: &str,
) -> Result<(), DbError> {
    idempotency::finish(tx, scope, &key(path, token), 303, location)
}

/// The first submit wins whatever later ones carry, so the parameters do not count.
fn key(path: &str, token: &str) -> Key {
    Key { key: token.to_owned(), path: format!("form {path}"), fingerprint: [0; 32] }
}
