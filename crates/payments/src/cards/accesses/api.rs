//! `GET /v1/cards/{id}/accesses`, `GET /v1/cards/{id}/receipts` and the log itself.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use identity::extract::{May, needs};
use kernel::{CardToken, MerchantId, Problem};
use serde::Serialize;
use serde_json::{Value, json};
use vault_wire::proof::shown_details;
use vault_wire::{
    LogCheckpoint, LogConsistency, LogEntries, LogInclusion, LogProof, Operation, ReceiptsList,
    WireError, WireScope,
};
use web::query::Query;

use super::told_json;
use crate::cards::api::unknown;
use crate::engine::Engine;
use crate::payment::api::{answer, failed};
use crate::payment::once::Failure;

/// Entries in one answer.
const MOST_ENTRIES: u64 = 1_000;

/// The routes.
pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/v1/cards/{id}/accesses", get(accesses))
        .route("/v1/cards/{id}/receipts", get(receipts))
        .route("/v1/log/{merchant}/checkpoint", get(checkpoint))
        .route("/v1/log/{merchant}/entries", get(entries))
        .route("/v1/log/{merchant}/proof/inclusion", get(inclusion))
        .route("/v1/log/{merchant}/proof/consistency", get(consistency))
}

type Told = Result<Value, Failure>;

fn tell(told: Told) -> Response {
    told.map_or_else(failed, |body| answer(StatusCode::OK, &body))
}

fn card(id: &str) -> Result<CardToken, Failure> {
    id.parse().map_err(|_| Failure(Problem::not_found()))
}

async fn accesses(
    may: May<needs::BookingView>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Response {
    let told = async {
        let place = (may.shop, card(&id)?);
        let told = engine.told_of(&may.scope, place).await.map_err(unknown)?;
        if !told.file.complete {
            let why = "The log of this card is too long for one answer: read the whole log.";
            return Err(Failure(Problem::new(503, "vault_unavailable", why)));
        }
        let lines = told.accesses.iter().map(|access| told_json(access, &told.known));
        Ok(json!({ "data": lines.collect::<Vec<Value>>(), "next": null }))
    };
    tell(told.await)
}

async fn receipts(
    may: May<needs::BookingView>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Response {
    let told = async {
        let (card, wire) = (card(&id)?, WireScope::of(&may.scope, may.shop));
        let found = engine.vault.ask(&wire, &ReceiptsList { card }).await.map_err(unknown)?;
        Ok(json!({ "data": found.receipts, "next": null }))
    };
    tell(told.await)
}

/// A program in front of the log of its merchant; another's does not exist. Of entries of other shops,
/// live or test, the vault tells it what was hashed and no details.
struct Reader {
    engine: Engine,
    wire: WireScope,
}

impl Reader {
    fn of(may: &May<needs::BookingView>, engine: Engine, merchant: &str) -> Result<Self, Failure> {
        let asked: Option<MerchantId> = merchant.parse().ok();
        if asked != Some(may.scope.merchant()) {
            return Err(Failure(Problem::not_found()));
        }
        Ok(Self { engine, wire: WireScope::of(&may.scope, may.shop) })
    }

    async fn ask<O: Operation>(&self, question: &O) -> Result<O::Answer, Failure> {
        self.engine.vault.ask(&self.wire, question).await.map_err(no_entry)
    }
}

/// An entry that is not there is a wrong parameter of the request.
fn no_entry(error: WireError) -> Failure {
    match error {
        WireError::Refused(why) if why.code == "not_found" => {
            Failure(Problem::new(422, "invalid_field", "The log has no such entry or size."))
        }
        error => unknown(error),
    }
}

/// A number of the query.
fn number(given: Option<&String>, name: &str) -> Result<Option<u64>, Failure> {
    let Some(text) = given else { return Ok(None) };
    text.parse().map(Some).map_err(|_| wrong(name, "Give a whole number."))
}

fn wrong(name: &str, cure: &str) -> Failure {
    let fault = kernel::FieldError::new(format!("$.{name}"), "invalid_field", cure);
    Failure(Problem::new(422, "invalid_field", cure).with_error(fault))
}

fn required(given: Option<u64>, name: &str) -> Result<u64, Failure> {
    given.ok_or_else(|| wrong(name, "This parameter is needed."))
}

fn body(value: &impl Serialize) -> Told {
    serde_json::to_value(value).map_err(|_| Failure(Problem::internal()))
}

async fn checkpoint(
    may: May<needs::BookingView>,
    State(engine): State<Engine>,
    Path(merchant): Path<String>,
) -> Response {
    let told = async {
        let reader = Reader::of(&may, engine, &merchant)?;
        let head = reader.ask(&LogCheckpoint {}).await?;
        Ok(json!({
            "size": head.size, "checkpoint": head.note, "key": head.key, "former": head.former,
        }))
    };
    tell(told.await)
}

async fn entries(
    may: May<needs::BookingView>,
    State(engine): State<Engine>,
    Path(merchant): Path<String>,
    query: Query,
) -> Response {
    let told = async {
        let reader = Reader::of(&may, engine, &merchant)?;
        let given = query.read(&["from", "limit"]).map_err(Failure)?;
        let from = number(given.get("from"), "from")?.unwrap_or(0);
        let limit = number(given.get("limit"), "limit")?.unwrap_or(MOST_ENTRIES);
        if !(1..=MOST_ENTRIES).contains(&limit) {
            return Err(wrong("limit", "Give 1 to 1000."));
        }
        let limit = u32::try_from(limit).unwrap_or(1);
        let page = reader.ask(&LogEntries { from, limit, card: None }).await?;
        let next = page.entries.last().map(|last| last.seq.saturating_add(1));
        let next = next.filter(|next| *next < page.size);
        let lines = page.entries.iter().map(|stored| {
            let details = stored.details.as_deref().and_then(shown_details);
            json!({
                "seq": stored.seq, "entry": stored.entry, "salt": stored.salt, "details": details,
            })
        });
        Ok(json!({ "data": lines.collect::<Vec<Value>>(), "size": page.size, "next": next }))
    };
    tell(told.await)
}

async fn inclusion(
    may: May<needs::BookingView>,
    State(engine): State<Engine>,
    Path(merchant): Path<String>,
    query: Query,
) -> Response {
    let told = async {
        let reader = Reader::of(&may, engine, &merchant)?;
        let given = query.read(&["seq", "size"]).map_err(Failure)?;
        let seq = required(number(given.get("seq"), "seq")?, "seq")?;
        let size = number(given.get("size"), "size")?;
        let proof = reader.ask(&LogInclusion { seq, size }).await?;
        body(&json!({
            "seq": seq, "tree_size": proof.checkpoint.size, "leaf_hash": proof.leaf_hash,
            "path": proof.path, "checkpoint": proof.checkpoint.note,
        }))
    };
    tell(told.await)
}

async fn consistency(
    may: May<needs::BookingView>,
    State(engine): State<Engine>,
    Path(merchant): Path<String>,
    query: Query,
) -> Response {
    let told = async {
        let reader = Reader::of(&may, engine, &merchant)?;
        let given = query.read(&["old", "new"]).map_err(Failure)?;
        let old = required(number(given.get("old"), "old")?, "old")?;
        let new = number(given.get("new"), "new")?;
        let proof = reader.ask(&LogConsistency { old, new }).await?;
        let LogProof { path, checkpoint, .. } = proof;
        body(&json!({
            "old": old, "new": checkpoint.size, "path": path, "checkpoint": checkpoint.note,
        }))
    };
    tell(told.await)
}
