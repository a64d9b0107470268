//! The routes of this crate's API.

use axum::Router;

use crate::{
    Engine, authentication_links, bins, cards, chargebacks, notifications, partners, payment,
    verifications, virtual_cards,
};

/// Payments, cards and capture sessions; `app` adds the limits of keys and the state.
pub fn routes() -> Router<Engine> {
    payment::api::routes()
        .merge(cards::api::routes())
        .merge(cards::accesses::api::routes())
        .merge(cards::kept::api::routes())
        .merge(cards::settings::api::routes())
        .merge(verifications::api::routes())
        .merge(virtual_cards::api::routes())
        .merge(bins::api::routes())
        .merge(partners::api::routes())
        .merge(chargebacks::api::routes())
        .merge(authentication_links::api::routes())
}

/// What these routes take and give.
#[must_use]
pub fn described() -> Vec<http::openapi::Part> {
    vec![
        payment::describe::part(),
        authentication_links::describe::part(),
        chargebacks::describe::part(),
        cards::describe::part(),
        bins::describe::part(),
        partners::describe::part(),
        notifications::describe::part(),
        notifications::rules::describe::part(),
        notifications::events::describe::part(),
    ]
}
