//! `POST /v1/cards/{id}/requests`, `POST /v1/bookings/{id}/card_requests`.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use db::Tx;
use http::Refusal;
use identity::extract::{May, needs};
use kernel::{BookingId, CardToken, Problem};
use payments::Engine;
use payments::fields::Body;
use serde_json::json;
use vault_wire::{CardKept, WireError, WireScope};
use web::mail::Channel;

use super::ops::{self, AskError};
use crate::api::{self, Asked, Told};
use crate::bookings::api as bookings;
use crate::bookings::model::Booking;
use crate::bookings::pages::Desk;
use crate::bookings::store;
use crate::moment::Moment;

/// The routes of the slice.
pub fn routes(engine: &Engine) -> Router {
    Router::new()
        .route("/v1/cards/{id}/requests", post(instead_of_card))
        .route("/v1/bookings/{id}/card_requests", post(for_booking))
        .with_state(Desk { engine: engine.clone() })
}

impl From<AskError> for Told {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Db(error) => error.into(),
            error => Problem::from(error).into(),
        }
    }
}

type MayAsk = May<needs::CardRequest>;

/// Another card for the booking of one that is there, or was.
async fn instead_of_card(
    State(desk): State<Desk>,
    may: MayAsk,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let card: CardToken = api::id(&id)?;
    let wire = WireScope::of(&may.scope, may.shop);
    let kept = desk.engine.vault.ask(&wire, &CardKept { card }).await.map_err(unknown)?;
    let name = kept.booking.unwrap_or_default();
    let (own, scope, shop) = (desk.engine.clone(), may.scope.clone(), may.shop);
    let read = move |tx: &mut Tx<'_>| -> Result<Booking, Told> {
        let claim = own.claim_in(tx, &scope, (&name, shop))?;
        let found = claim.map(|claim| store::find(tx, &scope, claim.booking)).transpose()?;
        found.flatten().ok_or_else(|| {
            let text = "The card is kept for no booking: nobody can be asked.";
            Problem::new(409, "operation_not_allowed", text).into()
        })
    };
    let booking = desk.engine.ctx.db.read(read).await?;
    ask(&desk, may, (booking, format!("/v1/cards/{card}/requests")), (&headers, &bytes)).await
}

async fn for_booking(
    State(desk): State<Desk>,
    may: MayAsk,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let id: BookingId = api::id(&id)?;
    let (scope, shop) = (may.scope.clone(), may.shop);
    let read = move |tx: &mut Tx<'_>| bookings::own(tx, &scope, (id, shop));
    let booking = desk.engine.ctx.db.read(read).await?;
    ask(&desk, may, (booking, format!("/v1/bookings/{id}/card_requests")), (&headers, &bytes)).await
}

async fn ask(
    desk: &Desk,
    may: MayAsk,
    (booking, path): (Booking, String),
    (headers, bytes): (&HeaderMap, &Bytes),
) -> Result<Response, Refusal> {
    let channels = channels(bytes)?;
    let before = ops::card_before(&desk.engine, &may.scope, &booking).await;
    let before = before.map_err(Told::from)?;
    let asked = Asked::new((&may.scope, may.shop), headers, (&path, bytes))?.from(&may.origin);
    let line = may.line("card.request", booking.id);
    let (ctx, scope) = (desk.engine.ctx.clone(), Arc::new(may.scope));
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        let made = ops::ask(tx, &scope, (&ctx, &booking, &channels), (before, moment, &line))?;
        let told = json!({"id": made.id, "url": made.url, "expires_at": made.expires_at});
        Ok((201, told))
    };
    api::run(&desk.engine.ctx, asked, unit).await
}

/// By mail, unless the program says how: `email`, `sms` or both, each once.
fn channels(bytes: &[u8]) -> Result<Vec<Channel>, Problem> {
    let value = if bytes.is_empty() { json!({}) } else { Body::parse(bytes)? };
    let body = Body::new();
    let root = body.root(&value);
    let read = |word: &serde_json::Value| match word.as_str() {
        Some("email") => Some(Channel::Mail),
        Some("sms") => Some(Channel::Sms),
        _ => None,
    };
    let channels = match root.value("channels") {
        None => Some(vec![Channel::Mail]),
        Some(asked) => asked.as_array().and_then(|words| words.iter().map(read).collect()),
    };
    let right = |channels: &Vec<Channel>| match channels[..] {
        [_] => true,
        [one, other] => one != other,
        _ => false,
    };
    let channels = channels.filter(right);
    if channels.is_none() {
        root.fault("channels", "Give email, sms or both.");
    }
    root.close();
    body.finish()?;
    Ok(channels.unwrap_or_default())
}

fn unknown(error: WireError) -> Refusal {
    let problem = payments::error::of_vault(&error);
    Refusal(if problem.code == "card_unknown" { Problem::not_found() } else { problem })
}
