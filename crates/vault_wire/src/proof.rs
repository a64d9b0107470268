//! Checking what the vault's log says without believing the vault, the property or the operator.
//!
//! Everything needed is public: hashes of RFC 6962, signed heads of C2SP `tlog-checkpoint`, and
//! commitments SHA-256(salt ‖ details). Staff's full names and addresses are not needed: where
//! details have a part that is sealed, the commitment binds its hash, and whoever has the details
//! without that part still opens the commitment.
//!
//! Limits: whoever checks must know the log's public key from somewhere he trusts; a head tells
//! nothing of what came after it.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ct_merkle::{InclusionProof, RootHash};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

use crate::log::ProvedEntry;

/// Marks the algorithm Ed25519 in the id of a key.
const ED25519_KIND: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const HASH_BYTES: usize = 32;
/// The part of details that only its hash is shown of.
pub const SEALED: &str = "sealed";
/// Form of the file that a guest takes home.
pub const CARD_FILE_FORM: &str = "guichet-card-log-1";

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads hexadecimal; nothing for anything else.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let is_hex = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    let pairs = digits.chunks(2).filter(|_| is_hex);
    let read: Vec<u8> =
        pairs.filter_map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect();
    is_hex.then_some(read)
}

fn sha256(bytes: &[u8]) -> [u8; HASH_BYTES] {
    let mut hash = [0; HASH_BYTES];
    for (to, from) in hash.iter_mut().zip(digest(&SHA256, bytes).as_ref()) {
        *to = *from;
    }
    hash
}

/// The public key of a log, as witnesses write it (C2SP `signed-note`): `name+id+key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    origin: String,
    public: Vec<u8>,
}

/// Size and root of a log.
pub type Root = (u64, Vec<u8>);

impl LogKey {
    /// The key of the log with this name.
    #[must_use]
    pub fn new(origin: &str, public: &[u8]) -> Self {
        Self { origin: origin.to_owned(), public: public.to_vec() }
    }

    /// Reads `name+id+key`; nothing when the id is not the key's.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // The name has no plus, the key may have some.
        let mut parts = text.trim().splitn(3, '+');
        let (origin, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let tagged = STANDARD.decode(key).ok()?;
        let (&ED25519_KIND, public) = tagged.split_first()? else { return None };
        let key = Self::new(origin, public);
        (hex(&key.id()) == id).then_some(key)
    }

    /// First bytes of the hash of name, newline, algorithm and key.
    #[must_use]
    pub fn id(&self) -> [u8; KEY_ID_BYTES] {
        let named = [self.origin.as_bytes(), b"\n", &[ED25519_KIND], &self.public].concat();
        *sha256(&named).first_chunk().unwrap_or(&[0; KEY_ID_BYTES])
    }

    /// `name+id+key`
    #[must_use]
    pub fn text(&self) -> String {
        let tagged = [&[ED25519_KIND], self.public.as_slice()].concat();
        format!("{}+{}+{}", self.origin, hex(&self.id()), STANDARD.encode(tagged))
    }

    /// Size and root of a head of this log; nothing when it was not signed with this key.
    #[must_use]
    pub fn head(&self, note: &str) -> Option<Root> {
        let (text, line) = note.split_once("\n\n— ")?;
        let text = format!("{text}\n");
        let line = line.trim_end().strip_prefix(&self.origin)?.trim_start();
        let bytes = STANDARD.decode(line).ok()?;
        let (id, signature) = bytes.split_at_checked(KEY_ID_BYTES)?;
        let known = UnparsedPublicKey::new(&ED25519, &self.public);
        let named = text.lines().next() == Some(self.origin.as_str());
        if !named || id != self.id() || known.verify(text.as_bytes(), signature).is_err() {
            return None;
        }
        let mut lines = text.lines().skip(1);
        let size = lines.next()?.parse().ok()?;
        Some((size, STANDARD.decode(lines.next()?).ok()?))
    }

    /// Whether a hexadecimal signature of some bytes was made with this key.
    #[must_use]
    pub fn signed(&self, bytes: &[u8], signature: &str) -> bool {
        let known = UnparsedPublicKey::new(&ED25519, &self.public);
        unhex(signature).is_some_and(|signature| known.verify(bytes, &signature).is_ok())
    }

    /// Whether a receipt of destruction was signed with this key, and not changed since.
    #[must_use]
    pub fn receipt(&self, receipt: &Value) -> bool {
        signed_part(receipt)
            .is_some_and(|(text, signature)| self.signed(text.as_bytes(), &signature))
    }
}

