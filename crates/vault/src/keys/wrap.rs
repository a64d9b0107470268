//! Keys at rest: wrapped under the root, bound to what they are for.

use kernel::Rng;
use subtle::ConstantTimeEq;

use super::bytes::KEY_BYTES;
use super::xaes::{self, NONCE_BYTES, TAG_BYTES};
use super::{Corrupt, Key, Root, length_prefixed};

/// Bytes of a key that was wrapped here: a device's nonce is shorter.
pub(crate) const HERE_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// What a wrapped key is for; a key put in another's place does not open.
#[derive(Debug, Clone)]
pub(crate) struct Purpose<'p> {
    /// `property_number`, `fingerprint`, `body`, `epoch_number`.
    pub(crate) kind: &'p str,
    /// `mer_…`, or empty for a key of the whole vault.
    pub(crate) merchant: &'p str,
    /// `shop_…`, or empty.
    pub(crate) shop: &'p str,
    /// Counts the changes of the key.
    pub(crate) version: u32,
}

impl Purpose<'_> {
    fn aad(&self) -> Vec<u8> {
        let version = self.version.to_string();
        length_prefixed(&["guichet.key.v1", self.kind, self.merchant, self.shop, &version])
    }
}

/// Nonce ‖ sealed key ‖ tag: XAES-256-GCM here, AES-256-GCM in a device.
pub(crate) fn wrap(
    root: &Root,
    purpose: &Purpose<'_>,
    key: &Key,
    rng: &dyn Rng,
) -> Result<Vec<u8>, Corrupt> {
    let root = match root {
        Root::Here(root) => root,
        Root::Device(token) => return token.seal(&purpose.aad(), key.expose(), rng),
    };
    let mut nonce = [0; NONCE_BYTES];
    rng.fill(&mut nonce);
    let sealed = xaes::seal(root, &nonce, &purpose.aad(), key.expose().to_vec())?;
    Ok(nonce.into_iter().chain(sealed).collect())
}

/// The same under another root, which has opened it again: what a device has sealed wrongly must not
/// take the place of a key that opens.
pub(crate) fn wrap_anew(
    root: &Root,
    purpose: &Purpose<'_>,
    key: &Key,
    rng: &dyn Rng,
) -> Result<Vec<u8>, Corrupt> {
    let wrapped = wrap(root, purpose, key, rng)?;
    let back = unwrap(root, purpose, &wrapped)?;
    if bool::from(back.expose().as_slice().ct_eq(key.expose().as_slice())) {
        Ok(wrapped)
    } else {
        Err(Corrupt)
    }
}

/// Undoes [`wrap`].
pub(crate) fn unwrap(root: &Root, purpose: &Purpose<'_>, wrapped: &[u8]) -> Result<Key, Corrupt> {
    let root = match root {
        Root::Here(root) => root,
        Root::Device(token) => {
            return Key::take(&mut token.open(&purpose.aad(), wrapped)?).ok_or(Corrupt);
        }
    };
    let (nonce, sealed) = wrapped.split_at_checked(NONCE_BYTES).ok_or(Corrupt)?;
    let nonce = nonce.try_into().map_err(|_| Corrupt)?;
    let mut key = xaes::open(root, nonce, &purpose.aad(), sealed)?;
    Key::take(&mut key).ok_or(Corrupt)
}

/// The same of hexadecimal digits.
pub(crate) fn unwrap_hex(root: &Root, purpose: &Purpose<'_>, digits: &str) -> Result<Key, Corrupt> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let wrapped: Option<Vec<u8>> = pairs.map(byte).collect();
    unwrap(root, purpose, &wrapped.ok_or(Corrupt)?)
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use crate::keys::bytes::tests::counting;

    use super::*;

    #[test]
    fn a_key_opens_only_for_its_purpose() {
        let root = Root::Here(counting(0));
        let purpose = Purpose { kind: "fingerprint", merchant: "mer_a", shop: "", version: 1 };
        let wrapped = wrap(&root, &purpose, &counting(5), &SeededRng::new(1)).unwrap();
        assert_eq!(unwrap(&root, &purpose, &wrapped).unwrap().expose(), counting(5).expose());
        let other = Purpose { merchant: "mer_b", ..purpose.clone() };
        assert!(unwrap(&root, &other, &wrapped).is_err());
        assert!(unwrap(&Root::Here(counting(1)), &purpose, &wrapped).is_err());
        assert!(unwrap(&root, &purpose, &[0; 10]).is_err());
        assert_eq!(wrapped.len(), HERE_BYTES);
        let anew = wrap_anew(&root, &purpose, &counting(5), &SeededRng::new(2)).unwrap();
        assert_eq!(unwrap(&root, &purpose, &anew).unwrap().expose(), counting(5).expose());
    }
}
