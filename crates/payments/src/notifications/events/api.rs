//! `/v1/events`.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use db::outbox::Event;
use db::{Tx, outbox};
use identity::extract::{May, needs};
use kernel::{EventId, Problem, Right, Scope};
use serde_json::{Value, json};
use web::Context;
use web::query::Query;

use crate::notifications::api::{cursor, done, id_of};
use crate::notifications::{body, kinds};
use crate::payment::api::answer;

/// Events of one page when the caller does not say, and at most.
pub(super) const PAGE_EVENTS: u32 = 50;
pub(super) const MAX_PAGE_EVENTS: u32 = 200;

/// Events; `app` adds the limits of keys and the state.
pub fn routes() -> Router<Context> {
    Router::new().route("/v1/events", get(list_events)).route("/v1/events/{id}", get(show_event))
}

/// Whether the caller is told who looks at cards.
fn sees_viewers(scope: &Scope) -> bool {
    [Right::CardView, Right::AuditRead].iter().any(|right| scope.rights().contains(right))
}

fn is_of_viewers(event: &Event) -> bool {
    kinds::OF_VIEWERS.contains(&event.kind.as_str())
}

async fn list_events(
    may: May<needs::PaymentsRead>,
    State(ctx): State<Context>,
    query: Query,
) -> Response {
    let listed = async {
        let query = query.read(&["limit", "cursor"])?;
        let before: Option<EventId> = cursor(&query)?;
        let limit = query.get("limit").map_or(Ok(PAGE_EVENTS), |text| text.parse());
        let limit = limit.ok().filter(|limit| (1..=MAX_PAGE_EVENTS).contains(limit));
        let limit = limit.ok_or_else(|| {
            Problem::field("$.limit", "invalid_field", "Give a number from 1 to 200.")
        })?;
        let (scope, shop, all) = (may.scope.clone(), may.shop, sees_viewers(&may.scope));
        let read = move |tx: &mut Tx<'_>| outbox::latest(tx, &scope, shop, before, limit);
        let events = ctx.db.read(read).await?;
        let full = events.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let next = events.last().filter(|_| full).map(|last| last.id);
        let own = events.iter().filter(|event| all || !is_of_viewers(event));
        let data: Vec<Value> = own.map(body::shown).collect();
        Ok(answer(StatusCode::OK, &json!({"data": data, "next": next})))
    };
    done(listed.await)
}

async fn show_event(
    may: May<needs::PaymentsRead>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let shown = async {
        let (id, scope, shop) = (id_of(&id)?, may.scope.clone(), may.shop);
        let read = move |tx: &mut Tx<'_>| outbox::find(tx, &scope, id);
        let found = ctx.db.read(read).await?.filter(|event| event.shop == shop);
        let own = found.filter(|event| sees_viewers(&may.scope) || !is_of_viewers(event));
        let event = own.ok_or_else(Problem::not_found)?;
        Ok(answer(StatusCode::OK, &body::shown(&event)))
    };
    done(shown.await)
}
