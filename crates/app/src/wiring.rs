//! Puts the slices together: one context, one engine, one worker, all routes.

use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use booking::bookings::subject::{BookingSubject, CartSubject};
use db::{Db, DbOptions};
use http::Catalogue;
use http::outside::Outside;
use http::security::{Policy, secure};
use identity::extract::Menu;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Mode, ShopId, Zone};
use payments::notifications::{self, Pump};
use payments::{Engine, Subject};
use vault_wire::{Brand, ClockSet, Pace, ShopPut, VaultClient, VaultKey, WireScope};
use web::oops::{self, Dress};
use web::{Clocks, Context, ShopClock, Sweeper, Urls, Worker};

use crate::config::Config;
use crate::demo::{Keys, MerchantKeys};
use crate::{serve, slices};

/// Time-out for answers of the simulated bank in the demo, in seconds.
const DEMO_ANSWER_SECONDS: u32 = 3;
/// Days a card stays after check-out, or after a cancellation.
const CARD_RETENTION_DAYS: u8 = 3;
/// How often the vault is told what it may have forgotten.
const TELL_EVERY: Duration = Duration::from_secs(2);
/// Wait before the vault is told again what it could not hear.
const TELL_AGAIN_AFTER: Duration = Duration::from_millis(300);

/// The app, put together.
pub(crate) struct App {
    /// Database, clocks, words.
    pub(crate) ctx: Context,
    /// Reaches the bank.
    pub(crate) engine: Engine,
    /// Runs what is due.
    pub(crate) worker: Worker,
    /// Brings messages to the merchants' programs.
    pub(crate) pump: Pump,
    /// Every route of the slices.
    pub(crate) routes: Router,
}

/// Opens the database and wires the slices.
///
/// # Errors
/// A sentence for the operator.
pub(crate) async fn wire(config: &Config) -> Result<App, String> {
    let ctx = context(config)?;
    let vault = VaultClient::connect(config.vault.socket.clone());
    let subjects: Vec<Arc<dyn Subject>> = vec![
        Arc::new(CartSubject { ctx: ctx.clone() }),
        Arc::new(BookingSubject { ctx: ctx.clone() }),
    ];
    let mut engine = Engine::new(ctx.clone(), vault, subjects);
    if ctx.demo {
        engine = engine.with_answer_seconds(DEMO_ANSWER_SECONDS);
    }
    let pump = Pump::new(ctx.clone(), Outside::new()?);
    let mut jobs = [engine.job_kinds(), booking::job_kinds(&ctx)].concat();
    jobs.push(notifications::replay::job_kind(&ctx, pump.bell()));
    let mut subscribers = payments::notices::subscribers(&ctx);
    subscribers.push(notifications::subscriber(&ctx, &pump));
    let sweepers = vec![identity::sessions::jobs::sweeper(&ctx), stranded(&engine)];
    let worker = Worker::new(ctx.clone(), jobs, subscribers, sweepers);
    let worker = worker.with_timetable(pump.timetable());
    let routes = routes(&ctx, &engine, &worker);
    Ok(App { ctx, engine, worker, pump, routes })
}

/// Finds what was sent and never answered, also while the process lives.
fn stranded(engine: &Engine) -> Sweeper {
    let engine = engine.clone();
    let run = move || -> web::worker::Work<Result<(), String>> {
        let engine = engine.clone();
        Box::pin(
            async move { engine.recover().await.map(|_| ()).map_err(|error| error.to_string()) },
        )
    };
    Sweeper { name: "stranded operations", run: Arc::new(run) }
}

fn context(config: &Config) -> Result<Context, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let options = DbOptions::at(config.app.database.clone());
    let db = Db::open(&options, &slices::migrations()).map_err(|error| text(&error))?;
    let urls = Urls {
        app: config.app.public_url.clone(),
        vault: config.vault.public_url.clone(),
        bank: config.bank.as_ref().map_or_else(String::new, |bank| bank.public_url.clone()),
    };
    Ok(Context {
        db,
        clocks: Clocks::new(Arc::new(SystemClock)),
        rng: Arc::new(OsRng),
        urls: Arc::new(urls),
        catalogue: Catalogue::new(&slices::messages()).map_err(|error| text(&error))?,
        app_key: Arc::new(serve::app_key(&config.app.key_file)?),
        demo: config.demo.is_some(),
    })
}

