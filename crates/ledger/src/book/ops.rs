//! Posting: each event of the business once, whole, in the caller's commit.

use std::collections::BTreeMap;

use db::Tx;
use kernel::{Date, LedgerAccountId, LedgerTxId, OperationId, Scope, Timestamp};

use super::chart::Reference;
use super::model::{Draft, Kind, Layer, Line, Pending, PendingState, Side};
use super::store::{self, Closing, Deltas, ItemMove, Postings};
use super::templates::{
    self, CaseMove, Contested, Correction, Credit, DepositEnd, Earlier, Ending, Fee, Movement,
    OutsideRefund,
};
use crate::LedgerError;

/// Under which id and when an entry is written; made outside, so that a unit can run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The id of the transaction, if it is new.
    pub id: LedgerTxId,
    /// Business date of the event in the merchant's zone; a replay must name the same.
    pub on: Date,
    /// The instant of writing.
    pub now: Timestamp,
}

/// What posting did.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// Written.
    New(LedgerTxId),
    /// Told before, in the same words: nothing was written.
    Already(LedgerTxId),
    /// Nothing to write: the amount is zero.
    Nothing,
}

impl Posted {
    /// The transaction, if there is one.
    #[must_use]
    pub const fn id(self) -> Option<LedgerTxId> {
        match self {
            Self::New(id) | Self::Already(id) => Some(id),
            Self::Nothing => None,
        }
    }
}

type Outcome = Result<Posted, LedgerError>;

/// Money was taken from a payer.
///
/// # Errors
/// [`LedgerError`]; the unit of work must end with it.
pub fn capture(tx: &mut Tx<'_>, scope: &Scope, movement: &Movement, stamp: Stamp) -> Outcome {
    post(tx, scope, templates::capture(movement, stamp.on)?, stamp)
}

/// The operator's fee of a captured operation is taken from the wallet.
///
/// # Errors
/// As [`capture`].
pub fn fee(tx: &mut Tx<'_>, scope: &Scope, fee: &Fee, stamp: Stamp) -> Outcome {
    post(tx, scope, templates::fee_net(fee, stamp.on)?, stamp)
}

/// A fee is given back to the wallet.
///
/// # Errors
/// As [`capture`].
pub fn fee_returned(tx: &mut Tx<'_>, scope: &Scope, fee: &Fee, stamp: Stamp) -> Outcome {
    post(tx, scope, templates::fee_returned(fee, stamp.on)?, stamp)
}

/// A refund was asked of the provider: reserves the amount until it answers.
///
/// # Errors
/// As [`capture`].
pub fn refund_asked(tx: &mut Tx<'_>, scope: &Scope, movement: &Movement, stamp: Stamp) -> Outcome {
    post(tx, scope, templates::refund(movement, stamp.on)?, stamp)
}

/// The provider accepted a refund; `ending` says how much became a fact.
///
/// # Errors
/// As [`capture`], [`LedgerError::NoReserve`], [`LedgerError::ReserveClosed`],
/// [`LedgerError::OverReserve`].
pub fn refund_accepted(
    tx: &mut Tx<'_>,
    scope: &Scope,
    operation: OperationId,
    amount: kernel::Money,
    stamp: Stamp,
) -> Outcome {
    end_refund(tx, scope, operation, Ending::Posted(amount), stamp)
}

/// The provider refused a refund, or it was given up: the reserve is released.
///
/// # Errors
/// As [`refund_accepted`].
pub fn refund_refused(
    tx: &mut Tx<'_>,
    scope: &Scope,
    operation: OperationId,
    stamp: Stamp,
) -> Outcome {
    end_refund(tx, scope, operation, Ending::Voided, stamp)
}

/// A refund was made without Guichet: it is a fact when it is written down.
///
/// # Errors
/// As [`capture`].
pub fn refund_outside(
    tx: &mut Tx<'_>,
    scope: &Scope,
    refund: &OutsideRefund,
    stamp: Stamp,
) -> Outcome {
    post(tx, scope, templates::refund_outside(refund, stamp.on)?, stamp)
}

/// Something happened to the money of a contested sale.
///
/// # Errors
/// As [`capture`].
pub fn chargeback(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (case, what): (&Contested, CaseMove),
    stamp: Stamp,
) -> Outcome {
    post(tx, scope, templates::chargeback(case, (what, stamp.on))?, stamp)
}

/// A deposit is set against what the payer owes, at the invoice.
///
/// # Errors
/// As [`capture`].
pub fn deposit_applied(tx: &mut Tx<'_>, scope: &Scope, end: &DepositEnd, stamp: Stamp) -> Outcome {
    post(tx, scope, templates::deposit_applied(end, stamp.on)?, stamp)
}

/// A deposit is kept after a late cancellation.
///
/// # Errors
/// As [`capture`].
pub fn deposit_kept(tx: &mut Tx<'_>, scope: &Scope, end: &DepositEnd, stamp: Stamp) -> Outcome {
    post(tx, scope, templates::deposit_kept(end, stamp.on)?, stamp)
}

