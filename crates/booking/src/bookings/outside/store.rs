//! All SQL of what was made without this house.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{BookingId, Money, Scope, ShopId, Timestamp};
use ledger::Tender;

use super::model::{Recorded, RecordedKind};
use crate::bookings::model::Booking;
use crate::stored::word;

static RECORDED: Insert = Insert {
    table: "booking_recorded",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "booking_id",
        "kind",
        "means",
        "amount",
        "currency",
        "reference",
        "auth_code",
        "at",
        "card_id",
        "card_consumed",
        "author",
        "made_at",
    ],
};

/// Writes one down.
///
/// # Errors
/// [`DbError::Conflict`] when its reference was written down before; the database failed.
pub fn insert(
    tx: &mut Tx,
    scope: &Scope,
    (booking, made_at): (&Booking, Timestamp),
    one: &Recorded,
) -> Result<(), DbError> {
    let values = params![
        one.id,
        scope.merchant(),
        scope.mode().as_str(),
        booking.shop,
        booking.id,
        one.kind.as_str(),
        one.means.as_str(),
        one.amount.minor(),
        one.amount.currency(),
        &one.reference,
        &one.auth_code,
        one.at,
        one.card,
        i64::from(one.card_consumed),
        &one.author,
        made_at,
    ];
    tx.insert(&RECORDED, values)
}

/// The booking of a shop under which a reference was written down.
///
/// # Errors
/// [`DbError`].
pub fn booking_of(
    tx: &mut Tx,
    scope: &Scope,
    (shop, means, reference): (ShopId, Tender, &str),
) -> Result<Option<BookingId>, DbError> {
    let sql = "SELECT booking_id FROM booking_recorded WHERE merchant_id = $1 AND mode = $2 \
               AND shop_id = $3 AND means = $4 AND reference = $5";
    let mode = scope.mode().as_str();
    let values = params![scope.merchant(), mode, shop, means.as_str(), reference];
    tx.query_opt(sql, &values)?.map(|row| row.get("booking_id")).transpose()
}

/// What was written down of a booking, in the order in which it was.
///
/// # Errors
/// [`DbError`].
pub fn of(tx: &mut Tx, scope: &Scope, booking: BookingId) -> Result<Vec<Recorded>, DbError> {
    let sql = "SELECT id, kind, means, amount, currency, reference, auth_code, at, card_id, \
               card_consumed, author FROM booking_recorded \
               WHERE merchant_id = $1 AND booking_id = $2 ORDER BY id";
    tx.query(sql, &params![scope.merchant(), booking])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Recorded, DbError> {
    let (amount, consumed): (i64, i64) = (row.get("amount")?, row.get("card_consumed")?);
    Ok(Recorded {
        id: row.get("id")?,
        kind: word(row, "kind", RecordedKind::parse)?,
        means: word(row, "means", Tender::parse)?,
        amount: Money::new(amount, row.get("currency")?),
        reference: row.get("reference")?,
        auth_code: row.get("auth_code")?,
        at: row.get("at")?,
        card: row.get("card_id")?,
        card_consumed: consumed != 0,
        author: row.get("author")?,
    })
}
