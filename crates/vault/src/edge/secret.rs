//! `/v/p/{secret}`, where a PIN is chosen, and `/v/r/{secret}`, where a card is shown. No cookie, no
//! script; a key in a hidden field that serves once.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::get;
use http::security::{Frames, Policy};
use kernel::Locale;
use tokio::sync::oneshot;

use super::Edge;
use super::pages::{Reading, fallback_language, same_site, wipe};
use super::secret_view::{self as view, SaysTemplate};
use crate::capture::decode_form;
use crate::core::ToCore;
use crate::origin::Origin;
use crate::reveal::{RevealAnswer, RevealForm, Seen, Visitor, Wanted};
use crate::viewer::{Frame, PinAnswer, PinForm, PinStep};

/// Who waits for a second person looks again, without any script.
const WAITS_SECONDS: u32 = 5;

/// Routes of both pages.
pub(super) fn routes() -> Router<Edge> {
    Router::new()
        .route("/v/p/{secret}", get(show_pin).post(send_pin))
        .route("/v/r/{secret}", get(show_card).post(send_card))
}

async fn show_pin(
    State(edge): State<Edge>,
    Path(secret): Path<String>,
    (uri, headers): (Uri, HeaderMap),
) -> Response {
    let (reply, answer) = oneshot::channel();
    let asked = edge.core.send(ToCore::PinVisit { secret, reply }).await;
    let answer = if asked.is_ok() { answer.await.ok().and_then(Result::ok) } else { None };
    pin_page(&edge, answer, &Reading::new(&uri, &headers))
}

async fn send_pin(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(secret): Path<String>,
    (uri, headers): (Uri, HeaderMap),
    body: Bytes,
) -> Response {
    let reading = Reading::new(&uri, &headers);
    if !same_site(&headers) {
        return SaysTemplate::response(&edge, (403, reading.lang), "forbidden-pin", None);
    }
    let mut form = PinForm::default();
    for (name, value) in decode_form(&body) {
        match name.as_str() {
            "code" => form.code = value,
            "old" => form.old = value,
            "key" => form.key = value,
            "pin" => form.pin = value,
            "again" => form.again = value,
            "factor" => form.factor = value,
            _ => {}
        }
    }
    wipe(body);
    let (reply, answer) = oneshot::channel();
    let seen = Seen::of(&visitor(&edge, peer, &headers));
    let request = ToCore::PinSubmit { secret, form: Box::new(form), seen, reply };
    let asked = edge.core.send(request).await;
    let answer = if asked.is_ok() { answer.await.ok().and_then(Result::ok) } else { None };
    pin_page(&edge, answer, &reading)
}

fn pin_page(edge: &Edge, answer: Option<PinAnswer>, reading: &Reading) -> Response {
    let Reading { asked, lang, here } = reading;
    let (lang, answer) = (*lang, answer.map(|answer| answer.in_language(*asked)));
    let page = match answer {
        // Read by others than the viewer: in the language of the browser.
        Some(PinAnswer::Ask(frame, PinStep::Stop)) => {
            view::pin(edge, Frame { lang, ..frame }, PinStep::Stop, here)
        }
        Some(PinAnswer::Stopped(frame)) => {
            view::says(edge, 200, "pin-stopped", &Frame { lang, ..frame }, "")
        }
        Some(PinAnswer::NothingToStop(frame)) => {
            view::says(edge, 410, "pin-stop-over", &Frame { lang, ..frame }, "")
        }
        Some(PinAnswer::Ask(frame, step)) => view::pin(edge, frame, step, here),
        Some(PinAnswer::Done(frame)) => view::says(edge, 200, "pin-done", &frame, ""),
        Some(PinAnswer::Changed(frame)) => view::says(edge, 200, "pin-changed", &frame, ""),
        Some(PinAnswer::Waits(frame, from)) => view::says(edge, 200, "pin-waits", &frame, &from),
        Some(PinAnswer::Shut(frame, until)) => {
            view::says(edge, 403, "reveal-locked", &frame, &until)
        }
        Some(PinAnswer::Blocked(frame)) => view::says(edge, 403, "reveal-blocked", &frame, ""),
        Some(PinAnswer::Expired(frame)) => view::says(edge, 410, "pin-expired", &frame, ""),
        Some(PinAnswer::Locked(frame, until)) => {
            view::says(edge, 403, "pin-locked", &frame, &until)
        }
        Some(PinAnswer::Busy(frame)) => view::says(edge, 503, "pin-busy", &frame, ""),
        Some(PinAnswer::Uncertain(frame)) => view::says(edge, 503, "reveal-clock", &frame, ""),
        Some(PinAnswer::Unknown) => SaysTemplate::response(edge, (404, lang), "pin-unknown", None),
        None => SaysTemplate::response(edge, (503, lang), "pin-unavailable", None),
    };
    http::security::with_policy(page, Policy::VaultSecret { frames: edge.frames.clone() })
}

