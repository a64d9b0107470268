//! `POST /v1/bookings/{id}/recorded_transactions`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use db::Tx;
use http::Refusal;
use identity::audit::{self, Line};
use identity::extract::api::missing_right;
use identity::extract::{May, needs};
use kernel::{
    AuditId, BookingId, CardToken, Currency, Money, OperationId, Problem, Right, Timestamp,
};
use payments::Engine;
use payments::fields::{Body, Object};
use payments::payment::elsewhere::{MAX_REFERENCE_CHARACTERS, is_reference};
use serde_json::{Value, json};
use vault_wire::{CardGet, WireScope};

use super::model::{Recorded, RecordedKind};
use super::ops;
use crate::api::{self, Asked};
use crate::bookings::api::{full_json, own};
use crate::bookings::pages::Desk;
use crate::moment::Moment;

/// Longest number of an issuer.
pub(super) const MAX_AUTH_CODE_CHARACTERS: usize = 12;

/// Longest instant as text.
const MAX_INSTANT_CHARACTERS: usize = 40;

/// The routes of the slice.
pub fn routes() -> Router<Desk> {
    Router::new().route("/v1/bookings/{id}/recorded_transactions", post(record))
}

async fn record(
    State(desk): State<Desk>,
    may: May<needs::CardUse>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let id: BookingId = api::id(&id)?;
    let ctx = &desk.engine.ctx;
    let new = OperationId::new(ctx.now(may.shop), ctx.rng.as_ref());
    let one = read(&bytes, (new, may.scope.actor().text()))?;
    if one.kind == RecordedKind::Refund && !may.scope.may(Right::PaymentsRefund) {
        return Err(missing_right(Right::PaymentsRefund).into());
    }
    if let Some(card) = one.card {
        is_of_the_house(&desk.engine, &WireScope::of(&may.scope, may.shop), card).await?;
    }
    let path = format!("/v1/bookings/{id}/recorded_transactions");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, &bytes))?;
    let asked = asked.with_key()?.from(&may.origin);
    let (scope, shop, real_now) = (may.scope, may.shop, ctx.real_now());
    let line = Line::new("booking.record", id, &may.origin).after(said(&one));
    let unit = move |tx: &mut Tx<'_>, moment: Moment| {
        let booking = own(tx, &scope, (id, shop))?;
        ops::record(tx, &scope, &booking, (&one, moment)).map_err(Problem::from)?;
        audit::record(tx, &scope, &line, real_now, AuditId::new(real_now, moment.rng))?;
        let mut told = shown(&one);
        told["booking"] = full_json(tx, &scope, &booking)?;
        Ok((201, told))
    };
    api::run(ctx, asked, unit).await
}

/// Whether the vault has, or had, the card for this merchant.
async fn is_of_the_house(
    engine: &Engine,
    wire: &WireScope,
    card: CardToken,
) -> Result<(), Problem> {
    let Err(error) = engine.vault.ask(wire, &CardGet { card }).await else { return Ok(()) };
    let problem = payments::error::of_vault(&error);
    match problem.code {
        // It was destroyed since: it was charged all the same.
        "card_terminated" => Ok(()),
        "card_unknown" => {
            Err(Problem::field("$.card", "card_unknown", "Give a card of this merchant."))
        }
        _ => Err(problem),
    }
}

/// What the journal of the house says of one.
fn said(one: &Recorded) -> Value {
    json!({
        "kind": one.kind.as_str(), "means": one.means.as_str(), "amount": one.amount.minor(),
        "currency": one.amount.currency(), "reference": one.reference,
    })
}

/// One of them as programs see it.
pub(in crate::bookings) fn shown(one: &Recorded) -> Value {
    json!({
        "id": one.id, "object": "recorded_transaction", "kind": one.kind.as_str(),
        "means": one.means.as_str(), "amount": one.amount.minor(),
        "currency": one.amount.currency(), "reference": one.reference,
        "auth_code": (!one.auth_code.is_empty()).then_some(&one.auth_code), "at": one.at,
        "card": one.card, "card_consumed": one.card_consumed, "author": one.author,
    })
}

fn read(bytes: &[u8], made: (OperationId, String)) -> Result<Recorded, Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let one = members(&root, made);
    root.close();
    body.finish()?;
    one.ok_or_else(Problem::internal)
}

fn members(root: &Object<'_>, (id, author): (OperationId, String)) -> Option<Recorded> {
    let kind = root.required("kind", root.word("kind"));
    let means = root.required("means", root.word("means"));
    let amount = root.required("amount", root.integer("amount"));
    let letters = "three upper-case letters (ISO 4217)";
    let currency = root.required("currency", root.parsed::<Currency>("currency", letters));
    let at = root.required("at", instant(root));
    let reference = root.required("reference", root.text("reference", MAX_REFERENCE_CHARACTERS));
    if reference.as_deref().is_some_and(|text| !is_reference(text.trim())) {
        root.fault("reference", "Give the number of the slip or transfer, no card number.");
    }
    let auth_code = root.text("auth_code", MAX_AUTH_CODE_CHARACTERS).unwrap_or_default();
    let auth_code = auth_code.trim().to_owned();
    if !auth_code.is_empty() && !is_reference(&auth_code) {
        root.fault("auth_code", "Give the number that the issuer told, no card number.");
    }
    let card = root.parsed("card", "a card id");
    let card_consumed = root.yes("card_consumed").unwrap_or(false);
    if card_consumed {
        root.fault("card_consumed", "Not taken yet: leave it out, or give false.");
    }
    if amount.is_some_and(|minor| !(1..=kernel::money::MAX_MINOR).contains(&minor)) {
        root.fault("amount", "Give an amount from 1 to 999,999,999,999 minor units.");
    }
    Some(Recorded {
        id,
        kind: kind?,
        means: means?,
        amount: Money::new(amount?, currency?),
        reference: reference?.trim().to_owned(),
        auth_code,
        at: at?,
        card,
        card_consumed,
        author,
    })
}

fn instant(root: &Object<'_>) -> Option<Timestamp> {
    let text = root.text("at", MAX_INSTANT_CHARACTERS)?;
    let read = Timestamp::parse_rfc3339(&text).ok();
    if read.is_none() {
        root.fault("at", "Give an instant, for example 2026-11-20T10:30:00Z.");
    }
    read
}
