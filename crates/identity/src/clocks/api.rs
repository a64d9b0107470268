//! `GET` and `POST /v1/test/clock`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use http::Refusal;
use kernel::{Problem, ShopId, Timestamp};
use serde_json::{Map, Value, json};
use web::query::Query;
use web::{Context, ShopClock, Worker};

use super::model::{ClockError, Move, time_of};
use super::ops::{self, MoveError};
use crate::extract::api::internal;
use crate::extract::{May, needs};

/// Members of the request.
const MEMBERS: [&str; 4] = ["shop", "to", "by", "follow"];

/// `/v1/test/clock`. The routes need a [`Worker`] as an extension: it runs what falls due on the
/// way, before the call returns.
pub fn routes() -> Router<Context> {
    Router::new().route("/v1/test/clock", get(show).post(turn))
}

async fn show(
    may: May<needs::Known>,
    State(ctx): State<Context>,
    query: Query,
) -> Result<Json<Value>, Refusal> {
    let wanted = query.read(&["shop"])?;
    let wanted = wanted.get("shop").map(|text| text.parse::<ShopId>()).transpose();
    let shop = own_shop(&may, wanted.map_err(|_| Problem::not_found())?)?;
    let (scope, real) = (may.scope.clone(), ctx.real_now());
    let clock = ctx.db.read(move |tx| ops::read(tx, &scope, shop)).await;
    let clock = clock.map_err(|error| refusal(error, "$"))?;
    let clock = ctx.clocks.state(shop).unwrap_or(clock);
    Ok(Json(told(shop, clock, real)))
}

async fn turn(
    may: May<needs::ClockMove>,
    State(ctx): State<Context>,
    Extension(worker): Extension<Worker>,
    body: Result<Json<Map<String, Value>>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let Ok(Json(body)) = body else {
        let text = "The body is not a JSON object.";
        return Refusal(Problem::new(400, "malformed_json", text)).into_response();
    };
    match turned(&may, &ctx, &worker, &body).await {
        Ok(answer) => Json(answer).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn turned(
    may: &May<needs::ClockMove>,
    ctx: &Context,
    worker: &Worker,
    body: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let (shop, wish) = read(body)?;
    let shop = own_shop(may, shop)?;
    let shops = [(may.scope.clone(), shop)];
    let path = if matches!(wish, Move::By(_)) { "$.by" } else { "$.to" };
    let moved = ops::turn(ctx, worker, &shops, wish, &may.origin).await;
    let moved = moved.map_err(|error| refusal(error, path))?;
    let clock = moved.clocks.first().copied().unwrap_or(ShopClock::Follows { ahead_micros: 0 });
    let mut answer = told(shop, clock, ctx.real_now());
    if let Some(members) = answer.as_object_mut() {
        let ran = moved.ran.iter().map(|ran| json!({ "kind": ran.kind, "at": ran.at }));
        members.insert("ran".into(), ran.collect::<Vec<Value>>().into());
    }
    Ok(answer)
}

fn told(shop: ShopId, clock: ShopClock, real: Timestamp) -> Value {
    let runs = match clock {
        ShopClock::Frozen(_) => "frozen",
        ShopClock::Follows { ahead_micros: 0 } => "real",
        ShopClock::Follows { .. } => "follows",
    };
    json!({ "shop": shop, "now": time_of(clock, real), "runs": runs })
}

/// The shop asked for, which must be the key's own; without one it is the key's.
fn own_shop<R>(may: &May<R>, wanted: Option<ShopId>) -> Result<ShopId, Refusal> {
    match wanted {
        Some(shop) if shop != may.shop => Err(Refusal(Problem::not_found())),
        _ => Ok(may.shop),
    }
}

/// Reads the request: one of `to`, `by`, `follow`.
fn read(body: &Map<String, Value>) -> Result<(Option<ShopId>, Move), Problem> {
    if let Some(name) = body.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        let text = "Unknown member; there are shop, to, by and follow.";
        return Err(Problem::field(format!("$.{name}"), "invalid_field", text));
    }
    let text = |name: &str| body.get(name).map(|value| value.as_str().unwrap_or_default());
    let shop = match text("shop") {
        None => None,
        Some(id) => Some(id.parse::<ShopId>().map_err(|_| Problem::not_found())?),
    };
    let wish = match (text("to"), text("by"), text("follow")) {
        (Some(to), None, None) => Move::To(
            Timestamp::parse_rfc3339(to)
                .map_err(|_| wrong("$.to", "Write an instant as in 2026-12-18T04:00:00+01:00."))?,
        ),
        (None, Some(by), None) => {
            Move::By(by.parse().map_err(|_| wrong("$.by", "Write a span as in PT36H or P1D."))?)
        }
        (None, None, Some("real")) => Move::Follow,
        (None, None, Some(_)) => return Err(wrong("$.follow", "A clock can follow \"real\".")),
        _ => return Err(wrong("$", "Send one of to, by and follow.")),
    };
    Ok((shop, wish))
}

fn wrong(path: &str, text: &str) -> Problem {
    Problem::field(path, "invalid_field", text)
}

/// `path` names the member that asked for the move.
fn refusal(error: MoveError, path: &str) -> Refusal {
    match error {
        MoveError::UnknownShop => Refusal(Problem::not_found()),
        MoveError::Clock(ClockError::Backward) => {
            let text = "A clock only goes forward; reset the test data to go back.";
            Refusal(Problem::field(path, "clock_backward", text))
        }
        MoveError::Clock(ClockError::TooFar) => {
            Refusal(wrong(path, "A clock moves at most 400 days per call."))
        }
        MoveError::Db(error) => internal(error),
    }
}
