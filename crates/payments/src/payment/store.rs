//! All SQL of payments and their operations.

use std::sync::LazyLock;

use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{BookingId, CardToken, Id, Mode, Money, PaymentId, Scope, ShopId};

use super::counters::Counters;
use super::listing::find as search;
use super::model::{CapturePlan, Card, Payer, Payment};
use super::operations;
use super::words::from_row;
use crate::account::store as account;
use crate::subject::SubjectRef;

/// What never changes, then what [`update`] writes again.
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
        "capture_mode",
        "capture_delay",
        "capture_on",
        "subject_kind",
        "subject_id",
        "initiator",
        "reason",
        "keep_card",
        "threeds_wish",
        "customer_id",
        "lines",
        "terms",
        "return_url",
        "metadata",
        "page_token",
        "created_at",
        // From here on: FIRST_CHANGING.
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
        "validation",
        "capture_before",
        "validity_line",
        "card_id",
        "card_last4",
        "card_brand",
        "card",
        "chain",
        "threeds",
        "threeds_result",
        "guarantee",
        "guarantee_value",
        "decline",
        "decline_class",
        "attempts",
        "session",
        "session_ends",
        "closed",
        "late",
        "served",
        "booking_id",
        "payer_email",
        "payer_name",
        "payer",
        "version",
        "updated_at",
        "find_reference",
        "find_number",
        "find_name",
        "find_first_name",
        "find_email",
    ],
};
/// Columns before it never change.
const FIRST_CHANGING: usize = 27;

/// The statement of [`update`]: what changes, then whether the order is still live, then the row.
static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let changing = PAYMENT.columns.iter().skip(FIRST_CHANGING);
    let set: Vec<String> = (1..).zip(changing).map(|(n, name)| format!("{name} = ${n}")).collect();
    let live = set.len() + 1;
    format!(
        "UPDATE payment SET {}, live_ref = CASE WHEN ${live} = 1 THEN live_ref ELSE NULL END \
         WHERE id = ${} AND merchant_id = ${} AND version = ${}",
        set.join(", "),
        live + 1,
        live + 2,
        live + 3,
    )
});

/// A payment as [`read`] takes it, with the settings of its account; conditions follow.
pub(super) static ROW: LazyLock<String> =
    LazyLock::new(|| format!("SELECT payment.*, {} FROM payment", account::OF_PAYMENT));

/// Whether a second live payment of the same order is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parallel {
    /// Refused.
    Refuse,
    /// Allowed by the caller.
    Allow,
}

/// Writes a payment that is not there yet, as it stands, without operations.
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
    let holds_order = parallel == Parallel::Refuse && payment.status.is_live();
    let subject = payment.subject.as_ref();
    let mut values = params![
        payment.id,
        scope.merchant(),
        scope.mode().as_str(),
        payment.shop,
        payment.point_of_sale,
        payment.channel.as_str(),
        payment.purpose.as_str(),
        &payment.order_ref,
        holds_order.then(|| payment.order_ref.clone()),
        payment.amount.minor(),
        payment.currency(),
        payment.capture.mode.as_str(),
        payment.capture.delay_days,
        payment.capture_on,
        subject.map(|s| s.kind.clone()),
        subject.map(|s| s.id),
        payment.initiator.as_str(),
        payment.reason.map(super::Reason::as_str),
        payment.keep_card.as_str(),
        payment.threeds_wish.as_str(),
        payment.customer,
        json(&payment.lines)?,
        json(&payment.terms)?,
        payment.return_url.clone(),
        json(&payment.metadata)?,
        &payment.page_token,
        payment.created_at,
    ];
    values.extend(changing(payment)?);
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
    let mut values = changing(payment)?;
    values.extend(params![payment.status.is_live(), payment.id, scope.merchant(), read_version]);
    Ok(tx.exec(&UPDATE, &values)? == 1)
}

/// The values of the columns that change, in their order.
fn changing(payment: &Payment) -> Result<Vec<Val>, DbError> {
    let Payment { card, threeds, guarantee, decline, payer, .. } = payment;
    let card = card.as_ref();
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
        optional_json(threeds.as_ref())?,
        threeds.as_ref().map(|threeds| threeds.result.clone()),
        optional_json(guarantee.as_ref())?,
        guarantee.as_ref().map(|guarantee| guarantee.value.as_str()),
        optional_json(decline.as_ref())?,
        decline.as_ref().map(|decline| decline.class.clone()),
        payment.attempts,
        payment.session.as_str(),
        payment.session_ends,
        payment.closed.map(super::Closed::as_str),
        payment.late,
        payment.served,
        payment.booking,
        payer.email.as_ref().map(|e| e.as_str().to_owned()),
        folded_name(payer),
        json(payer)?,
        payment.version,
        payment.updated_at,
    ]);
    values.extend(search::keys(payment).map(Val::from));
    Ok(values)
}

/// A payment with its operations.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: PaymentId) -> Result<Option<Payment>, DbError> {
    let sql = format!("{} WHERE id = $1 AND merchant_id = $2 AND mode = $3", *ROW);
    let row = tx.query_opt(&sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
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
    let sql = format!("{} WHERE merchant_id = $1 AND subject_id = $2 AND mode = $3", *ROW);
    let mut found = Vec::new();
    for subject in subjects {
        let values = params![scope.merchant(), *subject, scope.mode().as_str()];
        for row in tx.query(&sql, &values)? {
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
    let sql =
        format!("{} WHERE merchant_id = $1 AND booking_id = $2 AND mode = $3 ORDER BY id", *ROW);
    let values = params![scope.merchant(), booking, scope.mode().as_str()];
    tx.query(&sql, &values)?.iter().map(read).collect()
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
         AND chain IS NOT NULL AND authorised > 0 AND channel <> 'moto_terminal' \
         ORDER BY id LIMIT 1";
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
        terms: from_optional_json(row, "terms")?.unwrap_or_default(),
        return_url: row.get("return_url")?,
        metadata: from_json(row, "metadata")?,
        page_token: row.get("page_token")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        caps: account::of_row(row)?,
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

pub(crate) fn optional_json<T: serde::Serialize>(
    value: Option<&T>,
) -> Result<Option<String>, DbError> {
    value.map(json).transpose()
}

fn from_json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| DbError::Corrupt(format!("{column}: {error}")))
}

pub(crate) fn from_optional_json<T: serde::de::DeserializeOwned>(
    row: &Row,
    column: &str,
) -> Result<Option<T>, DbError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| DbError::Corrupt(format!("{column}: {error}")))
}
