//! `/v1/chargebacks`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Held};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use db::{Route, Tx};
use identity::audit;
use identity::extract::{May, needs};
use kernel::{ChargebackId, Date, PaymentId, Problem, Scope, ShopId};
use serde_json::{Value, json};
use web::query::Query;

use super::model::{Chargeback, MAX_PROOF_CHARACTERS, Proof, Refused, State};
use super::ops::{self, Answer, CaseError};
use super::store::{self, Filter};
use crate::Engine;
use crate::fields::Body;
use crate::payment::Source;
use crate::payment::api::{answer, failed, opened, replayed};
use crate::payment::once::{self, Failure, Once};
use crate::payment::save;

/// Cases of one page when the caller does not say, and at most.
pub(super) const PAGE_CASES: u32 = 50;
pub(super) const MAX_PAGE_CASES: u32 = 200;
/// Members of the query of the list.
const QUERY: &[&str] = &["payment", "state", "limit", "cursor"];

/// The routes.
pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/v1/chargebacks", get(list))
        .route("/v1/chargebacks/{id}", get(show))
        .route("/v1/chargebacks/{id}/accept", post(accept))
        .route("/v1/chargebacks/{id}/submit", post(submit))
}

async fn list(may: May<needs::PaymentsRead>, Held(engine): Held<Engine>, query: Query) -> Response {
    let listed = async {
        let (filter, limit) = filter(query, may.shop)?;
        let scope = may.scope;
        let read = move |tx: &mut Tx<'_>| store::page(tx, &scope, (&filter, limit));
        let cases = engine.ctx.db.read(read).await?;
        let full = cases.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let next = cases.last().filter(|_| full).map(|last| last.id);
        let data: Vec<Value> = cases.iter().map(Chargeback::json).collect();
        Ok(answer(StatusCode::OK, &json!({"data": data, "next": next})))
    };
    listed.await.unwrap_or_else(failed)
}

fn filter(query: Query, shop: ShopId) -> Result<(Filter, u32), Failure> {
    let values = query.read(QUERY)?;
    let wrong = |name: &str, text: &str| {
        Failure(Problem::field(format!("$.{name}"), "invalid_field", text))
    };
    let limit = values.get("limit").map_or(Ok(PAGE_CASES), |text| text.parse());
    let limit = limit.ok().filter(|limit| (1..=MAX_PAGE_CASES).contains(limit));
    let limit = limit.ok_or_else(|| wrong("limit", "Give a number from 1 to 200."))?;
    let payment = values.get("payment").map(|text| text.parse::<PaymentId>()).transpose();
    let before = values.get("cursor").map(|text| text.parse::<ChargebackId>()).transpose();
    let state = values.get("state").map(|word| State::parse(word).ok_or(()));
    let filter = Filter {
        shop: Some(shop),
        payment: payment.map_err(|_| wrong("payment", "Give the id of a payment."))?,
        state: state.transpose().map_err(|()| wrong("state", "Give a state of a case."))?,
        before: before.map_err(|_| wrong("cursor", "Give `next` of the page before."))?,
    };
    Ok((filter, limit))
}

async fn show(
    may: May<needs::PaymentsRead>,
    Held(engine): Held<Engine>,
    Path(id): Path<String>,
) -> Response {
    match found(&engine, (&may.scope, may.shop), &id).await {
        Ok(case) => answer(StatusCode::OK, &case.json()),
        Err(failure) => failed(failure),
    }
}

async fn found(
    engine: &Engine,
    (scope, shop): (&Scope, ShopId),
    id: &str,
) -> Result<Chargeback, Failure> {
    let id: ChargebackId = id.parse().map_err(|_| Failure(Problem::not_found()))?;
    let scope = scope.clone();
    let read = move |tx: &mut Tx<'_>| store::find(tx, &scope, id);
    let case = engine.ctx.db.read(read).await?.filter(|case| case.shop == shop);
    case.ok_or_else(|| Failure(Problem::not_found()))
}

