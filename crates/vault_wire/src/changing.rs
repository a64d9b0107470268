//! Which cards a shop keeps, and what may change of one without touching its number.

use kernel::{CardToken, Date, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Brand, CardStatus};

/// Fewest and most characters of a reason for blocking a card or taking that back.
pub const SUSPENSION_REASON_CHARACTERS: std::ops::RangeInclusive<usize> = 3..=200;

/// The cards that a shop keeps, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardList {
    /// At most 200.
    pub limit: u32,
    /// Which; all that are not destroyed when nothing is said.
    #[serde(default)]
    pub filter: CardFilter,
    /// The card behind which the list goes on.
    #[serde(default)]
    pub after: Option<CardToken>,
}

/// Which cards are listed; what is not said is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardFilter {
    /// Names of one booking: its id, its number.
    #[serde(default)]
    pub bookings: Vec<String>,
    /// The customer it is kept for.
    #[serde(default)]
    pub customer: Option<String>,
    /// `fp_…`.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// Where it stands; destroyed cards are listed only when asked for.
    #[serde(default)]
    pub state: Option<CardStatus>,
    /// The last day of its expiry month is before this day.
    #[serde(default)]
    pub expires_before: Option<Date>,
}

/// Changes a card; what is not said stays.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardPatch {
    /// Which.
    pub card: CardToken,
    /// Refused with `precondition_failed` when the card has another version.
    #[serde(default)]
    pub version: Option<u32>,
    /// The scheme that charges go by; one of the card's own.
    #[serde(default)]
    pub preferred_brand: Option<Brand>,
    /// Blocks it, or takes that back.
    #[serde(default)]
    pub suspended: Option<bool>,
    /// Why; needed with `suspended`.
    #[serde(default)]
    pub reason: Option<String>,
    /// Destroys it earlier than planned.
    #[serde(default)]
    pub purge_at: Option<Timestamp>,
}

/// Why a card is blocked, and since when: nobody charges or sees it until that is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// By whom.
    pub cause: SuspensionCause,
    /// In the words of who blocked it; empty for an alarm.
    pub reason: String,
    /// Since when, by the shop's clock.
    pub at: Timestamp,
}

/// Who blocks a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionCause {
    /// The property.
    Blocked,
    /// The vault: its record does not open.
    Alarm,
}

impl SuspensionCause {
    /// The word on the wire and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Alarm => "alarm",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Blocked, Self::Alarm].into_iter().find(|cause| cause.as_str() == text)
    }
}

/// One person asks that every card of the scope's shop is destroyed; when another asks the same
/// within [`DESTRUCTION_HOURS`], it is done, for good.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardsDestroy {
    /// The name of the property, typed.
    pub name: String,
}

/// For so long the second person may agree.
pub const DESTRUCTION_HOURS: i64 = 24;

/// Asks where the destruction of all cards stands.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestructionGet {}

/// Where the destruction of all cards of a shop stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destruction {
    /// The name that must be typed.
    pub name: String,
    /// Cards that are kept now.
    pub cards: u64,
    /// Cards that cannot be used any more and whose number is being destroyed.
    pub going: u64,
    /// Who has asked, and until when another may agree; nothing when nobody has.
    pub asked: Option<DestructionAsked>,
    /// What was destroyed last.
    pub done: Option<DestructionDone>,
}

/// Somebody has asked; another must agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestructionAsked {
    /// `usr_…`.
    pub by: String,
    /// Until when.
    pub until: Timestamp,
}

/// All cards were destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestructionDone {
    /// Who asked first.
    pub asked_by: String,
    /// Who agreed.
    pub agreed_by: String,
    /// When.
    pub at: Timestamp,
    /// How many cards; each has its receipt.
    pub cards: u64,
}
