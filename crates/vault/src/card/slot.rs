//! The slots of cards and codes: under which keys they are sealed, opened, and sealed anew.

use kernel::{CardToken, Id};

use super::keep::{KeepError, Keeper};
use crate::keys::slot_key::{self, SLOT_BYTES, SlotKeys};
use crate::keys::{Corrupt, Key};
use crate::shop::Shop;
use crate::slots::{Class, Remains, Resealed, SlotError, SlotIndex, Slots};

/// What is to be done with a slot when its epoch is over.
pub(crate) enum Anew {
    /// Nothing: it is of the newest epoch, or does not open and is counted as an old one.
    No,
    /// Write it so.
    Seal(Box<Resealed>),
    /// It is torn, blank, another card's, or cannot be read.
    Missing,
}

/// The number of no epoch: a slot in a backup is under the backup's key instead.
const NO_EPOCH: u32 = 0;

const fn for_backup<'k>((property, backup): (&'k Key, &'k Key), shop: &'k str) -> SlotKeys<'k> {
    SlotKeys { property, epoch: backup, number: NO_EPOCH, shop, class: Class::Number }
}

/// A slot that is sealed anew between two looks is read again.
const LOOKS: u8 = 3;

impl Keeper {
    /// The file of a class.
    pub(crate) const fn file(&self, class: Class) -> &Slots {
        match class {
            Class::Number => &self.slots,
            Class::Code => &self.code_slots,
        }
    }

    /// Seals under the newest keys: that of the epoch is taken first (see [`crate::keys`]).
    fn seal_slot(
        &self,
        (shop, class): (&Shop, Class),
        (card, key): (Id, &Key),
        micros: i64,
    ) -> Result<[u8; SLOT_BYTES], Corrupt> {
        let epoch = self.keyring.newest(class)?;
        let property = shop.keys.of(class).newest()?;
        let keys = SlotKeys {
            property: &property.key,
            epoch: &epoch.key,
            number: epoch.number,
            shop: &shop.settings.shop.to_string(),
            class,
        };
        slot_key::seal(&keys, card, key, micros, &*self.rng)
    }

    /// Puts a key of a card or of a code into a slot; durable when this completes.
    pub(crate) async fn put_key(
        &self,
        (shop, class): (&Shop, Class),
        (card, key): (Id, &Key),
        micros: i64,
    ) -> Result<SlotIndex, KeepError> {
        loop {
            let slot = self.seal_slot((shop, class), (card, key), micros)?;
            match self.file(class).put(slot).await {
                // Another epoch has begun since: under the newest one, then.
                Err(SlotError::Retired) => {}
                other => return Ok(other?),
            }
        }
    }

    /// Destroys the slot that a row names, if it names one; what it held.
    pub(super) async fn destroy_slot(
        &self,
        (class, index): (Class, Option<SlotIndex>),
        card: CardToken,
    ) -> Result<Option<Remains>, SlotError> {
        match index {
            Some(index) => self.file(class).destroy(index, card.id()).await,
            None => Ok(None),
        }
    }

    /// The key that a slot holds for a card.
    pub(super) fn key_in(
        &self,
        (shop, class): (&Shop, Class),
        card: CardToken,
        index: SlotIndex,
    ) -> Result<Key, KeepError> {
        for _ in 0..LOOKS {
            let slot = self.file(class).get(index)?;
            if let Some(key) = self.open_slot((shop, class), card, &slot) {
                return Ok(key);
            }
        }
        tracing::error!(%card, class = class.word(), "ALARM: a slot does not open");
        Err(KeepError::Corrupt)
    }

    /// The slot of a card for a backup: its key under the property's newest key and that of the
    /// backup. Nothing when the slot is not the card's any more, or does not open.
    pub(crate) fn slot_for_backup(
        &self,
        shop: &Shop,
        (card, index): (CardToken, SlotIndex),
        backup: &Key,
    ) -> Option<[u8; SLOT_BYTES]> {
        let slot = self.file(Class::Number).get(index).ok()?;
        let micros = slot_key::label(&slot)?.micros;
        let key = self.open_slot((shop, Class::Number), card, &slot)?;
        let property = shop.keys.of(Class::Number).newest().ok()?;
        let name = shop.settings.shop.to_string();
        let keys = for_backup((&property.key, backup), &name);
        slot_key::seal(&keys, card.id(), &key, micros, &*self.rng).ok()
    }

    /// The key of a card out of a backup, and when it was made.
    pub(crate) fn key_of_backup(
        shop: &Shop,
        card: CardToken,
        (slot, backup): (&[u8; SLOT_BYTES], &Key),
    ) -> Option<(Key, i64)> {
        let micros = slot_key::label(slot)?.micros;
        let name = shop.settings.shop.to_string();
        let opened = |property: &Key| {
            slot_key::open(&for_backup((property, backup), &name), card.id(), slot).ok()
        };
        let versions = shop.keys.of(Class::Number).all();
        Some((versions.iter().find_map(|version| opened(&version.key))?, micros))
    }

    fn open_slot(
        &self,
        (shop, class): (&Shop, Class),
        card: CardToken,
        slot: &[u8],
    ) -> Option<Key> {
        let epoch = self.keyring.of(class, slot_key::label(slot)?.epoch)?;
        let name = shop.settings.shop.to_string();
        let opened = |property: &Key| {
            let keys =
                SlotKeys { property, epoch: &epoch.key, number: epoch.number, shop: &name, class };
            slot_key::open(&keys, card.id(), slot).ok()
        };
        shop.keys.of(class).all().iter().find_map(|version| opened(&version.key))
    }

    /// A slot of an epoch before `epoch`, sealed anew under the newest keys.
    pub(crate) fn resealed(
        &self,
        (shop, class): (&Shop, Class),
        (card, index): (CardToken, SlotIndex),
        epoch: u32,
    ) -> Result<Anew, KeepError> {
        let old = match self.file(class).get(index) {
            Ok(old) => old,
            Err(error) => {
                tracing::error!(%card, %error, "ALARM: a slot cannot be read");
                return Ok(Anew::Missing);
            }
        };
        let label = slot_key::label(&old);
        let Some(label) = label.filter(|label| label.card == card.id()) else {
            return Ok(Anew::Missing);
        };
        if label.epoch >= epoch {
            return Ok(Anew::No);
        }
        let Some(key) = self.open_slot((shop, class), card, &old) else {
            tracing::error!(%card, class = class.word(), "ALARM: a slot does not open");
            return Ok(Anew::No);
        };
        let new = self.seal_slot((shop, class), (card.id(), &key), label.micros)?;
        Ok(Anew::Seal(Box::new(Resealed { index, old, new })))
    }
}
