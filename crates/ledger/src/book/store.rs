//! All SQL that writes the book, and the reads that guard the writing.

use aws_lc_rs::digest;
use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{Currency, Date, LedgerAccountId, LedgerTxId, Money, Scope, Timestamp};

use super::chart::{Account, Behaviour, Reference};
use super::model::{Draft, Kind, Layer, Line, Link, PendingState, Side};
use super::templates::Earlier;
use crate::LedgerError;

static TX: Insert = Insert {
    table: "ledger_tx",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "currency",
        "kind",
        "business_ref",
        "request_id",
        "fingerprint",
        "effective_date",
        "recorded_at",
        "actor",
        "reason",
        "reverses_id",
        "resolves_id",
        "resolves_kind",
    ],
};

static POSTING: Insert = Insert {
    table: "ledger_posting",
    columns: &["tx_id", "n", "merchant_id", "account_id", "item_ref", "side", "amount", "layer"],
};

static ITEM: Insert = Insert {
    table: "ledger_item",
    columns: &[
        "item_ref",
        "account_id",
        "merchant_id",
        "debits",
        "credits",
        "opened_on",
        "closed_on",
        "refs",
    ],
};

static PENDING: Insert =
    Insert { table: "ledger_pending", columns: &["tx_id", "merchant_id", "state", "expires_at"] };

static RUNNING: Insert = Insert {
    table: "ledger_running",
    columns: &[
        "account_id",
        "version",
        "merchant_id",
        "tx_id",
        "n",
        "balance_after",
        "floor",
        "ceiling",
    ],
};

/// Lines of a draft, each with its account in the books of a merchant.
pub(super) type Postings<'d> = [(LedgerAccountId, &'d Line)];

/// A transaction found under a request.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) id: LedgerTxId,
    pub(super) fingerprint: [u8; 32],
    pub(super) currency: Currency,
    pub(super) on: Date,
}

/// The id of an account follows from its name, so that two units opening it at once agree.
pub(crate) fn account_id(scope: &Scope, account: &Account, currency: Currency) -> LedgerAccountId {
    let (merchant, mode) = (scope.merchant(), scope.mode().as_str());
    let name = format!("guichet-account-v1|{merchant}|{mode}|{account}|{currency}");
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
    LedgerAccountId::from(kernel::Id::from_bytes(bytes))
}

/// Opens an account at its first posting; one that exists stays as it is.
pub(super) fn open_account(
    tx: &mut Tx<'_>,
    scope: &Scope,
    account: &Account,
    currency: Currency,
) -> Result<(), LedgerError> {
    let chart = account.chart();
    tx.exec(
        "INSERT INTO ledger_account (id, merchant_id, mode, code, sub, currency, behaviour, \
         ceiling, debits_posted, debits_pending, credits_posted, credits_pending, folded_seq, \
         version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, 0) \
         ON CONFLICT (id, merchant_id) DO NOTHING",
        &params![
            account_id(scope, account, currency),
            scope.merchant(),
            scope.mode().as_str(),
            chart.code,
            account.sub(),
            currency,
            chart.behaviour.as_str(),
            chart.ceiling,
        ],
    )?;
    Ok(())
}

/// What was told before under the same kind and request.
pub(super) fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kind: Kind,
    request: &str,
) -> Result<Option<Found>, LedgerError> {
    let row = tx.query_opt(
        "SELECT id, fingerprint, currency, effective_date FROM ledger_tx \
         WHERE request_id = $1 AND kind = $2 AND mode = $3 AND merchant_id = $4",
        &params![request, kind.as_str(), scope.mode().as_str(), scope.merchant()],
    )?;
    row.map(|row| {
        Ok(Found {
            id: row.get("id")?,
            fingerprint: row.get("fingerprint")?,
            currency: row.get("currency")?,
            on: row.get("effective_date")?,
        })
    })
    .transpose()
}

