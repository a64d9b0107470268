//! What stands in the bank's books.

use kernel::{Id, Money, Timestamp};

/// Minutes until an unanswered challenge lapses (EMV 3-D Secure: ten per interaction).
pub const CHALLENGE_MINUTES: i64 = 10;
/// Minutes until a late success happens.
pub const LATE_MINUTES: i64 = 15;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An amount was reserved.
    Authorise,
    /// It was taken.
    Capture,
    /// It was released.
    Void,
    /// It was given back.
    Refund,
}

impl Kind {
    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorise => "authorise",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Refund => "refund",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Authorise, Self::Capture, Self::Void, Self::Refund]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Done.
    Approved,
    /// Refused.
    Declined,
    /// Under way.
    Pending,
}

impl State {
    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Pending => "pending",
        }
    }

    /// Reads the word; anything else is under way.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "approved" => Self::Approved,
            "declined" => Self::Declined,
            _ => Self::Pending,
        }
    }
}

/// When the money of an authorisation is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// With it.
    Now,
    /// By a capture.
    Later,
}

/// The card behind an operation, without its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardTrace {
    /// First and last digits.
    pub truncated: String,
    /// Recognises the same card again.
    pub mac: [u8; 32],
    /// Network.
    pub network: String,
}

/// One line of the books.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The bank's name of it.
    pub id: Id,
    /// What was done.
    pub kind: Kind,
    /// The client's reference.
    pub reference: String,
    /// How much.
    pub amount: Money,
    /// How it ended.
    pub state: State,
    /// `00`, or why not; empty while under way.
    pub code: String,
    /// Authorisation number.
    pub number: String,
    /// Chain reference for later payments by the merchant.
    pub chain: String,
    /// The card.
    pub card: CardTrace,
    /// `payer` or `merchant`.
    pub initiator: String,
    /// When the money is taken.
    pub taking: Taking,
    /// When a late success happens.
    pub late_from: Option<Timestamp>,
    /// Taken of it, in minor units.
    pub captured: i64,
    /// Released of it.
    pub voided: i64,
    /// Given back of what was taken.
    pub refunded: i64,
    /// When, on the bank's own clock.
    pub at: Timestamp,
    /// When, on the clock of who asked: what people are shown.
    pub local_at: Timestamp,
    /// How often the same request came again.
    pub repeats: i64,
}

/// How a strong authentication stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Authentication {
    /// The bank's name of it; also the path of its page.
    pub id: Id,
    /// The client's reference.
    pub reference: String,
    /// The amount shown.
    pub amount: Money,
    /// Who asks.
    pub merchant: String,
    /// Where the browser goes back to.
    pub return_url: String,
    /// The card.
    pub card: CardTrace,
    /// `Y`, `A`, `N`, `U`, `R`, `C`, `not_enrolled`, `timeout` or `cancelled`.
    pub result: String,
    /// `challenge` or `frictionless`.
    pub flow: String,
    /// Whether the page does as told.
    pub obeys: bool,
    /// When, on the bank's own clock.
    pub at: Timestamp,
    /// When, on the clock of who asked: what people are shown.
    pub local_at: Timestamp,
    /// How often the same request came again.
    pub repeats: i64,
}

impl Authentication {
    /// The result at an instant: a challenge nobody answered lapses.
    #[must_use]
    pub fn result_at(&self, now: Timestamp) -> &str {
        let lapsed = now >= self.at.plus_minutes(CHALLENGE_MINUTES);
        if self.result == "C" && lapsed { "timeout" } else { &self.result }
    }
}

/// What the holder chose on the bank's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// "Valider".
    Approve,
    /// "Refuser".
    Refuse,
    /// "Abandonner".
    Cancel,
    /// "Attendre 10 min": as if nobody had answered.
    Wait,
}

impl Choice {
    /// Reads the button.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "approve" => Some(Self::Approve),
            "refuse" => Some(Self::Refuse),
            "cancel" => Some(Self::Cancel),
            "wait" => Some(Self::Wait),
            _ => None,
        }
    }

    /// The result it gives on a page that obeys, or not.
    #[must_use]
    pub fn result(self, authentication: &Authentication) -> &'static str {
        match self {
            Self::Approve if authentication.obeys => "Y",
            Self::Approve | Self::Refuse => "N",
            Self::Cancel => "cancelled",
            Self::Wait => "timeout",
        }
    }
}
