//! The routes of this crate's API.

use axum::Router;

use crate::{Engine, cards, payment};

/// Payments, cards and capture sessions; `app` adds the limits of keys and the state.
pub fn routes() -> Router<Engine> {
    payment::api::routes().merge(cards::api::routes())
}
