//! All pages of the crate, as `app` wires them.

use axum::Router;
use payments::Engine;
use web::Context;

use crate::bookings::pages::Desk;
use crate::{bookings, lodging, stays, today};

/// The pages of guests.
pub fn public_routes(ctx: &Context) -> Router {
    stays::pages::routes().merge(lodging::photos::pages::public_routes()).with_state(ctx.clone())
}

/// A guest's own booking, who saw his card, and the card that he is asked for.
pub fn guest_routes(engine: &Engine) -> Router {
    bookings::guest::pages::routes(engine)
        .merge(bookings::card_request::guest::pages::routes(engine))
}

/// The pages of staff.
pub fn staff_routes(engine: &Engine) -> Router {
    let desk = Desk { engine: engine.clone() };
    bookings::pages::routes()
        .merge(today::pages::routes())
        .merge(lodging::pages::routes())
        .with_state(desk)
        .merge(bookings::lots::pages::routes(engine))
}
