//! An attempt and the transcript of its exchanges.

use connectors::FlowState;
use kernel::{CaptureId, CardToken, Id, OperationId, PaymentId, Timestamp};

use crate::payment::Initiator;
use crate::payment::words::words;

words! {
    /// How far an attempt is.
    AttemptState {
        /// A request is at the bank.
        Running => "running",
        /// The payer is on the bank's page.
        Challenge => "challenge",
        /// He is back, and the bank is asked how that ended. The question moves nothing: who finds
        /// it without an answer (a crash, another tab) asks again.
        Asking => "asking",
        /// Over.
        Ended => "ended",
    }
}

impl AttemptState {
    /// Whether the bank's page, or the question how it ended, is between the payer and the end.
    #[must_use]
    pub const fn is_challenged(self) -> bool {
        matches!(self, Self::Challenge | Self::Asking)
    }
}

/// One card tried on one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The payment.
    pub payment: PaymentId,
    /// Counted from 1.
    pub number: u32,
    /// The capture that brought the card; none for kept cards.
    pub capture: Option<CaptureId>,
    /// The card.
    pub card: CardToken,
    /// The vault's fingerprint of its number at this merchant, while it is remembered.
    pub fingerprint: Option<String>,
    /// Address of the payer's browser; none when a program or a person of the house asked.
    pub address: Option<String>,
    /// Who asked for the charge.
    pub initiator: Initiator,
    /// How far it is.
    pub state: AttemptState,
    /// Goes up with each step.
    pub step: i64,
    /// What the connector needs to go on.
    pub flow: FlowState,
    /// The bank's page, while the payer is sent there.
    pub challenge_url: Option<String>,
    /// When he was sent there, by the shop's clock.
    pub challenged_at: Option<Timestamp>,
    /// When it began, by the shop's clock.
    pub started_at: Timestamp,
}

/// One request to a provider and what came back, without card data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Its id.
    pub id: Id,
    /// The payment.
    pub payment: PaymentId,
    /// The operation, unless it was a question about an authentication.
    pub operation: Option<OperationId>,
    /// What was sent: `authorise`, `query`…
    pub kind: &'static str,
    /// The request, scrubbed.
    pub request: String,
    /// `answered`, `silent` or `not_sent`.
    pub outcome: &'static str,
    /// HTTP status of the answer.
    pub http_status: Option<u16>,
    /// The answer, with card numbers reduced to their last digits.
    pub answer: String,
    /// When it left, real time.
    pub sent_at: Timestamp,
    /// How long the answer took, in milliseconds.
    pub millis: i64,
}