/// The bytes of a receipt that were signed, and the hexadecimal signature.
#[must_use]
pub fn signed_part(receipt: &Value) -> Option<(String, String)> {
    let mut signed: BTreeMap<&str, &Value> =
        receipt.as_object()?.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let signature = signed.remove("signature")?;
    let signature = signature.as_str()?.strip_prefix("ed25519:")?.to_owned();
    Some((serde_json::to_string(&signed).ok()?, signature))
}

/// Details as everybody may see them: of a sealed part its hash. Nothing for details that have a
/// sealed part and are not written as the vault writes them.
#[must_use]
pub fn shown_details(details: &str) -> Option<String> {
    if !details.contains(SEALED) {
        return Some(details.to_owned());
    }
    let mut value: Value = serde_json::from_str(details).ok()?;
    let written = value.to_string();
    if written.as_str() != details {
        return None;
    }
    if let Some(part) = value.get_mut(SEALED).filter(|part| part.is_object()) {
        *part = hex(&sha256(part.to_string().as_bytes())).into();
    }
    Some(value.to_string())
}

/// The commitment of an entry to its details.
#[must_use]
pub fn commitment(salt: &[u8], details: &str) -> Option<String> {
    let shown = shown_details(details)?;
    Some(hex(&sha256(&[salt, shown.as_bytes()].concat())))
}

/// Whether details are those that an entry is bound to, or both they and their salt were erased.
#[must_use]
pub fn opens(entry: &str, (salt, details): (Option<&[u8]>, Option<&str>)) -> bool {
    let Ok(said) = serde_json::from_str::<Value>(entry) else { return false };
    match (salt, details) {
        (Some(salt), Some(details)) => {
            commitment(salt, details).is_some_and(|commit| said["commit"] == commit)
        }
        (None, None) => true,
        _ => false,
    }
}

/// Whether an entry is the one with this number under a root (RFC 6962).
#[must_use]
pub fn is_under(entry: &str, (seq, path): (u64, &[String]), (size, root): &Root) -> bool {
    let hashes: Option<Vec<Vec<u8>>> = path.iter().map(|hash| unhex(hash)).collect();
    let root: Option<[u8; HASH_BYTES]> = root.as_slice().try_into().ok();
    let (Some(hashes), Some(root)) = (hashes, root) else { return false };
    let Ok(proof) = InclusionProof::<Sha256>::try_from_bytes(hashes.concat()) else { return false };
    let root = RootHash::<Sha256>::new(root.into(), *size);
    seq < *size && root.verify_inclusion(&entry.to_owned(), seq, &proof).is_ok()
}

/// What a guest takes home: everything that the log says of his card, with what proves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardFile {
    /// [`CARD_FILE_FORM`].
    pub form: String,
    /// How to check it, in a sentence.
    pub how: String,
    /// The card's outside name.
    pub card: String,
    /// The public key of the log.
    pub key: String,
    /// Keys that signed before the vault was restored.
    pub former: Vec<String>,
    /// The signed head that the proofs lead to.
    pub checkpoint: String,
    /// Whether these are all entries of the card under that head.
    #[serde(default = "yes")]
    pub complete: bool,
    /// Oldest first.
    pub entries: Vec<ProvedEntry>,
    /// Signed statements that the number or the code was destroyed.
    pub receipts: Vec<Value>,
}

/// Files of before this was said.
const fn yes() -> bool {
    true
}

/// What came of checking one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedEntry {
    /// Its number.
    pub seq: u64,
    /// Its path leads to the signed head.
    pub included: bool,
    /// Its details are those that it is bound to.
    pub opened: bool,
    /// Whether its details are shown at all.
    pub has_details: bool,
}

/// What came of checking a [`CardFile`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedFile {
    /// The head was signed with the key.
    pub head: bool,
    /// Each entry.
    pub entries: Vec<CheckedEntry>,
    /// Of each receipt, whether it was signed with the key, or with a former one of the file where
    /// nobody gave a key.
    pub receipts: Vec<bool>,
}

impl CheckedFile {
    /// Whether nothing was found wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let entries = self.entries.iter().all(|entry| entry.included && entry.opened);
        self.head && entries && self.receipts.iter().all(|signed| *signed)
    }
}

