//! `/v/c/{secret}`: the card page.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use http::{html_with, redirect};
use kernel::Locale;
use serde::Deserialize;
use tokio::sync::oneshot;
use zeroize::Zeroize;

use super::Edge;
use super::view::{self, CardTemplate, ClosedTemplate};
use crate::capture::{CardForm, Change, Masked, PageAnswer, VisitWish};
use crate::core::ToCore;
use crate::origin::Origin;

/// Routes of the card page and its script.
pub(super) fn routes() -> Router<Edge> {
    Router::new().route("/v/c/{secret}", get(show).post(send)).merge(view::CARD_SCRIPT.route())
}

#[derive(Deserialize)]
struct Wish {
    lang: Option<String>,
    change: Option<String>,
    mask: Option<String>,
}

async fn show(
    State(edge): State<Edge>,
    Path(secret): Path<String>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Response {
    let lang = wish.lang.as_deref().and_then(Locale::parse);
    let change = if wish.change.is_some() { Change::Number } else { Change::Nothing };
    let masked = if wish.mask.is_some() { Masked::Yes } else { Masked::No };
    let wish = VisitWish { lang, change, masked };
    let (reply, answer) = oneshot::channel();
    let asked = edge.core.send(ToCore::Visit { secret, wish, reply }).await;
    let answer = if asked.is_ok() { answer.await.ok().and_then(Result::ok) } else { None };
    respond(&edge, answer, fallback_language(&headers), change)
}

async fn send(
    State(edge): State<Edge>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let lang = fallback_language(&headers);
    if !same_site(&headers) {
        let page = ClosedTemplate::new(&edge, lang, "forbidden");
        return html_with(StatusCode::FORBIDDEN, &page);
    }
    let form = Box::new(CardForm::parse(&body));
    let change = if form.change { Change::Number } else { Change::Nothing };
    wipe(body);
    let (reply, answer) = oneshot::channel();
    let asked = edge.core.send(ToCore::Submit { secret, form, reply }).await;
    let answer = if asked.is_ok() { answer.await.ok().and_then(Result::ok) } else { None };
    respond(&edge, answer, lang, change)
}

fn respond(edge: &Edge, answer: Option<PageAnswer>, lang: Locale, change: Change) -> Response {
    match answer {
        Some(PageAnswer::Show(page)) => {
            let faulty = !page.faults.is_empty();
            let status = if faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let mut forms = edge.app.clone();
            if let Some(origin) = Origin::of_url(&page.request.return_url) {
                let text = origin.text();
                if text != forms {
                    forms = format!("{forms} {text}");
                }
            }
            let policy =
                http::security::Policy::VaultCard { app: forms, frames: edge.frames.clone() };
            let response = CardTemplate::response(edge, *page, (status, change));
            http::security::with_policy(response, policy)
        }
        Some(PageAnswer::Done(location)) => redirect(&location),
        Some(PageAnswer::Closed(closed)) => {
            html_with(StatusCode::GONE, &ClosedTemplate::closed(edge, closed))
        }
        Some(PageAnswer::Unknown) => {
            html_with(StatusCode::NOT_FOUND, &ClosedTemplate::new(edge, lang, "unknown"))
        }
        None => {
            let page = ClosedTemplate::new(edge, lang, "unavailable");
            html_with(StatusCode::SERVICE_UNAVAILABLE, &page)
        }
    }
}

/// A form comes from this page itself; with `no-referrer` the origin header says nothing.
pub(super) fn same_site(headers: &HeaderMap) -> bool {
    let said = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    matches!(said, None | Some("same-origin" | "none"))
}

pub(super) fn fallback_language(headers: &HeaderMap) -> Locale {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|wishes| Locale::negotiate(wishes, &[Locale::Fr, Locale::En]))
        .unwrap_or(Locale::Fr)
}

/// Overwrites the received bytes where nobody else holds them.
pub(super) fn wipe(body: Bytes) {
    if let Ok(mut mine) = body.try_into_mut() {
        mine.as_mut().zeroize();
    }
}
