//! All SQL of stock rows.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Date, Id, Scope, Timestamp};

use super::model::{Line, Slot};

static STOCK: Insert = Insert {
    table: "stock",
    columns: &["resource_id", "slot", "merchant_id", "cap", "taken", "held", "closed", "version"],
};

/// A step between free, held and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Free to held.
    Hold,
    /// Held to free.
    Release,
    /// Held to taken.
    Confirm,
    /// Free to taken.
    Take,
    /// Taken to free.
    Free,
}

impl Move {
    const fn sql(self) -> &'static str {
        match self {
            Self::Hold => {
                "UPDATE stock SET held = held + $1, version = version + 1 \
                 WHERE merchant_id = $2 AND resource_id = $3 AND slot = $4 \
                 AND closed = 0 AND taken + held + $1 <= cap"
            }
            Self::Release => {
                "UPDATE stock SET held = held - $1, version = version + 1 \
                 WHERE merchant_id = $2 AND resource_id = $3 AND slot = $4 AND held >= $1"
            }
            Self::Confirm => {
                "UPDATE stock SET held = held - $1, taken = taken + $1, version = version + 1 \
                 WHERE merchant_id = $2 AND resource_id = $3 AND slot = $4 AND held >= $1"
            }
            Self::Take => {
                "UPDATE stock SET taken = taken + $1, version = version + 1 \
                 WHERE merchant_id = $2 AND resource_id = $3 AND slot = $4 \
                 AND closed = 0 AND taken + held + $1 <= cap"
            }
            Self::Free => {
                "UPDATE stock SET taken = taken - $1, version = version + 1 \
                 WHERE merchant_id = $2 AND resource_id = $3 AND slot = $4 AND taken >= $1"
            }
        }
    }
}

/// A row as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The resource's bits.
    pub resource: Id,
    /// The slot.
    pub slot: Slot,
    /// How many exist.
    pub cap: u32,
    /// How many are sold.
    pub taken: u32,
    /// How many are held.
    pub held: u32,
    /// Whether sales are closed.
    pub closed: bool,
    /// When somebody was last refused for lack of a free one.
    pub refused_at: Option<Timestamp>,
}

impl Level {
    /// How many can still be held; none when sales are closed.
    #[must_use]
    pub const fn free(&self) -> u32 {
        if self.closed { 0 } else { self.cap.saturating_sub(self.taken).saturating_sub(self.held) }
    }

    pub(crate) fn read(row: &Row) -> Result<Self, DbError> {
        let slot: String = row.get("slot")?;
        Ok(Self {
            resource: row.get("resource_id")?,
            slot: slot.parse().map_err(|_| DbError::Corrupt("slot".into()))?,
            cap: row.get("cap")?,
            taken: row.get("taken")?,
            held: row.get("held")?,
            closed: row.get("closed")?,
            refused_at: row.get("refused_at")?,
        })
    }
}

/// Moves a quantity; false when the row does not allow it.
///
/// # Errors
/// [`DbError`].
pub fn shift(tx: &mut Tx, scope: &Scope, step: Move, line: &Line) -> Result<bool, DbError> {
    let id = line.resource.id();
    let values = params![line.quantity, scope.merchant(), id, line.slot.as_str()];
    Ok(tx.exec(step.sql(), &values)? == 1)
}

/// Opens a row with nothing taken; false when it exists.
///
/// # Errors
/// [`DbError`].
pub fn open(tx: &mut Tx, scope: &Scope, line: &Line) -> Result<bool, DbError> {
    if level(tx, scope, line)?.is_some() {
        return Ok(false);
    }
    let (id, slot) = (line.resource.id(), line.slot.as_str());
    tx.insert(&STOCK, params![id, slot, scope.merchant(), line.quantity, 0, 0, 0, 1])?;
    Ok(true)
}

