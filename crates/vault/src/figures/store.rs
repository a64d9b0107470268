//! All SQL of the figures: one shop or one merchant at a time.

use std::collections::BTreeMap;

use db::{DbError, Row, Tx, params};
use kernel::{MerchantId, Mode, ShopId, Timestamp};
use vault_wire::{Figures, ModeFigures};

use super::{add, days, older, seconds};
use crate::reveal::store::{OPEN_SECONDS, PIN_SECONDS};

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
         WHEN state IN ('cancelled', 'expired') THEN state \
         WHEN state = 'created' AND created_at > $3 THEN 'open' \
         WHEN state = 'opened' AND opened_at > $4 THEN 'open' \
         ELSE 'expired' END AS name, COUNT(*) AS number FROM vault_link \
         WHERE merchant_id = $1 AND shop_id = $2 GROUP BY 1",
        &params![
            place.merchant,
            place.shop,
            place.now.plus_seconds(-OPEN_SECONDS),
            place.now.plus_seconds(-PIN_SECONDS),
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

/// Adds what a merchant has: the log, its newest head, the keys.
pub(super) fn add_merchant(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    real: Timestamp,
    figures: &mut Figures,
) -> Result<(), DbError> {
    let size = crate::log::store::next(tx, merchant)?;
    figures.log_size = figures.log_size.saturating_add(size);
    let head = tx.query_opt(
        "SELECT size, at FROM vault_checkpoint WHERE merchant_id = $1 ORDER BY size DESC LIMIT 1",
        &params![merchant],
    )?;
    if let Some(head) = head.filter(|head| number(head, "size").is_ok_and(|under| under < size)) {
        let age = seconds(head.get("at")?, real);
        figures.checkpoint_age_seconds = figures.checkpoint_age_seconds.max(age);
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
