//! All SQL of a restore. Nobody else is on the tables then; every statement but [`merchants`] and
//! [`is_empty`] names a merchant all the same.

use db::{DbError, Row, Tx, Val, params};
use kernel::{CardToken, MerchantId, Timestamp};

use crate::partner::NOBODY;
use crate::slots::SlotIndex;

/// Whether none of these tables has a row.
pub(super) fn is_empty(tx: &mut Tx<'_>, tables: &[String]) -> Result<bool, DbError> {
    for table in tables {
        if !tx.query(&format!("SELECT 1 AS one FROM {table} LIMIT 1"), &[])?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Every merchant with a shop.
pub(super) fn merchants(tx: &mut Tx<'_>) -> Result<Vec<MerchantId>, DbError> {
    let sql = "SELECT DISTINCT merchant_id FROM vault_shop ORDER BY merchant_id";
    tx.query(sql, &[])?.iter().map(|row| row.get("merchant_id")).collect()
}

/// What is void after a restore: links, open pages, enrolments, resets that wait; codes, and the
/// numbers of slots, which are another file's.
pub(super) fn void(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    now: Timestamp,
) -> Result<Voided, DbError> {
    let one = params![merchant];
    let links = tx.exec(
        "UPDATE vault_link SET state = CASE state WHEN 'unlocked' THEN 'closed' \
         ELSE 'cancelled' END, page_key = NULL \
         WHERE merchant_id = $1 \
         AND state IN ('created', 'awaiting_approval', 'opened', 'unlocked')",
        &one,
    )?;
    tx.exec(
        "DELETE FROM vault_locator WHERE merchant_id = $1 AND capture IN \
         (SELECT id FROM vault_capture WHERE merchant_id = $1 AND state = 'open')",
        &one,
    )?;
    let pages =
        tx.exec("DELETE FROM vault_capture WHERE merchant_id = $1 AND state = 'open'", &one)?;
    tx.exec(
        "UPDATE vault_enrolment SET state = 'cancelled', page_key = NULL, owners = '[]' \
         WHERE merchant_id = $1 AND state IN ('open', 'code_ok')",
        &one,
    )?;
    tx.exec(
        "UPDATE vault_recovery SET state = 'over', verifiers = '' \
         WHERE merchant_id = $1 AND state = 'waiting'",
        &one,
    )?;
    let codes = tx.exec(
        "UPDATE vault_card SET code_state = CASE WHEN code_state IS NULL THEN NULL \
         ELSE 'destroyed' END, code_record = NULL, code_holder = NULL, code_because = 'lost', \
         code_at = $2, code_typed = 0 WHERE merchant_id = $1 \
         AND (code_state IN ('available', 'reserved', 'unknown') OR code_typed = 1)",
        &params![merchant, now],
    )?;
    tx.exec("UPDATE vault_card SET slot = NULL, code_slot = NULL WHERE merchant_id = $1", &one)?;
    tx.exec(
        "UPDATE vault_card SET state = 'purged', bin = '', last4 = '', initials = NULL, \
         fingerprint = NULL, record = NULL, purge_at = NULL, gone_at = $2, gone_by = 'clock' \
         WHERE merchant_id = $1 AND state = 'purging'",
        &params![merchant, now],
    )?;
    // Another machine, or another day: its clock is believed anew.
    tx.exec("DELETE FROM vault_clock WHERE merchant_id = $1", &params![NOBODY])?;
    Ok(Voided { links, pages, codes })
}

/// How much was void.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Voided {
    pub(super) links: u64,
    pub(super) pages: u64,
    pub(super) codes: u64,
}

impl Voided {
    /// Those of another merchant, too.
    pub(super) const fn add(&mut self, more: Self) {
        self.links = self.links.saturating_add(more.links);
        self.pages = self.pages.saturating_add(more.pages);
        self.codes = self.codes.saturating_add(more.codes);
    }
}

/// Destroys a card again; false when it is not there, or was destroyed in the backup already.
pub(super) fn destroy_again(
    tx: &mut Tx<'_>,
    (merchant, card): (MerchantId, CardToken),
    (why, at, by): (&str, Timestamp, &str),
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE vault_card SET state = 'purged', missing_reason = $1, bin = '', last4 = '', \
         initials = NULL, fingerprint = NULL, slot = NULL, record = NULL, purge_at = NULL, \
         proxy_profile = NULL, version = version + 1, gone_at = $2, gone_by = $3 \
         WHERE merchant_id = $4 AND id = $5 AND state = 'active'",
        &params![why, at, by, merchant, card],
    )?;
    Ok(changed == 1)
}

