//! What tests ask of the demo: counters, the ledger's truth, a scan of all files; and faults.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::Refusal;
use http::client::Call;
use kernel::{MerchantId, Problem, ShopId};
use serde_json::{Value, json};

use super::{DemoState, check, clock, store};
use crate::demo::MerchantKeys;

const BANK_WAIT: Duration = Duration::from_secs(3);

/// A fault for the log; the page says 500.
pub(super) fn failed(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "demo state");
    Refusal(Problem::internal())
}

/// `GET /demo/state.json`. What a check of everything found is null as long as the first one of a
/// large demo goes on; it is `fresh` when the check began after the question.
pub(super) async fn json(State(state): State<DemoState>) -> Result<Json<Value>, Refusal> {
    let of = |merchant: &MerchantKeys| (merchant.id, merchant.shop);
    let merchants: Vec<(MerchantId, ShopId)> = state.keys.merchants.iter().map(of).collect();
    let count = move |tx: &mut db::Tx<'_>| store::counters(tx, &merchants);
    let counters = state.ctx.db.read(count).await.map_err(|error: db::DbError| failed(error))?;
    let check::Told { checked, fresh } = check::latest(&state).await?;
    let pids = std::fs::read(&state.settings.pids_file).unwrap_or_default();
    let pids: Value = serde_json::from_slice(&pids).unwrap_or_default();
    Ok(Json(json!({
        "clock": clock::now(&state),
        "pids": pids,
        "counters": counters,
        "ledger": { "sum": checked.map(|c| c.sum), "ok": checked.map(|c| c.ok) },
        "file_scan": checked.map(|c| c.in_files),
        "checked_at": checked.map(|c| c.at),
        "fresh": fresh,
    })))
}

/// `POST /demo/fault {"next"}`: what the bank does with the next request.
pub(super) async fn fault(
    State(state): State<DemoState>,
    Json(wish): Json<Value>,
) -> Result<Response, Refusal> {
    let call = Call::post_json(&state.ctx.urls.bank, "/api/fault", &wish, BANK_WAIT);
    let answer = call.send().await.map_err(failed)?;
    let status = axum::http::StatusCode::from_u16(answer.status).map_err(failed)?;
    Ok((status, answer.body).into_response())
}
