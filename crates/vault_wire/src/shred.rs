//! The drill that proves destruction: canary cards live and die, then everything is searched for
//! what was in them.

use kernel::{CardToken, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::LogProof;

/// How long a drill may take, in seconds: a card is shown only after Argon2id, and all memory and
/// files are read.
pub const DRILL_SECONDS: u64 = 900;

/// Asks the vault to let canary cards live and die, and to look for their remains.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShredDrill {
    /// How many, 5 to 100.
    pub cards: u32,
}

/// Answer to [`ShredDrill`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShredDrilled {
    /// When it ended.
    pub at: Timestamp,
    /// Canary cards that lived and died.
    pub cards: u32,
    /// How strong a destruction is when it ends: `C`, the slot is written over. It is `B` when the
    /// epoch key that sealed the slot is written over, too; `A` would need keys in hardware.
    pub level: String,
    /// What was looked for, as marks from which nothing can be read.
    pub needles: Needles,
    /// What the vault itself has searched: its folder, its tables on a server, its memory.
    pub places: Vec<Searched>,
    /// Number of its entry in the log of the drill.
    pub seq: u64,
}

/// What is looked for: not the secrets, but marks by which they are recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needles {
    /// What the marks were made with: three numbers of 64 bits, four bits a letter from `a` to `p`.
    pub salt: [String; 3],
    /// One for each way to write each secret.
    pub marks: Vec<Mark>,
}

/// The mark of one secret in one writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What it is: `number`, `number_bcd`, `card_key`, `code_padding`…
    pub what: String,
    /// Its length in bytes.
    pub length: usize,
    /// Mixed from its first eight bytes, in the same letters.
    pub head: String,
    /// Mixed from all of it, in the same letters.
    pub sum: String,
}

/// A place that was searched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Searched {
    /// Such as `data directory` or `memory of the vault`.
    pub place: String,
    /// Files or memory ranges read.
    pub parts: u64,
    /// Bytes read.
    pub bytes: u64,
    /// What was found, at most 100.
    pub hits: Vec<Hit>,
    /// Why the place, or a part of it, could not be searched.
    pub unread: Vec<String>,
}

/// Something that should be gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// What it is, as in [`Mark::what`].
    pub what: String,
    /// The file, or the range of memory.
    pub part: String,
    /// Where in it.
    pub offset: u64,
}

/// Asks what is left of one card, of whichever merchant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShredCard {
    /// Which.
    pub card: CardToken,
}

/// Answer to [`ShredCard`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShredOfCard {
    /// Whether the card is destroyed.
    pub destroyed: bool,
    /// Slots of numbers and codes that still carry its name.
    pub slots: u64,
    /// Whether its row still holds a sealed record.
    pub record: bool,
    /// Its receipts, with whether each signature is ours.
    pub receipts: Vec<ReceiptChecked>,
}

/// A receipt, looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceiptChecked {
    /// The receipt.
    pub receipt: Value,
    /// Whether it was signed by this vault and not changed since.
    pub signed: bool,
    /// That its entry is in the log, under a signed head.
    pub proof: Option<LogProof>,
    /// What is true now: `B` once the epoch key that sealed the slot is destroyed, `C` before.
    pub level: String,
}
