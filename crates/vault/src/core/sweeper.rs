//! What is due is destroyed without anybody asking: at start, each minute, and when a test clock
//! moves.

use std::sync::Arc;
use std::time::Duration;

use db::{DbError, Route};

use super::Core;
use crate::card::{self, KeepError};
use crate::shop::Shop;

const EVERY: Duration = Duration::from_secs(60);
/// Cards of one turn and shop.
const TURN_CARDS: u32 = 500;
/// A finished page answers "already done" for this long after its end.
const FORGET_DAYS: i64 = 7;

impl Core {
    pub(super) async fn sweep_forever(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.sweep().await {
                tracing::error!(%error, "ALARM: due cards were not destroyed");
            }
        }
    }

    /// One turn over all shops.
    pub(super) async fn sweep(&self) -> Result<(), KeepError> {
        let real = self.clock.now();
        self.codes.sweep(real);
        self.captures.sweep(real);
        let mut destroyed = 0_usize;
        for shop in self.shops.all() {
            destroyed = destroyed.saturating_add(self.sweep_shop(&shop).await?);
        }
        if destroyed > 0 {
            let db = self.keeper.db.clone();
            let emptied = tokio::task::spawn_blocking(move || db.checkpoint()).await;
            if !matches!(emptied, Ok(Ok(()))) {
                tracing::warn!("the write-ahead log was not emptied; the next turn tries again");
            }
        }
        Ok(())
    }

    /// Destroys what is due in a shop, by its clock; how many.
    pub(super) async fn sweep_shop(&self, shop: &Shop) -> Result<usize, KeepError> {
        let place = (shop.settings.merchant, shop.settings.shop);
        let now = shop.now(self.clock.now());
        let mut destroyed = 0_usize;
        loop {
            let due = self
                .keeper
                .db
                .read::<_, DbError, _>(move |tx| card::store::due_cards(tx, place, now, TURN_CARDS))
                .await?;
            for card in &due {
                self.codes.destroy(card.token);
                self.keeper.destroy(card, "purged").await?;
            }
            destroyed = destroyed.saturating_add(due.len());
            if due.len() < usize::try_from(TURN_CARDS).unwrap_or(usize::MAX) {
                break;
            }
        }
        let before = now.plus_minutes(-FORGET_DAYS * 24 * 60);
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(place.1.id()), move |tx| {
                crate::capture::store::forget(tx, place, before)
            })
            .await?;
        Ok(destroyed)
    }
}
