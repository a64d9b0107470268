//! XAES-256-GCM (C2SP): AES-256-GCM with nonces of 24 random bytes.
//!
//! The first 12 bytes of the nonce derive a key, the last 12 are the nonce under it. The
//! derivation is the key derivation of NIST SP 800-108r1 in counter mode with CMAC over one
//! block, so two calls of the library's AES-CMAC give it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::cmac;
use zeroize::Zeroizing;

use super::{Corrupt, Key};

/// Bytes of a nonce.
pub(crate) const NONCE_BYTES: usize = 24;
/// Bytes that sealing adds.
pub(crate) const TAG_BYTES: usize = 16;

/// Seals `text` in place; the tag is appended.
pub(crate) fn seal(
    key: &Key,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    mut text: Vec<u8>,
) -> Result<Vec<u8>, Corrupt> {
    let (derived, nonce) = derive(key, nonce)?;
    derived.seal_in_place_append_tag(nonce, Aad::from(aad), &mut text).map_err(|_| Corrupt)?;
    Ok(text)
}

/// Opens what [`seal`] made; the text is wiped when dropped.
pub(crate) fn open(
    key: &Key,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Corrupt> {
    let (derived, nonce) = derive(key, nonce)?;
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let length =
        derived.open_in_place(nonce, Aad::from(aad), &mut buffer).map_err(|_| Corrupt)?.len();
    buffer.truncate(length);
    Ok(buffer)
}

fn derive(key: &Key, nonce: &[u8; NONCE_BYTES]) -> Result<(LessSafeKey, Nonce), Corrupt> {
    let (for_key, for_nonce) = nonce.split_at(NONCE_BYTES - NONCE_LEN);
    let cmac_key = cmac::Key::new(cmac::AES_256, key.expose()).map_err(|_| Corrupt)?;
    let mut derived = Zeroizing::new([0_u8; 32]);
    for (counter, half) in (1_u8..).zip(derived.chunks_exact_mut(16)) {
        let mut context = cmac::Context::with_key(&cmac_key);
        context.update(&[0, counter, b'X', 0]).map_err(|_| Corrupt)?;
        context.update(for_key).map_err(|_| Corrupt)?;
        half.copy_from_slice(context.sign().map_err(|_| Corrupt)?.as_ref());
    }
    let unbound = UnboundKey::new(&AES_256_GCM, derived.as_slice()).map_err(|_| Corrupt)?;
    let nonce = Nonce::try_assume_unique_for_key(for_nonce).map_err(|_| Corrupt)?;
    Ok((LessSafeKey::new(unbound), nonce))
}

#[cfg(test)]
mod tests {
    use crate::keys::bytes::hex;

    use super::*;

    #[test]
    fn ve_03_published_vectors() {
        let nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX";
        let text = || b"XAES-256-GCM".to_vec();
        let one = Key::take(&mut [1; 32]).unwrap();
        let three = Key::take(&mut [3; 32]).unwrap();
        let sealed = seal(&one, nonce, b"", text()).unwrap();
        assert_eq!(hex(&sealed), "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
        let aad = b"c2sp.org/XAES-256-GCM";
        let sealed = seal(&three, nonce, aad, text()).unwrap();
        assert_eq!(hex(&sealed), "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
        assert_eq!(open(&three, nonce, aad, &sealed).unwrap().as_slice(), b"XAES-256-GCM");
        for length in 0..sealed.len() {
            assert!(open(&three, nonce, aad, sealed.get(..length).unwrap()).is_err());
        }
    }
}
