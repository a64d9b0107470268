//! `/v1/viewers`, `/v1/cards/{id}/reveal_links`, `/v1/reveal_links`: people of partners and the links
//! by which they see cards.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};

use super::Edge;
use super::api::{ask, knock, named};
use crate::core::program::Errand;
use crate::reveal::AboutLink;
use crate::viewer::guests::AboutGuest;

/// Routes of people and links.
pub(super) fn routes() -> Router<Edge> {
    Router::new()
        .route("/v1/viewers", post(add))
        .route("/v1/viewers/{id}", get(show).delete(revoke))
        .route("/v1/viewers/{id}/enrolment", post(enrol))
        .route("/v1/cards/{id}/reveal_links", post(link))
        .route("/v1/reveal_links/{id}", get(show_link).delete(cancel_link))
}

type Peer = ConnectInfo<SocketAddr>;

async fn add(
    State(edge): State<Edge>,
    ConnectInfo(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    ask(&edge, Errand::Guest, knock(&headers, peer.ip(), body)).await
}

async fn link(
    State(edge): State<Edge>,
    ConnectInfo(peer): Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    named(&edge, id.parse().map(Errand::Link), knock(&headers, peer.ip(), body)).await
}

/// A call about somebody who is known.
async fn about(
    (edge, ConnectInfo(peer)): (Edge, Peer),
    id: &str,
    (headers, what): (HeaderMap, AboutGuest),
) -> Response {
    let errand = id.parse().map(|id| Errand::AboutGuest(id, what));
    named(&edge, errand, knock(&headers, peer.ip(), Bytes::new())).await
}

async fn show(
    State(edge): State<Edge>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    about((edge, peer), &id, (headers, AboutGuest::Show)).await
}

async fn revoke(
    State(edge): State<Edge>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    about((edge, peer), &id, (headers, AboutGuest::Revoke)).await
}

async fn enrol(
    State(edge): State<Edge>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    about((edge, peer), &id, (headers, AboutGuest::Enrol)).await
}

async fn about_link(
    (edge, ConnectInfo(peer)): (Edge, Peer),
    id: &str,
    (headers, what): (HeaderMap, AboutLink),
) -> Response {
    let errand = id.parse().map(|id| Errand::AboutLink(id, what));
    named(&edge, errand, knock(&headers, peer.ip(), Bytes::new())).await
}

async fn show_link(
    State(edge): State<Edge>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    about_link((edge, peer), &id, (headers, AboutLink::Show)).await
}

async fn cancel_link(
    State(edge): State<Edge>,
    peer: Peer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    about_link((edge, peer), &id, (headers, AboutLink::Cancel)).await
}
