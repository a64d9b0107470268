//! Moving the clocks of all demo shops at once.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use http::Refusal;
use identity::audit::Origin;
use identity::clocks::ops::MoveError;
use identity::clocks::{self, Move};
use kernel::time::plus_days;
use kernel::{Mode, Problem, ShopId, Timestamp, Zone};
use serde_json::json;

use super::DemoState;
use super::session::{is_json, wish};
use crate::demo::keys::MerchantKeys;

#[derive(serde::Deserialize)]
struct Wish {
    to: String,
}

/// `POST /demo/clock {"to"}`: an instant, or one of the words of the buttons. Answers when the
/// jobs that fell due have run.
pub(super) async fn set(
    State(state): State<DemoState>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Refusal> {
    let is_json = is_json(&headers);
    let unreadable = || {
        let text = "Give an instant such as 2026-06-15T09:00:00+02:00.";
        Problem::field("$.to", "invalid_field", text)
    };
    let wish: Wish = wish(request).await.ok_or_else(unreadable)?;
    let mut ran = Vec::new();
    for merchant in &state.keys.merchants {
        let to = instant(&state, merchant.shop, &wish.to).ok_or_else(unreadable)?;
        ran.extend(turn(&state, merchant, Move::To(to)).await?);
        if !is_json {
            // A person goes on from there; a program wants the clock to stand still.
            turn(&state, merchant, Move::Follow).await?;
        }
    }
    if !is_json {
        return Ok(http::redirect("/demo"));
    }
    let shop = state.keys.merchants.first().map(|merchant| merchant.shop);
    let now = shop.map_or_else(|| state.ctx.real_now(), |shop| state.ctx.now(shop));
    Ok(axum::Json(json!({ "clock": now, "ran": ran })).into_response())
}

/// Moves one shop's clock and runs what falls due on the way; gives the kinds that ran.
async fn turn(
    state: &DemoState,
    merchant: &MerchantKeys,
    wish: Move,
) -> Result<Vec<String>, Refusal> {
    let scope = identity::scope::for_house(merchant.id, Mode::Test);
    let origin = Origin { device: "demo".into(), ..Origin::default() };
    let moved = (merchant.shop, wish);
    let moved = clocks::turn(&state.ctx, &state.worker, &scope, moved, &origin).await;
    Ok(moved.map_err(refusal)?.ran)
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

fn instant(state: &DemoState, shop: ShopId, word: &str) -> Option<Timestamp> {
    let now = state.ctx.now(shop);
    let paris = Zone::paris();
    match word {
        "hour" => Some(now.plus_minutes(60)),
        "day" => Some(now.plus_minutes(24 * 60)),
        "morning" => Some(paris.at(plus_days(paris.date(now), 1), 8, 0)),
        text => Timestamp::parse_rfc3339(text).ok(),
    }
}
