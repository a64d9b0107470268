//! The clock of the vault's machine.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// Asks where the clock of the vault's machine stands.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockGet {}

/// An operator says that the machine's clock is right as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockAccept {}

/// Whether the clock is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It is.
    Safe,
    /// It was set back: nothing is shown.
    Back,
    /// It was set forward by more than a day: nothing is purged.
    Forward,
}

impl ClockState {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Back => "back",
            Self::Forward => "forward",
        }
    }
}

/// Answer to [`ClockGet`] and [`ClockAccept`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockTold {
    /// Whether it is believed.
    pub state: ClockState,
    /// How far it is from what it should show; 0 while it is safe.
    pub offset_seconds: i64,
    /// What the machine's clock shows.
    pub wall: Timestamp,
    /// The highest time that was seen and believed.
    pub seen: Timestamp,
    /// The time by which things are due.
    pub shown: Timestamp,
}
