//! Placing, renewing, prolonging, confirming, releasing and expiring holds.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use kernel::{CartId, HoldId, Invariant, Scope, ShopId, Timestamp, ensure};

use super::events::tell;
use super::jobs;
use super::model::{BANK_MINUTES, HOLD_MINUTES, Hold, HoldState, Prolonged, end_of_term};
use super::store::{self, Ending, LineState};
use crate::moment::Moment;
use crate::stock::ops::{StockError, acquire, must_move};
use crate::stock::store::{self as stock_store, Move};
use crate::stock::{Line, Lines, LinesError};

/// Most holds expired in one round.
pub const EXPIRY_ROUND: u32 = 100;

/// Why a hold could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// No such hold here.
    #[error("no such hold")]
    NotFound,
    /// It is over.
    #[error("the hold is over")]
    Expired,
    /// The four hours of the basket are used up.
    #[error("the basket's holds have lived four hours")]
    LifetimeReached,
    /// The one prolongation is used.
    #[error("prolonged once already")]
    ProlongedAlready,
    /// Somebody else was refused the same stock meanwhile.
    #[error("somebody else is waiting for the same stock")]
    OthersWait,
    /// The order itself is wrong.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule did not hold.
    #[error(transparent)]
    Invariant(#[from] Invariant),
}

impl From<StockError> for HoldError {
    fn from(error: StockError) -> Self {
        match error {
            StockError::Db(error) => Self::Db(error),
            StockError::Invariant(error) => Self::Invariant(error),
            StockError::Missing | StockError::CapacityBelowSold { .. } => Self::NotFound,
        }
    }
}

/// A hold to be placed.
#[derive(Debug, Clone)]
pub struct NewHold {
    /// Made outside the unit of work.
    pub id: HoldId,
    /// Where it is sold.
    pub shop: ShopId,
    /// The basket, if it is one's.
    pub cart: Option<CartId>,
    /// Who for.
    pub contact: String,
    /// What it blocks.
    pub lines: Lines,
    /// How long.
    pub term: Term,
}

/// How long a hold lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// An hour, within the four hours of the basket.
    Basket,
    /// What the bank needs, whatever the basket has lived.
    Bank,
}

/// A row that could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The first row refused, in locking order.
    pub line: Line,
    /// When the earliest hold of another buyer on it ends, if one is in the way.
    pub blocked_until: Option<Timestamp>,
}

/// What became of a wish for stock. A refusal has changed no quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// Blocked now, or already before by the same basket.
    Held(Hold),
    /// Not free; no expired hold was left on the row.
    Refused(Refusal),
}

/// Blocks all rows or none. The same basket asking again for the same rows gets its hold back.
///
/// # Errors
/// [`HoldError`].
pub fn place(
    tx: &mut Tx,
    scope: &Scope,
    new: &NewHold,
    moment: Moment,
) -> Result<Placed, HoldError> {
    let now = moment.now;
    let before = new.cart.map(|cart| store::of_cart(tx, scope, cart)).transpose()?.flatten();
    if let Some(hold) = before.as_ref().filter(|hold| hold.is_live(now)) {
        return set_lines(tx, scope, hold, (&new.lines, moment));
    }
    if let Some(hold) = before.as_ref().filter(|hold| hold.state == HoldState::Active) {
        expire_one(tx, scope, hold.id, moment)?;
    }
    let life_from = before.as_ref().map_or(now, |hold| hold.life_from);
    let expires_at = match new.term {
        Term::Basket => end_of_term(life_from, now).ok_or(HoldError::LifetimeReached)?,
        Term::Bank => now.plus_minutes(BANK_MINUTES),
    };
    if let Some(refusal) = acquire_fresh(tx, scope, new.shop, (&new.lines, Move::Hold), moment)? {
        return Ok(Placed::Refused(refusal));
    }
    let hold = Hold {
        id: new.id,
        shop: new.shop,
        cart: new.cart,
        state: HoldState::Active,
        created_at: now,
        life_from,
        expires_at,
        prolonged: before.map_or(Prolonged::NotYet, |hold| hold.prolonged),
        lines: new.lines.rows().to_vec(),
        version: 1,
    };
    store::insert(tx, scope, &hold, &new.contact)?;
    store::insert_lines(tx, scope, hold.id, (&hold.lines, LineState::Held))?;
    jobs::plan_sweep(tx, scope, &hold, moment)?;
    tell(tx, scope, &hold, ("hold.placed", moment))?;
    Ok(Placed::Held(hold))
}

