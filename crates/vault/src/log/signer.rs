//! Signed heads and receipts: Ed25519, notes in the form of C2SP `signed-note`.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vault_wire::proof::{LogKey, Root};

use crate::keys::bytes::{hex, sha256};
use crate::keys::{Corrupt, Key};

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
        self.publics().any(|public| LogKey::new("", public).signed(bytes, signature))
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
        LogKey::new(origin, self.pair.public_key().as_ref()).text()
    }

    /// The keys that signed before, as witnesses write them.
    pub(crate) fn former_verifiers(&self, origin: &str) -> Vec<String> {
        self.former.iter().map(|public| LogKey::new(origin, public).text()).collect()
    }

    /// The signed head of a log.
    pub(crate) fn head(&self, origin: &str, size: u64, root: &[u8]) -> String {
        let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root));
        let id = LogKey::new(origin, self.pair.public_key().as_ref()).id();
        let signature = self.pair.sign(text.as_bytes());
        let line = STANDARD.encode([id.as_slice(), signature.as_ref()].concat());
        format!("{text}\n— {origin} {line}\n")
    }

    /// Whether a head is ours and unaltered; its size and root then.
    pub(crate) fn check(&self, origin: &str, note: &str) -> Option<Root> {
        self.publics().find_map(|public| LogKey::new(origin, public).head(note))
    }
}

/// Whether a head of a merchant's log was signed with a public key, whatever the host was called;
/// its size and root then.
pub(crate) fn check_head(public: &[u8], merchant: &str, note: &str) -> Option<Root> {
    let origin = note.lines().next().filter(|origin| origin.ends_with(&format!("/log/{merchant}")));
    LogKey::new(origin?, public).head(note)
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
