//! Card payments end to end: over HTTP, with a card of the vault, authorised by the simulated bank
//! in a process of its own, captured, entered in the ledger and told to the outbox, under an
//! idempotency key each; all for one merchant.
//!
//! First a closed loop finds the rate at some numbers of connections. Then an open loop asks for a
//! share of the best rate at fixed instants: its latencies are those that a shop would see.
//! The load is made on the same processors.

mod stand;
mod wire;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};

use self::stand::{PARTS, Stand};
use self::wire::Wire;
use crate::Outcome;
use crate::callers::{self, Caller, Round, Window};
use crate::machine::Machine;
use crate::samples::{millis, per_second};

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

/// One line of the table.
struct Level {
    name: String,
    round: Round,
    /// Processor time of each part per payment, in microseconds.
    parts: [u64; PARTS.len()],
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
        "seconds": settings.seconds, "levels": levels.iter().map(told).collect::<Vec<Value>>() });
    let path = settings.folder.join("payments.json");
    fs::write(&path, format!("{figures:#}\n"))?;
    println!("JSON in {}", path.display());
    Ok(())
}

async fn levels(settings: &Settings) -> Outcome<Vec<Level>> {
    let stand = Stand::start(settings.database.as_deref(), settings.port)?;
    let card = stand.card().await?;
    let numbers = Arc::default();
    println!("\n{:<22} payments/s   p50 ms   p99 ms  cpu µs per payment: {}", "", PARTS.join(", "));
    let mut levels = Vec::new();
    for connections in &settings.connections {
        let shops = shops(&stand, &card, &numbers, *connections).await?;
        let name = format!("closed, {connections} connections");
        levels.push(level(&stand, name, callers::closed(shops, window(settings))).await?);
    }
    let best = levels.iter().map(rate).max().unwrap_or(1);
    let asked = settings.rate.unwrap_or(u32::try_from(best / 2)?).max(1);
    let shops = shops(&stand, &card, &numbers, 64).await?;
    let name = format!("open, {asked} a second");
    levels.push(level(&stand, name, callers::open(shops, asked, window(settings))).await?);
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

async fn level(
    stand: &Stand,
    name: String,
    work: impl Future<Output = Outcome<Round>>,
) -> Outcome<Level> {
    let before = stand.used();
    let round = work.await?;
    let after = stand.used();
    // The warm-up is in the processor time, so its payments are counted in.
    let all = round.asked.max(1);
    let mut parts = [0; PARTS.len()];
    for (part, (before, after)) in parts.iter_mut().zip(before.into_iter().zip(after)) {
        *part = after.saturating_sub(before) / all;
    }
    let level = Level { name, round, parts };
    println!("{}", line(&level));
    Ok(level)
}

fn window(settings: &Settings) -> Window {
    Window::begin(Duration::from_secs(2), Duration::from_secs(settings.seconds))
}

fn rate(level: &Level) -> u64 {
    per_second(level.round.latencies.count(), level.round.micros)
}

fn line(level: &Level) -> String {
    let times = |permille| millis(level.round.latencies.permille(permille));
    let parts = level.parts.map(|part| part.to_string()).join(", ");
    let (p50, p99) = (times(500), times(990));
    format!("{:<22} {:>10} {p50:>8} {p99:>8}  {parts}", level.name, rate(level))
}

fn told(level: &Level) -> Value {
    let parts = PARTS.iter().zip(level.parts).map(|(part, used)| (*part, used));
    json!({
        "level": level.name,
        "payments_per_second": rate(level),
        "p50_micros": level.round.latencies.permille(500),
        "p99_micros": level.round.latencies.permille(990),
        "processor_micros_per_payment": parts.collect::<std::collections::BTreeMap<_, _>>(),
    })
}
