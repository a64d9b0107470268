//! `PUT /v1/bin_table`, `GET /v1/bins/{digits}`.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, put};
use db::{Route, Tx};
use http_body_util::BodyExt as _;
use identity::audit;
use identity::extract::{May, needs};
use kernel::{AuditId, Problem};
use serde::Serialize;
use vault_wire::{BinLookup, BinReport, WireError, WireScope};

use super::Import;
use crate::engine::Engine;
use crate::error::of_vault;
use crate::payment::api::{answer, failed};
use crate::payment::once::Failure;

const MIN_DIGITS: usize = 6;
const MAX_DIGITS: usize = 8;

/// The routes of the table.
pub fn routes() -> Router<Engine> {
    Router::new().route("/v1/bin_table", put(import)).route("/v1/bins/{digits}", get(look_up))
}

async fn import(
    may: May<needs::VaultOperator>,
    State(engine): State<Engine>,
    body: Body,
) -> Response {
    let imported = async {
        let report = hand_over(&engine, body).await?;
        if !report.applied {
            return Err(Failure(refusal(&report)));
        }
        let real_now = engine.ctx.real_now();
        let line_id = AuditId::new(real_now, engine.ctx.rng.as_ref());
        let (scope, line) = (may.scope.clone(), may.line("bin_table.import", &report.version));
        let record = move |tx: &mut Tx<'_>| audit::record(tx, &scope, &line, real_now, line_id);
        engine.ctx.db.write(Route::any(), record).await?;
        Ok(answer(StatusCode::OK, &json(&report)?))
    };
    imported.await.unwrap_or_else(failed)
}

async fn hand_over(engine: &Engine, mut body: Body) -> Result<BinReport, Failure> {
    let refused = |error: WireError| Failure(of_vault(&error));
    let mut import = Import::begin(&engine.vault).await.map_err(refused)?;
    while let Some(frame) = body.frame().await {
        let broken =
            |_| Failure(Problem::new(400, "body_broken", "The file did not arrive whole."));
        let frame = frame.map_err(broken)?;
        if let Some(bytes) = frame.data_ref() {
            import.add(bytes).await.map_err(refused)?;
        }
    }
    import.finish().await.map_err(refused)
}

/// Nothing changed: the first faults, each with its line, column and cause.
fn refusal(report: &BinReport) -> Problem {
    let faults = serde_json::to_value(&report.faults).unwrap_or_default();
    let detail = "The table has faults; the one in use stays.";
    Problem::new(422, "bin_table_invalid", detail)
        .with("fault_count", report.fault_count)
        .with("faults", faults)
}

fn json(value: &impl Serialize) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(value).map_err(|_| Failure(Problem::internal()))
}

async fn look_up(
    may: May<needs::CardView>,
    State(engine): State<Engine>,
    Path(digits): Path<String>,
) -> Response {
    let found = async {
        let is_lead = (MIN_DIGITS..=MAX_DIGITS).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_lead {
            return Err(Failure(Problem::not_found()));
        }
        let wire = WireScope::of(&may.scope, may.shop);
        let bin = engine.vault.ask(&wire, &BinLookup { bin: digits }).await;
        let bin = bin.map_err(|error| Failure(of_vault(&error)))?;
        Ok(answer(StatusCode::OK, &json(&bin)?))
    };
    found.await.unwrap_or_else(failed)
}
