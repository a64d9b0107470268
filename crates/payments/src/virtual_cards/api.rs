//! `PATCH /v1/cards/{id}/virtual`: what a channel or a person tells of window and balance.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::patch;
use db::{DbError, Route, Tx};
use identity::extract::{May, needs};
use kernel::{CardToken, Currency, Date, Problem, Timestamp};
use serde_json::Value;
use vault_wire::{Card, CardGet, CardOfBooking, WireScope};

use super::{Facts, Source, VirtualCard, ops};
use crate::cards::api::unknown;
use crate::engine::Engine;
use crate::fields::{Body, Object};
use crate::payment::api::{answer, failed};
use crate::payment::once::Failure;

/// Most trades that a card names.
const MOST_TRADES: usize = 20;

/// The route.
pub fn routes() -> Router<Engine> {
    Router::new().route("/v1/cards/{id}/virtual", patch(change))
}

/// A card's answer with the tag that its next change must name.
pub(crate) fn tagged(mut response: Response, card: &Card) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&tag_of(card)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn tag_of(card: &Card) -> String {
    format!("\"{}\"", card.version)
}

async fn change(
    may: May<needs::CardUse>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    (headers, body): (HeaderMap, Bytes),
) -> Response {
    let changed = async {
        let token: CardToken = id.parse().map_err(|_| Failure(Problem::not_found()))?;
        let mut card = read(&engine, &may, token).await?;
        let plain = card.clone();
        let found = engine.with_virtual(&may.scope, may.shop, &mut card).await?;
        matches(&headers, &card)?;
        let before = match found {
            Some(seen) => seen.told,
            // Not virtual so far: who tells its window makes it so.
            None => {
                let given = CardOfBooking::from(plain);
                VirtualCard { version: 0, ..ops::first(may.shop, &given) }
            }
        };
        let now = engine.ctx.now(may.shop);
        let facts = read_facts(&Body::parse(&body)?, (before.facts.clone(), now))?;
        let version = before.version.saturating_add(1);
        let after = VirtualCard { facts, source: Source::Staff, version, ..before };
        let (unit, scope, origin) = (engine.clone(), may.scope.clone(), may.origin.clone());
        let write =
            move |tx: &mut Tx<'_>| ops::change(tx, &unit.pen(&scope, after.shop), &after, &origin);
        if !engine.ctx.db.write::<_, DbError, _>(Route::of(token.id()), write).await? {
            return Err(Failure(stale(&card)));
        }
        let mut card = read(&engine, &may, token).await?;
        engine.with_virtual(&may.scope, may.shop, &mut card).await?;
        let shown = card.virtual_card.clone().unwrap_or_default();
        Ok::<Response, Failure>(tagged(answer(StatusCode::OK, &shown), &card))
    };
    changed.await.unwrap_or_else(failed)
}

async fn read(
    engine: &Engine,
    may: &May<needs::CardUse>,
    card: CardToken,
) -> Result<Card, Failure> {
    let wire = WireScope::of(&may.scope, may.shop);
    engine.vault.ask(&wire, &CardGet { card }).await.map_err(unknown)
}

/// Whether `If-Match` names the card as it is now.
///
/// # Errors
/// 428 without it, 412 when it names another version.
pub(crate) fn matches(headers: &HeaderMap, card: &Card) -> Result<(), Failure> {
    let Some(named) = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()) else {
        let text = "Send If-Match with the ETag that the card was read with.";
        return Err(Failure(Problem::new(428, "precondition_required", text)));
    };
    let tag = tag_of(card);
    match named.split(',').map(str::trim).any(|one| one == "*" || one == tag) {
        true => Ok(()),
        false => Err(Failure(stale(card))),
    }
}

fn stale(card: &Card) -> Problem {
    let text = "The card changed since it was read; look again.";
    Problem::new(412, "precondition_failed", text).with("version", card.version)
}

/// The facts with what the body says; `null` takes a word back.
fn read_facts(value: &Value, (now, at): (Facts, Timestamp)) -> Result<Facts, Problem> {
    let body = Body::new();
    let root = body.root(value);
    let day = |name: &'static str, now: Option<Date>| match value.get(name) {
        None => now,
        Some(_) => root.parsed(name, "a day such as 2026-12-03"),
    };
    let mut facts = Facts {
        active_from: day("active_from", now.active_from),
        active_until: day("active_until", now.active_until),
        charge_before: day("charge_before", now.charge_before),
        refund_before: day("refund_before", now.refund_before),
        single_use: match value.get("single_use") {
            None => now.single_use,
            Some(_) => root.yes("single_use").unwrap_or_default(),
        },
        mcc_allowed: match value.get("mcc_allowed") {
            None => now.mcc_allowed.clone(),
            Some(_) => trades(&root),
        },
        ..now
    };
    if value.get("balance").is_some() {
        let balance = root.object("balance");
        let amount = balance.integer("amount").filter(|amount| *amount >= 0);
        let currency: Option<Currency> = balance.parsed("currency", "three upper-case letters");
        if root.value("balance").is_some() && (amount.is_none() || currency.is_none()) {
            root.fault("balance", "Give an amount from 0 and its currency.");
        }
        (facts.balance, facts.currency) = (amount, currency);
        facts.balance_at = amount.map(|_| at);
        balance.close();
    }
    if facts.active_from.zip(facts.last_day()).is_some_and(|(first, last)| first > last) {
        root.fault("active_from", "The first day stands before the last.");
    }
    root.close();
    body.finish()?;
    Ok(facts)
}

fn trades(root: &Object<'_>) -> Vec<String> {
    let four = |text: &&str| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    let list = root.value("mcc_allowed").and_then(Value::as_array);
    let list = list.map(Vec::as_slice).unwrap_or_default();
    let read: Vec<String> =
        list.iter().filter_map(Value::as_str).filter(four).map(str::to_owned).collect();
    if read.len() != list.len() || read.len() > MOST_TRADES {
        root.fault("mcc_allowed", "Give trades of four digits (ISO 18245).");
    }
    read
}
