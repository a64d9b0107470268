//! All SQL of how long cards stay, and of how they go.

use db::{DbError, Row, Tx, Val, params};
use kernel::{CardToken, MerchantId, ShopId, Timestamp};
use vault_wire::{Brand, CardMissing, Suspension};

use super::Calendar;
use crate::card::CardRow;
use crate::card::store::{end_code, read_card};
use crate::log::Line;

/// A card with what decides when it goes, and how it went.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) card: CardRow,
    pub(crate) calendar: Calendar,
    /// When and at whose word.
    pub(crate) gone: (Option<Timestamp>, Option<String>),
}

fn read(row: &Row) -> Result<Kept, DbError> {
    Ok(Kept {
        card: read_card(row)?,
        calendar: Calendar {
            check_out: row.get("check_out")?,
            cancelled_on: row.get("cancelled_on")?,
            needed_until: row.get("needed_until")?,
            extended_until: row.get("extended_until")?,
            purge_by: row.get("purge_by")?,
            used_at: row.get("used_at")?,
        },
        gone: (row.get("gone_at")?, row.get("gone_by")?),
    })
}

/// A card of a merchant, destroyed ones included.
pub(crate) fn kept(
    tx: &mut Tx<'_>,
    (merchant, token): (MerchantId, CardToken),
) -> Result<Option<Kept>, DbError> {
    let sql = "SELECT * FROM vault_card WHERE merchant_id = $1 AND id = $2";
    tx.query_opt(sql, &params![merchant, token])?.as_ref().map(read).transpose()
}

