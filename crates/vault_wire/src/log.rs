//! The vault's transparency log and the receipts of destruction, both checkable by anybody who has
//! the public key.

use kernel::CardToken;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Asks for the signed head of the scope's merchant's log.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogCheckpoint {}

/// A signed head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Entries under it.
    pub size: u64,
    /// The signed note (C2SP `tlog-checkpoint`): origin, size, root, signature.
    pub note: String,
    /// The public key that checks it, in the form of C2SP `signed-note`.
    pub key: String,
    /// Keys that signed before the vault was restored: they check receipts and heads of that time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<String>,
}

/// Asks for entries.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntries {
    /// First number.
    pub from: u64,
    /// At most 1,000.
    pub limit: u32,
    /// Of one card alone.
    #[serde(default)]
    pub card: Option<CardToken>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its number.
    pub seq: u64,
    /// Canonical JSON (RFC 8785), the bytes that were hashed.
    pub entry: String,
    /// Salt that opens its commitment, hexadecimal; absent once the details were erased, and where
    /// another shop than the reader's is meant.
    pub salt: Option<String>,
    /// The details committed to; to all but the house of what is sealed its hash alone.
    pub details: Option<String>,
    /// Whether its card is for one payment alone, as far as is known now.
    #[serde(default)]
    pub single_use: bool,
}

/// Answer to [`LogEntries`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// In order.
    pub entries: Vec<LogEntry>,
    /// How many entries the whole log has.
    pub size: u64,
}

/// Asks for what the log says of one card, each entry with its proof.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogOfCard {
    /// Which; a destroyed one too.
    pub card: CardToken,
    /// First number.
    pub from: u64,
    /// Size of the head that the proofs lead to; the present one unless given. Parts that are asked
    /// for with the same size go together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// Answer to [`LogOfCard`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardLife {
    /// Oldest first.
    pub entries: Vec<ProvedEntry>,
    /// The number to go on from, when there is more.
    pub next: Option<u64>,
    /// The head that the proofs lead to.
    pub checkpoint: Checkpoint,
}

/// An entry with its proof (RFC 6962); hashes in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvedEntry {
    /// Its number.
    pub seq: u64,
    /// Canonical JSON (RFC 8785), the bytes that were hashed.
    pub entry: String,
    /// Hash of the entry.
    pub leaf_hash: String,
    /// The path from it to the root.
    pub path: Vec<String>,
    /// Salt that opens its commitment; absent once the details were erased.
    pub salt: Option<String>,
    /// The details committed to, as everybody may see them: of what is sealed stands its hash.
    pub details: Option<String>,
}

/// Asks for the proof that an entry is under a head.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogInclusion {
    /// Its number.
    pub seq: u64,
    /// Size of the head that the proof leads to; the present one unless given.
    #[serde(default)]
    pub size: Option<u64>,
}

/// Asks for the proof that nothing was taken from or changed in an older log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConsistency {
    /// Size of the older head.
    pub old: u64,
    /// Size of the younger one; the present one unless given.
    #[serde(default)]
    pub new: Option<u64>,
}

/// Asks the vault to recompute the whole tree and compare it with every head it ever signed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogVerify {}

/// Answer to [`LogVerify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogVerified {
    /// Whether everything fits.
    pub sound: bool,
    /// Entries looked at.
    pub size: u64,
    /// Signed heads looked at.
    pub heads: u64,
    /// The first entry that is not what it was, or the size of the first head that does not fit.
    pub first_fault: Option<u64>,
}

/// A proof (RFC 6962), hashes in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogProof {
    /// Hash of the entry; empty for a proof of consistency.
    pub leaf_hash: String,
    /// The path.
    pub path: Vec<String>,
    /// The head that it leads to.
    pub checkpoint: Checkpoint,
}

/// Asks for the receipts of a card.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptsList {
    /// Which.
    pub card: CardToken,
}

/// Answer to [`ReceiptsList`]: signed statements that a number or a code was destroyed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipts {
    /// Oldest first.
    pub receipts: Vec<Value>,
}
