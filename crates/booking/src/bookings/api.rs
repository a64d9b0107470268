//! `GET /v1/bookings`, `GET /v1/bookings/{id}`, `POST …/cancel`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use db::Tx;
use http::Refusal;
use identity::extract::{May, needs};
use kernel::{BookingId, Problem, Right, Scope, ShopId};
use payments::Engine;
use payments::cards::of_booking::{Asked as OfWhat, OfBooking};
use payments::fields::Body;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use vault_wire::MissingReason::{NotGranted, NotSent};
use web::Context;
use web::query::Query;

use super::balance;
use super::method;
use super::model::{Booking, BookingState};
use super::ops::{self, BookingError};
use super::pages::Desk;
use super::store::{self, Filter, Part};
use super::{creating, outside};
use crate::api::{self, Asked, Told, money};
use crate::carts::api::line_json;
use crate::moment::Moment;

/// Bookings of a page unless asked otherwise.
pub(super) const LIST_SIZE: u32 = 50;
pub(super) const MAX_LIST_SIZE: u32 = 200;
/// What a list of bookings can be asked for.
const PARAMETERS: [&str; 6] = ["state", "q", "arrival", "departure", "limit", "cursor"];

/// The routes of the slice.
pub fn routes() -> Router<Context> {
    Router::new().route("/v1/bookings/{id}/cancel", post(cancel))
}

/// Bookings with their cards, asked of the vault, and what was made elsewhere with one of them.
pub fn with_cards(engine: &Engine) -> Router {
    let desk = Desk { engine: engine.clone() };
    Router::new()
        .route("/v1/bookings", get(list).post(creating::api::create))
        .route("/v1/bookings/{id}", get(show))
        .merge(outside::api::routes())
        .with_state(desk)
}

pub(super) fn own(
    tx: &mut Tx,
    scope: &Scope,
    (id, shop): (BookingId, ShopId),
) -> Result<Booking, Told> {
    let found = store::find(tx, scope, id)?;
    Ok(found.filter(|booking| booking.shop == shop).ok_or_else(Problem::not_found)?)
}

pub(super) fn full_json(tx: &mut Tx, scope: &Scope, booking: &Booking) -> Result<Value, Told> {
    let payments = ops::payments_of(tx, scope, booking)?;
    let recorded = outside::store::of(tx, scope, booking.id)?;
    let paid = ops::paid(booking, (&payments, &recorded)).map_err(BookingError::from)?;
    let due = balance::due(booking, (&payments, &recorded)).map_err(BookingError::from)?;
    let mut told = short_json(booking);
    told["lines"] = booking.lines.iter().map(line_json).collect();
    told["paid"] = money(paid);
    told["due"] = money(due);
    told["payments"] = payments.iter().map(|payment| json!(payment.id)).collect();
    told["recorded_transactions"] = recorded.iter().map(outside::api::shown).collect();
    told["documents"] = json!([]);
    Ok(told)
}

fn short_json(booking: &Booking) -> Value {
    json!({
        "id": booking.id, "number": booking.number, "reference": booking.reference,
        "state": booking.state.as_str(),
        "firm": booking.state.is_firm(), "provenance": booking.provenance.as_str(),
        "starts": booking.starts.to_string(), "ends": booking.ends.to_string(),
        "total": money(booking.total), "contact": booking.contact, "version": booking.version,
        "created_at": booking.created_at,
    })
}

async fn show(
    State(desk): State<Desk>,
    may: May<needs::BookingView>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id: BookingId = api::id(&id)?;
    let (scope, shop) = (may.scope.clone(), may.shop);
    let read = move |tx: &mut Tx<'_>| -> Result<_, Told> {
        let booking = own(tx, &scope, (id, shop))?;
        Ok((full_json(tx, &scope, &booking)?, method::asked(&booking)))
    };
    let (mut told, asked) = desk.engine.ctx.db.read(read).await?;
    put_cards(&desk.engine, &may.scope, (&mut told, &asked)).await?;
    Ok(api::answer(200, told.to_string()))
}

