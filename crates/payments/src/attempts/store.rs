//! All SQL of attempts and transcripts.

use connectors::FlowState;
use db::{DbError, Insert, Row, Tx, params};
use kernel::{CaptureId, CardToken, PaymentId, Scope, Timestamp};

use super::model::{Attempt, AttemptState, Exchange};
use crate::payment::Initiator;
use crate::payment::words::from_row;

static ATTEMPT: Insert = Insert {
    table: "payment_attempt",
    columns: &[
        "payment_id",
        "merchant_id",
        "number",
        "capture_id",
        "card_id",
        "state",
        "step",
        "flow",
        "challenge_url",
        "challenged_at",
        "started_at",
        "address",
        "initiator",
        "fingerprint",
    ],
};

static EXCHANGE: Insert = Insert {
    table: "payment_exchange",
    columns: &[
        "id",
        "merchant_id",
        "payment_id",
        "operation_id",
        "kind",
        "request",
        "outcome",
        "http_status",
        "answer",
        "sent_at",
        "millis",
    ],
};

/// Writes a new attempt.
///
/// # Errors
/// [`DbError::Conflict`] when its capture was used before.
pub fn insert(tx: &mut Tx<'_>, scope: &Scope, attempt: &Attempt) -> Result<(), DbError> {
    let values = params![
        attempt.payment,
        scope.merchant(),
        attempt.number,
        attempt.capture,
        attempt.card,
        attempt.state.as_str(),
        attempt.step,
        &attempt.flow.0,
        attempt.challenge_url.clone(),
        attempt.challenged_at,
        attempt.started_at,
        attempt.address.clone(),
        attempt.initiator.as_str(),
        attempt.fingerprint.clone(),
    ];
    tx.insert(&ATTEMPT, values)
}

/// Writes the next step of an attempt that is still at the step before it.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn update(tx: &mut Tx<'_>, scope: &Scope, attempt: &Attempt) -> Result<bool, DbError> {
    let sql = "UPDATE payment_attempt SET state = $1, step = $2, flow = $3, challenge_url = $4, \
         challenged_at = $5 WHERE payment_id = $6 AND number = $7 AND merchant_id = $8 \
         AND step < $2";
    let values = params![
        attempt.state.as_str(),
        attempt.step,
        &attempt.flow.0,
        attempt.challenge_url.clone(),
        attempt.challenged_at,
        attempt.payment,
        attempt.number,
        scope.merchant(),
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// The latest attempt of a payment.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn latest(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: PaymentId,
) -> Result<Option<Attempt>, DbError> {
    let sql = "SELECT * FROM payment_attempt WHERE payment_id = $1 AND merchant_id = $2 \
         ORDER BY number DESC LIMIT 1";
    tx.query_opt(sql, &params![payment, scope.merchant()])?.as_ref().map(read).transpose()
}

/// The attempt a capture was used for.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_capture(
    tx: &mut Tx<'_>,
    scope: &Scope,
    capture: CaptureId,
) -> Result<Option<Attempt>, DbError> {
    let sql = "SELECT * FROM payment_attempt WHERE merchant_id = $1 AND capture_id = $2";
    tx.query_opt(sql, &params![scope.merchant(), capture])?.as_ref().map(read).transpose()
}

/// How often a card was refused since an instant.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn refusals_since(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: CardToken,
    since: Timestamp,
) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS refusals FROM payment_attempt \
         WHERE merchant_id = $1 AND card_id = $2 AND refused_at > $3";
    let row = tx.query_opt(sql, &params![scope.merchant(), card, since])?;
    row.map_or(Ok(0), |row| row.get("refusals"))
}

/// The same, of charges without the holder.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn absent_refusals_since(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: CardToken,
    since: Timestamp,
) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) AS refusals FROM payment_attempt \
         WHERE merchant_id = $1 AND card_id = $2 AND refused_at > $3 AND initiator = 'merchant'";
    let row = tx.query_opt(sql, &params![scope.merchant(), card, since])?;
    row.map_or(Ok(0), |row| row.get("refusals"))
}

