//! SQL of the sample data: rows of payments written in bulk, and whether there are any.

use db::{DbError, Insert, Tx, Val, params};
use kernel::{
    CardToken, Date, EventId, MerchantId, OperationId, PaymentId, PointOfSaleId, Scope, ShopId,
    Timestamp,
};
use serde_json::json;

/// Whether a merchant has a payment already.
pub(super) fn has_payments(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<bool, DbError> {
    let sql = "SELECT id FROM payment WHERE merchant_id = $1 LIMIT 1";
    Ok(tx.query_opt(sql, &params![merchant])?.is_some())
}

/// A payment to be written.
pub(super) struct Row {
    pub(super) id: PaymentId,
    pub(super) shop: ShopId,
    pub(super) point_of_sale: PointOfSaleId,
    pub(super) number: u32,
    pub(super) cents: i64,
    pub(super) refused: bool,
    pub(super) drawn: u64,
    pub(super) token: String,
    pub(super) card: CardToken,
    pub(super) day: Date,
    pub(super) at: Timestamp,
}

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
        "initiator",
        "keep_card",
        "card_id",
        "card_last4",
        "card_brand",
        "card",
        "decline",
        "decline_class",
        "threeds_wish",
        "attempts",
        "session",
        "late",
        "served",
        "payer_email",
        "payer_name",
        "payer",
        "lines",
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
        "author",
        "source",
        "at",
        "sent_at",
        "queries",
    ],
};

static EVENT: Insert = Insert {
    table: "event",
    columns: &["id", "merchant_id", "mode", "shop_id", "kind", "object", "body", "at", "handled"],
};

const BRANDS: &[&str] = &["cb", "visa", "mastercard", "amex"];
const CHANNELS: &[&str] = &["ecommerce", "counter", "ecommerce", "moto_terminal"];
const NAMES: &[&str] = &["roy", "garnier", "diallo", "weber", "moreau", "benali", "rossi", "petit"];

fn pick(list: &[&'static str], number: u64) -> &'static str {
    let at = usize::try_from(number % (list.len() as u64).max(1)).unwrap_or(0);
    list.get(at).copied().unwrap_or_default()
}

/// Writes a payment as it stands at its end.
pub(super) fn payment(tx: &mut Tx<'_>, scope: &Scope, row: &Row) -> Result<(), DbError> {
    let brand = pick(BRANDS, row.drawn >> 8);
    let last4 = format!("{:04}", (row.drawn >> 24) % 10_000);
    let name = pick(NAMES, row.drawn >> 40);
    let order = format!("CMD-{:07}", row.number);
    let got = if row.refused { 0 } else { row.cents };
    let card = json!({
        "id": row.card, "brand": brand, "last4": last4, "bin": "49701000", "exp_month": 3,
        "exp_year": 2029, "single_use": true,
    });
    let payer = json!({
        "email": format!("{name}@exemple.fr"), "first_name": "", "last_name": name,
        "language": "fr", "country": null,
    });
    let decline = row.refused.then(|| {
        json!({
            "code": "insufficient_funds", "class": "retry_later", "raw": "51", "retry": true,
            "payer_text": "A",
        })
    });
    let mut values = params![
        row.id,
        scope.merchant(),
        scope.mode().as_str(),
        row.shop,
        row.point_of_sale,
        pick(CHANNELS, row.drawn >> 16),
        "plain",
        &order,
        (!row.refused).then(|| order.clone()),
        row.cents,
        kernel::Currency::EUR,
        if row.refused { "refused" } else { "captured" },
    ];
    values.extend([got, 0, 0, 0, got, 0, 0, 0, 0, 0].map(Val::from));
    values.extend(params![
        "auto",
        0_i64,
        "none",
        row.day,
        "payer",
        "none",
        row.card,
        last4,
        brand,
        card.to_string(),
        decline.as_ref().map(ToString::to_string),
        decline.is_some().then(|| "retry_later".to_owned()),
    ]);
    values.extend(params![
        "auto",
        1_i64,
        "ended",
        false,
        !row.refused,
        format!("{name}@exemple.fr"),
        name,
        payer.to_string(),
        "[]",
        "{}",
        &row.token,
        2_i64,
        row.at,
        row.at,
    ]);
    tx.insert(&PAYMENT, values)
}

/// Writes one of its operations.
pub(super) fn operation(
    tx: &mut Tx<'_>,
    scope: &Scope,
    row: &Row,
    (id, kind, position): (OperationId, &str, i64),
) -> Result<(), DbError> {
    let (state, code, raw) = match row.refused {
        true => ("failed", "insufficient_funds", "51"),
        false => ("success", "approved", "00"),
    };
    let values = params![
        id,
        scope.merchant(),
        row.id,
        position,
        kind,
        state,
        row.cents,
        kernel::Currency::EUR,
        1_i64,
        code,
        raw,
        pick(BRANDS, row.drawn >> 8),
        if row.refused { "refused" } else { "approved" },
        "payer",
        "page",
        row.at,
        row.at,
        0_i64,
    ];
    tx.insert(&OPERATION, values)
}

/// Writes that the payment was captured, as told already: every capture has been told once.
pub(super) fn event(tx: &mut Tx<'_>, scope: &Scope, row: &Row, id: EventId) -> Result<(), DbError> {
    let body = json!({
        "id": row.id, "object": "payment", "mode": scope.mode().as_str(), "shop": row.shop,
        "point_of_sale": row.point_of_sale, "order_ref": format!("CMD-{:07}", row.number),
        "amount": row.cents, "currency": kernel::Currency::EUR, "status": "captured",
        "source": "page", "version": 2, "created_at": row.at, "updated_at": row.at,
    });
    let values = params![
        id,
        scope.merchant(),
        scope.mode().as_str(),
        row.shop,
        "payment.captured",
        row.id.to_string(),
        body.to_string(),
        row.at,
        1_i64,
    ];
    tx.insert(&EVENT, values)
}
