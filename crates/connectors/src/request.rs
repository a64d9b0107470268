//! What the engine asks of a connector.

use kernel::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use crate::declines::Network;
use crate::event::Kind;
use crate::step::CodeUse;

/// Who starts a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initiator {
    /// The holder is there.
    Payer,
    /// The merchant, under an agreement made with the holder earlier.
    Merchant,
}

impl Initiator {
    /// The word sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::Merchant => "merchant",
        }
    }
}

/// How the card details came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A page.
    Ecommerce,
    /// Mail or telephone order: no strong authentication exists.
    Moto,
}

/// When the money is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureWish {
    /// Authorise and capture in one step.
    Now,
    /// Authorise; a capture follows.
    Later,
}

impl CaptureWish {
    /// The word sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Later => "later",
        }
    }
}

/// What is wished of strong authentication (EMV 3-D Secure challenge indicator).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Challenge {
    /// Indicator 01.
    NoPreference,
    /// Indicator 02.
    Avoid,
    /// Indicator 03.
    Prefer,
    /// Indicator 04.
    Mandate,
    /// No authentication at all.
    Off,
}

/// One amount to collect with one card; nothing (0) is an account check, where the connector has
/// one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The amount.
    pub amount: Money,
    /// The brand the payer chose.
    pub network: Network,
    /// Who starts it.
    pub initiator: Initiator,
    /// How the card came.
    pub channel: Channel,
    /// Chain reference of the first payment of the agreement, for later ones.
    pub chain: Option<String>,
    /// What is wished of strong authentication.
    pub challenge: Challenge,
    /// When the money is taken.
    pub capture: CaptureWish,
    /// Whether the security code goes along where the flow has use for it.
    #[serde(default)]
    pub code: CodeUse,
    /// Where the bank sends the browser back: an opaque token, no amount, no name.
    pub return_url: String,
}

/// An operation on what was collected.
#[derive(Debug, Clone, PartialEq)]
pub struct Op {
    /// Our reference of the operation; for a query, the one asked about.
    pub reference: String,
    /// What is asked.
    pub asked: Asked,
    /// When, by the clock of the shop.
    pub at: Timestamp,
}

/// What is asked of the provider.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// What became of the operation named by the reference, sent `age_seconds` ago?
    Query {
        /// Which operation it was.
        kind: Kind,
        /// Seconds since it was sent, by the clock of the shop.
        age_seconds: i64,
    },
    /// Debit this much of what was authorised.
    Capture(Money),
    /// Release what was not captured.
    Void,
    /// Give back this much of what was captured.
    Refund(Money),
    /// Charge a card kept by the provider.
    ChargeToken {
        /// The provider's token.
        token: String,
        /// The amount.
        amount: Money,
    },
    /// Forget a card kept by the provider.
    DeleteToken {
        /// The provider's token.
        token: String,
    },
}

/// A provider's answer, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body, as received.
    pub body: Vec<u8>,
}

/// A request that reached us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawRequest {
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// Query, without `?`.
    pub query: String,
    /// Body, as received.
    pub body: Vec<u8>,
}

/// What happened since the last step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The call was answered.
    Http(Reply),
    /// The call was not answered in time, or the answer was cut: it may have been heard.
    Timeout,
    /// The browser came back; a hint, never a proof.
    Return(RawRequest),
    /// The provider notified.
    Notify(RawRequest),
    /// Time to look again.
    Poll,
    /// The session of the payer ended while the bank waited for him.
    Ended,
}
