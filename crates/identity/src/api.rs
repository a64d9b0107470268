//! The API of this crate.

use axum::Router;
use web::Context;

use crate::clocks;

pub use crate::keys::api::limited;

/// `/v1/test/clock`; needs a [`web::Worker`] as an extension.
pub fn routes() -> Router<Context> {
    clocks::api::routes()
}