/// A transaction with its lines, for one that answers to it.
pub(super) fn earlier(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerTxId,
) -> Result<Option<Earlier>, LedgerError> {
    let row = tx.query_opt(
        "SELECT kind, request_id, business_ref, currency FROM ledger_tx \
         WHERE id = $1 AND merchant_id = $2 AND mode = $3",
        &params![id, scope.merchant(), scope.mode().as_str()],
    )?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Earlier {
        id,
        kind: word(&row, "kind", Kind::parse)?,
        request: row.get("request_id")?,
        business: Reference::stored(row.get("business_ref")?),
        currency: row.get("currency")?,
        lines: lines(tx, scope, id)?,
    }))
}

/// The lines of a transaction, in order.
pub(super) fn lines(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerTxId,
) -> Result<Vec<Line>, LedgerError> {
    let rows = tx.query(
        "SELECT p.item_ref, p.side, p.amount, p.layer, \
         (SELECT a.code FROM ledger_account a WHERE a.id = p.account_id \
         AND a.merchant_id = p.merchant_id) AS code, \
         (SELECT a.sub FROM ledger_account a WHERE a.id = p.account_id \
         AND a.merchant_id = p.merchant_id) AS sub \
         FROM ledger_posting p WHERE p.tx_id = $1 AND p.merchant_id = $2 ORDER BY p.n",
        &params![id, scope.merchant()],
    )?;
    rows.iter().map(line).collect()
}

/// Reads a line whose row also has the account's code and id.
pub(crate) fn line(row: &Row) -> Result<Line, LedgerError> {
    let (code, sub): (String, String) = (row.get("code")?, row.get("sub")?);
    Ok(Line {
        account: Account::from_parts(&code, &sub)?,
        item: row.get::<Option<String>>("item_ref")?.map(Reference::stored),
        side: word(row, "side", Side::parse)?,
        amount: row.get("amount")?,
        layer: word(row, "layer", Layer::parse)?,
    })
}

/// Reads a word of a column.
pub(crate) fn word<T>(
    row: &Row,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, LedgerError> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| DbError::Corrupt(format!("word in column {column}")).into())
}

/// Whether a transaction has been reversed.
pub(super) fn is_reversed(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerTxId,
) -> Result<bool, LedgerError> {
    let row = tx.query_opt(
        "SELECT id FROM ledger_tx WHERE reverses_id = $1 AND merchant_id = $2",
        &params![id, scope.merchant()],
    )?;
    Ok(row.is_some())
}

/// Writes a transaction with its postings.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, now): (LedgerTxId, Timestamp),
    (draft, postings): (&Draft, &Postings<'_>),
) -> Result<(), LedgerError> {
    let head = draft.head();
    let (reverses, resolves, resolved_kind) = match draft.link() {
        None => (None, None, None),
        Some(Link::Reverses(of)) => (Some(of), None, None),
        Some(Link::Resolves(of, kind)) => (None, Some(of), Some(kind.as_str())),
    };
    let row: Vec<Val> = params![
        id,
        scope.merchant(),
        scope.mode().as_str(),
        draft.currency(),
        head.kind.as_str(),
        head.business.as_str(),
        head.request.as_str(),
        draft.fingerprint(),
        head.on,
        now,
        scope.actor().text(),
        draft.reason(),
        reverses,
        resolves,
        resolved_kind,
    ];
    tx.insert(&TX, row)?;
    for (n, (account, line)) in (1_i64..).zip(postings) {
        let row = params![
            id,
            n,
            scope.merchant(),
            *account,
            line.item.as_ref().map(Reference::as_str),
            line.side.as_str(),
            line.amount,
            line.layer.as_str(),
        ];
        tx.insert(&POSTING, row)?;
    }
    Ok(())
}

/// What stands in the file of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// Postings on accounts that are open.
    pub(super) postings: i64,
    pub(super) debits: i64,
    pub(super) credits: i64,
}

