//! Error pages: what happened, whether money moved, what to do, a reference to copy.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use http::{Page, Words};
use kernel::Problem;

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
    let known = matches!(status, 400 | 401 | 403 | 404 | 409 | 410 | 413 | 422 | 429 | 503);
    let by_status = format!("oops-{}", if known { status } else { 500 });
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
    http::html_with(code, &page)
}