/// Changes how many exist, unless more are taken and held.
///
/// # Errors
/// [`DbError`].
pub fn set_capacity(tx: &mut Tx, scope: &Scope, line: &Line) -> Result<bool, DbError> {
    let sql = "UPDATE stock SET cap = $1, version = version + 1 \
               WHERE merchant_id = $2 AND resource_id = $3 AND slot = $4 AND taken + held <= $1";
    let id = line.resource.id();
    let values = params![line.quantity, scope.merchant(), id, line.slot.as_str()];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Whether a row may be sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sales {
    /// New holds are taken.
    Open,
    /// No new holds; what is sold stays sold.
    Closed,
}

/// Opens or closes sales of a row; false when there is no row.
///
/// # Errors
/// [`DbError`].
pub fn set_sales(tx: &mut Tx, scope: &Scope, line: &Line, sales: Sales) -> Result<bool, DbError> {
    let sql = "UPDATE stock SET closed = $1, version = version + 1 \
               WHERE merchant_id = $2 AND resource_id = $3 AND slot = $4";
    let closed = matches!(sales, Sales::Closed);
    let values = params![closed, scope.merchant(), line.resource.id(), line.slot.as_str()];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Remembers that somebody wanted the row and did not get it.
///
/// # Errors
/// [`DbError`].
pub fn mark_refused(
    tx: &mut Tx,
    scope: &Scope,
    line: &Line,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "UPDATE stock SET refused_at = $1 \
               WHERE merchant_id = $2 AND resource_id = $3 AND slot = $4";
    let values = params![now, scope.merchant(), line.resource.id(), line.slot.as_str()];
    tx.exec(sql, &values).map(|_| ())
}

/// One row as it stands, for words and pages; never for a decision.
///
/// # Errors
/// [`DbError`].
pub fn level(tx: &mut Tx, scope: &Scope, line: &Line) -> Result<Option<Level>, DbError> {
    let sql = "SELECT resource_id, slot, cap, taken, held, closed, refused_at FROM stock \
               WHERE merchant_id = $1 AND resource_id = $2 AND slot = $3";
    let values = params![scope.merchant(), line.resource.id(), line.slot.as_str()];
    tx.query_opt(sql, &values)?.as_ref().map(Level::read).transpose()
}

/// The nights of one resource from `first` to the one before `end`.
///
/// # Errors
/// [`DbError`].
pub fn nights(
    tx: &mut Tx,
    scope: &Scope,
    resource: Id,
    (first, end): (Date, Date),
) -> Result<Vec<Level>, DbError> {
    let sql = "SELECT resource_id, slot, cap, taken, held, closed, refused_at FROM stock \
               WHERE merchant_id = $1 AND resource_id = $2 AND slot >= $3 AND slot < $4 \
               ORDER BY slot";
    let values = params![scope.merchant(), resource, first, end];
    tx.query(sql, &values)?.iter().map(Level::read).collect()
}

/// A row whose counters are not the sums of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The resource's bits.
    pub resource: Id,
    /// The slot.
    pub slot: String,
    /// Counted as taken, and the sum of lines.
    pub taken: (i64, i64),
    /// Counted as held, and the sum of lines.
    pub held: (i64, i64),
}

const MISMATCHES: &str = "\
    SELECT s.resource_id, s.slot, s.taken, s.held, \
      COALESCE(l.taken, 0) AS line_taken, COALESCE(l.held, 0) AS line_held \
    FROM stock s LEFT JOIN ( \
      SELECT resource_id, slot, \
        CAST(SUM(CASE WHEN state = 'taken' THEN quantity ELSE 0 END) AS BIGINT) AS taken, \
        CAST(SUM(CASE WHEN state = 'held' THEN quantity ELSE 0 END) AS BIGINT) AS held \
      FROM hold_line WHERE merchant_id = $1 AND state <> 'freed' GROUP BY resource_id, slot \
    ) l ON l.resource_id = s.resource_id AND l.slot = s.slot \
    WHERE s.merchant_id = $1 \
      AND (s.taken <> COALESCE(l.taken, 0) OR s.held <> COALESCE(l.held, 0)) \
    ORDER BY s.resource_id, s.slot";

/// Rows whose counters differ from the sums of live lines.
///
/// # Errors
/// [`DbError`].
pub fn mismatches(tx: &mut Tx, scope: &Scope) -> Result<Vec<Mismatch>, DbError> {
    let rows = tx.query(MISMATCHES, &params![scope.merchant()])?;
    rows.iter()
        .map(|row| {
            Ok(Mismatch {
                resource: row.get("resource_id")?,
                slot: row.get("slot")?,
                taken: (row.get("taken")?, row.get("line_taken")?),
                held: (row.get("held")?, row.get("line_held")?),
            })
        })
        .collect()
}

/// Sets the counters of a row to the sums found.
///
/// # Errors
/// [`DbError`], also when the sums exceed the capacity.
pub fn repair(tx: &mut Tx, scope: &Scope, wrong: &Mismatch) -> Result<(), DbError> {
    let sql = "UPDATE stock SET taken = $1, held = $2, version = version + 1 \
               WHERE merchant_id = $3 AND resource_id = $4 AND slot = $5";
    let values =
        params![wrong.taken.1, wrong.held.1, scope.merchant(), wrong.resource, wrong.slot.as_str()];
    tx.exec(sql, &values).map(|_| ())
}
