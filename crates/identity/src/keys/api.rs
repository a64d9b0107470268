//! How often a key may call, told in headers (draft-ietf-httpapi-ratelimit-headers).

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::Refusal;
use kernel::Problem;
use web::Context;

use super::KeyText;
use super::limit::{Allowance, CALLS_AT_ONCE, Limiter, Passes, WINDOW_SECONDS};
use crate::extract::api::bearer;

/// Counts the calls of each key over all the routes; calls without a key are left to the
/// extractor, which refuses them.
pub fn limited<S: Clone + Send + Sync + 'static>(routes: Router<S>, ctx: &Context) -> Router<S> {
    let (ctx, limiter) = (ctx.clone(), Arc::new(Limiter::default()));
    routes.layer(middleware::from_fn(move |request: Request, next: Next| {
        let key = bearer(request.headers()).and_then(KeyText::parse);
        let allowance = key.map(|key| limiter.count(key.hash(), ctx.real_now()));
        async move {
            let Some(allowance) = allowance else { return next.run(request).await };
            let mut response = match allowance.passes {
                Passes::Yes => next.run(request).await,
                Passes::No => too_many(),
            };
            tell(&mut response, allowance);
            response
        }
    }))
}

fn too_many() -> Response {
    let text = "Too many calls with this key. Wait a second, then go on more slowly.";
    Refusal(Problem::new(429, "too_many_requests", text).retry_after(1)).into_response()
}

fn tell(response: &mut Response, allowance: Allowance) {
    let Allowance { remaining, reset_seconds, .. } = allowance;
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    set("ratelimit-policy", format!("\"key\";q={CALLS_AT_ONCE};w={WINDOW_SECONDS}"));
    set("ratelimit", format!("\"key\";r={remaining};t={reset_seconds}"));
}
