//! `/v1/capture_sessions` and `/v1/cards`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{Route, Tx};
use identity::audit;
use identity::extract::{May, needs};
use kernel::{AuditId, CardToken, Problem};
use serde_json::json;
use vault_wire::{CardDelete, CardGet, WireError, WireScope};

use crate::engine::Engine;
use crate::fields::Body;
use crate::payment::api::{answer, failed};
use crate::payment::once::Failure;
use crate::virtual_cards::api::tagged;

/// The routes of cards.
pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/v1/capture_sessions", post(open))
        .route("/v1/cards/{id}", get(show).delete(destroy))
}

async fn open(may: May<needs::CardUse>, State(engine): State<Engine>, body: Bytes) -> Response {
    let opened = async {
        let value = Body::parse(&body)?;
        let request = super::request::capture_session(&value, may.shop)?;
        let wire = WireScope::of(&may.scope, may.shop);
        if let Some(card) = request.card {
            let found = engine.vault.ask(&wire, &CardGet { card }).await;
            found.map_err(|error| Failure(at("$.card", crate::error::of_vault(&error))))?;
        }
        let created = engine.vault.ask(&wire, &request).await.map_err(refused)?;
        let body = json!({
            "id": created.id, "url": created.url, "expires_at": created.expires_at,
        });
        Ok::<Response, Failure>(answer(StatusCode::CREATED, &body))
    };
    opened.await.unwrap_or_else(failed)
}

async fn show(
    may: May<needs::CardView>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Response {
    let shown = async {
        let card = token(&id)?;
        let wire = WireScope::of(&may.scope, may.shop);
        let mut card = engine.vault.ask(&wire, &CardGet { card }).await.map_err(unknown)?;
        engine.with_verifications(&may.scope, std::iter::once(&mut card)).await?;
        engine.with_virtual(&may.scope, may.shop, &mut card).await?;
        let body = serde_json::to_value(&card).map_err(|_| Failure(Problem::internal()))?;
        Ok::<Response, Failure>(tagged(answer(StatusCode::OK, &body), &card))
    };
    shown.await.unwrap_or_else(failed)
}

async fn destroy(
    may: May<needs::CardDelete>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
) -> Response {
    let destroyed = async {
        let card = token(&id)?;
        let wire = WireScope::of(&may.scope, may.shop);
        engine.vault.ask(&wire, &CardDelete { card }).await.map_err(unknown)?;
        let real_now = engine.ctx.real_now();
        let line_id = AuditId::new(real_now, engine.ctx.rng.as_ref());
        let (scope, line) = (may.scope.clone(), may.line("card.delete", card));
        let record = move |tx: &mut Tx<'_>| audit::record(tx, &scope, &line, real_now, line_id);
        engine.ctx.db.write(Route::any(), record).await?;
        Ok::<Response, Failure>(StatusCode::NO_CONTENT.into_response())
    };
    destroyed.await.unwrap_or_else(failed)
}

fn token(text: &str) -> Result<CardToken, Failure> {
    text.parse().map_err(|_| Failure(Problem::not_found()))
}

/// What the merchant does not have in the vault is a wrong member of the request.
pub(crate) fn at(path: &str, mut problem: Problem) -> Problem {
    if problem.status == 422 && problem.errors.is_empty() {
        let error = kernel::FieldError::new(path, problem.code, problem.detail.clone());
        problem.errors.push(error);
    }
    problem
}

fn refused(error: WireError) -> Failure {
    Failure(crate::error::of_vault(&error))
}

/// A card that is not there is a 404 or a 410, not a wrong field.
pub(crate) fn unknown(error: WireError) -> Failure {
    let problem = crate::error::of_vault(&error);
    Failure(match problem.code {
        "card_unknown" => Problem::not_found(),
        "card_terminated" => Problem::new(410, "card_terminated", problem.detail),
        _ => problem,
    })
}
