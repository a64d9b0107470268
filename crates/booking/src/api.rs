//! What the API handlers of the crate share: one unit of work under an optional idempotency key,
//! refusals, and the fields that several requests have.

use std::str::FromStr;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use db::idempotency::{self, Begin, Key};
use db::{DbError, Route, Tx};
use http::Refusal;
use identity::audit::Origin;
use kernel::{Date, Problem, Scope, ShopId};
use payments::Engine;
use payments::fields::{Body, Object};
use serde_json::{Value, json};
use web::Context;

use crate::bookings::letters;
use crate::bookings::ops::BookingError;
use crate::carts::error::{CartError, sold_out, within};
use crate::carts::ops::Calendar;
use crate::holds::HoldError;
use crate::holds::ops::Refusal as NotFree;
use crate::lodging::Party;
use crate::lodging::model::Guests;
use crate::lodging::ops::EntryError;
use crate::moment::Moment;
use crate::stock::store::mark_refused;
use crate::{bookings, carts, holds, lodging};

/// The routes of the API.
pub fn routes() -> Router<Context> {
    Router::new()
        .merge(lodging::api::routes())
        .merge(holds::api::routes())
        .merge(carts::api::routes())
        .merge(bookings::api::routes())
}

/// The routes that ask the vault too.
pub fn with_vault(engine: &Engine) -> Router {
    bookings::api::with_cards(engine).merge(bookings::card_request::api::routes(engine))
}

/// What these routes take and give.
#[must_use]
pub fn described() -> Vec<http::openapi::Part> {
    vec![
        lodging::describe::part(),
        holds::describe::part(),
        carts::describe::part(),
        bookings::describe::part(),
        bookings::card_request::describe::part(),
    ]
}

/// After this a request that crashed half way may be tried again, in seconds of real time.
const LEASE_SECONDS: i64 = 60;
/// Most groups of guests, and most lines, of one request.
pub(crate) const MAX_ITEMS: usize = 50;

/// A refusal of a unit of work; what is remembered of a row that was not free is written apart,
/// because the unit rolls back.
#[derive(Debug)]
pub(crate) struct Told {
    problem: Box<Problem>,
    not_free: Option<Box<NotFree>>,
}

impl From<Problem> for Told {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), not_free: None }
    }
}

impl From<NotFree> for Told {
    fn from(refusal: NotFree) -> Self {
        Self { problem: Box::new(sold_out(&refusal)), not_free: Some(Box::new(refusal)) }
    }
}

macro_rules! told {
    ($($error:ty),+) => {$(impl From<$error> for Told {
        fn from(error: $error) -> Self {
            let cause = error.to_string();
            let problem = Problem::from(error);
            if problem.status >= 500 {
                tracing::error!(cause, "booking failed");
            }
            problem.into()
        }
    })+};
}
told!(CartError, HoldError, BookingError, EntryError);

impl From<DbError> for Told {
    fn from(error: DbError) -> Self {
        identity::extract::api::internal(error).0.into()
    }
}

impl From<Told> for Refusal {
    fn from(told: Told) -> Self {
        Self(*told.problem)
    }
}

/// Who asks, for which shop, under which key.
pub(crate) struct Asked {
    pub(crate) scope: Scope,
    pub(crate) shop: ShopId,
    pub(crate) key: Option<Key>,
    /// The address of the program.
    from: String,
}

impl Asked {
    /// Reads the `Idempotency-Key` header; `body` is what the key protects.
    pub(crate) fn new(
        (scope, shop): (&Scope, ShopId),
        headers: &HeaderMap,
        (path, body): (&str, &[u8]),
    ) -> Result<Self, Problem> {
        let key = match headers.get("idempotency-key").map(HeaderValue::to_str) {
            None => None,
            Some(Ok(key)) if idempotency::is_key(key) => Some(Key {
                key: key.to_owned(),
                path: path.to_owned(),
                fingerprint: fingerprint(body),
            }),
            Some(_) => {
                let text = "An idempotency key is 1 to 255 printable ASCII characters.";
                return Err(Problem::new(400, "idempotency_key_invalid", text));
            }
        };
        Ok(Self { scope: scope.clone(), shop, key, from: String::new() })
    }

    /// The same, refused without a key: what may move money is asked under one.
    pub(crate) fn with_key(self) -> Result<Self, Problem> {
        if self.key.is_some() {
            return Ok(self);
        }
        let text = "Send a header Idempotency-Key of 1 to 255 printable characters.";
        Err(Problem::new(400, "idempotency_key_required", text))
    }

    /// From where it is asked.
    pub(crate) fn from(self, origin: &Origin) -> Self {
        Self { from: origin.address.clone(), ..self }
    }
}

/// Equal for equal JSON, whatever the order of members and blanks.
fn fingerprint(body: &[u8]) -> [u8; 32] {
    let canonical = serde_json::from_slice::<Value>(body).map(|value| value.to_string());
    identity::secrets::hash(&canonical.unwrap_or_default())
}

/// An answer, the first time or again.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
    replayed: bool,
}

impl Reply {
    /// As it is sent.
    pub(crate) fn sent(self) -> Response {
        let response = answer(self.status, self.body);
        if self.replayed { http::reply::replayed(response) } else { response }
    }
}

