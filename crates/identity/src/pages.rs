//! The pages of this crate.

use axum::Router;
use web::Context;

use crate::{audit, sessions};

pub use crate::extract::Menu;

/// `/connexion`, `/deconnexion`, `/journal`. The caller puts the cross-site guard
/// ([`web::csrf::guard`]), the headers of the back office and a [`Menu`] around them.
pub fn routes() -> Router<Context> {
    sessions::pages::routes().merge(audit::pages::routes())
}
