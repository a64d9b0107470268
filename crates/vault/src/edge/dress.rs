//! Refusals that no handler wrote, in the words of whoever reads them: a page with a reference to
//! quote for people, a problem document for programs.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::security::{Policy, with_policy};
use http::{Refusal, bare, html_with};
use kernel::{Locale, Problem};

use super::Edge;
use super::form::{self, Reader};
use super::pages::fallback_language;
use super::view::ClosedTemplate;

/// Below this are the card pages, whose answers depend on the origin of the asking site.
const CARD_PAGE: &str = "/v/c/";

/// Marks an answer of somebody else, which is passed on as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsItCame;

/// Who reads a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dress {
    /// A person.
    Page,
    /// A program.
    Problem,
}

/// Gives bare refusals of the routes their words.
pub(super) fn dress(routes: Router<Edge>, edge: &Edge, how: Dress) -> Router<Edge> {
    let edge = edge.clone();
    routes.layer(middleware::from_fn(move |request: Request, next: Next| {
        let edge = edge.clone();
        let card_page = request.uri().path().strip_prefix(CARD_PAGE).map(str::to_owned);
        let headers = request.headers().clone();
        async move {
            let mut answer = next.run(request).await;
            let is_ours = answer.extensions().get::<AsItCame>().is_none();
            if is_ours && bare::is_bare(&answer) {
                let (status, secret) = (answer.status(), card_page.as_deref());
                let mut dressed = match (how, secret, Reader::of(&headers)) {
                    (Dress::Page, Some(secret), Reader::Script) => {
                        form::bare_problem(&edge, secret, &headers, problem(status)).await
                    }
                    (Dress::Page, ..) => page(&edge, status, fallback_language(&headers)),
                    (Dress::Problem, ..) => Refusal(problem(status)).into_response(),
                };
                bare::keep_head(&answer, &mut dressed);
                answer = dressed;
            }
            if card_page.is_some() {
                answer.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
            }
            answer
        }
    }))
}

fn page(edge: &Edge, status: StatusCode, lang: Locale) -> Response {
    let what = match status.as_u16() {
        404 => "unknown",
        405 => "no-method",
        413 => "too-large",
        400..=499 => "unreadable",
        _ => "unavailable",
    };
    html_with(status, &ClosedTemplate::new(edge, lang, what))
}

/// In the words of this origin, where a body has a limit of its own.
fn problem(status: StatusCode) -> Problem {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(413, "too_large", "A body has at most 32 KiB here.")
        }
        other => bare::problem(other),
    }
}

/// No such address: a page for browsers, a problem document for everything else.
pub(super) async fn nothing_here(
    State(edge): State<Edge>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let browser = accepts.is_some_and(|kinds| kinds.contains("text/html"));
    if browser && !uri.path().starts_with("/v1/") {
        return page(&edge, StatusCode::NOT_FOUND, fallback_language(&headers));
    }
    let problem = Refusal(problem(StatusCode::NOT_FOUND));
    with_policy(problem.into_response(), Policy::Api)
}
