//! Moving the clocks of all demo shops at once.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse as _, Response};
use db::jobs;
use http::Refusal;
use identity::audit::Origin;
use identity::clocks::ops::MoveError;
use identity::clocks::{self, Move};
use kernel::time::plus_days;
use kernel::{Mode, Problem, Scope, ShopId, Timestamp, Zone, format};
use serde_json::json;
use web::ShopClock;
use web::worker::Ran;

use super::DemoState;
use super::session::{is_json, wish};
use crate::tell_vault::tell_anew;

/// Hour (local) at which the day's captures are sent.
const CUT_OFF_HOUR: i8 = payments::payment::save::CUT_OFF_HOUR;
/// Hour (local) to which the button of next Wednesday goes.
const WEDNESDAY_HOUR: i8 = 12;
/// Kinds named to a person after a move.
const NAMED: usize = 4;

#[derive(serde::Deserialize)]
struct Wish {
    to: String,
}

/// `POST /demo/clock {"to"}`: an instant, or one of the words of the buttons. Answers when the
/// jobs that fell due have run.
pub(super) async fn set(
    State(state): State<DemoState>,
    uri: Uri,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Refusal> {
    let is_json = is_json(&headers);
    let unreadable = || {
        let text = "Give an instant such as 2026-06-15T09:00:00+02:00.";
        Problem::field("$.to", "invalid_field", text)
    };
    let wish: Wish = wish(request).await.ok_or_else(unreadable)?;
    let to = instant(&state, &wish.to).await.ok_or_else(unreadable)?;
    let stood_still = matches!(state.ctx.clocks.state(shop(&state)), Some(ShopClock::Frozen(_)));
    let moved = turn(&state, Move::To(to)).await;
    if is_json {
        let ran = moved.map_err(refusal)?;
        return Ok(axum::Json(json!({ "clock": now(&state), "ran": ran })).into_response());
    }
    if moved.is_ok() && !stood_still {
        // A person goes on from there; a program wants the clock to stand still.
        turn(&state, Move::Follow).await.map_err(refusal)?;
    }
    let words = web::language::choose_staff(&state.ctx, &uri, &headers);
    let asks_json = headers.get(header::ACCEPT).is_some_and(|kind| kind == "application/json");
    if !asks_json {
        return Ok(http::redirect(&format!("/demo?lang={}", words.locale().code())));
    }
    let say = match moved {
        Ok(ran) => told(&words, now(&state), &ran),
        Err(MoveError::Clock(_)) => words.say("demo-clock-backward"),
        Err(other) => return Err(refusal(other)),
    };
    Ok(axum::Json(json!({ "say": say })).into_response())
}

/// What a move did, for a person.
fn told(words: &http::Words, now: Timestamp, ran: &[Ran]) -> String {
    let mut kinds: Vec<String> = ran.iter().map(|ran| name(words, &ran.kind)).collect();
    kinds.dedup();
    let more = kinds.len() > NAMED;
    kinds.truncate(NAMED);
    let list = kinds.join(", ") + if more { "…" } else { "" };
    let clock = format::date_time(now, &Zone::paris(), words.locale());
    let count = i64::try_from(ran.len()).unwrap_or(i64::MAX);
    words.count_with("demo-clock-moved", count, &[("clock", &clock), ("ran", &list)])
}

fn name(words: &http::Words, kind: &str) -> String {
    let key = format!("demo-job-{}", kind.replace(['.', '_'], "-"));
    if words.has(&key) { words.say(&key) } else { kind.to_owned() }
}

/// The shop whose clock the demo shows: all of them go together.
pub(super) fn shop(state: &DemoState) -> ShopId {
    state
        .keys
        .merchants
        .first()
        .map_or_else(|| ShopId::from(kernel::Id::from_bytes([0; 16])), |m| m.shop)
}

/// The demo's time.
pub(super) fn now(state: &DemoState) -> Timestamp {
    state.ctx.now(shop(state))
}

/// Moves all clocks and runs what falls due on the way.
async fn turn(state: &DemoState, wish: Move) -> Result<Vec<Ran>, MoveError> {
    let scope = |id| identity::scope::for_house(id, Mode::Test);
    let shops: Vec<(Scope, ShopId)> =
        state.keys.merchants.iter().map(|m| (scope(m.id), m.shop)).collect();
    let origin = Origin { device: "demo".into(), ..Origin::default() };
    let ran = clocks::turn(&state.ctx, &state.worker, &shops, wish, &origin).await?.ran;
    // It hears of the change by itself, too, but a moment later than who moved the clock goes on.
    if let Err(error) = tell_anew(&state.ctx, &state.vault, &state.keys).await {
        tracing::info!(%error, "the vault hears of the clock when it is back");
    }
    Ok(ran)
}

fn refusal(error: MoveError) -> Refusal {
    match error {
        MoveError::Clock(error) => {
            Refusal(Problem::field("$.to", "clock_backward", error.to_string()))
        }
        other => {
            tracing::error!(error = %other, "clock not moved");
            Refusal(Problem::internal())
        }
    }
}

async fn instant(state: &DemoState, word: &str) -> Option<Timestamp> {
    let now = now(state);
    let paris = Zone::paris();
    let today = paris.date(now);
    let next = |wanted: &dyn Fn(kernel::Date) -> Option<Timestamp>| {
        (0..=7).filter_map(|days| wanted(plus_days(today, days))).find(|at| *at > now)
    };
    match word {
        "hour" => Some(now.plus_minutes(60)),
        "day" => Some(now.plus_minutes(24 * 60)),
        "morning" => Some(paris.at(plus_days(today, 1), 8, 0)),
        "cut_off" => next(&|day| Some(paris.at(day, CUT_OFF_HOUR, 0))),
        "wednesday" => next(&|day| {
            let is_wednesday = day.weekday().to_monday_one_offset() == 3;
            is_wednesday.then(|| paris.at(day, WEDNESDAY_HOUR, 0))
        }),
        "due" => Some(next_due(state).await.map_or(now, |due| due.max(now))),
        text => Timestamp::parse_rfc3339(text).ok().or_else(|| local(&paris, text)),
    }
}

/// The first planned work of any shop.
async fn next_due(state: &DemoState) -> Option<Timestamp> {
    let mut first = None;
    for merchant in &state.keys.merchants {
        let shop = merchant.shop;
        let due = state.ctx.db.read(move |tx| jobs::next_due(tx, shop)).await.ok().flatten();
        first = match (first, due) {
            (Some(known), Some(due)) => Some(std::cmp::min(known, due)),
            (known, due) => known.or(due),
        };
    }
    first
}

/// What a browser sends for a date with a time: `2026-06-15T09:00`.
fn local(zone: &Zone, text: &str) -> Option<Timestamp> {
    let (day, time) = text.split_once('T')?;
    let mut parts = time.split(':').map(|part| part.parse::<i8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let valid = (0..24).contains(&hour) && (0..60).contains(&minute);
    valid.then_some(zone.at(day.parse().ok()?, hour, minute))
}

/// The same for the field that holds it.
pub(super) fn field_value(at: Timestamp) -> String {
    Zone::paris().local(at).strftime("%Y-%m-%dT%H:%M").to_string()
}
