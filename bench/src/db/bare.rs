//! The yardstick: one thread, prepared statements, the same rows, a commit per batch.
//!
//! A second thread makes the values, as the callers of the layer do, and a third moves the log
//! into the file at the same size and pace as the layer's.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use db::{Db, DbOptions};
use kernel::Clock;
use kernel::rng::SeededRng;
use kernel::time::SystemClock;

use super::store;
use super::unit::{Merchants, Unit};
use crate::machine::{Meter, Use};
use crate::samples::micros;
use crate::{Outcome, Settings};

const CHECKPOINT_BYTES: u64 = 8 * 1024 * 1024;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(200);
/// Units made ahead.
const AHEAD: usize = 1_024;

/// What one round of the bare loop gave.
#[derive(Debug)]
pub(super) struct Round {
    /// Units committed.
    pub(super) units: u64,
    /// In this time.
    pub(super) micros: u64,
    /// What processors did in it.
    pub(super) used: Use,
}

/// Commits batches of `batch` units to a new file.
pub(super) fn run(settings: &Settings, batch: u64, folder: &Path) -> Outcome<Round> {
    let path = folder.join("bare.db");
    drop(Db::open(&DbOptions::sqlite(&path), &[store::MIGRATIONS])?);
    let (made, units) = sync_channel(AHEAD);
    let merchants = settings.merchants;
    let maker = std::thread::spawn(move || make(merchants, &made));
    let ends = Arc::new(AtomicBool::new(false));
    let (end, log) = (Arc::clone(&ends), path.clone());
    let mover = std::thread::spawn(move || move_log(&log, &end));
    let round = commit(settings, batch, &path, &units);
    drop(units);
    ends.store(true, Ordering::Relaxed);
    let joined = maker.join().is_ok() && mover.join().is_ok();
    if joined { round } else { Err("a thread of the bare loop ended early".into()) }
}

fn make(merchants: u32, made: &SyncSender<Unit>) {
    let rng = SeededRng::new(1);
    let merchants = Merchants::new(merchants, SystemClock.now(), &rng);
    let mut number = 0;
    while made.send(Unit::new(&merchants, number, SystemClock.now(), &rng)).is_ok() {
        number += 1;
    }
}

fn move_log(path: &Path, end: &AtomicBool) {
    let Ok(connection) = store::open_bare(path) else { return };
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    while !end.load(Ordering::Relaxed) {
        std::thread::sleep(CHECKPOINT_EVERY);
        if std::fs::metadata(&log).is_ok_and(|file| file.len() >= CHECKPOINT_BYTES) {
            store::checkpoint(&connection);
        }
    }
}

fn commit(settings: &Settings, batch: u64, path: &Path, units: &Receiver<Unit>) -> Outcome<Round> {
    let connection = store::open_bare(path)?;
    connection.execute_batch(&settings.tried.join(";"))?;
    let from = Instant::now() + settings.warm_up();
    let mut start = None;
    let mut done = 0_u64;
    loop {
        let now = Instant::now();
        if start.is_none() && now >= from {
            start = Some((now, Meter::start()));
            done = 0;
        }
        if let Some((start, meter)) = start
            && now >= start + settings.measured()
        {
            return Ok(Round { units: done, micros: micros(now - start), used: meter.used() });
        }
        store::begin(&connection)?;
        for _ in 0..batch.max(1) {
            store::write_bare(&connection, &units.recv()?)?;
        }
        store::commit(&connection)?;
        done += batch.max(1);
    }
}
