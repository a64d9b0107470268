//! `/v/c/{secret}`: the card page.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::get;
use http::security::{Frames, Policy, with_policy};
use http::{html_with, redirect};
use kernel::Locale;
use serde::Deserialize;
use tokio::sync::oneshot;
use zeroize::{Zeroize, Zeroizing};

use super::Edge;
use super::form::{self, Reader, Sender};
use super::view::{self, CardTemplate, ClosedTemplate};
use crate::capture::{CardForm, Change, ClosedPage, Masked, PageAnswer, VisitWish};
use crate::core::ToCore;
use crate::origin::Origin;

/// Routes of the card page and its script.
pub(super) fn routes() -> Router<Edge> {
    Router::new()
        .route("/v/c/{secret}", get(show).post(send).options(form::preflight))
        .merge(view::CARD_SCRIPT.route())
}

#[derive(Deserialize)]
struct Wish {
    change: Option<String>,
    mask: Option<String>,
}

/// Who reads a page.
pub(super) struct Reading {
    /// The language asked for by the address.
    pub(super) asked: Option<Locale>,
    /// That one, else the one of the browser.
    pub(super) lang: Locale,
    /// The address of the page, without a language.
    pub(super) here: String,
}

impl Reading {
    pub(super) fn new(uri: &Uri, headers: &HeaderMap) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&');
        let asked = pairs.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Locale::parse);
        let lang = asked.unwrap_or_else(|| fallback_language(headers));
        Self { asked, lang, here: uri.path().to_owned() }
    }
}

async fn show(
    State(edge): State<Edge>,
    Path(secret): Path<String>,
    Query(wish): Query<Wish>,
    (uri, headers): (Uri, HeaderMap),
) -> Response {
    let reading = Reading::new(&uri, &headers);
    let change = if wish.change.is_some() { Change::Number } else { Change::Nothing };
    let masked = if wish.mask.is_some() { Masked::Yes } else { Masked::No };
    let wish = VisitWish { lang: reading.asked, change, masked };
    let (reply, answer) = oneshot::channel();
    let asked = edge.core.send(ToCore::Visit { secret, wish, reply }).await;
    let answer = if asked.is_ok() { answer.await.ok().and_then(Result::ok) } else { None };
    respond(&edge, answer, &reading, change)
}

async fn send(
    State(edge): State<Edge>,
    Path(secret): Path<String>,
    (uri, headers): (Uri, HeaderMap),
    body: Bytes,
) -> Response {
    let reading = Reading::new(&uri, &headers);
    let sender = match form::sender(&edge, &secret, &headers).await {
        Ok(sender) => sender,
        Err(refused) => {
            wipe(body);
            return refused;
        }
    };
    if let Sender::Site(site, _) = &sender
        && !form::is_form(&headers)
    {
        wipe(body);
        return form::no_form(site);
    }
    let form = Box::new(CardForm::parse(&body));
    let change = if form.change { Change::Number } else { Change::Nothing };
    wipe(body);
    let (reply, answer) = oneshot::channel();
    let asked = edge.core.send(ToCore::Submit { secret, form, reply }).await;
    let answer = if asked.is_ok() { answer.await.ok().and_then(Result::ok) } else { None };
    match &sender {
        Sender::Site(site, Reader::Script) => form::told(&edge, answer, site),
        Sender::Site(_, Reader::Person) | Sender::Page => respond(&edge, answer, &reading, change),
    }
}

fn respond(edge: &Edge, answer: Option<PageAnswer>, reading: &Reading, change: Change) -> Response {
    let Reading { asked, lang, here } = reading;
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
            let frames = frames(edge, page.request.frame_origin.as_deref());
            let response = CardTemplate::response(edge, *page, (status, change));
            with_policy(response, Policy::VaultCard { app: forms, frames })
        }
        Some(PageAnswer::Done { location, .. }) => redirect(&location),
        Some(PageAnswer::Closed(closed)) => {
            let frames = frames(edge, closed.frame_origin.as_deref());
            let closed = ClosedPage { lang: asked.unwrap_or(closed.lang), ..closed };
            let page = ClosedTemplate::closed(edge, closed).at(edge, here);
            let response = html_with(StatusCode::GONE, &page);
            with_policy(response, Policy::VaultCard { app: edge.app.clone(), frames })
        }
        Some(PageAnswer::Unknown) => {
            let page = ClosedTemplate::new(edge, *lang, "unknown").at(edge, here);
            html_with(StatusCode::NOT_FOUND, &page)
        }
        None => {
            let page = ClosedTemplate::new(edge, *lang, "unavailable").at(edge, here);
            html_with(StatusCode::SERVICE_UNAVAILABLE, &page)
        }
    }
}

/// The one site that this page was opened for may frame it; else whoever may frame every page.
fn frames(edge: &Edge, site: Option<&str>) -> Frames {
    site.and_then(Origin::bare).map_or_else(|| edge.frames.clone(), |site| Frames::By(site.text()))
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
        .and_then(|wishes| Locale::negotiate(wishes, &Locale::ALL))
        .unwrap_or(Locale::Fr)
}

/// The received bytes, which are wiped once nobody needs them.
pub(super) fn owned(body: Bytes) -> Zeroizing<Vec<u8>> {
    let owned = Zeroizing::new(body.to_vec());
    wipe(body);
    owned
}

/// Overwrites the received bytes where nobody else holds them.
pub(super) fn wipe(body: Bytes) {
    if let Ok(mut mine) = body.try_into_mut() {
        mine.as_mut().zeroize();
    }
}