/// Whether an issuer said "never again" to a card since an instant, by its token or by the
/// fingerprint of its number.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn is_blocked(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (card, fingerprint): (CardToken, Option<&str>),
    since: Timestamp,
) -> Result<bool, DbError> {
    let by_token = "SELECT number FROM payment_attempt WHERE merchant_id = $1 AND card_id = $2 \
         AND refused_at > $3 AND refusal = 'never' LIMIT 1";
    if tx.query_opt(by_token, &params![scope.merchant(), card, since])?.is_some() {
        return Ok(true);
    }
    let Some(fingerprint) = fingerprint else { return Ok(false) };
    let by_number = "SELECT number FROM payment_attempt WHERE merchant_id = $1 \
         AND fingerprint = $2 AND refused_at > $3 AND refusal = 'never' LIMIT 1";
    Ok(tx.query_opt(by_number, &params![scope.merchant(), fingerprint, since])?.is_some())
}

/// Forgets the fingerprints of a card that is destroyed, except where its issuer barred it.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn forget_card(tx: &mut Tx<'_>, scope: &Scope, card: CardToken) -> Result<(), DbError> {
    let sql = "UPDATE payment_attempt SET fingerprint = NULL WHERE merchant_id = $1 \
         AND card_id = $2 AND fingerprint IS NOT NULL AND COALESCE(refusal, '') <> 'never'";
    tx.exec(sql, &params![scope.merchant(), card]).map(drop)
}

/// Forgets all fingerprints of attempts of a merchant begun before an instant.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn forget_before(
    tx: &mut Tx<'_>,
    merchant: kernel::MerchantId,
    before: Timestamp,
) -> Result<(), DbError> {
    let sql = "UPDATE payment_attempt SET fingerprint = NULL WHERE merchant_id = $1 \
         AND fingerprint IS NOT NULL AND started_at < $2";
    tx.exec(sql, &params![merchant, before]).map(drop)
}

/// How many cards from an address were refused since an instant of real time, and when last.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn refusals_of_address(
    tx: &mut Tx<'_>,
    scope: &Scope,
    address: &str,
    since: Timestamp,
) -> Result<(i64, Option<Timestamp>), DbError> {
    let sql = "SELECT COUNT(*) AS refusals, MAX(refused_real) AS last FROM payment_attempt \
         WHERE merchant_id = $1 AND address = $2 AND refused_real > $3";
    let row = tx.query_opt(sql, &params![scope.merchant(), address, since])?;
    row.map_or(Ok((0, None)), |row| Ok((row.get("refusals")?, row.get("last")?)))
}

/// Notes that a bank refused an attempt: the class of its refusal, by the shop's clock and by
/// real time.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn note_refusal(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (payment, number): (PaymentId, u32),
    class: &str,
    (now, real_now): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    let sql = "UPDATE payment_attempt SET refusal = $1, refused_at = $2, refused_real = $3 \
         WHERE payment_id = $4 AND number = $5 AND merchant_id = $6";
    let values = params![class, now, real_now, payment, number, scope.merchant()];
    tx.exec(sql, &values).map(drop)
}

/// Writes a transcript.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn insert_exchange(tx: &mut Tx<'_>, scope: &Scope, exchange: &Exchange) -> Result<(), DbError> {
    let values = params![
        exchange.id,
        scope.merchant(),
        exchange.payment,
        exchange.operation,
        exchange.kind,
        &exchange.request,
        exchange.outcome,
        exchange.http_status,
        &exchange.answer,
        exchange.sent_at,
        exchange.millis,
    ];
    tx.insert(&EXCHANGE, values)
}

fn read(row: &Row) -> Result<Attempt, DbError> {
    Ok(Attempt {
        payment: row.get("payment_id")?,
        number: row.get("number")?,
        capture: row.get("capture_id")?,
        card: row.get("card_id")?,
        fingerprint: row.get("fingerprint")?,
        address: row.get("address")?,
        initiator: row
            .get::<Option<String>>("initiator")?
            .as_deref()
            .and_then(Initiator::parse)
            .unwrap_or(Initiator::Payer),
        state: from_row(row, "state", AttemptState::parse)?,
        step: row.get("step")?,
        flow: FlowState(row.get("flow")?),
        challenge_url: row.get("challenge_url")?,
        challenged_at: row.get("challenged_at")?,
        started_at: row.get("started_at")?,
    })
}
