//! The desk list and its exports over many payments.
//!
//! The payments stand in a database with the app's own tables and indexes; the functions measured
//! are those behind `/caisse`, without the socket and without the page's text.

mod seed;

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use db::{Db, DbError, DbOptions};
use documents::{Format, TextSheet, Workbook};
use http::{Catalogue, Words};
use identity::lists::{List as _, Wanted};
use kernel::{Locale, MerchantId, Mode, Scope, Timestamp, Zone};
use payments::desk::filter::Filter;
use payments::desk::list::{self, Payments};
use serde_json::{Value, json};

use crate::machine::{Machine, Meter};
use crate::samples::{Samples, micros, millis};
use crate::{ListSettings, Outcome};

/// Instant that counts as now: after the last payment.
const NOW: &str = "2026-11-20T12:00:00Z";
/// What people ask of the list.
const QUESTIONS: [(&str, &str); 15] = [
    ("open list", ""),
    ("to do", "etat=to_do"),
    ("captured and settled", "etat=done"),
    ("today", "date=aujourdhui"),
    ("last four", "q={last4}"),
    ("amount", "q={amount}"),
    ("reference", "q={reference}"),
    ("last name, common", "q=martin"),
    ("name, first and last", "q=eleonore%20{rare}"),
    ("beginning all share", "q=dos-"),
    ("nothing found", "q=zzyzx{rare}"),
    ("inside a word", "q=ponsabl"),
    ("name and state", "q=martin&etat=returned"),
    ("brand and amounts", "marque=amex&min=900&max=905"),
    ("no such mixture", "canal=counter&3ds=N"),
];

struct House {
    db: Db,
    scope: Scope,
    words: Arc<Words>,
    zone: Zone,
    now: Timestamp,
}

fn open(settings: &ListSettings) -> Outcome<(House, u64)> {
    fs::create_dir_all(&settings.folder)?;
    let path = settings.folder.join(format!("lists-{}.db", settings.rows));
    let mut migrations = vec![web::SLICE.migrations];
    migrations.extend(identity::SLICES.iter().map(|slice| slice.migrations));
    migrations.extend([ledger::MIGRATIONS, payments::MIGRATIONS]);
    let mut messages = vec![http::MESSAGES, web::SLICE.messages];
    messages.extend(identity::SLICES.iter().map(|slice| slice.messages));
    messages.extend(payments::SLICES.iter().map(|slice| slice.messages));
    let words = Catalogue::new(&messages)?.words(Locale::Fr);
    let db = Db::open(&DbOptions::sqlite(&path), &migrations)?;
    let merchant = MerchantId::from(kernel::Id::from_bytes([7; 16]));
    let scope = identity::scope::for_house(merchant, Mode::Live);
    let now = Timestamp::parse_rfc3339(NOW)?;
    let house = House { db, scope, words, zone: Zone::paris(), now };
    let start = Instant::now();
    seed::fill(&house.db, &house.scope, settings.rows, now)?;
    Ok((house, micros(start.elapsed())))
}

/// Pages: p50 and p99 of each question.
pub(crate) fn lists(settings: &ListSettings) -> Outcome<()> {
    let (house, seeded) = open(settings)?;
    let machine = Machine::look(&settings.folder)?;
    head(&machine, settings, seeded);
    println!("\nquestion                    rows   p50 ms   p99 ms  others");
    let mut figures = Vec::new();
    for (name, question) in QUESTIONS {
        let meter = Meter::start();
        let (mut times, mut rows) = (Vec::new(), 0);
        for round in 0..settings.rounds {
            let query = seed::filled_in(question, round, settings.rows);
            let filter = Filter::parse(&query);
            let (scope, at) = (&house.scope, (house.now, house.zone.clone(), Vec::new()));
            let start = Instant::now();
            let found = house.db.read_blocking(|tx| list::find(tx, scope, filter, at))?;
            let view = list::view(&house.words, scope, &found);
            times.push(micros(start.elapsed()));
            rows = rows.max(view.rows.len());
        }
        let (samples, others) = (Samples::new(times), meter.used().others_percent);
        let (p50, p99) = (samples.permille(500), samples.permille(990));
        println!("{name:<26} {rows:>5} {:>8} {:>8} {others:>6}%", millis(p50), millis(p99));
        figures.push(json!({ "question": name, "p50_micros": p50, "p99_micros": p99,
            "others_percent": others }));
    }
    let start = Instant::now();
    let wanted = wanted(&house, "");
    let totals = house.db.read_blocking(|tx| Payments.totals(tx, &house.scope, &wanted))?;
    let took = micros(start.elapsed());
    let counted = totals.first().map_or("", |total| total.count.as_str());
    println!("\ntotals of the open list, asked on their own: {} ms ({counted})", millis(took));
    let figures = json!({ "benchmark": "lists", "machine": machine.json(),
        "rows": settings.rows, "questions": figures, "totals_micros": took });
    write(settings, "lists", &figures)
}

