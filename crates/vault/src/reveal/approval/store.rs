//! All SQL of second persons: where viewers were seen, and links that wait.

use db::{DbError, Row, Tx, params};
use kernel::{CardToken, MerchantId, RevealLinkId, ShopId, Timestamp, ViewerId};

use super::Asking;

/// Notes that a viewer was seen with this mark.
pub(in crate::reveal) fn note_seen(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    (mark, at): ([u8; 32], Timestamp),
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO vault_seen (merchant_id, viewer_id, mark, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (viewer_id, mark, merchant_id) DO UPDATE SET at = excluded.at",
        &params![viewer.0, viewer.1, mark, at],
    )?;
    Ok(())
}

/// Whether a viewer was seen with this mark since then.
pub(super) fn was_seen(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    (mark, since): ([u8; 32], Timestamp),
) -> Result<bool, DbError> {
    let row = tx.query_opt(
        "SELECT at FROM vault_seen WHERE merchant_id = $1 AND viewer_id = $2 AND mark = $3 \
         AND at > $4",
        &params![viewer.0, viewer.1, mark, since],
    )?;
    Ok(row.is_some())
}

/// How often a card was shown since then, counted up to `limit`.
pub(super) fn shown_of(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    (since, limit): (Timestamp, u32),
) -> Result<usize, DbError> {
    let rows = tx.query(
        "SELECT unlocked_at FROM vault_link WHERE merchant_id = $1 AND card = $2 \
         AND unlocked_at > $3 ORDER BY unlocked_at DESC LIMIT $4",
        &params![card.0, card.1, since, limit],
    )?;
    Ok(rows.len())
}

/// A link waits from now on, for the visitor it is bound to; false when it waited or had ended.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    link: (MerchantId, RevealLinkId),
    (visitor, asking): ([u8; 32], &Asking),
    now: Timestamp,
) -> Result<bool, DbError> {
    let asked = serde_json::to_string(asking).map_err(|_| DbError::Corrupt("asked".into()))?;
    let changed = tx.exec(
        "UPDATE vault_link SET state = 'awaiting_approval', visitor = $1, asked = $2, \
         asked_at = $3, page_key = NULL WHERE merchant_id = $4 AND id = $5 AND asked_at IS NULL \
         AND state IN ('created', 'awaiting_approval', 'opened')",
        &params![visitor, asked, now, link.0, link.1],
    )?;
    Ok(changed == 1)
}

/// A second person has spoken; false when the link no longer waits.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    link: (MerchantId, RevealLinkId),
    (state, now): (super::super::store::LinkState, Timestamp),
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE vault_link SET state = $1, approved_at = $2 WHERE merchant_id = $3 AND id = $4 \
         AND state = 'awaiting_approval' AND asked_at IS NOT NULL",
        &params![state.word(), now, link.0, link.1],
    )?;
    Ok(changed == 1)
}

/// Links of a shop whose people wait since `since`, oldest first.
pub(super) fn waiting(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    (since, limit): (Timestamp, u32),
) -> Result<Vec<RevealLinkId>, DbError> {
    let rows = tx.query(
        "SELECT id FROM vault_link WHERE merchant_id = $1 AND shop_id = $2 \
         AND state = 'awaiting_approval' AND asked_at > $3 ORDER BY asked_at, id LIMIT $4",
        &params![shop.0, shop.1, since, limit],
    )?;
    rows.iter().map(|row: &Row| row.get("id")).collect()
}
