//! What went wrong, for the outside: problem details of RFC 9457 with a stable code.

use serde::Serialize;
use serde_json::{Map, Value};

/// One wrong field: where (JSON path), which code, and a sentence that names the cure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON path, such as `$.amount`.
    pub path: String,
    /// Stable code, such as `card_number_luhn`.
    pub code: String,
    /// Sentence with the cure; never repeats the input.
    pub message: String,
}

impl FieldError {
    /// A fault at `path`.
    pub fn new(
        path: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { path: path.into(), code: code.into(), message: message.into() }
    }
}

/// An answer that refuses. The cause inside the house is logged, never put here.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable code; `type` is `/problems/{code}`.
    pub code: &'static str,
    /// Sentence for people.
    pub detail: String,
    /// Wrong fields, all at once.
    pub errors: Vec<FieldError>,
    /// Further members, such as the current object of a conflict.
    pub extra: Map<String, Value>,
    /// Seconds after which a retry makes sense.
    pub retry_after_seconds: Option<u32>,
}

impl Problem {
    /// A refusal with `status`, stable `code` and a sentence.
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            extra: Map::new(),
            retry_after_seconds: None,
        }
    }

    /// 404, said alike for unknown and foreign things.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, "not_found", "Nothing here under this name.")
    }

    /// 422 for one field.
    pub fn field(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(422, code, message.clone()).with_error(FieldError::new(path, code, message))
    }

    /// 500: the cause is in the log under the request id.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(500, "internal", "Something failed on our side. Nothing was half done.")
    }

    /// Adds a wrong field.
    #[must_use]
    pub fn with_error(mut self, error: FieldError) -> Self {
        self.errors.push(error);
        self
    }

    /// Adds a member to the document.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// Says when to come back.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The document as sent.
    #[must_use]
    pub fn to_json(&self, request_id: &str) -> Value {
        let mut document = self.extra.clone();
        document.insert("type".into(), format!("/problems/{}", self.code).into());
        document.insert("title".into(), self.code.replace('_', " ").into());
        document.insert("status".into(), self.status.into());
        document.insert("detail".into(), self.detail.clone().into());
        document.insert("code".into(), self.code.into());
        document.insert("instance".into(), format!("urn:guichet:request:{request_id}").into());
        document.insert("request_id".into(), request_id.into());
        if !self.errors.is_empty() {
            let errors = serde_json::to_value(&self.errors).unwrap_or_default();
            document.insert("errors".into(), errors);
        }
        Value::Object(document)
    }
}

/// A rule of the house that did not hold: the unit of work is rolled back and an alarm raised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invariant violated: {rule}")]
pub struct Invariant {
    /// The rule, as written in the code.
    pub rule: &'static str,
}

/// Checks a rule of the house and gives `Err(Invariant)` when it does not hold.
///
/// Used as `ensure!(used <= up_to)?` before writing and after reading money.
#[macro_export]
macro_rules! ensure {
    ($rule:expr) => {
        if $rule { Ok(()) } else { Err($crate::Invariant { rule: stringify!($rule) }) }
    };
}
