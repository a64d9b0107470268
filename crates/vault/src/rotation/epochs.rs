//! One change of the keys of slots, from the new epoch to the end of the old keys.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use db::{DbError, Route};
use kernel::Timestamp;
use vault_wire::Rotated;

use super::{DAY_SECONDS, Why, epoch_days, installation, step, store};
use crate::card::{self, KeepError};
use crate::core::Core;
use crate::keys::Corrupt;
use crate::keys::keyring::{Keyring, KeyringError, RingKey, kind_of};
use crate::log::{self, Line};
use crate::shop::Shop;
use crate::slots::{Class, SlotIndex};

/// Slots read, sealed anew and synced together.
const BATCH_SLOTS: u32 = if cfg!(test) { 2 } else { 256 };
/// A slot may still get its row for this long.
const ORPHAN_SECONDS: i64 = 10 * 60;

impl Core {
    /// Begins the epochs that are due, seals slots anew, destroys the keys that nothing needs.
    /// A slot that no row names may still get one: then the old keys wait for the next turn.
    pub(super) async fn change_keys(&self, why: Why) -> Result<Rotated, KeepError> {
        let mut begun = self.rotations.turn.lock().await;
        self.note_keys().await?;
        // Only keys that were retired before the epochs begin may go after them.
        let retired = self.shops.retired();
        let anew = retired.iter().any(|key| !begun.contains(&key.id()));
        let mut told = Rotated::default();
        for class in Class::ALL {
            if why == Why::Asked || anew || self.epoch_is_over(class)? {
                told.made.push(self.begin_epoch(class).await?);
            }
        }
        begun.extend(retired.iter().map(|key| key.id()));
        for class in Class::ALL {
            if !self.keeper.keyring.retired(class).is_empty() {
                let resealed = self.seal_anew(class).await?;
                told.resealed = told.resealed.saturating_add(resealed);
                told.destroyed.extend(self.end_epochs(class).await?);
            }
        }
        told.left = self.rotations.left();
        if told.left == 0 {
            for key in retired {
                self.shops.destroy_key(key, self.clock.now()).await?;
                step("property_destroyed");
                begun.remove(&key.id());
                told.destroyed.push(key.id());
            }
        }
        self.note_keys().await?;
        if told.left > 0 {
            tracing::warn!(left = told.left, "records are still under the old key");
        } else if !told.destroyed.is_empty() {
            tracing::info!(destroyed = told.destroyed.join(", "), "0 records under the old key");
            self.empty_write_ahead_log().await;
        }
        Ok(told)
    }

    fn epoch_is_over(&self, class: Class) -> Result<bool, Corrupt> {
        let newest = self.keeper.keyring.newest(class)?;
        let end = newest.made.plus_seconds(epoch_days(class) * DAY_SECONDS);
        Ok(end <= self.clock.now())
    }

