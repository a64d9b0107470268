//! What is due is destroyed without anybody asking: at start, each minute, and when a test clock
//! moves.

use std::sync::Arc;
use std::time::Duration;

use db::{DbError, Route, Tx};
use kernel::Timestamp;
use vault_wire::ClockState;

use super::Core;
use crate::card::code::{CodeEnd, CodeState};
use crate::card::{self, KeepError, stay};
use crate::log::{self, Line};
use crate::shop::Shop;

const EVERY: Duration = Duration::from_secs(60);
const TURNS_A_DAY: u64 = 24 * 60;
/// Cards of one turn and shop.
const TURN_CARDS: u32 = 500;
/// A finished page answers "already done" for this long after its end.
const FORGET_DAYS: i64 = 7;
/// Why a channel's booking came without a card is told for this long: a stay may be booked a year
/// ahead, and its page is read until after it.
const MISSING_DAYS: i64 = 550;
/// Nobody needs a code for longer than this once he has it.
const RESERVED_SECONDS: i64 = 60;
/// A code whose bank stays silent is destroyed after this.
const UNKNOWN_SECONDS: i64 = 15 * 60;

impl Core {
    pub(super) async fn sweep_forever(self: Arc<Self>) {
        for turn in 0_u64.. {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.sweep().await {
                tracing::error!(%error, "ALARM: due cards were not destroyed");
            }
            self.drill_if_due().await;
            if turn.is_multiple_of(TURNS_A_DAY) {
                self.compare_pages().await;
            }
        }
    }

    /// One turn over all shops.
    pub(super) async fn sweep(&self) -> Result<(), KeepError> {
        self.watch.keep().await?;
        let real = self.clock.now();
        self.codes.sweep(real);
        self.captures.sweep(real);
        if let Err(error) = self.partners.watch(real).await {
            tracing::error!(code = error.code, "partners were not looked at");
        }
        let mut destroyed = 0_usize;
        for shop in self.shops.all() {
            destroyed = destroyed.saturating_add(self.sweep_shop(&shop).await?);
        }
        let (installation, _) = log::installation();
        for merchant in self.shops.merchants().into_iter().chain([installation]) {
            self.log.seal(merchant, real).await?;
        }
        if destroyed > 0 {
            self.empty_write_ahead_log().await;
        }
        Ok(())
    }

    /// What was deleted from the tables stands in no file beside them any more.
    pub(crate) async fn empty_write_ahead_log(&self) {
        let db = self.keeper.db.clone();
        let emptied = tokio::task::spawn_blocking(move || db.checkpoint()).await;
        if !matches!(emptied, Ok(Ok(()))) {
            tracing::warn!("the write-ahead log was not emptied; the next turn tries again");
        }
    }

    /// Destroys what is due in a shop, by its clock; how many.
    pub(crate) async fn sweep_shop(&self, shop: &Shop) -> Result<usize, KeepError> {
        let told = self.watch.told();
        let now = shop.now(told.shown);
        let may_purge = !shop.follows_machine() || told.state != ClockState::Forward;
        let destroyed = if may_purge { self.purge_due(shop, now).await? } else { 0 };
        self.settle_codes(shop, (now, told.shown)).await?;
        self.announce_ends(shop, now).await?;
        self.viewers.release_due(shop, now).await?;
        self.viewers.disable_idle(shop, now).await?;
        if may_purge {
            self.end_codes(shop, now).await?;
            let place = shop.place();
            let before = now.plus_minutes(-FORGET_DAYS * 24 * 60);
            self.keeper
                .db
                .write::<_, DbError, _>(Route::of(place.1.id()), move |tx| {
                    crate::capture::store::forget(tx, place, before)?;
                    card::stay::store::forget_missing(tx, place, now.plus_days(-MISSING_DAYS))
                })
                .await?;
        }
        Ok(destroyed)
    }

