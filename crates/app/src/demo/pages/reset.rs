//! Beginning anew: everything, or the scene of a journey.

use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, http::HeaderMap};
use db::Route;
use http::Refusal;
use http::client::Call;
use kernel::{Locale, Problem, Timestamp};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::session::{is_json, wish};
use super::{DemoState, clock, state};
use crate::config::{Demo, Volume};
use crate::demo::data;
use crate::supervise::WIPE_PREFIX;
use crate::tell_vault::tell_anew;

/// Longest wait for the vault to come back.
const VAULT_SECONDS: u64 = 15;
const BANK_WAIT: Duration = Duration::from_secs(5);

/// Journeys whose start the demo can set, with their instant and what is done to the catalogue.
const SCENES: &[(&str, &str, Beside)] = &[
    ("J1", "2026-06-15T09:00:00+02:00", Beside::BeforeCards),
    ("J6", "2026-06-15T10:00:00+02:00", Beside::Nothing),
    ("J11", "2026-06-15T10:00:00+02:00", Beside::Nothing),
    ("J12", "2026-06-15T10:00:00+02:00", Beside::CardsOfABatch),
];
/// Journeys that begin with what the product cannot make yet.
const NOT_YET: &[(&str, &str)] = &[
    ("J2", "tickets, and payers with an account that keeps their cards"),
    ("J3", "tickets, and payments in three instalments"),
    ("J4", "tickets, and strong authentication by the date of the session"),
    ("J5", "tickets, vouchers, promotion codes, credit balances and waiting accounts"),
    ("J7", "tickets and their scanning"),
    ("J8", "activities and the wallet"),
    ("J8b", "activities and the wallet"),
    ("J9", "payouts"),
    ("J10", "orders of tickets, vouchers and credit balances"),
];

/// What a journey begins with beside the catalogue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    /// Cards are not kept yet, and a booking has none.
    BeforeCards,
    /// Three good cards and six that end soon.
    CardsOfABatch,
}

#[derive(serde::Deserialize)]
struct Wish {
    lang: Option<String>,
}

/// `POST /demo/reset`: as after the start.
pub(super) async fn everything(
    State(state): State<DemoState>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Refusal> {
    let is_json = is_json(&headers);
    let lang = wish::<Wish>(request).await.and_then(|wish| wish.lang);
    let settings = state.settings.clone();
    begin_anew(&state, &settings).await?;
    if is_json {
        return Ok(Json(json!({ "clock": clock::now(&state) })).into_response());
    }
    let lang = lang.as_deref().and_then(Locale::parse).unwrap_or(Locale::Fr);
    Ok(http::redirect(&format!("/demo?lang={}", lang.code())))
}

/// `POST /demo/scene/{id}`: the catalogue and only the objects of that journey's start, at its
/// own instant.
pub(super) async fn scene(
    State(state): State<DemoState>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let found = SCENES.iter().find(|(name, ..)| *name == id);
    let (_, at, beside) = found.ok_or_else(|| not_there(&id))?;
    let at = Timestamp::parse_rfc3339(at).map_err(|error| state::failed(&error))?;
    let settings = Demo { at: Some(at), volume: Volume::Catalogue, ..state.settings.clone() };
    begin_anew(&state, &settings).await?;
    let mut told = json!({ "scene": id, "clock": clock::now(&state) });
    if *beside == Beside::BeforeCards {
        let set = data::scenes::no_cards_yet(&state.ctx, &state.vault, &state.keys).await;
        set.map_err(|error| state::failed(&error))?;
    }
    if let (Beside::CardsOfABatch, Some(hotel)) = (beside, state.keys.merchants.first()) {
        let cards = data::cards::for_a_batch(&state.ctx, hotel).await;
        told["cards"] = json!(cards.map_err(|error| state::failed(&error))?);
    }
    Ok(Json(told))
}

/// Why there is no such scene, with those that there are.
fn not_there(id: &str) -> Refusal {
    let Some((name, missing)) = NOT_YET.iter().find(|(name, _)| *name == id) else {
        return Refusal(Problem::not_found());
    };
    let there: Vec<&str> = SCENES.iter().map(|(name, ..)| *name).collect();
    let text = format!(
        "{name} begins with what is not built yet: {missing}. Scenes there are: {}.",
        there.join(", ")
    );
    Refusal(Problem::new(422, "scene_not_built", text))
}

/// One beginning at a time: two presses begin anew one after the other.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn begin_anew(state: &DemoState, settings: &Demo) -> Result<(), Refusal> {
    let _turn = TURN.lock().await;
    state.stage.clear();
    state.checks.forget();
    state.filling.call_off().await;
    let failed = |error: String| state::failed(&error);
    let vault_pid = kill_vault(state).await.map_err(failed)?;
    let bank = Call::post_json(&state.ctx.urls.bank, "/api/reset", &json!({}), BANK_WAIT);
    let heard = bank.send().await.map_err(|error| state::failed(&error))?;
    if heard.status >= 300 {
        return Err(state::failed(format!("the bank answered {} to a reset", heard.status)));
    }
    let wiped = state.ctx.db.write(Route::any(), db::wipe::all_rows).await;
    wiped.map_err(|error| state::failed(&error))?;
    data::fill(&state.ctx, &state.keys, settings).await.map_err(failed)?;
    wait_for_vault(state, vault_pid).await.map_err(failed)?;
    let (ctx, vault) = (state.ctx.clone(), state.vault.clone());
    state.filling.begin(ctx, vault, (state.keys.clone(), settings.clone()));
    Ok(())
}

/// Ends the vault with a note to the supervisor that its files go before it starts again.
async fn kill_vault(state: &DemoState) -> Result<u64, String> {
    let pid = pid_of_vault(state).await.ok_or("the vault has no process")?;
    let note = state.data.join(format!("{WIPE_PREFIX}vault"));
    tokio::fs::write(&note, b"").await.map_err(|error| error.to_string())?;
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or("no process id")?;
    kill_process(number, Signal::TERM).map_err(|error| error.to_string())?;
    Ok(pid)
}

async fn pid_of_vault(state: &DemoState) -> Option<u64> {
    let text = tokio::fs::read(&state.settings.pids_file).await.ok()?;
    serde_json::from_slice::<Value>(&text).ok()?.get("vault")?.as_u64()
}

/// Waits until another process answers, and knows the shops.
async fn wait_for_vault(state: &DemoState, old: u64) -> Result<(), String> {
    let limit = tokio::time::Instant::now() + Duration::from_secs(VAULT_SECONDS);
    while tokio::time::Instant::now() < limit {
        let is_new = pid_of_vault(state).await.is_some_and(|pid| pid != old);
        let told = async || tell_anew(&state.ctx, &state.vault, &state.keys).await.is_ok();
        if is_new && told().await {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    Err("the vault did not come back".to_owned())
}
