//! The card vault by itself: its own process, in its sandbox, with a bank that says yes at once.
//!
//! - **store**: `POST /v1/cards`: the number checked, its fingerprint taken, sealed under a key of its
//!   own in a slot of its own, entered in the merchant's log, answered when all of it is durable;
//! - **use**: a call of the relay over the app's socket: the card opened, filled into a template, sent
//!   to the bank on loopback, the answer scanned and kept, both noted durably;
//! - **reveal**: a link made, its page opened, the PIN judged (Argon2id over 64 MiB), the number shown,
//!   the log's entry durable before.
//!
//! For each a closed loop finds the rate at some numbers of connections; then an open loop asks for
//! half of the best at fixed instants, and its latencies count from those instants. The load, and the
//! bank, are on the same processors. All cards belong to one merchant, whose log is one chain; people
//! see so few numbers an hour that each has a shop of his own.

mod desks;
mod stand;
mod work;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use self::stand::Stand;
use self::work::{Seeing, Storing, Using};
use crate::Outcome;
use crate::callers::{self, Caller, Window};
use crate::levels::Level;
use crate::machine::Machine;

/// Callers of the open loop: as many requests may wait at once.
const OPEN_CALLERS: u32 = 64;

/// Settings of a run.
#[derive(Debug, Clone, Args)]
pub(crate) struct Settings {
    /// What is measured.
    #[arg(long, value_delimiter = ',', default_value = "store,use,reveal")]
    work: Vec<Work>,
    /// Connections of the closed loop, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    connections: Vec<u32>,
    /// Seconds measured at each, after two that are not.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Requests a second of the open loop; half of the best closed loop by default.
    #[arg(long)]
    rate: Option<u32>,
    /// People who see 20 numbers each, in each line of the table.
    #[arg(long, default_value_t = 40)]
    people: usize,
    /// An empty PostgreSQL database for the vault's tables instead of a file.
    #[arg(long, value_name = "postgres://…")]
    database: Option<String>,
    /// First of the two ports: vault and bank.
    #[arg(long, default_value_t = 7_770)]
    port: u16,
    /// Folder of the vault's files and of the figures: the disk that is measured.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

/// What is done with cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Work {
    Store,
    Use,
    Reveal,
}

impl Work {
    const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Use => "use",
            Self::Reveal => "reveal",
        }
    }
}

/// Runs the benchmark, prints the table and writes the JSON.
pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    fs::create_dir_all(&settings.folder)?;
    let machine = Machine::look(&settings.folder)?;
    let runtime = callers::runtime(machine.cores())?;
    let engine = runtime.block_on(stand::engine(settings.database.as_deref()))?;
    for line in machine.lines() {
        println!("{line}");
    }
    println!("engine      {engine}; slots and keyring in files, each flushed");
    let levels = runtime.block_on(levels(settings))?;
    let levels: Vec<Value> = levels
        .iter()
        .map(|(work, level)| {
            let mut told = level.told();
            told["work"] = work.name().into();
            told
        })
        .collect();
    let figures = json!({ "benchmark": "vault", "machine": machine.json(), "engine": engine,
        "seconds": settings.seconds, "levels": levels });
    let path = settings.folder.join("vault.json");
    fs::write(&path, format!("{figures:#}\n"))?;
    println!("JSON in {}", path.display());
    Ok(())
}

async fn levels(settings: &Settings) -> Outcome<Vec<(Work, Level)>> {
    let stand = Stand::start(settings).await?;
    println!("\n{}", Level::heads("", &[stand::PART]));
    let mut levels = Vec::new();
    for work in &settings.work {
        let found = match work {
            Work::Store => measured(settings, &stand, *work, &Storing::new(&stand)).await?,
            Work::Use => measured(settings, &stand, *work, &Using::new(&stand).await?).await?,
            Work::Reveal => {
                let seeing = Seeing::new(&stand, settings.people);
                measured(settings, &stand, *work, &seeing).await?
            }
        };
        levels.extend(found.into_iter().map(|level| (*work, level)));
    }
    Ok(levels)
}

/// Work whose callers can be made.
trait Callers {
    type One: Caller;
    /// So many callers, each with what it keeps open.
    async fn callers(&self, count: u32) -> Outcome<Vec<Self::One>>;
}

async fn measured(
    settings: &Settings,
    stand: &Stand,
    work: Work,
    source: &impl Callers,
) -> Outcome<Vec<Level>> {
    let (name, used) = (work.name(), || stand.used());
    let window = || Window::begin(Duration::from_secs(2), Duration::from_secs(settings.seconds));
    let mut levels = Vec::new();
    for connections in &settings.connections {
        let callers = source.callers(*connections).await?;
        let title = format!("{name}, closed, {connections}");
        let work = callers::closed(callers, window());
        levels.push(Level::measure(title, used, work).await?);
    }
    let best = levels.iter().map(Level::rate).max().unwrap_or(1);
    let asked = settings.rate.unwrap_or(u32::try_from(best / 2)?).max(1);
    let callers = source.callers(OPEN_CALLERS).await?;
    let title = format!("{name}, open, {asked} a second");
    let work = callers::open(callers, asked, window());
    levels.push(Level::measure(title, used, work).await?);
    Ok(levels)
}