/// A deposit has been given back.
///
/// # Errors
/// As [`capture`].
pub fn deposit_returned(
    tx: &mut Tx<'_>,
    scope: &Scope,
    movement: &Movement,
    stamp: Stamp,
) -> Outcome {
    post(tx, scope, templates::deposit_returned(movement, stamp.on)?, stamp)
}

/// A customer is given a credit.
///
/// # Errors
/// As [`capture`].
pub fn credit_granted(tx: &mut Tx<'_>, scope: &Scope, credit: &Credit, stamp: Stamp) -> Outcome {
    post(tx, scope, templates::credit_granted(credit, stamp.on)?, stamp)
}

/// A customer uses his credit.
///
/// # Errors
/// As [`capture`], and [`LedgerError::BalanceLimit`] when he has less.
pub fn credit_used(tx: &mut Tx<'_>, scope: &Scope, credit: &Credit, stamp: Stamp) -> Outcome {
    post(tx, scope, templates::credit_used(credit, stamp.on)?, stamp)
}

/// Undoes a transaction by its mirror image, once.
///
/// # Errors
/// As [`capture`], [`LedgerError::AlreadyReversed`], [`LedgerError::NothingToReverse`].
pub fn reverse(tx: &mut Tx<'_>, scope: &Scope, correction: &Correction, stamp: Stamp) -> Outcome {
    let of = store::earlier(tx, scope, correction.of)?.ok_or(LedgerError::NothingToReverse)?;
    let draft = templates::reversal(&of, correction, stamp.on)?;
    if let Some(told) = draft.as_ref().map(|d| told_before(tx, scope, d)).transpose()?.flatten() {
        return Ok(told);
    }
    if store::is_reversed(tx, scope, of.id)? {
        return Err(LedgerError::AlreadyReversed);
    }
    post(tx, scope, draft, stamp)
}

/// Reserves a customer's credit while the rest is paid in another way, at most until an instant.
///
/// # Errors
/// As [`credit_used`].
pub fn credit_reserved(
    tx: &mut Tx<'_>,
    scope: &Scope,
    credit: &Credit,
    until: Timestamp,
    stamp: Stamp,
) -> Outcome {
    post(tx, scope, templates::credit_reserved(credit, until, stamp.on)?, stamp)
}

/// Ends any reserve by its transaction: it became a fact, was given up, or its time is over on
/// the shop's clock.
///
/// # Errors
/// As [`refund_accepted`], and [`LedgerError::ReserveNotOver`].
pub fn settle(
    tx: &mut Tx<'_>,
    scope: &Scope,
    reserve: LedgerTxId,
    ending: Ending,
    stamp: Stamp,
) -> Outcome {
    let of = store::earlier(tx, scope, reserve)?.ok_or(LedgerError::NoReserve)?;
    resolve(tx, scope, &of, ending, stamp)
}

/// Writes a drafted transaction in the caller's commit: limits first, then rows and items.
///
/// # Errors
/// As [`capture`].
pub fn post(tx: &mut Tx<'_>, scope: &Scope, draft: Option<Draft>, stamp: Stamp) -> Outcome {
    let Some(draft) = draft else { return Ok(Posted::Nothing) };
    if let Some(told) = told_before(tx, scope, &draft)? {
        return Ok(told);
    }
    let postings = postings_of(scope, &draft);
    move_strict_accounts(tx, scope, stamp.id, (&draft, &postings))?;
    store::insert(tx, scope, (stamp.id, stamp.now), (&draft, &postings))?;
    if draft.reserves() {
        store::insert_pending(tx, scope, stamp.id, draft.expires_at())?;
    }
    for item in item_moves(&postings, stamp.on)? {
        store::move_item(tx, scope, &item)?;
    }
    check_written(tx, scope, stamp.id, &draft)?;
    Ok(Posted::New(stamp.id))
}

/// Reads back what was written. Almost always every account exists; looking for them only here
/// spares a read per posting.
fn check_written(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerTxId,
    draft: &Draft,
) -> Result<(), LedgerError> {
    let expected = i64::try_from(draft.lines().len()).map_err(|_| LedgerError::AmountRange)?;
    let mut written = store::written(tx, scope, id)?;
    if written.postings != expected {
        for line in draft.lines() {
            store::open_account(tx, scope, &line.account, draft.currency())?;
        }
        written = store::written(tx, scope, id)?;
    }
    if written.postings != expected {
        return Err(LedgerError::UnknownAccount);
    }
    Ok(kernel::ensure!(written.debits == written.credits)?)
}

fn told_before(
    tx: &mut Tx<'_>,
    scope: &Scope,
    draft: &Draft,
) -> Result<Option<Posted>, LedgerError> {
    let head = draft.head();
    let Some(found) = store::find(tx, scope, head.kind, &head.request)? else {
        return Ok(None);
    };
    if found.fingerprint == draft.fingerprint() {
        return Ok(Some(Posted::Already(found.id)));
    }
    let lines = store::lines(tx, scope, found.id)?;
    Err(LedgerError::Conflict { field: draft.difference(found.currency, found.on, &lines) })
}

