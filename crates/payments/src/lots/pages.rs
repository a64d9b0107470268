//! `/caisse/lots/…`: an action of the cash desk on the ticked payments.

use axum::Router;
use axum::routing::get;
use http::Words;
use identity::extract::needs::{PaymentsCancel, PaymentsCapture, PaymentsRefund, PaymentsValidate};
use identity::lots::pages::{Door, ask, start};
use kernel::Scope;
use web::list::view::Bulk;

use super::deed::about;
use super::{ACTIONS, Several};
use crate::desk::offers::right_of;
use crate::engine::Engine;
use crate::payment::rules::Action;

/// Pages of lots; part of the cash desk.
pub fn routes(engine: &Engine) -> Router {
    let door = |action| Door::of(&engine.ctx, Several::new(engine, action));
    Router::new()
        .route(
            "/caisse/lots/valider",
            get(ask::<PaymentsValidate>)
                .post(start::<PaymentsValidate>)
                .with_state(door(Action::Validate)),
        )
        .route(
            "/caisse/lots/encaisser",
            get(ask::<PaymentsCapture>)
                .post(start::<PaymentsCapture>)
                .with_state(door(Action::Capture)),
        )
        .route(
            "/caisse/lots/rembourser",
            get(ask::<PaymentsRefund>)
                .post(start::<PaymentsRefund>)
                .with_state(door(Action::Refund)),
        )
        .route(
            "/caisse/lots/annuler",
            get(ask::<PaymentsCancel>)
                .post(start::<PaymentsCancel>)
                .with_state(door(Action::Cancel)),
        )
}

/// What the person may do to the rows he ticks.
#[must_use]
pub fn bulk(words: &Words, scope: &Scope) -> Vec<Bulk> {
    let may = |action: &Action| scope.may(right_of(*action));
    let one = |action| {
        let about = about(action);
        Bulk { words: words.say(about.key), href: about.path }
    };
    ACTIONS.into_iter().filter(may).map(one).collect()
}
