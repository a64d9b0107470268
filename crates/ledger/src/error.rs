//! Why the ledger refused, and what the outside is told.

use db::DbError;
use kernel::money::MoneyError;
use kernel::{Invariant, Money, Problem};

use crate::book::model::PendingState;

/// A refusal. It ends the unit of work: nothing of what was posted in it may be committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The code is not in the chart, or the account is closed.
    #[error("account unknown or closed")]
    UnknownAccount,
    /// The same business event told twice, differently.
    #[error("told before with another {field}")]
    Conflict {
        /// The first field that differs, such as `postings[0].amount`.
        field: String,
    },
    /// A transaction can be reversed once.
    #[error("reversed already")]
    AlreadyReversed,
    /// No such transaction, or it posted nothing that could be reversed.
    #[error("nothing to reverse")]
    NothingToReverse,
    /// No reserve under this name.
    #[error("no reserve of this name")]
    NoReserve,
    /// The reserve was resolved before, and in another way.
    #[error("the reserve is {}", .0.as_str())]
    ReserveClosed(PendingState),
    /// The reserve has no end, or it is not over.
    #[error("the reserve is not over")]
    ReserveNotOver,
    /// More than was reserved.
    #[error("more than the reserved {reserved}")]
    OverReserve {
        /// Minor units reserved.
        reserved: i64,
    },
    /// A floor or ceiling of the account would be crossed.
    #[error("limit of {account}")]
    BalanceLimit {
        /// The account.
        account: String,
        /// What it would still take.
        remaining: Money,
    },
    /// Amounts are from 1 to 999,999,999,999 minor units.
    #[error("amount out of range")]
    AmountRange,
    /// Funds may only be held through a named, licensed institution.
    #[error("custody is not configured")]
    CustodyNotConfigured,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule of the house did not hold.
    #[error(transparent)]
    Invariant(#[from] Invariant),
}

impl From<MoneyError> for LedgerError {
    fn from(_: MoneyError) -> Self {
        Self::AmountRange
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::UnknownAccount => {
                Self::new(422, "unknown_account", "No such account in the chart of accounts.")
            }
            LedgerError::Conflict { field } => {
                let told = "This event was recorded before with other content; look at the field.";
                Self::new(409, "ledger_conflict", told).with("field", field)
            }
            LedgerError::AlreadyReversed => {
                Self::new(409, "already_reversed", "This entry has been reversed before.")
            }
            LedgerError::NothingToReverse | LedgerError::NoReserve => Self::not_found(),
            LedgerError::ReserveClosed(state) => Self::new(
                409,
                match state {
                    PendingState::Voided => "pending_already_voided",
                    PendingState::Expired => "pending_already_expired",
                    PendingState::Open | PendingState::Posted => "pending_already_posted",
                },
                "This reserve was resolved before.",
            ),
            LedgerError::BalanceLimit { account, remaining } => {
                Self::new(409, "balance_limit", "The limit of the account would be crossed.")
                    .with("account", account)
                    .with("remaining", remaining.minor())
            }
            LedgerError::CustodyNotConfigured => Self::new(
                409,
                "custody_not_configured",
                "Name the licensed institution and its account, and confirm the statement.",
            ),
            LedgerError::Db(error) => Self::from(&error),
            LedgerError::OverReserve { .. }
            | LedgerError::ReserveNotOver
            | LedgerError::AmountRange
            | LedgerError::Invariant(_) => Self::internal(),
        }
    }
}
