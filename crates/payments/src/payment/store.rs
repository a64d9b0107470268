//! All SQL of payments and their operations.

use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{Id, Mode, Money, OperationId, PaymentId, Scope, ShopId, Timestamp};

use super::counters::Counters;
use super::model::{CapturePlan, Card, Payer, Payment};
use super::operation::{Operation, Raw};
use super::words::from_row;
use crate::subject::SubjectRef;

static PAYMENT: Insert = Insert {
    table: "payment",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "point_of_sale_id",
        "channel",
        "purpose",
        "order_ref",
        "live_ref",
        "amount",
        "currency",
        "status",
        "authorised",
        "voided",
        "expired",
        "capture_requested",
        "captured",
        "settled",
        "refund_pending",
        "refunded",
        "disputed",
        "charged_back",
        "capture_mode",
        "capture_delay",
        "validation",
        "capture_on",
        "subject_kind",
        "subject_id",
        "booking_id",
        "initiator",
        "reason",
        "keep_card",
        "attempts",
        "session",
        "cancelled",
        "late",
        "served",
        "payer_email",
        "payer_name",
        "payer",
        "customer_id",
        "lines",
        "return_url",
        "metadata",
        "page_token",
        "version",
        "created_at",
        "updated_at",
    ],
};

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
    ],
};

/// Whether a second live payment of the same order is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parallel {
    /// Refused.
    Refuse,
    /// Allowed by the caller.
    Allow,
}

/// Writes a new payment without operations.
///
/// # Errors
/// [`DbError::Conflict`] when a live payment of the same order exists.
pub fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: &Payment,
    parallel: Parallel,
) -> Result<(), DbError> {
    payment.check()?;
    let live_ref = (parallel == Parallel::Refuse).then(|| payment.order_ref.clone());
    let counters = payment.counters.all().map(Val::from);
    let mut values = params![
        payment.id,
        scope.merchant(),
        scope.mode().as_str(),
        payment.shop,
        payment.point_of_sale,
        payment.channel.as_str(),
        payment.purpose.as_str(),
        &payment.order_ref,
        live_ref,
        payment.amount.minor(),
        payment.currency(),
        payment.status.as_str(),
    ];
    values.extend(counters);
    let subject = payment.subject.as_ref();
    values.extend(params![
        payment.capture.mode.as_str(),
        payment.capture.delay_days,
        payment.capture.validation.as_str(),
        payment.capture_on,
        subject.map(|s| s.kind.clone()),
        subject.map(|s| s.id),
        payment.booking,
        payment.initiator.as_str(),
        payment.reason.map(super::Reason::as_str),
        payment.keep_card.as_str(),
        payment.attempts,
        payment.session.as_str(),
        payment.cancelled,
        payment.late,
        payment.served,
    ]);
    let payer = &payment.payer;
    values.extend(params![
        payer.email.as_ref().map(|e| e.as_str().to_owned()),
        format!("{} {}", payer.first_name, payer.last_name).trim(),
        json(payer)?,
        payment.customer,
        json(&payment.lines)?,
        payment.return_url.clone(),
        json(&payment.metadata)?,
        &payment.page_token,
        payment.version,
        payment.created_at,
        payment.updated_at,
    ]);
    tx.insert(&PAYMENT, values)
}

