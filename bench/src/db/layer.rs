//! Callers that hand units to the layer and wait until each is durable.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use db::{Db, DbError, DbOptions, Route, Tx};
use kernel::Clock;
use kernel::rng::SeededRng;
use kernel::time::SystemClock;

use super::store;
use super::unit::{Merchants, Unit};
use crate::callers::{self, Caller, Window};
use crate::{Outcome, Settings};

/// What one round through the layer gave.
#[derive(Debug)]
pub(super) struct Round {
    /// What the callers saw.
    pub(super) seen: callers::Round,
    /// Units per commit, rounded.
    pub(super) batch: u64,
}

/// Counts commits: a unit is dropped when it is answered, after its batch was committed, and the
/// next batch runs its first unit after the whole batch was answered.
#[derive(Debug, Default)]
struct Batches {
    answered: AtomicBool,
    commits: AtomicU64,
    units: AtomicU64,
}

impl Batches {
    fn ran(&self) {
        if self.answered.swap(false, Ordering::Relaxed) {
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        self.units.fetch_add(1, Ordering::Relaxed);
    }
}

/// Held by a unit; its end is the unit's answer.
struct Answered(Arc<Batches>);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.answered.store(true, Ordering::Relaxed);
    }
}

/// Hands over a unit and waits until it is durable.
struct Seller {
    database: Db,
    rng: Arc<SeededRng>,
    merchants: Arc<Merchants>,
    numbers: Arc<AtomicU64>,
    batches: Arc<Batches>,
}

impl Caller for Seller {
    async fn call(&mut self) -> Outcome<()> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let unit = Unit::new(&self.merchants, number, SystemClock.now(), self.rng.as_ref());
        let answered = Answered(Arc::clone(&self.batches));
        let route = Route::of(unit.payment.id());
        let work = move |tx: &mut Tx<'_>| {
            answered.0.ran();
            store::write(tx, &unit)
        };
        Ok(self.database.write::<_, DbError, _>(route, work).await?)
    }
}

/// Runs `callers` callers against a new file.
pub(super) fn run(
    settings: &Settings,
    callers: u32,
    folder: &Path,
    cores: usize,
) -> Outcome<Round> {
    let database = Db::open(&DbOptions::sqlite(folder.join("layer.db")), &[store::MIGRATIONS])?;
    let tried = settings.tried.clone();
    database.write_blocking(Route::any(), move |tx| store::attempt(tx, &tried))?;
    callers::runtime(cores)?.block_on(call(settings, callers, database))
}

async fn call(settings: &Settings, callers: u32, database: Db) -> Outcome<Round> {
    let rng = Arc::new(SeededRng::new(u64::from(callers)));
    let merchants = Merchants::new(settings.merchants, SystemClock.now(), rng.as_ref());
    let (merchants, numbers) = (Arc::new(merchants), Arc::new(AtomicU64::new(0)));
    let batches: Arc<Batches> = Arc::default();
    let seller = |_| Seller {
        database: database.clone(),
        rng: Arc::clone(&rng),
        merchants: Arc::clone(&merchants),
        numbers: Arc::clone(&numbers),
        batches: Arc::clone(&batches),
    };
    let sellers = (0..callers).map(seller).collect();
    let window = Window::begin(settings.warm_up(), settings.measured());
    let seen = callers::closed(sellers, window).await?;
    let commits = batches.commits.load(Ordering::Relaxed).max(1);
    let units = batches.units.load(Ordering::Relaxed);
    Ok(Round { seen, batch: (units + commits / 2) / commits })
}

/// Journal mode and synchronous level of the layer's writer.
pub(super) fn durability(folder: &Path) -> Outcome<(String, i64)> {
    let options = DbOptions::sqlite(folder.join("durability.db"));
    let database = Db::open(&options, &[store::MIGRATIONS])?;
    Ok(database.write_blocking(Route::any(), store::durability)?)
}
