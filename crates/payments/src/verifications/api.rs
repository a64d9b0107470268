//! `POST /v1/cards/{id}/verifications`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Held};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use connectors::CodeUse;
use db::idempotency::Key;
use db::{Route, Tx};
use identity::extract::{May, needs};
use kernel::{CardToken, Problem, VerificationId};
use serde_json::{Value, json};

use super::{Refusal, Wish};
use crate::cards::api::unknown;
use crate::contract::Contract;
use crate::engine::{Asked, Engine, VerifyAsk, VerifyError};
use crate::fields::Body;
use crate::payment::api::{answer, failed, opened, replayed};
use crate::payment::once::{self, Failure, Once};
use crate::virtual_cards;

/// The route.
pub fn routes() -> Router<Engine> {
    Router::new().route("/v1/cards/{id}/verifications", post(verify))
}

async fn verify(
    may: May<needs::CardUse>,
    Held(engine): Held<Engine>,
    Path(id): Path<String>,
    (headers, body): (HeaderMap, Bytes),
) -> Response {
    let asked = async {
        let card: CardToken = id.parse().map_err(|_| Failure(Problem::not_found()))?;
        let (key, value) = key_and_value(&headers, card, &body)?;
        let (wish, code) = read(&value, Contract::of(&may.scope, may.shop).connector)?;
        let (shop, origin) = (may.shop, may.origin.clone());
        let ask = VerifyAsk { shop, card, wish, code, origin };
        let ready = engine.look_at_card(&may.scope, &ask).await?;
        let (store, scope) = (engine.clone(), may.scope.clone());
        let route = Route::of(card.id());
        let Some(key) = key else {
            let work = move |tx: &mut Tx<'_>| store.store_verification(tx, &scope, (&ask, &ready));
            let asked = engine.ctx.db.write(route, work).await?;
            return Ok(answer(StatusCode::ACCEPTED, &start(&engine, &may, asked)));
        };
        let work = move |tx: &mut Tx<'_>| {
            let asked = store.store_verification(tx, &scope, (&ask, &ready))?;
            let id = asked.id().to_string();
            Ok((asked, id))
        };
        let body = match once::open(&engine.ctx, &may.scope, (&key, route), work).await? {
            Once::First(asked) => start(&engine, &may, asked),
            Once::Replay { status, body } => return Ok(replayed(status, body)),
            Once::Stands(id) => accepted(id.and_then(|id| id.parse().ok())),
        };
        let stored = (StatusCode::ACCEPTED.as_u16(), body.to_string());
        once::finish(&engine.ctx, &may.scope, key, stored).await?;
        Ok::<Response, Failure>(answer(StatusCode::ACCEPTED, &body))
    };
    asked.await.unwrap_or_else(failed)
}

/// No money is debited, so a key of idempotency is welcome and not required.
fn key_and_value(
    headers: &HeaderMap,
    card: CardToken,
    body: &Bytes,
) -> Result<(Option<Key>, Value), Failure> {
    if headers.contains_key("idempotency-key") {
        let path = format!("/v1/cards/{card}/verifications");
        let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
        if !key.is_some_and(db::idempotency::is_key) {
            let text = "Give the Idempotency-Key 1 to 255 printable characters.";
            return Err(Failure(Problem::new(400, "idempotency_key_invalid", text)));
        }
        return opened(headers, &path, body).map(|(key, value)| (Some(key), value));
    }
    let value = if body.is_empty() { json!({}) } else { Body::parse(body)? };
    Ok((None, value))
}

fn read(value: &Value, connector: &str) -> Result<(Wish, CodeUse), Problem> {
    let body = Body::new();
    let root = body.root(value);
    if root.text("processor", 20).is_some_and(|named| named != connector) {
        root.fault("processor", format!("This shop has one: {connector}."));
    }
    let wish = root.word("mode").unwrap_or(Wish::Auto);
    let code = match root.yes("with_code") {
        Some(true) => CodeUse::WithCode,
        _ => CodeUse::WithoutCode,
    };
    root.close();
    body.finish()?;
    Ok((wish, code))
}

/// Lets it run: the card tells what came of it.
fn start(engine: &Engine, may: &May<needs::CardUse>, asked: Asked) -> Value {
    let id = asked.id();
    if let Asked::Go(checking) = asked {
        let (engine, scope) = (engine.clone(), may.scope.clone());
        tokio::spawn(async move {
            if let Err(error) = engine.verify(&scope, *checking).await {
                tracing::error!(%error, verification = %id, "check of a card");
            }
        });
    }
    accepted(Some(id))
}

fn accepted(id: Option<VerificationId>) -> Value {
    json!({ "id": id, "status": "pending" })
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Vault(error) => unknown(error),
            VerifyError::Refused(refusal) => Self(refusal.into()),
            VerifyError::Config(text) => {
                tracing::error!(text, "connector configuration");
                Self(Problem::internal())
            }
            VerifyError::Db(error) => error.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Limit { next, seconds } => {
                let text = "A card is checked twice in 24 hours and ten times in its life.";
                let problem = Self::new(429, "verification_limit", text).retry_after(seconds);
                match next {
                    Some(next) => problem.with("next", next.to_string()),
                    None => problem,
                }
            }
            Refusal::DoNotRetry => {
                let text = "The issuer said this card may not be tried again; ask for another one.";
                Self::new(409, "do_not_retry", text)
            }
            Refusal::NoCode => Self::new(409, "code_none", "No security code is held."),
            Refusal::Suspended => Self::new(409, "card_suspended", "The card is blocked."),
            Refusal::Expired => Self::new(409, "card_expired", "The card is out of date."),
            Refusal::NotForVirtual => {
                let text = "A virtual card is checked with amount zero only.";
                Self::field("$.mode", "invalid_field", text)
            }
            Refusal::ShopNotOpen => crate::error::shop_not_open(),
            Refusal::NotActive(opens) => virtual_cards::Refusal::NotActive(opens).into(),
            Refusal::NoZero => {
                let text = "This connector has no check of amount zero.";
                Self::field("$.mode", "capability_missing", text)
            }
        }
    }
}
