//! Sealing and unsealing: a sealed vault holds no key and opens nothing.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// The code of everything that a sealed vault refuses.
pub const SEALED: &str = "vault_sealed";
/// When another try at a sealed vault makes sense.
pub const SEALED_RETRY_SECONDS: u32 = 60;

/// In which form the root key is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RootForm {
    /// One file, which the vault reads when it starts.
    #[default]
    File,
    /// Shares of several people: the vault starts sealed, and enough of them open it.
    Shares,
}

/// Why and since when a vault is sealed, and what is missing to open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealState {
    /// Since when.
    pub since: Timestamp,
    /// What opens it.
    pub root: RootForm,
    /// Shares given so far.
    pub given: u8,
    /// Shares needed; known from the first one on.
    pub needed: Option<u8>,
    /// Until when the missing ones must come.
    pub until: Option<Timestamp>,
}

/// Seals the vault: its process ends, and with it every key in memory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {}

/// Opens a vault that was sealed by hand and whose root is a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unseal {}

/// One custodian's share.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnsealShare {
    /// `gs1-…`.
    pub share: String,
}

/// What became of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsealing {
    /// Shares given so far.
    pub given: u8,
    /// Shares needed: the vault opens when as many are given.
    pub needed: u8,
    /// Until when the missing ones must come.
    pub until: Timestamp,
}
