//! All SQL of operations.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Mode, Money, OperationId, PaymentId, Scope, ShopId, Timestamp};

use crate::payment::elsewhere::Elsewhere;
use crate::payment::operation::{Kind, OpState, Operation, Raw, Source};
use crate::payment::store::{from_optional_json, optional_json};
use crate::payment::words::from_row;

static OPERATION: Insert = Insert {
    table: "payment_operation",
    columns: &[
        "id",
        "merchant_id",
        "payment_id",
        "position",
        "kind",
        "state",
        "amount",
        "currency",
        "attempt",
        "code",
        "raw_code",
        "raw_network",
        "raw_text",
        "authorisation",
        "provider_id",
        "guarantee",
        "author",
        "source",
        "reason",
        "at",
        "sent_at",
        "queries",
        "elsewhere",
        "quiet",
    ],
};

/// Adds an operation at the end of its payment's list.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: PaymentId,
    position: i64,
    operation: &Operation,
) -> Result<(), DbError> {
    let raw = &operation.raw;
    let mut values = params![
        operation.id,
        scope.merchant(),
        payment,
        position,
        operation.kind.as_str(),
        operation.state.as_str(),
        operation.amount.minor(),
        operation.amount.currency(),
        operation.attempt,
        operation.code.clone(),
        &raw.code,
        &raw.network,
        &raw.text,
        operation.authorisation.clone(),
        operation.provider_id.clone(),
        optional_json(operation.guarantee.as_ref())?,
    ];
    values.extend(params![
        &operation.author,
        operation.source.as_str(),
        operation.reason.clone(),
        operation.at,
        operation.sent_at,
        operation.queries,
        optional_json(operation.elsewhere.as_ref())?,
        operation.quiet,
    ]);
    tx.insert(&OPERATION, values)
}

/// Writes what became of an operation that was in state `was`; its amount never changes.
/// Returns `false` when it no longer is in that state.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    operation: &Operation,
    was: OpState,
) -> Result<bool, DbError> {
    let sql = "UPDATE payment_operation SET state = $1, code = $2, raw_code = $3, \
         raw_network = $4, raw_text = $5, authorisation = $6, provider_id = $7, guarantee = $8, \
         queries = $9 WHERE id = $10 AND merchant_id = $11 AND state = $12";
    let raw = &operation.raw;
    let values = params![
        operation.state.as_str(),
        operation.code.clone(),
        &raw.code,
        &raw.network,
        &raw.text,
        operation.authorisation.clone(),
        operation.provider_id.clone(),
        optional_json(operation.guarantee.as_ref())?,
        operation.queries,
        operation.id,
        scope.merchant(),
        was.as_str(),
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Claims the reference of a refund made elsewhere for an operation. Gives the payment under
/// which the merchant wrote the same reference down before, if he did.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn claim_reference(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (payment, operation): (PaymentId, OperationId),
    elsewhere: &Elsewhere,
) -> Result<Option<PaymentId>, DbError> {
    let sql = "INSERT INTO recorded_reference \
         (merchant_id, mode, means, reference, payment_id, operation_id) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let key = params![
        scope.merchant(),
        scope.mode().as_str(),
        elsewhere.means.as_str(),
        &elsewhere.reference,
    ];
    let mut row = key.clone();
    row.extend(params![payment, operation]);
    if tx.exec(sql, &row)? == 1 {
        return Ok(None);
    }
    let known = "SELECT payment_id FROM recorded_reference WHERE merchant_id = $1 AND mode = $2 \
         AND means = $3 AND reference = $4";
    let first = tx.query_opt(known, &key)?;
    let first = first.ok_or_else(|| DbError::Corrupt("recorded reference".into()))?;
    first.get("payment_id").map(Some)
}

/// The operations of a payment, oldest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_payment(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: PaymentId,
) -> Result<Vec<Operation>, DbError> {
    let sql = "SELECT * FROM payment_operation WHERE payment_id = $1 AND merchant_id = $2 \
         ORDER BY position";
    tx.query(sql, &params![payment, scope.merchant()])?.iter().map(read_operation).collect()
}

