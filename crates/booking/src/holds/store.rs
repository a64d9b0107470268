//! All SQL of holds and their lines.

use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{CartId, HoldId, Id, Scope, ShopId, Timestamp};

use super::model::{Hold, HoldState, Prolonged};
use crate::stock::{Line, Lines, Resource};

static HOLD: Insert = Insert {
    table: "hold",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "cart_id",
        "state",
        "created_at",
        "life_from",
        "expires_at",
        "extended",
        "contact",
    ],
};
static LINE: Insert = Insert {
    table: "hold_line",
    columns: &["hold_id", "resource_id", "slot", "merchant_id", "kind", "quantity", "state"],
};
const COLUMNS: &str =
    "id, shop_id, cart_id, state, created_at, life_from, expires_at, extended, version";

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// Counted in `held`.
    Held,
    /// Counted in `taken`.
    Taken,
    /// Given back.
    Freed,
}

impl LineState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Taken => "taken",
            Self::Freed => "freed",
        }
    }
}

/// Writes a new hold; `contact` says who for (an e-mail address, or nothing).
///
/// # Errors
/// [`DbError`].
pub fn insert(tx: &mut Tx, scope: &Scope, hold: &Hold, contact: &str) -> Result<(), DbError> {
    tx.insert(
        &HOLD,
        params![
            hold.id,
            scope.merchant(),
            scope.mode().as_str(),
            hold.shop,
            hold.cart,
            hold.state.as_str(),
            hold.created_at,
            hold.life_from,
            hold.expires_at,
            hold.prolonged == Prolonged::Once,
            contact,
        ],
    )
}

/// Writes lines of a hold.
///
/// # Errors
/// [`DbError`].
pub fn insert_lines(
    tx: &mut Tx,
    scope: &Scope,
    hold: HoldId,
    (lines, state): (&[Line], LineState),
) -> Result<(), DbError> {
    for line in lines {
        let (id, slot) = (line.resource.id(), line.slot.as_str());
        let kind = line.resource.kind();
        let values = params![hold, id, slot, scope.merchant(), kind, line.quantity, state.as_str()];
        tx.insert(&LINE, values)?;
    }
    Ok(())
}

/// Removes a line of a live hold whose quantity changes.
///
/// # Errors
/// [`DbError`].
pub fn delete_line(tx: &mut Tx, scope: &Scope, hold: HoldId, line: &Line) -> Result<(), DbError> {
    let sql = "DELETE FROM hold_line \
               WHERE merchant_id = $1 AND hold_id = $2 AND resource_id = $3 AND slot = $4";
    let values = params![scope.merchant(), hold, line.resource.id(), line.slot.as_str()];
    tx.exec(sql, &values).map(|_| ())
}

/// Changes the state of all live lines of a hold.
///
/// # Errors
/// [`DbError`].
pub fn move_lines(
    tx: &mut Tx,
    scope: &Scope,
    hold: HoldId,
    state: LineState,
) -> Result<(), DbError> {
    let sql = "UPDATE hold_line SET state = $1 \
               WHERE merchant_id = $2 AND hold_id = $3 AND state <> 'freed'";
    tx.exec(sql, &params![state.as_str(), scope.merchant(), hold]).map(|_| ())
}

/// A hold with its live lines (all lines once it is over).
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx, scope: &Scope, id: HoldId) -> Result<Option<Hold>, DbError> {
    let sql =
        format!("SELECT {COLUMNS} FROM hold WHERE merchant_id = $1 AND mode = $2 AND id = $3");
    let row = tx.query_opt(&sql, &params![scope.merchant(), scope.mode().as_str(), id])?;
    row.map(|row| with_lines(tx, scope, &row)).transpose()
}

/// The newest hold of a basket.
///
/// # Errors
/// [`DbError`].
pub fn of_cart(tx: &mut Tx, scope: &Scope, cart: CartId) -> Result<Option<Hold>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM hold WHERE merchant_id = $1 AND cart_id = $2 \
         ORDER BY created_at DESC, id DESC LIMIT 1"
    );
    let row = tx.query_opt(&sql, &params![scope.merchant(), cart])?;
    row.map(|row| with_lines(tx, scope, &row)).transpose()
}

/// Sets the end of an active hold; false when it is no longer active.
///
/// # Errors
/// [`DbError`].
pub fn set_end(
    tx: &mut Tx,
    scope: &Scope,
    id: HoldId,
    (expires_at, prolonged): (Timestamp, Prolonged),
) -> Result<bool, DbError> {
    let sql = "UPDATE hold SET expires_at = $1, extended = $2, version = version + 1 \
               WHERE merchant_id = $3 AND id = $4 AND state = 'active'";
    let values = params![expires_at, prolonged == Prolonged::Once, scope.merchant(), id];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Confirms a live hold; true for exactly one caller.
///
/// # Errors
/// [`DbError`].
pub fn confirm(tx: &mut Tx, scope: &Scope, id: HoldId, now: Timestamp) -> Result<bool, DbError> {
    let sql = "UPDATE hold SET state = 'confirmed', version = version + 1, ended_at = $1 \
               WHERE merchant_id = $2 AND id = $3 AND state = 'active' AND expires_at > $1";
    Ok(tx.exec(sql, &params![now, scope.merchant(), id])? == 1)
}

/// Expires a hold that is over; true for exactly one caller.
///
/// # Errors
/// [`DbError`].
pub fn expire(tx: &mut Tx, scope: &Scope, id: HoldId, now: Timestamp) -> Result<bool, DbError> {
    let sql = "UPDATE hold SET state = 'expired', version = version + 1, ended_at = $1, \
               ended_by = 'clock' \
               WHERE merchant_id = $2 AND id = $3 AND state = 'active' AND expires_at <= $1";
    Ok(tx.exec(sql, &params![now, scope.merchant(), id])? == 1)
}

/// Who gave a hold back, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The actor's text.
    pub by: String,
    /// Words of staff; empty for the payer.
    pub reason: String,
}

