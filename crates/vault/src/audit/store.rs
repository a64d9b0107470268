//! All SQL of the self-check: one merchant at a time.

use db::{DbError, Tx, params};
use kernel::{Id, MerchantId, Timestamp};

/// A wrapped key, without its bytes.
pub(super) struct KeyRow {
    pub(super) kind: String,
    pub(super) shop: Id,
    pub(super) version: i64,
    pub(super) created: Timestamp,
}

/// All keys of a merchant.
pub(super) fn keys(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<Vec<KeyRow>, DbError> {
    let rows = tx.query(
        "SELECT kind, shop_id, version, created_at FROM vault_key WHERE merchant_id = $1 \
         ORDER BY kind, shop_id, version",
        &params![merchant],
    )?;
    let read = |row: &db::Row| {
        Ok(KeyRow {
            kind: row.get("kind")?,
            shop: row.get("shop_id")?,
            version: row.get("version")?,
            created: row.get("created_at")?,
        })
    };
    rows.iter().map(read).collect()
}

fn count(tx: &mut Tx<'_>, sql: &str, merchant: MerchantId) -> Result<u64, DbError> {
    let row = tx.query_opt(sql, &params![merchant])?;
    let number: i64 = row.map_or(Ok(0), |row| row.first())?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// Slots that rows of a merchant name: of numbers, of codes.
pub(super) fn slots(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<(u64, u64), DbError> {
    let numbers =
        "SELECT COUNT(*) AS n FROM vault_card WHERE merchant_id = $1 AND slot IS NOT NULL";
    let codes =
        "SELECT COUNT(*) AS n FROM vault_card WHERE merchant_id = $1 AND code_slot IS NOT NULL";
    Ok((count(tx, numbers, merchant)?, count(tx, codes, merchant)?))
}

/// Cards that show more than the first 8 or 6 digits, or other than the last 4. Eight are for numbers
/// of 16 digits: those of American Express have 15.
pub(super) fn long_truncations(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<u64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM vault_card WHERE merchant_id = $1 AND state = 'active' \
         AND (length(bin) > 8 OR length(last4) <> 4 OR (brand = 'amex' AND length(bin) > 6))";
    count(tx, sql, merchant)
}

/// Cards in use whose record is not of its one length, or without a slot.
pub(super) fn unsealed(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    record_bytes: usize,
) -> Result<u64, DbError> {
    let sql = format!(
        "SELECT COUNT(*) AS n FROM vault_card WHERE merchant_id = $1 AND state = 'active' \
         AND (slot IS NULL OR record IS NULL OR length(record) <> {record_bytes})"
    );
    count(tx, &sql, merchant)
}

/// Codes still held although their card was authorised with them or they were seen.
pub(super) fn codes_after_use(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<u64, DbError> {
    let sql = "SELECT COUNT(*) AS n FROM vault_card WHERE merchant_id = $1 \
         AND code_because IS NOT NULL AND code_slot IS NOT NULL \
         AND code_state IN ('available', 'reserved')";
    count(tx, sql, merchant)
}

/// Cards whose fingerprint is one of these.
pub(super) fn with_fingerprint(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    fingerprint: [u8; 16],
) -> Result<u64, DbError> {
    let row = tx.query_opt(
        "SELECT COUNT(*) AS n FROM vault_card WHERE merchant_id = $1 AND fingerprint = $2",
        &params![merchant, fingerprint],
    )?;
    let number: i64 = row.map_or(Ok(0), |row| row.first())?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// A card of a merchant.
pub(super) fn any_card(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Option<kernel::CardToken>, DbError> {
    let row = tx.query_opt(
        "SELECT id FROM vault_card WHERE merchant_id = $1 ORDER BY id LIMIT 1",
        &params![merchant],
    )?;
    row.map(|row| row.get("id")).transpose()
}
