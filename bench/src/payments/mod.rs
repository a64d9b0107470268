//! Card payments end to end: over HTTP, with a card of the vault, authorised by the simulated bank
//! in a process of its own, captured, entered in the ledger and told to the outbox, under an
//! idempotency key each; all for one merchant.
//!
//! First a closed loop finds the rate at some numbers of connections. Then an open loop asks for a
//! share of the best rate at fixed instants: its latencies are those that a shop would see.
//! The load is made on the same processors.

mod stand;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};

use self::stand::{PARTS, Stand};
use crate::Outcome;
use crate::callers::{self, Caller, Window};
use crate::levels::Level;
use crate::machine::Machine;
use crate::wire::Wire;

/// Settings of a run.
#[derive(Debug, Clone, Args)]
pub(crate) struct Settings {
    /// Connections of the closed loop, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    connections: Vec<u32>,
    /// Seconds measured at each, after two that are not.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Payments a second of the open loop; half of the best closed loop by default.
    #[arg(long)]
    rate: Option<u32>,
    /// An empty PostgreSQL database for the app instead of a file.
    #[arg(long, value_name = "postgres://…")]
    database: Option<String>,
    /// First of the three ports of the product.
    #[arg(long, default_value_t = 7_760)]
    port: u16,
    /// Folder of the figures.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

/// A shop's server that sells one thing after the other.
struct Shop {
    wire: Wire,
    body: Value,
    numbers: Arc<AtomicU64>,
}

impl Caller for Shop {
    async fn call(&mut self) -> Outcome<()> {
        let name = format!("BENCH-{}", self.numbers.fetch_add(1, Ordering::Relaxed));
        self.body["order_ref"] = name.clone().into();
        let body = Some(&self.body);
        let (status, answer) = self.wire.send(Method::POST, "/v1/payments", body, &name).await?;
        if status == 201 && answer["status"] == "captured" {
            return Ok(());
        }
        Err(format!("a payment was not captured: {status} {answer}").into())
    }
}

/// Runs the benchmark, prints the table and writes the JSON.
pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    fs::create_dir_all(&settings.folder)?;
    let machine = Machine::look(&settings.folder)?;
    let engine = if settings.database.is_some() { "PostgreSQL" } else { "SQLite" };
    for line in machine.lines() {
        println!("{line}");
    }
    println!("engine      {engine} for the app, SQLite for the vault, synchronous FULL");
    println!("work        POST /v1/payments with a card of the vault, captured in the call");
    let levels = callers::runtime(machine.cores())?.block_on(levels(settings))?;
    let figures = json!({ "benchmark": "payments", "machine": machine.json(), "engine": engine,
        "seconds": settings.seconds, "levels": levels.iter().map(Level::told).collect::<Vec<Value>>() });
    let path = settings.folder.join("payments.json");
    fs::write(&path, format!("{figures:#}\n"))?;
    println!("JSON in {}", path.display());
    Ok(())
}

async fn levels(settings: &Settings) -> Outcome<Vec<Level>> {
    let stand = Stand::start(settings.database.as_deref(), settings.port)?;
    let card = stand.card().await?;
    let numbers = Arc::default();
    println!("\n{}", Level::heads("payments", &PARTS));
    let used = || stand.used();
    let mut levels = Vec::new();
    for connections in &settings.connections {
        let shops = shops(&stand, &card, &numbers, *connections).await?;
        let name = format!("closed, {connections} connections");
        levels.push(Level::measure(name, used, callers::closed(shops, window(settings))).await?);
    }
    let best = levels.iter().map(Level::rate).max().unwrap_or(1);
    let asked = settings.rate.unwrap_or(u32::try_from(best / 2)?).max(1);
    let shops = shops(&stand, &card, &numbers, 64).await?;
    let name = format!("open, {asked} a second");
    let work = callers::open(shops, asked, window(settings));
    levels.push(Level::measure(name, used, work).await?);
    Ok(levels)
}

async fn shops(
    stand: &Stand,
    card: &str,
    numbers: &Arc<AtomicU64>,
    count: u32,
) -> Outcome<Vec<Shop>> {
    let body = json!({
        "shop": stand.merchant("shop"),
        "point_of_sale": stand.merchant("point_of_sale"),
        "amount": 8_400,
        "currency": "EUR",
        "card": card,
        "payer": { "email": "anne@example.org", "language": "fr" },
    });
    let mut shops = Vec::new();
    for _ in 0..count {
        let wire = Wire::open(&stand.origin("app"), &stand.merchant("api_key")).await?;
        shops.push(Shop { wire, body: body.clone(), numbers: Arc::clone(numbers) });
    }
    Ok(shops)
}

fn window(settings: &Settings) -> Window {
    Window::begin(Duration::from_secs(2), Duration::from_secs(settings.seconds))
}
