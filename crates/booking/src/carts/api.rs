//! `POST /v1/carts`, `GET`, `PUT …/contact`, `POST …/pay`, `POST …/lines`, `DELETE …/lines/{n}`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use db::Tx;
use http::Refusal;
use identity::extract::{May, needs};
use identity::merchants::store as merchant_store;
use kernel::{CartId, Locale, Money, PointOfSaleId, Problem, ShopId};
use payments::fields::{Body, Object};
use serde_json::{Value, json};
use web::Context;

use super::contact::ContactDraft;
use super::error::within;
use super::model::{Cart, CartLine, Typology};
use super::ops::{self, Changed, Clicked, NewCart, NewLine, PayWish, Paying};
use super::store;
use crate::api::{self, Asked, Told, money};
use crate::holds::api::hold_json;
use crate::holds::ops::Placed;
use crate::holds::{Hold, store as hold_store};
use crate::lodging::api::{known_brackets, quote_json};
use crate::lodging::store as lodging_store;
use crate::moment::Moment;

/// The routes of the slice.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/v1/carts", post(create))
        .route("/v1/carts/{id}", get(show).delete(leave))
        .route("/v1/carts/{id}/contact", put(contact))
        .route("/v1/carts/{id}/pay", post(pay))
        .route("/v1/carts/{id}/lines", post(add_line))
        .route("/v1/carts/{id}/lines/{index}", delete(remove_line))
}

/// A cart as the API writes it.
fn cart_json(cart: &Cart, hold: Option<&Hold>) -> Result<Value, Told> {
    let total = cart.total().map_err(super::error::CartError::from)?;
    let deposit = cart.deposit().map_err(super::error::CartError::from)?;
    let lines: Vec<Value> = cart.lines.iter().map(line_json).collect();
    Ok(json!({
        "id": cart.id, "state": cart.state.as_str(), "hold": hold.map(hold_json), "lines": lines,
        "total": money(total), "deposit": money(deposit), "contact": cart.contact,
        "number": cart.number, "payment": cart.payment, "created_at": cart.created_at,
    }))
}

/// A line of a cart or booking as the API writes it.
pub(crate) fn line_json(line: &CartLine) -> Value {
    let mut told = quote_json(&line.quote);
    told["kind"] = "stay".into();
    told["lodging"] = json!(line.lodging);
    told["formula"] = json!(line.formula);
    told["arrival"] = line.arrival.to_string().into();
    told["departure"] = line.departure.to_string().into();
    told["guests"] = json!(line.party);
    told["names"] = json!(line.names);
    told
}

/// A stay to be booked, as a body has it.
pub(crate) fn line(body: &Body, object: &Object<'_>) -> Option<NewLine> {
    let kind = object.text("kind", 20);
    if kind.as_deref().is_some_and(|kind| kind != "stay") {
        object.fault("kind", "Give stay.");
    }
    let lodging = object.required("lodging", object.parsed("lodging", "a lodging, ldg_…"));
    let formula = object.required("formula", object.parsed("formula", "a formula, fml_…"));
    let (dates, party) = (api::dates(object), api::party(body, object));
    Some(NewLine { lodging: lodging?, formula: formula?, dates: dates?, party: party? })
}

type Wish = (Option<ShopId>, Option<PointOfSaleId>, Vec<NewLine>);

fn read_cart(bytes: &[u8]) -> Result<Wish, Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let shop = root.parsed("shop", "a shop, shop_…");
    let point = root.parsed("point_of_sale", "a point of sale, pos_…");
    let lines = api::list(&body, &root, "lines", line);
    root.close();
    body.finish()?;
    Ok((shop, point, lines.unwrap_or_default()))
}

async fn create(
    State(ctx): State<Context>,
    may: May<needs::BookingEdit>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let (shop, point, lines) = read_cart(&bytes)?;
    let shop = api::own_shop(shop, may.shop)?;
    let asked = Asked::new((&may.scope, shop), &headers, ("/v1/carts", &bytes))?.from(&may.origin);
    let scope = may.scope;
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        let new = new_cart(tx, &scope, (shop, point, &lines), moment)?;
        let calendar = api::calendar(tx, &scope, moment.now)?;
        let cart = ops::create(tx, &scope, &new, (&calendar, moment))?;
        let hold = ops::live_hold(tx, &scope, &cart, moment)?;
        Ok((201, cart_json(&cart, hold.as_ref())?))
    };
    api::run(&ctx, asked, unit).await
}

