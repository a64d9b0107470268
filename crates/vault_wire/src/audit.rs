//! What the vault says of itself to its operator and to an assessor: keys, pages, checks.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::LogVerified;

/// Asks for every key, protocol and library of the vault.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventoryGet {}

/// Answer to [`InventoryGet`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Every key; never its bits.
    pub keys: Vec<KeyEntry>,
    /// Keys of single cards, and of single codes.
    pub record_keys: RecordKeys,
    /// What is spoken and computed.
    pub protocols: Vec<String>,
    /// Cryptographic libraries with their versions, as they were built in.
    pub libraries: Vec<String>,
    /// People who hold a part of the root; none where it is one file.
    pub custodians: Vec<String>,
    /// Whether live and test shops have different roots.
    pub roots_apart: bool,
}

/// Keys that live in slots, one for each record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordKeys {
    /// Of numbers.
    pub cards: u64,
    /// Of held codes.
    pub codes: u64,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEntry {
    /// Kind, owner and version.
    pub id: String,
    /// What it is for.
    pub r#use: String,
    /// Its algorithm.
    pub algorithm: String,
    /// Its length.
    pub bits: u16,
    /// When it was made; absent for the root, which is made outside.
    pub created: Option<Timestamp>,
    /// `active`; `overdue` once its period is over; `retired` while what it sealed is sealed anew,
    /// `overdue` when that has taken more than a day.
    pub state: String,
    /// When its period ends.
    pub next_change: Option<Timestamp>,
    /// Where it lies.
    pub place: String,
    /// Serial number of the hardware that holds it; none here.
    pub hsm_serial: Option<String>,
}

/// Asks for the pages of the vault's origin as they were built in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagesGet {}

/// Answer to [`PagesGet`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    /// Kinds of pages, with their policy.
    pub pages: Vec<PageKind>,
    /// Files that they load, all from the vault itself.
    pub files: Vec<PageFile>,
}

/// A kind of page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageKind {
    /// Its address.
    pub path: String,
    /// What it is for.
    pub r#for: String,
    /// Headers that the vault sends with it now.
    pub headers: Vec<(String, String)>,
}

/// A file that pages load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFile {
    /// Its address.
    pub path: String,
    /// Why it is there.
    pub reason: String,
    /// `sha384-…`, as in the pages.
    pub integrity: String,
    /// Whether the vault serves exactly these bytes now.
    pub served: bool,
}

/// Asks the vault to recompute every log: those of merchants, its own, and that of the drill.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogsVerify {}

/// Answer to [`LogsVerify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogsVerified {
    /// One for each log.
    pub logs: Vec<LogOf>,
}

/// A log that was recomputed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogOf {
    /// `mer_…`, `installation` or `drill`.
    pub of: String,
    /// What was found.
    pub found: LogVerified,
}

/// Asks the vault to check itself against the rules of PCI DSS that concern it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditGet {}

/// Answer to [`AuditGet`]: a self-check, not an assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// When.
    pub at: Timestamp,
    /// The standard.
    pub standard: String,
    /// One line for each check, in the order of the standard.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Requirements that it is about.
    pub rule: String,
    /// What must be so.
    pub what: String,
    /// What was found.
    pub state: CheckState,
    /// What the state rests on.
    pub evidence: String,
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// It is so.
    Good,
    /// It is not.
    Finding,
    /// Nobody can say yet.
    NotJudged,
}
