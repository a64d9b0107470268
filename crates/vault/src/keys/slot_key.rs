//! What a slot holds: a card key, wrapped under the property's key and the epoch's key together.

use kernel::{Id, Rng};
use zeroize::Zeroizing;

use super::bytes::{KEY_BYTES, crc32, derive};
use super::xaes::{self, NONCE_BYTES, TAG_BYTES};
use super::{Corrupt, Key, length_prefixed};
use crate::slots::Class;

/// Bytes of a slot.
pub(crate) const SLOT_BYTES: usize = 128;
const USED_BYTES: usize = 16 + 4 + NONCE_BYTES + KEY_BYTES + TAG_BYTES + 8;

/// The keys a slot is sealed under.
pub(crate) struct SlotKeys<'k> {
    /// Of the property.
    pub(crate) property: &'k Key,
    /// Of the epoch.
    pub(crate) epoch: &'k Key,
    /// Number of the epoch.
    pub(crate) number: u32,
    /// `shop_…`
    pub(crate) shop: &'k str,
    /// What it is the key of.
    pub(crate) class: Class,
}

/// HKDF-SHA256 of both keys.
fn wrap_key(keys: &SlotKeys<'_>) -> Option<Key> {
    let mut both = Zeroizing::new([0_u8; 2 * KEY_BYTES]);
    let bits = keys.property.expose().iter().chain(keys.epoch.expose());
    for (to, from) in both.iter_mut().zip(bits) {
        *to = *from;
    }
    let epoch = keys.number.to_string();
    let info = length_prefixed(&["guichet.slot.v1", keys.shop, keys.class.word(), &epoch]);
    Key::take(derive(both.as_slice(), &[&info]).as_mut_slice())
}

/// The 128 bytes: card 16 ‖ epoch 4 ‖ nonce 24 ‖ sealed key 32 ‖ tag 16 ‖ time 8 ‖ CRC-32 4 ‖
/// zeros 24. Card, epoch and time are bound to the sealed key.
pub(crate) fn seal(
    keys: &SlotKeys<'_>,
    card: Id,
    card_key: &Key,
    micros: i64,
    rng: &dyn Rng,
) -> Result<[u8; SLOT_BYTES], Corrupt> {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill(&mut nonce);
    let wrap = wrap_key(keys).ok_or(Corrupt)?;
    let aad = context(card.as_bytes(), &keys.number.to_be_bytes(), &micros.to_be_bytes());
    let sealed = xaes::seal(&wrap, &nonce, &aad, card_key.expose().to_vec())?;
    let used: Vec<u8> = card
        .as_bytes()
        .iter()
        .copied()
        .chain(keys.number.to_be_bytes())
        .chain(nonce)
        .chain(sealed)
        .chain(micros.to_be_bytes())
        .collect();
    let check = crc32(&used).to_be_bytes();
    let mut slot = [0; SLOT_BYTES];
    for (to, from) in slot.iter_mut().zip(used.into_iter().chain(check)) {
        *to = from;
    }
    Ok(slot)
}

/// The card key of a slot, if it is the one of this card under these keys.
pub(crate) fn open(keys: &SlotKeys<'_>, card: Id, slot: &[u8]) -> Result<Key, Corrupt> {
    let parts = Parts::read(slot).ok_or(Corrupt)?;
    if parts.card != card.as_bytes() || parts.epoch != keys.number.to_be_bytes() {
        return Err(Corrupt);
    }
    let wrap = wrap_key(keys).ok_or(Corrupt)?;
    let aad = context(parts.card, parts.epoch, parts.time);
    let mut key = xaes::open(&wrap, parts.nonce, &aad, parts.sealed)?;
    Key::take(&mut key).ok_or(Corrupt)
}

/// What stands in clear on a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    /// Whose it is.
    pub(crate) card: Id,
    /// Number of the epoch that sealed it.
    pub(crate) epoch: u32,
    /// When the key in it was made, in microseconds.
    pub(crate) micros: i64,
}

