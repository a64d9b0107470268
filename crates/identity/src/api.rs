//! The API of this crate.

use axum::Router;
use web::Context;

use crate::clocks;

pub use crate::keys::api::{Limits, limited};

/// `/v1/test/clock`; needs a [`web::Worker`] as an extension.
pub fn routes() -> Router<Context> {
    clocks::api::routes()
}

/// What these routes take and give.
#[must_use]
pub fn described() -> Vec<http::openapi::Part> {
    vec![clocks::describe::part()]
}
