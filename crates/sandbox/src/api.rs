//! The bank's interface for machines.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use db::{Route, Tx};
use http::Refusal;
use kernel::{Id, Problem};
use serde::Deserialize;
use serde_json::json;

use crate::cases::{self, Case, Stage};
use crate::fault::{self, Fault, Until};
use crate::model::Kind;
use crate::ops::{self, BankError, Done};
use crate::requests::{self, AuthenticationBody, AuthorisationBody, FollowBody};
use crate::verdict::Delivery;
use crate::{Bank, answers, store};

/// How long an answer that never comes holds the line: longer than any client waits.
const SILENCE_SECONDS: u64 = 95;
/// Most lines of the books that are listed.
const MAX_LINES: i64 = 10_000;

/// Routes for machines.
pub(crate) fn routes() -> Router<Bank> {
    Router::new()
        .route("/health", get(health))
        .route("/api/authentications", post(authenticate))
        .route("/api/authentications/{id}", get(authentication))
        .route("/api/authorisations", post(authorise))
        .route("/api/captures", post(capture))
        .route("/api/voids", post(void))
        .route("/api/refunds", post(refund))
        .route("/api/operations", get(operation))
        .route("/api/fault", post(set_fault))
        .route("/api/chargebacks", get(list_cases).post(open_case))
        .route("/api/chargebacks/{number}", post(decide_case))
        .route("/operations.json", get(operations))
        .layer(middleware::from_fn(no_cross_site))
}

/// Pages of other sites may not drive the bank.
pub(crate) async fn no_cross_site(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if matches!(site, Some("cross-site" | "same-site")) {
        let detail = "Requests from pages of other sites are refused.";
        return Refusal(Problem::new(403, "cross_site", detail)).into_response();
    }
    next.run(request).await
}

async fn health() -> Json<serde_json::Value> {
    Json(json!({ "ok": true }))
}

async fn authenticate(State(bank): State<Bank>, body: Bytes) -> Result<Response, Failure> {
    let new = requests::read::<AuthenticationBody>(&body)?.parse(&bank)?;
    let fresh = bank.fresh();
    let done = bank.db.write(Route::any(), move |tx| ops::authenticate(tx, &new, &fresh)).await?;
    Ok((StatusCode::CREATED, Json(answers::authentication(&done, &bank))).into_response())
}

async fn authentication(
    State(bank): State<Bank>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = Id::parse(&id).map_err(|_| Problem::not_found())?;
    let found = bank.db.read(move |tx| store::authentication(tx, id)).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(Json(answers::authentication(&found, &bank)).into_response())
}

async fn authorise(State(bank): State<Bank>, body: Bytes) -> Result<Response, Failure> {
    let new = requests::read::<AuthorisationBody>(&body)?.parse(&bank)?;
    let fresh = bank.fresh();
    let notice = fresh.notice;
    let done = bank.db.write(Route::any(), move |tx| ops::authorise(tx, &new, &fresh)).await;
    deliver(&bank, (done, notice)).await
}

async fn capture(State(bank): State<Bank>, body: Bytes) -> Result<Response, Failure> {
    follow(&bank, Kind::Capture, &body).await
}

async fn void(State(bank): State<Bank>, body: Bytes) -> Result<Response, Failure> {
    follow(&bank, Kind::Void, &body).await
}

async fn refund(State(bank): State<Bank>, body: Bytes) -> Result<Response, Failure> {
    follow(&bank, Kind::Refund, &body).await
}

async fn follow(bank: &Bank, kind: Kind, body: &[u8]) -> Result<Response, Failure> {
    let new = requests::read::<FollowBody>(body)?.parse(kind)?;
    let fresh = bank.fresh();
    let notice = fresh.notice;
    let done = bank.db.write(Route::any(), move |tx| ops::follow(tx, &new, &fresh)).await;
    deliver(bank, (done, notice)).await
}

/// Sends the answer, or keeps silent as ordered: what was done stays done.
async fn deliver(
    bank: &Bank,
    (done, notice): (Result<Done, BankError>, Id),
) -> Result<Response, Failure> {
    match done {
        Err(BankError::Cut) => Ok(cut()),
        Err(other) => Err(other.into()),
        Ok(done) if matches!(done.delivery, Delivery::Answer | Delivery::AfterNotice) => {
            if done.delivery == Delivery::AfterNotice {
                bank.tell_now(notice).await;
            }
            bank.bell.notify_one();
            Ok((StatusCode::CREATED, Json(answers::outcome(&done.operation))).into_response())
        }
        Ok(_) => {
            let mut closing = bank.closing.clone();
            let silence = Duration::from_secs(SILENCE_SECONDS);
            let _ = tokio::time::timeout(silence, closing.changed()).await;
            Ok(cut())
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "ref")]
    reference: String,
    kind: Option<String>,
    age: Option<i64>,
}

async fn operation(
    State(bank): State<Bank>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let kind = asked.kind.as_deref().unwrap_or("authorise");
    let kind = Kind::parse(kind).ok_or_else(Problem::not_found)?;
    let fresh = bank.fresh();
    let found = bank
        .db
        .write(Route::any(), move |tx| ops::query(tx, (kind, &asked.reference), asked.age, &fresh))
        .await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(Json(answers::operation(&found)).into_response())
}

