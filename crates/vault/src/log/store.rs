//! All SQL of the log, its heads and receipts.

use std::collections::BTreeSet;

use db::{DbError, Row, Tx, params};
use kernel::{CardToken, MerchantId, Timestamp};

use super::Line;

/// An entry as stored.
pub(crate) struct Stored {
    pub(crate) seq: u64,
    pub(crate) entry: String,
    pub(crate) salt: Option<Vec<u8>>,
    pub(crate) details: Option<String>,
    pub(crate) single_use: bool,
}

fn number(row: &Row, column: &str) -> Result<u64, DbError> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| DbError::Corrupt(column.to_owned()))
}

fn signed(number: u64) -> Result<i64, DbError> {
    i64::try_from(number).map_err(|_| DbError::Corrupt("seq".into()))
}

/// The number of the next entry: how many there are.
pub(crate) fn next(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<u64, DbError> {
    let rows = tx.query(
        "SELECT CAST(COALESCE(MAX(seq) + 1, 0) AS BIGINT) AS next FROM vault_log \
         WHERE merchant_id = $1",
        &params![merchant],
    )?;
    rows.first().map_or(Ok(0), |row| number(row, "next"))
}

/// Adds an entry.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    line: &Line,
    seq: u64,
    written: (&str, &[u8], &str),
) -> Result<(), DbError> {
    let (entry, salt, details) = written;
    // Sent at once: the next unit of the same commit must see its number taken.
    tx.exec(
        "INSERT INTO vault_log (merchant_id, seq, card, entry, salt, details, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &params![line.merchant, signed(seq)?, line.card, entry, salt, details, line.at],
    )?;
    Ok(())
}

/// Texts of a merchant's entries from a number on.
pub(crate) fn texts(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    (from, limit): (u64, u32),
) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT entry FROM vault_log WHERE merchant_id = $1 AND seq >= $2 ORDER BY seq LIMIT $3",
        &params![merchant, signed(from)?, limit],
    )?;
    rows.iter().map(|row| row.get("entry")).collect()
}

/// An entry with everything that stands beside it.
pub(crate) struct Whole {
    pub(crate) seq: u64,
    pub(crate) entry: String,
    pub(crate) salt: Option<Vec<u8>>,
    pub(crate) details: Option<String>,
    pub(crate) card: Option<CardToken>,
    pub(crate) at: Timestamp,
}

/// Entries of a merchant from a number on, whole.
pub(crate) fn whole(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    (from, limit): (u64, u32),
) -> Result<Vec<Whole>, DbError> {
    let rows = tx.query(
        "SELECT seq, entry, salt, details, card, at FROM vault_log \
         WHERE merchant_id = $1 AND seq >= $2 ORDER BY seq LIMIT $3",
        &params![merchant, signed(from)?, limit],
    )?;
    let read = |row: &Row| -> Result<Whole, DbError> {
        Ok(Whole {
            seq: number(row, "seq")?,
            entry: row.get("entry")?,
            salt: row.get("salt")?,
            details: row.get("details")?,
            card: row.get("card")?,
            at: row.get("at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Entries of a merchant from a number on, of one card or of all.
pub(crate) fn entries(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    card: Option<CardToken>,
    (from, limit): (u64, u32),
) -> Result<Vec<Stored>, DbError> {
    let of_card = if card.is_some() { "AND l.card = $4" } else { "" };
    let sql = format!(
        "SELECT l.seq, l.entry, l.salt, l.details, c.kind FROM vault_log l \
         LEFT JOIN vault_card c ON c.id = l.card AND c.merchant_id = l.merchant_id \
         WHERE l.merchant_id = $1 AND l.seq >= $2 {of_card} ORDER BY l.seq LIMIT $3"
    );
    let mut values = params![merchant, signed(from)?, limit];
    values.extend(card.map(db::Val::from));
    let read = |row: &Row| -> Result<Stored, DbError> {
        let kind: Option<String> = row.get("kind")?;
        Ok(Stored {
            seq: number(row, "seq")?,
            entry: row.get("entry")?,
            salt: row.get("salt")?,
            details: row.get("details")?,
            single_use: kind.as_deref() == Some("single_use"),
        })
    };
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Size and text of the newest head.
pub(crate) fn newest_head(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Option<(u64, String)>, DbError> {
    let row = tx.query_opt(
        "SELECT size, note FROM vault_checkpoint WHERE merchant_id = $1 \
         ORDER BY size DESC LIMIT 1",
        &params![merchant],
    )?;
    row.map(|row| Ok((number(&row, "size")?, row.get("note")?))).transpose()
}

/// What finds an event in the canonical text of an entry.
fn with_event(event: &str) -> String {
    format!("%\"event\":\"{event}\"%")
}

/// The purposes with which an event was logged; reads the merchant's whole log.
pub(crate) fn purposes(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    event: &str,
) -> Result<BTreeSet<String>, DbError> {
    let rows = tx.query(
        "SELECT entry FROM vault_log WHERE merchant_id = $1 AND entry LIKE $2",
        &params![merchant, with_event(event)],
    )?;
    let purpose = |row: &Row| -> Result<String, DbError> {
        let entry: String = row.get("entry")?;
        let entry: serde_json::Value =
            serde_json::from_str(&entry).map_err(|_| DbError::Corrupt("entry".into()))?;
        let purpose = entry.get("purpose").and_then(serde_json::Value::as_str);
        purpose.map(str::to_owned).ok_or_else(|| DbError::Corrupt("entry".into()))
    };
    rows.iter().map(purpose).collect()
}

/// When an event was last logged, and its entry; reads the merchant's log from its end.
pub(crate) fn last_of(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    event: &str,
) -> Result<Option<(Timestamp, String)>, DbError> {
    let row = tx.query_opt(
        "SELECT at, entry FROM vault_log WHERE merchant_id = $1 AND entry LIKE $2 \
         ORDER BY seq DESC LIMIT 1",
        &params![merchant, with_event(event)],
    )?;
    row.map(|row| Ok((row.get("at")?, row.get("entry")?))).transpose()
}

/// All heads ever signed, smallest first.
pub(crate) fn heads(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<Vec<(u64, String)>, DbError> {
    let rows = tx.query(
        "SELECT size, note FROM vault_checkpoint WHERE merchant_id = $1 ORDER BY size",
        &params![merchant],
    )?;
    rows.iter().map(|row| Ok((number(row, "size")?, row.get("note")?))).collect()
}

/// Keeps a head.
pub(crate) fn put_head(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    head: (u64, &str),
    at: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO vault_checkpoint (merchant_id, size, note, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
        &params![merchant, signed(head.0)?, head.1, at],
    )?;
    Ok(())
}

/// Keeps a receipt under the number of its entry.
pub(crate) fn put_receipt(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    (seq, card): (u64, CardToken),
    receipt: &str,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO vault_receipt (merchant_id, seq, card, receipt) VALUES ($1, $2, $3, $4)",
        &params![merchant, signed(seq)?, card, receipt],
    )?;
    Ok(())
}

/// Receipts of a card, oldest first.
pub(crate) fn receipts(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    card: CardToken,
) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT receipt FROM vault_receipt WHERE merchant_id = $1 AND card = $2 ORDER BY seq",
        &params![merchant, card],
    )?;
    rows.iter().map(|row| row.get("receipt")).collect()
}
