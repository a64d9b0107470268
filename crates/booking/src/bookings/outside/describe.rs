//! What `/v1/bookings/{id}/recorded_transactions` takes and gives.

use http::openapi::{
    Once, Operation, Schema, boolean, constant, id, instant, link, may, minor, must, object, text,
    words,
};
use kernel::money::MAX_MINOR;
use ledger::Tender;
use payments::payment::elsewhere::MAX_REFERENCE_CHARACTERS;
use serde_json::json;

use super::api::MAX_AUTH_CODE_CHARACTERS;
use super::model::RecordedKind;

/// Writing one down.
pub fn record(tag: &'static str) -> Operation {
    let body = object([
        must("kind", kinds()),
        must("means", means()),
        must("amount", minor().within(1, MAX_MINOR)),
        must("currency", text().pattern("^[A-Z]{3}$").about("The booking's.")),
        must("reference", text().length(1, MAX_REFERENCE_CHARACTERS)),
        may("auth_code", text().length(0, MAX_AUTH_CODE_CHARACTERS).or_null()),
        must("at", instant()),
        may("card", id("card").or_null().about("A card of the merchant.")),
        may("card_consumed", boolean().or_null().about("Not taken yet: false or left out.")),
    ]);
    let example = json!({
        "kind": "debit", "means": "terminal", "amount": 500, "currency": "EUR",
        "reference": "T-9", "auth_code": "A17F3C", "at": "2026-11-20T10:30:00Z",
    });
    Operation::new("POST", "/v1/bookings/{id}/recorded_transactions", "recordOnBooking")
        .titled(tag, "Record a transaction made elsewhere")
        .about(
            "A debit lowers what is left to charge, a refund what counts as paid; a \
             preauthorisation moves no money. One reference of one means is recorded once per \
             shop. A refund needs `payments.refund` too, and gives back at most what was recorded \
             as debited; what a payment of this house debited is refunded on that payment.",
        )
        .right("card.use")
        .once(Once::Required)
        .refuses(400, &["idempotency_key_invalid"])
        .path("id", id("bkg"))
        .body(body, example)
        .answer(
            201,
            "What was recorded, and the booking.",
            schema().plus([must("booking", link("Booking"))]),
        )
        .refuses(409, &["already_recorded"])
        .refuses(422, &["currency_not_supported", "amount_above_refundable", "card_unknown"])
        .asks_vault()
}

/// One of them.
pub fn schema() -> Schema {
    object([
        must("id", id("op")),
        must("object", constant("recorded_transaction")),
        must("kind", kinds()),
        must("means", means()),
        must("amount", minor()),
        must("currency", text()),
        must("reference", text()),
        must("auth_code", text().or_null()),
        must("at", instant()),
        must("card", id("card").or_null()),
        must("card_consumed", boolean()),
        must("author", text()),
    ])
}

fn kinds() -> Schema {
    words(RecordedKind::ALL.map(RecordedKind::as_str))
}

fn means() -> Schema {
    words(Tender::ALL.map(Tender::as_str))
}
