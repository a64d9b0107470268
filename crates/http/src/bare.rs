//! Refusals that no handler wrote: no such address, wrong method, unreadable or too large a body.
//! They come as a few plain words or none, and each origin dresses them for whoever reads them.

use axum::http::{StatusCode, header};
use axum::response::Response;
use kernel::Problem;

/// Whether an answer is such a refusal.
#[must_use]
pub fn is_bare(answer: &Response) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let is_plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    is_plain && (answer.status().is_client_error() || answer.status().is_server_error())
}

/// The refusal in the words of the API.
#[must_use]
pub fn problem(status: StatusCode) -> Problem {
    let status = status.as_u16();
    let (code, text) = match status {
        404 => ("not_found", "There is nothing at this address."),
        405 => ("method_not_allowed", "This address does not know this method."),
        413 => ("too_large", "The body is too large."),
        415 => ("media_type_unsupported", "This content type is not read here."),
        400..=499 => ("bad_request", "The request could not be read."),
        503 => ("unavailable", "Not at this moment."),
        _ => return Problem::internal(),
    };
    Problem::new(status, code, text)
}

/// Gives the dressed answer what the bare one told in its head: which methods, when to come back.
pub fn keep_head(bare: &Response, dressed: &mut Response) {
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = bare.headers().get(&name) {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
}