    /// Keyrings are files: not on a thread that answers others.
    async fn with_keyring<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Keyring, &dyn kernel::Rng, Timestamp) -> Result<T, KeyringError>
        + Send
        + 'static,
    ) -> Result<T, KeepError> {
        let (keeper, now) = (Arc::clone(&self.keeper), self.clock.now());
        let work = move || work(&keeper.keyring, &*keeper.rng, now);
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| KeepError::Corrupt)?;
        Ok(done?)
    }

    async fn begin_epoch(&self, class: Class) -> Result<String, KeepError> {
        let begin = move |ring: &Keyring, rng: &dyn kernel::Rng, now| ring.begin(class, rng, now);
        let key = self.with_keyring(begin).await?;
        tracing::info!(key = key.id(), "a new epoch has begun");
        step("begun");
        Ok(key.id())
    }

    /// Seals every slot of an older epoch under the newest keys; how many.
    async fn seal_anew(&self, class: Class) -> Result<u64, KeepError> {
        let epoch = self.keeper.keyring.newest(class)?.number;
        self.keeper.file(class).take_none_before(epoch).await?;
        let old = self.old_slots(class, epoch).await?.len();
        let left = self.rotations.left_of(class);
        left.store(u64::try_from(old).unwrap_or(u64::MAX), Ordering::Relaxed);
        let mut resealed = 0_u64;
        for shop in self.shops.all() {
            let mut from = SlotIndex(0);
            loop {
                let (count, next) = self.seal_batch(&shop, (class, epoch), from).await?;
                resealed = resealed.saturating_add(count);
                let _ = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    Some(left.saturating_sub(count))
                });
                match next {
                    Some(next) => from = next,
                    None => break,
                }
            }
        }
        Ok(resealed)
    }

    /// One batch of a shop: how many were sealed anew, and where the next one begins.
    async fn seal_batch(
        &self,
        shop: &Shop,
        (class, epoch): (Class, u32),
        from: SlotIndex,
    ) -> Result<(u64, Option<SlotIndex>), KeepError> {
        let place = (shop.settings.merchant, shop.settings.shop);
        let part = (from, BATCH_SLOTS);
        let read = move |tx: &mut db::Tx<'_>| store::slots(tx, place, class, part);
        let rows = self.keeper.db.read::<_, DbError, _>(read).await?;
        let next = rows.last().map(|(_, index)| SlotIndex(index.0.saturating_add(1)));
        let mut batch = Vec::with_capacity(rows.len());
        for row in rows {
            batch.extend(self.keeper.resealed((shop, class), row, epoch)?);
        }
        if batch.is_empty() {
            return Ok((0, next));
        }
        step("sealing");
        let count = self.keeper.file(class).reseal(batch).await?;
        step("sealed");
        Ok((count, next))
    }

    async fn old_slots(
        &self,
        class: Class,
        epoch: u32,
    ) -> Result<Vec<(SlotIndex, crate::keys::slot_key::Label)>, KeepError> {
        let slots = self.keeper.file(class).clone();
        let read = tokio::task::spawn_blocking(move || slots.before(epoch)).await;
        Ok(read.map_err(|_| KeepError::Corrupt)??)
    }

    /// Destroys the retired keys of a class if the disk has no slot under them; their names.
    async fn end_epochs(&self, class: Class) -> Result<Vec<String>, KeepError> {
        let epoch = self.keeper.keyring.newest(class)?.number;
        self.destroy_orphans(class, epoch).await?;
        let left = self.old_slots(class, epoch).await?.len();
        let left = u64::try_from(left).unwrap_or(u64::MAX);
        self.rotations.left_of(class).store(left, Ordering::Relaxed);
        if left > 0 {
            return Ok(Vec::new());
        }
        step("counted");
        let end = move |ring: &Keyring, rng: &dyn kernel::Rng, _| ring.destroy_retired(class, rng);
        let destroyed = self.with_keyring(end).await?;
        step("epoch_destroyed");
        Ok(destroyed)
    }

    /// Slots of older epochs that no row names: what stored them has failed since.
    async fn destroy_orphans(&self, class: Class, epoch: u32) -> Result<(), KeepError> {
        let begun = self.keeper.keyring.newest(class)?.made;
        let old = self.old_slots(class, epoch).await?;
        if old.is_empty() || begun.plus_seconds(ORPHAN_SECONDS) > self.clock.now() {
            return Ok(());
        }
        let merchants = self.shops.places().into_iter().map(|(merchant, _)| merchant).collect();
        let used = card::used_slots(&self.keeper.db, class, merchants).await?;
        for (index, label) in old {
            if !used.contains(&index) {
                self.keeper.file(class).destroy(index, label.card).await?;
            }
        }
        Ok(())
    }

    /// Logs what the keyring shows and the log does not: keys that were made, keys that are gone.
    async fn note_keys(&self) -> Result<(), KeepError> {
        let held = self.keeper.keyring.all();
        let made: Vec<String> = held.iter().map(|key| key.id()).collect();
        let mut gone = Vec::new();
        for class in Class::ALL {
            let kind = kind_of(class);
            let of_class = |key: &&Arc<RingKey>| key.kind == kind;
            let oldest = held.iter().filter(of_class).map(|key| key.number).min().unwrap_or(1);
            gone.extend((1..oldest).map(|number| format!("{kind}/{number}")));
        }
        let (place, now) = (installation(), self.clock.now());
        let line = |event: &'static str, key: &String| {
            Line::new(event, place, "clock", now, &*self.keeper.rng).purpose(key)
        };
        let made: Vec<Line> = made.iter().map(|key| line("key.made", key)).collect();
        let gone: Vec<Line> = gone.iter().map(|key| line("key.destroyed", key)).collect();
        let write = move |tx: &mut db::Tx<'_>| {
            for lines in [&made, &gone] {
                let Some(first) = lines.first() else { continue };
                let logged = store::keys_with(tx, place.0, first.event)?;
                for line in lines.iter().filter(|line| !logged.contains(&line.purpose)) {
                    log::append(tx, line)?;
                }
            }
            Ok(())
        };
        Ok(self.keeper.db.write::<_, DbError, _>(Route::of(place.1.id()), write).await?)
    }
}
