//! Benchmarks, run as `cargo xtask bench NAME`.
//!
//! - `db`: durable units of work per second of the database layer, beside a bare loop.
//! - `ledger`: what a captured payment costs there, for one merchant and for many;
//! - `payments`: card payments end to end over HTTP, closed and open loop;
//! - `stays`: how long the search for a stay takes.
//! - `lists`: pages of the desk list, with filter and search, over a million payments;
//! - `exports`: the same list as a file, time and memory;
//! - `vault`: cards stored, used through the relay and shown.
//!
//! Figures depend on the machine, so every run prints the machine first: processor, cores, load,
//! file system, the time of one flush on the same disk, engine and durability settings. Each
//! prints a table and writes JSON. Nothing here is a test: no figure makes a build fail.
#![expect(clippy::print_stdout, reason = "a command for people at a terminal")]

mod callers;
mod db;
mod ledger;
mod levels;
mod lists;
mod machine;
mod payments;
mod program;
mod samples;
mod stays;
mod vault;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(name = "bench", about = "Benchmarks of Guichet")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Durable units of work per second of the database layer, beside a bare loop.
    Db(Settings),
    /// What a captured payment costs in the ledger, for one merchant and for many.
    Ledger(ledger::Settings),
    /// Card payments end to end over HTTP.
    Payments(payments::Settings),
    /// How long the search for a stay takes, by the number of lodgings of the shop.
    Stays(stays::Settings),
    /// Pages of the desk list over many payments.
    Lists(ListSettings),
    /// The desk list as a file.
    Exports(ListSettings),
    /// Cards stored, used through the relay and shown.
    Vault(vault::Settings),
}

/// Settings of the benchmarks of lists.
#[derive(Debug, Clone, Args)]
struct ListSettings {
    /// Payments in the table; written once per folder and number.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Pages of each question.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// Folder of the database files: the disk that is measured.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

/// Settings of a run.
#[derive(Debug, Clone, Args)]
struct Settings {
    /// Callers that wait for their answer at the same time.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
    callers: Vec<u32>,
    /// Merchants the work is spread over.
    #[arg(long, default_value_t = 50)]
    merchants: u32,
    /// Seconds before the measured ones.
    #[arg(long, default_value_t = 1)]
    warm_up: u64,
    /// Seconds measured.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Repetitions; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Folder of the database files: the disk that is measured.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// Where the figures go as JSON; `{folder}/{name}.json` by default.
    #[arg(long)]
    json: Option<PathBuf>,
    /// A statement tried on the connections that write before they begin, such as
    /// `PRAGMA temp_store=MEMORY` or another index; may be given again.
    #[arg(long = "try")]
    tried: Vec<String>,
    /// Leaves the bare loop out, for profiling the layer alone.
    #[arg(long)]
    layer_only: bool,
}

impl Settings {
    fn warm_up(&self) -> Duration {
        Duration::from_secs(self.warm_up)
    }

    fn measured(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.what {
        What::Db(settings) => db::run(&settings),
        What::Ledger(settings) => ledger::run(&settings),
        What::Payments(settings) => payments::run(&settings),
        What::Stays(settings) => stays::run(&settings),
        What::Lists(settings) => lists::lists(&settings),
        What::Exports(settings) => lists::exports(&settings),
        What::Vault(settings) => vault::run(&settings),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What a benchmark answers.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
