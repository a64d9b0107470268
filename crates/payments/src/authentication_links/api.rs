//! `/v1/payments/{id}/authentication_links`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use db::{DbError, Route, Tx};
use identity::audit;
use identity::extract::{May, needs};
use kernel::{CardToken, Scope};
use serde_json::{Value, json};
use web::mail::Channel;

use super::model::OtherCard;
use super::ops::{self, Ask, AskError};
use super::{LEAST_SECONDS, MOST_SECONDS, USUAL_SECONDS, json as shape, letters, store};
use crate::cards::api::at;
use crate::engine::{CardOffer, Engine, kept_card};
use crate::fields::Body;
use crate::payment::Payment;
use crate::payment::api::{answer, failed, found, opened, replayed};
use crate::payment::once::{self, Failure, Once};

/// The routes.
pub fn routes() -> Router<Engine> {
    Router::new().route("/v1/payments/{id}/authentication_links", get(list).post(create))
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        Self(error.into())
    }
}

async fn list(
    may: May<needs::PaymentsRead>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Response {
    let listed = async {
        let payment = found(&engine, &may.scope, may.shop, &id).await?;
        let (scope, now) = (may.scope.clone(), engine.ctx.now(may.shop));
        let read = move |tx: &mut Tx<'_>| {
            let links = store::of_payment(tx, &scope, payment.id)?;
            let data = links.iter().map(|link| shape::link(link, &payment, now));
            Ok::<Value, DbError>(json!({"data": data.collect::<Vec<_>>(), "next": null}))
        };
        let body = engine.ctx.db.read(read).await?;
        Ok::<Response, Failure>(answer(StatusCode::OK, &body))
    };
    listed.await.unwrap_or_else(failed)
}

async fn create(
    may: May<needs::CardUse>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    (headers, body): (HeaderMap, Bytes),
) -> Response {
    let made = async {
        let path = format!("/v1/payments/{id}/authentication_links");
        let (key, value) = opened(&headers, &path, &body)?;
        let payment = found(&engine, &may.scope, may.shop, &id).await?;
        let wish = Wish::read(&value)?;
        if let Some(Once::Replay { status, body }) =
            once::peek::<()>(&engine.ctx, &may.scope, &key).await?
        {
            return Ok(replayed(status, body));
        }
        let card = card(&engine, &may.scope, (&payment, wish.card)).await?.card;
        let Wish { channels, lasts_seconds, other_card, .. } = wish;
        let ask = Ask { channels, lasts_seconds, card, other_card };
        let line = audit::Line::new("payment.ask_holder", payment.id, &may.origin)
            .after(json!({"card": ask.card.id, "amount": payment.amount.minor()}));
        let (own, scope) = (engine.clone(), may.scope.clone());
        let work = move |tx: &mut Tx<'_>| {
            let made = ops::ask(tx, &own, &scope, (payment.id, &ask), &line)?;
            let payment = crate::payment::store::find(tx, &scope, payment.id)?;
            let payment = payment.ok_or(AskError::NotFound)?;
            let mut told = shape::link(&made.link, &payment, own.ctx.now(payment.shop));
            if let Some(members) = told.as_object_mut() {
                members.insert("url".into(), made.url.into());
            }
            Ok((told, made.link.id.to_string()))
        };
        let route = Route::of(payment.id.id());
        let told = match once::open(&engine.ctx, &may.scope, (&key, route), work).await? {
            Once::First(told) => told,
            Once::Replay { status, body } => return Ok(replayed(status, body)),
            Once::Stands(link) => stands(&engine, &may.scope, link).await?,
        };
        let stored = (StatusCode::CREATED.as_u16(), told.to_string());
        once::finish(&engine.ctx, &may.scope, key, stored).await?;
        Ok::<Response, Failure>(answer(StatusCode::CREATED, &told))
    };
    made.await.unwrap_or_else(failed)
}

/// What a call made that died before its answer; the address is in its messages alone.
async fn stands(engine: &Engine, scope: &Scope, id: Option<String>) -> Result<Value, Failure> {
    let scope = scope.clone();
    let clock = engine.ctx.clone();
    let read = move |tx: &mut Tx<'_>| {
        let id = id.and_then(|id| id.parse().ok());
        let link = id.map(|id| store::find(tx, &scope, id)).transpose()?.flatten();
        let link = link.ok_or(AskError::NotFound)?;
        let payment = crate::payment::store::find(tx, &scope, link.payment)?;
        let payment = payment.ok_or(AskError::NotFound)?;
        let mut told = shape::link(&link, &payment, clock.now(link.shop));
        if let Some(members) = told.as_object_mut() {
            members.insert("url".into(), Value::Null);
        }
        Ok::<Value, AskError>(told)
    };
    Ok(engine.ctx.db.read(read).await?)
}

/// The card to be confirmed: the one that is named, else that of the last try, else the one kept
/// for the booking.
async fn card(
    engine: &Engine,
    scope: &Scope,
    (payment, named): (&Payment, Option<CardToken>),
) -> Result<CardOffer, Failure> {
    let own = named.or(payment.card.as_ref().map(|card| card.id));
    let card = match (own, payment.booking) {
        (Some(card), _) => Some(card),
        (None, Some(booking)) => {
            let owned = scope.clone();
            let kept = move |tx: &mut Tx<'_>| kept_card(tx, &owned, booking);
            let kept = engine.ctx.db.read::<_, DbError, _>(kept).await?;
            kept.map(|card| card.id)
        }
        (None, None) => None,
    };
    let Some(card) = card else {
        let text = "No card was tried on this payment or kept for its booking: name one.";
        return Err(Failure(kernel::Problem::field("$.card", "card_unknown", text)));
    };
    let offer = engine.card(scope, payment.shop, card).await;
    offer.map_err(|error| Failure(at("$.card", crate::error::of_vault(&error))))
}

/// What a program asks for.
struct Wish {
    channels: Vec<Channel>,
    lasts_seconds: i64,
    card: Option<CardToken>,
    other_card: OtherCard,
}

impl Wish {
    fn read(value: &Value) -> Result<Self, Failure> {
        let body = Body::new();
        let root = body.root(value);
        let named = root.value("channels").map(|value| {
            let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
            let ways = list.iter().map(|word| word.as_str().and_then(letters::way));
            ways.collect::<Option<Vec<Channel>>>().unwrap_or_default()
        });
        let channels = named.unwrap_or_else(|| vec![Channel::Mail]);
        if channels.is_empty() || channels.len() > 2 {
            root.fault("channels", "Give email, sms or both.");
        }
        let lasts_seconds = root.integer("expires_in").unwrap_or(USUAL_SECONDS);
        if !(LEAST_SECONDS..=MOST_SECONDS).contains(&lasts_seconds) {
            root.fault("expires_in", "Give 900 to 1,209,600 seconds: 15 minutes to 14 days.");
        }
        let then = root.text("then", crate::fields::MAX_TEXT_CHARACTERS);
        if then.is_some_and(|word| word != "authorise") {
            root.fault("then", "Give authorise: nothing else follows an authentication yet.");
        }
        let other_card = match root.yes("may_replace_card") {
            Some(false) => OtherCard::Refused,
            _ => OtherCard::Allowed,
        };
        let card = root.parsed("card", "a card id");
        root.close();
        body.finish()?;
        Ok(Self { channels, lasts_seconds, card, other_card })
    }
}