async fn accept(
    may: May<needs::ChargebackManage>,
    Held(engine): Held<Engine>,
    (Path(id), headers, body): (Path<String>, HeaderMap, Bytes),
) -> Response {
    let read = |value: &Value| {
        let body = Body::new();
        body.root(value).close();
        body.finish()?;
        Ok(Answer::Accept)
    };
    Caller::from(may).answer(&engine, (&id, "accept"), (&headers, &body), read).await
}

async fn submit(
    may: May<needs::ChargebackManage>,
    Held(engine): Held<Engine>,
    (Path(id), headers, body): (Path<String>, HeaderMap, Bytes),
) -> Response {
    Caller::from(may).answer(&engine, (&id, "submit"), (&headers, &body), proof).await
}

fn proof(value: &Value) -> Result<Answer, Problem> {
    let body = Body::new();
    let root = body.root(value);
    let sent_on = root.parsed::<Date>("sent_on", "a day such as 2026-11-20");
    let sent_on = root.required("sent_on", sent_on);
    let text = root.required("proof", root.text("proof", MAX_PROOF_CHARACTERS));
    root.close();
    body.finish()?;
    let proof = sent_on.zip(text).map(|(sent_on, text)| Proof { sent_on, text });
    proof.map(Answer::Submit).ok_or_else(Problem::internal)
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

impl Caller {
    async fn answer(
        self,
        engine: &Engine,
        (id, verb): (&str, &str),
        (headers, body): (&HeaderMap, &Bytes),
        read: impl Fn(&Value) -> Result<Answer, Problem>,
    ) -> Response {
        let done = async {
            let (key, value) = opened(headers, &format!("/v1/chargebacks/{id}/{verb}"), body)?;
            let case = found(engine, (&self.scope, self.shop), id).await?;
            let asked = read(&value)?;
            let (own, scope, origin) = (engine.clone(), self.scope.clone(), self.origin.clone());
            let seen = case.clone();
            let work = move |tx: &mut Tx<'_>| {
                let pen = own.pen(&scope, seen.shop);
                if let Answer::Submit(proof) = &asked {
                    sound(&seen, proof.sent_on, save::zone(tx, &scope)?.date(pen.now))?;
                }
                let after = ops::answer(tx, &pen, (seen.id, &asked), (&origin, Source::Api))?;
                let id = after.id.to_string();
                Ok((after, id))
            };
            let route = Route::of(case.payment.id());
            let body = match once::open(&engine.ctx, &self.scope, (&key, route), work).await? {
                Once::First(after) => after.json(),
                Once::Replay { status, body } => return Ok(replayed(status, body)),
                Once::Stands(_) => found(engine, (&self.scope, self.shop), id).await?.json(),
            };
            let stored = (StatusCode::OK.as_u16(), body.to_string());
            once::finish(&engine.ctx, &self.scope, key, stored).await?;
            Ok::<Response, Failure>(answer(StatusCode::OK, &body))
        };
        done.await.unwrap_or_else(failed)
    }
}

fn sound(case: &Chargeback, sent_on: Date, today: Date) -> Result<(), Failure> {
    if ops::is_sound(case, sent_on, today) {
        return Ok(());
    }
    let text = "A day from the opening of the case to today.";
    Err(Failure(Problem::field("$.sent_on", "invalid_field", text)))
}

impl From<CaseError> for Failure {
    fn from(error: CaseError) -> Self {
        Self(error.into())
    }
}

impl From<CaseError> for Problem {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::NotFound => Self::not_found(),
            CaseError::Refused(Refused::AlreadySubmitted) => {
                let text = "The proof was sent; what is at the bank is not changed any more.";
                Self::new(409, "evidence_already_submitted", text)
            }
            CaseError::Refused(_) => Self::new(409, "operation_not_allowed", "The case has ended."),
            CaseError::Save(error) => crate::error::of_save(&error),
        }
    }
}
