//! Signed heads and receipts: Ed25519, notes in the form of C2SP `signed-note`.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::keys::bytes::{hex, sha256, unhex};
use crate::keys::{Corrupt, Key};

/// Marks the algorithm Ed25519 in the id of a key.
const ED25519_KIND: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const SIGNATURE_BYTES: usize = 64;

/// The key that signs for this vault.
pub(crate) struct Signer {
    pair: Ed25519KeyPair,
    /// Public keys that signed before the vault was restored.
    former: Vec<Vec<u8>>,
    /// Host of the vault's origin, leads the names of all logs.
    host: String,
}

impl Signer {
    /// From the seed in the keyring.
    pub(crate) fn new(seed: &Key, host: &str) -> Result<Self, Corrupt> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| Corrupt)?;
        Ok(Self { pair, former: Vec::new(), host: host.to_owned() })
    }

    /// With the public keys that signed before.
    pub(crate) fn after(mut self, former: Vec<Vec<u8>>) -> Self {
        self.former = former;
        self
    }

    /// The public key, hexadecimal.
    pub(crate) fn public(&self) -> String {
        hex(self.pair.public_key().as_ref())
    }

    /// Name of a merchant's log: `coffre.example.org/log/mer_…`.
    pub(crate) fn origin(&self, merchant: &str) -> String {
        format!("{}/log/{merchant}", self.host)
    }

    /// Hexadecimal signature of some bytes.
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        hex(self.pair.sign(bytes).as_ref())
    }

    /// Whether a hexadecimal signature of some bytes is ours.
    pub(crate) fn signed(&self, bytes: &[u8], signature: &str) -> bool {
        self.publics().any(|public| signed_by(public, bytes, signature))
    }

    /// This key, then those before it.
    fn publics(&self) -> impl Iterator<Item = &[u8]> {
        let own = self.pair.public_key().as_ref();
        std::iter::once(own).chain(self.former.iter().map(Vec::as_slice))
    }

    /// What tells this key from another node's.
    pub(crate) fn mark(&self) -> [u8; 32] {
        sha256(self.pair.public_key().as_ref())
    }

    /// The public key as witnesses write it: name, id, key.
    pub(crate) fn verifier(&self, origin: &str) -> String {
        verifier(self.pair.public_key().as_ref(), origin)
    }

    /// The keys that signed before, as witnesses write them.
    pub(crate) fn former_verifiers(&self, origin: &str) -> Vec<String> {
        self.former.iter().map(|public| verifier(public, origin)).collect()
    }

    /// The signed head of a log.
    pub(crate) fn head(&self, origin: &str, size: u64, root: &[u8]) -> String {
        let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root));
        let id = key_id(origin, self.pair.public_key().as_ref());
        let signature = self.pair.sign(text.as_bytes());
        let line = STANDARD.encode([id.as_slice(), signature.as_ref()].concat());
        format!("{text}\n— {origin} {line}\n")
    }

    /// Whether a head is ours and unaltered; its size and root then.
    pub(crate) fn check(&self, origin: &str, note: &str) -> Option<(u64, Vec<u8>)> {
        self.publics().find_map(|public| checked(public, origin, note))
    }
}

/// Whether a head of a merchant's log was signed with a public key, whatever the host was called;
/// its size and root then.
pub(crate) fn check_head(public: &[u8], merchant: &str, note: &str) -> Option<(u64, Vec<u8>)> {
    let origin = note.lines().next().filter(|origin| origin.ends_with(&format!("/log/{merchant}")));
    checked(public, origin?, note)
}

fn checked(public: &[u8], origin: &str, note: &str) -> Option<(u64, Vec<u8>)> {
    let (text, line) = note.split_once("\n\n— ")?;
    let text = format!("{text}\n");
    let line = line.trim_end().strip_prefix(origin)?.trim_start();
    let bytes = STANDARD.decode(line).ok()?;
    let (id, signature) = bytes.split_at_checked(KEY_ID_BYTES)?;
    let known = UnparsedPublicKey::new(&ED25519, public);
    if id != key_id(origin, public) || known.verify(text.as_bytes(), signature).is_err() {
        return None;
    }
    let mut lines = text.lines().skip(1);
    let size = lines.next()?.parse().ok()?;
    Some((size, STANDARD.decode(lines.next()?).ok()?))
}

fn verifier(public: &[u8], origin: &str) -> String {
    let tagged = [&[ED25519_KIND], public].concat();
    format!("{origin}+{}+{}", hex(&key_id(origin, public)), STANDARD.encode(tagged))
}

fn signed_by(public: &[u8], bytes: &[u8], signature: &str) -> bool {
    let known = UnparsedPublicKey::new(&ED25519, public);
    unhex::<SIGNATURE_BYTES>(signature)
        .is_some_and(|signature| known.verify(bytes, signature.as_slice()).is_ok())
}

/// Whether a hexadecimal signature of some bytes was made with a key: `name+id+key`.
pub(super) fn signed_with(verifier: &str, bytes: &[u8], signature: &str) -> bool {
    // The name has no plus, the key may have some.
    let tagged = verifier.trim().splitn(3, '+').nth(2).map(|key| STANDARD.decode(key));
    let Some(Ok(tagged)) = tagged else { return false };
    let Some((&ED25519_KIND, public)) = tagged.split_first() else { return false };
    signed_by(public, bytes, signature)
}

/// First bytes of the hash of name, newline, algorithm and key.
fn key_id(origin: &str, public: &[u8]) -> [u8; KEY_ID_BYTES] {
    let hash = sha256(&[origin.as_bytes(), b"\n", &[ED25519_KIND], public].concat());
    *hash.first_chunk().unwrap_or(&[0; KEY_ID_BYTES])
}

/// Host of the vault's origin: leads the names of all logs.
pub(crate) fn host_of(public_url: &str) -> &str {
    public_url.trim_end_matches('/').split("//").last().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::keys::bytes::tests::counting;
    use crate::keys::bytes::unhex;

    use super::*;

    #[test]
    fn ve_06_the_signed_head_of_the_specification() {
        let signer = Signer::new(&counting(0), "coffre.example.org").unwrap();
        let public = hex(signer.pair.public_key().as_ref());
        assert!(public.starts_with("03a107bf") && public.ends_with("125531b8"));
        let origin = signer.origin("mer_a");
        let root = unhex::<32>("32760a124a60c32c6a6fce76db7a531b4706965c31732c7ab3e827b1ac5a15b0");
        let note = signer.head(&origin, 3, root.unwrap().as_slice());
        let expected = "OiW5+nB9iIaC3GwoE6pwOY6PvpGwWFYyWtPzT/gspEWa1zKYYlxDTSTzKOA9wg3JiNSDSp7v\
                        U46KcSDxie2lqbvA8go=";
        assert!(note.ends_with(&format!("— coffre.example.org/log/mer_a {expected}\n")), "{note}");
        assert_eq!(signer.check(&origin, &note).unwrap().0, 3);
        assert!(signer.check(&origin, &note.replace("\n3\n", "\n4\n")).is_none());
        assert!(signer.check("coffre.example.org/log/mer_b", &note).is_none());
        let other = Signer::new(&counting(1), "coffre.example.org").unwrap();
        assert!(other.check(&origin, &note).is_none());
    }
}
