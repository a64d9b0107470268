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
    /// A key of a device (PKCS#11) that does not leave it.
    Token,
}

/// Why a vault does not open whose root is in a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFault {
    /// No device with this label is there.
    Missing,
    /// Nobody has given its PIN.
    PinNeeded,
    /// The device has refused the PIN; it is not tried again by itself.
    PinRefused,
    /// One more wrong PIN would lock the device: none is tried.
    PinLastTry,
    /// The device is locked.
    PinLocked,
    /// The device holds no key with this label.
    KeyMissing,
    /// Device or key are not fit for a root.
    Unfit,
    /// The key is not the root of this vault.
    OtherRoot,
    /// The device answers with an error.
    Failing,
}

impl TokenFault {
    /// The stable code of a refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::PinNeeded => "token_pin_needed",
            Self::PinRefused => "token_pin_refused",
            Self::PinLastTry => "token_pin_last_try",
            Self::PinLocked => "token_pin_locked",
            Self::KeyMissing => "token_key_missing",
            Self::Unfit => "token_unfit",
            Self::OtherRoot => "token_other_root",
            Self::Failing => "token_failing",
        }
    }

    /// What it is and what to do, for the operator.
    #[must_use]
    pub const fn cure(self) -> &'static str {
        match self {
            Self::Missing => {
                "no device with the configured label is there: plug it in, or start it; the vault \
                 looks each second and opens by itself"
            }
            Self::PinNeeded => "the device waits for its PIN: guichet vault unseal asks for it",
            Self::PinRefused => {
                "the device refused the PIN, and it is not tried again by itself: correct the file, \
                 then guichet vault unseal"
            }
            Self::PinLastTry => {
                "one more wrong PIN would lock the device, so none is tried: log in with the \
                 maker's own tool, which sets its count back; then guichet vault unseal"
            }
            Self::PinLocked => "the device is locked: unlock it with the maker's own tool",
            Self::KeyMissing => {
                "the device holds no key with the configured label: is it the right device?"
            }
            Self::Unfit => {
                "device or key are not fit: exactly one AES key of 256 bits, made in the device, \
                 sensitive and never extractable, with an id of 8 bytes or more, on one device \
                 with AES-GCM"
            }
            Self::OtherRoot => "the key of this device is not the root of this vault",
            Self::Failing => "the device answers with an error; the vault's log has it",
        }
    }
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
    /// What is in the way, where the root is in a device.
    #[serde(default)]
    pub fault: Option<TokenFault>,
}

/// Seals the vault: its process ends, and with it every key in memory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {}

/// Opens a vault that was sealed by hand and whose root is a file, or is in a device with its PIN in
/// a file; a PIN that was refused is tried once more.
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

/// The PIN of the device that holds the root.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnsealPin {
    /// As the device's maker asks for it.
    pub pin: String,
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