/// Takes rows for good without an hour in between: money that came after the hold was over.
/// `None` when they are taken, else the row in the way.
///
/// # Errors
/// [`HoldError`].
pub fn take_directly(
    tx: &mut Tx,
    scope: &Scope,
    new: &NewHold,
    moment: Moment,
) -> Result<Option<Refusal>, HoldError> {
    let order = (&new.lines, Move::Take);
    if let Some(refusal) = acquire_fresh(tx, scope, new.shop, order, moment)? {
        return Ok(Some(refusal));
    }
    let hold = Hold {
        id: new.id,
        shop: new.shop,
        cart: new.cart,
        state: HoldState::Confirmed,
        created_at: moment.now,
        life_from: moment.now,
        expires_at: moment.now,
        prolonged: Prolonged::NotYet,
        lines: new.lines.rows().to_vec(),
        version: 1,
    };
    store::insert(tx, scope, &hold, &new.contact)?;
    store::insert_lines(tx, scope, hold.id, (&hold.lines, LineState::Taken))?;
    Ok(None)
}

/// Changes what a live hold blocks: new rows are taken first, all or none, then those no longer
/// wanted go back. More rows align the end of all to the latest.
///
/// # Errors
/// [`HoldError`].
pub fn set_lines(
    tx: &mut Tx,
    scope: &Scope,
    hold: &Hold,
    (wanted, moment): (&Lines, Moment),
) -> Result<Placed, HoldError> {
    if hold.has(wanted) {
        return Ok(Placed::Held(hold.clone()));
    }
    let (more, less) = difference(&hold.lines, wanted.rows());
    let mut end = hold.expires_at;
    if !more.is_empty() {
        let lines = Lines::new(more)?;
        let order = (&lines, Move::Hold);
        if let Some(refusal) = acquire_fresh(tx, scope, hold.shop, order, moment)? {
            return Ok(Placed::Refused(refusal));
        }
        end = end_of_term(hold.life_from, moment.now).map_or(end, |term| term.max(end));
    }
    for line in &less {
        must_move(tx, scope, Move::Release, line)?;
    }
    for line in &hold.lines {
        store::delete_line(tx, scope, hold.id, line)?;
    }
    store::insert_lines(tx, scope, hold.id, (wanted.rows(), LineState::Held))?;
    let changed = Hold { lines: wanted.rows().to_vec(), ..hold.clone() };
    Ok(Placed::Held(move_end(tx, scope, &changed, (end, hold.prolonged), moment)?))
}

/// Sets the end to an hour after a pay click, whatever was left.
///
/// # Errors
/// [`HoldError::Expired`] when it is over, [`HoldError::LifetimeReached`] after four hours.
pub fn renew(tx: &mut Tx, scope: &Scope, id: HoldId, moment: Moment) -> Result<Hold, HoldError> {
    let hold = live(tx, scope, id, moment.now)?;
    let end = end_of_term(hold.life_from, moment.now).ok_or(HoldError::LifetimeReached)?;
    move_end(tx, scope, &hold, (end.max(hold.expires_at), hold.prolonged), moment)
}

/// Leaves the bank its time: the end is at least [`BANK_MINUTES`] away.
///
/// # Errors
/// [`HoldError::Expired`] when it is over.
pub fn leave_bank_time(
    tx: &mut Tx,
    scope: &Scope,
    id: HoldId,
    moment: Moment,
) -> Result<Hold, HoldError> {
    let hold = live(tx, scope, id, moment.now)?;
    let end = hold.expires_at.max(moment.now.plus_minutes(BANK_MINUTES));
    move_end(tx, scope, &hold, (end, hold.prolonged), moment)
}

