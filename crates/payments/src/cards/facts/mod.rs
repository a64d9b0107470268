//! What the vault writes in its log about cards, told as events of this house.
//!
//! **What it is.** The vault keeps one append-only log per merchant. About once a second the app
//! asks for what stands behind the entry it told last, and writes an event for each entry that
//! outsiders may hear of, with the new place, in one commit: each is told once, whatever dies.
//!
//! **Always true.** An event carries the card's token, who acted and a word why, and the booking
//! of an attached card; of the details of the log nothing else leaves, and there is no number and
//! no code in them.
//!
//! **Limits.** What is older than a day when a merchant's log is first looked at stands in the
//! list of events and is brought to nobody.

pub mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use db::outbox::{self, NewEvent};
use db::{DbError, Route, Tx};
use kernel::{EventId, MerchantId, Mode, ShopId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use vault_wire::{LogEntries, LogEntry, WireScope};
use web::worker::{Sweeper, Work};

use super::messages::every_shop;
use crate::engine::Engine;

/// Where the place in the log stands.
pub const MIGRATION: db::Migration =
    db::Migration { name: "payments/cards/0001_facts", sql: include_str!("schema/0001_facts.sql") };
/// Entries of one transaction.
const ENTRIES: u32 = 200;
/// Before the first look, what is older is told to nobody, in seconds.
const NEWS_SECONDS: i64 = 86_400;

/// Follows the vault's log, about once a second.
#[must_use]
pub fn sweeper(engine: &Engine) -> Sweeper {
    let engine = engine.clone();
    let run = move || -> Work<Result<(), String>> {
        let engine = engine.clone();
        Box::pin(async move { follow_all(&engine).await.map_err(|error| error.to_string()) })
    };
    Sweeper { name: "log of the vault", run: Arc::new(run) }
}

/// The shops of a merchant, live and test.
type Shops = BTreeMap<ShopId, Mode>;

async fn follow_all(engine: &Engine) -> Result<(), DbError> {
    let mut merchants: BTreeMap<MerchantId, Shops> = BTreeMap::new();
    for (merchant, mode, shop) in engine.ctx.db.read::<_, DbError, _>(every_shop).await? {
        merchants.entry(merchant).or_default().insert(shop, mode);
    }
    for (merchant, shops) in merchants {
        follow(engine, merchant, &shops).await?;
    }
    Ok(())
}

/// Tells what is new of a merchant. A vault that does not answer is asked again later.
async fn follow(engine: &Engine, merchant: MerchantId, shops: &Shops) -> Result<(), DbError> {
    let Some(any) = shops.keys().next() else { return Ok(()) };
    let wire = WireScope::of_house(merchant, *any);
    loop {
        let house = identity::scope::for_house(merchant, Mode::Test);
        let read = move |tx: &mut Tx<'_>| store::place(tx, &house);
        let place = engine.ctx.db.read(read).await?;
        let ask = LogEntries { from: place.unwrap_or(0), limit: ENTRIES, card: None };
        let Ok(page) = engine.vault.ask(&wire, &ask).await else { return Ok(()) };
        let full = page.entries.len() >= usize::try_from(ENTRIES).unwrap_or(usize::MAX);
        if page.entries.is_empty() {
            return Ok(());
        }
        let (engine, own) = (engine.clone(), shops.clone());
        let db = engine.ctx.db.clone();
        let tell =
            move |tx: &mut Tx<'_>| tell(tx, &engine, (merchant, &own), (place, &page.entries));
        if !db.write(Route::of(merchant.id()), tell).await? || !full {
            return Ok(());
        }
    }
}

/// An entry of the log, as far as it is told.
#[derive(Debug, Clone, Deserialize)]
struct Entry {
    event: String,
    ok: bool,
    shop: ShopId,
    card: Option<String>,
    actor: String,
    purpose: String,
    at: String,
}

/// Writes the events of entries and the place behind them; false when another process did.
///
/// # Errors
/// [`DbError`]; an entry that cannot be read is one.
pub fn tell(
    tx: &mut Tx<'_>,
    engine: &Engine,
    (merchant, shops): (MerchantId, &BTreeMap<ShopId, Mode>),
    (place, entries): (Option<u64>, &[LogEntry]),
) -> Result<bool, DbError> {
    let Some(last) = entries.last() else { return Ok(false) };
    let house = identity::scope::for_house(merchant, Mode::Test);
    if !store::go_on(tx, &house, (place, last.seq.saturating_add(1)))? {
        return Ok(false);
    }
    for stored in entries {
        let corrupt = |error: serde_json::Error| DbError::Corrupt(error.to_string());
        let entry: Entry = serde_json::from_str(&stored.entry).map_err(corrupt)?;
        let (Some(kind), Some(mode)) = (kind(&entry), shops.get(&entry.shop)) else { continue };
        let now = engine.ctx.now(entry.shop);
        let at = Timestamp::parse_rfc3339(&entry.at).unwrap_or(now);
        let event = NewEvent {
            id: EventId::new(now, engine.ctx.rng.as_ref()),
            kind,
            object: entry.card.clone().unwrap_or_else(|| entry.actor.clone()),
            shop: entry.shop,
            body: body(&entry, (stored, *mode)),
        };
        let scope = identity::scope::for_house(merchant, *mode);
        let is_old = now.as_seconds().saturating_sub(at.as_seconds()) > NEWS_SECONDS;
        if place.is_none() && is_old {
            outbox::note_told(tx, &scope, &event, at)?;
        } else {
            outbox::emit(tx, &scope, &event, at)?;
        }
    }
    Ok(true)
}

/// The kind of event that an entry is told as; nothing for what stays in the log.
fn kind(entry: &Entry) -> Option<&'static str> {
    Some(match (entry.event.as_str(), entry.ok) {
        ("card.stored", true) => "card.stored",
        ("card.attached", true) => "card.attached",
        ("card.revealed", true) => "card.revealed",
        ("card.deleted" | "card.purged", true) => "card.purged",
        ("code.destroyed", true) => "card.code_destroyed",
        ("link.opened" | "link.used" | "pin.try", false) if entry.card.is_some() => {
            "reveal.refused"
        }
        ("pin.locked", true) => "pin.locked",
        _ => return None,
    })
}

fn body(entry: &Entry, (stored, mode): (&LogEntry, Mode)) -> Value {
    let is_card = entry.card.is_some();
    let reason = match entry.event.as_str() {
        "card.deleted" => "deleted",
        _ => entry.purpose.as_str(),
    };
    let details: Value = stored
        .details
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let booking = details.get("booking").filter(|_| entry.event == "card.attached");
    json!({
        "id": entry.card.as_deref().unwrap_or(&entry.actor),
        "object": if is_card { "card" } else { "viewer" },
        "mode": mode.as_str(),
        "shop": entry.shop,
        "actor": entry.actor,
        "reason": reason,
        "booking": booking,
        "log_entry": stored.seq,
        "version": stored.seq,
        "source": door(&entry.actor),
    })
}

/// Through which door an actor of the log came.
fn door(actor: &str) -> &'static str {
    match actor.split('_').next() {
        Some("usr") => "desk",
        Some("key") => "api",
        Some("payer") => "page",
        _ => "clock",
    }
}

#[cfg(test)]
mod tests;
