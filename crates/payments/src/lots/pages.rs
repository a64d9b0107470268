//! `/caisse/lots/…`: an action of the cash desk on the ticked payments.

use axum::Router;
use axum::routing::get;
use http::Words;
use identity::lots::pages::{self as several, Door, ask, start};
use kernel::Scope;
use web::list::view::Bulk;

use super::deed::about;
use super::{ACTIONS, Several};
use crate::engine::Engine;
use crate::payment::rules::Action;

/// Pages of lots; part of the cash desk.
pub fn routes(engine: &Engine) -> Router {
    let door = |action| Door::of(&engine.ctx, Several::new(engine, action));
    Router::new()
        .route("/caisse/lots/valider", get(ask).post(start).with_state(door(Action::Validate)))
        .route("/caisse/lots/encaisser", get(ask).post(start).with_state(door(Action::Capture)))
        .route("/caisse/lots/rembourser", get(ask).post(start).with_state(door(Action::Refund)))
        .route("/caisse/lots/annuler", get(ask).post(start).with_state(door(Action::Cancel)))
}

/// What the person may do to the rows he ticks.
#[must_use]
pub fn bulk(words: &Words, scope: &Scope) -> Vec<Bulk> {
    several::bulk(words, scope, ACTIONS.map(about))
}
