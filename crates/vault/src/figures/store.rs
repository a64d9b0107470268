//! All SQL of the figures: one shop or one merchant at a time.

use std::collections::BTreeMap;

use db::{DbError, Row, Tx, params};
use kernel::{MerchantId, Mode, ShopId, Timestamp};
use vault_wire::{Figures, ModeFigures};

use super::{add, days, older, seconds};
use crate::reveal::store::{APPROVAL_SECONDS, OPEN_SECONDS, PIN_SECONDS};

/// A shop, and what its clock shows.
pub(super) struct Place {
    pub(super) merchant: MerchantId,
    pub(super) shop: ShopId,
    pub(super) mode: Mode,
    pub(super) now: Timestamp,
}

fn number(row: &Row, column: &str) -> Result<u64, DbError> {
    let number: i64 = row.get(column)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

fn add_rows(counts: &mut BTreeMap<String, u64>, rows: &[Row]) -> Result<(), DbError> {
    for row in rows {
        let name: String = row.get("name")?;
        add(counts, &name, number(row, "number")?);
    }
    Ok(())
}

/// Adds what a shop has.
pub(super) fn add_shop(
    tx: &mut Tx<'_>,
    place: &Place,
    sum: &mut ModeFigures,
) -> Result<(), DbError> {
    let cards = tx.query(
        "SELECT CASE WHEN state = 'active' AND kind = 'pending' THEN 'pending' ELSE state END \
         AS name, COUNT(*) AS number FROM vault_card \
         WHERE merchant_id = $1 AND shop_id = $2 GROUP BY 1",
        &params![place.merchant, place.shop],
    )?;
    add_rows(&mut sum.cards, &cards)?;
    let codes = tx.query(
        "SELECT code_state AS name, COUNT(*) AS number FROM vault_card \
         WHERE merchant_id = $1 AND shop_id = $2 \
         AND code_state IN ('available', 'reserved', 'unknown') GROUP BY code_state",
        &params![place.merchant, place.shop],
    )?;
    add_rows(&mut sum.codes, &codes)?;
    let due = tx.query_opt(
        "SELECT COUNT(*) AS number, MIN(purge_at) AS oldest FROM vault_card \
         WHERE merchant_id = $1 AND shop_id = $2 AND purge_at <= $3 AND state = 'active'",
        &params![place.merchant, place.shop, place.now],
    )?;
    if let Some(row) = due {
        sum.due_cards = sum.due_cards.saturating_add(number(&row, "number")?);
        let oldest: Option<Timestamp> = row.get("oldest")?;
        let lag = oldest.map_or(0, |since| seconds(since, place.now));
        sum.sweeper_lag_seconds = sum.sweeper_lag_seconds.max(lag);
    }
    add_people(tx, place, sum)
}

fn add_people(tx: &mut Tx<'_>, place: &Place, sum: &mut ModeFigures) -> Result<(), DbError> {
    let links = tx.query(
        "SELECT CASE WHEN unlocked_at IS NOT NULL THEN 'used' \
         WHEN state IN ('cancelled', 'expired', 'refused') THEN state \
         WHEN state = 'created' AND COALESCE(approved_at, created_at) > $3 THEN 'open' \
         WHEN state = 'awaiting_approval' AND COALESCE(asked_at, created_at) > $5 THEN 'open' \
         WHEN state = 'opened' AND opened_at > $4 THEN 'open' \
         ELSE 'expired' END AS name, COUNT(*) AS number FROM vault_link \
         WHERE merchant_id = $1 AND shop_id = $2 GROUP BY 1",
        &params![
            place.merchant,
            place.shop,
            place.now.plus_seconds(-OPEN_SECONDS),
            place.now.plus_seconds(-PIN_SECONDS),
            place.now.plus_seconds(-APPROVAL_SECONDS),
        ],
    )?;
    for row in &links {
        let (end, more): (String, u64) = (row.get("name")?, number(row, "number")?);
        match end.as_str() {
            "open" => continue,
            "used" => sum.reveals = sum.reveals.saturating_add(more),
            _ => {}
        }
        add(&mut sum.links, &end, more);
    }
    let locked = tx.query_opt(
        "SELECT COUNT(*) AS number FROM vault_viewer WHERE merchant_id = $1 AND shop_id = $2 \
         AND (blocked = 1 OR locked_until > $3)",
        &params![place.merchant, place.shop, place.now],
    )?;
    let locked = locked.map_or(Ok(0), |row| number(&row, "number"))?;
    sum.pins_locked = sum.pins_locked.saturating_add(locked);
    Ok(())
}

/// Since when the log has an entry under no signed head.
///
/// An entry bears its shop's time: where a test clock makes that earlier than the head before it,
/// or later than now, the head's own time stands for it.
fn unsealed(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    real: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let head = tx.query_opt(
        "SELECT size, at FROM vault_checkpoint WHERE merchant_id = $1 ORDER BY size DESC LIMIT 1",
        &params![merchant],
    )?;
    let (size, sealed): (i64, Option<Timestamp>) = match head {
        Some(head) => (head.get("size")?, Some(head.get("at")?)),
        None => (0, None),
    };
    let entry = tx.query_opt(
        "SELECT at FROM vault_log WHERE merchant_id = $1 AND seq >= $2 ORDER BY seq LIMIT 1",
        &params![merchant, size],
    )?;
    let Some(entry) = entry else { return Ok(None) };
    let at: Timestamp = entry.get("at")?;
    Ok(Some(match sealed {
        Some(sealed) if at < sealed || at > real => sealed,
        _ => at,
    }))
}

/// Adds what a merchant has: the log, its newest head, the keys.
pub(super) fn add_merchant(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    real: Timestamp,
    figures: &mut Figures,
) -> Result<(), DbError> {
    let size = crate::log::store::next(tx, merchant)?;
    figures.log_size = figures.log_size.saturating_add(size);
    if let Some(since) = unsealed(tx, merchant, real)? {
        figures.checkpoint_age_seconds = figures.checkpoint_age_seconds.max(seconds(since, real));
    }
    let keys = tx.query(
        "SELECT kind, MIN(created_at) AS made FROM vault_key WHERE merchant_id = $1 GROUP BY kind",
        &params![merchant],
    )?;
    for row in &keys {
        let kind: String = row.get("kind")?;
        older(&mut figures.key_age_days, &kind, days(row.get("made")?, real));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use db::{Db, Route};
    use kernel::Id;

    use super::*;

    #[test]
    fn v_158_the_log_is_as_old_as_its_first_entry_without_a_head() {
        let folder = tempfile::tempdir().unwrap();
        let options = db::testing::scratch(folder.path(), "a.db").unwrap();
        let db = Db::open(&options, &[crate::MIGRATIONS]).unwrap();
        let merchant = MerchantId::from(Id::from_bytes([7; 16]));
        let start = Timestamp::parse_rfc3339("2026-07-01T00:00:00Z").unwrap();
        let at = move |seconds| start.plus_seconds(seconds);
        let age = |now| {
            let told = db.read_blocking::<_, DbError, _>(|tx| unsealed(tx, merchant, now)).unwrap();
            told.map(|since| seconds(since, now))
        };
        let entry = |seq: i64, at: Timestamp| {
            let sql = "INSERT INTO vault_log (merchant_id, seq, entry, at) VALUES ($1, $2, '', $3)";
            let write = move |tx: &mut Tx<'_>| tx.exec(sql, &params![merchant, seq, at]);
            db.write_blocking::<_, DbError, _>(Route::any(), move |tx| write(tx)).unwrap();
        };
        assert_eq!(age(at(9)), None, "nothing happened");
        entry(0, at(10));
        entry(1, at(20));
        assert_eq!(age(at(70)), Some(60), "never sealed: from its first entry");
        let head =
            move |tx: &mut Tx<'_>| crate::log::store::put_head(tx, merchant, (2, "note"), at(80));
        db.write_blocking::<_, DbError, _>(Route::any(), head).unwrap();
        assert_eq!(age(at(9_000)), None, "a quiet night is no alarm");
        entry(2, at(9_010));
        assert_eq!(age(at(9_015)), Some(5));
        assert_eq!(age(at(9_000)), Some(8_920), "a test clock that is ahead hides nothing");
    }
}
