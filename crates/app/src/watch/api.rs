//! `/health`, `/ready` and, on its private listener, `/metrics`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::openapi::{Operation, Part, constant, must, object, words};
use serde_json::{Map, Value, json};

use super::Watch;

/// For everybody.
pub(crate) fn routes(watch: Watch) -> Router {
    Router::new().route("/health", get(health)).route("/ready", get(ready)).with_state(watch)
}

/// For the operator's own network.
pub(crate) fn private_routes(watch: Watch) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(watch)
}

/// Tells that the process answers, and nothing else.
async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Whether this process can be given work; 503 while it cannot.
async fn ready(State(watch): State<Watch>) -> Response {
    let checks = watch.look().await.checks();
    let word = |is_fine: bool| if is_fine { "ok" } else { "failed" };
    let told: Map<String, Value> =
        checks.iter().map(|(name, is_fine)| ((*name).to_owned(), word(*is_fine).into())).collect();
    let all_fine = checks.iter().all(|(_, is_fine)| *is_fine);
    let (code, status) = if all_fine {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    (code, Json(json!({ "status": status, "checks": told }))).into_response()
}

async fn metrics(State(watch): State<Watch>) -> Response {
    let (seen, vault) = tokio::join!(watch.look(), watch.vault_figures());
    let text = http::metrics::text(&[seen.figures(), vault].concat());
    ([(header::CONTENT_TYPE, http::metrics::CONTENT_TYPE)], text).into_response()
}

/// What these routes give.
pub(crate) fn described() -> Part {
    let health = Operation::new("GET", "/health", "health")
        .titled("Health", "Whether the process answers")
        .open()
        .answer(200, "It does.", object([must("status", constant("ok"))]));
    let check = || words(["ok", "failed"]);
    let shape = |status| {
        let checks = object(["database", "vault", "jobs"].map(|name| must(name, check())));
        object([must("status", constant(status)), must("checks", checks)])
    };
    let ready = Operation::new("GET", "/ready", "ready")
        .titled("Health", "Whether it can be given work")
        .open()
        .answer(200, "It can.", shape("ready"))
        .answer(503, "It cannot; what failed is named.", shape("not_ready"));
    Part { operations: vec![health, ready], schemas: Vec::new() }
}