/// Operations of the whole house that left before an instant (real time) and were not answered:
/// merchant, mode, payment and operation. Read at start-up, before anybody signs in.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn sent_before(tx: &mut Tx<'_>, limit: Timestamp) -> Result<Vec<Stranded>, DbError> {
    let sql = "SELECT o.id, o.payment_id, p.merchant_id, p.mode FROM payment_operation o \
         JOIN payment p ON p.id = o.payment_id AND p.merchant_id = o.merchant_id \
         WHERE o.state = 'sent' AND o.sent_at <= $1 ORDER BY o.id LIMIT 1000";
    tx.query(sql, &params![limit])?.iter().map(stranded).collect()
}

/// Whose an operation is: merchant, mode and payment. Read before anybody is known, for what a
/// provider tells by itself.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn owner(tx: &mut Tx<'_>, operation: OperationId) -> Result<Option<Stranded>, DbError> {
    let sql = "SELECT o.id, o.payment_id, p.merchant_id, p.mode FROM payment_operation o \
         JOIN payment p ON p.id = o.payment_id AND p.merchant_id = o.merchant_id \
         WHERE o.id = $1";
    tx.query_opt(sql, &params![operation])?.as_ref().map(stranded).transpose()
}

/// Operations of a shop whose result the bank still owes, the longest waiting first: merchant,
/// mode, payment and operation, with when they left (real time) and how often they were asked
/// about.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn open_of_shop(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<Owed>, DbError> {
    let sql = "SELECT o.id, o.payment_id, p.merchant_id, p.mode, o.sent_at, o.queries \
         FROM payment_operation o \
         JOIN payment p ON p.id = o.payment_id AND p.merchant_id = o.merchant_id \
         WHERE o.state IN ('unknown', 'pending') AND p.shop_id = $1 AND o.sent_at IS NOT NULL \
         ORDER BY o.sent_at, o.id LIMIT 100";
    let read = |row: &Row| {
        let operation = stranded(row)?;
        Ok(Owed { operation, sent_at: row.get("sent_at")?, queries: row.get("queries")? })
    };
    tx.query(sql, &params![shop])?.iter().map(read).collect()
}

fn stranded(row: &Row) -> Result<Stranded, DbError> {
    Ok(Stranded {
        merchant: row.get("merchant_id")?,
        mode: from_row(row, "mode", Mode::parse)?,
        payment: row.get("payment_id")?,
        operation: row.get("id")?,
    })
}

/// An operation whose result the bank owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// Which.
    pub operation: Stranded,
    /// When it left, real time.
    pub sent_at: Timestamp,
    /// How often the bank was asked.
    pub queries: u32,
}

/// An operation with whose it is, found without a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stranded {
    /// Whose it is.
    pub merchant: kernel::MerchantId,
    /// Live or test.
    pub mode: Mode,
    /// Its payment.
    pub payment: PaymentId,
    /// The operation.
    pub operation: OperationId,
}

fn read_operation(row: &Row) -> Result<Operation, DbError> {
    Ok(Operation {
        id: row.get("id")?,
        kind: from_row(row, "kind", Kind::parse)?,
        state: from_row(row, "state", OpState::parse)?,
        amount: Money::new(row.get("amount")?, row.get("currency")?),
        attempt: row.get("attempt")?,
        code: row.get("code")?,
        raw: Raw {
            code: row.get("raw_code")?,
            network: row.get("raw_network")?,
            text: row.get("raw_text")?,
        },
        authorisation: row.get("authorisation")?,
        provider_id: row.get("provider_id")?,
        guarantee: from_optional_json(row, "guarantee")?,
        author: row.get("author")?,
        source: from_row(row, "source", Source::parse)?,
        reason: row.get("reason")?,
        at: row.get("at")?,
        sent_at: row.get("sent_at")?,
        queries: row.get("queries")?,
        elsewhere: from_optional_json(row, "elsewhere")?,
        quiet: row.get("quiet")?,
    })
}
