//! `/api` and `/api/vault`: the reference for people, from the same description.

use std::sync::LazyLock;

use askama::Template;
use axum::Router;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use http::Page;
use http::assets::Asset;
use http::openapi::Document;
use http::page::Band;
use kernel::Locale;
use web::Context;

use super::view::{self, OriginView, Tries};

/// Sends a call from the page and shows the answer; the page is complete without it.
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("assets/reference.js");
    Asset::new("reference", "js", "text/javascript; charset=utf-8", bytes)
});

#[derive(Template)]
#[template(path = "reference.html")]
struct ReferencePage {
    page: Page,
    origin: OriginView,
    is_vault: bool,
}

/// The pages and their script.
pub(crate) fn routes(ctx: &Context) -> Router {
    Router::new().route("/api", get(app)).route("/api/vault", get(vault)).with_state(ctx.clone())
}

/// The script alone, which is a file like others.
pub(crate) fn script() -> Router {
    SCRIPT.route()
}

async fn app(
    State(ctx): State<Context>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let words = web::language::choose_staff(&ctx, &uri, &headers);
    let page = Page::new(words.clone(), words.say("reference-title"), "Guichet");
    let page = dress(&ctx, page, "/api").script(&SCRIPT);
    shown(page, (&super::app(), &ctx.urls.app), Tries::Here)
}

async fn vault(
    State(ctx): State<Context>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let words = web::language::choose_staff(&ctx, &uri, &headers);
    let page = Page::new(words.clone(), words.say("reference-title-vault"), "Guichet");
    shown(dress(&ctx, page, "/api/vault"), (&super::vault(), &ctx.urls.vault), Tries::Never)
}

fn shown(page: Page, (document, server): (&Document, &str), tries: Tries) -> Response {
    let titles = match super::titles(page.words.locale()) {
        Ok(titles) => titles,
        Err(error) => {
            tracing::error!(%error, "titles of the reference");
            return web::oops::page(&page.words, &kernel::Problem::internal());
        }
    };
    let server = server.to_owned();
    let origin = OriginView { server, ..view::origin(document, tries, &titles) };
    http::html(&ReferencePage { page, origin, is_vault: tries == Tries::Never })
}

fn dress(ctx: &Context, page: Page, path: &str) -> Page {
    let page = if ctx.demo { page.band(Band::Demo) } else { page };
    page.languages(&[Locale::Fr, Locale::En], path)
}
