//! Error pages: what happened, whether money moved, what to do, a reference to copy.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::{Page, Refusal, Words};
use kernel::Problem;

use crate::{Context, language};

#[derive(Template)]
#[template(path = "oops.html")]
struct OopsPage {
    page: Page,
    text: String,
    money: String,
    cure: String,
    reference: String,
}

/// A refusal moves no money; after a failure of ours that is only known elsewhere.
const fn money(status: u16) -> &'static str {
    if status < 500 { "oops-money" } else { "oops-money-unsure" }
}

/// The page for a refusal, in the visitor's language. Sentences of single codes are
/// `oops-{code}`; other codes get the sentence of their status.
#[must_use]
pub fn page(words: &Arc<Words>, problem: &Problem) -> Response {
    let status = problem.status;
    let by_status = format!("oops-{}", worded(status));
    let by_code = format!("oops-{}", problem.code.replace('_', "-"));
    let text = if words.has(&by_code) { words.say(&by_code) } else { words.say(&by_status) };
    let title = words.say(&format!("{by_status}-title"));
    let page = OopsPage {
        page: Page::new(Arc::clone(words), title, ""),
        text,
        money: words.say(money(status)),
        cure: words.say("oops-cure"),
        reference: http::server::request_id(),
    };
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = http::html_with(code, &page);
    if let Some(seconds) = problem.retry_after_seconds {
        http::reply::set(&mut answer, header::RETRY_AFTER, &seconds.to_string());
    }
    answer
}

/// The status whose words fit another one.
const fn worded(status: u16) -> u16 {
    match status {
        400 | 401 | 403 | 404 | 409 | 410 | 413 | 422 | 429 | 503 => status,
        405 => 404,
        402..=499 => 400,
        _ => 500,
    }
}

/// How a refusal that no handler wrote is told: wrong method, unreadable or too large a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dress {
    /// To a person, as a page.
    Page,
    /// To a program, as a problem document.
    Problem,
}

/// Gives such refusals of the routes their words.
pub fn dress<S>(routes: Router<S>, ctx: &Context, how: Dress) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let ctx = ctx.clone();
    routes.layer(middleware::from_fn(move |request: Request, next: Next| {
        let words = language::choose(&ctx, request.uri(), request.headers());
        async move {
            let answer = next.run(request).await;
            match how {
                _ if http::bare::is_bare(&answer) => dressed(&words, &answer, how),
                Dress::Page if is_failure_for_programs(&answer) => dressed(&words, &answer, how),
                Dress::Page | Dress::Problem => answer,
            }
        }
    }))
}

/// A failure of ours that an extractor told as a problem document, where a person reads.
fn is_failure_for_programs(answer: &Response) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    answer.status().is_server_error()
        && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

fn dressed(words: &Arc<Words>, bare: &Response, how: Dress) -> Response {
    let mut answer = told(words, &http::bare::problem(bare.status()), how);
    http::bare::keep_head(bare, &mut answer);
    answer
}

fn told(words: &Arc<Words>, problem: &Problem, how: Dress) -> Response {
    match how {
        Dress::Page => page(words, problem),
        Dress::Problem => Refusal(problem.clone()).into_response(),
    }
}
