//! 256 bits that are wiped when dropped and cannot be printed, copied or compared by accident.

use aws_lc_rs::{digest, hkdf, hmac};
use kernel::Rng;
use zeroize::{Zeroize, Zeroizing};

use crate::kernel_calls::Cell;

/// Bytes of every key here.
pub(crate) const KEY_BYTES: usize = 32;
/// No deeper do the functions of the library go that have a text on the stack.
const STACK_BYTES: usize = 8_192;

/// A key. In a cell of the arena, so that a move copies the pointer and not the bits.
pub(crate) struct Key(Cell);

impl Key {
    /// A new key.
    pub(crate) fn random(rng: &dyn Rng) -> Self {
        let mut cell = Cell::new();
        rng.fill(cell.bytes_mut::<KEY_BYTES>());
        Self(cell)
    }

    /// Takes bytes over and wipes where they came from.
    pub(crate) fn take(bytes: &mut [u8]) -> Option<Self> {
        let key = (bytes.len() == KEY_BYTES).then(|| {
            let mut cell = Cell::new();
            cell.bytes_mut::<KEY_BYTES>().copy_from_slice(bytes);
            Self(cell)
        });
        bytes.zeroize();
        key
    }

    /// The bits; the name is long so that each use is seen in review.
    pub(crate) fn expose(&self) -> &[u8; KEY_BYTES] {
        self.0.bytes()
    }

    /// HMAC-SHA256 of `parts`, one after the other. They may be a card's digits: the hash keeps its
    /// last block, and copies of it, on the stack.
    pub(crate) fn hmac(&self, parts: &[&[u8]]) -> [u8; KEY_BYTES] {
        let tag = self.hmac_on_stack(parts);
        wipe_stack();
        tag
    }

    #[inline(never)]
    fn hmac_on_stack(&self, parts: &[&[u8]]) -> [u8; KEY_BYTES] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.expose());
        let mut context = hmac::Context::with_key(&key);
        for part in parts {
            context.update(part);
        }
        let mut tag = [0; KEY_BYTES];
        for (to, from) in tag.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        tag
    }
}

/// Writes zeros over what functions that have returned left below on the stack.
#[inline(never)]
fn wipe_stack() {
    let mut room = [0_u8; STACK_BYTES];
    room.zeroize();
    std::hint::black_box(&room);
}

/// HKDF-SHA256 with an empty salt (RFC 5869), 32 bytes out.
pub(crate) fn derive(material: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut out = Zeroizing::new([0; KEY_BYTES]);
    let pseudo_random = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(material);
    // 32 bytes is one block of the hash: neither step can fail.
    let filled =
        pseudo_random.expand(info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(out.as_mut_slice()));
    if filled.is_err() {
        std::process::abort();
    }
    out
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    let digest = digest::digest(&digest::SHA256, bytes);
    for (to, from) in hash.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    hash
}

/// CRC-32 of IEEE 802.3, against torn writes and slips of the pen; protects nothing secret.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            let shifted = crc >> 1;
            if crc & 1 == 1 { shifted ^ 0xedb8_8320 } else { shifted }
        })
    })
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads hexadecimal of exactly `N` bytes.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    if text.len() != N.checked_mul(2)? || !text.is_ascii() {
        return None;
    }
    for (place, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok().filter(|p| !p.starts_with('+'))?;
        *place = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The key 00 01 02 … from `first` on.
    pub(crate) fn counting(first: u8) -> Key {
        let mut bytes: Vec<u8> = (first..).take(KEY_BYTES).collect();
        Key::take(&mut bytes).unwrap()
    }

    #[test]
    fn the_check_sum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(hex(&[0, 255]), "00ff");
        assert!(unhex::<2>("00fF").is_some() && unhex::<2>("00f").is_none());
        assert!(unhex::<2>("+0f0").is_none() && unhex::<2>("é0f").is_none());
    }
}