/// A cart of these stays, whose groups of guests and whose point of sale the shop knows.
pub(crate) fn new_cart(
    tx: &mut Tx,
    scope: &kernel::Scope,
    (shop, point, lines): (ShopId, Option<PointOfSaleId>, &[NewLine]),
    moment: Moment,
) -> Result<NewCart, Told> {
    let known = lodging_store::brackets(tx, scope)?;
    for (at, line) in lines.iter().enumerate() {
        let place = format!("$.lines[{at}]");
        known_brackets(&known, &line.party).map_err(|problem| within(problem, &place))?;
    }
    let points = merchant_store::points_of_sale(tx, scope, shop)?;
    let named = points.into_iter().find(|known| point.is_none_or(|id| known.id == id));
    let wrong = || Problem::field("$.point_of_sale", "invalid_field", "No such point of sale.");
    Ok(NewCart {
        id: CartId::random(moment.rng),
        token: kernel::Id::random(moment.rng).text(),
        shop,
        point_of_sale: named.ok_or_else(wrong)?.id,
        lines: lines.to_vec(),
    })
}

async fn show(
    State(ctx): State<Context>,
    may: May<needs::BookingView>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id: CartId = api::id(&id)?;
    let (scope, shop) = (may.scope, may.shop);
    let read = move |tx: &mut Tx<'_>| -> Result<Value, Told> {
        let cart = store::find(tx, &scope, id)?;
        let cart = cart.filter(|cart| cart.shop == shop).ok_or_else(Problem::not_found)?;
        let hold = hold_store::of_cart(tx, &scope, cart.id)?;
        cart_json(&cart, hold.as_ref())
    };
    let told = ctx.db.read(read).await?;
    Ok(api::answer(200, told.to_string()))
}

async fn contact(
    State(ctx): State<Context>,
    may: May<needs::BookingEdit>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let id: CartId = api::id(&id)?;
    let draft = read_contact(&bytes)?;
    let path = format!("/v1/carts/{id}/contact");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, &bytes))?.from(&may.origin);
    let (scope, shop) = (may.scope, may.shop);
    let saved = move |tx: &mut Tx<'_>, moment: Moment| {
        own_cart(tx, &scope, (id, shop))?;
        let saved = ops::save_contact(tx, &scope, id, (&draft, Locale::Fr, moment))?;
        match &saved.held {
            Placed::Held(hold) => Ok((200, cart_json(&saved.cart, Some(hold))?)),
            Placed::Refused(refusal) => Err(refusal.clone().into()),
        }
    };
    api::run(&ctx, asked, saved).await
}

fn read_contact(bytes: &[u8]) -> Result<ContactDraft, Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let draft = contact_draft(&root);
    root.close();
    body.finish()?;
    Ok(draft)
}

/// Contact details, as a body has them.
pub(crate) fn contact_draft(root: &Object<'_>) -> ContactDraft {
    let text = |name| root.text(name, 400).unwrap_or_default();
    // Numbers typed as such may look like a card's.
    let number = |name| root.value(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    ContactDraft {
        title: text("title"),
        last_name: text("last_name"),
        first_name: text("first_name"),
        email: text("email"),
        phone: number("phone"),
        address: text("address"),
        language: text("language"),
        company: text("company"),
        registration_number: number("registration_number"),
    }
}

fn own_cart(
    tx: &mut Tx,
    scope: &kernel::Scope,
    (id, shop): (CartId, ShopId),
) -> Result<Cart, Told> {
    let cart = store::find(tx, scope, id)?;
    Ok(cart.filter(|cart| cart.shop == shop).ok_or_else(Problem::not_found)?)
}

async fn pay(
    State(ctx): State<Context>,
    may: May<needs::BookingEdit>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let id: CartId = api::id(&id)?;
    let (typology, accepted, return_url) = read_pay(&bytes)?;
    let path = format!("/v1/carts/{id}/pay");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, &bytes))?.from(&may.origin);
    let asked = asked.with_key()?;
    let (scope, shop, house) = (may.scope, may.shop, ctx.clone());
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        let cart = own_cart(tx, &scope, (id, shop))?;
        let known = merchant_store::shop(tx, &scope, shop)?.ok_or_else(Problem::not_found)?;
        if return_url.as_deref().is_some_and(|url| !known.may_return_to(url)) {
            let text = "This origin is not registered for returns.";
            return Err(Problem::field("$.return_url", "return_url_not_allowed", text).into());
        }
        let wish = PayWish {
            typology,
            accepted: accepted.map(|minor| Money::new(minor, cart.currency)),
            return_url: return_url.clone(),
        };
        let calendar = api::calendar(tx, &scope, moment.now)?;
        match ops::click_pay(tx, &scope, id, (&house, &wish, &calendar, moment))? {
            Clicked::SoldOut(refusal) => Err(refusal.into()),
            Clicked::Goes(paying) => Ok((200, paying_json(&paying, &house.urls.app))),
        }
    };
    api::run(&ctx, asked, unit).await
}

