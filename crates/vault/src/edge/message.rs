//! `/v1/in/…`: messages of sales channels, which leave the vault with tokens.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use axum::{Extension, Router};
use kernel::ProxyProfileId;
use tokio::sync::oneshot;
use vault_wire::ProxyDirection;
use zeroize::Zeroizing;

use super::Edge;
use super::api::{knock, refuse};
use super::dress::AsItCame;
use super::pages::owned;
use crate::core::ToCore;
use crate::partner::{Denied, Knock};
use crate::proxy::Message;
use crate::relay::send::MOST_MESSAGE_BYTES;

/// Routes of messages.
pub(super) fn routes() -> Router<Edge> {
    Router::new()
        .route("/v1/in/{id}", post(with_header).layer(Extension(ProxyDirection::In)))
        .route("/v1/in/{id}/{key}", post(with_address))
        .route("/v1/out/{id}", post(with_header).layer(Extension(ProxyDirection::Out)))
        .layer(DefaultBodyLimit::max(MOST_MESSAGE_BYTES))
}

type Sender = ConnectInfo<SocketAddr>;
type Received = Result<Bytes, BytesRejection>;

async fn with_header(
    State(edge): State<Edge>,
    Extension(direction): Extension<ProxyDirection>,
    ConnectInfo(peer): Sender,
    Path(profile): Path<String>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let body: Received = Bytes::from_request(request, &edge).await;
    let Ok(body) = body else { return refuse(&edge, Denied::new(413, "body_too_large")) };
    let knock = knock(&headers, peer.ip(), body);
    pass(&edge, (&profile, direction), (knock, &headers)).await
}

/// For channels that cannot send a header of ours.
async fn with_address(
    State(edge): State<Edge>,
    ConnectInfo(peer): Sender,
    Path((profile, key)): Path<(String, String)>,
    headers: HeaderMap,
    body: Received,
) -> Response {
    let Ok(body) = body else { return refuse(&edge, Denied::new(413, "body_too_large")) };
    let (key, body) = (Zeroizing::new(key), owned(body));
    let knock = Knock { key, from: peer.ip(), idempotency: None, body };
    pass(&edge, (&profile, ProxyDirection::In), (Some(knock), &headers)).await
}

async fn pass(
    edge: &Edge,
    (profile, direction): (&str, ProxyDirection),
    (knock, headers): (Option<Knock>, &HeaderMap),
) -> Response {
    let Some(knock) = knock else { return refuse(edge, Denied::new(401, "unauthorized")) };
    let Ok(profile) = profile.parse::<ProxyProfileId>() else {
        return refuse(edge, Denied::new(401, "unauthorized"));
    };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or("application/octet-stream").to_owned();
    let (reply, answer) = oneshot::channel();
    let message = ToCore::Message(Box::new(Message { profile, knock, kind, direction }), reply);
    let answer = if edge.core.send(message).await.is_ok() { answer.await.ok() } else { None };
    match answer.unwrap_or(Err(Denied::Internal)) {
        Ok(passed) => {
            let mut response = Response::new(Body::from(passed.body));
            response.extensions_mut().insert(AsItCame);
            *response.status_mut() = StatusCode::from_u16(passed.status).unwrap_or(StatusCode::OK);
            if let Ok(kind) = HeaderValue::from_str(&passed.kind) {
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
            }
            response
        }
        Err(denied) => refuse(edge, denied),
    }
}
