//! `/v1/payments` and `/v1/capture_sessions`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRef, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use db::idempotency::{self, Key};
use db::{Route, Tx};
use http::Refusal;
use identity::extract::{May, needs};
use identity::merchants;
use kernel::{PaymentId, PointOfSaleId, Problem, Scope, ShopId};
use serde_json::{Value, json};
use vault_wire::{CardSettingsGet, WireScope};
use web::Context;
use web::query::Query;

use super::listing::{self, Filter};
use super::once::{self, Failure, Once};
use super::ops::{NewIds, NewPayment};
use super::request::{self, CreateRequest};
use super::terms::{self, Methods};
use super::{Kind, OpState, Payment, Status};
use crate::cards::api::at;
use crate::contract::{ChannelRefusal, Contract};
use crate::engine::{CardOffer, Dispatch, Engine, UNREACHABLE};
use crate::fields::Body;

impl FromRef<Engine> for Context {
    fn from_ref(engine: &Engine) -> Self {
        engine.ctx.clone()
    }
}

/// The routes of payments; `app` adds the limits of keys.
pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/v1/payments", get(list).post(create))
        .route("/v1/payments/{id}", get(show))
        .merge(super::operations::api::routes())
}

async fn list(
    may: May<needs::PaymentsRead>,
    State(engine): State<Engine>,
    query: Query,
) -> Response {
    let scope = may.scope.clone();
    let asked = match Filter::of(query).and_then(|filter| filter.read(may.shop)) {
        Ok(asked) => asked,
        Err(problem) => return Refusal(problem).into_response(),
    };
    let read = move |tx: &mut Tx<'_>| listing::store::page(tx, &scope, &asked);
    match engine.ctx.db.read(read).await {
        Ok(page) => {
            let app = &engine.ctx.urls.app;
            let data: Vec<Value> =
                page.payments.iter().map(|p| super::json::payment(p, app)).collect();
            let mut body = json!({"data": data, "next": page.next});
            if let (Some(totals), Some(body)) = (page.totals, body.as_object_mut()) {
                let totals: Vec<Value> = totals.iter().map(super::json::total).collect();
                body.insert("totals".to_owned(), totals.into());
            }
            answer(StatusCode::OK, &body)
        }
        Err(error) => failed(error.into()),
    }
}

