//! Puts the slices together: one context, one engine, one worker, all routes.

use std::path::Path;
use std::sync::Arc;

use axum::{Extension, Router};
use booking::bookings::subject::{BookingSubject, CartSubject};
use db::{Db, DbOptions};
use http::Catalogue;
use http::outside::Outside;
use http::security::{Policy, secure};
use identity::api::Limits;
use identity::extract::Menu;
use identity::lots::Lots;
use kernel::Secret;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use payments::notifications::{self, Pump};
use payments::{Engine, Subject};
use vault_wire::VaultClient;
use web::oops::{self, Dress};
use web::{Clocks, Context, Sweeper, Urls, Worker};

use crate::config::Config;
use crate::slices;

/// Time-out for answers of the simulated bank in the demo, in seconds.
const DEMO_ANSWER_SECONDS: u32 = 3;
/// Bytes of the app's key.
const KEY_BYTES: usize = 32;

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
    if let Some(bank) = &config.bank {
        engine = engine.with_bank_at(&format!("http://{}", bank.listen));
        if let Some(notify) = &bank.notify {
            engine = engine.with_notify_key(&notify.key);
        }
    }
    let pump = Pump::new(ctx.clone(), Outside::new()?);
    let mut jobs = [engine.job_kinds(), booking::job_kinds(&ctx)].concat();
    jobs.push(payments::watch::job_kind(&ctx));
    jobs.push(payments::approvals::job_kind(&engine));
    jobs.push(payments::chargebacks::job_kind(&engine));
    jobs.push(notifications::replay::job_kind(&ctx, pump.bell()));
    let mut subscribers = payments::notices::subscribers(&ctx);
    subscribers.push(notifications::subscriber(&ctx, &pump));
    subscribers.extend(payments::cards::meet::subscribers(&ctx));
    subscribers.extend(payments::cards::stays::subscribers(&ctx));
    let lists: Vec<Arc<dyn identity::lists::List>> = vec![
        Arc::new(payments::desk::list::Payments),
        Arc::new(booking::bookings::listing::Bookings),
        Arc::new(payments::chargebacks::Chargebacks),
        Arc::new(payments::virtual_cards::list::Virtuals::new(&engine)),
    ];
    let deeds = [payments::lots::deeds(&engine), booking::bookings::lots::deeds(&engine)];
    let lots = Lots::new(&ctx, deeds.concat());
    let runs =
        identity::runs::runner::Runner::new(ctx.clone(), lists).with_errands(vec![lots.errand()]);
    let sweepers = vec![
        identity::sessions::jobs::sweeper(&ctx),
        stranded(&engine),
        payments::cards::news::sweeper(&engine),
        identity::runs::runner::sweeper(&runs),
        payments::grace::sweeper(&engine),
        notifications::purge::sweeper(&ctx, config.keep_deliveries_days()),
    ];
    let worker = Worker::new(ctx.clone(), jobs, subscribers, sweepers);
    let worker = worker.with_timetable(pump.timetable());
    let routes = routes(&ctx, (&engine, &worker, &lots), config.limits());
    Ok(App { ctx, engine, worker, pump, routes })
}

/// Finds what was sent and never answered, also while the process lives.
fn stranded(engine: &Engine) -> Sweeper {
    let engine = engine.clone();
    let run = move || -> web::worker::Work<Result<(), String>> {
        let engine = engine.clone();
        Box::pin(async move {
            engine.recover().await.map_err(|error| error.to_string())?;
            engine.ask_by_real_time().await.map(|_| ()).map_err(|error| error.to_string())
        })
    };
    Sweeper { name: "stranded operations", run: Arc::new(run) }
}

/// The context of the app, without starting anything.
///
/// # Errors
/// A sentence for the operator.
pub(crate) fn context(config: &Config) -> Result<Context, String> {
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
        app_key: Arc::new(app_key(&config.app.key_file)?),
        demo: config.demo.is_some(),
    })
}

fn routes(
    ctx: &Context,
    (engine, worker, lots): (&Engine, &Worker, &Lots),
    limits: Limits,
) -> Router {
    let menu = Menu(slices::menu().into());
    let staff = Router::new()
        .merge(identity::pages::routes().with_state(ctx.clone()))
        .merge(lots.routes())
        .merge(payments::desk::routes(engine.clone()))
        .merge(payments::cards::pages::routes(engine.clone()))
        .merge(payments::virtual_cards::routes(engine.clone()))
        .merge(notifications::pages::routes().with_state(ctx.clone()))
        .merge(payments::means::pages::routes().with_state(ctx.clone()))
        .merge(payments::production::pages::routes().with_state(ctx.clone()))
        .merge(booking::staff_routes(engine));
    let public = payments::checkout::routes(engine.clone()).merge(booking::guest_routes(engine));
    let sale = booking::public_routes(ctx);
    let api = Router::new()
        .merge(identity::api::routes().with_state(ctx.clone()))
        .merge(payments::api_routes().with_state(engine.clone()))
        .merge(notifications::api::routes().with_state(ctx.clone()))
        .merge(booking::api_routes().with_state(ctx.clone()))
        .merge(booking::vault_api_routes(engine));
    let forms = vec![ctx.urls.vault.clone()];
    let payer = Policy::Payer { forms: forms.clone(), frames: ctx.frames() };
    let seller = Policy::Sale { forms, frames: ctx.frames() };
    // The headers stand outside the guard, so that its refusals carry them too.
    let guarded = |pages| web::csrf::guard(oops::dress(pages, ctx, Dress::Page), ctx);
    let returns = payments::checkout::return_routes(engine.clone());
    let returns = oops::dress(returns, ctx, Dress::Page);
    let api = oops::dress(identity::api::limited(api, ctx, limits), ctx, Dress::Problem);
    let told = oops::dress(payments::inbox::api::routes(engine.clone()), ctx, Dress::Problem);
    let staff = crate::demo::pages::come_back(guarded(staff), ctx);
    secure(staff, desk_policy(ctx))
        .merge(secure(told, Policy::Api))
        .merge(secure(guarded(public), payer.clone()))
        .merge(secure(guarded(sale), seller))
        .merge(secure(returns, payer))
        .merge(secure(api, Policy::Api))
        .merge(secure(identity::pages::files().with_state(ctx.clone()), Policy::Api))
        .layer(Extension(menu))
        .layer(Extension(worker.clone()))
}

/// Staff pages are framed by nobody; in the demo by its own split screen.
pub(crate) fn desk_policy(ctx: &Context) -> Policy {
    Policy::BackOffice { forms: Vec::new(), frames: ctx.frames() }
}

/// Reads the app's key; the first start makes it.
///
/// # Errors
/// A sentence naming the file and the fault.
fn app_key(path: &Path) -> Result<Secret<[u8; KEY_BYTES]>, String> {
    if !path.exists() {
        let mut key = [0; KEY_BYTES];
        kernel::Rng::fill(&OsRng, &mut key);
        let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        crate::config::write_private(path, text.as_bytes())?;
        return Ok(Secret::new(key));
    }
    let fault = |what: &str| format!("{}: {what}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| fault(&error.to_string()))?;
    let digits: Vec<u8> = text
        .trim()
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let key = digits.try_into().map_err(|_| fault("not 64 hexadecimal digits"))?;
    Ok(Secret::new(key))
}
