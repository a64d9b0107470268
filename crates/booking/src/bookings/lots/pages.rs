//! `/reservations/lots/…`: an action on the ticked bookings.

use axum::Router;
use axum::routing::get;
use http::Words;
use identity::extract::needs::{BookingCancel, BookingEdit, CardUse};
use identity::lots::pages::{Door, ask, start};
use kernel::{Right, Scope};
use payments::Engine;
use web::list::view::Bulk;

use super::{Balances, Endings};
use crate::bookings::ending::Ending;

/// The pages of lots.
pub fn routes(engine: &Engine) -> Router {
    let ending = |ending| Door::of(&engine.ctx, Endings::new(&engine.ctx, ending));
    Router::new()
        .route(
            "/reservations/lots/encaisser",
            get(ask::<CardUse>)
                .post(start::<CardUse>)
                .with_state(Door::of(&engine.ctx, Balances::new(engine))),
        )
        .route(
            "/reservations/lots/annuler",
            get(ask::<BookingCancel>)
                .post(start::<BookingCancel>)
                .with_state(ending(Ending::Cancel)),
        )
        .route(
            "/reservations/lots/absence",
            get(ask::<BookingEdit>).post(start::<BookingEdit>).with_state(ending(Ending::NoShow)),
        )
}

/// What the person may do to the rows he ticks.
pub(in crate::bookings) fn bulk(words: &Words, scope: &Scope) -> Vec<Bulk> {
    let all = [
        (Right::CardUse, "booking-lot-charge", "/reservations/lots/encaisser"),
        (Right::BookingEdit, "booking-lot-no-show", "/reservations/lots/absence"),
        (Right::BookingCancel, "booking-lot-cancel", "/reservations/lots/annuler"),
    ];
    let may = all.into_iter().filter(|(right, ..)| scope.may(*right));
    may.map(|(_, key, href)| Bulk { words: words.say(key), href }).collect()
}