async fn show(
    may: May<needs::PaymentsRead>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Response {
    match found(&engine, &may.scope, may.shop, &id).await {
        Ok(payment) => shown(&engine, StatusCode::OK, &payment),
        Err(failure) => failed(failure),
    }
}

/// The payment of that id in the key's shop; everything else does not exist.
pub(crate) async fn found(
    engine: &Engine,
    scope: &Scope,
    shop: ShopId,
    id: &str,
) -> Result<Payment, Failure> {
    let id: PaymentId = id.parse().map_err(|_| Failure(Problem::not_found()))?;
    let payment = engine.payment(scope, id).await?;
    if payment.shop == shop { Ok(payment) } else { Err(Failure(Problem::not_found())) }
}

async fn create(
    may: May<needs::PaymentsCreate>,
    State(engine): State<Engine>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let created = async {
        let (key, value) = opened(&headers, "/v1/payments", &body)?;
        let request = request::create(&value)?;
        if let Some(seen) = once::peek(&engine.ctx, &may.scope, &key).await? {
            return conclude(&engine, &may.scope, key, (seen, StatusCode::CREATED)).await;
        }
        taken(&engine, &may, &request.terms.methods).await?;
        let offer = offered(&engine, &may, &request).await?;
        let made = begin(&engine, &may, (&key, request, offer)).await?;
        conclude(&engine, &may.scope, key, (made, StatusCode::CREATED)).await
    };
    created.await.unwrap_or_else(failed)
}

/// The card to charge in the call, as the vault describes it.
async fn offered(
    engine: &Engine,
    may: &May<needs::PaymentsCreate>,
    request: &CreateRequest,
) -> Result<Option<CardOffer>, Failure> {
    if request.card.is_none() && request.capture_session.is_none() {
        return Ok(None);
    }
    if !may.scope.may(kernel::Right::CardUse) {
        let problem = identity::extract::api::missing_right(kernel::Right::CardUse);
        return Err(Failure(problem));
    }
    let (offer, member) = match (request.card, request.capture_session) {
        (Some(card), _) => (engine.card(&may.scope, may.shop, card).await, "$.card"),
        (None, Some(capture)) => {
            let offer = engine.captured_card(&may.scope, may.shop, capture).await;
            (offer, "$.capture_session")
        }
        (None, None) => return Ok(None),
    };
    let offer = offer.map_err(|error| Failure(at(member, crate::error::of_vault(&error))))?;
    Ok(Some(CardOffer { code: request.code, ..offer }))
}

/// Checks that the shop takes the means of a request.
async fn taken(
    engine: &Engine,
    may: &May<needs::PaymentsCreate>,
    methods: &Methods,
) -> Result<(), Failure> {
    if methods.brands().is_empty() {
        return Ok(());
    }
    let wire = WireScope::of(&may.scope, may.shop);
    let answer = engine.vault.ask(&wire, &CardSettingsGet {}).await;
    let own = answer.map_err(|error| Failure(crate::error::of_vault(&error)))?.settings.brands;
    let names: Vec<String> = own.iter().copied().map(terms::code).collect();
    let body = Body::new();
    for (at, brand) in methods.brands().iter().enumerate().filter(|(_, b)| !own.contains(b)) {
        let cure = format!(
            "The shop does not take {}; it takes: {}.",
            terms::code(*brand),
            names.join(", ")
        );
        body.fault(format!("$.methods[{at}]"), "method_not_available", cure);
    }
    Ok(body.finish()?)
}

pub(super) type Made = Once<(PaymentId, Option<Box<Dispatch>>)>;

/// The first transaction: key, payment, and the first request of a card stored as sent.
async fn begin(
    engine: &Engine,
    may: &May<needs::PaymentsCreate>,
    (key, request, offer): (&Key, CreateRequest, Option<CardOffer>),
) -> Result<Made, Failure> {
    let now = engine.ctx.now(may.shop);
    let ids = NewIds::new(now, engine.ctx.rng.as_ref());
    let (id, shop) = (ids.payment, may.shop);
    let (unit_engine, scope, origin) = (engine.clone(), may.scope.clone(), may.origin.clone());
    let work = move |tx: &mut Tx<'_>| {
        let point_of_sale = place(tx, &scope, shop, &request)?;
        if let Some(booking) = request.booking
            && !unit_engine.knows_booking(tx, &scope, booking)?
        {
            let cure = "This merchant has no such booking.";
            return Err(Failure(Problem::field("$.booking", "booking_unknown", cure)));
        }
        let mut new = new_payment(&ids, (shop, point_of_sale), &request);
        let mut offer = offer.clone();
        if let Some(found) = offer {
            let (fitting, found) = crate::engine::as_it_can_leave(tx, &scope, (new, found))?;
            (new, offer) = (fitting, Some(found));
        }
        unit_engine.create(tx, &scope, (&new, request.threeds), &origin)?;
        let dispatch = match &offer {
            None => None,
            Some(offer) => {
                Some(Box::new(unit_engine.begin_charge(tx, &scope, ids.payment, offer)?))
            }
        };
        Ok(((ids.payment, dispatch), ids.payment.to_string()))
    };
    once::open(&engine.ctx, &may.scope, (key, Route::of(id.id())), work).await
}

/// Shop, point of sale and return address are the key's own.
fn place(
    tx: &mut Tx<'_>,
    scope: &Scope,
    own: ShopId,
    request: &CreateRequest,
) -> Result<PointOfSaleId, Failure> {
    let not_found = || Failure(Problem::not_found());
    if request.shop.is_some_and(|shop| shop != own) {
        return Err(not_found());
    }
    let shop = merchants::store::shop(tx, scope, own)?.ok_or_else(not_found)?;
    if let Some(url) = &request.return_url
        && !shop.may_return_to(url)
    {
        return Err(Failure(Problem::field(
            "$.return_url",
            "return_url_not_allowed",
            "Register the origin of this address for the shop first.",
        )));
    }
    let points = merchants::store::points_of_sale(tx, scope, own)?;
    let point = match request.point_of_sale {
        Some(wanted) => points.into_iter().find(|point| point.id == wanted),
        None => points.into_iter().next(),
    };
    let point = point.ok_or_else(not_found)?;
    let admitted = Contract::of(scope, own).admits(&point.channel, request.channel);
    admitted.map_err(|refusal| Failure(off(refusal)))?;
    Ok(point.id)
}

fn off(refusal: ChannelRefusal) -> Problem {
    let (code, cure) = match refusal {
        ChannelRefusal::NotAllowed => {
            ("channel_not_allowed", "This point of sale does not sell through this channel.")
        }
        ChannelRefusal::WithoutMoto => {
            ("contract_without_moto", "The contract takes no orders by mail or telephone.")
        }
    };
    Problem::field("$.channel", code, cure)
}

fn new_payment(
    ids: &NewIds,
    (shop, point_of_sale): (ShopId, PointOfSaleId),
    request: &CreateRequest,
) -> NewPayment {
    NewPayment {
        ids: ids.clone(),
        shop,
        point_of_sale,
        channel: request.channel,
        amount: request.amount,
        order_ref: request.order_ref.clone(),
        parallel: request.parallel,
        purpose: request.purpose,
        subject: None,
        booking: request.booking,
        capture: request.capture,
        initiator: request.initiator,
        reason: request.reason,
        keep_card: request.keep_card,
        payer: request.payer.clone(),
        customer: request.customer,
        lines: request.lines.clone(),
        terms: request.terms.clone(),
        return_url: request.return_url.clone(),
        metadata: request.metadata.clone(),
    }
}

