//! Events written in the commit of what they tell, handed to subscribers afterwards.
//!
//! The event table is the outbox: a row is *waiting* until every subscriber has taken it in one
//! transaction, so each subscriber sees each event once, in order of id.

use kernel::{EventId, MerchantId, Mode, Scope, ShopId, Timestamp};
use serde_json::Value;

use crate::{DbError, Insert, Row, Tx, Val, params};

/// An event to be written.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Made outside the unit of work.
    pub id: EventId,
    /// `payment.captured`, `booking.confirmed`…
    pub kind: &'static str,
    /// Id of the object it tells of, as text.
    pub object: String,
    /// The shop it happened in.
    pub shop: ShopId,
    /// What outsiders may know; never card data.
    pub body: Value,
}

/// An event read back.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Live or test.
    pub mode: Mode,
    /// The shop it happened in.
    pub shop: ShopId,
    /// `payment.captured`…
    pub kind: String,
    /// Id of the object, as text.
    pub object: String,
    /// What it tells.
    pub body: Value,
    /// When it happened, by the shop's clock.
    pub at: Timestamp,
}

static EVENT: Insert = Insert {
    table: "event",
    columns: &["id", "merchant_id", "mode", "shop_id", "kind", "object", "body", "at"],
};
/// The same, with whether subscribers have seen it.
static TOLD: Insert = Insert {
    table: "event",
    columns: &["id", "merchant_id", "mode", "shop_id", "kind", "object", "body", "at", "handled"],
};
const COLUMNS: &str = "id, merchant_id, mode, shop_id, kind, object, body, at";

/// Writes an event in the commit of what it tells.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn emit(
    tx: &mut Tx<'_>,
    scope: &Scope,
    event: &NewEvent,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.insert(&EVENT, values(scope, event, now))
}

/// Writes an event of the past, for readers of the list alone: no subscriber is told any more.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn note_told(
    tx: &mut Tx<'_>,
    scope: &Scope,
    event: &NewEvent,
    at: Timestamp,
) -> Result<(), DbError> {
    let mut told = values(scope, event, at);
    told.push(Val::from(1_i64));
    tx.insert(&TOLD, told)
}

fn values(scope: &Scope, event: &NewEvent, at: Timestamp) -> Vec<Val> {
    params![
        event.id,
        scope.merchant(),
        scope.mode().as_str(),
        event.shop,
        event.kind,
        &event.object,
        event.body.to_string(),
        at,
    ]
}

/// Events no subscriber has seen, oldest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn waiting(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Event>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM event WHERE handled = 0 ORDER BY id LIMIT $1");
    tx.query(&sql, &params![limit])?.iter().map(read).collect()
}

/// One event.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: EventId) -> Result<Option<Event>, DbError> {
    let sql =
        format!("SELECT {COLUMNS} FROM event WHERE id = $1 AND merchant_id = $2 AND mode = $3");
    let row = tx.query_opt(&sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    row.as_ref().map(read).transpose()
}

/// Events of a shop, latest first, older than the cursor when there is one.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn latest(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    older_than: Option<EventId>,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE shop_id = $1 AND merchant_id = $2 AND mode = $3 \
         AND id < $4 ORDER BY id DESC LIMIT $5"
    );
    let before = older_than.map_or(Val::Blob(vec![0xff; 16]), Val::from);
    let mode = scope.mode().as_str();
    let values = params![shop, scope.merchant(), mode, before, limit];
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Events of a shop after an event, oldest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn after(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    after: EventId,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE shop_id = $1 AND merchant_id = $2 AND mode = $3 \
         AND id > $4 ORDER BY id LIMIT $5"
    );
    let values = params![shop, scope.merchant(), scope.mode().as_str(), after, limit];
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Marks an event as handed to all subscribers; false when another process did so before.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn mark_handled(tx: &mut Tx<'_>, merchant: MerchantId, id: EventId) -> Result<bool, DbError> {
    let sql = "UPDATE event SET handled = 1 WHERE id = $1 AND merchant_id = $2 AND handled = 0";
    Ok(tx.exec(sql, &params![id, merchant])? == 1)
}

/// The events of one object, oldest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_object(tx: &mut Tx<'_>, scope: &Scope, object: &str) -> Result<Vec<Event>, DbError> {
    let sql =
        format!("SELECT {COLUMNS} FROM event WHERE merchant_id = $1 AND object = $2 ORDER BY id");
    tx.query(&sql, &params![scope.merchant(), object])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Event, DbError> {
    let mode: String = row.get("mode")?;
    let body: String = row.get("body")?;
    Ok(Event {
        id: row.get("id")?,
        merchant: row.get("merchant_id")?,
        mode: Mode::parse(&mode).ok_or_else(|| DbError::Corrupt("mode".into()))?,
        shop: row.get("shop_id")?,
        kind: row.get("kind")?,
        object: row.get("object")?,
        body: serde_json::from_str(&body).map_err(|e| DbError::Corrupt(e.to_string()))?,
        at: row.get("at")?,
    })
}
/// The objects of all events of a kind, of every merchant, oldest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn objects_of(tx: &mut Tx<'_>, kind: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT object FROM event WHERE kind = $1 ORDER BY id";
    tx.query(sql, &params![kind])?.iter().map(|row| row.get("object")).collect()
}