/// Writes the changed facts of a payment whose version is still the one that was read, and its
/// operations that are new or changed. Returns `false` when somebody else was faster.
///
/// # Errors
/// [`DbError`] of the engine, or the invariant that would break.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: &Payment,
    read_version: i64,
) -> Result<bool, DbError> {
    payment.check()?;
    let sql = "UPDATE payment SET status = $1, authorised = $2, voided = $3, expired = $4, \
         capture_requested = $5, captured = $6, settled = $7, refund_pending = $8, \
         refunded = $9, disputed = $10, charged_back = $11, validation = $12, \
         capture_before = $13, validity_line = $14, card_id = $15, card_last4 = $16, \
         card_brand = $17, card = $18, chain = $19, threeds = $20, guarantee = $21, \
         decline = $22, attempts = $23, session = $24, session_ends = $25, cancelled = $26, \
         late = $27, served = $28, payer_email = $29, payer = $30, version = $31, \
         updated_at = $32, live_ref = CASE WHEN $33 = 1 THEN live_ref ELSE NULL END, \
         booking_id = $34 WHERE id = $35 AND merchant_id = $36 AND version = $37";
    let card = payment.card.as_ref();
    let mut values = params![payment.status.as_str()];
    values.extend(payment.counters.all().map(Val::from));
    values.extend(params![
        payment.capture.validation.as_str(),
        payment.capture_before,
        payment.validity_line.clone(),
        card.map(|c| c.id),
        card.map(|c| c.last4.clone()),
        card.map(|c| c.network().to_owned()),
        optional_json(card)?,
        payment.chain.clone(),
        optional_json(payment.threeds.as_ref())?,
        optional_json(payment.guarantee.as_ref())?,
        optional_json(payment.decline.as_ref())?,
        payment.attempts,
        payment.session.as_str(),
        payment.session_ends,
        payment.cancelled,
        payment.late,
        payment.served,
        payment.payer.email.as_ref().map(|e| e.as_str().to_owned()),
        json(&payment.payer)?,
        payment.version,
        payment.updated_at,
        payment.status.is_live(),
        payment.booking,
        payment.id,
        scope.merchant(),
        read_version,
    ]);
    Ok(tx.exec(sql, &values)? == 1)
}

/// Adds an operation at the end of its payment's list.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn insert_operation(
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
    ]);
    tx.insert(&OPERATION, values)
}

/// Writes what became of an operation that was in state `was`; its amount never changes.
/// Returns `false` when it no longer is in that state.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn update_operation(
    tx: &mut Tx<'_>,
    scope: &Scope,
    operation: &Operation,
    was: super::OpState,
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

/// A payment with its operations.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: PaymentId) -> Result<Option<Payment>, DbError> {
    let sql = "SELECT * FROM payment WHERE id = $1 AND merchant_id = $2 AND mode = $3";
    let row = tx.query_opt(sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    let Some(row) = row else { return Ok(None) };
    let mut payment = read(&row)?;
    payment.operations = operations(tx, scope, id)?;
    payment.check()?;
    Ok(Some(payment))
}

/// The operations of a payment, oldest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn operations(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: PaymentId,
) -> Result<Vec<Operation>, DbError> {
    let sql = "SELECT * FROM payment_operation WHERE payment_id = $1 AND merchant_id = $2 \
         ORDER BY position";
    tx.query(sql, &params![payment, scope.merchant()])?.iter().map(read_operation).collect()
}

/// The live payment of an order of a shop, if there is one.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn live_of_order(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    order_ref: &str,
) -> Result<Option<PaymentId>, DbError> {
    let sql = "SELECT id FROM payment WHERE merchant_id = $1 AND shop_id = $2 AND live_ref = $3";
    let row = tx.query_opt(sql, &params![scope.merchant(), shop, order_ref])?;
    row.map(|row| row.get("id")).transpose()
}

/// The payments of a basket or booking, oldest first, without their operations.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_subjects(
    tx: &mut Tx<'_>,
    scope: &Scope,
    subjects: &[Id],
) -> Result<Vec<Payment>, DbError> {
    let sql = "SELECT * FROM payment WHERE merchant_id = $1 AND subject_id = $2 AND mode = $3";
    let mut found = Vec::new();
    for subject in subjects {
        let values = params![scope.merchant(), *subject, scope.mode().as_str()];
        for row in tx.query(sql, &values)? {
            found.push(read(&row)?);
        }
    }
    found.sort_by_key(|payment| payment.id);
    Ok(found)
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
    let read = |row: &Row| {
        Ok(Stranded {
            merchant: row.get("merchant_id")?,
            mode: from_row(row, "mode", Mode::parse)?,
            payment: row.get("payment_id")?,
            operation: row.get("id")?,
        })
    };
    tx.query(sql, &params![limit])?.iter().map(read).collect()
}