async fn operations(State(bank): State<Bank>) -> Result<Response, Failure> {
    demo_only(&bank)?;
    let all = bank.db.read(|tx| store::all(tx, MAX_LINES)).await?;
    let lines: Vec<serde_json::Value> = all.iter().map(answers::line).collect();
    Ok(Json(lines).into_response())
}

#[derive(Deserialize)]
struct FaultBody {
    next: String,
    /// `once` (default) or `changed`.
    until: Option<String>,
}

async fn set_fault(
    State(bank): State<Bank>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    demo_only(&bank)?;
    let json =
        headers.get("content-type").is_some_and(|v| v.as_bytes().starts_with(b"application/json"));
    if !json {
        return Err(Problem::new(415, "unsupported_media_type", "Send application/json.").into());
    }
    let FaultBody { next, until } = requests::read(&body)?;
    let until = Until::parse(until.as_deref().unwrap_or("once"))
        .ok_or_else(|| Problem::field("$.until", "invalid_field", "once or changed."))?;
    if next == fault::CHARGEBACK {
        let case = contest(&bank, None).await?;
        let body = json!({ "next": next, "until": "once", "case": cases::message(&case) });
        return Ok(Json(body).into_response());
    }
    let fault =
        Fault::parse(&next).map_err(|_| Problem::field("$.next", "invalid_field", fault::WORDS))?;
    let word = fault.as_ref().map_or("accept", Fault::word).to_owned();
    bank.db.write(Route::any(), move |tx| store::set_fault(tx, fault.as_ref(), until)).await?;
    Ok(Json(json!({ "next": word, "until": until.as_str() })).into_response())
}

/// Opens a case, and has it told.
pub(crate) async fn contest(bank: &Bank, reference: Option<String>) -> Result<Case, BankError> {
    let fresh = bank.fresh();
    let open = move |tx: &mut Tx<'_>| cases::open(tx, reference.as_deref(), &fresh);
    let case = bank.db.write(Route::any(), open).await?;
    bank.bell.notify_one();
    Ok(case)
}

/// Decides a case, and has it told; nothing for a number that is not known.
pub(crate) async fn decide(
    bank: &Bank,
    (number, next): (String, Stage),
) -> Result<Option<Case>, BankError> {
    let fresh = bank.fresh();
    let decide = move |tx: &mut Tx<'_>| cases::decide(tx, (&number, next), &fresh);
    let case = bank.db.write(Route::any(), decide).await?;
    bank.bell.notify_one();
    Ok(case)
}

#[derive(Deserialize)]
struct CaseBody {
    /// The client's reference of the authorisation; the latest sale when absent.
    #[serde(rename = "ref")]
    reference: Option<String>,
}

async fn open_case(State(bank): State<Bank>, body: Bytes) -> Result<Response, Failure> {
    demo_only(&bank)?;
    let CaseBody { reference } = requests::read(&body)?;
    let case = contest(&bank, reference).await?;
    Ok((StatusCode::CREATED, Json(cases::message(&case))).into_response())
}

#[derive(Deserialize)]
struct Decision {
    /// `won` or `lost`.
    outcome: String,
}

async fn decide_case(
    State(bank): State<Bank>,
    Path(number): Path<String>,
    body: Bytes,
) -> Result<Response, Failure> {
    demo_only(&bank)?;
    let Decision { outcome } = requests::read(&body)?;
    let next = Stage::parse(&outcome).filter(|stage| *stage != Stage::Opened);
    let next = next.ok_or_else(|| Problem::field("$.outcome", "invalid_field", "won or lost."))?;
    let case = decide(&bank, (number, next)).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(cases::message(&case)).into_response())
}

async fn list_cases(State(bank): State<Bank>) -> Result<Response, Failure> {
    demo_only(&bank)?;
    let all = bank.db.read(|tx| store::cases(tx, MAX_LINES)).await?;
    let lines: Vec<serde_json::Value> = all.iter().map(cases::message).collect();
    Ok(Json(lines).into_response())
}

/// Books and faults are shown in the demo alone.
pub(crate) fn demo_only(bank: &Bank) -> Result<(), Problem> {
    if bank.config.demo { Ok(()) } else { Err(Problem::not_found()) }
}

/// Anything that is not an answer of the bank.
pub(crate) struct Failure(Problem);

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<db::DbError> for Failure {
    fn from(error: db::DbError) -> Self {
        tracing::error!(%error, "books of the simulated bank");
        Self(Problem::internal())
    }
}

impl From<BankError> for Failure {
    fn from(error: BankError) -> Self {
        match error {
            BankError::Db(error) => error.into(),
            BankError::Message(problem) => Self(problem),
            BankError::Cut => Self(Problem::internal()),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        Refusal(self.0).into_response()
    }
}

/// An answer that breaks off: the connection is closed before it is whole.
fn cut() -> Response {
    Response::new(Body::new(Broken))
}

/// A body that fails at its first byte.
struct Broken;

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(Err(std::io::Error::other("the line is cut"))))
    }
}
