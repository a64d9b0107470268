//! A card as stored: number, expiry and holder sealed under a key of its own.
//!
//! Stored bytes: nonce (24) ‖ commitment (32) ‖ sealed text (256 + 16). The text is canonical JSON
//! `{"h","m","n","y"}` filled with zeros to 256 bytes, so that its length tells nothing. The
//! commitment ties the bytes to one key: an authenticated cipher alone does not.

use kernel::Rng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::bytes::{KEY_BYTES, derive};
use super::xaes::{self, NONCE_BYTES, TAG_BYTES};
use super::{Corrupt, Key, length_prefixed};

/// Length of the text before sealing.
const TEXT_BYTES: usize = 256;
/// Length of a stored record.
pub(crate) const RECORD_BYTES: usize = NONCE_BYTES + KEY_BYTES + TEXT_BYTES + TAG_BYTES;
const COMMIT_INFO: &[u8] = b"guichet.commit.v1";

/// Where a record belongs; sealed with it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `mer_…`
    pub(crate) merchant: String,
    /// `shop_…`
    pub(crate) shop: String,
    /// `card_…`
    pub(crate) card: String,
    /// Counts the numbers this token has had.
    pub(crate) version: u32,
}

impl Place {
    fn aad(&self) -> Vec<u8> {
        let version = self.version.to_string();
        length_prefixed(&[
            "guichet.card.v1",
            &self.merchant,
            &self.shop,
            &self.card,
            "pan",
            &version,
        ])
    }
}

/// The text of a record. No copy, no print; wiped when dropped.
pub(crate) struct Plain {
    /// Digits of the number.
    pub(crate) number: String,
    /// 1 to 12.
    pub(crate) month: u8,
    /// Four digits.
    pub(crate) year: u16,
    /// Name on the card, possibly empty.
    pub(crate) holder: String,
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.number.zeroize();
        self.holder.zeroize();
    }
}

/// Seals a record.
pub(crate) fn seal(
    key: &Key,
    place: &Place,
    plain: &Plain,
    rng: &dyn Rng,
) -> Result<Vec<u8>, Corrupt> {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill(&mut nonce);
    seal_with(key, place, plain, nonce)
}

fn seal_with(
    key: &Key,
    place: &Place,
    plain: &Plain,
    nonce: [u8; NONCE_BYTES],
) -> Result<Vec<u8>, Corrupt> {
    let text = write(plain)?;
    let sealed = xaes::seal(key, &nonce, &place.aad(), text)?;
    let commitment = commit(key, &nonce);
    Ok(nonce.into_iter().chain(*commitment).chain(sealed).collect())
}

/// Opens a record, if it is the one of this key and this place.
pub(crate) fn open(key: &Key, place: &Place, record: &[u8]) -> Result<Plain, Corrupt> {
    if record.len() != RECORD_BYTES {
        return Err(Corrupt);
    }
    let (nonce, rest) = record.split_at(NONCE_BYTES);
    let (commitment, sealed) = rest.split_at(KEY_BYTES);
    let nonce: &[u8; NONCE_BYTES] = nonce.try_into().map_err(|_| Corrupt)?;
    if !bool::from(commit(key, nonce).as_slice().ct_eq(commitment)) {
        return Err(Corrupt);
    }
    let text = xaes::open(key, nonce, &place.aad(), sealed)?;
    read(&text)
}

/// Ties sealed bytes to one key.
pub(super) fn commit(key: &Key, nonce: &[u8; NONCE_BYTES]) -> Zeroizing<[u8; KEY_BYTES]> {
    derive(key.expose(), &[COMMIT_INFO, nonce])
}

/// Canonical JSON (RFC 8785), filled to [`TEXT_BYTES`].
fn write(plain: &Plain) -> Result<Vec<u8>, Corrupt> {
    let holder = Zeroizing::new(serde_json::to_string(&plain.holder).map_err(|_| Corrupt)?);
    let json = Zeroizing::new(format!(
        r#"{{"h":{},"m":{},"n":"{}","y":{}}}"#,
        *holder, plain.month, plain.number, plain.year
    ));
    if json.len() > TEXT_BYTES {
        return Err(Corrupt);
    }
    let mut text = Vec::with_capacity(TEXT_BYTES + TAG_BYTES);
    text.extend_from_slice(json.as_bytes());
    text.resize(TEXT_BYTES, 0);
    Ok(text)
}