fn visitor(edge: &Edge, peer: SocketAddr, headers: &HeaderMap) -> Visitor {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let ahead = ["sec-purpose", "purpose", "x-purpose"]
        .iter()
        .any(|name| text(name).is_some_and(|said| said.contains("prefetch")));
    Visitor {
        ip: peer.ip(),
        agent: text("user-agent").unwrap_or_default().chars().take(500).collect(),
        dest: text("sec-fetch-dest").map(str::to_owned),
        ahead,
        on_stage: is_on_stage(&edge.frames, text("referer")),
    }
}

/// Whether a page may stand in the split screen of the demo: no other page says that it frames it.
fn is_on_stage(frames: &Frames, referer: Option<&str>) -> bool {
    let Frames::By(app) = frames else { return false };
    let is_the_app = |page| Origin::of_url(page).is_some_and(|origin| origin.text() == *app);
    referer.is_none_or(is_the_app)
}

async fn show_card(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(secret): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let mut visitor = visitor(&edge, peer, &headers);
    // A look at the headers alone must not open the link.
    visitor.ahead |= method == Method::HEAD;
    let (reply, answer) = oneshot::channel();
    let asked =
        edge.core.send(ToCore::RevealVisit { secret: secret.clone(), visitor, reply }).await;
    let answer = if asked.is_ok() { answer.await.ok().and_then(Result::ok) } else { None };
    card_page(&edge, answer, &secret, fallback_language(&headers))
}

async fn send_card(
    State(edge): State<Edge>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let lang = fallback_language(&headers);
    if !same_site(&headers) {
        return SaysTemplate::response(&edge, (403, lang), "forbidden-pin", None);
    }
    let mut form = RevealForm {
        key: zeroize::Zeroizing::default(),
        pin: zeroize::Zeroizing::default(),
        factor: zeroize::Zeroizing::default(),
        wanted: Wanted::Number,
    };
    for (name, value) in decode_form(&body) {
        match name.as_str() {
            "key" => form.key = value,
            "pin" => form.pin = value,
            "factor" => form.factor = value,
            "show" if value.as_str() == "code" => form.wanted = Wanted::Code,
            "show" if value.as_str() == "delete" => form.wanted = Wanted::Delete,
            _ => {}
        }
    }
    wipe(body);
    let visitor = visitor(&edge, peer, &headers);
    let (reply, answer) = oneshot::channel();
    let request =
        ToCore::RevealSubmit { secret: secret.clone(), form: Box::new(form), visitor, reply };
    let asked = edge.core.send(request).await;
    let answer = if asked.is_ok() { answer.await.ok().and_then(Result::ok) } else { None };
    card_page(&edge, answer, &secret, lang)
}

fn card_page(edge: &Edge, answer: Option<RevealAnswer>, secret: &str, lang: Locale) -> Response {
    let frames = |origin: &Option<String>| origin.clone().map_or(edge.frames.clone(), Frames::By);
    let (page, frames) = match answer {
        Some(RevealAnswer::Ask(ask)) => {
            let frames = frames(&ask.about.frame_origin);
            (view::ask(edge, *ask, secret), frames)
        }
        Some(RevealAnswer::Show(shown)) => {
            let (frames, seconds) = (frames(&shown.about.frame_origin), shown.seconds);
            let mut page = view::show(edge, *shown, secret);
            // The browser leaves the page by itself, without any script.
            let refresh = format!("{seconds};url=/v/r/{secret}");
            if let Ok(value) = HeaderValue::from_str(&refresh) {
                page.headers_mut().insert(header::REFRESH, value);
            }
            (page, frames)
        }
        Some(RevealAnswer::Deleted(about)) => (
            view::told(edge, StatusCode::OK, "reveal-deleted", &about, ""),
            frames(&about.frame_origin),
        ),
        Some(RevealAnswer::Says(status, what, Some(about))) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::GONE);
            let key = format!("reveal-{what}");
            (view::told(edge, status, &key, &about, ""), frames(&about.frame_origin))
        }
        Some(RevealAnswer::Says(_, _, None)) => {
            (SaysTemplate::response(edge, (404, lang), "reveal-unknown", None), edge.frames.clone())
        }
        Some(RevealAnswer::Limited(limit, retry_after, about)) => {
            let mut page = view::limited(edge, limit, &about);
            if let Some(seconds) = retry_after {
                page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            (page, frames(&about.frame_origin))
        }
        Some(RevealAnswer::Waits(until, about)) => {
            let mut page = view::waits(edge, until, &about);
            let again = format!("{WAITS_SECONDS};url=/v/r/{secret}");
            if let Ok(value) = HeaderValue::from_str(&again) {
                page.headers_mut().insert(header::REFRESH, value);
            }
            (page, frames(&about.frame_origin))
        }
        Some(RevealAnswer::Locked(until, about)) => {
            let page = view::told(edge, StatusCode::FORBIDDEN, "reveal-locked", &about, &until);
            (page, frames(&about.frame_origin))
        }
        None => (
            SaysTemplate::response(edge, (503, lang), "reveal-unavailable", None),
            edge.frames.clone(),
        ),
    };
    http::security::with_policy(page, Policy::VaultSecret { frames })
}
