//! Refusals that no handler wrote, in the words of whoever reads them: a page with a reference to
//! quote for people, a problem document for programs.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::security::{Policy, with_policy};
use http::{Refusal, bare, html_with};
use kernel::{Locale, Problem};

use super::Edge;
use super::pages::fallback_language;
use super::view::ClosedTemplate;

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
        let (edge, lang) = (edge.clone(), fallback_language(request.headers()));
        async move {
            let answer = next.run(request).await;
            if !bare::is_bare(&answer) {
                return answer;
            }
            let mut dressed = match how {
                Dress::Page => page(&edge, answer.status(), lang),
                Dress::Problem => Refusal(problem(answer.status())).into_response(),
            };
            bare::keep_head(&answer, &mut dressed);
            dressed
        }
    }))
}

fn page(edge: &Edge, status: StatusCode, lang: Locale) -> Response {
    let what = match status.as_u16() {
        404 => "unknown",
        400..=499 => "unreadable",
        _ => "unavailable",
    };
    html_with(status, &ClosedTemplate::new(edge, lang, what))
}

/// In the words of this origin, where a body has a limit of its own.
fn problem(status: StatusCode) -> Problem {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(413, "body_too_large", "A body has at most 32 KiB here.")
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
