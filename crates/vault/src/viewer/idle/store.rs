//! All SQL of idle PINs.

use db::{DbError, Tx, params};
use kernel::{MerchantId, ShopId, Timestamp, ViewerId};

use crate::viewer::store::{ViewerRow, read_viewer};

/// A PIN was of use.
pub(in crate::viewer) fn touch(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_viewer SET used_at = $1 WHERE merchant_id = $2 AND id = $3",
        &params![now, viewer.0, viewer.1],
    )?;
    Ok(())
}

/// Viewers whose PIN was of no use since then, or of whom that was not counted yet.
pub(super) fn uncounted_or_idle(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    since: Timestamp,
) -> Result<Vec<ViewerRow>, DbError> {
    let rows = tx.query(
        "SELECT * FROM vault_viewer WHERE merchant_id = $1 AND shop_id = $2 \
         AND state = 'active' AND (used_at IS NULL OR used_at <= $3)",
        &params![shop.0, shop.1, since],
    )?;
    rows.iter().map(read_viewer).collect()
}

/// Disables a PIN that is still idle; false when it was used meanwhile.
pub(super) fn disable(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    since: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE vault_viewer SET state = 'disabled' WHERE merchant_id = $1 AND id = $2 \
         AND state = 'active' AND used_at <= $3",
        &params![viewer.0, viewer.1, since],
    )?;
    Ok(changed == 1)
}