/// Why the button that prolongs is not offered now; `None` when it is.
///
/// # Errors
/// [`DbError`].
pub fn why_not_prolong(
    tx: &mut Tx,
    scope: &Scope,
    hold: &Hold,
    now: Timestamp,
) -> Result<Option<HoldError>, DbError> {
    if !hold.is_live(now) {
        return Ok(Some(HoldError::Expired));
    }
    if hold.prolonged == Prolonged::Once {
        return Ok(Some(HoldError::ProlongedAlready));
    }
    if hold.expires_at >= hold.life_ends() {
        return Ok(Some(HoldError::LifetimeReached));
    }
    for line in &hold.lines {
        let level = stock_store::level(tx, scope, line)?;
        let refused_at = level.and_then(|level| level.refused_at);
        if refused_at.is_some_and(|at| at >= hold.created_at) {
            return Ok(Some(HoldError::OthersWait));
        }
    }
    Ok(None)
}

/// Adds an hour, once, while nobody else was refused the same stock.
///
/// # Errors
/// [`HoldError`] that says why not.
pub fn prolong(tx: &mut Tx, scope: &Scope, id: HoldId, moment: Moment) -> Result<Hold, HoldError> {
    let hold = live(tx, scope, id, moment.now)?;
    if let Some(why) = why_not_prolong(tx, scope, &hold, moment.now)? {
        return Err(why);
    }
    let end = hold.expires_at.plus_minutes(HOLD_MINUTES).min(hold.life_ends());
    move_end(tx, scope, &hold, (end, Prolonged::Once), moment)
}

/// Whether a confirmation did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// Its rows are taken now.
    Now,
    /// They were taken before.
    Already,
    /// The hold was over; nothing changed.
    TooLate,
}

/// Makes a live hold a sale. Two confirmations of one hold take its rows once.
///
/// # Errors
/// [`HoldError`].
pub fn confirm(
    tx: &mut Tx,
    scope: &Scope,
    id: HoldId,
    now: Timestamp,
) -> Result<Confirmed, HoldError> {
    if !store::confirm(tx, scope, id, now)? {
        let hold = store::find(tx, scope, id)?.ok_or(HoldError::NotFound)?;
        let already = hold.state == HoldState::Confirmed;
        return Ok(if already { Confirmed::Already } else { Confirmed::TooLate });
    }
    for line in store::lines(tx, scope, id)? {
        must_move(tx, scope, Move::Confirm, &line)?;
    }
    store::move_lines(tx, scope, id, LineState::Taken)?;
    Ok(Confirmed::Now)
}

/// Gives the rows of a hold back. A second release changes nothing.
///
/// # Errors
/// [`HoldError::Expired`] for a hold that became a sale.
pub fn release(
    tx: &mut Tx,
    scope: &Scope,
    id: HoldId,
    (ending, moment): (&Ending, Moment),
) -> Result<(), HoldError> {
    let hold = store::find(tx, scope, id)?.ok_or(HoldError::NotFound)?;
    match hold.state {
        HoldState::Released | HoldState::Expired => Ok(()),
        HoldState::Confirmed => Err(HoldError::Expired),
        HoldState::Active => {
            if store::release(tx, scope, id, (ending, moment.now))? {
                give_back(tx, scope, id, Move::Release)?;
                let version = hold.version.saturating_add(1);
                let hold = Hold { version, ..hold };
                tell(tx, scope, &hold, ("hold.released", moment))?;
            }
            Ok(())
        }
    }
}

/// Frees what a sale had taken: its booking was cancelled. A second call changes nothing.
///
/// # Errors
/// [`HoldError`].
pub fn free_sale(tx: &mut Tx, scope: &Scope, id: HoldId) -> Result<(), HoldError> {
    give_back(tx, scope, id, Move::Free)
}

