//! Reads of the book.

use db::{Row, Tx, params};
use kernel::{Currency, Money, Scope};

use super::{Balance, BookTotals, OpenItem, TimelineLine};
use crate::LedgerError;
use crate::book::chart::{Account, Reference};
use crate::book::model::{Kind, PendingState, Side};
use crate::book::store::{account_id, line, word};

/// The account is looked up per line, so that no engine thinks of starting from the accounts and
/// walking the whole book.
const TIMELINE: &str = "SELECT t.id, t.kind, t.resolves_kind, q.state, t.effective_date, \
     t.recorded_at, t.actor, t.currency, p.item_ref, p.side, p.amount, p.layer, \
     (SELECT a.code FROM ledger_account a WHERE a.id = p.account_id \
     AND a.merchant_id = p.merchant_id) AS code, \
     (SELECT a.sub FROM ledger_account a WHERE a.id = p.account_id \
     AND a.merchant_id = p.merchant_id) AS sub FROM ledger_tx t \
     JOIN ledger_posting p ON p.tx_id = t.id AND p.merchant_id = t.merchant_id \
     LEFT JOIN ledger_pending q ON q.tx_id = t.id AND q.merchant_id = t.merchant_id";

pub(super) fn timeline(
    tx: &mut Tx<'_>,
    scope: &Scope,
    business: &Reference,
) -> Result<Vec<TimelineLine>, LedgerError> {
    let sql = format!(
        "{TIMELINE} WHERE t.business_ref = $1 AND t.merchant_id = $2 AND t.mode = $3 \
         ORDER BY t.recorded_at, t.id, p.n"
    );
    let rows =
        tx.query(&sql, &params![business.as_str(), scope.merchant(), scope.mode().as_str()])?;
    rows.iter().map(timeline_line).collect()
}

/// Names of requests, before the id of what they are about.
const REQUESTS: [&str; 11] = [
    "capture",
    "fee",
    "fee.returned",
    "refund",
    "refund.outside",
    "deposit.returned",
    "chargeback.opened",
    "chargeback.fee",
    "chargeback.won",
    "chargeback.lost",
    "chargeback.recovered",
];

pub(super) fn timeline_of_item(
    tx: &mut Tx<'_>,
    scope: &Scope,
    item: &Reference,
) -> Result<Vec<TimelineLine>, LedgerError> {
    let mut values = params![scope.merchant(), scope.mode().as_str()];
    let mut places = Vec::new();
    for name in REQUESTS {
        values.push(format!("{name}:{}", item.as_str()).into());
        places.push(format!("${}", values.len()));
    }
    let sql = format!(
        "{TIMELINE} WHERE t.merchant_id = $1 AND t.mode = $2 AND t.request_id IN ({}) \
         ORDER BY t.recorded_at, t.id, p.n",
        places.join(", ")
    );
    tx.query(&sql, &values)?.iter().map(timeline_line).collect()
}

fn timeline_line(row: &Row) -> Result<TimelineLine, LedgerError> {
    let posting = line(row)?;
    let maybe = |column: &str| row.get::<Option<String>>(column);
    Ok(TimelineLine {
        tx: row.get("id")?,
        kind: word(row, "kind", Kind::parse)?,
        resolves: maybe("resolves_kind")?.as_deref().and_then(Kind::parse),
        reserve: maybe("state")?.as_deref().and_then(PendingState::parse),
        on: row.get("effective_date")?,
        recorded_at: row.get("recorded_at")?,
        actor: row.get("actor")?,
        account: posting.account,
        item: posting.item,
        side: posting.side,
        amount: Money::new(posting.amount, row.get("currency")?),
        layer: posting.layer,
    })
}

pub(super) fn balance(
    tx: &mut Tx<'_>,
    scope: &Scope,
    account: &Account,
    currency: Currency,
) -> Result<Balance, LedgerError> {
    let id = account_id(scope, account, currency);
    let posted = tx.query(
        "SELECT side, CAST(SUM(amount) AS BIGINT) AS total FROM ledger_posting \
         WHERE account_id = $1 AND merchant_id = $2 AND layer = 'posted' GROUP BY side",
        &params![id, scope.merchant()],
    )?;
    let pending = tx.query(
        "SELECT side, CAST(SUM(amount) AS BIGINT) AS total FROM ledger_posting \
         WHERE account_id = $1 AND merchant_id = $2 AND layer = 'pending' AND tx_id IN \
         (SELECT tx_id FROM ledger_pending WHERE merchant_id = $2 AND state = 'open') \
         GROUP BY side",
        &params![id, scope.merchant()],
    )?;
    let (debits_posted, credits_posted) = sides(&posted)?;
    let (debits_pending, credits_pending) = sides(&pending)?;
    Ok(Balance { currency, debits_posted, credits_posted, debits_pending, credits_pending })
}

fn sides(rows: &[Row]) -> Result<(i64, i64), LedgerError> {
    let mut sums = (0, 0);
    for row in rows {
        let total: i64 = row.get("total")?;
        match word(row, "side", Side::parse)? {
            Side::Debit => sums.0 = total,
            Side::Credit => sums.1 = total,
        }
    }
    Ok(sums)
}

pub(super) fn item(
    tx: &mut Tx<'_>,
    scope: &Scope,
    account: &Account,
    item: &Reference,
    currency: Currency,
) -> Result<Option<OpenItem>, LedgerError> {
    let row = tx.query_opt(
        "SELECT debits, credits, opened_on, due_on, closed_on FROM ledger_item \
         WHERE item_ref = $1 AND account_id = $2 AND merchant_id = $3",
        &params![item.as_str(), account_id(scope, account, currency), scope.merchant()],
    )?;
    row.map(|row| {
        Ok(OpenItem {
            debits: Money::new(row.get("debits")?, currency),
            credits: Money::new(row.get("credits")?, currency),
            opened_on: row.get("opened_on")?,
            due_on: row.get("due_on")?,
            closed_on: row.get("closed_on")?,
        })
    })
    .transpose()
}

pub(super) fn totals(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<BookTotals>, LedgerError> {
    let rows = tx.query(
        "SELECT t.currency, COUNT(DISTINCT t.id) AS transactions, COUNT(*) AS postings, \
         CAST(SUM(CASE WHEN p.layer = 'posted' AND p.side = 'D' THEN p.amount ELSE 0 END) \
         AS BIGINT) AS debits, \
         CAST(SUM(CASE WHEN p.layer = 'posted' AND p.side = 'C' THEN p.amount ELSE 0 END) \
         AS BIGINT) AS credits \
         FROM ledger_tx t \
         JOIN ledger_posting p ON p.tx_id = t.id AND p.merchant_id = t.merchant_id \
         WHERE t.merchant_id = $1 AND t.mode = $2 GROUP BY t.currency ORDER BY t.currency",
        &params![scope.merchant(), scope.mode().as_str()],
    )?;
    rows.iter()
        .map(|row| {
            Ok(BookTotals {
                currency: row.get("currency")?,
                transactions: row.get("transactions")?,
                postings: row.get("postings")?,
                debits: row.get("debits")?,
                credits: row.get("credits")?,
            })
        })
        .collect()
}
