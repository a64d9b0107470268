//! One step done to a payment: asked of the bank, answered, never edited afterwards.

use kernel::{Money, OperationId, Timestamp};
use serde::{Deserialize, Serialize};

use super::elsewhere::Elsewhere;
use super::guarantee::Guarantee;
use super::words::words;

words! {
    /// What was done.
    Kind {
        /// 3-D Secure.
        Authenticate => "authenticate",
        /// Authorisation of an amount.
        Authorise => "authorise",
        /// Debit of what was authorised.
        Capture => "capture",
        /// Release of what was authorised.
        Void => "void",
        /// The authorisation lapsed.
        Expire => "expire",
        /// Money given back.
        Refund => "refund",
        /// A person validated the payment.
        Validate => "validate",
        /// The payer contests it: the bank took its money back.
        Chargeback => "chargeback",
        /// The bank gave that money back.
        ChargebackWon => "chargeback_won",
        /// The bank keeps it with the payer.
        ChargebackLost => "chargeback_lost",
    }
}

words! {
    /// How far an operation is.
    OpState {
        /// Stored, nothing sent.
        Init => "init",
        /// Stored before the first byte left; the answer is awaited.
        Sent => "sent",
        /// Accepted.
        Success => "success",
        /// Refused.
        Failed => "failed",
        /// Taken by the bank, result later.
        Pending => "pending",
        /// No answer, or one that cannot be read.
        Unknown => "unknown",
    }
}

words! {
    /// Through which door an operation came.
    Source {
        /// The payer's page.
        Page => "page",
        /// The API.
        Api => "api",
        /// The cash desk.
        Desk => "desk",
        /// A job of the house.
        Clock => "clock",
        /// A query or notification of the bank.
        Connector => "connector",
    }
}

/// Stands in place of the bank's text where nothing left the house.
pub const NOTHING_SENT: &str = "nothing was sent";

/// What the bank said, as it said it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raw {
    /// The bank's code, such as `51`.
    pub code: String,
    /// The network that answered, such as `cb`.
    pub network: String,
    /// The bank's text.
    pub text: String,
}

/// One operation of a payment.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its id; also our reference at the bank.
    pub id: OperationId,
    /// What is done.
    pub kind: Kind,
    /// How far it is.
    pub state: OpState,
    /// The amount; never changed after writing.
    pub amount: Money,
    /// Which attempt of the payment it belongs to, from 1; 0 for desk operations.
    pub attempt: u32,
    /// Normalised code, such as `approved` or `insufficient_funds`.
    pub code: Option<String>,
    /// What the bank said.
    pub raw: Raw,
    /// The bank's authorisation number.
    pub authorisation: Option<String>,
    /// The bank's own name of the operation.
    pub provider_id: Option<String>,
    /// The guarantee computed with this operation.
    pub guarantee: Option<Guarantee>,
    /// `usr_…`, `key_…`, `payer`, `clock`.
    pub author: String,
    /// Through which door it came.
    pub source: Source,
    /// Why, in the words of the person who asked.
    pub reason: Option<String>,
    /// When it was written, by the shop's clock.
    pub at: Timestamp,
    /// When the request left, by real time: time-outs count from here.
    pub sent_at: Option<Timestamp>,
    /// How often the bank was asked what became of it.
    pub queries: u32,
    /// How it was made, when it was made without Guichet and only written down.
    pub elsewhere: Option<Elsewhere>,
    /// The payer hears nothing of it: the program that asked tells him itself.
    pub quiet: bool,
}

impl Operation {
    /// Whether it is a step of a contested sale.
    #[must_use]
    pub const fn is_of_case(&self) -> bool {
        matches!(self.kind, Kind::Chargeback | Kind::ChargebackWon | Kind::ChargebackLost)
    }

    /// Whether it takes money from the merchant against his will.
    #[must_use]
    pub const fn is_against(&self) -> bool {
        matches!(self.kind, Kind::Chargeback | Kind::ChargebackLost)
    }
}

/// How far news may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Signed by the provider, or the answer to our own question.
    Proven,
    /// Said by a browser.
    Unproven,
}

/// Why an operation may not go from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoMove {
    /// The operation already ended with this result.
    #[error("already settled")]
    Already,
    /// The news is older or weaker than what is known, and is ignored.
    #[error("ignored")]
    Ignored,
    /// Not a step of the life of an operation.
    #[error("not a step of the life of an operation")]
    Never,
}

impl Operation {
    /// Whether nothing of it left the house: no bank was asked.
    #[must_use]
    pub fn is_unsent(&self) -> bool {
        self.raw.code.is_empty() && self.raw.text == NOTHING_SENT
    }
}

impl OpState {
    /// Whether the result is still to come.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Init | Self::Sent | Self::Pending | Self::Unknown)
    }

    /// The next state when news arrive. Success beats a failure reported later; a success after
    /// a failure is taken only when the news are proven (signed, or asked by us).
    ///
    /// # Errors
    /// [`NoMove`] when the news change nothing.
    pub fn receives(self, news: Self, proof: Proof) -> Result<Self, NoMove> {
        use OpState::{Failed, Init, Pending, Sent, Success, Unknown};
        match (self, news) {
            (Success, Success) | (Failed, Failed) | (Pending, Pending) | (Unknown, Unknown) => {
                Err(NoMove::Already)
            }
            (Init, Sent | Failed)
            | (Sent, Success | Failed | Pending | Unknown)
            | (Pending | Unknown, Success | Failed) => Ok(news),
            (Failed, Success) if proof == Proof::Proven => Ok(Success),
            (Success | Failed, _) | (Pending, Unknown) | (Unknown, Pending) => Err(NoMove::Ignored),
            _ => Err(NoMove::Never),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn p_05_pending_and_unknown_only_end() {
        for open in [OpState::Pending, OpState::Unknown] {
            assert_eq!(open.receives(OpState::Success, Proof::Unproven), Ok(OpState::Success));
            assert_eq!(open.receives(OpState::Failed, Proof::Unproven), Ok(OpState::Failed));
            assert!(open.receives(OpState::Sent, Proof::Proven).is_err());
            assert!(open.receives(OpState::Init, Proof::Proven).is_err());
        }
    }

    #[test]
    fn p_05_success_beats_a_later_failure() {
        assert_eq!(OpState::Success.receives(OpState::Failed, Proof::Proven), Err(NoMove::Ignored));
        assert_eq!(OpState::Failed.receives(OpState::Success, Proof::Proven), Ok(OpState::Success));
        assert_eq!(
            OpState::Failed.receives(OpState::Success, Proof::Unproven),
            Err(NoMove::Ignored)
        );
    }

    proptest! {
        #[test]
        fn p_05_any_order_of_the_same_news_ends_alike(
            mut news in Just(vec![OpState::Unknown, OpState::Failed, OpState::Success, OpState::Success])
                .prop_shuffle(),
        ) {
            let mut state = OpState::Sent;
            for piece in news.drain(..) {
                state = state.receives(piece, Proof::Proven).unwrap_or(state);
            }
            prop_assert_eq!(state, OpState::Success);
        }
    }
}
