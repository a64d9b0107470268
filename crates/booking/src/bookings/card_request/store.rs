//! All SQL of requests for cards.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{BookingId, CardRequestId, Scope, Timestamp};

use super::CardRequest;

static INSERT: Insert = Insert {
    table: "card_request",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "booking_id",
        "asked_by",
        "card_before",
        "created_at",
        "expires_at",
    ],
};
const COLUMNS: &str = "id, booking_id, asked_by, card_before, created_at, expires_at, closed_at";

/// Writes a request.
pub(super) fn insert(tx: &mut Tx<'_>, scope: &Scope, new: &CardRequest) -> Result<(), DbError> {
    let values = params![
        new.id,
        scope.merchant(),
        scope.mode().as_str(),
        new.booking,
        &new.asked_by,
        new.before,
        new.created_at,
        new.expires_at,
    ];
    tx.insert(&INSERT, values)
}

/// Closes the requests of a booking that are not closed.
pub(super) fn close(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (booking, now): (BookingId, Timestamp),
) -> Result<(), DbError> {
    let sql = "UPDATE card_request SET closed_at = $1 \
               WHERE booking_id = $2 AND merchant_id = $3 AND closed_at IS NULL";
    tx.exec(sql, &params![now, booking, scope.merchant()]).map(|_| ())
}

/// A request of the scope.
pub(super) fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: CardRequestId,
) -> Result<Option<CardRequest>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM card_request WHERE id = $1 AND merchant_id = $2 AND mode = $3"
    );
    let row = tx.query_opt(&sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The requests of a booking since an instant, newest first.
pub(super) fn of_booking(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (booking, since): (BookingId, Timestamp),
) -> Result<Vec<CardRequest>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM card_request WHERE booking_id = $1 AND merchant_id = $2 \
         AND created_at > $3 ORDER BY created_at DESC, id DESC"
    );
    let rows = tx.query(&sql, &params![booking, scope.merchant(), since])?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<CardRequest, DbError> {
    Ok(CardRequest {
        id: row.get("id")?,
        booking: row.get("booking_id")?,
        asked_by: row.get("asked_by")?,
        before: row.get("card_before")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        closed_at: row.get("closed_at")?,
    })
}
