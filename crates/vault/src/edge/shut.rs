//! What a sealed vault says at its doors: nothing was debited, come back later. Nothing of the
//! request is read, and no message reaches a core.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::security::{Policy, with_policy};
use http::{Refusal, html_with};
use kernel::Problem;
use vault_wire::{SEALED, SEALED_RETRY_SECONDS};

use super::Edge;
use super::dress::Dress;
use super::form::Reader;
use super::pages::Reading;
use super::view::ClosedTemplate;

/// Lets requests of the routes through while the vault is open.
pub(super) fn refuse(routes: Router<Edge>, edge: &Edge, how: Dress) -> Router<Edge> {
    let edge = edge.clone();
    routes.route_layer(middleware::from_fn(move |request: Request, next: Next| {
        let edge = edge.clone();
        async move {
            if edge.gate.is_shut() {
                sealed(&edge, how, (request.uri(), request.headers()))
            } else {
                next.run(request).await
            }
        }
    }))
}

fn sealed(edge: &Edge, how: Dress, (uri, headers): (&Uri, &HeaderMap)) -> Response {
    let mut answer = match (how, Reader::of(headers)) {
        (Dress::Page, Reader::Person) => {
            let Reading { lang, here, .. } = Reading::new(uri, headers);
            let page = ClosedTemplate::new(edge, lang, "sealed").at(edge, &here);
            html_with(StatusCode::SERVICE_UNAVAILABLE, &page)
        }
        (Dress::Problem, _) | (Dress::Page, Reader::Script) => {
            let why = "The vault is sealed: nothing was done, nothing was debited.";
            let problem = Problem::new(503, SEALED, why).retry_after(SEALED_RETRY_SECONDS);
            with_policy(Refusal(problem).into_response(), Policy::Api)
        }
    };
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(SEALED_RETRY_SECONDS));
    answer
}
