//! The app process: pages, API and jobs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::security::{Policy, secure};
use http::server::Door;
use kernel::Problem;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch as signal};
use tokio::task::JoinHandle;
use web::Context;

use crate::config::Config;
use crate::demo::pages::DemoState;
use crate::supervise::asked_to_end;
use crate::watch::{self, Watch};
use crate::wiring::App;
use crate::{demo, reference, tell_vault, wiring};

/// Longest wait for the vault at the start.
const VAULT_PATIENCE: Duration = Duration::from_secs(3);

/// Serves until told to end.
///
/// # Errors
/// A sentence for the operator.
pub(crate) fn run(config: &Config) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(live(config))
}

async fn live(config: &Config) -> Result<(), String> {
    let app = wiring::wire(config).await?;
    let demo = start_demo(config, &app).await?;
    let keys = demo.as_ref().map(|demo| Arc::clone(&demo.keys));
    let demo_routes = demo.map_or_else(Router::new, demo::pages::routes);
    identity::clocks::ops::load(&app.ctx).await.map_err(|error| error.to_string())?;
    // Where others work on the same data, what they are waiting for is not lost.
    let recovered = if app.ctx.db.is_shared() {
        app.engine.recover().await
    } else {
        app.engine.recover_at_start().await
    };
    recovered.map_err(|error| error.to_string())?;
    if app.ctx.db.is_shared() {
        tokio::spawn(identity::clocks::ops::follow(app.ctx.clone()));
    }
    payments::books::plan_nights(&app.ctx).await.map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(config.app.listen)
        .await
        .map_err(|error| format!("port {} is not free: {error}", config.app.listen))?;
    let (stop, _) = signal::channel(());
    let ended = |stop: &signal::Sender<()>| {
        let mut stopped = stop.subscribe();
        async move {
            let _ = stopped.changed().await;
        }
    };
    let worker = tokio::spawn(app.worker.clone().run(ended(&stop)));
    let pump = tokio::spawn(app.pump.clone().run(ended(&stop)));
    let (told, first_told) = oneshot::channel();
    let inform = tell_vault::keep_informed(app.ctx.clone(), app.engine.vault.clone(), keys, told);
    let inform = tokio::spawn(inform);
    // Whoever comes first finds a vault that knows the shops; a vault that is away is not awaited.
    if tokio::time::timeout(VAULT_PATIENCE, first_told).await.is_err() {
        tracing::warn!("the vault has not heard of the shops; it is told as soon as it answers");
    }
    let watch = Watch { ctx: app.ctx.clone(), vault: app.engine.vault.clone() };
    let private = serve_private(config, &watch, ended(&stop)).await?;
    let routes = app.routes.merge(demo_routes).merge(basics(&app.ctx, watch));
    let door = Door { listener, proxies: config.app.trusted_proxies.clone() };
    http::server::serve_behind(door, routes, asked_to_end()).await;
    inform.abort();
    let _ = stop.send(());
    if let Some(private) = private {
        let _ = private.await;
    }
    worker.await.map_err(|error| error.to_string())?;
    pump.await.map_err(|error| error.to_string())
}

/// Fills the sample data and opens the pages of the demo, when this is one.
async fn start_demo(config: &Config, app: &App) -> Result<Option<DemoState>, String> {
    let Some(settings) = &config.demo else { return Ok(None) };
    let keys = Arc::new(demo::Keys::read(&settings.keys_file)?);
    demo::fill(&app.ctx, &keys, settings).await?;
    let vault = app.engine.vault.clone();
    let filling = demo::Filling::default();
    filling.begin(app.ctx.clone(), vault, (Arc::clone(&keys), settings.clone()));
    let folder = settings.keys_file.parent().unwrap_or(Path::new("."));
    Ok(Some(DemoState {
        ctx: app.ctx.clone(),
        worker: app.worker.clone(),
        keys,
        data: folder.to_owned(),
        settings: settings.clone(),
        vault: app.engine.vault.clone(),
        stage: demo::Stage::default(),
        filling,
        checks: demo::Checks::default(),
    }))
}

/// Figures for the operator, on a listener of their own, when one is configured.
async fn serve_private(
    config: &Config,
    watch: &Watch,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<Option<JoinHandle<()>>, String> {
    let Some(address) = config.app.metrics_listen else { return Ok(None) };
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("port {address} is not free: {error}"))?;
    let routes = secure(watch::api::private_routes(watch.clone()), Policy::Api);
    Ok(Some(tokio::spawn(http::server::serve(listener, routes, end))))
}

/// Health, the description of the API, shared files, and the page for everything else.
fn basics(ctx: &Context, watch: Watch) -> Router {
    let policy = wiring::desk_policy(ctx);
    let url = ctx.urls.app.clone();
    let description = move || async move { axum::Json(reference::served_at(&url)) };
    let (ctx, ctx_of_pages) = (ctx.clone(), ctx.clone());
    let nothing = move |uri: Uri, headers: HeaderMap| {
        let ctx = ctx.clone();
        async move { nothing_here(&ctx, &uri, &headers) }
    };
    let files = Router::new()
        .merge(watch::api::routes(watch))
        .route("/openapi.json", get(description))
        .merge(reference::pages::script())
        .merge(http::assets::routes());
    let page = reference::pages::routes(&ctx_of_pages).fallback(nothing);
    secure(files, Policy::Api).merge(secure(page, policy))
}

fn nothing_here(ctx: &Context, uri: &Uri, headers: &HeaderMap) -> Response {
    if uri.path().starts_with("/v1/") {
        return http::Refusal(Problem::not_found()).into_response();
    }
    let words = web::language::choose(ctx, uri, headers);
    web::oops::page(&words, &Problem::not_found())
}
