//! The simulated bank: issuer, 3-D Secure server and acquirer in one process of its own.
//!
//! It behaves as a bank does: it answers over HTTP, keeps durable books that survive a kill,
//! shows its own page to the holder, falls silent, refuses, forgets nothing. What a card does is
//! written in its number ([`cards`]), so a test knows the outcome beforehand; what the next
//! answer does wrong can be ordered, once or until changed ([`fault`]). What it answered it
//! also tells by itself, sealed, until it is heard ([`notices`]). A request that comes again
//! under the same reference gets its first result, and the repeat is counted, so that a test can
//! prove that nothing was sent twice. A sale that was debited can be contested ([`cases`]).
//!
//! Invariants: captured + voided ≤ authorised and refunded ≤ captured, by the schema; the first
//! choice on a page counts; messages carry the instant at the merchant, as a card network's do, and
//! pages, books and the validity of a card go by it; a card number is never written to disk (truncated number and a keyed
//! code only).
//!
//! Limits: no settlement, no authorisation validity. Only `app` links this
//! crate, and only to start it. The books and the faults are shown in the demo alone.

mod answers;
mod api;
pub mod cards;
pub mod cases;
pub mod fault;
pub mod history;
pub mod model;
pub mod notices;
mod ops;
mod pages;
mod requests;
mod store;
pub mod verdict;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use db::{Db, DbError, DbOptions, Migration, Route};
use http::security::{self, Frames, Policy};
use http::words::{Catalogue, Messages, STAFF_LANGUAGES, WordsError};
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Clock, Id, Locale, Rng};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Tables of the bank.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "sandbox/0001_bank", sql: include_str!("schema/0001_bank.sql") },
    Migration { name: "sandbox/0002_fault", sql: include_str!("schema/0002_fault.sql") },
    Migration { name: "sandbox/0003_notice", sql: include_str!("schema/0003_notice.sql") },
    Migration { name: "sandbox/0004_contested", sql: include_str!("schema/0004_contested.sql") },
    Migration { name: "sandbox/0005_local_time", sql: include_str!("schema/0005_local_time.sql") },
];

/// Words of the bank's pages.
pub const MESSAGES: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("../messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("../messages/en.ftl") },
];

/// Name of the file that holds the books.
const FILE: &str = "bank.db";
/// Characters of an authorisation number and of a chain reference.
const NUMBER_CHARACTERS: usize = 12;

/// Where the bank stands and whom it serves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Config {
    /// Address it listens on.
    pub listen: SocketAddr,
    /// Its address for browsers, without trailing slash.
    pub public_url: String,
    /// Folder of its books.
    pub data_dir: PathBuf,
    /// Origin of the app: where a browser is sent back to, and nowhere else.
    pub app_origin: String,
    /// Whether the books and the faults are shown, and the app may frame its pages.
    pub demo: bool,
    /// Whom it tells what it did; nobody when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<notices::Notify>,
}

/// Why the bank does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or another fault of the machine.
    #[error("simulated bank, {0}: {1}")]
    Io(String, std::io::Error),
    /// The books cannot be opened.
    #[error("books of the simulated bank: {0}")]
    Books(#[from] DbError),
    /// A message file is wrong.
    #[error(transparent)]
    Words(#[from] WordsError),
}

/// The bank at work.
#[derive(Clone)]
pub(crate) struct Bank {
    db: Db,
    key: [u8; 32],
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    config: Arc<Config>,
    catalogue: Catalogue,
    closing: watch::Receiver<()>,
    /// Rings when something new is to be told.
    bell: Arc<tokio::sync::Notify>,
}

/// Runs the bank until the process is told to end (SIGTERM or Ctrl-C).
///
/// # Errors
/// [`StartError`] when the address is taken or the books cannot be opened.
pub fn run(config: Config) -> Result<(), StartError> {
    let io = |what: &str| {
        let what = what.to_owned();
        move |error| StartError::Io(what, error)
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(io("runtime"))?.block_on(async move {
        let listener =
            TcpListener::bind(config.listen).await.map_err(io(&config.listen.to_string()))?;
        serve(config, listener, told_to_end()).await
    })
}

/// Serves on a listener until `end` completes.
///
/// # Errors
/// As [`run`].
pub async fn serve(
    config: Config,
    listener: TcpListener,
    end: impl Future<Output = ()>,
) -> Result<(), StartError> {
    let (close, closing) = watch::channel(());
    let bank = Bank::open(config, closing).await?;
    tokio::spawn(bank.clone().tell_all());
    let routes = routes(bank);
    // Held answers must not hold up the end.
    let end = async move {
        end.await;
        drop(close);
    };
    http::server::serve(listener, routes, end).await;
    Ok(())
}

async fn told_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

fn routes(bank: Bank) -> Router {
    let policy = Policy::Bank {
        forms: vec![bank.config.app_origin.clone()],
        frames: match bank.config.demo {
            true => Frames::By(bank.config.app_origin.clone()),
            false => Frames::None,
        },
    };
    let pages = security::secure(pages::routes(), policy);
    let rest = api::routes().merge(history::routes()).merge(notices::routes());
    let rest = rest.merge(http::assets::routes()).fallback(StatusCode::NOT_FOUND);
    Router::new().merge(pages).merge(security::secure(rest, Policy::Api)).with_state(bank)
}

impl Bank {
    async fn open(config: Config, closing: watch::Receiver<()>) -> Result<Self, StartError> {
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|error| StartError::Io(config.data_dir.display().to_string(), error))?;
        let options = DbOptions::sqlite(config.data_dir.join(FILE));
        let db = Db::open(&options, &[MIGRATIONS])?;
        let rng = OsRng;
        let mut fresh = [0; 32];
        rng.fill(&mut fresh);
        let key: Result<_, DbError> = db.write(Route::any(), move |tx| store::key(tx, fresh)).await;
        Ok(Self {
            db,
            key: key?,
            clock: Arc::new(SystemClock),
            rng: Arc::new(rng),
            config: Arc::new(config),
            catalogue: Catalogue::new(&[http::MESSAGES, MESSAGES])?,
            closing,
            bell: Arc::default(),
        })
    }

    /// What a unit of work cannot make itself.
    fn fresh(&self) -> ops::Fresh {
        let now = self.clock.now();
        let short = || {
            let text = Id::random(&*self.rng).text();
            text.chars().rev().take(NUMBER_CHARACTERS).collect::<String>()
        };
        ops::Fresh {
            // The name of an authentication is the path of its page, so it must not be guessed.
            id: Id::random(&*self.rng),
            second: Id::random(&*self.rng),
            notice: Id::ordered(now, &*self.rng),
            number: short(),
            chain: short(),
            now,
        }
    }

    /// Languages its pages are offered in.
    fn offered(&self) -> Vec<Locale> {
        STAFF_LANGUAGES.to_vec()
    }
}

#[cfg(test)]
mod tests;