/// Adds the cards of a booking to what is told of it, as far as the scope may see them.
pub(super) async fn put_cards(
    engine: &Engine,
    scope: &Scope,
    (told, asked): (&mut Value, &OfWhat),
) -> Result<(), Told> {
    let cards = if scope.may(Right::CardView) {
        engine.all_cards_of(scope, asked).await?
    } else {
        Some(OfBooking { cards: Vec::new(), missing: Some((NotGranted, None, None)) })
    };
    (told["card"], told["cards"]) = cards.map_or((Value::Null, Value::Null), cards_json);
    Ok(())
}

/// The card that counts, and all of them.
fn cards_json(of: OfBooking) -> (Value, Value) {
    let first = match (of.cards.first(), of.missing) {
        (Some(card), _) => json!(card),
        (None, missing) => {
            let (why, at, by) = missing.unwrap_or((NotSent, None, None));
            json!({
                "token": null, "cardVirtual": false, "status": "none",
                "missing_reason": why, "missing_since": at, "missing_by": by,
            })
        }
    };
    (first, json!(of.cards))
}

async fn list(
    State(desk): State<Desk>,
    may: May<needs::BookingView>,
    query: Query,
) -> Result<Response, Refusal> {
    let query = query.read(&PARAMETERS)?;
    let (filter, Part { before, limit }) = read_filter(&query, may.shop)?;
    let scope = may.scope;
    let part = Part { before, limit: limit.saturating_add(1) };
    let read = move |tx: &mut Tx<'_>| store::list(tx, &scope, &filter, part);
    let found = desk.engine.ctx.db.read(read).await;
    let mut found = found.map_err(Told::from)?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(|booking| booking.id);
    let data: Vec<Value> = found.iter().map(short_json).collect();
    Ok(api::answer(200, json!({"data": data, "next": next}).to_string()))
}

/// What is looked for, from where on, and how many.
fn read_filter(query: &BTreeMap<String, String>, shop: ShopId) -> Result<(Filter, Part), Problem> {
    let wrong = |name: &str, cure: &str| {
        Problem::field(format!("$.{name}"), "invalid_field", cure.to_owned())
    };
    let day = |name| {
        let read =
            |text: &String| text.parse().map_err(|_| wrong(name, "Give a date: 2026-07-04."));
        query.get(name).map(read).transpose()
    };
    let state = query.get("state").map(|word| {
        BookingState::parse(word).ok_or_else(|| wrong("state", "Give a state of a booking."))
    });
    let filter = Filter {
        state: state.transpose()?,
        text: query.get("q").cloned().unwrap_or_default(),
        arrival: day("arrival")?,
        departure: day("departure")?,
        shop: Some(shop),
    };
    let before = query
        .get("cursor")
        .map(|text| text.parse().map_err(|_| wrong("cursor", "Give a cursor of this list.")));
    let limit = match query.get("limit").map(|text| text.parse()) {
        None => LIST_SIZE,
        Some(Ok(limit)) if (1..=MAX_LIST_SIZE).contains(&limit) => limit,
        Some(_) => return Err(wrong("limit", "Give a number from 1 to 200.")),
    };
    Ok((filter, Part { before: before.transpose()?, limit }))
}

async fn cancel(
    State(ctx): State<Context>,
    may: May<needs::BookingCancel>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let id: BookingId = api::id(&id)?;
    let reason = read_reason(&bytes)?;
    let path = format!("/v1/bookings/{id}/cancel");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, &bytes))?.from(&may.origin);
    let (scope, shop) = (may.scope, may.shop);
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        own(tx, &scope, (id, shop))?;
        let today = api::calendar(tx, &scope, moment.now)?.today;
        let booking = ops::cancel(tx, &scope, id, (today, &reason, moment))?;
        Ok((200, full_json(tx, &scope, &booking)?))
    };
    api::run(&ctx, asked, unit).await
}

fn read_reason(bytes: &[u8]) -> Result<String, Problem> {
    let value = if bytes.is_empty() { json!({}) } else { Body::parse(bytes)? };
    let body = Body::new();
    let root = body.root(&value);
    let reason = root.text("reason", 500).unwrap_or_default();
    root.close();
    body.finish()?;
    Ok(reason)
}
