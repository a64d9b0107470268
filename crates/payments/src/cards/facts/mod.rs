//! What the vault writes in its log about cards, told as events of this house.
//!
//! **What it is.** The vault keeps one append-only log per merchant. Where it says that one has
//! grown ([`super::news`]), the app asks for what stands behind the entry it told last, and writes
//! an event for each entry that outsiders may hear of, with the new place, in one commit: each is
//! told once, whatever dies.
//!
//! **Always true.** An event carries the card's token, who acted and a word why, and the booking
//! of an attached card; of the details of the log nothing else leaves, and there is no number and
//! no code in them. A card for one payment alone is no news beside its payment. An entry that
//! cannot be read is passed over with a line in the app's own log.
//!
//! **Limits.** What stood in the log of a merchant before this house followed it, and is older than
//! a day, stands in the list of events and is brought to nobody. After a restore of an older vault
//! the place goes back to the end of its log: entries are told from there.

pub mod store;

use std::collections::BTreeMap;

use db::outbox::{self, NewEvent};
use db::{DbError, Route, Tx};
use identity::merchants::store as merchant_store;
use kernel::{EventId, MerchantId, Mode, ShopId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use vault_wire::{LogEntries, LogEntry, LogPage, WireScope};

use self::store::Place;
use super::news::FollowError;
use crate::engine::Engine;

/// Where the place in the log stands.
pub const MIGRATION: db::Migration =
    db::Migration { name: "payments/cards/0001_facts", sql: include_str!("schema/0001_facts.sql") };
/// Up to where a log is older than its following.
pub const OLD_MIGRATION: db::Migration =
    db::Migration { name: "payments/cards/0002_old", sql: include_str!("schema/0002_old.sql") };
/// Entries of one transaction.
const ENTRIES: u32 = 200;
/// Of what stood there before, younger entries are brought to their readers too, in seconds.
const NEWS_SECONDS: i64 = 86_400;

/// The shops of a merchant, live and test.
pub(super) type Shops = BTreeMap<ShopId, Mode>;

/// The shops of a merchant with their modes.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn shops_of(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<Shops, DbError> {
    let mut all = Shops::new();
    for mode in [Mode::Test, Mode::Live] {
        let scope = identity::scope::for_house(merchant, mode);
        let shops = merchant_store::shops(tx, &scope)?;
        all.extend(shops.into_iter().map(|shop| (shop.id, mode)));
    }
    Ok(all)
}

/// Whether a log has more behind what was just told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// A full page was told.
    More,
    /// This was its end.
    Nothing,
}

/// Tells the next page of a merchant's log, asked for in a shop that the vault knows.
///
/// # Errors
/// [`FollowError`]; nothing was told then.
pub(super) async fn follow(
    engine: &Engine,
    (merchant, shop): (MerchantId, ShopId),
) -> Result<Rest, FollowError> {
    let house = identity::scope::for_house(merchant, Mode::Test);
    let read = move |tx: &mut Tx<'_>| Ok((store::place(tx, &house)?, shops_of(tx, merchant)?));
    let (place, shops) = engine.ctx.db.read::<_, DbError, _>(read).await?;
    let from = place.map_or(0, |place| place.next);
    let wire = WireScope::of_house(merchant, shop);
    let page = engine.vault.ask(&wire, &LogEntries { from, limit: ENTRIES, card: None }).await?;
    if page.size < from {
        let size = page.size;
        tracing::error!(%merchant, from, size, "the vault's log is shorter than what was told: \
            an older vault was restored");
    }
    let full = page.entries.len() >= usize::try_from(ENTRIES).unwrap_or(usize::MAX);
    let own = engine.clone();
    let unit = move |tx: &mut Tx<'_>| tell(tx, &own, (merchant, &shops), (place, &page));
    let told = engine.ctx.db.write::<_, DbError, _>(Route::of(merchant.id()), unit).await?;
    Ok(if told && full { Rest::More } else { Rest::Nothing })
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

/// Writes the events of a page and the place behind it; false when nothing changed, or another
/// process did it.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn tell(
    tx: &mut Tx<'_>,
    engine: &Engine,
    (merchant, shops): (MerchantId, &Shops),
    (place, page): (Option<Place>, &LogPage),
) -> Result<bool, DbError> {
    let house = identity::scope::for_house(merchant, Mode::Test);
    // A merchant without a place is younger than this house's following: all of it is news.
    let known = place.unwrap_or(Place { next: 0, old_until: Some(0) });
    let old_until = known.old_until.unwrap_or(page.size);
    let behind = page.entries.last().map(|last| last.seq.saturating_add(1));
    let next = behind.unwrap_or_else(|| known.next.min(page.size));
    let to = Place { next, old_until: Some(old_until) };
    if to == known || !store::go_on(tx, &house, (place, to))? {
        return Ok(false);
    }
    for stored in &page.entries {
        let Some((entry, kinds)) = news_of(stored) else { continue };
        let Some(mode) = shops.get(&entry.shop) else { continue };
        let now = engine.ctx.now(entry.shop);
        let at = Timestamp::parse_rfc3339(&entry.at).unwrap_or(now);
        let scope = identity::scope::for_house(merchant, *mode);
        let is_old = now.as_seconds().saturating_sub(at.as_seconds()) > NEWS_SECONDS;
        for kind in kinds {
            let event = NewEvent {
                id: EventId::new(now, engine.ctx.rng.as_ref()),
                kind,
                object: entry.card.clone().unwrap_or_else(|| entry.actor.clone()),
                shop: entry.shop,
                body: body(&entry, (stored, *mode)),
            };
            if stored.seq < old_until && is_old {
                outbox::note_told(tx, &scope, &event, at)?;
            } else {
                outbox::emit(tx, &scope, &event, at)?;
            }
        }
    }
    Ok(true)
}

/// An entry with the kinds of event that it is told as; nothing for what is told to nobody.
fn news_of(stored: &LogEntry) -> Option<(Entry, &'static [&'static str])> {
    if stored.single_use {
        return None;
    }
    match serde_json::from_str::<Entry>(&stored.entry) {
        Ok(entry) => kinds(&entry).map(|kinds| (entry, kinds)),
        Err(error) => {
            tracing::error!(%error, seq = stored.seq, "an entry of the vault's log is unreadable");
            None
        }
    }
}

/// The kinds of event that an entry is told as; nothing for what stays in the log.
fn kinds(entry: &Entry) -> Option<&'static [&'static str]> {
    Some(match (entry.event.as_str(), entry.ok) {
        ("card.stored", true) => &["card.stored"],
        ("card.attached", true) => &["card.attached"],
        ("card.revealed", true) => &["card.revealed"],
        ("card.purged", true) if entry.purpose == "unclaimed" => &["card.unclaimed", "card.purged"],
        ("card.deleted" | "card.purged", true) => &["card.purged"],
        ("card.ending", true) => &["card.expiring"],
        ("card.suspended", true) => &["card.suspended"],
        ("card.resumed" | "card.changed", true) => &["card.updated"],
        ("code.destroyed", true) => &["card.code_destroyed"],
        ("link.opened" | "link.used" | "pin.try", false) if entry.card.is_some() => {
            &["reveal.refused"]
        }
        ("link.decided", false) => &["reveal.refused"],
        ("pin.locked", true) => &["pin.locked"],
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
        Some("key" | "api") => "api",
        Some("payer") => "page",
        _ => "clock",
    }
}

#[cfg(test)]
mod tests;
