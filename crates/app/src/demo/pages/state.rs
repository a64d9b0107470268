//! What tests ask of the demo: counters, the ledger's truth, a scan of all files; and faults.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::Refusal;
use http::client::Call;
use kernel::{MerchantId, Problem};
use ledger::LedgerError;
use serde_json::{Value, json};

use super::{DemoState, scan, store};

const BANK_WAIT: Duration = Duration::from_secs(3);

/// A fault for the log; the page says 500.
pub(super) fn failed(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "demo state");
    Refusal(Problem::internal())
}

/// `GET /demo/state.json`
pub(super) async fn json(State(state): State<DemoState>) -> Result<Json<Value>, Refusal> {
    let merchants: Vec<MerchantId> = state.keys.merchants.iter().map(|m| m.id).collect();
    let shop = state.keys.merchants.first().map(|merchant| merchant.shop);
    let clock = shop.map_or_else(|| state.ctx.real_now(), |shop| state.ctx.now(shop));
    let (counters, report) = state
        .ctx
        .db
        .read::<_, LedgerError, _>(move |tx| {
            let counters = store::counters(tx, &merchants)?;
            Ok((counters, payments::books::verify(tx, &merchants, ledger::FIRST)?))
        })
        .await
        .map_err(failed)?;
    let pids = std::fs::read(&state.settings.pids_file).unwrap_or_default();
    let pids: Value = serde_json::from_slice(&pids).unwrap_or_default();
    let sum: i64 = report.books.iter().map(|b| b.debits.saturating_sub(b.credits)).sum();
    let data = state.data.clone();
    let file_scan = tokio::task::spawn_blocking(move || scan::card_numbers_in(&data));
    let file_scan = file_scan.await.map_err(failed)?.map_err(failed)?;
    Ok(Json(json!({
        "clock": clock,
        "pids": pids,
        "counters": counters,
        "ledger": { "sum": sum, "ok": report.ok },
        "file_scan": file_scan,
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
