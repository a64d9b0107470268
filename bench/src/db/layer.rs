//! Callers that hand units to the layer and wait until each is durable.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use db::{Db, DbError, DbOptions, Route, Tx};
use kernel::Clock;
use kernel::rng::SeededRng;
use kernel::time::SystemClock;

use super::store;
use super::unit::{Merchants, Unit};
use crate::machine::{Meter, Use};
use crate::samples::{Samples, micros};
use crate::{Outcome, Settings};

/// What one round through the layer gave.
#[derive(Debug)]
pub(super) struct Round {
    /// Latencies of the units answered in the measured time.
    pub(super) latencies: Samples,
    /// The measured time.
    pub(super) micros: u64,
    /// What processors did in it.
    pub(super) used: Use,
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

struct Window {
    from: Instant,
    to: Instant,
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
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(cores).enable_time().build()?;
    runtime.block_on(call(settings, callers, database))
}

async fn call(settings: &Settings, callers: u32, database: Db) -> Outcome<Round> {
    let rng = Arc::new(SeededRng::new(u64::from(callers)));
    let merchants = Merchants::new(settings.merchants, SystemClock.now(), rng.as_ref());
    let (merchants, numbers) = (Arc::new(merchants), Arc::new(AtomicU64::new(0)));
    let batches: Arc<Batches> = Arc::default();
    let from = Instant::now() + settings.warm_up();
    let window = Arc::new(Window { from, to: from + settings.measured() });
    let mut tasks = Vec::new();
    for _ in 0..callers {
        let (database, rng, window) = (database.clone(), Arc::clone(&rng), Arc::clone(&window));
        let (merchants, numbers) = (Arc::clone(&merchants), Arc::clone(&numbers));
        let batches = Arc::clone(&batches);
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while Instant::now() < window.to {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                let unit = Unit::new(&merchants, number, SystemClock.now(), rng.as_ref());
                let start = Instant::now();
                write(&database, unit, &batches).await?;
                let end = Instant::now();
                if end >= window.from && end < window.to {
                    latencies.push(micros(end - start));
                }
            }
            Ok::<Vec<u64>, DbError>(latencies)
        }));
    }
    tokio::time::sleep(until(window.from)).await;
    let meter = Meter::start();
    tokio::time::sleep(until(window.to)).await;
    let used = meter.used();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let commits = batches.commits.load(Ordering::Relaxed).max(1);
    Ok(Round {
        latencies: Samples::new(latencies),
        micros: micros(settings.measured()),
        used,
        batch: (batches.units.load(Ordering::Relaxed) + commits / 2) / commits,
    })
}

async fn write(database: &Db, unit: Unit, batches: &Arc<Batches>) -> Result<(), DbError> {
    let answered = Answered(Arc::clone(batches));
    let route = Route::of(unit.payment.id());
    let work = move |tx: &mut Tx<'_>| {
        answered.0.ran();
        store::write(tx, &unit)
    };
    database.write(route, work).await
}

fn until(instant: Instant) -> Duration {
    instant.saturating_duration_since(Instant::now())
}

/// Journal mode and synchronous level of the layer's writer.
pub(super) fn durability(folder: &Path) -> Outcome<(String, i64)> {
    let options = DbOptions::sqlite(folder.join("durability.db"));
    let database = Db::open(&options, &[store::MIGRATIONS])?;
    Ok(database.write_blocking(Route::any(), store::durability)?)
}
