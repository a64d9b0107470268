//! What a provider tells of a sale that its payer contests.

use kernel::{Date, Money};
use serde::{Deserialize, Serialize};

/// How far a case is at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseStage {
    /// It was opened: the bank has its money back and waits for an answer.
    Opened,
    /// The bank decided for the merchant.
    Won,
    /// The bank decided for the payer.
    Lost,
}

/// What the reason of a network comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseFamily {
    /// The holder did not pay.
    Fraud,
    /// He got nothing for it.
    NotProvided,
    /// He got something else.
    NotAsDescribed,
    /// He was promised money back.
    CreditNotProcessed,
    /// He paid twice.
    Duplicate,
    /// The amount, the currency or the day is wrong.
    ProcessingError,
}

impl CaseFamily {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Fraud,
        Self::NotProvided,
        Self::NotAsDescribed,
        Self::CreditNotProcessed,
        Self::Duplicate,
        Self::ProcessingError,
    ];

    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fraud => "fraud",
            Self::NotProvided => "not_provided",
            Self::NotAsDescribed => "not_as_described",
            Self::CreditNotProcessed => "credit_not_processed",
            Self::Duplicate => "duplicate",
            Self::ProcessingError => "processing_error",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.as_str() == text)
    }
}

/// A contested sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The provider's number: the same for everything it tells of the case.
    pub number: String,
    /// How far it is.
    pub stage: CaseStage,
    /// Network of the card.
    pub network: String,
    /// The network's code of the reason.
    pub reason_code: String,
    /// What it comes to.
    pub family: CaseFamily,
    /// What the provider asks for the case.
    pub fee: Option<Money>,
    /// The last day to answer, when the provider names one.
    #[serde(skip)]
    pub respond_by: Option<Date>,
}