/// Expires at most [`EXPIRY_ROUND`] holds of a shop that are over, and says how many.
///
/// # Errors
/// [`HoldError`].
pub fn expire_due(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
    moment: Moment,
) -> Result<u32, HoldError> {
    let due = store::due(tx, scope, shop, (moment.now, EXPIRY_ROUND))?;
    let mut expired = 0_u32;
    for id in due {
        if expire_one(tx, scope, id, moment)? {
            expired = expired.saturating_add(1);
        }
    }
    Ok(expired)
}

/// A hold that is live at `now`.
///
/// # Errors
/// [`HoldError::NotFound`], [`HoldError::Expired`].
pub fn live(tx: &mut Tx, scope: &Scope, id: HoldId, now: Timestamp) -> Result<Hold, HoldError> {
    let hold = store::find(tx, scope, id)?.ok_or(HoldError::NotFound)?;
    if hold.is_live(now) { Ok(hold) } else { Err(HoldError::Expired) }
}

/// Takes rows after the holds that are over were expired, so that a refusal proves there were
/// none left. Hold rows are locked before stock rows, as everywhere.
fn acquire_fresh(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
    (lines, step): (&Lines, Move),
    moment: Moment,
) -> Result<Option<Refusal>, HoldError> {
    let mut expired = expire_due(tx, scope, shop, moment)?;
    loop {
        let Some(line) = acquire(tx, scope, lines, step)? else { return Ok(None) };
        if expired < EXPIRY_ROUND {
            stock_store::mark_refused(tx, scope, &line, moment.now)?;
            let blocked_until = store::blocked_until(tx, scope, &line, moment.now)?;
            return Ok(Some(Refusal { line, blocked_until }));
        }
        expired = expire_due(tx, scope, shop, moment)?;
    }
}

fn expire_one(tx: &mut Tx, scope: &Scope, id: HoldId, moment: Moment) -> Result<bool, HoldError> {
    if !store::expire(tx, scope, id, moment.now)? {
        return Ok(false);
    }
    give_back(tx, scope, id, Move::Release)?;
    if let Some(hold) = store::find(tx, scope, id)? {
        tell(tx, scope, &hold, ("hold.expired", moment))?;
    }
    Ok(true)
}

fn give_back(tx: &mut Tx, scope: &Scope, id: HoldId, step: Move) -> Result<(), HoldError> {
    for line in store::lines(tx, scope, id)? {
        must_move(tx, scope, step, &line)?;
    }
    Ok(store::move_lines(tx, scope, id, LineState::Freed)?)
}

fn move_end(
    tx: &mut Tx,
    scope: &Scope,
    hold: &Hold,
    (expires_at, prolonged): (Timestamp, Prolonged),
    moment: Moment,
) -> Result<Hold, HoldError> {
    let still_active = store::set_end(tx, scope, hold.id, (expires_at, prolonged))?;
    ensure!(still_active)?;
    let version = hold.version.saturating_add(1);
    let hold = Hold { expires_at, prolonged, version, ..hold.clone() };
    jobs::plan_sweep(tx, scope, &hold, moment)?;
    tell(tx, scope, &hold, ("hold.extended", moment))?;
    Ok(hold)
}

/// What `wanted` has more than `had`, and what it has less.
fn difference(had: &[Line], wanted: &[Line]) -> (Vec<Line>, Vec<Line>) {
    let index = |lines: &[Line]| -> BTreeMap<_, u32> {
        let key = |line: &Line| (line.resource, line.slot.clone());
        lines.iter().map(|line| (key(line), line.quantity)).collect()
    };
    let beyond = |lines: &[Line], other: &[Line]| -> Vec<Line> {
        let known = index(other);
        let over = |line: &Line| {
            let before = known.get(&(line.resource, line.slot.clone())).copied().unwrap_or(0);
            line.quantity.checked_sub(before).filter(|quantity| *quantity > 0)
        };
        let take = |line: &Line| over(line).map(|quantity| Line { quantity, ..line.clone() });
        lines.iter().filter_map(take).collect()
    };
    (beyond(wanted, had), beyond(had, wanted))
}
