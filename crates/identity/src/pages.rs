//! The pages of this crate.

use axum::Router;
use web::Context;

use crate::{audit, invitations, keys, looks, runs, sessions, settings, tasks, users};

pub use crate::extract::Menu;

/// `/connexion`, `/deconnexion`, `/journal`, `/taches`, `/traitements`,
/// `/parametres/…`, `/invitation/…`. The caller puts the cross-site guard
/// ([`web::csrf::guard`]), the headers of the back office and a [`Menu`] around them.
pub fn routes() -> Router<Context> {
    sessions::pages::routes()
        .merge(audit::pages::routes())
        .merge(settings::pages::routes())
        .merge(users::pages::routes())
        .merge(keys::pages::routes())
        .merge(tasks::pages::routes())
        .merge(runs::pages::routes())
        .merge(invitations::pages::routes())
}

/// `/theme/…`: looks of merchants, for everybody. The caller puts the headers of files around.
pub fn files() -> Router<Context> {
    looks::pages::routes()
}