impl CardFile {
    /// Checks everything with the keys of the file, or with the one that somebody knows better and
    /// with no other: whoever writes a file writes its keys too.
    #[must_use]
    pub fn check(&self, known: Option<&str>) -> CheckedFile {
        let key = LogKey::parse(known.unwrap_or(&self.key));
        let former = self.former.iter().filter(|_| known.is_none());
        let former = former.filter_map(|text| LogKey::parse(text));
        let keys: Vec<LogKey> = key.iter().cloned().chain(former).collect();
        let root = key.and_then(|key| key.head(&self.checkpoint));
        CheckedFile {
            head: root.is_some(),
            entries: self.entries.iter().map(|entry| self.checked(entry, root.as_ref())).collect(),
            receipts: self
                .receipts
                .iter()
                .map(|receipt| {
                    receipt["card"] == self.card && keys.iter().any(|key| key.receipt(receipt))
                })
                .collect(),
        }
    }

    fn checked(&self, entry: &ProvedEntry, root: Option<&Root>) -> CheckedEntry {
        let said: Value = serde_json::from_str(&entry.entry).unwrap_or_default();
        let its_own = said["seq"] == entry.seq && said["card"] == self.card;
        let place = (entry.seq, entry.path.as_slice());
        let salt = entry.salt.as_deref().and_then(unhex);
        let shown = (salt.as_deref(), entry.details.as_deref());
        CheckedEntry {
            seq: entry.seq,
            included: its_own && root.is_some_and(|root| is_under(&entry.entry, place, root)),
            opened: opens(&entry.entry, shown),
            has_details: entry.details.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn v_150_what_is_sealed_is_bound_without_being_shown() {
        let whole = json!({
            "initials": "C. M.", "origin": "203.0.113.0/24",
            "sealed": { "ip": "203.0.113.7", "name": "Claire Martin", "salt": "00ff" },
        })
        .to_string();
        let shown = shown_details(&whole).unwrap();
        assert!(shown.contains("C. M.") && !shown.contains("Claire") && !shown.contains("113.7"));
        assert_eq!(shown_details(&shown).as_deref(), Some(shown.as_str()));
        let commit = commitment(b"salt", &whole).unwrap();
        assert_eq!(commitment(b"salt", &shown), Some(commit.clone()));
        let entry = json!({ "commit": commit }).to_string();
        assert!(opens(&entry, (Some(b"salt"), Some(&whole))));
        assert!(opens(&entry, (Some(b"salt"), Some(&shown))));
        assert!(opens(&entry, (None, None)), "erased together");
        assert!(!opens(&entry, (Some(b"salt"), None)));
        for forged in [whole.replace("Claire", "Paul"), shown.replace("C. M.", "P. M.")] {
            assert!(!opens(&entry, (Some(b"salt"), Some(&forged))), "{forged}");
        }
        assert!(!opens(&entry, (Some(b"salt"), Some(&format!("{whole} ")))));
        let plain = r#"{"booking":"HOP-1"}"#;
        assert_eq!(shown_details(plain).as_deref(), Some(plain));
    }

    #[test]
    fn v_150_with_a_key_that_is_trusted_nobody_else_signs_receipts() {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
        let pair = |seed: u8| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let key = |pair: &Ed25519KeyPair| {
            LogKey::new("coffre.example.org/log/mer_a", pair.public_key().as_ref()).text()
        };
        let receipt = |pair: &Ed25519KeyPair| {
            let mut receipt =
                json!({ "card": "card_a", "what": "number", "signature": "ed25519:" });
            let (text, _) = signed_part(&receipt).unwrap();
            let signature = hex(pair.sign(text.as_bytes()).as_ref());
            receipt["signature"] = format!("ed25519:{signature}").into();
            receipt
        };
        let (vault, stranger) = (pair(1), pair(2));
        let file = CardFile {
            form: CARD_FILE_FORM.into(),
            how: String::new(),
            card: "card_a".into(),
            key: key(&vault),
            former: vec![key(&stranger)],
            checkpoint: String::new(),
            complete: true,
            entries: Vec::new(),
            receipts: vec![receipt(&vault), receipt(&stranger)],
        };
        assert_eq!(file.check(Some(&key(&vault))).receipts, [true, false], "a forged former key");
        assert_eq!(file.check(None).receipts, [true, true], "as the file says");
        assert_eq!(file.check(Some(&key(&stranger))).receipts, [false, true]);
    }

    #[test]
    fn v_147_the_key_of_a_log_is_read_as_it_is_written() {
        let key = LogKey::new("coffre.example.org/log/mer_a", &[7; 32]);
        assert_eq!(LogKey::parse(&key.text()), Some(key.clone()));
        assert_eq!(LogKey::parse(&key.text().replace("mer_a", "mer_b")), None);
        assert_eq!(LogKey::parse("nonsense"), None);
        assert_eq!(unhex("00fF"), Some(vec![0, 255]));
        assert_eq!((unhex("0"), unhex("zz"), unhex("é")), (None, None, None));
    }
}
