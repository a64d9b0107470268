//! `/reservations/lots/…`: an action on the ticked bookings.

use axum::Router;
use axum::routing::get;
use http::Words;
use identity::lots::pages::{self as several, Door, ask, start};
use kernel::Scope;
use payments::Engine;
use web::list::view::Bulk;

use super::{Balances, Endings, charge, ending};
use crate::bookings::ending::Ending;

/// The pages of lots.
pub fn routes(engine: &Engine) -> Router {
    let ctx = &engine.ctx;
    let balances = Door::of(ctx, Balances::new(engine));
    let ending = |ending| Door::of(ctx, Endings::new(ctx, ending));
    Router::new()
        .route("/reservations/lots/encaisser", get(ask).post(start).with_state(balances))
        .route(
            "/reservations/lots/annuler",
            get(ask).post(start).with_state(ending(Ending::Cancel)),
        )
        .route(
            "/reservations/lots/absence",
            get(ask).post(start).with_state(ending(Ending::NoShow)),
        )
}

/// What the person may do to the rows he ticks.
pub(in crate::bookings) fn bulk(words: &Words, scope: &Scope) -> Vec<Bulk> {
    let all = [charge::ABOUT, ending::about(Ending::NoShow), ending::about(Ending::Cancel)];
    several::bulk(words, scope, all)
}
