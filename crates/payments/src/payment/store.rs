//! All SQL of payments and their operations.

use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{BookingId, CardToken, Id, Mode, Money, PaymentId, Scope, ShopId};

use super::counters::Counters;
use super::listing::find as search;
use super::model::{CapturePlan, Card, Payer, Payment};
use super::operations;
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
        "threeds_wish",
        "attempts",
        "session",
        "closed",
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
        "find_reference",
        "find_number",
        "find_name",
        "find_first_name",
        "find_email",
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
        payment.threeds_wish.as_str(),
        payment.attempts,
        payment.session.as_str(),
        payment.closed.map(super::Closed::as_str),
        payment.late,
        payment.served,
    ]);
    let payer = &payment.payer;
    values.extend(params![
        payer.email.as_ref().map(|e| e.as_str().to_owned()),
        folded_name(payer),
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
    values.extend(search::keys(payment).map(Val::from));
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
         decline = $22, attempts = $23, session = $24, session_ends = $25, closed = $26, \
         late = $27, served = $28, payer_email = $29, payer = $30, version = $31, \
         updated_at = $32, live_ref = CASE WHEN $33 = 1 THEN live_ref ELSE NULL END, \
         booking_id = $34, decline_class = $35, payer_name = $36, find_reference = $37, \
         find_number = $38, find_name = $39, find_first_name = $40, find_email = $41, \
         threeds_result = $42, guarantee_value = $43 \
         WHERE id = $44 AND merchant_id = $45 AND version = $46";
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
        payment.closed.map(super::Closed::as_str),
        payment.late,
        payment.served,
        payment.payer.email.as_ref().map(|e| e.as_str().to_owned()),
        json(&payment.payer)?,
        payment.version,
        payment.updated_at,
        payment.status.is_live(),
        payment.booking,
        payment.decline.as_ref().map(|d| d.class.clone()),
        folded_name(&payment.payer),
    ]);
    values.extend(search::keys(payment).map(Val::from));
    values.extend(params![
        payment.threeds.as_ref().map(|threeds| threeds.result.clone()),
        payment.guarantee.as_ref().map(|guarantee| guarantee.value.as_str()),
        payment.id,
        scope.merchant(),
        read_version,
    ]);
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
    payment.operations = operations::store::of_payment(tx, scope, id)?;
    payment.check()?;
    Ok(Some(payment))
}

/// Ids of payments after one, in order.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn ids_after(
    tx: &mut Tx<'_>,
    scope: &Scope,
    after: Option<PaymentId>,
    limit: u32,
) -> Result<Vec<PaymentId>, DbError> {
    let sql = "SELECT id FROM payment WHERE merchant_id = $1 AND mode = $2 AND id > $3 \
         ORDER BY id LIMIT $4";
    let after = after.map_or(Id::from_bytes([0; 16]), |id| id.id());
    let values = params![scope.merchant(), scope.mode().as_str(), after, limit];
    tx.query(sql, &values)?.iter().map(|row| row.get("id")).collect()
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

/// The payments of a booking, oldest first, without their operations.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_booking(
    tx: &mut Tx<'_>,
    scope: &Scope,
    booking: BookingId,
) -> Result<Vec<Payment>, DbError> {
    let sql = "SELECT * FROM payment WHERE merchant_id = $1 AND booking_id = $2 AND mode = $3 \
         ORDER BY id";
    let values = params![scope.merchant(), booking, scope.mode().as_str()];
    tx.query(sql, &values)?.iter().map(read).collect()
}

/// The chain reference that later charges of a card cite: that of its first accepted payment.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn chain_of_card(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: CardToken,
) -> Result<Option<String>, DbError> {
    let sql = "SELECT chain FROM payment WHERE merchant_id = $1 AND card_id = $2 AND mode = $3 \
         AND chain IS NOT NULL AND authorised > 0 ORDER BY id LIMIT 1";
    let row = tx.query_opt(sql, &params![scope.merchant(), card, scope.mode().as_str()])?;
    row.map(|row| row.get("chain")).transpose()
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
        threeds_wish: from_row(row, "threeds_wish", super::ThreedsWish::parse)?,
        threeds: from_optional_json(row, "threeds")?,
        guarantee: from_optional_json(row, "guarantee")?,
        decline: from_optional_json(row, "decline")?,
        attempts: row.get("attempts")?,
        session: from_row(row, "session", super::Session::parse)?,
        session_ends: row.get("session_ends")?,
        closed: row.get::<Option<String>>("closed")?.as_deref().and_then(super::Closed::parse),
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

/// The payer's name as it is searched: lower case, without accents.
fn folded_name(payer: &Payer) -> String {
    web::list::folded(format!("{} {}", payer.first_name, payer.last_name).trim())
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

fn json<T: serde::Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Corrupt(error.to_string()))
}

pub(super) fn optional_json<T: serde::Serialize>(
    value: Option<&T>,
) -> Result<Option<String>, DbError> {
    value.map(json).transpose()
}

fn from_json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| DbError::Corrupt(format!("{column}: {error}")))
}

pub(super) fn from_optional_json<T: serde::de::DeserializeOwned>(
    row: &Row,
    column: &str,
) -> Result<Option<T>, DbError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| DbError::Corrupt(format!("{column}: {error}")))
}
