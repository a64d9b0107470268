//! The edge: pages and API of the vault's own origin. It holds nothing; it asks the core.
//!
//! No cookie is read or set. A page is found by the secret in its address alone.

mod api;
mod api_people;
pub(crate) mod describe;
mod describe_messages;
mod describe_partners;
mod door;
mod dress;
mod form;
mod looks;
mod message;
mod pages;
mod secret;
mod secret_view;
mod shut;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use http::security::{self, Frames, Policy};
use http::words::Catalogue;
use tokio::sync::mpsc;

pub(crate) use self::door::{Door, Heard};
use self::dress::Dress;
pub(crate) use self::view::CARD_SCRIPT;
use crate::core::ToCore;
use crate::origin::Origin;
use crate::sealing::Gate;

/// Largest body of a request.
const MAX_BODY_BYTES: usize = 32 * 1024;

/// Where the demo's vault answers.
const DEMO_ORIGIN: &str = "http://127.0.0.2:7701";

/// What the pages share.
#[derive(Clone)]
pub(crate) struct Edge {
    /// The way to the core.
    pub(crate) core: mpsc::Sender<ToCore>,
    /// All words.
    pub(crate) words: Catalogue,
    /// Origin of the app, where forms lead back to.
    pub(crate) app: String,
    /// The vault's own.
    pub(crate) own: Option<Origin>,
    /// Who may frame pages that no link lends to somebody: the demo's split screen, else nobody.
    pub(crate) frames: Frames,
    /// Shut while the vault is sealed.
    pub(crate) gate: Arc<Gate>,
}

impl Edge {
    fn policy(&self) -> Policy {
        Policy::VaultCard { app: self.app.clone(), frames: self.frames.clone() }
    }
}

/// All routes of the vault's origin.
pub(crate) fn routes(edge: Edge) -> Router {
    let people = |routes: Router<Edge>| dress::dress(routes, &edge, Dress::Page);
    let programs = |routes: Router<Edge>| dress::dress(routes, &edge, Dress::Problem);
    let pages = shut::refuse(pages::routes(), &edge, Dress::Page).fallback(dress::nothing_here);
    let pages = security::secure(people(pages), edge.policy());
    let policy = Policy::VaultSecret { frames: edge.frames.clone() };
    let secrets =
        security::secure(people(shut::refuse(secret::routes(), &edge, Dress::Page)), policy);
    let health = async || axum::Json(serde_json::json!({ "status": "ok" }));
    let description = async || axum::Json(describe::described(DEMO_ORIGIN).node());
    let api = shut::refuse(api::routes().merge(message::routes()), &edge, Dress::Problem);
    let api = api.route("/health", get(health)).route("/openapi.json", get(description));
    let api = programs(api);
    let api = security::secure(api, Policy::Api);
    let files = programs(http::assets::routes().merge(looks::routes()));
    let shared = security::secure(files, Policy::Api);
    Router::new()
        .merge(pages)
        .merge(secrets)
        .merge(api)
        .merge(shared)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(edge)
}
