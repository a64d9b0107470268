//! Pages of the demo: the way in, the inbox, the clock, and what tests ask.
//!
//! They exist only under `guichet demo`; elsewhere their addresses answer 404. Requests from
//! other sites are refused, and so are those under a name that somebody else made lead here: whoever
//! sits at this machine needs no key, and nobody else comes in.

mod assets;
mod check;
mod clock;
mod developer;
mod frames;
mod inbox;
mod pulse;
mod reset;
mod scan;
mod screen;
mod session;
mod sites;
mod state;
mod store;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::security::{Policy, secure};
use http::words::Messages;
use kernel::{Locale, Problem};
use vault_wire::VaultClient;
use web::{Context, Worker};

pub(crate) use check::Checks;
pub(crate) use frames::come_back;

use super::Keys;
use super::data::Filling;
use super::missions::Stage;
use crate::config::Demo;

/// Words of the demo.
pub(crate) const MESSAGES: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("../messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("../messages/en.ftl") },
];

/// What the pages of the demo need.
#[derive(Clone)]
pub(crate) struct DemoState {
    /// Database, clocks, words.
    pub(crate) ctx: Context,
    /// Runs due jobs when clocks move.
    pub(crate) worker: Worker,
    /// Who is in the demo.
    pub(crate) keys: Arc<Keys>,
    /// Folder with everything the demo writes.
    pub(crate) data: PathBuf,
    /// Seed, instant, and the process ids, written by the supervisor.
    pub(crate) settings: Demo,
    /// Reaches the vault after a reset.
    pub(crate) vault: VaultClient,
    /// The mission under way.
    pub(crate) stage: Stage,
    /// The sample data on its way.
    pub(crate) filling: Filling,
    /// What was found when everything was looked through.
    pub(crate) checks: Checks,
}

/// The routes.
pub(crate) fn routes(state: DemoState) -> Router {
    let policy = crate::wiring::desk_policy(&state.ctx);
    let routes = Router::new()
        .route("/demo", get(screen::page))
        .route("/demo/events", get(developer::events))
        .route("/demo/install", get(developer::install))
        .route("/demo/programmes/{answer}", post(developer::hear))
        .route("/demo/inbox", get(inbox::page))
        .route("/demo/inbox.json", get(inbox::json))
        .route("/demo/pulse.json", get(pulse::show))
        .route("/demo/missions/step", post(pulse::step))
        .route("/demo/clock", post(clock::set))
        .route("/demo/session", post(session::open))
        .route("/demo/fault", post(state::fault))
        .route("/demo/reset", post(reset::everything))
        .route("/demo/scene/{id}", post(reset::scene))
        .route("/demo/state.json", get(state::json))
        .layer(middleware::from_fn(refuse_other_sites))
        .with_state(state);
    secure(routes, policy).merge(secure(assets::routes(), Policy::Api))
}

async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    if !host.is_some_and(is_this_machine) {
        let text = "The demo answers only under the address it was opened at.";
        return http::Refusal(Problem::new(403, "other_host", text)).into_response();
    }
    let navigates = request.headers().get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    let opens = navigates && request.method() == Method::GET;
    // Who only asks whether he may is told of nothing that he may.
    let asks = request.method() == Method::OPTIONS;
    if is_from_elsewhere(request.headers()) && !opens && !asks {
        let text = "The demo answers only to its own pages.";
        return http::Refusal(Problem::new(403, "cross_site", text)).into_response();
    }
    next.run(request).await
}

/// Whether another site asks. Browsers say where a request comes from in `Sec-Fetch-Site`, older
/// ones in `Origin`; programs send neither.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "cross-site" | "same-site"),
        (None, Some(origin)) => origin.strip_prefix("http://") != text("host"),
        (None, None) => false,
    }
}

/// Whether a `Host` names this machine by number or as `localhost`, with a port or without.
fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let number = name.trim_matches(['[', ']']).parse::<IpAddr>();
    number.map_or(name == "localhost", |number| number.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn q_43_a_name_of_somebody_else_is_not_this_machine() {
        let here = ["127.0.0.1:7700", "127.0.0.1", "localhost:7700", "[::1]:7700"];
        assert!(here.into_iter().all(is_this_machine));
        let elsewhere = ["evil.example:7700", "127.0.0.1.evil.example", "192.168.1.4:7700", ""];
        assert!(!elsewhere.into_iter().any(is_this_machine));
    }

    #[test]
    fn q_43_another_site_is_known_by_either_header() {
        let foreign = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:7700"));
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            is_from_elsewhere(&headers)
        };
        assert!(!foreign(&[]), "a program");
        assert!(!foreign(&[("origin", "http://127.0.0.1:7700")]));
        assert!(!foreign(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(foreign(&[("sec-fetch-site", "cross-site")]));
        let elsewhere = ["http://evil.example", "http://127.0.0.1:7800", "null"];
        assert!(elsewhere.into_iter().all(|origin| foreign(&[("origin", origin)])));
    }
}
