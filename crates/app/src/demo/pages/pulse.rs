//! What the split screen asks several times a second: has anything changed, and what time is it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse as _, Response};
use db::DbError;
use http::{Refusal, Words};
use kernel::{Zone, format};
use serde_json::{Value, json};

use super::{DemoState, clock, state, store};
use crate::demo::missions::{self, Run, Stage, robot};

/// What is new.
pub(super) struct News {
    /// Differs as soon as something happened in the house.
    pub(super) version: String,
    /// Messages in the inbox.
    pub(super) inbox: i64,
    /// The mission under way, with what was just seen done.
    pub(super) run: Option<Run>,
    /// Page of the payment that its visitor has made by API.
    pub(super) pay: Option<String>,
}

/// Looks.
pub(super) async fn news(state: &DemoState) -> Result<News, Refusal> {
    let run = state.stage.run();
    let merchant = state.keys.merchants.first().map(|merchant| merchant.id);
    let app = state.ctx.urls.app.clone();
    let read = move |tx: &mut db::Tx<'_>| {
        let (version, inbox) = (store::version(tx)?, store::messages(tx)?);
        let (run, pay) = match (run, merchant) {
            (Some(run), Some(merchant)) => {
                let token = Stage::api_page(&run, merchant, tx)?;
                let pay = token.map(|token| format!("{app}/p/{token}"));
                (Some(Stage::look(&run, merchant, tx)?), pay)
            }
            (run, _) => (run, None),
        };
        Ok::<News, DbError>(News { version, inbox, run, pay })
    };
    let mut news = state.ctx.db.read(read).await.map_err(|error| state::failed(&error))?;
    if let Some(run) = &mut news.run {
        while let Some((here, sign)) = run.here().zip(run.awaits()) {
            if !missions::look_in_vault(state, run, sign).await {
                break;
            }
            run.done.insert(here);
        }
        let done = run.done.clone();
        state.stage.update(run.mission.key, |known| known.done.extend(done));
    }
    Ok(news)
}

/// What is said while the sample data is still arriving.
pub(super) fn filling(state: &DemoState, words: &Words) -> Option<String> {
    let percent = state.filling.progress()?;
    Some(words.with("demo-filling", &[("percent", &percent.to_string())]))
}

/// Sees to it that what a mission needs is there.
pub(super) async fn set_the_scene(state: &DemoState, run: &mut Run) {
    match missions::prepare(state, run).await {
        Ok(card) => {
            run.card = card;
            state.stage.update(run.mission.key, |known| known.card = card);
        }
        Err(error) => tracing::error!(error, mission = run.mission.key, "mission not prepared"),
    }
}

/// `GET /demo/pulse.json`
pub(super) async fn show(
    State(state): State<DemoState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    let news = news(&state).await?;
    let words = web::language::choose_staff(&state.ctx, &uri, &headers);
    let clock = format::date_time(clock::now(&state), &Zone::paris(), words.locale());
    let mission = news.run.map(|run| {
        json!({
            "key": run.mission.key, "done": run.done, "here": run.here(), "pay": news.pay,
        })
    });
    Ok(Json(json!({
        "version": news.version, "clock": clock, "inbox": news.inbox, "mission": mission,
        "filling": filling(&state, &words),
    })))
}

/// `POST /demo/missions/step`: the step the mission is at, done for the visitor.
pub(super) async fn step(
    State(state): State<DemoState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let words = web::language::choose_staff(&state.ctx, &uri, &headers);
    let run = news(&state).await?.run;
    let mut failed = false;
    if let Some(mut run) = run {
        set_the_scene(&state, &mut run).await;
        match robot::step(&state, &run, words.locale()).await {
            Ok(shown) => state.stage.update(run.mission.key, |known| {
                known.payer = shown.payer.or(known.payer.take());
                known.desk = shown.desk.or(known.desk.take());
            }),
            Err(error) => {
                tracing::error!(error, mission = run.mission.key, "step not done");
                failed = true;
            }
        }
    }
    let asks_json = headers.get(header::ACCEPT).is_some_and(|kind| kind == "application/json");
    if !asks_json {
        return Ok(http::redirect(&format!("/demo?lang={}", words.locale().code())));
    }
    let run = news(&state).await?.run;
    let (payer, desk) = run.map_or((None, None), |run| (run.payer, run.desk));
    let mut show = serde_json::Map::new();
    for (name, address) in [("payer", payer), ("desk", desk)] {
        if let Some(address) = address {
            show.insert(name.to_owned(), address.into());
        }
    }
    let say = words.say(if failed { "demo-failed" } else { "demo-done" });
    Ok(Json(json!({ "say": say, "show": show })).into_response())
}
