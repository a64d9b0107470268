//! What a captured payment costs in the ledger: the capture and the operator's fee, five postings
//! in one durable unit, by callers that all sell for one merchant, and by as many merchants.
//!
//! The share between the two says whether one busy merchant is held up by its own accounts. Rounds
//! of one and of many alternate, so that both see the same machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use db::{Db, DbOptions, Place, Route, Tx};
use kernel::rng::SeededRng;
use kernel::time::SystemClock;
use kernel::{
    Clock as _, LedgerTxId, MerchantId, Mode, Money, OperationId, PaymentId, Scope, ShopId, Zone,
};
use ledger::{Collected, Fee, LedgerError, Movement, Settlement, Stamp};
use serde_json::{Value, json};

use crate::Outcome;
use crate::callers::{self, Caller, HEADS, Medians, Round, Window};
use crate::machine::Machine;

/// Settings of a run.
#[derive(Debug, Clone, Args)]
pub(crate) struct Settings {
    /// Callers that wait for their answer at the same time.
    #[arg(long, default_value_t = 64)]
    callers: u32,
    /// Merchants of the spread rounds.
    #[arg(long, default_value_t = 64)]
    merchants: u32,
    /// Seconds measured, after one that is not.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Rounds of each; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// A PostgreSQL database instead of a file.
    #[arg(long, value_name = "postgres://…")]
    database: Option<String>,
    /// Folder of the database files: the disk that is measured.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

/// A merchant with its shop.
type House = (Scope, ShopId);

/// Sells for its merchant.
struct Counter {
    database: Db,
    house: House,
    rng: Arc<SeededRng>,
}

impl Caller for Counter {
    async fn call(&mut self) -> Outcome<()> {
        let now = SystemClock.now();
        let rng = self.rng.as_ref();
        let (scope, shop) = self.house.clone();
        let payment = PaymentId::new(now, rng);
        let (operation, collected) = (OperationId::new(now, rng), Collected::Payment(payment));
        let settlement = Settlement::Custody(shop);
        let taken = Movement { operation, settlement, collected, amount: Money::eur(8_400) };
        let fee = Fee { operation, shop, collected, amount: Money::eur(171) };
        let on = Zone::paris().date(now);
        let stamp = || Stamp { id: LedgerTxId::new(now, rng), on, now };
        let stamps = (stamp(), stamp());
        let unit = move |tx: &mut Tx<'_>| {
            let taken = ledger::capture(tx, &scope, &taken, stamps.0)?.id();
            let fee = ledger::fee(tx, &scope, &fee, stamps.1)?.id();
            Ok::<bool, LedgerError>(taken.is_some() && fee.is_some())
        };
        let written = self.database.write(Route::of(payment.id()), unit).await?;
        if written { Ok(()) } else { Err("an entry was not written".into()) }
    }
}

/// Runs the benchmark, prints the table and writes the JSON.
pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    fs::create_dir_all(&settings.folder)?;
    let machine = Machine::look(&settings.folder)?;
    let engine = match &settings.database {
        Some(_) => "PostgreSQL, as the server is set".to_owned(),
        None => format!("SQLite {}, WAL, synchronous FULL", rusqlite::version()),
    };
    for line in machine.lines() {
        println!("{line}");
    }
    println!("engine      {engine}");
    println!("work        capture and fee of one payment, {} callers", settings.callers);
    let (mut hot, mut spread) = (Vec::new(), Vec::new());
    for _ in 0..settings.rounds.max(1) {
        hot.push(round(settings, 1, machine.cores())?);
        spread.push(round(settings, settings.merchants, machine.cores())?);
    }
    println!("\nmerchants  {HEADS}");
    let levels = [(1, medians(&hot)), (settings.merchants, medians(&spread))];
    for (merchants, level) in &levels {
        println!("{merchants:>9}  {}", level.line());
    }
    let share = levels[0].1.rate * 100 / levels[1].1.rate.max(1);
    let told = |(merchants, level): &(u32, Medians)| level.json(json!({ "merchants": merchants }));
    println!("one merchant reaches {share} % of the rate of {}", settings.merchants);
    let figures = json!({ "benchmark": "ledger", "machine": machine.json(), "engine": engine,
        "callers": settings.callers, "seconds": settings.seconds, "rounds": settings.rounds,
        "share_percent": share, "levels": levels.iter().map(told).collect::<Vec<Value>>() });
    let path = settings.folder.join("ledger.json");
    fs::write(&path, format!("{figures:#}\n"))?;
    println!("JSON in {}", path.display());
    Ok(())
}

fn round(settings: &Settings, merchants: u32, cores: usize) -> Outcome<Round> {
    let folder = tempfile::tempdir_in(&settings.folder)?;
    let database = Db::open(&options(settings, folder.path()), &[ledger::MIGRATIONS])?;
    let now = SystemClock.now();
    let rng = Arc::new(SeededRng::new(u64::try_from(now.as_micros()).unwrap_or(0)));
    let house = |_| {
        let merchant = MerchantId::new(now, rng.as_ref());
        (identity::scope::for_house(merchant, Mode::Live), ShopId::new(now, rng.as_ref()))
    };
    let houses: Vec<House> = (0..merchants.max(1)).map(house).collect();
    let counters = houses.iter().cycle().take(usize::try_from(settings.callers)?).map(|house| {
        Counter { database: database.clone(), house: house.clone(), rng: Arc::clone(&rng) }
    });
    let counters = counters.collect();
    callers::runtime(cores)?.block_on(async {
        let measured = Duration::from_secs(settings.seconds);
        callers::closed(counters, Window::begin(Duration::from_secs(1), measured)).await
    })
}

fn options(settings: &Settings, folder: &Path) -> DbOptions {
    match &settings.database {
        Some(url) => DbOptions::at(Place::Server(url.clone())),
        None => DbOptions::sqlite(folder.join("ledger.db")),
    }
}

fn medians(rounds: &[Round]) -> Medians {
    Medians::of(&rounds.iter().collect::<Vec<_>>())
}