/// Exports: time, bytes and memory of each form.
pub(crate) fn exports(settings: &ListSettings) -> Outcome<()> {
    let (house, seeded) = open(settings)?;
    let machine = Machine::look(&settings.folder)?;
    head(&machine, settings, seeded);
    println!("\nform                 seconds     rows/s   bytes        memory, most  others");
    let wanted = wanted(&house, "");
    let mut figures = Vec::new();
    for format in [Format::CsvSemicolon, Format::CsvComma, Format::JsonLines, Format::Xlsx] {
        let (meter, start) = (Meter::start(), Instant::now());
        let (rows, bytes) = exported(&house, &wanted, format)?;
        let took = micros(start.elapsed());
        let (others, memory) = (meter.used().others_percent, peak_kilobytes());
        let rate = rows.saturating_mul(1_000_000) / took.max(1);
        println!(
            "{:<18} {:>9} {rate:>10}   {bytes:<12} {memory:>9} kB {others:>6}%",
            format.as_str(),
            millis(took / 1_000),
        );
        figures.push(json!({ "form": format.as_str(), "micros": took, "rows": rows,
            "bytes": bytes, "peak_kilobytes": memory, "others_percent": others }));
    }
    let figures = json!({ "benchmark": "exports", "machine": machine.json(), "forms": figures });
    write(settings, "exports", &figures)
}

fn exported(house: &House, wanted: &Wanted, format: Format) -> Outcome<(u64, u64)> {
    let columns = Payments.sheet(wanted);
    let sheet = TextSheet::new(format, columns.clone());
    let mut book = match sheet {
        Some(_) => None,
        None => Some(Workbook::new(&Payments.title(&house.words), columns)?),
    };
    let (mut after, mut rows, mut bytes) = (None, 0_u64, 0_u64);
    loop {
        let (chunk, next) = house
            .db
            .read_blocking::<_, DbError, _>(|tx| Payments.chunk(tx, &house.scope, wanted, after))?;
        rows += chunk.len() as u64;
        if let Some(sheet) = &sheet {
            bytes += sheet.rows(&chunk).len() as u64;
        }
        if let Some(book) = &mut book {
            chunk.iter().try_for_each(|row| book.add(row))?;
        }
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    if let Some(book) = book {
        let mut file = tempfile::tempfile()?;
        book.finish(&mut file)?;
        bytes = file.metadata()?.len();
    }
    Ok((rows, bytes))
}

fn wanted(house: &House, query: &str) -> Wanted {
    Wanted {
        query: query.to_owned(),
        columns: Payments.usual().iter().map(|name| (*name).to_owned()).collect(),
        words: Arc::clone(&house.words),
        zone: house.zone.clone(),
        now: house.now,
    }
}

/// The most memory this process ever held, so the forms after the first show the largest so far.
fn peak_kilobytes() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn head(machine: &Machine, settings: &ListSettings, seeded: u64) {
    for line in machine.lines() {
        println!("{line}");
    }
    println!("engine      SQLite {}, WAL, 4 readers", rusqlite::version());
    println!("payments    {} (written in {} ms)", settings.rows, seeded / 1_000);
}

fn write(settings: &ListSettings, name: &str, figures: &Value) -> Outcome<()> {
    let path = settings.folder.join(format!("{name}.json"));
    fs::write(&path, format!("{figures:#}\n"))?;
    println!("JSON in {}", path.display());
    Ok(())
}
