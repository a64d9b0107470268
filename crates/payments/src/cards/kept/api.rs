//! `GET /v1/cards`, `PATCH /v1/cards/{id}`, `POST /v1/cards/{id}/attach`.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, patch, post};
use db::{DbError, Route, Tx};
use identity::audit::{self, Line};
use identity::extract::api::missing_right;
use identity::extract::{May, needs};
use kernel::{AuditId, CardToken, Problem, Right, Scope, ShopId, Timestamp};
use serde_json::json;
use vault_wire::{
    Brand, Card, CardAttach, CardFilter, CardGet, CardPatch, CardStatus,
    SUSPENSION_REASON_CHARACTERS, WireError, WireScope,
};
use web::query::Query;

use super::{MOST_CARDS, USUAL_CARDS, Wanted};
use crate::cards::api::unknown;
use crate::engine::Engine;
use crate::fields::Body;
use crate::payment::api::{answer, failed};
use crate::payment::once::Failure;
use crate::subject::Claim;
use crate::virtual_cards::api::{matches, tagged};

const PARAMETERS: [&str; 10] = [
    "shop",
    "booking",
    "customer",
    "fingerprint",
    "state",
    "verification",
    "virtual",
    "expires_before",
    "limit",
    "cursor",
];
/// What an issuer said of a card.
pub(super) const VERIFICATIONS: [&str; 4] = ["unverified", "pending", "verified", "failed"];
/// Where a card stands.
pub(super) const STATES: [(&str, CardStatus); 5] = [
    ("active", CardStatus::Active),
    ("pending", CardStatus::Pending),
    ("suspended", CardStatus::Suspended),
    ("expired", CardStatus::Expired),
    ("purged", CardStatus::Purged),
];
/// Most characters of a booking's number.
const NAME_CHARACTERS: usize = 100;

/// The routes.
pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/v1/cards", get(list))
        .route("/v1/cards/{id}", patch(change))
        .route("/v1/cards/{id}/attach", post(attach))
}

type Given = BTreeMap<String, String>;

async fn list(may: May<needs::CardView>, State(engine): State<Engine>, query: Query) -> Response {
    let listed = async {
        let given = query.read(&PARAMETERS).map_err(Failure)?;
        let mut wanted = wanted(&given)?;
        if given.get("shop").is_some_and(|shop| *shop != may.shop.to_string()) {
            return Err(Failure(Problem::not_found()));
        }
        if let Some(name) = given.get("booking") {
            wanted.filter.bookings = match claim(&engine, &may.scope, (name, may.shop)).await? {
                Some(claim) => {
                    let own = [claim.booking.to_string(), claim.number];
                    own.into_iter().chain(claim.reference).collect()
                }
                None => vec![name.clone()],
            };
        }
        let (cards, next) = engine.list_cards(&may.scope, may.shop, wanted).await?;
        Ok::<Response, Failure>(answer(StatusCode::OK, &json!({ "data": cards, "next": next })))
    };
    listed.await.unwrap_or_else(failed)
}

fn wrong(name: &str, cure: impl Into<String>) -> Failure {
    Failure(Problem::field(format!("$.{name}"), "invalid_field", cure))
}

/// What the query asks for, but for the booking.
fn wanted(given: &Given) -> Result<Wanted, Failure> {
    let words = |all: &[&str]| format!("Give one of: {}.", all.join(", "));
    let state = given.get("state").map(|word| {
        let found = STATES.iter().find(|(known, _)| known == word).map(|(_, state)| *state);
        found.ok_or_else(|| wrong("state", words(&STATES.map(|(word, _)| word))))
    });
    let verification = given.get("verification").map(|word| {
        let known = VERIFICATIONS.contains(&word.as_str()).then(|| word.clone());
        known.ok_or_else(|| wrong("verification", words(&VERIFICATIONS)))
    });
    let is_virtual = given.get("virtual").map(|word| match word.as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(wrong("virtual", "Give true or false.")),
    });
    let day = given.get("expires_before");
    let day = day
        .map(|text| text.parse().map_err(|_| wrong("expires_before", "Give a date: 2027-01-01.")));
    let after = given.get("cursor");
    let after = after
        .map(|text| text.parse().map_err(|_| wrong("cursor", "Give the `next` of this list.")));
    let limit = match given.get("limit").map(|text| text.parse()) {
        None => USUAL_CARDS,
        Some(Ok(limit)) if (1..=MOST_CARDS).contains(&limit) => limit,
        Some(_) => return Err(wrong("limit", "Give a number from 1 to 100.")),
    };
    let filter = CardFilter {
        bookings: Vec::new(),
        customer: given.get("customer").cloned(),
        fingerprint: given.get("fingerprint").cloned(),
        state: state.transpose()?,
        expires_before: day.transpose()?,
    };
    let (verification, is_virtual) = (verification.transpose()?, is_virtual.transpose()?);
    Ok(Wanted { filter, verification, is_virtual, limit, after: after.transpose()? })
}

/// The booking of a shop that is called so, by its id, number or reference.
async fn claim(
    engine: &Engine,
    scope: &Scope,
    (name, shop): (&str, ShopId),
) -> Result<Option<Claim>, Failure> {
    let (own, scope, name) = (engine.clone(), scope.clone(), name.to_owned());
    let read = move |tx: &mut Tx<'_>| own.claim_in(tx, &scope, (&name, shop));
    Ok(engine.ctx.db.read::<_, DbError, _>(read).await?)
}

/// A refusal of the vault, by the parameter of the query that it is about.
pub(super) fn refused(error: WireError) -> Failure {
    let Failure(mut problem) = unknown(error);
    for fault in &mut problem.errors {
        fault.path = match fault.path.as_str() {
            "$.after" => "$.cursor".to_owned(),
            path => path.replacen("$.filter.", "$.", 1),
        };
    }
    Failure(problem)
}