/// Reads back what was written of a transaction.
pub(super) fn written(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerTxId,
) -> Result<Written, LedgerError> {
    let row = tx.query_opt(
        "SELECT COUNT((SELECT 1 FROM ledger_account a WHERE a.id = p.account_id \
         AND a.merchant_id = p.merchant_id AND a.closed_at IS NULL)) AS postings, \
         CAST(SUM(CASE p.side WHEN 'D' THEN p.amount ELSE 0 END) AS BIGINT) AS debits, \
         CAST(SUM(CASE p.side WHEN 'C' THEN p.amount ELSE 0 END) AS BIGINT) AS credits \
         FROM ledger_posting p WHERE p.tx_id = $1 AND p.merchant_id = $2",
        &params![id, scope.merchant()],
    )?;
    let row = row.ok_or(DbError::Corrupt("a sum without a row".into()))?;
    Ok(Written {
        postings: row.get("postings")?,
        debits: row.get("debits")?,
        credits: row.get("credits")?,
    })
}

/// Opens the reserve of a transaction.
pub(super) fn insert_pending(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerTxId,
    expires_at: Option<Timestamp>,
) -> Result<(), LedgerError> {
    let row = params![id, scope.merchant(), PendingState::Open.as_str(), expires_at];
    Ok(tx.insert(&PENDING, row)?)
}

/// Where a reserve stands and when it runs out.
pub(super) fn pending(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerTxId,
) -> Result<Option<(PendingState, Option<Timestamp>)>, LedgerError> {
    let row = tx.query_opt(
        "SELECT state, expires_at FROM ledger_pending WHERE tx_id = $1 AND merchant_id = $2",
        &params![id, scope.merchant()],
    )?;
    row.map(|row| Ok((word(&row, "state", PendingState::parse)?, row.get("expires_at")?)))
        .transpose()
}

/// How an open reserve ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closing {
    pub(super) state: PendingState,
    pub(super) posted: Option<i64>,
    pub(super) by: LedgerTxId,
}

/// Closes an open reserve; `false` when it was not open.
pub(super) fn close_pending(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerTxId,
    closing: Closing,
) -> Result<bool, LedgerError> {
    let changed = tx.exec(
        "UPDATE ledger_pending SET state = $1, posted_amount = $2, resolved_by = $3 \
         WHERE tx_id = $4 AND merchant_id = $5 AND state = 'open'",
        &params![closing.state.as_str(), closing.posted, closing.by, id, scope.merchant()],
    )?;
    Ok(changed == 1)
}

/// What one transaction does to an open item.
#[derive(Debug)]
pub(super) struct ItemMove<'a> {
    pub(super) account: LedgerAccountId,
    pub(super) item: &'a Reference,
    pub(super) debits: i64,
    pub(super) credits: i64,
    pub(super) on: Date,
}

impl ItemMove<'_> {
    /// The row of an item that nothing moved before.
    fn values(&self, scope: &Scope) -> Vec<Val> {
        let closed_at_once = (self.debits == self.credits).then_some(self.on);
        params![
            self.item.as_str(),
            self.account,
            scope.merchant(),
            self.debits,
            self.credits,
            self.on,
            closed_at_once,
        ]
        .to_vec()
    }
}

/// Writes an item that nothing moved before.
pub(super) fn insert_item(
    tx: &mut Tx<'_>,
    scope: &Scope,
    item: &ItemMove<'_>,
) -> Result<(), LedgerError> {
    let mut row = item.values(scope);
    row.push(Val::from("[]"));
    Ok(tx.insert(&ITEM, row)?)
}

/// Moves an item, opening it if needed; it is closed exactly while debits equal credits.
pub(super) fn move_item(
    tx: &mut Tx<'_>,
    scope: &Scope,
    item: &ItemMove<'_>,
) -> Result<(), LedgerError> {
    let row = tx.query_opt(
        "INSERT INTO ledger_item AS i (item_ref, account_id, merchant_id, debits, credits, \
         opened_on, closed_on, refs) VALUES ($1, $2, $3, $4, $5, $6, $7, '[]') \
         ON CONFLICT (item_ref, account_id, merchant_id) DO UPDATE SET \
         debits = i.debits + excluded.debits, credits = i.credits + excluded.credits, \
         closed_on = CASE WHEN i.debits + excluded.debits = i.credits + excluded.credits \
         THEN excluded.opened_on ELSE NULL END \
         RETURNING debits, credits, closed_on",
        &item.values(scope),
    )?;
    let row = row.ok_or(DbError::Corrupt("an item was not written".into()))?;
    let (debits, credits): (i64, i64) = (row.get("debits")?, row.get("credits")?);
    let closed = row.get::<Option<Date>>("closed_on")?.is_some();
    Ok(kernel::ensure!(closed == (debits == credits))?)
}

