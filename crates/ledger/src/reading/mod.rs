//! What pages and other slices read from the ledger: timelines, items, balances, totals.
//!
//! Everything is computed from the postings at reading time; no copy of a balance exists. A read
//! that decides about money is made inside the writing transaction.

mod store;

use db::Tx;
use kernel::money::MoneyError;
use kernel::{Currency, Date, LedgerTxId, Money, Scope, ShopId, Timestamp};

use crate::LedgerError;
use crate::book::chart::{Account, Reference};
use crate::book::model::{Kind, Layer, PendingState, Side};

/// One posting with its transaction, for the timeline of a booking or payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineLine {
    /// The transaction.
    pub tx: LedgerTxId,
    /// Its money event.
    pub kind: Kind,
    /// For the end of a reserve: the money event that was reserved.
    pub resolves: Option<Kind>,
    /// Where the reserve stands that this line opened.
    pub reserve: Option<PendingState>,
    /// Business date.
    pub on: Date,
    /// The instant it was written.
    pub recorded_at: Timestamp,
    /// Who did it, as stored.
    pub actor: String,
    /// The account.
    pub account: Account,
    /// The open item, or the operation it belongs to.
    pub item: Option<Reference>,
    /// Debit or credit.
    pub side: Side,
    /// How much.
    pub amount: Money,
    /// Fact or reserve.
    pub layer: Layer,
}

/// Sums of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// The currency of the book.
    pub currency: Currency,
    /// Debits that have happened, in minor units.
    pub debits_posted: i64,
    /// Credits that have happened.
    pub credits_posted: i64,
    /// Debits reserved.
    pub debits_pending: i64,
    /// Credits reserved.
    pub credits_pending: i64,
}

impl Balance {
    /// Nothing yet.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self {
            currency,
            debits_posted: 0,
            credits_posted: 0,
            debits_pending: 0,
            credits_pending: 0,
        }
    }

    /// Debits less credits: positive for money held, negative for money owed to others.
    ///
    /// # Errors
    /// [`MoneyError::Range`] on overflow.
    pub fn balance(&self) -> Result<Money, MoneyError> {
        let credits = Money::new(self.credits_posted, self.currency);
        Money::new(self.debits_posted, self.currency).minus(credits)
    }

    /// The balance less what is reserved to go out; what is reserved to come in never counts.
    ///
    /// # Errors
    /// [`MoneyError::Range`] on overflow.
    pub fn available(&self) -> Result<Money, MoneyError> {
        self.balance()?.minus(Money::new(self.credits_pending, self.currency))
    }
}

/// An open item: while debits differ from credits, somebody owes the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenItem {
    /// Sum of debits.
    pub debits: Money,
    /// Sum of credits.
    pub credits: Money,
    /// Date of its first posting.
    pub opened_on: Date,
    /// When it should be settled.
    pub due_on: Option<Date>,
    /// Date on which debits and credits became equal.
    pub closed_on: Option<Date>,
}

/// Sums of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookTotals {
    /// Its currency.
    pub currency: Currency,
    /// Transactions.
    pub transactions: i64,
    /// Postings.
    pub postings: i64,
    /// Sum of debits that have happened.
    pub debits: i64,
    /// Sum of credits that have happened.
    pub credits: i64,
}

/// All lines about a booking or payment, oldest first.
///
/// # Errors
/// [`LedgerError::Db`].
pub fn timeline(
    tx: &mut Tx<'_>,
    scope: &Scope,
    business: &Reference,
) -> Result<Vec<TimelineLine>, LedgerError> {
    store::timeline(tx, scope, business)
}

/// All lines of one operation of a payment (its capture, fee, refund and their ends), or of one
/// contested sale, oldest first.
///
/// # Errors
/// [`LedgerError::Db`].
pub fn timeline_of_item(
    tx: &mut Tx<'_>,
    scope: &Scope,
    item: &Reference,
) -> Result<Vec<TimelineLine>, LedgerError> {
    store::timeline_of_item(tx, scope, item)
}

/// Sums of one account; nothing for one that was never posted to.
///
/// # Errors
/// [`LedgerError::Db`].
pub fn balance(
    tx: &mut Tx<'_>,
    scope: &Scope,
    account: &Account,
    currency: Currency,
) -> Result<Balance, LedgerError> {
    store::balance(tx, scope, account, currency)
}

/// What a shop's wallet holds (custody).
///
/// # Errors
/// [`LedgerError::Db`].
pub fn wallet(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    currency: Currency,
) -> Result<Balance, LedgerError> {
    store::balance(tx, scope, &Account::Wallet(shop), currency)
}

/// One item of a control account, if anything was posted to it.
///
/// # Errors
/// [`LedgerError::Db`].
pub fn item(
    tx: &mut Tx<'_>,
    scope: &Scope,
    account: &Account,
    item: &Reference,
    currency: Currency,
) -> Result<Option<OpenItem>, LedgerError> {
    store::item(tx, scope, account, item, currency)
}

/// Sums of the merchant's books of this mode, one per currency.
///
/// # Errors
/// [`LedgerError::Db`].
pub fn totals(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<BookTotals>, LedgerError> {
    store::totals(tx, scope)
}
