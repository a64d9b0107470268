//! Answers: pages, redirects, and refusals as problem documents (RFC 9457).

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Invariant, Problem};

/// A refusal that becomes `application/problem+json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal(pub Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Invariant> for Refusal {
    fn from(broken: Invariant) -> Self {
        tracing::error!(rule = broken.rule, "ALARM: invariant violated, rolled back");
        Self(Problem::internal())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let request_id = crate::server::request_id();
        let body = self.0.to_json(&request_id).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        set(&mut response, header::CONTENT_TYPE, "application/problem+json");
        if let Some(seconds) = self.0.retry_after_seconds {
            set(&mut response, header::RETRY_AFTER, &seconds.to_string());
        }
        response
    }
}

/// Marks an answer as the stored one of an earlier request with the same key.
#[must_use]
pub fn replayed(mut response: Response) -> Response {
    let name = HeaderName::from_static("idempotent-replayed");
    response.headers_mut().insert(name, HeaderValue::from_static("true"));
    response
}

/// A page.
pub fn html(page: &impl askama::Template) -> Response {
    html_with(StatusCode::OK, page)
}

/// A page with another status than 200.
pub fn html_with(status: StatusCode, page: &impl askama::Template) -> Response {
    match page.render() {
        Ok(text) => {
            let mut response = Response::new(Body::from(text));
            *response.status_mut() = status;
            set(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
            response
        }
        Err(error) => {
            tracing::error!(%error, "template failed");
            Refusal(Problem::internal()).into_response()
        }
    }
}

/// 303: every form answers with a GET, so that back and reload are harmless.
#[must_use]
pub fn redirect(location: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    set(&mut response, header::LOCATION, location);
    response
}

/// Sets a header; a value that is no header text is left out and logged.
pub fn set(response: &mut Response, name: HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) => {
            response.headers_mut().insert(name, value);
        }
        Err(_) => tracing::error!(%name, "not a header value"),
    }
}
