//! Being someone of the demo without his password.

use axum::extract::{Form, FromRequest as _, Json, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use http::Refusal;
use kernel::Problem;

use super::DemoState;

#[derive(serde::Deserialize)]
struct Wish {
    email: String,
    lang: Option<String>,
    /// `/demo` for the persona's menu of the split screen.
    back: Option<String>,
}

/// `POST /demo/session`, as JSON or as a form.
pub(super) async fn open(
    State(state): State<DemoState>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Refusal> {
    let is_json = is_json(&headers);
    let wish = wish::<Wish>(request).await;
    let unknown = || Problem::field("$.email", "invalid_field", "Name someone of this demo.");
    let Wish { email, lang, back } = wish.ok_or_else(unknown)?;
    let cookie =
        identity::sessions::pages::open_in_demo(&state.ctx, &email).await.map_err(|_| unknown())?;
    let lang = lang.as_deref().and_then(kernel::Locale::parse);
    let start = if back.as_deref() == Some("/demo") { "/demo" } else { "/" };
    let home =
        lang.map_or_else(|| start.to_owned(), |lang| format!("{start}?lang={}", lang.code()));
    let mut response =
        if is_json { StatusCode::NO_CONTENT.into_response() } else { http::redirect(&home) };
    http::reply::set(&mut response, header::SET_COOKIE, &cookie);
    Ok(response)
}

/// Reads a small body, JSON or form.
pub(super) async fn wish<T: serde::de::DeserializeOwned>(request: Request) -> Option<T> {
    if is_json(request.headers()) {
        Json::<T>::from_request(request, &()).await.ok().map(|Json(wish)| wish)
    } else {
        Form::<T>::from_request(request, &()).await.ok().map(|Form(wish)| wish)
    }
}

/// Whether the body is JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}
