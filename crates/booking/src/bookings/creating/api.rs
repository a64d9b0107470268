//! `POST /v1/bookings`.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use db::{DbError, Tx};
use http::Refusal;
use identity::extract::{May, needs};
use kernel::{BookingId, Locale, PointOfSaleId, Problem, Scope, ShopId};
use payments::Engine;
use payments::fields::Body;
use payments::payment::elsewhere::MAX_REFERENCE_CHARACTERS;
use serde_json::Value;

use super::is_own_name;
use super::ops::{self, Created, CreatingError, NewBooking, REFERENCE_TAKEN};
use crate::api::{self, Asked, Told};
use crate::bookings::api::{full_json, own, put_cards};
use crate::bookings::method;
use crate::bookings::model::{Provenance, Source};
use crate::bookings::pages::Desk;
use crate::bookings::store;
use crate::carts::api::{contact_draft, line, new_cart};
use crate::carts::error::{CartError, within};
use crate::carts::ops::NewLine;
use crate::carts::{Contact, ContactDraft};
use crate::moment::Moment;

impl From<CreatingError> for Told {
    fn from(error: CreatingError) -> Self {
        match error {
            CreatingError::Cart(error) => error.into(),
            CreatingError::Booking(error) => error.into(),
            CreatingError::Db(error) => error.into(),
            taken @ CreatingError::ReferenceTaken(_) => Problem::from(taken).into(),
        }
    }
}

/// What a program sends.
struct Sent {
    shop: Option<ShopId>,
    point: Option<PointOfSaleId>,
    reference: Option<String>,
    lines: Vec<NewLine>,
    contact: Contact,
}

fn read(bytes: &[u8]) -> Result<Sent, Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let shop = root.parsed("shop", "a shop, shop_…");
    let point = root.parsed("point_of_sale", "a point of sale, pos_…");
    let reference = root.text("reference", MAX_REFERENCE_CHARACTERS);
    if reference.as_deref().is_some_and(|text| !is_own_name(text)) {
        let cure = "Give your own name of the booking: no card number, nothing of ours.";
        root.fault("reference", cure);
    }
    let lines = api::list(&body, &root, "lines", line);
    let contact = root.object("contact");
    let draft = contact_draft(&contact);
    contact.close_ref();
    root.close();
    body.finish()?;
    let lines = lines.unwrap_or_default();
    Ok(Sent { shop, point, reference, lines, contact: checked(&draft)? })
}

fn checked(draft: &ContactDraft) -> Result<Contact, Problem> {
    let told = |faults| within(Problem::from(CartError::Contact(faults)), "$.contact");
    draft.check(Locale::Fr).map_err(told)
}

/// Makes a booking; the card that waits for its reference is told with it.
pub(in crate::bookings) async fn create(
    State(desk): State<Desk>,
    may: May<needs::BookingEdit>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let sent = read(&bytes)?;
    let shop = api::own_shop(sent.shop, may.shop)?;
    let asked = Asked::new((&may.scope, shop), &headers, ("/v1/bookings", &bytes))?;
    let asked = asked.with_key()?.from(&may.origin);
    let scope = may.scope.clone();
    let reference = sent.reference.clone();
    let source = Source { provenance: Provenance::Api, reference: sent.reference.clone() };
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        let new = NewBooking {
            cart: new_cart(tx, &scope, (shop, sent.point, &sent.lines), moment)?,
            contact: sent.contact.clone(),
            source: source.clone(),
        };
        let calendar = api::calendar(tx, &scope, moment.now)?;
        match ops::create(tx, &scope, &new, (&calendar, moment))? {
            Created::Booked(booking) => Ok((201, full_json(tx, &scope, &booking)?)),
            Created::SoldOut(refusal) => Err(refusal.into()),
        }
    };
    let mut reply = match api::once(&desk.engine.ctx, asked, unit).await {
        Ok(reply) => reply,
        Err(refusal) => {
            return Err(with_holder(&desk.engine, (&may.scope, shop), (reference, refusal)).await);
        }
    };
    reply.body = with_card(&desk.engine, (&may.scope, shop), &reply.body).await?;
    Ok(reply.sent())
}

/// The refusal; of a reference that another process took meanwhile, with the booking that has it.
async fn with_holder(
    engine: &Engine,
    (scope, shop): (&Scope, ShopId),
    (reference, refusal): (Option<String>, Refusal),
) -> Refusal {
    let is_taken = refusal.0.code == REFERENCE_TAKEN && !refusal.0.extra.contains_key("booking");
    let Some(reference) = reference.filter(|_| is_taken) else { return refusal };
    let scope = scope.clone();
    let look = move |tx: &mut Tx<'_>| store::holder_of(tx, &scope, (&reference, shop));
    match engine.ctx.db.read::<_, DbError, _>(look).await {
        Ok(first) => Problem::from(CreatingError::ReferenceTaken(first)).into(),
        Err(error) => {
            tracing::warn!(%error, "who has the reference of a new booking");
            refusal
        }
    }
}

/// What is answered, with the card as it stands now; of what has no reference there is none yet.
async fn with_card(
    engine: &Engine,
    (scope, shop): (&Scope, ShopId),
    body: &str,
) -> Result<String, Told> {
    let mut told: Value = serde_json::from_str(body).map_err(|_| Problem::internal())?;
    let id = told["id"].as_str().and_then(|id| id.parse::<BookingId>().ok());
    let id = id.ok_or_else(Problem::internal)?;
    if told["reference"].is_string()
        && let Err(error) = engine.give_waiting_cards(scope, (id, shop)).await
    {
        tracing::info!(error, booking = %id, "the card of a new booking follows within seconds");
    }
    let own_scope = scope.clone();
    let read = move |tx: &mut Tx<'_>| own(tx, &own_scope, (id, shop));
    let booking = engine.ctx.db.read(read).await?;
    put_cards(engine, scope, (&mut told, &method::asked(&booking))).await?;
    Ok(told.to_string())
}
