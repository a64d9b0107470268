//! The address where providers tell what happened.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use connectors::{Ack, RawRequest};
use http::Refusal;
use kernel::Problem;

use crate::Engine;
use crate::engine::notify::NotifyError;

/// Largest message, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// The path for a connector account.
#[must_use]
pub fn path(account: &str) -> String {
    format!("/psp/{account}/notifications")
}

/// The routes; the seal of a message is its key.
pub fn routes(engine: Engine) -> Router {
    Router::new()
        .route("/psp/{account}/notifications", post(notified))
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .with_state(engine)
}

async fn notified(
    State(engine): State<Engine>,
    Path(account): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = RawRequest {
        headers: headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        query: query.unwrap_or_default(),
        body: body.to_vec(),
    };
    match engine.notified(&account, request).await {
        Ok(ack) => answer(ack),
        Err(error) => Refusal(refusal(&error)).into_response(),
    }
}

fn answer(ack: Ack) -> Response {
    let status = StatusCode::from_u16(ack.status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, ack.content_type)], ack.body).into_response()
}

fn refusal(error: &NotifyError) -> Problem {
    match error {
        NotifyError::NoAccount => Problem::not_found(),
        NotifyError::BadSeal => {
            Problem::new(403, "bad_seal", "The seal of the notification is missing or wrong.")
        }
        NotifyError::Unreadable => {
            Problem::new(400, "unreadable_notification", "The notification cannot be read.")
        }
        NotifyError::TooEarly | NotifyError::Engine(_) => {
            tracing::error!(%error, "a notification was not taken; the provider will repeat it");
            Problem::internal()
        }
    }
}
