//! Reads of the verification: each one sees a single merchant and writes nothing.

use std::collections::BTreeMap;

use db::{DbError, Row, Tx, params};
use kernel::{Date, LedgerAccountId, LedgerTxId, MerchantId, Mode, Timestamp};

use super::MAX_LISTED_IDS;
use super::books::{BookKey, Finding, Sums};
use crate::LedgerError;
use crate::book::chart::{Account, Behaviour};
use crate::book::model::Pending;
use crate::book::store::word;

/// Transactions read at once.
const PAGE_TRANSACTIONS: u32 = 2_000;

/// An account as stored, and what its postings say.
#[derive(Debug)]
pub(super) struct AccountRow {
    pub(super) name: String,
    pub(super) account: Option<Account>,
    pub(super) book: BookKey,
    pub(super) stored: Sums,
    pub(super) version: i64,
    pub(super) recomputed: Sums,
}

impl AccountRow {
    pub(super) fn is_strict(&self) -> bool {
        self.account.is_some_and(|account| account.chart().behaviour == Behaviour::Strict)
    }
}

/// The accounts of a merchant.
pub(super) type Accounts = BTreeMap<LedgerAccountId, AccountRow>;

/// A transaction as stored.
#[derive(Debug)]
pub(super) struct TxRow {
    pub(super) id: LedgerTxId,
    pub(super) book: BookKey,
    pub(super) kind: String,
    pub(super) business_ref: String,
    pub(super) request: String,
    pub(super) recorded_at: Timestamp,
    pub(super) on: Date,
    pub(super) fingerprint: [u8; 32],
    pub(super) pending: Pending,
}

/// A version of an account with a limit.
#[derive(Debug)]
pub(super) struct VersionRow {
    pub(super) version: i64,
    pub(super) balance_after: i64,
    pub(super) floor: Option<i64>,
    pub(super) ceiling: Option<i64>,
    /// What the postings of its transaction did to the account.
    pub(super) moved: Option<i128>,
}

fn book(row: &Row) -> Result<BookKey, LedgerError> {
    Ok((word(row, "mode", Mode::parse)?, row.get("currency")?))
}

