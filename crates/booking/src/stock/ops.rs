//! Opening rows and moving quantities, several rows all or nothing.

use db::{DbError, Tx};
use identity::audit::{self, Origin};
use kernel::{AuditId, Invariant, LodgingId, Problem, Scope, ensure};
use serde_json::json;

use super::model::{Line, Lines};
use super::store::{self, Mismatch, Move, Sales};
use crate::moment::Moment;

/// Why a row could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// Fewer than are taken and held.
    #[error("capacity {asked} below {sold} taken and held")]
    CapacityBelowSold {
        /// What was asked.
        asked: u32,
        /// What is taken and held.
        sold: u32,
    },
    /// No such row.
    #[error("no such row")]
    Missing,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule did not hold.
    #[error(transparent)]
    Invariant(#[from] Invariant),
}

impl From<StockError> for Problem {
    fn from(error: StockError) -> Self {
        match error {
            StockError::CapacityBelowSold { asked, sold } => Self::new(
                409,
                "capacity_below_sold",
                format!("{sold} are sold or held, more than {asked}. Close sales instead."),
            )
            .with("asked", asked)
            .with("sold", sold),
            StockError::Missing => Self::not_found(),
            StockError::Db(error) => Self::from(&error),
            StockError::Invariant(_) => Self::internal(),
        }
    }
}

/// Sets how many exist on each row, opening rows that are missing.
///
/// # Errors
/// [`StockError::CapacityBelowSold`] for the first row that has more taken and held.
pub fn set_capacity(tx: &mut Tx, scope: &Scope, lines: &Lines) -> Result<(), StockError> {
    for line in lines.rows() {
        if !store::open(tx, scope, line)? && !store::set_capacity(tx, scope, line)? {
            let level = store::level(tx, scope, line)?.ok_or(StockError::Missing)?;
            let sold = level.taken.saturating_add(level.held);
            return Err(StockError::CapacityBelowSold { asked: line.quantity, sold });
        }
    }
    Ok(())
}

/// Opens or closes sales of rows; what is sold or held is untouched.
///
/// # Errors
/// [`StockError::Missing`] for a row that was never opened.
pub fn set_sales(
    tx: &mut Tx,
    scope: &Scope,
    lines: &Lines,
    sales: Sales,
) -> Result<(), StockError> {
    for line in lines.rows() {
        if !store::set_sales(tx, scope, line, sales)? {
            return Err(StockError::Missing);
        }
    }
    Ok(())
}

/// Takes all rows or none: on the first refusal what was taken goes back, within the same
/// transaction, and the refused line is returned.
///
/// # Errors
/// [`StockError`].
pub fn acquire(
    tx: &mut Tx,
    scope: &Scope,
    lines: &Lines,
    step: Move,
) -> Result<Option<Line>, StockError> {
    let undo = if step == Move::Take { Move::Free } else { Move::Release };
    for (count, line) in lines.rows().iter().enumerate() {
        if !store::shift(tx, scope, step, line)? {
            for taken in lines.rows().iter().take(count) {
                must_move(tx, scope, undo, taken)?;
            }
            return Ok(Some(line.clone()));
        }
    }
    Ok(None)
}

/// Moves a quantity that is known to be there.
///
/// # Errors
/// [`StockError::Invariant`] when the row does not hold it: the unit of work rolls back.
pub fn must_move(tx: &mut Tx, scope: &Scope, step: Move, line: &Line) -> Result<(), StockError> {
    let the_row_holds_what_its_lines_say = store::shift(tx, scope, step, line)?;
    Ok(ensure!(the_row_holds_what_its_lines_say)?)
}

/// Rows whose counters are not the sums of their live lines; empty is healthy.
///
/// # Errors
/// [`DbError`].
pub fn doctor(tx: &mut Tx, scope: &Scope) -> Result<Vec<Mismatch>, DbError> {
    store::mismatches(tx, scope)
}

/// Sets the counters of every row found by [`doctor`] to the sums of its lines, each with a line
/// in the journal. `now` is real time: this is no business of any shop's clock.
///
/// # Errors
/// [`DbError`], also when the sums exceed a row's capacity: nothing is repaired then.
pub fn repair(tx: &mut Tx, scope: &Scope, moment: Moment) -> Result<Vec<Mismatch>, DbError> {
    let wrong = store::mismatches(tx, scope)?;
    let origin = Origin { device: "guichet doctor stock --fix".into(), ..Origin::default() };
    for row in &wrong {
        store::repair(tx, scope, row)?;
        let counts =
            |taken: i64, held: i64| json!({"slot": row.slot, "taken": taken, "held": held});
        let line = audit::Line::new("stock.repaired", LodgingId::from(row.resource), &origin)
            .before(counts(row.taken.0, row.held.0))
            .after(counts(row.taken.1, row.held.1));
        let id = AuditId::new(moment.now, moment.rng);
        audit::record(tx, scope, &line, moment.now, id)?;
    }
    Ok(wrong)
}
