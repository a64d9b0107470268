//! What programs do to a payment that exists: `/v1/payments/{id}/…`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use db::{Route, Tx};
use identity::audit;
use identity::extract::{May, needs};
use kernel::{Problem, Scope, ShopId};
use serde_json::Value;

use crate::engine::desk::Planned;
use crate::engine::{Ask, Engine, What};
use crate::payment::api::{answer, conclude, failed, found, opened};
use crate::payment::{Payment, Source, json, once, request};

/// The routes of operations.
pub(in crate::payment) fn routes() -> Router<Engine> {
    Router::new()
        .route("/v1/payments/{id}/operations", get(show_operations))
        .route("/v1/payments/{id}/capture", post(capture))
        .route("/v1/payments/{id}/cancel", post(cancel))
        .route("/v1/payments/{id}/validate", post(validate))
        .route("/v1/payments/{id}/recorded_transactions", post(record))
        .route("/v1/payments/{id}/refunds", post(refund))
}

async fn show_operations(
    may: May<needs::PaymentsRead>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Response {
    match found(&engine, &may.scope, may.shop, &id).await {
        Ok(payment) => {
            let data: Vec<Value> = payment.operations.iter().map(json::operation).collect();
            answer(StatusCode::OK, &serde_json::json!({"data": data, "next": null}))
        }
        Err(failure) => failed(failure),
    }
}

async fn capture(
    may: May<needs::PaymentsCapture>,
    State(engine): State<Engine>,
    (Path(id), headers, body): (Path<String>, HeaderMap, Bytes),
) -> Response {
    let read = |value: &Value, payment: &Payment| {
        let request = request::capture_request(value)?;
        let amount = request.amount.map(|minor| payment.money(minor));
        Ok(Wish::of((None, request.version), What::Capture(amount)))
    };
    Caller::from(may).operate(&engine, (&id, "capture"), (&headers, &body), read).await
}

async fn cancel(
    may: May<needs::PaymentsCancel>,
    State(engine): State<Engine>,
    (Path(id), headers, body): (Path<String>, HeaderMap, Bytes),
) -> Response {
    let read = |value: &Value, _: &Payment| {
        let request = request::cancel_request(value)?;
        Ok(Wish::of((request.reason, request.version), What::Cancel))
    };
    Caller::from(may).operate(&engine, (&id, "cancel"), (&headers, &body), read).await
}

async fn validate(
    may: May<needs::PaymentsValidate>,
    State(engine): State<Engine>,
    (Path(id), headers, body): (Path<String>, HeaderMap, Bytes),
) -> Response {
    let read = |value: &Value, _: &Payment| {
        let request = request::cancel_request(value)?;
        Ok(Wish::of((request.reason, request.version), What::Validate))
    };
    Caller::from(may).operate(&engine, (&id, "validate"), (&headers, &body), read).await
}

async fn refund(
    may: May<needs::PaymentsRefund>,
    State(engine): State<Engine>,
    (Path(id), headers, body): (Path<String>, HeaderMap, Bytes),
) -> Response {
    let read = |value: &Value, payment: &Payment| {
        let request = request::refund_request(value)?;
        let (amount, expected) =
            (payment.money(request.amount), payment.money(request.expected_refundable));
        let wish = Wish::of((request.reason, request.version), What::Refund { amount, expected });
        Ok(Wish { quiet: request.quiet, ..wish })
    };
    Caller::from(may).operate(&engine, (&id, "refunds"), (&headers, &body), read).await
}

/// Writes down what was given back without Guichet.
async fn record(
    may: May<needs::PaymentsRefund>,
    State(engine): State<Engine>,
    (Path(id), headers, body): (Path<String>, HeaderMap, Bytes),
) -> Response {
    let read = |value: &Value, payment: &Payment| {
        let (request, elsewhere) = request::record_request(value)?;
        let amount = payment.money(request.amount);
        let expected = payment.money(request.expected_refundable);
        let what = What::Record { amount, expected, elsewhere };
        Ok(Wish::of((request.reason, request.version), what))
    };
    Caller::from(may)
        .operate(&engine, (&id, "recorded_transactions"), (&headers, &body), read)
        .await
}

/// A program behind a checked key.
struct Caller {
    scope: Scope,
    shop: ShopId,
    origin: audit::Origin,
}

impl<R> From<May<R>> for Caller {
    fn from(may: May<R>) -> Self {
        Self { scope: may.scope, shop: may.shop, origin: may.origin }
    }
}

/// What a program asks for.
struct Wish {
    what: What,
    reason: Option<String>,
    /// The version it saw.
    version: Option<i64>,
    /// It tells the payer itself.
    quiet: bool,
}

impl Wish {
    fn of((reason, version): (Option<String>, Option<i64>), what: What) -> Self {
        Self { what, reason, version, quiet: false }
    }
}

impl Caller {
    async fn operate(
        self,
        engine: &Engine,
        (id, verb): (&str, &str),
        (headers, body): (&HeaderMap, &Bytes),
        read: impl Fn(&Value, &Payment) -> Result<Wish, Problem>,
    ) -> Response {
        let done = async {
            let (key, value) = opened(headers, &format!("/v1/payments/{id}/{verb}"), body)?;
            let payment = found(engine, &self.scope, self.shop, id).await?;
            let Wish { what, reason, version, quiet } = read(&value, &payment)?;
            let ask = Ask {
                payment: payment.id,
                version,
                source: Source::Api,
                reason,
                origin: self.origin.clone(),
                ceiling: None,
                quiet,
            };
            let (unit_engine, scope) = (engine.clone(), self.scope.clone());
            let status = match what {
                What::Refund { .. } | What::Record { .. } => StatusCode::CREATED,
                _ => StatusCode::OK,
            };
            let work = move |tx: &mut Tx<'_>| {
                let id = ask.payment;
                let dispatch = match unit_engine.plan_operation(tx, &scope, &ask, &what)? {
                    Planned::Go(dispatch) => Some(dispatch),
                    Planned::Done(_) => None,
                };
                Ok(((id, dispatch), id.to_string()))
            };
            let route = Route::of(payment.id.id());
            let made = once::open(&engine.ctx, &self.scope, (&key, route), work).await?;
            conclude(engine, &self.scope, key, (made, status)).await
        };
        done.await.unwrap_or_else(failed)
    }
}