async fn read(engine: &Engine, may: &May<needs::CardUse>, id: &str) -> Result<Card, Failure> {
    let card: CardToken = id.parse().map_err(|_| Failure(Problem::not_found()))?;
    let wire = WireScope::of(&may.scope, may.shop);
    engine.vault.ask(&wire, &CardGet { card }).await.map_err(unknown)
}

/// The card as it stands now, with the tag of its next change.
async fn shown(
    engine: &Engine,
    may: &May<needs::CardUse>,
    mut card: Card,
) -> Result<Response, Failure> {
    engine.with_verifications(&may.scope, std::iter::once(&mut card)).await?;
    engine.with_virtual(&may.scope, may.shop, &mut card).await?;
    let body = serde_json::to_value(&card).map_err(|_| Failure(Problem::internal()))?;
    Ok(tagged(answer(StatusCode::OK, &body), &card))
}

async fn note(engine: &Engine, may: &May<needs::CardUse>, line: Line) -> Result<(), Failure> {
    let real_now = engine.ctx.real_now();
    let (id, scope) = (AuditId::new(real_now, engine.ctx.rng.as_ref()), may.scope.clone());
    let record = move |tx: &mut Tx<'_>| audit::record(tx, &scope, &line, real_now, id);
    Ok(engine.ctx.db.write::<_, DbError, _>(Route::any(), record).await?)
}

async fn change(
    may: May<needs::CardUse>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    (headers, body): (HeaderMap, Bytes),
) -> Response {
    let changed = async {
        let before = read(&engine, &may, &id).await?;
        let mut ask = read_change(&body, before.token)?;
        if ask.purge_at.is_some() && !may.scope.may(Right::CardRetention) {
            return Err(Failure(missing_right(Right::CardRetention)));
        }
        if headers.contains_key(header::IF_MATCH) {
            let mut tagged = before.clone();
            engine.with_virtual(&may.scope, may.shop, &mut tagged).await?;
            matches(&headers, &tagged)?;
            ask.version = Some(before.version);
        }
        let wire = WireScope::of(&may.scope, may.shop);
        let card = engine.vault.ask(&wire, &ask).await.map_err(unknown)?;
        if card.version != before.version {
            let told = |card: &Card| {
                json!({
                    "preferred_brand": card.preferred_brand, "purge_at": card.purge_at,
                    "suspension": card.suspension,
                })
            };
            let line = may.line("card.change", card.token);
            note(&engine, &may, line.before(told(&before)).after(told(&card))).await?;
        }
        shown(&engine, &may, card).await
    };
    changed.await.unwrap_or_else(failed)
}

/// What is to change; every wrong field at once.
fn read_change(bytes: &[u8], card: CardToken) -> Result<CardPatch, Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let brand = root.text("preferred_brand", 20);
    let preferred_brand = brand.as_deref().and_then(Brand::parse);
    if brand.is_some() && preferred_brand.is_none() {
        let all: Vec<&str> = Brand::ALL.iter().map(|brand| brand.as_str()).collect();
        root.fault("preferred_brand", format!("Give one of: {}.", all.join(", ")));
    }
    let suspended = root.yes("suspended");
    let reason = root.text("reason", *SUSPENSION_REASON_CHARACTERS.end());
    if suspended.is_none() && reason.is_some() {
        root.fault("reason", "A reason goes with `suspended`.");
    }
    let end = root.text("purge_at", NAME_CHARACTERS);
    let purge_at = end.as_deref().and_then(|text| Timestamp::parse_rfc3339(text).ok());
    if end.is_some() && purge_at.is_none() {
        root.fault("purge_at", "Give an instant such as 2026-10-27T23:00:00Z.");
    }
    if brand.is_none() && suspended.is_none() && end.is_none() {
        root.fault("suspended", "Give preferred_brand, suspended or purge_at.");
    }
    root.close();
    body.finish()?;
    Ok(CardPatch { card, version: None, preferred_brand, suspended, reason, purge_at })
}

/// Gives a card that waits to its booking.
async fn attach(
    may: May<needs::CardUse>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Response {
    let attached = async {
        let before = read(&engine, &may, &id).await?;
        let name = read_booking(&bytes)?;
        let found = claim(&engine, &may.scope, (&name, may.shop)).await?;
        let claim = found
            .ok_or_else(|| wrong("booking", "No booking of this shop has this id or number."))?;
        let ask = CardAttach {
            card: before.token,
            booking: claim.booking,
            check_out: claim.check_out,
            cancelled_on: claim.cancelled,
        };
        let wire = WireScope::of(&may.scope, may.shop);
        let card = engine.vault.ask(&wire, &ask).await.map_err(unknown)?;
        let house = identity::scope::for_house(may.scope.merchant(), may.scope.mode());
        if let Err(error) = engine.meet(&house, (card.token, may.shop)).await {
            tracing::warn!(error, card = %card.token, "a card given to its booking");
            let why = "The card was given to its booking; send the same again.";
            return Err(Failure(Problem::new(503, "vault_unavailable", why).retry_after(5)));
        }
        if card.version != before.version {
            let line = may.line("card.attach", card.token);
            note(&engine, &may, line.after(json!({ "booking": claim.booking }))).await?;
        }
        shown(&engine, &may, card).await
    };
    attached.await.unwrap_or_else(failed)
}

fn read_booking(bytes: &[u8]) -> Result<String, Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let booking = root.required("booking", root.text("booking", NAME_CHARACTERS));
    root.close();
    body.finish()?;
    Ok(booking.unwrap_or_default())
}