    /// Destroys the cards that are due; how many.
    async fn purge_due(&self, shop: &Shop, now: Timestamp) -> Result<usize, KeepError> {
        let place = shop.place();
        let mut destroyed = 0_usize;
        loop {
            let due = self
                .keeper
                .db
                .read::<_, DbError, _>(move |tx| card::store::due_cards(tx, place, now, TURN_CARDS))
                .await?;
            for card in &due {
                self.codes.destroy(card.token);
                let waited = card.kind == card::CardKind::Pending && card.purged.is_none();
                let line = Line::new("card.purged", place, "clock", now, &*self.keeper.rng)
                    .card(card.token)
                    .purpose(if waited { "unclaimed" } else { "" });
                self.keeper.destroy(card, "purged", line).await?;
            }
            destroyed = destroyed.saturating_add(due.len());
            if due.len() < usize::try_from(TURN_CARDS).unwrap_or(usize::MAX) {
                return Ok(destroyed);
            }
        }
    }

    /// Ends what a crash or a silent bank has left of codes that somebody had reserved.
    async fn settle_codes(
        &self,
        shop: &Shop,
        (now, real): (Timestamp, Timestamp),
    ) -> Result<(), KeepError> {
        let place = shop.place();
        let limits = (real.plus_seconds(-RESERVED_SECONDS), real.plus_seconds(-UNKNOWN_SECONDS));
        let stale = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| card::store::stale_codes(tx, place, limits))
            .await?;
        for row in stale {
            let holder = row.held.holder.clone().unwrap_or_default();
            let reserved = row.held.state == Some(CodeState::Reserved);
            if reserved && holder.starts_with("relay:") {
                // It may have been sent.
                self.keeper.set_code(&row, &holder, CodeState::Unknown).await?;
                continue;
            }
            if reserved && self.keeper.code_is_whole(&row) {
                self.keeper.set_code(&row, &holder, CodeState::Available).await?;
                continue;
            }
            let because = if reserved { "viewed" } else { "unknown_timeout" };
            let line = Line::new("code.destroyed", place, "clock", now, &*self.keeper.rng)
                .card(row.token)
                .purpose(because);
            self.keeper.destroy_code(&row, CodeEnd { because, actor: None, line }).await?;
        }
        Ok(())
    }

    /// Destroys the codes that go before their cards.
    async fn end_codes(&self, shop: &Shop, now: Timestamp) -> Result<(), KeepError> {
        let place = shop.place();
        let due = move |tx: &mut Tx<'_>| stay::store::codes_due(tx, place, now);
        for row in self.keeper.db.read::<_, DbError, _>(due).await? {
            let because = "retention";
            let line = Line::new("code.destroyed", place, "clock", now, &*self.keeper.rng)
                .card(row.token)
                .purpose(because);
            self.keeper.destroy_code(&row, CodeEnd { because, actor: None, line }).await?;
        }
        Ok(())
    }

    /// Writes in the log which saved cards end soon, once for each date.
    async fn announce_ends(&self, shop: &Shop, now: Timestamp) -> Result<(), KeepError> {
        let place = shop.place();
        let before = now.plus_minutes(stay::WARNING_DAYS * 24 * 60);
        let ending = move |tx: &mut Tx<'_>| stay::store::ending(tx, place, before);
        for row in self.keeper.db.read::<_, DbError, _>(ending).await? {
            let owner = (row.merchant, row.token);
            let line = Line::new("card.ending", place, "clock", now, &*self.keeper.rng)
                .card(row.token)
                .details(serde_json::json!({ "purge_at": row.purge_at }));
            let write = move |tx: &mut Tx<'_>| {
                if stay::store::warned(tx, owner, now)? {
                    log::append(tx, &line)?;
                }
                Ok(())
            };
            let route = Route::of(row.token.id());
            self.keeper.db.write::<_, DbError, _>(route, write).await?;
        }
        Ok(())
    }
}