/// Runs a unit of work once for its key and answers with its JSON.
pub(crate) async fn run(
    ctx: &Context,
    asked: Asked,
    unit: impl FnMut(&mut Tx<'_>, Moment) -> Result<(u16, Value), Told> + Send + 'static,
) -> Result<Response, Refusal> {
    Ok(once(ctx, asked, unit).await?.sent())
}

/// Runs a unit of work once for its key.
pub(crate) async fn once(
    ctx: &Context,
    asked: Asked,
    mut unit: impl FnMut(&mut Tx<'_>, Moment) -> Result<(u16, Value), Told> + Send + 'static,
) -> Result<Reply, Refusal> {
    let (now, real_now) = (ctx.now(asked.shop), ctx.real_now());
    let (scope, key, rng) = (asked.scope.clone(), asked.key.clone(), Arc::clone(&ctx.rng));
    let from = asked.from.clone();
    let work = move |tx: &mut Tx<'_>| {
        if let Some(key) = &key {
            let lease = real_now.plus_seconds(LEASE_SECONDS);
            match idempotency::begin(tx, &scope, key, real_now, lease)? {
                Begin::Fresh | Begin::Abandoned { .. } => {}
                Begin::Replay { status, body } => {
                    return Ok(Reply { status, body, replayed: true });
                }
                Begin::InFlight => {
                    let text = "The first request with this key is still running.";
                    return Err(Problem::new(409, "idempotency_in_flight", text).into());
                }
                Begin::Mismatch => {
                    let text = "This key was used with other parameters.";
                    return Err(Problem::new(422, "idempotency_mismatch", text).into());
                }
            }
        }
        let (status, value) = unit(tx, Moment::new(now, rng.as_ref()).from(&from))?;
        let body = if value.is_null() { String::new() } else { value.to_string() };
        if let Some(key) = &key {
            idempotency::finish(tx, &scope, key, status, &body)?;
        }
        Ok::<Reply, Told>(Reply { status, body, replayed: false })
    };
    match ctx.db.write(Route::of(asked.shop.id()), work).await {
        Ok(reply) => Ok(reply),
        Err(told) => {
            if let Some(refusal) = told.not_free.clone() {
                remember(ctx, &asked, *refusal).await;
            }
            Err(told.into())
        }
    }
}

/// Remembers who went away without, so that a hold is not prolonged over his head.
async fn remember(ctx: &Context, asked: &Asked, refusal: NotFree) {
    let (scope, now) = (asked.scope.clone(), ctx.now(asked.shop));
    let unit = move |tx: &mut Tx<'_>| mark_refused(tx, &scope, &refusal.line, now);
    if let Err(error) = ctx.db.write(Route::of(asked.shop.id()), unit).await {
        tracing::warn!(%error, "refusal not remembered");
    }
}

/// A JSON answer.
pub(crate) fn answer(status: u16, body: String) -> Response {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (code, body).into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// The merchant's zone and the date there.
pub(crate) fn calendar(
    tx: &mut Tx,
    scope: &Scope,
    now: kernel::Timestamp,
) -> Result<Calendar, DbError> {
    let zone = letters::zone(tx, scope)?;
    let today = zone.date(now);
    Ok(Calendar { zone, today })
}

/// An id of an address; what is none names nothing here.
pub(crate) fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// The shop of a request: that of the key, and no other.
pub(crate) fn own_shop(asked: Option<ShopId>, own: ShopId) -> Result<ShopId, Problem> {
    if asked.is_some_and(|shop| shop != own) { Err(Problem::not_found()) } else { Ok(own) }
}

/// Arrival and departure, both required.
pub(crate) fn dates(object: &Object<'_>) -> Option<(Date, Date)> {
    let one =
        |name| object.required(name, object.parsed::<Date>(name, "a date such as 2026-07-04"));
    let (arrival, departure) = (one("arrival"), one("departure"));
    arrival.zip(departure)
}

/// The members of a list, each read on its own; faults carry its place.
pub(crate) fn list<T>(
    body: &Body,
    object: &Object<'_>,
    name: &'static str,
    read: impl Fn(&Body, &Object<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let value = object.required(name, object.value(name))?;
    let Some(items) = value.as_array().filter(|items| items.len() <= MAX_ITEMS) else {
        object.fault(name, "Give a list of at most 50.");
        return None;
    };
    let mut all = Some(Vec::new());
    for (index, item) in items.iter().enumerate() {
        let path = format!("{}[{index}]", object.path(name));
        if !item.is_object() {
            body.fault(path, "invalid_field", "Give an object.");
            all = None;
            continue;
        }
        let inner = Body::new();
        let root = inner.root(item);
        let one = read(&inner, &root);
        root.close();
        if let Err(problem) = inner.finish() {
            for fault in within(problem, &path).errors {
                body.fault(fault.path, &fault.code, fault.message);
            }
        }
        all = all.zip(one).map(|(mut all, one)| {
            all.push(one);
            all
        });
    }
    all
}

/// Who comes.
pub(crate) fn party(body: &Body, object: &Object<'_>) -> Option<Party> {
    let groups = list(body, object, "guests", |_, guests| {
        let bracket = guests.required("bracket", guests.text("bracket", 40));
        let count = guests.required("count", guests.integer("count"));
        let count = count.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        bracket.zip(count).map(|(bracket, count)| Guests { bracket, count })
    })?;
    let party = Party::new(groups);
    if party.is_err() {
        object.fault("guests", "Between 1 and 99 persons, each bracket once.");
    }
    party.ok()
}

/// An amount as the API writes it.
pub(crate) fn money(amount: kernel::Money) -> Value {
    json!({"amount": amount.minor(), "currency": amount.currency()})
}
