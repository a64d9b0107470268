//! The doors of the app and the vault, as the demo's own data come in by them.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, HeaderName};
use http::client::Call;
use serde_json::Value;

use super::text;

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const WAIT: Duration = Duration::from_secs(10);
/// How long one thing may take until everybody is up, and the pause between two tries.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// Posts a body and gives the answer; asks until there is one or [`PATIENCE`] is over: whoever is not up yet, does not know the
/// hotel yet or is asked too often is asked again.
pub(super) async fn post(
    (origin, path, key): (&str, &str, &str),
    (once, body): (&str, &Value),
) -> Result<Value, String> {
    let patience = Patience::new();
    loop {
        let call = Call::post_json(origin, path, body, WAIT)
            .with(AUTHORIZATION, format!("Bearer {key}"))
            .with(IDEMPOTENCY_KEY, once.to_owned());
        let cause = match call.send().await {
            Ok(answer) if answer.status < 300 => {
                return serde_json::from_slice(&answer.body).map_err(text);
            }
            Ok(answer) => {
                let told = String::from_utf8_lossy(&answer.body);
                let cause = format!("{path} answered {}: {told}", answer.status);
                if !matches!(answer.status, 401 | 404 | 429 | 500..) {
                    return Err(cause);
                }
                cause
            }
            Err(error) => error.to_string(),
        };
        patience.wait_after(cause).await?;
    }
}

/// How long one goes on asking.
pub(super) struct Patience(tokio::time::Instant);

impl Patience {
    pub(super) fn new() -> Self {
        Self(tokio::time::Instant::now() + PATIENCE)
    }

    /// Waits a moment, unless it has been too long: then the cause is the error.
    pub(super) async fn wait_after(&self, cause: String) -> Result<(), String> {
        if tokio::time::Instant::now() > self.0 {
            return Err(cause);
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}
