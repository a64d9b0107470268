//! `/v1/shops/{shop}/card_settings`, `POST /v1/shops/{shop}/card_kill_switch`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use identity::audit;
use identity::extract::{May, needs};
use identity::users::people::holding;
use kernel::{AuditId, FieldError, Problem, Right, Scope, ShopId};
use serde_json::json;
use vault_wire::{BlockSet, CardSettings, WireError, WireScope};

use super::{Whole, body};
use crate::engine::Engine;
use crate::error::of_vault;
use crate::fields::Body;
use crate::payment::api::{answer, failed};
use crate::payment::once::Failure;

const REASON_CHARACTERS: usize = 500;

/// The routes.
pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/v1/shops/{shop}/card_settings", get(show).put(change))
        .route("/v1/shops/{shop}/card_kill_switch", post(switch))
}

/// The key's own shop; another one is not there.
fn own<R>(may: &May<R>, named: &str) -> Result<ShopId, Failure> {
    let known = named.parse::<ShopId>().is_ok_and(|shop| shop == may.shop);
    known.then_some(may.shop).ok_or_else(|| Failure(Problem::not_found()))
}

/// A refusal of the vault, at the member of the document that it is about.
pub(super) fn refused(error: WireError) -> Failure {
    const OF_REVEAL: [&str; 4] = ["show_seconds", "max_per_card", "hours", "networks"];
    let mut problem = of_vault(&error);
    for fault in &mut problem.errors {
        let name = fault.path.trim_start_matches("$.");
        if OF_REVEAL.iter().any(|known| name.starts_with(known)) {
            fault.path = format!("$.reveal.{name}");
        }
        if fault.code == "retention_range" {
            "Give 0 to 7 days.".clone_into(&mut fault.message);
        }
    }
    Failure(problem)
}

pub(super) fn stale() -> Problem {
    let text = "The settings changed since they were read; look again.";
    Problem::new(412, "precondition_failed", text)
}

fn tagged(whole: &Whole) -> Response {
    let mut response = answer(StatusCode::OK, &whole.shown());
    if let Ok(tag) = HeaderValue::from_str(&whole.tag()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

async fn show(
    may: May<needs::CardSettings>,
    State(engine): State<Engine>,
    Path(named): Path<String>,
) -> Response {
    let shown = async {
        let shop = own(&may, &named)?;
        Ok::<Response, Failure>(tagged(&engine.card_settings(&may.scope, shop).await?))
    };
    shown.await.unwrap_or_else(failed)
}

fn matches(headers: &HeaderMap, whole: &Whole) -> Result<(), Problem> {
    let Some(named) = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()) else {
        let text = "Send If-Match with the ETag that the settings were read with.";
        return Err(Problem::new(428, "precondition_required", text));
    };
    let tag = whole.tag();
    match named.split(',').map(str::trim).any(|one| one == tag) {
        true => Ok(()),
        false => Err(stale().with("version", tag.trim_matches('"'))),
    }
}

async fn change(
    may: May<needs::CardSettings>,
    State(engine): State<Engine>,
    Path(named): Path<String>,
    (headers, bytes): (HeaderMap, Bytes),
) -> Response {
    let changed = async {
        let shop = own(&may, &named)?;
        let before = engine.card_settings(&may.scope, shop).await?;
        matches(&headers, &before)?;
        let change = body::read(&bytes, &before)?;
        if change.settings.view_code_once != before.vault.settings.view_code_once {
            approver(&engine, (&may.scope, shop), &change.settings).await?;
        }
        let line = may.line("card.settings", shop).before(before.shown());
        engine.put_card_settings((&may.scope, shop), &before, (change, line)).await?;
        Ok::<Response, Failure>(tagged(&engine.card_settings(&may.scope, shop).await?))
    };
    changed.await.unwrap_or_else(failed)
}

/// Who answers for showing codes is a person who manages the settings of the shop.
async fn approver(
    engine: &Engine,
    (scope, shop): (&Scope, ShopId),
    settings: &CardSettings,
) -> Result<(), Failure> {
    let Some(once) = &settings.view_code_once else { return Ok(()) };
    let scope = scope.clone();
    let read = move |tx: &mut Tx<'_>| holding(tx, &scope, (Right::SettingsManage, shop));
    let people = engine.ctx.db.read::<_, DbError, _>(read).await?;
    if people.iter().any(|user| user.id.to_string() == once.approved_by) {
        return Ok(());
    }
    let cure = "Name a person who holds the right settings.manage in this shop.";
    let fault = FieldError::new("$.view_code_once.approved_by", "invalid_field", cure);
    Err(Failure(Problem::new(422, "invalid_field", cure).with_error(fault)))
}

/// Shuts every showing of cards at once. A key does not lift that: two people do.
async fn switch(
    may: May<needs::UsersManage>,
    State(engine): State<Engine>,
    Path(named): Path<String>,
    bytes: Bytes,
) -> Response {
    let shut = async {
        let shop = own(&may, &named)?;
        let set = read_switch(&bytes)?;
        if !set.on {
            let text =
                "Two people lift the block, each on the page of card settings; a key cannot.";
            return Err(Failure(Problem::new(409, "approval_required", text)));
        }
        let wire = WireScope::of(&may.scope, shop);
        let told = engine.vault.ask(&wire, &set).await.map_err(refused)?;
        let real_now = engine.ctx.real_now();
        let id = AuditId::new(real_now, engine.ctx.rng.as_ref());
        let (scope, line) = (may.scope.clone(), may.line("cards.block", shop).after(set.reason));
        let record = move |tx: &mut Tx<'_>| audit::record(tx, &scope, &line, real_now, id);
        engine.ctx.db.write::<_, DbError, _>(Route::any(), record).await?;
        let body = json!({
            "on": told.on, "relay": told.relay, "reason": told.reason, "since": told.since,
            "cancelled_links": told.cancelled_links,
        });
        Ok::<Response, Failure>(answer(StatusCode::OK, &body))
    };
    shut.await.unwrap_or_else(failed)
}

fn read_switch(bytes: &[u8]) -> Result<BlockSet, Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let on = root.required("on", root.yes("on")).unwrap_or_default();
    let relay = root.yes("relay").unwrap_or_default();
    let reason = root.text("reason", REASON_CHARACTERS).unwrap_or_default();
    root.close();
    body.finish()?;
    Ok(BlockSet { on, relay, reason })
}
