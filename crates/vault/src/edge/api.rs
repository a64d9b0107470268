//! `/v1/…` of the vault's origin: for programs that hold card numbers, and for partners.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::Refusal;
use kernel::{FieldError, Locale, Problem};
use serde::Deserialize;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::Edge;
use super::pages::owned;
use super::view::sentence;
use crate::add_card::Wish;
use crate::core::ToCore;
use crate::core::program::Errand;
use crate::partner::quota::TooMany;
use crate::partner::{Answered, Denied, Knock};

/// Routes of the API.
pub(super) fn routes() -> Router<Edge> {
    Router::new()
        .route("/v1/cards", post(add).get(list))
        .route("/v1/cards/{id}", get(look).delete(destroy))
        .merge(super::api_people::routes())
        .route("/v1/partner_applications", post(apply))
        .route("/v1/partners/{id}", get(partner))
        .route("/v1/partners/{id}/ips", put(networks))
}

async fn add(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    ask(&edge, Errand::Add, knock(&headers, peer.ip(), body)).await
}

#[derive(Deserialize)]
struct Query {
    shop: Option<String>,
    booking: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

async fn list(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    query: Result<axum::extract::Query<Query>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let knock = knock(&headers, peer.ip(), Bytes::new());
    match query {
        Ok(axum::extract::Query(Query { shop, booking, limit, cursor })) => {
            ask(&edge, Errand::List(Wish { shop, booking, limit, cursor }), knock).await
        }
        Err(_) if knock.is_none() => refuse(&edge, Denied::new(401, "unauthorized")),
        // A name given twice, or what is no text.
        Err(_) => refuse(&edge, Denied::new(422, "invalid_field")),
    }
}

async fn look(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let errand = id.parse().map(Errand::Look);
    named(&edge, errand, knock(&headers, peer.ip(), Bytes::new())).await
}

async fn destroy(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let errand = id.parse().map(Errand::Delete);
    named(&edge, errand, knock(&headers, peer.ip(), Bytes::new())).await
}

/// The one call without a key.
async fn apply(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !super::pages::same_site(&headers) {
        return refuse(&edge, Denied::new(403, "forbidden"));
    }
    let (key, body) = (Zeroizing::default(), owned(body));
    let knock = Knock { key, from: peer.ip(), idempotency: None, body };
    ask(&edge, Errand::Apply, Some(knock)).await
}

async fn partner(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let errand = id.parse().map(Errand::Partner);
    named(&edge, errand, knock(&headers, peer.ip(), Bytes::new())).await
}

async fn networks(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let errand = id.parse().map(Errand::Networks);
    named(&edge, errand, knock(&headers, peer.ip(), body)).await
}

/// Who asks, from where; the address is the socket's, never a header's. Nothing without a key.
pub(super) fn knock(headers: &HeaderMap, from: IpAddr, body: Bytes) -> Option<Knock> {
    let body = owned(body);
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let key = text.strip_prefix("Bearer ").filter(|key| key.starts_with("vk_"))?;
    let name = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    Some(Knock {
        key: Zeroizing::new(key.to_owned()),
        from,
        idempotency: name.map(str::to_owned),
        body,
    })
}

/// What is asked about something that the address names: a name of another form names nothing.
pub(super) async fn named<E>(
    edge: &Edge,
    errand: Result<Errand, E>,
    knock: Option<Knock>,
) -> Response {
    match errand {
        Ok(errand) => ask(edge, errand, knock).await,
        Err(_) if knock.is_none() => refuse(edge, Denied::new(401, "unauthorized")),
        Err(_) => refuse(edge, Denied::new(404, "not_found")),
    }
}

pub(super) async fn ask(edge: &Edge, errand: Errand, knock: Option<Knock>) -> Response {
    let Some(knock) = knock else { return refuse(edge, Denied::new(401, "unauthorized")) };
    let (reply, answer) = oneshot::channel();
    let asked = ToCore::Program(Box::new(errand), Box::new(knock), reply);
    let answer = if edge.core.send(asked).await.is_ok() { answer.await.ok() } else { None };
    match answer.unwrap_or(Err(Denied::Internal)) {
        Ok(Answered { status: 204, .. }) => StatusCode::NO_CONTENT.into_response(),
        Ok(Answered { status, json, again }) => {
            let mut response = Response::new(Body::from(json));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let kind = header::HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            if again { http::reply::replayed(response) } else { response }
        }
        Err(denied) => refuse(edge, denied),
    }
}

pub(super) fn refuse(edge: &Edge, refused: Denied) -> Response {
    if let Denied::Quota(too_many) = refused {
        return quota(too_many);
    }
    let words = edge.words.words(Locale::En);
    let problem = match refused {
        Denied::Internal | Denied::Quota(_) => Problem::internal(),
        Denied::Problem(problem) => *problem,
        Denied::Simple(404, ..) => Problem::not_found(),
        Denied::Simple(status, code, path) => {
            let problem = Problem::new(status, code, detail(code));
            match path {
                Some(path) => problem.with_error(FieldError::new(path, code, detail(code))),
                None => problem,
            }
        }
        Denied::Fields(faults) => {
            let code = faults.first().map_or("invalid_field", |fault| fault.fault.code());
            let mut problem = Problem::new(422, code, "The card is refused; nothing was stored.");
            for fault in faults {
                let words = sentence(&words, fault.fault);
                let code = fault.fault.code();
                problem = problem.with_error(FieldError::new(fault.field.path(), code, words));
            }
            problem
        }
    };
    Refusal(problem).into_response()
}

/// Too often, with what the limit is (draft-ietf-httpapi-ratelimit-headers).
fn quota(too_many: TooMany) -> Response {
    let TooMany { by, rate, wait_seconds } = too_many;
    let problem = Problem::new(429, "quota", "Too many calls; wait as long as Retry-After says.");
    let mut response = Refusal(problem.retry_after(wait_seconds)).into_response();
    for (name, value) in [
        ("ratelimit-policy", format!("\"{by}\";q={};w={}", rate.calls, rate.seconds)),
        ("ratelimit", format!("\"{by}\";r=0;t={wait_seconds}")),
    ] {
        if let Ok(value) = header::HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn detail(code: &str) -> &'static str {
    match code {
        "unauthorized" => "The key is missing or unknown.",
        "ip_not_allowed" => "The key may not be used from this address.",
        "idempotency_key_required" => "Idempotency-Key: 1 to 255 printable characters.",
        "idempotency_mismatch" => "The same key was used with another body.",
        "idempotency_in_flight" => "The same request is running.",
        "duplicate_key" => "A field stands twice.",
        "unknown_field" => "A field is unknown.",
        "json_invalid" => "The body is not JSON.",
        "pan_in_wrong_field" => "A card number stands in another field.",
        "storage_off" => "The property does not store cards.",
        "forbidden" => "A page of another site may not send this.",
        "scope_missing" => "The key, or the property's grant, does not reach that far.",
        "not_granted" => "The property grants this partner nothing.",
        "partner_suspended" => "The partner is suspended; cards may be destroyed, nothing else.",
        "gone" => "The card is destroyed.",
        "document_invalid" => {
            "The message is not of the profile's format, or not as its paths say."
        }
        "unmapped_number" => "A card number stands where no path of the profile is.",
        "unmapped_code" => "A security code stands where no path of the profile is.",
        "body_too_large" => "A message has at most 5 MiB.",
        "too_many_cards" => "A message carries at most 200 cards.",
        "relay_not_sent" => "The property's program was not reached; send the message again.",
        "relay_bad_answer" => "The property's program failed; send the message again.",
        "relay_unknown" => "The property's program has not answered; send the message again.",
        _ => "A field is missing or of another type.",
    }
}
