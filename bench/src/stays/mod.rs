//! How long the search for a stay takes: seven nights for two persons, in one database file, by
//! the number of lodgings of the shop that is searched.
//!
//! Each lodging has a row of stock for each night of a year and prices for one, two, four and
//! seven nights in two seasons, so that each of the three steps of the price rule is met. A search
//! is what the page and the API do: the catalogue and the stock are read, every lodging is priced
//! and sorted. What is not in it: HTTP and the rendering of the answer.

mod town;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use self::town::Town;
use crate::Outcome;
use crate::machine::{Machine, Meter};
use crate::samples::{Samples, micros, millis};

/// Searches before the measured ones.
const WARM_UP: u32 = 5;

/// Settings of a run.
#[derive(Debug, Clone, Args)]
pub(crate) struct Settings {
    /// Lodgings of each shop; all shops lie in one file.
    #[arg(long, value_delimiter = ',', default_value = "10,100,1000,10000")]
    lodgings: Vec<u32>,
    /// Nights of the stay.
    #[arg(long, default_value_t = 7)]
    nights: i64,
    /// Searches measured in each shop, at most.
    #[arg(long, default_value_t = 1_000)]
    searches: u32,
    /// Seconds spent in each shop, at most.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Folder of the database file.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// Where the figures go as JSON; `{folder}/stays.json` by default.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What was measured in one shop.
#[derive(Debug)]
struct Level {
    lodgings: u32,
    found: usize,
    samples: Samples,
    others: u64,
}

/// Runs the benchmark, prints the table and writes the JSON.
pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    fs::create_dir_all(&settings.folder)?;
    let machine = Machine::look(&settings.folder)?;
    let folder = tempfile::tempdir_in(&settings.folder)?;
    for line in machine.lines() {
        println!("{line}");
    }
    let start = Instant::now();
    let town = Town::build(folder.path(), &settings.lodgings)?;
    println!("engine      SQLite {}, one reader", rusqlite::version());
    println!(
        "work        {} nights, {} lodgings x {} nights, six to eight prices each, built in {} s",
        settings.nights,
        settings.lodgings.iter().sum::<u32>(),
        town::NIGHTS,
        start.elapsed().as_secs()
    );
    println!("\n lodgings     sold  searches   p50 ms   p99 ms   others");
    let mut told = Vec::new();
    for (place, lodgings) in settings.lodgings.iter().enumerate() {
        let level = measure(&town, settings, (place, *lodgings))?;
        println!(
            "{:9}{:9}{:10}{:>9}{:>9}{:7} %",
            level.lodgings,
            level.found,
            level.samples.count(),
            millis(level.samples.permille(500)),
            millis(level.samples.permille(990)),
            level.others
        );
        told.push(level.json());
    }
    let report = json!({"machine": machine.json(), "nights": settings.nights, "levels": told});
    let path = settings.json.clone().unwrap_or_else(|| settings.folder.join("stays.json"));
    fs::write(&path, serde_json::to_string_pretty(&report)?)?;
    println!("\nwritten to {}", path.display());
    Ok(())
}

fn measure(town: &Town, settings: &Settings, (shop, lodgings): (usize, u32)) -> Outcome<Level> {
    for search in 0..WARM_UP {
        town.search(shop, (search, settings.nights))?;
    }
    let (meter, start) = (Meter::start(), Instant::now());
    let (mut latencies, mut found) = (Vec::new(), 0);
    for search in 0..settings.searches {
        let begin = Instant::now();
        found = town.search(shop, (search, settings.nights))?;
        latencies.push(micros(begin.elapsed()));
        if start.elapsed() > Duration::from_secs(settings.seconds) {
            break;
        }
    }
    let others = meter.used().others_percent;
    Ok(Level { lodgings, found, samples: Samples::new(latencies), others })
}

impl Level {
    fn json(&self) -> Value {
        json!({
            "lodgings": self.lodgings, "sold": self.found, "searches": self.samples.count(),
            "p50_micros": self.samples.permille(500), "p99_micros": self.samples.permille(990),
            "others_percent": self.others,
        })
    }
}
