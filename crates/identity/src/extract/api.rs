//! The permission of API handlers: a key in `Authorization: Bearer gk_…`.

use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use db::{DbError, Route};
use http::Refusal;
use kernel::{Problem, Right, Scope, ShopId};
use web::Context;

use super::needs::Need;
use crate::audit::{Line, Origin};
use crate::keys::api::Counters;
use crate::keys::ops::Refused;
use crate::keys::{self, ApiKey, KeyText};

/// A program that showed an open key with the right `R`.
#[derive(Debug, Clone)]
pub struct May<R> {
    /// The proof for every store function; things of another merchant or mode do not exist in it.
    pub scope: Scope,
    /// The shop the key acts for; a request about another shop is a 404.
    pub shop: ShopId,
    /// The key.
    pub key: ApiKey,
    /// From where, for the journal.
    pub origin: Origin,
    right: PhantomData<R>,
}

impl<R> May<R> {
    /// A line of the journal about an object.
    #[must_use]
    pub fn line(&self, action: &'static str, object: impl std::fmt::Display) -> Line {
        Line::new(action, object, &self.origin)
    }
}

impl<R: Need, S: Send + Sync> FromRequestParts<S> for May<R>
where
    Context: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let ctx = Context::from_ref(state);
        let (key, scope) = check(&ctx, parts).await.map_err(refusal)?;
        if let Some(counters) = parts.extensions.get::<Arc<Counters>>()
            && let Some(refused) = counters.count_merchant(key.merchant, ctx.real_now())
        {
            return Err(refused);
        }
        note_use(&ctx, &key);
        if let Some(right) = R::RIGHT.filter(|right| !scope.may(*right)) {
            return Err(Refusal(missing_right(right)).into_response());
        }
        let origin = Origin { role: key.name.clone(), ..origin(&parts.headers, &parts.extensions) };
        Ok(Self { scope, shop: key.shop, key, origin, right: PhantomData })
    }
}

async fn check(ctx: &Context, parts: &Parts) -> Result<(ApiKey, Scope), Refused> {
    let text = bearer(&parts.headers).and_then(KeyText::parse).ok_or(Refused::BadKey)?;
    let (from, now) = (peer(&parts.extensions), ctx.real_now());
    ctx.db.read(move |tx| keys::ops::check(tx, &text, from, now)).await
}

/// Writes the last use down beside the request, at most once a minute.
fn note_use(ctx: &Context, key: &ApiKey) {
    let now = ctx.real_now();
    if !key.use_is_stale(now) {
        return;
    }
    let (db, key) = (ctx.db.clone(), key.clone());
    tokio::spawn(async move {
        let route = Route::of(key.id.id());
        let noted = db.write(route, move |tx| keys::store::note_use(tx, &key, now)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "last use of a key not noted");
        }
    });
}

/// The text behind `Bearer` in the `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, text) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| text.trim())
}

/// Address of the peer of the socket, never what a header claims; 0.0.0.0 when unknown.
pub(crate) fn peer(extensions: &Extensions) -> IpAddr {
    let known = extensions.get::<ConnectInfo<SocketAddr>>();
    known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip().to_canonical())
}

/// Address and device of a request.
pub(crate) fn origin(headers: &HeaderMap, extensions: &Extensions) -> Origin {
    let device = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        address: peer(extensions).to_string(),
        device: device.unwrap_or_default().to_owned(),
        role: String::new(),
    }
}

/// Address and device of whoever asks, on pages that need no session and no key.
#[derive(Debug, Clone)]
pub struct Caller(pub Origin);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(origin(&parts.headers, &parts.extensions)))
    }
}

/// 403 for a right that is missing; names it.
#[must_use]
pub fn missing_right(right: Right) -> Problem {
    let text = format!("The right {} is missing.", right.as_str());
    Problem::new(403, "right_missing", text).with("right", right.as_str())
}

/// A failing database: 503 when it is away or busy, else 500. The cause is logged, an invariant as
/// an alarm.
#[must_use]
pub fn internal(error: DbError) -> Refusal {
    match error {
        DbError::Invariant(broken) => Refusal::from(broken),
        other => {
            tracing::error!(error = %other, "database");
            Refusal(Problem::from(&other))
        }
    }
}

fn refusal(refused: Refused) -> Response {
    match refused {
        Refused::BadKey => {
            let text = "No open key was shown. Send Authorization: Bearer gk_….";
            let problem = Problem::new(401, "unauthorized", text).with("reason", "bad_key");
            let mut response = Refusal(problem).into_response();
            let scheme = HeaderValue::from_static("Bearer realm=\"guichet\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
            response
        }
        Refused::Address => {
            let text = "This key does not work from this address.";
            Refusal(Problem::new(403, "ip_not_allowed", text)).into_response()
        }
        Refused::Db(error) => internal(error).into_response(),
    }
}
