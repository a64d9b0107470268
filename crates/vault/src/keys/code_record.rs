//! A security code as held: sealed under a key of its own, which is in a slot of codes only.
//!
//! Stored bytes: nonce (24) ‖ commitment (32) ‖ sealed text (32 + 16). The text is four bytes of
//! digits, zero-padded, and 28 random bytes: ten thousand guesses at a code cannot be compared with
//! anything.

use kernel::Rng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::bytes::KEY_BYTES;
use super::record::{Place, commit};
use super::xaes::{self, NONCE_BYTES};
use super::{Corrupt, Key, length_prefixed};

const DIGITS_BYTES: usize = 4;
const TEXT_BYTES: usize = 32;

fn aad(place: &Place) -> Vec<u8> {
    let version = place.version.to_string();
    let (merchant, shop, card) = (&place.merchant, &place.shop, &place.card);
    length_prefixed(&["guichet.code.v1", merchant, shop, card, "code", &version])
}

/// Seals the digits of a code.
pub(crate) fn seal(
    key: &Key,
    place: &Place,
    digits: &str,
    rng: &dyn Rng,
) -> Result<Vec<u8>, Corrupt> {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill(&mut nonce);
    let mut text = Zeroizing::new([0; TEXT_BYTES]);
    rng.fill(text.as_mut_slice());
    let (room, _) = text.split_at_mut(DIGITS_BYTES);
    room.fill(0);
    if digits.len() > room.len() {
        return Err(Corrupt);
    }
    for (to, from) in room.iter_mut().zip(digits.bytes()) {
        *to = from;
    }
    let sealed = xaes::seal(key, &nonce, &aad(place), text.to_vec())?;
    Ok(nonce.into_iter().chain(*commit(key, &nonce)).chain(sealed).collect())
}

/// Opens a code, if it is the one of this key and this place.
pub(crate) fn open(key: &Key, place: &Place, record: &[u8]) -> Result<Zeroizing<String>, Corrupt> {
    let text = open_text(key, place, record)?;
    let digits = text.get(..DIGITS_BYTES).ok_or(Corrupt)?;
    let digits = std::str::from_utf8(digits).map_err(|_| Corrupt)?;
    Ok(Zeroizing::new(digits.trim_end_matches('\0').to_owned()))
}

/// The random bytes that fill a code's text: whoever finds them has had the whole text.
pub(crate) fn open_padding(
    key: &Key,
    place: &Place,
    record: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Corrupt> {
    let text = open_text(key, place, record)?;
    Ok(Zeroizing::new(text.get(DIGITS_BYTES..).ok_or(Corrupt)?.to_vec()))
}

fn open_text(key: &Key, place: &Place, record: &[u8]) -> Result<Zeroizing<Vec<u8>>, Corrupt> {
    let (nonce, rest) = record.split_first_chunk::<NONCE_BYTES>().ok_or(Corrupt)?;
    let (commitment, sealed) = rest.split_at_checked(KEY_BYTES).ok_or(Corrupt)?;
    if !bool::from(commit(key, nonce).as_slice().ct_eq(commitment)) {
        return Err(Corrupt);
    }
    xaes::open(key, nonce, &aad(place), sealed)
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use crate::keys::bytes::tests::counting;

    use super::*;

    #[test]
    fn v_86_a_code_opens_only_at_its_place_and_looks_different_each_time() {
        let text = str::to_owned;
        let place =
            Place { merchant: text("mer_a"), shop: text("shop_b"), card: text("c"), version: 1 };
        let rng = SeededRng::new(1);
        for digits in ["123", "1234"] {
            let record = seal(&counting(0), &place, digits, &rng).unwrap();
            assert_eq!(record.len(), 24 + 32 + 32 + 16);
            assert_ne!(record, seal(&counting(0), &place, digits, &rng).unwrap());
            assert_eq!(open(&counting(0), &place, &record).unwrap().as_str(), digits);
            assert!(open(&counting(1), &place, &record).is_err());
            let other = Place { card: text("d"), ..place.clone() };
            assert!(open(&counting(0), &other, &record).is_err());
            for length in 0..record.len() {
                assert!(open(&counting(0), &place, record.get(..length).unwrap()).is_err());
            }
        }
        assert!(seal(&counting(0), &place, "12345", &rng).is_err());
    }
}
