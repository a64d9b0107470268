//! The card form of a shop's own site: who may post it here, and what its script is told.
//!
//! A plain form is answered like the card page's own: a redirect, or the card page with what is
//! wrong, and no card field in it. A script (`fetch`) is answered in JSON, with leave to read it
//! for exactly the origin that the page was opened for (CORS, <https://fetch.spec.whatwg.org>).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http::reply::set;
use http::security::{Policy, with_policy};
use http::{Refusal, html_with};
use kernel::{FieldError, Problem};
use serde_json::json;
use tokio::sync::oneshot;

use super::Edge;
use super::pages::{fallback_language, same_site};
use super::view::{ClosedTemplate, sentence};
use crate::capture::{CardPage, PageAnswer, Step};
use crate::core::ToCore;
use crate::origin::Origin;

/// How long a browser may remember that a site is let in, in seconds.
const PREFLIGHT_SECONDS: &str = "600";
const FORM: &str = "application/x-www-form-urlencoded";

/// Where a form comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sender {
    /// The card page itself.
    Page,
    /// The site that the page was opened for; what its script reads, if one asks.
    Site(Origin, Reader),
}

/// Who reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// A person.
    Person,
    /// A script.
    Script,
}

impl Reader {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let says = |name: &str, word: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.is_some_and(|value| value.contains(word))
        };
        let script = says("sec-fetch-mode", "cors") || says("accept", "application/json");
        if script { Self::Script } else { Self::Person }
    }
}

/// Who sends a form; a refusal for everybody but the card page and the site it was opened for.
pub(super) async fn sender(
    edge: &Edge,
    secret: &str,
    headers: &HeaderMap,
) -> Result<Sender, Response> {
    let said = origin(headers);
    let own = said.is_none() || said == edge.own;
    if same_site(headers) && own {
        return Ok(Sender::Page);
    }
    let reader = Reader::of(headers);
    match said {
        Some(said) if form_origin(edge, secret).await.as_ref() == Some(&said) => {
            Ok(Sender::Site(said, reader))
        }
        _ => Err(forbidden(edge, headers, reader)),
    }
}

/// The origin that the browser tells; none for a page that hides it.
fn origin(headers: &HeaderMap) -> Option<Origin> {
    headers.get(header::ORIGIN)?.to_str().ok().and_then(Origin::bare)
}

async fn form_origin(edge: &Edge, secret: &str) -> Option<Origin> {
    let (reply, answer) = oneshot::channel();
    let question = ToCore::FormOrigin { secret: secret.to_owned(), reply };
    edge.core.send(question).await.ok()?;
    answer.await.ok()?.ok()?
}

fn forbidden(edge: &Edge, headers: &HeaderMap, reader: Reader) -> Response {
    match reader {
        Reader::Person => {
            let page = ClosedTemplate::new(edge, fallback_language(headers), "forbidden");
            html_with(StatusCode::FORBIDDEN, &page)
        }
        Reader::Script => {
            let why = "The card page was not opened for a form of this site.";
            api(Refusal(Problem::new(403, "origin_not_allowed", why)))
        }
    }
}

/// A browser asks before a script may post: it may, from the one site.
pub(super) async fn preflight(
    State(edge): State<Edge>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Response {
    let said = origin(&headers);
    let known = form_origin(&edge, &secret).await;
    let Some(site) = said.filter(|said| Some(said) == known.as_ref()) else {
        // As every page answers a method that it does not take.
        let mut refused = StatusCode::METHOD_NOT_ALLOWED.into_response();
        set(&mut refused, header::ALLOW, "GET,HEAD,POST");
        return refused;
    };
    let mut answer = api(StatusCode::NO_CONTENT);
    set(&mut answer, header::ACCESS_CONTROL_ALLOW_METHODS, "POST");
    set(&mut answer, header::ACCESS_CONTROL_ALLOW_HEADERS, "accept, content-type");
    set(&mut answer, header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    readable(answer, &site)
}

/// Other bodies than a form are told so, before anything of them is read.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim() == FORM)
}

/// The refusal of a body that is no form.
pub(super) fn no_form(site: &Origin) -> Response {
    let why = "Send application/x-www-form-urlencoded, for example new URLSearchParams(formData).";
    readable(api(Refusal(Problem::new(415, "media_type_unsupported", why))), site)
}

/// What a script is told.
pub(super) fn told(edge: &Edge, answer: Option<PageAnswer>, site: &Origin) -> Response {
    let refuse = |status, code, why: &str| api(Refusal(Problem::new(status, code, why)));
    let response = match answer {
        Some(PageAnswer::Done { capture, location }) => {
            api(Json(json!({ "capture": capture, "redirect": location })))
        }
        Some(PageAnswer::Show(page)) => api(Refusal(problem(edge, &page))),
        Some(PageAnswer::Closed(_)) => {
            refuse(410, "capture_closed", "The card page takes no card any more; open another one.")
        }
        Some(PageAnswer::Unknown) => api(Refusal(Problem::not_found())),
        None => refuse(503, "unavailable", "Not at this moment."),
    };
    readable(response, site)
}

/// What is wrong with the fields, in the words of the card page.
fn problem(edge: &Edge, page: &CardPage) -> Problem {
    let words = edge.words.words(page.lang);
    if let Step::Brand(choices) = &page.step {
        let why = words.say("vault-brand-hint");
        let names: Vec<&str> = choices.iter().map(|brand| brand.as_str()).collect();
        return Problem::field("$.brand", "brand_required", why).with("choices", names);
    }
    let code = page.faults.first().map_or("invalid_field", |fault| fault.fault.code());
    let mut problem = Problem::new(422, code, "The card is refused; nothing was stored.");
    for fault in &page.faults {
        let told = sentence(&words, fault.fault);
        let code = fault.fault.code();
        problem = problem.with_error(FieldError::new(fault.field.form_path(), code, told));
    }
    problem
}

fn api(answer: impl IntoResponse) -> Response {
    with_policy(answer.into_response(), Policy::Api)
}

/// Lets scripts of the site read the answer, and nobody else's; that it varies by origin is told
/// with every answer of a card page.
fn readable(mut answer: Response, site: &Origin) -> Response {
    set(&mut answer, header::ACCESS_CONTROL_ALLOW_ORIGIN, &site.text());
    answer
}

/// A refusal that no handler wrote, for a script that posted to a card page: its site may read it.
pub(super) async fn bare_problem(
    edge: &Edge,
    secret: &str,
    headers: &HeaderMap,
    problem: Problem,
) -> Response {
    let answer = api(Refusal(problem));
    let known = form_origin(edge, secret).await;
    match origin(headers).filter(|said| Some(said) == known.as_ref()) {
        Some(site) => readable(answer, &site),
        None => answer,
    }
}