/// An operation found `sent` without anybody waiting for its answer.
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

pub(super) fn read(row: &Row) -> Result<Payment, DbError> {
    let currency = row.get("currency")?;
    let subject: Option<String> = row.get("subject_kind")?;
    let subject_id: Option<Id> = row.get("subject_id")?;
    Ok(Payment {
        id: row.get("id")?,
        mode: from_row(row, "mode", Mode::parse)?,
        shop: row.get("shop_id")?,
        point_of_sale: row.get("point_of_sale_id")?,
        channel: from_row(row, "channel", super::Channel::parse)?,
        purpose: from_row(row, "purpose", super::Purpose::parse)?,
        order_ref: row.get("order_ref")?,
        amount: Money::new(row.get("amount")?, currency),
        counters: read_counters(row)?,
        status: from_row(row, "status", super::Status::parse)?,
        capture: CapturePlan {
            mode: from_row(row, "capture_mode", super::CaptureMode::parse)?,
            delay_days: row.get("capture_delay")?,
            validation: from_row(row, "validation", super::Validation::parse)?,
        },
        capture_on: row.get("capture_on")?,
        capture_before: row.get("capture_before")?,
        validity_line: row.get("validity_line")?,
        subject: subject.zip(subject_id).map(|(kind, id)| SubjectRef { kind, id }),
        booking: row.get("booking_id")?,
        initiator: from_row(row, "initiator", super::Initiator::parse)?,
        reason: row.get::<Option<String>>("reason")?.as_deref().and_then(super::Reason::parse),
        keep_card: from_row(row, "keep_card", super::KeepCard::parse)?,
        card: from_optional_json::<Card>(row, "card")?,
        chain: row.get("chain")?,
        threeds: from_optional_json(row, "threeds")?,
        guarantee: from_optional_json(row, "guarantee")?,
        decline: from_optional_json(row, "decline")?,
        attempts: row.get("attempts")?,
        session: from_row(row, "session", super::Session::parse)?,
        session_ends: row.get("session_ends")?,
        cancelled: row.get("cancelled")?,
        late: row.get("late")?,
        served: row.get("served")?,
        payer: from_json::<Payer>(row, "payer")?,
        customer: row.get("customer_id")?,
        lines: from_json(row, "lines")?,
        return_url: row.get("return_url")?,
        metadata: from_json(row, "metadata")?,
        page_token: row.get("page_token")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        operations: Vec::new(),
    })
}

fn read_counters(row: &Row) -> Result<Counters, DbError> {
    Ok(Counters {
        authorised: row.get("authorised")?,
        voided: row.get("voided")?,
        expired: row.get("expired")?,
        capture_requested: row.get("capture_requested")?,
        captured: row.get("captured")?,
        settled: row.get("settled")?,
        refund_pending: row.get("refund_pending")?,
        refunded: row.get("refunded")?,
        disputed: row.get("disputed")?,
        charged_back: row.get("charged_back")?,
    })
}

fn read_operation(row: &Row) -> Result<Operation, DbError> {
    Ok(Operation {
        id: row.get("id")?,
        kind: from_row(row, "kind", super::Kind::parse)?,
        state: from_row(row, "state", super::OpState::parse)?,
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
        source: from_row(row, "source", super::Source::parse)?,
        reason: row.get("reason")?,
        at: row.get("at")?,
        sent_at: row.get("sent_at")?,
        queries: row.get("queries")?,
    })
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Corrupt(error.to_string()))
}

fn optional_json<T: serde::Serialize>(value: Option<&T>) -> Result<Option<String>, DbError> {
    value.map(json).transpose()
}

fn from_json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| DbError::Corrupt(format!("{column}: {error}")))
}

fn from_optional_json<T: serde::de::DeserializeOwned>(
    row: &Row,
    column: &str,
) -> Result<Option<T>, DbError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| DbError::Corrupt(format!("{column}: {error}")))
}