/// Releases an active hold; true for exactly one caller.
///
/// # Errors
/// [`DbError`].
pub fn release(
    tx: &mut Tx,
    scope: &Scope,
    id: HoldId,
    (ending, now): (&Ending, Timestamp),
) -> Result<bool, DbError> {
    let sql = "UPDATE hold SET state = 'released', version = version + 1, ended_at = $1, \
               ended_by = $2, reason = $3 \
               WHERE merchant_id = $4 AND id = $5 AND state = 'active'";
    let values = params![now, &ending.by, &ending.reason, scope.merchant(), id];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Holds of a shop that are over and not yet expired, oldest end first.
///
/// # Errors
/// [`DbError`].
pub fn due(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
    (now, limit): (Timestamp, u32),
) -> Result<Vec<HoldId>, DbError> {
    let sql = "SELECT id FROM hold WHERE merchant_id = $1 AND shop_id = $2 AND state = 'active' \
               AND expires_at <= $3 ORDER BY expires_at, id LIMIT $4";
    let rows = tx.query(sql, &params![scope.merchant(), shop, now, limit])?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// The earliest end of a live hold on a row.
///
/// # Errors
/// [`DbError`].
pub fn blocked_until(
    tx: &mut Tx,
    scope: &Scope,
    line: &Line,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let sql = "SELECT MIN(h.expires_at) AS until FROM hold_line l \
               JOIN hold h ON h.id = l.hold_id AND h.merchant_id = l.merchant_id \
               WHERE l.merchant_id = $1 AND l.resource_id = $2 AND l.slot = $3 \
               AND l.state = 'held' AND h.expires_at > $4";
    let values = params![scope.merchant(), line.resource.id(), line.slot.as_str(), now];
    tx.query_opt(sql, &values)?.map_or(Ok(None), |row| row.get("until"))
}

/// Live lines of a hold, in locking order.
///
/// # Errors
/// [`DbError`].
pub fn lines(tx: &mut Tx, scope: &Scope, hold: HoldId) -> Result<Vec<Line>, DbError> {
    let sql = "SELECT kind, resource_id, slot, quantity FROM hold_line \
               WHERE merchant_id = $1 AND hold_id = $2 AND state <> 'freed' \
               ORDER BY resource_id, slot";
    tx.query(sql, &params![scope.merchant(), hold])?.iter().map(read_line).collect()
}

/// The rows of a hold that is over, as they were.
///
/// # Errors
/// [`DbError`], also for a hold without lines.
pub fn all_lines(tx: &mut Tx, scope: &Scope, hold: HoldId) -> Result<Lines, DbError> {
    let sql = "SELECT kind, resource_id, slot, quantity FROM hold_line \
               WHERE merchant_id = $1 AND hold_id = $2 ORDER BY resource_id, slot";
    let rows = tx.query(sql, &params![scope.merchant(), hold])?;
    let lines: Vec<Line> = rows.iter().map(read_line).collect::<Result<_, DbError>>()?;
    Lines::new(lines).map_err(|error| DbError::Corrupt(error.to_string()))
}

fn read_line(row: &Row) -> Result<Line, DbError> {
    let (kind, id): (String, Id) = (row.get("kind")?, row.get("resource_id")?);
    let slot: String = row.get("slot")?;
    Ok(Line {
        resource: Resource::stored(&kind, id).ok_or_else(|| DbError::Corrupt("kind".into()))?,
        slot: slot.parse().map_err(|_| DbError::Corrupt("slot".into()))?,
        quantity: row.get("quantity")?,
    })
}

fn with_lines(tx: &mut Tx, scope: &Scope, row: &Row) -> Result<Hold, DbError> {
    let state: String = row.get("state")?;
    let id = row.get("id")?;
    let prolonged: bool = row.get("extended")?;
    Ok(Hold {
        id,
        shop: row.get("shop_id")?,
        cart: row.get("cart_id")?,
        state: HoldState::parse(&state).ok_or_else(|| DbError::Corrupt("hold state".into()))?,
        created_at: row.get("created_at")?,
        life_from: row.get("life_from")?,
        expires_at: row.get("expires_at")?,
        prolonged: if prolonged { Prolonged::Once } else { Prolonged::NotYet },
        lines: lines(tx, scope, id)?,
        version: row.get("version")?,
    })
}

/// How many holds of a shop stand in a state, for tests and reports.
///
/// # Errors
/// [`DbError`].
pub fn count(tx: &mut Tx, scope: &Scope, shop: ShopId, state: HoldState) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM hold \
               WHERE merchant_id = $1 AND shop_id = $2 AND state = $3";
    let values: Vec<Val> = params![scope.merchant(), shop, state.as_str()];
    tx.query_opt(sql, &values)?.map_or(Ok(0), |row| row.get("n"))
}