pub(super) fn accounts(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<Accounts, LedgerError> {
    let rows = tx.query(
        "SELECT id, mode, code, sub, currency, debits_posted, debits_pending, credits_posted, \
         credits_pending, version FROM ledger_account WHERE merchant_id = $1",
        &params![merchant],
    )?;
    rows.iter().map(|row| Ok((row.get("id")?, account(row)?))).collect()
}

fn account(row: &Row) -> Result<AccountRow, LedgerError> {
    let (code, sub): (String, String) = (row.get("code")?, row.get("sub")?);
    Ok(AccountRow {
        name: if sub.is_empty() { code.clone() } else { format!("{code}:{sub}") },
        account: Account::from_parts(&code, &sub).ok(),
        book: book(row)?,
        stored: sums(row)?,
        version: row.get("version")?,
        recomputed: Sums::default(),
    })
}

fn sums(row: &Row) -> Result<Sums, DbError> {
    Ok(Sums {
        debits_posted: row.get::<i64>("debits_posted")?.into(),
        credits_posted: row.get::<i64>("credits_posted")?.into(),
        debits_pending: row.get::<i64>("debits_pending")?.into(),
        credits_pending: row.get::<i64>("credits_pending")?.into(),
    })
}

/// The next transactions after an id, in order.
pub(super) fn transactions(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    after: Option<LedgerTxId>,
) -> Result<Vec<TxRow>, LedgerError> {
    let rows = tx.query(
        "SELECT id, mode, currency, kind, business_ref, request_id, recorded_at, \
         effective_date, fingerprint, resolves_id \
         FROM ledger_tx WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        &params![merchant, bound(after), PAGE_TRANSACTIONS],
    )?;
    rows.iter()
        .map(|row| {
            let ends = row.get::<Option<LedgerTxId>>("resolves_id")?;
            Ok(TxRow {
                id: row.get("id")?,
                book: book(row)?,
                kind: row.get("kind")?,
                business_ref: row.get("business_ref")?,
                request: row.get("request_id")?,
                recorded_at: row.get("recorded_at")?,
                on: row.get("effective_date")?,
                fingerprint: row.get("fingerprint")?,
                pending: ends.map_or(Pending::Reserve, |_| Pending::GiveBack),
            })
        })
        .collect()
}

/// The postings of the transactions after one id up to another, or to the end.
pub(super) fn postings(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    after: Option<LedgerTxId>,
    last: Option<LedgerTxId>,
) -> Result<Vec<Row>, LedgerError> {
    let columns = "SELECT tx_id, n, account_id, item_ref, side, amount, layer \
         FROM ledger_posting WHERE merchant_id = $1 AND tx_id > $2";
    let rows = match last {
        Some(last) => tx.query(
            &format!("{columns} AND tx_id <= $3 ORDER BY tx_id, n"),
            &params![merchant, bound(after), last],
        )?,
        None => tx.query(
            &format!("{columns} ORDER BY tx_id, n LIMIT $3"),
            &params![merchant, bound(after), PAGE_TRANSACTIONS],
        )?,
    };
    Ok(rows)
}

/// Every id is greater than no bytes at all.
fn bound(after: Option<LedgerTxId>) -> Vec<u8> {
    after.map_or_else(Vec::new, |id| id.as_bytes().to_vec())
}

/// What open reserves hold, per account.
pub(super) fn open_reserves(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<BTreeMap<LedgerAccountId, Sums>, LedgerError> {
    let rows = tx.query(
        "SELECT p.account_id, 0 AS debits_posted, 0 AS credits_posted, \
         CAST(SUM(CASE p.side WHEN 'D' THEN p.amount ELSE 0 END) AS BIGINT) AS debits_pending, \
         CAST(SUM(CASE p.side WHEN 'C' THEN p.amount ELSE 0 END) AS BIGINT) AS credits_pending \
         FROM ledger_pending q \
         JOIN ledger_posting p ON p.tx_id = q.tx_id AND p.merchant_id = q.merchant_id \
         WHERE q.merchant_id = $1 AND q.state = 'open' AND p.layer = 'pending' \
         GROUP BY p.account_id",
        &params![merchant],
    )?;
    rows.iter().map(|row| Ok((row.get("account_id")?, sums(row)?))).collect()
}

/// The versions of an account with a limit, with what each transaction moved.
pub(super) fn versions(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    account: LedgerAccountId,
) -> Result<Vec<VersionRow>, LedgerError> {
    let rows = tx.query(
        "SELECT v.version, v.balance_after, v.floor, v.ceiling, \
         (SELECT CAST(SUM(CASE WHEN p.layer = 'pending' THEN 0 WHEN p.side = 'D' \
         THEN p.amount ELSE -p.amount END) AS BIGINT) FROM ledger_posting p \
         WHERE p.tx_id = v.tx_id AND p.merchant_id = v.merchant_id \
         AND p.account_id = v.account_id) AS moved \
         FROM ledger_running v WHERE v.merchant_id = $1 AND v.account_id = $2 \
         ORDER BY v.version",
        &params![merchant, account],
    )?;
    rows.iter()
        .map(|row| {
            Ok(VersionRow {
                version: row.get("version")?,
                balance_after: row.get("balance_after")?,
                floor: row.get("floor")?,
                ceiling: row.get("ceiling")?,
                moved: row.get::<Option<i64>>("moved")?.map(i128::from),
            })
        })
        .collect()
}

/// Items whose sums are not those of their postings.
pub(super) fn wrong_items(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Vec<Finding>, LedgerError> {
    let rows = tx.query(
        &format!(
            "WITH s AS (SELECT account_id, item_ref, \
             SUM(CASE side WHEN 'D' THEN amount ELSE 0 END) AS debits, \
             SUM(CASE side WHEN 'C' THEN amount ELSE 0 END) AS credits \
             FROM ledger_posting WHERE merchant_id = $1 AND layer = 'posted' \
             AND item_ref IS NOT NULL GROUP BY account_id, item_ref) \
             {ITEM} LEFT JOIN s ON s.account_id = i.account_id AND s.item_ref = i.item_ref \
             WHERE i.merchant_id = $1 AND (COALESCE(s.debits, 0) <> i.debits \
             OR COALESCE(s.credits, 0) <> i.credits) LIMIT {MAX_LISTED_IDS}"
        ),
        &params![merchant],
    )?;
    rows.iter().map(item).collect()
}

const ITEM: &str = "SELECT a.mode, a.currency, a.code, i.item_ref FROM ledger_item i \
     JOIN ledger_account a ON a.id = i.account_id AND a.merchant_id = i.merchant_id";

fn item(row: &Row) -> Result<Finding, LedgerError> {
    let (code, item): (String, String) = (row.get("code")?, row.get("item_ref")?);
    Ok(Finding { book: book(row)?, id: format!("{code}[{item}]") })
}

/// Postings to control accounts without an item.
pub(super) fn missing_items(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Vec<Finding>, LedgerError> {
    let rows = tx.query(
        &format!(
            "SELECT DISTINCT a.mode, a.currency, a.code, COALESCE(p.item_ref, '') AS item_ref \
             FROM ledger_account a \
             JOIN ledger_posting p ON p.account_id = a.id AND p.merchant_id = a.merchant_id \
             WHERE a.merchant_id = $1 AND a.behaviour = 'control' AND p.layer = 'posted' \
             AND NOT EXISTS (SELECT 1 FROM ledger_item i WHERE i.item_ref = p.item_ref \
             AND i.account_id = p.account_id AND i.merchant_id = p.merchant_id) \
             LIMIT {MAX_LISTED_IDS}"
        ),
        &params![merchant],
    )?;
    rows.iter().map(item).collect()
}

/// Items closed although something is owed, or open although nothing is.
pub(super) fn badly_closed_items(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Vec<Finding>, LedgerError> {
    let rows = tx.query(
        &format!(
            "{ITEM} WHERE i.merchant_id = $1 \
             AND ((i.debits = i.credits AND i.closed_on IS NULL) \
             OR (i.debits <> i.credits AND i.closed_on IS NOT NULL)) LIMIT {MAX_LISTED_IDS}"
        ),
        &params![merchant],
    )?;
    rows.iter().map(item).collect()
}

/// Reserves whose state is not told by exactly the one transaction that ended them.
pub(super) fn badly_ended_reserves(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Vec<Finding>, LedgerError> {
    let rows = tx.query(
        &format!(
            "SELECT t.mode, t.currency, t.id FROM ledger_pending q \
             JOIN ledger_tx t ON t.id = q.tx_id AND t.merchant_id = q.merchant_id \
             WHERE q.merchant_id = $1 AND (SELECT COUNT(*) FROM ledger_tx r \
             WHERE r.resolves_id = q.tx_id AND r.merchant_id = q.merchant_id \
             AND (q.state = 'open' OR (r.id = q.resolved_by AND r.kind = CASE q.state \
             WHEN 'posted' THEN 'pending.post' WHEN 'voided' THEN 'pending.void' \
             ELSE 'pending.expire' END))) \
             <> (CASE q.state WHEN 'open' THEN 0 ELSE 1 END) LIMIT {MAX_LISTED_IDS}"
        ),
        &params![merchant],
    )?;
    rows.iter().map(transaction).collect()
}

fn transaction(row: &Row) -> Result<Finding, LedgerError> {
    let id: LedgerTxId = row.get("id")?;
    Ok(Finding { book: book(row)?, id: id.to_string() })
}

/// Ends of reserves that never were, a second end of one, and pending lines without a reserve.
pub(super) fn ends_without_reserve(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Vec<Finding>, LedgerError> {
    let rows = tx.query(
        &format!(
            "SELECT t.mode, t.currency, t.id FROM ledger_tx t WHERE t.merchant_id = $1 \
             AND ((t.resolves_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_pending q \
             WHERE q.tx_id = t.resolves_id AND q.merchant_id = t.merchant_id \
             AND q.resolved_by = t.id)) \
             OR (t.resolves_id IS NULL AND EXISTS (SELECT 1 FROM ledger_posting p \
             WHERE p.tx_id = t.id AND p.merchant_id = t.merchant_id AND p.layer = 'pending') \
             AND NOT EXISTS (SELECT 1 FROM ledger_pending q \
             WHERE q.tx_id = t.id AND q.merchant_id = t.merchant_id))) LIMIT {MAX_LISTED_IDS}"
        ),
        &params![merchant],
    )?;
    rows.iter().map(transaction).collect()
}

/// Transactions with several reversals.
pub(super) fn reversed_twice(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Vec<Finding>, LedgerError> {
    let rows = tx.query(
        &format!(
            "SELECT mode, currency, reverses_id AS id FROM ledger_tx \
             WHERE merchant_id = $1 AND reverses_id IS NOT NULL \
             GROUP BY reverses_id, mode, currency HAVING COUNT(*) > 1 LIMIT {MAX_LISTED_IDS}"
        ),
        &params![merchant],
    )?;
    rows.iter().map(transaction).collect()
}

/// Named events with several transactions.
pub(super) fn told_twice(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Vec<Finding>, LedgerError> {
    let rows = tx.query(
        &format!(
            "SELECT mode, MIN(currency) AS currency, kind, request_id FROM ledger_tx \
             WHERE merchant_id = $1 GROUP BY request_id, kind, mode HAVING COUNT(*) > 1 \
             LIMIT {MAX_LISTED_IDS}"
        ),
        &params![merchant],
    )?;
    rows.iter()
        .map(|row| {
            let (kind, request): (String, String) = (row.get("kind")?, row.get("request_id")?);
            Ok(Finding { book: book(row)?, id: format!("{kind} {request}") })
        })
        .collect()
}
