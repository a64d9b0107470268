//! How long cards stay, and which cards a booking has.

use kernel::{BookingId, CardToken, Date, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Card, MissingReason};

/// Names of bookings of one [`BookingCards`] at most.
pub const MOST_BOOKINGS: usize = 500;
/// Days by which the stay of a card is extended at most, once.
pub const MOST_EXTENSION_DAYS: u8 = 30;

/// The cards of bookings, destroyed ones too, newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookingCards {
    /// Ids and references of bookings; at most [`MOST_BOOKINGS`].
    pub bookings: Vec<String>,
}

/// One card with the booking it is kept for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardKept {
    /// Which.
    pub card: CardToken,
}

/// The cards of a shop that are destroyed before an instant, the next one first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardsDue {
    /// The instant, by the shop's clock.
    pub before: Timestamp,
    /// At most 200.
    pub limit: u32,
}

/// Answer to [`BookingCards`] and [`CardsDue`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardsListed {
    /// Each with the booking it is kept for.
    pub cards: Vec<CardOfBooking>,
    /// Bookings that a channel sent without a card, where bookings were asked for.
    #[serde(default)]
    pub missing: Vec<CardMissing>,
}

/// Why a channel's booking came without a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardMissing {
    /// The channel's reference.
    pub booking: String,
    /// Why.
    pub why: MissingReason,
    /// When it was told, by the shop's clock.
    pub at: Timestamp,
}

/// A card and the booking it is kept for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardOfBooking {
    /// The card.
    pub card: Card,
    /// Id or foreign reference of the booking.
    pub booking: Option<String>,
    /// How it went, if it is destroyed.
    #[serde(default)]
    pub gone: Option<Gone>,
    /// Last local day of an extension.
    #[serde(default)]
    pub extended_until: Option<Date>,
}

impl From<Card> for CardOfBooking {
    /// A card of which no booking is known.
    fn from(card: Card) -> Self {
        Self { card, booking: None, gone: None, extended_until: None }
    }
}

/// How a card went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// Deleted by somebody, or at its date.
    pub why: MissingReason,
    /// When, by the shop's clock.
    pub at: Option<Timestamp>,
    /// At whose word: `usr_…`, `key_…` or `clock`.
    pub by: Option<String>,
}

/// Tells when a stay ends: cards that wait for its reference are given to it, and all its cards
/// stay until its last day and the days of retention.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StayPut {
    /// The booking.
    pub booking: BookingId,
    /// The number under which cards may wait for it.
    pub reference: String,
    /// Local day of departure.
    pub check_out: Date,
    /// Local day of cancellation.
    pub cancelled_on: Option<Date>,
}

/// Answer to [`StayPut`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayCards {
    /// The cards of the stay.
    pub cards: Vec<CardToken>,
}

/// Tells until which local day a card is needed beyond its stay, such as the last day on which a
/// virtual card can be charged; nothing when it is needed no longer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardNeed {
    /// Which.
    pub card: CardToken,
    /// The day.
    pub until: Option<Date>,
}

/// Keeps a card longer than its date, once. Its security code goes at the date it had.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardExtend {
    /// Which.
    pub card: CardToken,
    /// 1 to [`MOST_EXTENSION_DAYS`].
    pub days: u8,
    /// What it is still needed for.
    pub reason: ExtendReason,
}

/// What a card is still needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtendReason {
    /// Something consumed is charged after the stay.
    LateCharge,
    /// The guest disputes a debit.
    Dispute,
}

impl ExtendReason {
    /// Both, in the order of forms.
    pub const ALL: [Self; 2] = [Self::LateCharge, Self::Dispute];

    /// The word on the wire and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LateCharge => "late_charge",
            Self::Dispute => "dispute",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}