/// The label of a whole slot; nothing of an empty, torn or overwritten one.
pub(crate) fn label(slot: &[u8]) -> Option<Label> {
    let parts = Parts::read(slot)?;
    Some(Label {
        card: Id::from_bytes(parts.card.try_into().ok()?),
        epoch: u32::from_be_bytes(parts.epoch.try_into().ok()?),
        micros: i64::from_be_bytes(parts.time.try_into().ok()?),
    })
}

struct Parts<'s> {
    card: &'s [u8],
    epoch: &'s [u8],
    nonce: &'s [u8; NONCE_BYTES],
    sealed: &'s [u8],
    time: &'s [u8],
}

impl<'s> Parts<'s> {
    /// The parts of a whole slot; `None` for an empty, torn or overwritten one.
    fn read(slot: &'s [u8]) -> Option<Self> {
        let (used, rest) = slot.split_at_checked(USED_BYTES)?;
        let (check, _) = rest.split_at_checked(4)?;
        if slot.len() != SLOT_BYTES || check != crc32(used).to_be_bytes() {
            return None;
        }
        let (card, rest) = used.split_at_checked(16)?;
        let (epoch, rest) = rest.split_at_checked(4)?;
        let (nonce, rest) = rest.split_at_checked(NONCE_BYTES)?;
        let (sealed, time) = rest.split_at_checked(KEY_BYTES + TAG_BYTES)?;
        Some(Self { card, epoch, nonce: nonce.try_into().ok()?, sealed, time })
    }
}

fn context(card: &[u8], epoch: &[u8], time: &[u8]) -> Vec<u8> {
    [b"guichet.slot.v1\0".as_slice(), card, epoch, time].concat()
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use crate::keys::bytes::hex;
    use crate::keys::bytes::tests::counting;

    use super::*;

    #[test]
    fn ve_04_wrap_key_of_the_specification() {
        let (property, epoch) = (counting(0), counting(0x20));
        let keys = SlotKeys {
            property: &property,
            epoch: &epoch,
            number: 7,
            shop: "shop_b",
            class: Class::Code,
        };
        assert_eq!(
            hex(wrap_key(&keys).unwrap().expose()),
            "8d8f572cf366030e2c1c1d3d55ae5347a59bb4279429a8a02e8b630fe014f560"
        );
    }

    #[test]
    fn v_123_a_slot_opens_only_at_its_place() {
        let (property, epoch) = (counting(0), counting(0x20));
        let keys = SlotKeys {
            property: &property,
            epoch: &epoch,
            number: 1,
            shop: "shop_b",
            class: Class::Number,
        };
        let rng = SeededRng::new(3);
        let (card, other) = (Id::random(&rng), Id::random(&rng));
        let slot = seal(&keys, card, &counting(9), 77, &rng).unwrap();
        assert_eq!(label(&slot), Some(Label { card, epoch: 1, micros: 77 }));
        assert_eq!(label(&[0; SLOT_BYTES]), None);
        assert_eq!(slot.get(..16).unwrap(), card.as_bytes());
        assert_eq!(slot.get(92..100).unwrap(), 77_i64.to_be_bytes());
        assert_eq!(slot.get(104..).unwrap(), [0; 24]);
        assert_eq!(open(&keys, card, &slot).unwrap().expose(), counting(9).expose());
        assert!(open(&keys, other, &slot).is_err());
        let elsewhere = SlotKeys { shop: "shop_c", ..keys };
        assert!(open(&elsewhere, card, &slot).is_err());
        let other_class = SlotKeys { class: Class::Code, ..keys };
        assert!(open(&other_class, card, &slot).is_err());
        for at in 0..104 {
            let mut bent = slot;
            *bent.get_mut(at).unwrap() ^= 0x10;
            assert!(open(&keys, card, &bent).is_err(), "byte {at}");
        }
    }
}
