//! `POST /v1/holds`, `GET`, `POST …/extend`, `DELETE`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use db::Tx;
use http::Refusal;
use identity::extract::{May, needs};
use kernel::{HoldId, Problem, Scope, ShopId};
use payments::fields::{Body, Object};
use serde_json::{Value, json};
use web::Context;

use super::model::Hold;
use super::ops::{self, HoldError, NewHold, Placed, Term};
use super::store::{self, Ending};
use crate::api::{self, Asked};
use crate::lodging::store as lodging_store;
use crate::moment::Moment;
use crate::stock::{Line, Lines, Resource, Slot};

/// The routes of the slice.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/v1/holds", post(place))
        .route("/v1/holds/{id}", get(show).delete(release))
        .route("/v1/holds/{id}/extend", post(extend))
}

/// A hold as the API writes it.
pub(crate) fn hold_json(hold: &Hold) -> Value {
    let line = |line: &Line| {
        json!({
            "resource": line.resource.to_string(), "slot": line.slot.as_str(),
            "quantity": line.quantity,
        })
    };
    let lines: Vec<Value> = hold.lines.iter().map(line).collect();
    json!({
        "id": hold.id, "state": hold.state.as_str(), "expires_at": hold.expires_at,
        "cart": hold.cart, "lines": lines,
    })
}

/// The rows asked for, and who for.
fn read_wish(bytes: &[u8]) -> Result<(Lines, String), Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let lines = api::list(&body, &root, "lines", |_, object| lines(object));
    let contact = root.object("contact");
    let email = contact.parsed::<kernel::Email>("email", "an e-mail address");
    for name in ["last_name", "first_name", "language"] {
        contact.text(name, 120);
    }
    contact.value("phone");
    contact.close();
    root.close();
    body.finish()?;
    let lines = Lines::new(lines.unwrap_or_default().into_iter().flatten());
    let lines = lines.map_err(|error| Problem::from(HoldError::Lines(error)))?;
    Ok((lines, email.map_or_else(String::new, |email| email.to_string())))
}

async fn place(
    State(ctx): State<Context>,
    may: May<needs::BookingEdit>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let (lines, contact) = read_wish(&bytes)?;
    let asked = Asked::new((&may.scope, may.shop), &headers, ("/v1/holds", &bytes))?;
    let (scope, shop) = (may.scope, may.shop);
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        for line in lines.rows() {
            let Resource::Lodging(id) = line.resource;
            let lodging = lodging_store::find(tx, &scope, id)?;
            lodging.filter(|lodging| lodging.shop == shop).ok_or_else(Problem::not_found)?;
        }
        let new = NewHold {
            id: HoldId::new(moment.now, moment.rng),
            shop,
            cart: None,
            contact: contact.clone(),
            lines: lines.clone(),
            term: Term::Basket,
        };
        match ops::place(tx, &scope, &new, moment)? {
            Placed::Held(hold) => Ok((201, hold_json(&hold))),
            Placed::Refused(refusal) => Err(refusal.into()),
        }
    };
    api::run(&ctx, asked, unit).await
}

/// One line of the request: a slot, or the nights of a stay.
fn lines(object: &Object<'_>) -> Option<Vec<Line>> {
    let resource: Option<Resource> =
        object.required("resource", object.parsed("resource", "a lodging, ldg_…"));
    let quantity = object.integer("quantity").unwrap_or(1);
    let quantity = u32::try_from(quantity).ok().filter(|quantity| *quantity > 0);
    if quantity.is_none() {
        object.fault("quantity", "Give a whole number from 1 on.");
    }
    let slot: Option<Slot> = object.parsed("slot", "a date such as 2026-07-04, or all");
    if slot.is_none() && object.value("arrival").is_some() {
        let (arrival, departure) = api::dates(object)?;
        let nights = Lines::nights(resource?, arrival, departure, quantity?);
        if nights.is_err() {
            object.fault("departure", "Between 1 and 1,000 nights.");
        }
        return nights.ok().map(|nights| nights.rows().to_vec());
    }
    let slot = slot.unwrap_or_else(Slot::all);
    Some(vec![Line { resource: resource?, slot, quantity: quantity? }])
}

async fn show(
    State(ctx): State<Context>,
    may: May<needs::BookingView>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id: HoldId = api::id(&id)?;
    let scope = may.scope;
    let found = ctx.db.read(move |tx| store::find(tx, &scope, id)).await;
    let found = found.map_err(crate::api::Told::from)?;
    let hold = found.filter(|hold| hold.shop == may.shop).ok_or_else(Problem::not_found)?;
    Ok(api::answer(200, hold_json(&hold).to_string()))
}

async fn extend(
    State(ctx): State<Context>,
    may: May<needs::BookingEdit>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let id: HoldId = api::id(&id)?;
    let path = format!("/v1/holds/{id}/extend");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, &bytes))?;
    let (scope, shop) = (may.scope, may.shop);
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        must_be_of_shop(tx, &scope, id, shop)?;
        let hold = ops::prolong(tx, &scope, id, moment)?;
        Ok((200, hold_json(&hold)))
    };
    api::run(&ctx, asked, unit).await
}

async fn release(
    State(ctx): State<Context>,
    may: May<needs::BookingEdit>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id: HoldId = api::id(&id)?;
    let path = format!("/v1/holds/{id}");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, b""))?;
    let (scope, shop) = (may.scope, may.shop);
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        must_be_of_shop(tx, &scope, id, shop)?;
        let ending = Ending { by: scope.actor().text(), reason: String::new() };
        ops::release(tx, &scope, id, (&ending, moment))?;
        Ok((204, Value::Null))
    };
    api::run(&ctx, asked, unit).await
}

/// A key acts for one shop: a sister shop's hold does not exist for it.
fn must_be_of_shop(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: HoldId,
    shop: ShopId,
) -> Result<(), api::Told> {
    let found = store::find(tx, scope, id)?.filter(|hold| hold.shop == shop);
    found.map(|_| ()).ok_or_else(|| Problem::not_found().into())
}