/// Accounts with limits, in the order of their ids so that no two units wait for each other.
fn move_strict_accounts(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerTxId,
    (draft, postings): (&Draft, &Postings<'_>),
) -> Result<(), LedgerError> {
    let mut moves = BTreeMap::new();
    for (n, (account, line)) in (1_i64..).zip(postings) {
        if store::is_strict(&line.account) {
            let (_, _, deltas) =
                moves.entry(*account).or_insert_with(|| (n, &line.account, Deltas::default()));
            add(deltas, line, draft.pending())?;
        }
    }
    for (account, (n, name, deltas)) in moves {
        store::open_account(tx, scope, name, draft.currency())?;
        store::move_strict(tx, scope, (id, n), (account, name, draft.currency()), deltas)?;
    }
    Ok(())
}

fn add(deltas: &mut Deltas, line: &Line, pending: Pending) -> Result<(), LedgerError> {
    let (counter, amount) = match (line.layer, line.side, pending) {
        (Layer::Posted, Side::Debit, _) => (&mut deltas.debits_posted, line.amount),
        (Layer::Posted, Side::Credit, _) => (&mut deltas.credits_posted, line.amount),
        (Layer::Pending, Side::Debit, Pending::Reserve) => {
            (&mut deltas.debits_pending, line.amount)
        }
        (Layer::Pending, Side::Credit, Pending::Reserve) => {
            (&mut deltas.credits_pending, line.amount)
        }
        (Layer::Pending, Side::Debit, Pending::GiveBack) => {
            (&mut deltas.credits_pending, -line.amount)
        }
        (Layer::Pending, Side::Credit, Pending::GiveBack) => {
            (&mut deltas.debits_pending, -line.amount)
        }
    };
    *counter = counter.checked_add(amount).ok_or(LedgerError::AmountRange)?;
    Ok(())
}

/// The lines of a draft with their accounts.
pub(super) fn postings_of<'d>(scope: &Scope, draft: &'d Draft) -> Vec<(LedgerAccountId, &'d Line)> {
    let account = |line: &Line| store::account_id(scope, &line.account, draft.currency());
    draft.lines().iter().map(|line| (account(line), line)).collect()
}

/// What postings do to open items: items of control accounts follow what has happened, not what
/// is reserved.
pub(super) fn item_moves<'d>(
    postings: &Postings<'d>,
    on: Date,
) -> Result<Vec<ItemMove<'d>>, LedgerError> {
    let mut sums: BTreeMap<(&Reference, LedgerAccountId), (i64, i64)> = BTreeMap::new();
    for (account, line) in postings {
        let Some(item) = &line.item else { continue };
        if !line.account.has_items() || line.layer == Layer::Pending {
            continue;
        }
        let (debits, credits) = sums.entry((item, *account)).or_default();
        let counter = if line.side == Side::Debit { debits } else { credits };
        *counter = counter.checked_add(line.amount).ok_or(LedgerError::AmountRange)?;
    }
    let moves = sums.into_iter();
    let one =
        |((item, account), (debits, credits))| ItemMove { account, item, debits, credits, on };
    Ok(moves.map(one).collect())
}

fn end_refund(
    tx: &mut Tx<'_>,
    scope: &Scope,
    operation: OperationId,
    ending: Ending,
    stamp: Stamp,
) -> Outcome {
    let request = format!("{}:{operation}", Kind::Refund.as_str());
    let reserve = store::find(tx, scope, Kind::Refund, &request)?;
    let reserve = reserve.ok_or(LedgerError::NoReserve)?.id;
    let of = store::earlier(tx, scope, reserve)?.ok_or(LedgerError::NoReserve)?;
    resolve(tx, scope, &of, ending, stamp)
}

/// Ends a reserve exactly once; the same end told twice writes nothing.
fn resolve(tx: &mut Tx<'_>, scope: &Scope, of: &Earlier, ending: Ending, stamp: Stamp) -> Outcome {
    let draft = templates::resolution(of, ending, stamp.on)?;
    if let Some(told) = told_before(tx, scope, &draft)? {
        return Ok(told);
    }
    let (state, expires_at) = store::pending(tx, scope, of.id)?.ok_or(LedgerError::NoReserve)?;
    if state != PendingState::Open {
        return Err(LedgerError::ReserveClosed(state));
    }
    let (state, posted) = match ending {
        Ending::Posted(amount) => (PendingState::Posted, Some(amount.minor())),
        Ending::Voided => (PendingState::Voided, None),
        Ending::Expired(now) if expires_at.is_some_and(|end| end <= now) => {
            (PendingState::Expired, None)
        }
        Ending::Expired(_) => return Err(LedgerError::ReserveNotOver),
    };
    let closing = Closing { state, posted, by: stamp.id };
    kernel::ensure!(store::close_pending(tx, scope, of.id, closing)?)?;
    post(tx, scope, Some(draft), stamp)
}
