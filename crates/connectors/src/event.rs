//! What a provider said, in our words.

use kernel::Money;
use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::declines::{Decline, Network};

/// Which operation is sent, or is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Strong authentication.
    Authenticate,
    /// Authorisation, with or without capture in the same step.
    Authorise,
    /// Debit of what was authorised.
    Capture,
    /// Release of what was authorised.
    Void,
    /// Money given back.
    Refund,
    /// Money that the payer contests at his bank.
    Chargeback,
    /// A question about another operation.
    Query,
    /// A probe of the settings.
    Check,
}

impl Kind {
    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authenticate => "authenticate",
            Self::Authorise => "authorise",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Refund => "refund",
            Self::Chargeback => "chargeback",
            Self::Query => "query",
            Self::Check => "check",
        }
    }
}

/// How well something is proven, and so what it may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// No seal and no query: announced, not proven; the books wait.
    Unverifiable,
    /// Typed by staff, with a reason: counts as signed.
    Operator,
    /// We asked, over an authenticated line.
    Requeried,
    /// The seal over the received bytes is right.
    Signed,
}

impl Trust {
    /// Whether it may change a payment's state and post to the ledger.
    #[must_use]
    pub const fn may_book(self) -> bool {
        !matches!(self, Self::Unverifiable)
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Known to the provider, nothing tried.
    Created,
    /// Waits for the payer.
    ActionRequired,
    /// Taken; the result comes later.
    Pending,
    /// The whole amount is authorised. About an authentication: it ended and the payment may go
    /// on; its result says how well the holder is proven.
    Authorised,
    /// A part is authorised.
    PartiallyAuthorised,
    /// Authorised and captured in one step, or the capture succeeded.
    Captured,
    /// A part is captured.
    PartiallyCaptured,
    /// Refused.
    Refused,
    /// Given up by the payer.
    Cancelled,
    /// Lapsed.
    Expired,
    /// Released.
    Voided,
    /// A refund is taken; the result comes later.
    RefundPending,
    /// A part is given back.
    PartiallyRefunded,
    /// Given back.
    Refunded,
    /// The bank refused to give back.
    RefundRefused,
    /// The holder disputes.
    Disputed,
    /// No answer, or an unreadable one: ask again later.
    Unknown,
    /// The provider does not know our reference. Counts as unknown until
    /// `not_found_final_after_seconds` of the capabilities have passed since it was sent.
    NotFound,
}

/// The provider's names of things, kept by the engine for later operations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refs {
    /// The provider's name of the operation.
    pub provider_id: Option<String>,
    /// Authorisation number: captures, voids and refunds cite it.
    pub authorisation: Option<String>,
    /// Chain reference: later merchant-initiated payments cite it.
    pub chain: Option<String>,
    /// Name of the strong authentication.
    pub authentication: Option<String>,
}

/// What a provider tells about the card; never its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFacts {
    /// The network that answered.
    pub network: Network,
    /// Last four digits.
    pub last4: Option<String>,
    /// Expiry, `MM/YYYY`.
    pub expiry: Option<String>,
    /// Country of the issuer, two letters.
    pub country: Option<String>,
}

/// Result of strong authentication, in the letters of EMV 3-D Secure where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScaResult {
    /// Authenticated.
    Y,
    /// Attempted.
    A,
    /// Not authenticated.
    N,
    /// Could not be performed.
    U,
    /// Rejected by the issuer.
    R,
    /// A challenge waits for the payer.
    C,
    /// The card takes no part.
    #[serde(rename = "not_enrolled")]
    NotEnrolled,
    /// The directory or the payer did not answer in time.
    #[serde(rename = "timeout")]
    Timeout,
    /// The payer gave up on the bank's page.
    #[serde(rename = "cancelled")]
    Cancelled,
}

impl ScaResult {
    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Y => "Y",
            Self::A => "A",
            Self::N => "N",
            Self::U => "U",
            Self::R => "R",
            Self::C => "C",
            Self::NotEnrolled => "not_enrolled",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How the holder was authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScaFlow {
    /// Without asking him.
    Frictionless,
    /// He answered on the bank's page.
    Challenge,
}

/// Strong authentication of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sca {
    /// Protocol version.
    pub version: String,
    /// Result.
    pub result: ScaResult,
    /// How.
    pub flow: ScaFlow,
    /// Electronic commerce indicator, as the provider gave it.
    pub eci: Option<String>,
    /// Liability shift as the provider reports it, when it does.
    pub liability: Option<String>,
}

/// What a provider said about one operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// The operation it is about.
    pub about: Kind,
    /// The provider's key of the event; the inbox keeps one of each.
    pub key: Option<String>,
    /// How well it is proven.
    pub trust: Trust,
    /// What became of it.
    pub status: Status,
    /// The amount it speaks of.
    pub amount: Option<Money>,
    /// The provider's names.
    pub refs: Refs,
    /// A card kept by the provider.
    pub token: Option<String>,
    /// The card.
    pub card: Option<CardFacts>,
    /// Strong authentication.
    pub sca: Option<Sca>,
    /// The provider's code, such as `51`.
    pub raw_code: Option<String>,
    /// The provider's text.
    pub raw_text: Option<String>,
    /// The refusal in our words.
    pub decline: Option<Decline>,
    /// The case, of a sale that is contested.
    pub case: Option<Case>,
}

impl Event {
    /// An event with nothing but a status.
    #[must_use]
    pub fn new(about: Kind, status: Status) -> Self {
        Self {
            about,
            key: None,
            trust: Trust::Requeried,
            status,
            amount: None,
            refs: Refs::default(),
            token: None,
            card: None,
            sca: None,
            raw_code: None,
            raw_text: None,
            decline: None,
            case: None,
        }
    }

    /// A refusal.
    #[must_use]
    pub fn refused(about: Kind, decline: Decline) -> Self {
        let status = if about == Kind::Refund { Status::RefundRefused } else { Status::Refused };
        Self { decline: Some(decline), ..Self::new(about, status) }
    }

    /// No answer, or an unreadable one.
    #[must_use]
    pub fn unknown(about: Kind, why: &str) -> Self {
        Self { raw_text: Some(why.to_owned()), ..Self::new(about, Status::Unknown) }
    }
}
