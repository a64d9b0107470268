//! The change of keys that the operator asks for.

use kernel::ShopId;
use serde::{Deserialize, Serialize};

/// How long a change of keys may take, in seconds: every slot is read, sealed anew and synced.
pub const ROTATE_SECONDS: u64 = 3_600;

/// Asks the vault to change keys; answered when no record is under the old ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// Which keys.
    pub what: RotateWhat,
}

/// The keys that change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "keys")]
pub enum RotateWhat {
    /// Those of both epochs.
    Epoch,
    /// Both of a property, and with them those of both epochs.
    Property {
        /// Whose.
        shop: ShopId,
    },
}

/// Answer to [`Rotate`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// Names of new keys.
    pub made: Vec<String>,
    /// Names of keys that are destroyed.
    pub destroyed: Vec<String>,
    /// Records that were sealed anew.
    pub resealed: u64,
    /// Records still under an old key: the vault goes on with them by itself.
    pub left: u64,
}
