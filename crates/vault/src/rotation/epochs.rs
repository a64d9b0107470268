//! One change of the keys of slots, from the new epoch to the end of the old keys.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use db::{DbError, Route};
use kernel::Timestamp;
use vault_wire::Rotated;

use super::store::Named;
use super::{DAY_SECONDS, Why, epoch_days, step, store};
use crate::card::{self, Anew, KeepError};
use crate::core::Core;
use crate::keys::Corrupt;
use crate::keys::keyring::{Keyring, KeyringError, RingKey, kind_of};
use crate::keys::slot_key::Label;
use crate::log::{self, Line};
use crate::shop::Shop;
use crate::slots::{Class, SlotIndex};

/// Slots read, sealed anew and synced together.
const BATCH_SLOTS: u32 = if cfg!(test) { 2 } else { 256 };
/// A slot may still get its row for this long.
const ORPHAN_SECONDS: i64 = 10 * 60;

/// What became of slots.
#[derive(Default)]
struct Sealed {
    /// Sealed anew.
    anew: u64,
    /// Named by a row and not there.
    missing: u64,
}

impl Core {
    /// Begins the epochs that are due, seals slots anew, destroys the keys that nothing needs.
    /// A slot that no row names may still get one: then the old keys wait for the next turn.
    pub(super) async fn change_keys(&self, why: Why) -> Result<Rotated, KeepError> {
        let mut begun = self.rotations.turn.lock().await;
        self.change_keys_in(&mut begun, why).await
    }

    /// The same, for whoever has the turn already.
    pub(super) async fn change_keys_in(
        &self,
        begun: &mut BTreeSet<String>,
        why: Why,
    ) -> Result<Rotated, KeepError> {
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
        let mut failed = None;
        for class in Class::ALL {
            if !self.keeper.keyring.retired(class).is_empty()
                && let Err(error) = self.change_class(class, &mut told).await
            {
                failed.get_or_insert(error);
            }
        }
        self.note_keys().await?;
        if let Some(error) = failed {
            return Err(error);
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

    /// Seals slots of a class anew, then destroys its retired keys if nothing needs them.
    async fn change_class(&self, class: Class, told: &mut Rotated) -> Result<(), KeepError> {
        let sealed = self.seal_anew(class).await?;
        told.resealed = told.resealed.saturating_add(sealed.anew);
        told.destroyed.extend(self.end_epochs(class, sealed.missing).await?);
        Ok(())
    }

    /// Seals every slot of an older epoch under the newest keys. One shop's fault does not keep the
    /// others from it.
    async fn seal_anew(&self, class: Class) -> Result<Sealed, KeepError> {
        let epoch = self.keeper.keyring.newest(class)?.number;
        self.keeper.file(class).take_none_before(epoch).await?;
        let old = self.keeper.file(class).before(epoch).await?.len();
        let left = self.rotations.left_of(class);
        left.store(u64::try_from(old).unwrap_or(u64::MAX), Ordering::Relaxed);
        let (mut sealed, mut failed) = (Sealed::default(), None);
        for shop in self.shops.all() {
            if let Err(error) = self.seal_shop(&shop, (class, epoch), &mut sealed).await {
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(sealed), Err)
    }

    async fn seal_shop(
        &self,
        shop: &Shop,
        (class, epoch): (Class, u32),
        sealed: &mut Sealed,
    ) -> Result<(), KeepError> {
        let mut from = Some(SlotIndex(0));
        while let Some(begin) = from {
            let (batch, next) = self.seal_batch(shop, (class, epoch), begin).await?;
            sealed.anew = sealed.anew.saturating_add(batch.anew);
            sealed.missing = sealed.missing.saturating_add(batch.missing);
            let left = self.rotations.left_of(class);
            let _ = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(batch.anew))
            });
            from = next;
        }
        Ok(())
    }

