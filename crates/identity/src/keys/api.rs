//! How often the API may be called by one address, one key, one merchant; told in headers
//! (draft-ietf-httpapi-ratelimit-headers).

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::Refusal;
use http::limit::{Allowance, Limit, Limiter, Passes};
use kernel::{MerchantId, Problem, Timestamp};
use serde::{Deserialize, Serialize};
use web::Context;

use super::KeyText;
use crate::extract::api::{bearer, peer};

/// The limits of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Of one address, with or without a key.
    pub address: Limit,
    /// Of one key.
    pub key: Limit,
    /// Of all keys of a merchant together.
    pub merchant: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address: Limit::new(200, 800),
            key: Limit::new(50, 100),
            merchant: Limit::new(200, 400),
        }
    }
}

impl Limits {
    /// For a machine that is its own client: tests and measurements run against it.
    #[must_use]
    pub const fn generous() -> Self {
        let much = Limit::new(100_000, 200_000);
        Self { address: much, key: much, merchant: much }
    }
}

/// The counters behind the limits.
#[derive(Debug)]
pub(crate) struct Counters {
    address: Limiter<IpAddr>,
    key: Limiter<[u8; 32]>,
    merchant: Limiter<MerchantId>,
}

/// Counts the calls of each address and each key over all the routes; the extractor counts those
/// of the merchant, whom only it knows.
pub fn limited<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    ctx: &Context,
    limits: Limits,
) -> Router<S> {
    let counters = Arc::new(Counters {
        address: Limiter::new(limits.address),
        key: Limiter::new(limits.key),
        merchant: Limiter::new(limits.merchant),
    });
    let ctx = ctx.clone();
    routes.layer(middleware::from_fn(move |mut request: Request, next: Next| {
        let (counters, now) = (Arc::clone(&counters), ctx.real_now());
        let by_address = counters.address.count(peer(request.extensions()), now);
        let key = bearer(request.headers()).and_then(KeyText::parse);
        let by_key = key.map(|key| counters.key.count(key.hash(), now));
        request.extensions_mut().insert(Arc::clone(&counters));
        async move {
            if by_address.passes == Passes::No {
                return too_many("address", by_address, counters.address.limit());
            }
            let Some(by_key) = by_key else { return next.run(request).await };
            if by_key.passes == Passes::No {
                return too_many("key", by_key, counters.key.limit());
            }
            let mut response = next.run(request).await;
            if !response.headers().contains_key("ratelimit") {
                tell(&mut response, "key", by_key, counters.key.limit());
            }
            response
        }
    }))
}

impl Counters {
    /// Counts a call of a merchant; the answer that refuses it, when it is one too many.
    pub(crate) fn count_merchant(&self, id: MerchantId, now: Timestamp) -> Option<Response> {
        let allowance = self.merchant.count(id, now);
        match allowance.passes {
            Passes::Yes => None,
            Passes::No => Some(too_many("merchant", allowance, self.merchant.limit())),
        }
    }
}

fn too_many(by: &'static str, allowance: Allowance, limit: Limit) -> Response {
    http::metrics::limited(by);
    let text = match by {
        "address" => "Too many calls from this address. Wait a second, then go on more slowly.",
        "merchant" => "Too many calls with all keys together. Wait a second, then go on slowly.",
        _ => "Too many calls with this key. Wait a second, then go on more slowly.",
    };
    let refusal = Refusal(Problem::new(429, "too_many_requests", text).retry_after(1));
    let mut response = refusal.into_response();
    tell(&mut response, by, allowance, limit);
    response
}

fn tell(response: &mut Response, by: &str, allowance: Allowance, limit: Limit) {
    let Allowance { remaining, reset_seconds, .. } = allowance;
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    let (most, seconds) = (limit.at_once, limit.window_seconds());
    set("ratelimit-policy", format!("\"{by}\";q={most};w={seconds}"));
    set("ratelimit", format!("\"{by}\";r={remaining};t={reset_seconds}"));
}