type PayFields = (Typology, Option<i64>, Option<String>);

fn read_pay(bytes: &[u8]) -> Result<PayFields, Problem> {
    let value = if bytes.is_empty() { json!({}) } else { Body::parse(bytes)? };
    let body = Body::new();
    let root = body.root(&value);
    let typology = match root.text("typology", 40).as_deref() {
        None | Some("deposit_balance") => Typology::DepositBalance,
        Some("full" | "plain") => Typology::Full,
        Some(_) => {
            root.fault("typology", "Give one of: deposit_balance, full.");
            Typology::DepositBalance
        }
    };
    let accepted = root.integer("accept_price");
    let return_url = root.text("return_url", 500);
    root.close();
    body.finish()?;
    Ok((typology, accepted, return_url))
}

fn paying_json(paying: &Paying, app: &str) -> Value {
    match paying {
        Paying::Payment(id, token, hold) => {
            json!({"payment": id, "url": format!("{app}/p/{token}"), "hold": hold_json(hold)})
        }
        Paying::Booked(booking) => {
            let state = booking.state.as_str();
            json!({"booking": booking.id, "number": booking.number, "state": state})
        }
    }
}

fn read_line(bytes: &[u8]) -> Result<NewLine, Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let new = line(&body, &root);
    root.close();
    body.finish()?;
    new.ok_or_else(Problem::internal)
}

async fn add_line(
    State(ctx): State<Context>,
    may: May<needs::BookingEdit>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let id: CartId = api::id(&id)?;
    let new = read_line(&bytes)?;
    let path = format!("/v1/carts/{id}/lines");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, &bytes))?.from(&may.origin);
    let (scope, shop) = (may.scope, may.shop);
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        own_cart(tx, &scope, (id, shop))?;
        known_brackets(&lodging_store::brackets(tx, &scope)?, &new.party)?;
        let calendar = api::calendar(tx, &scope, moment.now)?;
        changed(ops::add_line(tx, &scope, id, (&new, &calendar, moment))?)
    };
    api::run(&ctx, asked, unit).await
}

async fn remove_line(
    State(ctx): State<Context>,
    may: May<needs::BookingEdit>,
    Path((id, index)): Path<(String, usize)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id: CartId = api::id(&id)?;
    let path = format!("/v1/carts/{id}/lines/{index}");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, b""))?.from(&may.origin);
    let (scope, shop) = (may.scope, may.shop);
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        own_cart(tx, &scope, (id, shop))?;
        changed(ops::remove_line(tx, &scope, id, (index, moment))?)
    };
    api::run(&ctx, asked, unit).await
}

fn changed(changed: Changed) -> Result<(u16, Value), Told> {
    match changed {
        Changed::Done(cart, hold) => Ok((200, cart_json(&cart, hold.as_ref())?)),
        Changed::SoldOut(refusal) => Err(refusal.into()),
    }
}

async fn leave(
    State(ctx): State<Context>,
    may: May<needs::BookingEdit>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let id: CartId = api::id(&id)?;
    let path = format!("/v1/carts/{id}");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, b""))?.from(&may.origin);
    let (scope, shop) = (may.scope, may.shop);
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        own_cart(tx, &scope, (id, shop))?;
        ops::leave(tx, &scope, id, moment)?;
        Ok((204, Value::Null))
    };
    api::run(&ctx, asked, unit).await
}