/// Destroys the cards that are kept for one payment: whether they were destroyed after the backup is
/// not known. How many.
pub(super) fn destroy_for_one_payment(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    now: Timestamp,
) -> Result<u64, DbError> {
    tx.exec(
        "UPDATE vault_card SET state = 'purged', missing_reason = 'purged', bin = '', last4 = '', \
         initials = NULL, fingerprint = NULL, slot = NULL, record = NULL, purge_at = NULL, \
         proxy_profile = NULL, version = version + 1, gone_at = $1, gone_by = 'restore' \
         WHERE merchant_id = $2 AND state = 'active' AND kind = 'single_use'",
        &params![now, merchant],
    )
}

/// Says where the key of a card is now.
pub(super) fn set_slot(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    slot: SlotIndex,
) -> Result<(), DbError> {
    let slot = i64::try_from(slot.0).map_err(|_| DbError::Corrupt("slot".into()))?;
    tx.exec(
        "UPDATE vault_card SET slot = $1 WHERE merchant_id = $2 AND id = $3 AND state = 'active'",
        &params![slot, card.0, card.1],
    )?;
    Ok(())
}

/// Cards whose key did not come back: their tokens and history stay. How many.
pub(super) fn lose_numbers(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    now: Timestamp,
) -> Result<u64, DbError> {
    tx.exec(
        "UPDATE vault_card SET state = 'purged', missing_reason = 'lost', initials = NULL, \
         fingerprint = NULL, record = NULL, purge_at = NULL, proxy_profile = NULL, \
         version = version + 1, gone_at = $1, gone_by = 'restore' \
         WHERE merchant_id = $2 AND state = 'active' AND slot IS NULL",
        &params![now, merchant],
    )
}

/// Cards of a merchant whose number is there, and those of them that are due.
pub(super) fn count(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    now: Timestamp,
) -> Result<(u64, u64), DbError> {
    let count = |tx: &mut Tx<'_>, more: &str, values: &[Val]| -> Result<u64, DbError> {
        let sql = format!(
            "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM vault_card \
             WHERE merchant_id = $1 AND state = 'active' AND slot IS NOT NULL {more}"
        );
        let rows = tx.query(&sql, values)?;
        let number: i64 = rows.first().map_or(Ok(0), |row| row.get("n"))?;
        Ok(u64::try_from(number).unwrap_or(0))
    };
    let all = count(tx, "", &params![merchant])?;
    Ok((all, count(tx, "AND purge_at <= $2", &params![merchant, now])?))
}

/// Adds an entry of a saved log as it was written.
pub(super) fn put_entry(tx: &mut Tx<'_>, entry: &Saved<'_>) -> Result<(), DbError> {
    let seq = i64::try_from(entry.seq).map_err(|_| DbError::Corrupt("seq".into()))?;
    tx.exec(
        "INSERT INTO vault_log (merchant_id, seq, card, entry, salt, details, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &params![
            entry.merchant,
            seq,
            entry.card,
            entry.text,
            entry.salt.clone(),
            entry.details.clone(),
            entry.at,
        ],
    )?;
    Ok(())
}

/// An entry of a saved log.
#[derive(Debug, Clone)]
pub(super) struct Saved<'s> {
    pub(super) merchant: MerchantId,
    pub(super) seq: u64,
    pub(super) card: Option<CardToken>,
    pub(super) text: &'s str,
    pub(super) salt: Option<Vec<u8>>,
    pub(super) details: Option<String>,
    pub(super) at: Timestamp,
}

/// Keeps the public key that signed before a restore.
pub(super) fn put_former_signer(
    tx: &mut Tx<'_>,
    public: &[u8],
    until: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO vault_former_signer (merchant_id, public, until) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
        &params![NOBODY, public, until],
    )?;
    Ok(())
}

/// Public keys that signed before restores.
pub(crate) fn former_signers(tx: &mut Tx<'_>) -> Result<Vec<Vec<u8>>, DbError> {
    let sql = "SELECT public FROM vault_former_signer WHERE merchant_id = $1 ORDER BY until";
    let rows = tx.query(sql, &params![NOBODY])?;
    rows.iter().map(|row: &Row| row.get("public")).collect()
}