/// The cards that a shop has or had for these bookings, newest first.
pub(crate) fn of_bookings(
    tx: &mut Tx<'_>,
    (merchant, shop): (MerchantId, ShopId),
    bookings: &[String],
) -> Result<Vec<Kept>, DbError> {
    if bookings.is_empty() {
        return Ok(Vec::new());
    }
    let (places, values) = named(params![merchant, shop], bookings);
    let sql = format!(
        "SELECT * FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 AND booking IN ({places}) \
         AND kind <> 'single_use' ORDER BY received_at DESC, id"
    );
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// The places of names in a statement, behind the values it has, and all values.
fn named(mut values: Vec<Val>, names: &[String]) -> (String, Vec<Val>) {
    let first = values.len().saturating_add(1);
    let places: Vec<String> =
        (0..names.len()).map(|place| format!("${}", place.saturating_add(first))).collect();
    values.extend(names.iter().map(|name| Val::from(name.as_str())));
    (places.join(", "), values)
}

/// Notes why a channel's booking came without a card.
pub(crate) fn note_missing(
    tx: &mut Tx<'_>,
    (merchant, shop): (MerchantId, ShopId),
    (booking, why, at): (&str, &str, Timestamp),
) -> Result<(), DbError> {
    let sql = "INSERT INTO vault_missing (merchant_id, shop_id, booking, why, told_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (shop_id, booking, merchant_id) \
         DO UPDATE SET why = $4, told_at = $5";
    tx.exec(sql, &params![merchant, shop, booking, why, at]).map(|_| ())
}

/// Which of these bookings came without a card, and why.
pub(crate) fn missing(
    tx: &mut Tx<'_>,
    (merchant, shop): (MerchantId, ShopId),
    bookings: &[String],
) -> Result<Vec<CardMissing>, DbError> {
    if bookings.is_empty() {
        return Ok(Vec::new());
    }
    let (places, values) = named(params![merchant, shop], bookings);
    let sql = format!(
        "SELECT booking, why, told_at FROM vault_missing \
         WHERE merchant_id = $1 AND shop_id = $2 AND booking IN ({places}) ORDER BY booking"
    );
    let read = |row: &Row| {
        let why: String = row.get("why")?;
        let why = serde_json::from_value(why.into());
        Ok(CardMissing {
            booking: row.get("booking")?,
            why: why.map_err(|_| DbError::Corrupt("why a card is missing".into()))?,
            at: row.get("told_at")?,
        })
    };
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Forgets why bookings came without a card, of those that were told before an instant.
pub(crate) fn forget_missing(
    tx: &mut Tx<'_>,
    (merchant, shop): (MerchantId, ShopId),
    before: Timestamp,
) -> Result<(), DbError> {
    let sql = "DELETE FROM vault_missing WHERE merchant_id = $1 AND shop_id = $2 AND told_at < $3";
    tx.exec(sql, &params![merchant, shop, before]).map(|_| ())
}

/// The cards of a shop that go before an instant, the next one first; those of one payment are
/// left out.
pub(crate) fn going(
    tx: &mut Tx<'_>,
    (merchant, shop): (MerchantId, ShopId),
    (before, limit): (Timestamp, u32),
) -> Result<Vec<Kept>, DbError> {
    let sql = "SELECT * FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 \
         AND purge_at < $3 AND state = 'active' AND kind <> 'single_use' \
         ORDER BY purge_at, id LIMIT $4";
    tx.query(sql, &params![merchant, shop, before, limit])?.iter().map(read).collect()
}

/// Writes what changed of a card's stay; the row must still have the version before.
pub(crate) fn save(
    tx: &mut Tx<'_>,
    (kept, code_until): (&Kept, Option<Timestamp>),
) -> Result<(), DbError> {
    let (card, calendar) = (&kept.card, &kept.calendar);
    let blocked = card.suspension.as_ref();
    let changed = tx.exec(
        "UPDATE vault_card SET kind = $1, booking = $2, purge_at = $3, check_out = $4, \
         cancelled_on = $5, needed_until = $6, extended_until = $7, code_until = $8, \
         version = $9, purge_by = $10, preferred_brand = $11, suspended = $12, \
         suspended_reason = $13, suspended_at = $14 \
         WHERE merchant_id = $15 AND id = $16 AND state = 'active' AND version = $9 - 1",
        &params![
            card.kind.word(),
            card.booking.clone(),
            card.purge_at,
            calendar.check_out,
            calendar.cancelled_on,
            calendar.needed_until,
            calendar.extended_until,
            code_until,
            card.version,
            calendar.purge_by,
            card.preferred.map(Brand::as_str),
            blocked.map(|one| one.cause.as_str()),
            blocked.map(|one| one.reason.as_str()),
            blocked.map(|one| one.at),
            card.merchant,
            card.token,
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(DbError::Conflict("card changed meanwhile".into())) }
}

/// Blocks a card that is not blocked yet, whatever version it has; false when it was, or is gone.
pub(crate) fn suspend(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    suspension: &Suspension,
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE vault_card SET suspended = $1, suspended_reason = $2, suspended_at = $3, \
         version = version + 1 \
         WHERE merchant_id = $4 AND id = $5 AND state = 'active' AND suspended IS NULL",
        &params![
            suspension.cause.as_str(),
            suspension.reason.as_str(),
            suspension.at,
            card.0,
            card.1,
        ],
    )?;
    Ok(changed == 1)
}

/// Notes that a saved card was used, which moves its end.
pub(crate) fn used(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    (at, purge_at): (Timestamp, Option<Timestamp>),
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_card SET used_at = $1, purge_at = $2, warned_at = NULL \
         WHERE merchant_id = $3 AND id = $4 AND state = 'active' AND kind = 'saved'",
        &params![at, purge_at, card.0, card.1],
    )?;
    Ok(())
}

/// Cards of a shop whose security code goes before they do, and is due.
pub(crate) fn codes_due(
    tx: &mut Tx<'_>,
    (merchant, shop): (MerchantId, ShopId),
    now: Timestamp,
) -> Result<Vec<CardRow>, DbError> {
    let sql = "SELECT * FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 \
         AND code_until <= $3 AND state = 'active' AND code_state = 'available' LIMIT 500";
    tx.query(sql, &params![merchant, shop, now])?.iter().map(read_card).collect()
}

/// Saved cards of a shop that go before an instant and were not announced.
pub(crate) fn ending(
    tx: &mut Tx<'_>,
    (merchant, shop): (MerchantId, ShopId),
    before: Timestamp,
) -> Result<Vec<CardRow>, DbError> {
    let sql = "SELECT * FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 \
         AND purge_at <= $3 AND state = 'active' AND kind = 'saved' AND warned_at IS NULL \
         ORDER BY purge_at LIMIT 500";
    tx.query(sql, &params![merchant, shop, before])?.iter().map(read_card).collect()
}

/// Marks a saved card as announced; false when it was before.
pub(crate) fn warned(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    at: Timestamp,
) -> Result<bool, DbError> {
    let sql = "UPDATE vault_card SET warned_at = $1 \
         WHERE merchant_id = $2 AND id = $3 AND state = 'active' AND warned_at IS NULL";
    Ok(tx.exec(sql, &params![at, card.0, card.1])? == 1)
}

/// Marks a card as going: it cannot be used any more; its slot is destroyed next. True when it goes,
/// or was going before; one whose stay was moved after an instant `due` stays.
pub(crate) fn begin_purge(
    tx: &mut Tx<'_>,
    card: &CardRow,
    (why, due): (&str, Option<Timestamp>),
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE vault_card SET state = 'purging', missing_reason = $1, version = version + 1, \
         proxy_profile = NULL \
         WHERE merchant_id = $2 AND id = $3 AND state = 'active' \
         AND (purge_at <= $4 OR $4 IS NULL)",
        &params![why, card.merchant, card.token, due],
    )?;
    if changed == 1 {
        return Ok(true);
    }
    let going = "SELECT id FROM vault_card \
                 WHERE merchant_id = $1 AND id = $2 AND state = 'purging'";
    Ok(tx.query_opt(going, &params![card.merchant, card.token])?.is_some())
}

/// Leaves nothing of a card but its token, its dates and why it went; false when it was done
/// before.
pub(crate) fn finish_purge(
    tx: &mut Tx<'_>,
    card: &CardRow,
    (because, line): (&str, &Line),
) -> Result<bool, DbError> {
    end_code(tx, (card.merchant, card.token), (because, None, line.at))?;
    let changed = tx.exec(
        "UPDATE vault_card SET state = 'purged', bin = '', last4 = '', initials = NULL, \
         fingerprint = NULL, slot = NULL, record = NULL, purge_at = NULL, \
         suspended = NULL, suspended_reason = NULL, \
         gone_at = $3, gone_by = $4 WHERE merchant_id = $1 AND id = $2 AND state = 'purging'",
        &params![card.merchant, card.token, line.at, &line.actor],
    )?;
    Ok(changed == 1)
}