fn read(text: &[u8]) -> Result<Plain, Corrupt> {
    #[derive(serde::Deserialize)]
    struct Text {
        h: String,
        m: u8,
        n: String,
        y: u16,
    }
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    let json = text.get(..end).ok_or(Corrupt)?;
    let Text { h, m, n, y } = serde_json::from_slice(json).map_err(|_| Corrupt)?;
    Ok(Plain { number: n, month: m, year: y, holder: h })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::keys::bytes::hex;
    use crate::keys::bytes::tests::counting;

    use super::*;

    fn place(card: &str) -> Place {
        let text = str::to_owned;
        Place { merchant: text("mer_a"), shop: text("shop_b"), card: text(card), version: 1 }
    }

    fn francois() -> Plain {
        Plain { number: "5207000000000000".into(), month: 6, year: 2030, holder: "Francois".into() }
    }

    fn sealed() -> Vec<u8> {
        let nonce: Vec<u8> = (0x40..0x58).collect();
        seal_with(&counting(0), &place("card_c"), &francois(), nonce.try_into().unwrap()).unwrap()
    }

    #[test]
    fn ve_03_the_record_of_the_specification() {
        let record = sealed();
        let text = record.get(NONCE_BYTES + KEY_BYTES..).unwrap();
        assert_eq!(text.len(), 272);
        assert_eq!(hex(text.get(..16).unwrap()), "05e32ef1dad1230b58c840e2d749cac2");
        assert_eq!(hex(text.get(256..).unwrap()), "00e228d8909935cff247ad75a465132f");
        assert_eq!(
            hex(record.get(NONCE_BYTES..NONCE_BYTES + KEY_BYTES).unwrap()),
            "d46f6a0c159b9d1396c6fd7a7d8c01314176a2002aa95f1333f5d0a47e5dd70e"
        );
        assert_eq!(
            hex(&place("card_c").aad()),
            "000f677569636865742e636172642e763100056d65725f61000673686f705f620006636172645f63\
             000370616e000131"
        );
        let opened = open(&counting(0), &place("card_c"), &record).unwrap();
        assert_eq!(
            (opened.number.as_str(), opened.month, opened.year),
            ("5207000000000000", 6, 2030)
        );
        assert_eq!(opened.holder, "Francois");
    }

    #[test]
    fn ve_03_a_moved_or_altered_record_does_not_open() {
        let record = sealed();
        assert!(open(&counting(0), &place("card_d"), &record).is_err());
        assert!(open(&counting(1), &place("card_c"), &record).is_err());
        for at in 0..record.len() {
            let mut bent = record.clone();
            *bent.get_mut(at).unwrap() ^= 1;
            assert!(open(&counting(0), &place("card_c"), &bent).is_err(), "byte {at}");
            assert!(open(&counting(0), &place("card_c"), record.get(..at).unwrap()).is_err());
        }
    }

    #[test]
    fn a_name_that_does_not_fit_is_an_error() {
        let mut plain = francois();
        plain.holder = "x".repeat(230);
        assert!(write(&plain).is_err());
    }

    proptest! {
        #[test]
        fn every_card_reads_back(number in "[0-9]{12,19}", month in 1_u8..13, holder in "\\PC{0,40}") {
            let plain = Plain { number: number.clone(), month, year: 2031, holder: holder.clone() };
            let rng = kernel::rng::SeededRng::new(7);
            let record = seal(&counting(3), &place("card_x"), &plain, &rng).unwrap();
            prop_assert_eq!(record.len(), RECORD_BYTES);
            let back = open(&counting(3), &place("card_x"), &record).unwrap();
            prop_assert_eq!((&back.number, back.month, &back.holder), (&number, month, &holder));
        }
    }
}