/// What one transaction does to an account with a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Deltas {
    pub(super) debits_posted: i64,
    pub(super) debits_pending: i64,
    pub(super) credits_posted: i64,
    pub(super) credits_pending: i64,
}

/// Moves a strict account inside its limits, or refuses; reserves count against the limit they
/// come near to, and a movement away from a limit is always allowed.
pub(super) fn move_strict(
    tx: &mut Tx<'_>,
    scope: &Scope,
    at: (LedgerTxId, i64),
    account: (LedgerAccountId, &Account, Currency),
    by: Deltas,
) -> Result<(), LedgerError> {
    let (id, name, currency) = account;
    let up = [by.debits_posted, by.debits_pending, -by.credits_posted];
    let down = [by.debits_posted, -by.credits_posted, -by.credits_pending];
    let row = tx.query_opt(
        "UPDATE ledger_account SET debits_posted = debits_posted + $1, \
         debits_pending = debits_pending + $2, credits_posted = credits_posted + $3, \
         credits_pending = credits_pending + $4, version = version + 1 \
         WHERE id = $5 AND merchant_id = $6 AND (CAST($7 AS BIGINT) <= 0 OR ceiling IS NULL \
         OR debits_posted + debits_pending - credits_posted + CAST($7 AS BIGINT) <= ceiling) \
         AND (CAST($8 AS BIGINT) >= 0 OR floor IS NULL \
         OR debits_posted - credits_posted - credits_pending + CAST($8 AS BIGINT) >= floor) \
         RETURNING version, debits_posted - credits_posted AS balance, floor, ceiling",
        &params![
            by.debits_posted,
            by.debits_pending,
            by.credits_posted,
            by.credits_pending,
            id,
            scope.merchant(),
            sum(&up)?,
            sum(&down)?,
        ],
    )?;
    let Some(row) = row else {
        let remaining = remaining(tx, scope, id, sum(&up)?)?;
        let remaining = Money::new(remaining, currency);
        return Err(LedgerError::BalanceLimit { account: name.to_string(), remaining });
    };
    let (version, balance): (i64, i64) = (row.get("version")?, row.get("balance")?);
    let (floor, ceiling): (Option<i64>, Option<i64>) = (row.get("floor")?, row.get("ceiling")?);
    let (tx_id, n) = at;
    let row = params![id, version, scope.merchant(), tx_id, n, balance, floor, ceiling];
    Ok(tx.insert(&RUNNING, row)?)
}

/// What a strict account would still take on the side a movement came from.
fn remaining(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: LedgerAccountId,
    up: i64,
) -> Result<i64, LedgerError> {
    let row = tx.query_opt(
        "SELECT ceiling - (debits_posted + debits_pending - credits_posted) AS above, \
         debits_posted - credits_posted - credits_pending - floor AS below \
         FROM ledger_account WHERE id = $1 AND merchant_id = $2",
        &params![id, scope.merchant()],
    )?;
    let row = row.ok_or(LedgerError::UnknownAccount)?;
    let side = if up > 0 { "above" } else { "below" };
    Ok(row.get::<Option<i64>>(side)?.unwrap_or(0).max(0))
}

fn sum(parts: &[i64]) -> Result<i64, LedgerError> {
    parts
        .iter()
        .try_fold(0_i64, |total, part| total.checked_add(*part))
        .ok_or(LedgerError::AmountRange)
}

/// Whether posting to an account moves its own row.
pub(super) fn is_strict(account: &Account) -> bool {
    account.chart().behaviour == Behaviour::Strict
}
