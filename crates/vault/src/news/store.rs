//! All SQL of news.

use db::{DbError, Row, Tx, params};
use kernel::{MerchantId, ShopId};

/// How many entries each merchant's log has: one look into the index for each.
pub(super) fn sizes(tx: &mut Tx<'_>) -> Result<Vec<(MerchantId, u64)>, DbError> {
    let rows = tx.query(
        "SELECT s.merchant_id, CAST(COALESCE((SELECT MAX(l.seq) + 1 FROM vault_log l \
         WHERE l.merchant_id = s.merchant_id), 0) AS BIGINT) AS size \
         FROM (SELECT DISTINCT merchant_id FROM vault_shop) s ORDER BY s.merchant_id",
        &[],
    )?;
    let read = |row: &Row| -> Result<(MerchantId, u64), DbError> {
        let size: i64 = row.get("size")?;
        let size = u64::try_from(size).map_err(|_| DbError::Corrupt("size".into()))?;
        Ok((row.get("merchant_id")?, size))
    };
    rows.iter().map(read).collect()
}

/// Shops whose messages wait, longest first.
pub(super) fn waiting(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<(MerchantId, ShopId)>, DbError> {
    let rows = tx.query(
        "SELECT merchant_id, shop_id FROM vault_message GROUP BY merchant_id, shop_id \
         ORDER BY MIN(at), shop_id LIMIT $1",
        &params![limit],
    )?;
    rows.iter().map(|row| Ok((row.get("merchant_id")?, row.get("shop_id")?))).collect()
}