fn routes(ctx: &Context, engine: &Engine, worker: &Worker) -> Router {
    let menu = Menu(slices::menu().into());
    let staff = Router::new()
        .merge(identity::pages::routes().with_state(ctx.clone()))
        .merge(payments::desk::routes(engine.clone()))
        .merge(notifications::pages::routes().with_state(ctx.clone()))
        .merge(booking::staff_routes(engine));
    let public = Router::new()
        .merge(payments::checkout::routes(engine.clone()))
        .merge(booking::public_routes(ctx));
    let api = Router::new()
        .merge(identity::api::routes().with_state(ctx.clone()))
        .merge(payments::api_routes().with_state(engine.clone()))
        .merge(notifications::api::routes().with_state(ctx.clone()))
        .merge(booking::api_routes().with_state(ctx.clone()));
    let payer = Policy::Payer {
        forms: [vec![ctx.urls.vault.clone()], engine.challenge_origins()].concat(),
        frames: ctx.frames(),
    };
    // The headers stand outside the guard, so that its refusals carry them too.
    let guarded = |pages| web::csrf::guard(oops::dress(pages, ctx, Dress::Page), ctx);
    let api = oops::dress(identity::api::limited(api, ctx), ctx, Dress::Problem);
    secure(guarded(staff), Policy::BackOffice)
        .merge(secure(guarded(public), payer))
        .merge(secure(api, Policy::Api))
        .layer(Extension(menu))
        .layer(Extension(worker.clone()))
}

/// Tells the vault of the demo's shops and of every move of their clocks, again and again until
/// it has heard.
pub(crate) async fn keep_vault_informed(ctx: Context, vault: VaultClient, keys: Option<Arc<Keys>>) {
    let mut changes = ctx.clocks.changes();
    loop {
        let told = match &keys {
            Some(keys) => tell_all(&ctx, &vault, keys).await,
            None => Ok(()),
        };
        if told.is_err() {
            tokio::time::sleep(TELL_AGAIN_AFTER).await;
        } else {
            // The vault forgets clocks when it starts again: it is told every two seconds.
            let _ = tokio::time::timeout(TELL_EVERY, changes.changed()).await;
        }
    }
}

async fn tell_all(ctx: &Context, vault: &VaultClient, keys: &Keys) -> Result<(), ()> {
    for merchant in &keys.merchants {
        let scope = WireScope::of_house(merchant.id, merchant.shop);
        let shop = shop_for_vault(ctx, merchant);
        let heard = vault.ask(&scope, &shop).await;
        let heard = heard.map(|_| ()).map_err(|error| not_heard(&error));
        heard?;
        let clock = clock_for_vault(ctx, merchant.shop);
        vault.ask(&scope, &clock).await.map_err(|error| not_heard(&error))?;
    }
    Ok(())
}

fn not_heard(error: &vault_wire::WireError) {
    tracing::info!(%error, "the vault has not heard of the shops yet");
}

fn shop_for_vault(ctx: &Context, merchant: &MerchantKeys) -> ShopPut {
    ShopPut {
        merchant: merchant.id,
        shop: merchant.shop,
        mode: Mode::Test,
        zone: Zone::paris().name().to_owned(),
        name: merchant.name.clone(),
        brands: vec![Brand::Cb, Brand::Visa, Brand::Mastercard, Brand::Amex],
        origins: vec![ctx.urls.app.clone(), "http://127.0.0.1:*".into()],
        retention_days: CARD_RETENTION_DAYS,
        cancel_retention_days: CARD_RETENTION_DAYS,
        vault_keys: vec![VaultKey {
            hash: hex(&identity::secrets::hash(&merchant.vault_key)),
            ips: vec!["127.0.0.0/8".into()],
        }],
    }
}

fn clock_for_vault(ctx: &Context, shop: ShopId) -> ClockSet {
    let follows_real = ctx.clocks.state(shop) == Some(ShopClock::Follows { ahead_micros: 0 });
    let frozen = matches!(ctx.clocks.state(shop), Some(ShopClock::Frozen(_)));
    ClockSet {
        shop,
        now: (!follows_real).then(|| ctx.now(shop)),
        pace: if frozen { Pace::Frozen } else { Pace::Running },
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
