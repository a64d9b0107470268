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
    pub(super) async fn put_key(
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