/// Sends what is stored, stores the answer under its key, and gives it.
pub(super) async fn conclude(
    engine: &Engine,
    scope: &Scope,
    key: Key,
    (made, status): (Made, StatusCode),
) -> Result<Response, Failure> {
    let (id, dispatch) = match made {
        Once::First(made) => made,
        Once::Replay { status, body } => return Ok(replayed(status, body)),
        Once::Stands(object) => {
            let id = object.and_then(|text| text.parse::<PaymentId>().ok());
            let id = id.ok_or_else(|| Failure(Problem::internal()))?;
            let payment = engine.payment(scope, id).await?;
            return Ok(of_outcome(engine, &key, &payment, (None, status)));
        }
    };
    let operation = dispatch.as_ref().and_then(|dispatch| dispatch.operation);
    let payment = match dispatch {
        Some(dispatch) => engine.run(scope, *dispatch).await?,
        None => engine.payment(scope, id).await?,
    };
    let (status, body) = match unreached(&payment, operation) {
        Some(problem) => (StatusCode::BAD_GATEWAY, problem.to_json(&http::server::request_id())),
        None => outcome(engine, &key, &payment, (operation, status)),
    };
    let stored = (status.as_u16(), body.to_string());
    once::finish(&engine.ctx, scope, key, stored).await?;
    Ok(answer(status, &body))
}

/// 502 when the operation did not leave the house at all.
fn unreached(payment: &Payment, operation: Option<kernel::OperationId>) -> Option<Problem> {
    let last = payment.operations.iter().rev().find(|o| o.state == OpState::Failed)?;
    let ours = operation.is_none_or(|id| id == last.id || last.attempt > 0);
    let silent = last.code.as_deref() == Some(UNREACHABLE) && operation.is_some() && ours;
    silent.then(|| {
        let text = "The bank could not be reached. Nothing was sent; try again with a new key.";
        Problem::new(502, UNREACHABLE, text).with("payment", payment.id.to_string())
    })
}

fn of_outcome(
    engine: &Engine,
    key: &Key,
    payment: &Payment,
    with: (Option<kernel::OperationId>, StatusCode),
) -> Response {
    let (status, body) = outcome(engine, key, payment, with);
    answer(status, &body)
}

/// What a money request is answered: the payment, or the refund with its payment; 202 while the
/// bank's answer is not known.
fn outcome(
    engine: &Engine,
    key: &Key,
    payment: &Payment,
    (operation, status): (Option<kernel::OperationId>, StatusCode),
) -> (StatusCode, Value) {
    let shape = super::json::payment(payment, &engine.ctx.urls.app);
    let done = operation.and_then(|id| payment.operation(id));
    let done = done.or_else(|| {
        let refunds = ["/refunds", "/recorded_transactions"];
        let refunds = refunds.iter().any(|verb| key.path.ends_with(verb));
        payment.last(Kind::Refund).filter(|_| refunds)
    });
    let unknown =
        payment.status == Status::Unknown || done.is_some_and(|o| o.state == OpState::Unknown);
    let status = if unknown { StatusCode::ACCEPTED } else { status };
    match done.filter(|operation| operation.kind == Kind::Refund) {
        Some(operation) => {
            let mut body = super::json::operation(operation);
            if let Some(members) = body.as_object_mut() {
                members.insert("payment".into(), shape);
            }
            (status, body)
        }
        None => (status, shape),
    }
}

/// The idempotency key and the body of a money request.
pub(crate) fn opened(
    headers: &HeaderMap,
    path: &str,
    body: &Bytes,
) -> Result<(Key, Value), Failure> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let key = key.filter(|key| idempotency::is_key(key)).ok_or_else(|| {
        Failure(Problem::new(
            400,
            "idempotency_key_required",
            "Send a header Idempotency-Key of 1 to 255 printable characters.",
        ))
    })?;
    let empty = body.is_empty();
    let value = if empty { json!({}) } else { Body::parse(body)? };
    Ok((once::key_of(key, path, &value), value))
}

fn shown(engine: &Engine, status: StatusCode, payment: &Payment) -> Response {
    answer(status, &super::json::payment(payment, &engine.ctx.urls.app))
}

pub(crate) fn replayed(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    http::reply::replayed(json_text(status, body))
}

pub(crate) fn answer(status: StatusCode, body: &Value) -> Response {
    json_text(status, body.to_string())
}

fn json_text(status: StatusCode, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}

pub(crate) fn failed(failure: Failure) -> Response {
    Refusal(failure.0).into_response()
}