    /// One batch of a shop, and where the next one begins.
    async fn seal_batch(
        &self,
        shop: &Shop,
        (class, epoch): (Class, u32),
        from: SlotIndex,
    ) -> Result<(Sealed, Option<SlotIndex>), KeepError> {
        let rows = self.rows(shop, class, (from, BATCH_SLOTS)).await?;
        let next = rows.last().map(|row| SlotIndex(row.index.0.saturating_add(1)));
        let mut sealed = Sealed::default();
        let mut batch = Vec::with_capacity(rows.len());
        for row in rows {
            match self.keeper.resealed((shop, class), (row.card, row.index), epoch)? {
                Anew::No => {}
                Anew::Seal(slot) => batch.push(*slot),
                Anew::Missing => {
                    let missing = self.is_missing(shop, class, row).await?;
                    sealed.missing = sealed.missing.saturating_add(missing.into());
                }
            }
        }
        if !batch.is_empty() {
            step("sealing");
            sealed.anew = self.keeper.file(class).reseal(batch).await?;
            step("sealed");
        }
        Ok((sealed, next))
    }

    /// Whether a row still names a slot that does not hold its key: it was not destroyed meanwhile.
    async fn is_missing(&self, shop: &Shop, class: Class, row: Named) -> Result<bool, KeepError> {
        let now = self.rows(shop, class, (row.index, 1)).await?;
        let missing = row.rests && now.first() == Some(&row);
        if missing {
            let (card, class) = (row.card, class.word());
            tracing::error!(%card, class, "ALARM: a card's slot does not hold its key");
        }
        Ok(missing)
    }

    async fn rows(
        &self,
        shop: &Shop,
        class: Class,
        part: (SlotIndex, u32),
    ) -> Result<Vec<Named>, DbError> {
        let place = shop.place();
        let read = move |tx: &mut db::Tx<'_>| store::slots(tx, place, class, part);
        self.keeper.db.read::<_, DbError, _>(read).await
    }

    /// Destroys the retired keys of a class if the disk has no slot under them and none is missing;
    /// their names.
    async fn end_epochs(&self, class: Class, missing: u64) -> Result<Vec<String>, KeepError> {
        let newest = self.keeper.keyring.newest(class)?;
        let mut old = self.keeper.file(class).before(newest.number).await?;
        let waited = newest.made.plus_seconds(ORPHAN_SECONDS) <= self.clock.now();
        if !old.is_empty() && waited {
            self.destroy_orphans(class, old).await?;
            old = self.keeper.file(class).before(newest.number).await?;
        }
        let left = u64::try_from(old.len()).unwrap_or(u64::MAX).saturating_add(missing);
        self.rotations.left_of(class).store(left, Ordering::Relaxed);
        if left > 0 {
            return Ok(Vec::new());
        }
        step("counted");
        self.keeper.file(class).settle().await?;
        let end = move |ring: &Keyring, rng: &dyn kernel::Rng, _| ring.destroy_retired(class, rng);
        let destroyed = self.with_keyring(end).await?;
        step("epoch_destroyed");
        Ok(destroyed)
    }

    /// Destroys those of some slots that no row names: what stored them has failed since.
    async fn destroy_orphans(
        &self,
        class: Class,
        old: Vec<(SlotIndex, Label)>,
    ) -> Result<(), KeepError> {
        let used = card::used_slots(&self.keeper.db, class, self.shops.merchants()).await?;
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
        let (place, now) = (log::installation(), self.clock.now());
        let line = |event: &'static str, key: &String| {
            Line::new(event, place, "clock", now, &*self.keeper.rng).purpose(key)
        };
        let made: Vec<Line> = made.iter().map(|key| line("key.made", key)).collect();
        let gone: Vec<Line> = gone.iter().map(|key| line("key.destroyed", key)).collect();
        let write = move |tx: &mut db::Tx<'_>| {
            for lines in [&made, &gone] {
                let Some(first) = lines.first() else { continue };
                let mut logged = log::store::purposes(tx, place.0, first.event)?;
                // Of a key whose disk was lost nobody knows that it is destroyed.
                logged.extend(log::store::purposes(tx, place.0, "key.lost")?);
                for line in lines.iter().filter(|line| !logged.contains(&line.purpose)) {
                    log::append(tx, line)?;
                }
            }
            Ok(())
        };
        Ok(self.keeper.db.write::<_, DbError, _>(Route::of(place.1.id()), write).await?)
    }
}
