//! Durable units of work per second of `crates/db`.
//!
//! A unit is what an accepted card payment writes: an idempotency row, a payment, an event with
//! its body and three postings, six rows in all, spread over merchants. Callers form a closed
//! loop: each waits until its unit is durable before it makes the next.
//!
//! Beside it, in the same run and on the same disk, stands a bare loop with the same rows, the
//! same settings and the batch that the layer reached: what one thread of SQLite can do when
//! nothing is around it. The share between the two is the price of the layer.

mod bare;
mod layer;
mod store;
mod unit;

use std::fs;

use serde_json::{Value, json};

use crate::callers::Medians;
use crate::machine::Machine;
use crate::samples::{median, millis, per_second};
use crate::{Outcome, Settings};

/// The medians of one number of callers.
#[derive(Debug)]
struct Level {
    callers: u32,
    batch: u64,
    seen: Medians,
    bare: Option<Bare>,
}

#[derive(Debug)]
struct Bare {
    rate: u64,
    processor_nanos: u64,
    others: u64,
}

/// Runs the benchmark, prints the table and writes the JSON.
pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    fs::create_dir_all(&settings.folder)?;
    let machine = Machine::look(&settings.folder)?;
    let folder = tempfile::tempdir_in(&settings.folder)?;
    let (journal, synchronous) = layer::durability(folder.path())?;
    let engine = format!("SQLite {}", rusqlite::version());
    for line in machine.lines() {
        println!("{line}");
    }
    println!("engine      {engine}, journal {journal}, synchronous {synchronous} (2 = FULL)");
    println!(
        "work        6 rows per unit, {} merchants, {} s measured after {} s, median of {}",
        settings.merchants, settings.seconds, settings.warm_up, settings.rounds
    );
    for statement in &settings.tried {
        println!("tried       {statement}");
    }
    println!("{HEAD}");
    let mut levels = Vec::new();
    for callers in &settings.callers {
        let level = level(settings, *callers, machine.cores())?;
        println!("{}", line(&level));
        levels.push(level);
    }
    let figures = json!({
        "benchmark": "db",
        "machine": machine.json(),
        "engine": engine,
        "journal_mode": journal,
        "synchronous": synchronous,
        "merchants": settings.merchants,
        "seconds": settings.seconds,
        "rounds": settings.rounds,
        "tried": settings.tried,
        "levels": levels.iter().map(level_json).collect::<Vec<Value>>(),
    });
    let path = settings.json.clone().unwrap_or_else(|| settings.folder.join("db.json"));
    fs::write(&path, format!("{figures:#}\n"))?;
    println!("JSON in {}", path.display());
    Ok(())
}

const HEAD: &str = "
                layer                                                              bare loop
callers  batch  units/s  (slowest-fastest)   p50 ms   p99 ms   cpu µs  others  units/s   cpu µs  \
                    others  share";

/// Rounds of the layer and of the bare loop in turn, so that both see the same machine.
fn level(settings: &Settings, callers: u32, cores: usize) -> Outcome<Level> {
    let (mut through, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..settings.rounds.max(1) {
        let folder = tempfile::tempdir_in(&settings.folder)?;
        let round = layer::run(settings, callers, folder.path(), cores)?;
        drop(folder);
        if !settings.layer_only {
            let folder = tempfile::tempdir_in(&settings.folder)?;
            bare.push(bare::run(settings, round.batch, folder.path())?);
        }
        through.push(round);
    }
    Ok(medians(callers, &through, &bare))
}

fn medians(callers: u32, through: &[layer::Round], bare: &[bare::Round]) -> Level {
    let used = |nanos: u64, units: u64| nanos.saturating_mul(1_000) / units.max(1);
    let bare_of = |of: &dyn Fn(&bare::Round) -> u64| median(bare.iter().map(of).collect());
    Level {
        callers,
        batch: median(through.iter().map(|round| round.batch).collect()),
        seen: Medians::of(&through.iter().map(|round| &round.seen).collect::<Vec<_>>()),
        bare: (!bare.is_empty()).then(|| Bare {
            rate: bare_of(&|round| per_second(round.units, round.micros)),
            processor_nanos: bare_of(&|round| used(round.used.own_micros, round.units)),
            others: bare_of(&|round| round.used.others_percent),
        }),
    }
}

fn line(level: &Level) -> String {
    let mut line = format!("{:>7}  {:>5}  {}", level.callers, level.batch, level.seen.line());
    if let Some(bare) = &level.bare {
        let share = level.seen.rate * 100 / bare.rate.max(1);
        let cpu = millis(bare.processor_nanos);
        line.push_str(&format!("  {:>7} {cpu:>8}  {:>5}%  {share:>4}%", bare.rate, bare.others));
    }
    line
}

fn level_json(level: &Level) -> Value {
    let bare = level.bare.as_ref();
    level.seen.json(json!({
        "callers": level.callers,
        "units_per_commit": level.batch,
        "bare_others_percent": bare.map(|bare| bare.others),
        "bare_units_per_second": bare.map(|bare| bare.rate),
        "bare_processor_nanos_per_unit": bare.map(|bare| bare.processor_nanos),
        "share_percent": bare.map(|bare| level.seen.rate * 100 / bare.rate.max(1)),
    }))
}
