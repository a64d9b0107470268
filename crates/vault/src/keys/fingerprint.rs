//! The same number of the same merchant has the same fingerprint; nobody without the merchant's
//! key can compute it, and two merchants never share one.

use super::Key;

/// Bytes of a fingerprint.
pub(crate) const FINGERPRINT_BYTES: usize = 16;
const CONTEXT: &[u8] = b"guichet.pan.v1\0";

/// HMAC-SHA256 of the digits under the merchant's key, its first half.
pub(crate) fn of_digits(key: &Key, digits: &str) -> [u8; FINGERPRINT_BYTES] {
    let mut short = [0; FINGERPRINT_BYTES];
    for (to, from) in short.iter_mut().zip(key.hmac(&[CONTEXT, digits.as_bytes()])) {
        *to = from;
    }
    short
}

/// `fp_` and 26 characters.
pub(crate) fn text(fingerprint: [u8; FINGERPRINT_BYTES]) -> String {
    format!("fp_{}", kernel::Id::from_bytes(fingerprint).text())
}

/// Reads such a text.
pub(crate) fn parse(text: &str) -> Option<[u8; FINGERPRINT_BYTES]> {
    let id = kernel::Id::parse(text.strip_prefix("fp_")?).ok()?;
    Some(*id.as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::keys::bytes::hex;
    use crate::keys::bytes::tests::counting;

    use super::*;

    #[test]
    fn v_34_ve_02_fingerprints_of_the_specification() {
        let of = |first, digits| text(of_digits(&counting(first), digits));
        assert_eq!(
            hex(&counting(0).hmac(&[CONTEXT, b"5207000000000000"])),
            "0de87c596f256865bdd86e4a17e9b52024521706698a49603b38d0cbbf86da21"
        );
        assert_eq!(of(0, "5207000000000000"), "fp_0dx1y5jvs5d1jvvp3e98bykd90");
        assert_eq!(of(0, "4242424242424242"), "fp_2z63jt5v04cn4gnvq5ym0zaby4");
        assert_eq!(of(0x20, "5207000000000000"), "fp_7syzzn67rzcp0hb5p338y0cz31");
    }
}
