//! What was made without this house.

use kernel::money::MoneyError;
use kernel::{CardToken, Money, OperationId, Timestamp};
use ledger::Tender;
use payments::fields::Word;

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedKind {
    /// The guest paid.
    Debit,
    /// Money went back to him.
    Refund,
    /// An amount was reserved on his card; no money moved.
    Preauthorisation,
}

impl RecordedKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Debit, Self::Refund, Self::Preauthorisation];

    /// The word stored and used by programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Refund => "refund",
            Self::Preauthorisation => "preauthorisation",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Word for RecordedKind {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn all() -> Vec<&'static str> {
        Self::ALL.map(Self::as_str).to_vec()
    }
}

/// One transaction that was made without this house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id here.
    pub id: OperationId,
    /// What was made.
    pub kind: RecordedKind,
    /// By what means.
    pub means: Tender,
    /// How much.
    pub amount: Money,
    /// The property's own reference: number of the slip, of the transfer.
    pub reference: String,
    /// The issuer's number; empty when there is none.
    pub auth_code: String,
    /// When it was made.
    pub at: Timestamp,
    /// The card it was made with, when the vault has it.
    pub card: Option<CardToken>,
    /// Whether the card can be charged no more after it.
    pub card_consumed: bool,
    /// Who wrote it down.
    pub author: String,
}

/// Sum of what was written down of a kind.
///
/// # Errors
/// [`MoneyError`] out of range.
pub fn sum(zero: Money, recorded: &[Recorded], kind: RecordedKind) -> Result<Money, MoneyError> {
    let of_kind = recorded.iter().filter(|one| one.kind == kind);
    of_kind.map(|one| one.amount).try_fold(zero, Money::plus)
}
