//! `/theme/{shop}/{file}`: accent and logo of a shop's card pages, from the vault's own origin.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::reply::set;
use kernel::ShopId;
use tokio::sync::oneshot;

use super::Edge;
use crate::core::ToCore;

/// Names hold a hash of the content, so what they stand for never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The route of the files.
pub(super) fn routes() -> Router<Edge> {
    Router::new().route("/theme/{shop}/{file}", get(file))
}

async fn file(State(edge): State<Edge>, Path((shop, name)): Path<(ShopId, String)>) -> Response {
    let (reply, answer) = oneshot::channel();
    let asked = edge.core.send(ToCore::LookFile { shop, name, reply }).await;
    let found = if asked.is_ok() { answer.await.ok().flatten() } else { None };
    let Some(file) = found else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = Response::new(Body::from(file.bytes));
    set(&mut response, header::CONTENT_TYPE, file.kind);
    set(&mut response, header::CACHE_CONTROL, FOR_EVER);
    response
}
