//! All SQL of recoveries.

use db::{DbError, Row, Tx, params};
use kernel::{Id, MerchantId, ShopId, Timestamp, ViewerId};

/// A lost PIN's successor that waits.
#[derive(Debug, Clone)]
pub(in crate::viewer) struct RecoveryRow {
    pub(in crate::viewer) merchant: MerchantId,
    pub(in crate::viewer) id: Id,
    pub(in crate::viewer) shop: ShopId,
    pub(in crate::viewer) viewer: ViewerId,
    /// `waiting`, `done`, `over` or `stopped`.
    pub(in crate::viewer) state: String,
    pub(in crate::viewer) verifiers: String,
    pub(in crate::viewer) usable_from: Timestamp,
    /// Finds the link that stops it.
    pub(in crate::viewer) link_hash: [u8; 32],
    pub(in crate::viewer) created_at: Timestamp,
}

/// Adds a recovery.
pub(super) fn put(tx: &mut Tx<'_>, row: &RecoveryRow) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO vault_recovery (merchant_id, id, shop_id, viewer_id, state, verifiers, \
         usable_from, link_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![
            row.merchant,
            row.id,
            row.shop,
            row.viewer,
            &row.state,
            &row.verifiers,
            row.usable_from,
            row.link_hash,
            row.created_at,
        ],
    )?;
    Ok(())
}

/// A recovery.
pub(super) fn find(
    tx: &mut Tx<'_>,
    owner: (MerchantId, Id),
) -> Result<Option<RecoveryRow>, DbError> {
    let row = tx.query_opt(
        "SELECT * FROM vault_recovery WHERE merchant_id = $1 AND id = $2",
        &params![owner.0, owner.1],
    )?;
    row.map(|row| read(&row)).transpose()
}

/// The recoveries of a shop that wait, oldest first; at most one for each viewer.
pub(in crate::viewer) fn waiting(
    tx: &mut Tx<'_>,
    place: (MerchantId, ShopId),
) -> Result<Vec<RecoveryRow>, DbError> {
    let rows = tx.query(
        "SELECT * FROM vault_recovery \
         WHERE merchant_id = $1 AND shop_id = $2 AND state = 'waiting' ORDER BY created_at, id",
        &params![place.0, place.1],
    )?;
    rows.iter().map(read).collect()
}

/// What waits is used; false when it no longer waits. Its verifiers are the viewer's now.
pub(super) fn finish(tx: &mut Tx<'_>, owner: (MerchantId, Id)) -> Result<bool, DbError> {
    let ended = tx.exec(
        "UPDATE vault_recovery SET state = 'done', verifiers = '' \
         WHERE merchant_id = $1 AND id = $2 AND state = 'waiting'",
        &params![owner.0, owner.1],
    )?;
    Ok(ended > 0)
}

/// It was not the viewer's; false when that was known.
pub(super) fn stop(tx: &mut Tx<'_>, owner: (MerchantId, Id)) -> Result<bool, DbError> {
    let stopped = tx.exec(
        "UPDATE vault_recovery SET state = 'stopped', verifiers = '' \
         WHERE merchant_id = $1 AND id = $2 AND state <> 'stopped'",
        &params![owner.0, owner.1],
    )?;
    Ok(stopped > 0)
}

/// Ends what still waits for a viewer.
pub(in crate::viewer) fn end_all(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_recovery SET state = 'over', verifiers = '' \
         WHERE merchant_id = $1 AND viewer_id = $2 AND state = 'waiting'",
        &params![viewer.0, viewer.1],
    )?;
    Ok(())
}

/// Forgets what is older than `before`, with its links.
pub(super) fn forget(
    tx: &mut Tx<'_>,
    place: (MerchantId, ShopId),
    before: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM vault_locator WHERE hash IN (SELECT link_hash FROM vault_recovery \
         WHERE merchant_id = $1 AND shop_id = $2 AND state <> 'waiting' AND created_at < $3)",
        &params![place.0, place.1, before],
    )?;
    tx.exec(
        "DELETE FROM vault_recovery \
         WHERE merchant_id = $1 AND shop_id = $2 AND state <> 'waiting' AND created_at < $3",
        &params![place.0, place.1, before],
    )?;
    Ok(())
}

fn read(row: &Row) -> Result<RecoveryRow, DbError> {
    Ok(RecoveryRow {
        merchant: row.get("merchant_id")?,
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        viewer: row.get("viewer_id")?,
        state: row.get("state")?,
        verifiers: row.get("verifiers")?,
        usable_from: row.get("usable_from")?,
        link_hash: row.get("link_hash")?,
        created_at: row.get("created_at")?,
    })
}
