//! Ways back into a frame of the split screen.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse as _, Response};
use web::Context;

/// Browsers keep the session's cookie to themselves when a page of the vault leads back into a
/// frame. In the demo's split screen such a visit is made once more, from a page of ours.
pub(crate) fn come_back(staff: Router, ctx: &Context) -> Router {
    if ctx.demo { staff.layer(middleware::from_fn(again)) } else { staff }
}

async fn again(request: Request, next: Next) -> Response {
    if !returns(request.method(), request.headers()) {
        return next.run(request).await;
    }
    let mut again = Html("").into_response();
    again.headers_mut().insert(header::REFRESH, HeaderValue::from_static("0"));
    again
}

fn returns(method: &Method, headers: &HeaderMap) -> bool {
    let said = |name: &str, word: &str| headers.get(name).is_some_and(|value| value == word);
    method == Method::GET
        && said("sec-fetch-site", "cross-site")
        && said("sec-fetch-dest", "iframe")
}
