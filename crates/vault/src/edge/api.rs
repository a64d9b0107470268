//! `/v1/cards` of the vault's origin: for programs that hold card numbers.

use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::Refusal;
use kernel::{CardToken, FieldError, Locale, Problem};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::Edge;
use super::view::sentence;
use crate::add_card::{AddRefused, AddRequest, Added};
use crate::core::ToCore;

/// Routes of the API.
pub(super) fn routes() -> Router<Edge> {
    Router::new().route("/v1/cards", post(add)).route("/v1/cards/{id}", get(look))
}

async fn add(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(mut request) = asked(&headers, peer.ip()) else {
        return refuse(&edge, AddRefused::Simple(401, "unauthorized", None));
    };
    request.body = Zeroizing::new(body.to_vec());
    super::pages::wipe(body);
    let name = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    request.idempotency = name.map(str::to_owned);
    let (reply, answer) = oneshot::channel();
    let sent = edge.core.send(ToCore::Add(Box::new(request), reply)).await;
    let answer = if sent.is_ok() { answer.await.ok() } else { None };
    match answer.unwrap_or(Err(AddRefused::Internal)) {
        Ok(Added { status, json, again }) => {
            let mut response = Response::new(Body::from(json));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let kind = header::HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            if again { http::reply::replayed(response) } else { response }
        }
        Err(refused) => refuse(&edge, refused),
    }
}

async fn look(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(request) = asked(&headers, peer.ip()) else {
        return refuse(&edge, AddRefused::Simple(401, "unauthorized", None));
    };
    let Ok(token) = id.parse::<CardToken>() else {
        return refuse(&edge, AddRefused::Simple(404, "not_found", None));
    };
    let (reply, answer) = oneshot::channel();
    let sent = edge.core.send(ToCore::Look(Box::new(request), token, reply)).await;
    let answer = if sent.is_ok() { answer.await.ok() } else { None };
    match answer.unwrap_or(Err(AddRefused::Internal)) {
        Ok(card) => Json(card).into_response(),
        Err(refused) => refuse(&edge, refused),
    }
}

/// Who asks, from where; the address is the socket's, never a header's.
fn asked(headers: &HeaderMap, from: IpAddr) -> Option<AddRequest> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let key = text.strip_prefix("Bearer ").filter(|key| key.starts_with("vk_"))?;
    Some(AddRequest {
        key: Zeroizing::new(key.to_owned()),
        from,
        idempotency: None,
        body: Zeroizing::default(),
    })
}

fn refuse(edge: &Edge, refused: AddRefused) -> Response {
    let words = edge.words.words(Locale::En);
    let problem = match refused {
        AddRefused::Internal => Problem::internal(),
        AddRefused::Simple(404, ..) => Problem::not_found(),
        AddRefused::Simple(status, code, path) => {
            let problem = Problem::new(status, code, detail(code));
            match path {
                Some(path) => problem.with_error(FieldError::new(path, code, detail(code))),
                None => problem,
            }
        }
        AddRefused::Fields(faults) => {
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
        "gone" => "The card is destroyed.",
        _ => "A field is missing or of another type.",
    }
}
