//! What `/v1/payments/{id}/…` takes and gives, for the description of the API.

use http::openapi::{
    Once, Operation, Schema, boolean, constant, date, id, instant, integer, link, list, may, minor,
    must, object, text,
};
use ledger::Tender;
use serde_json::json;

use crate::fields::MAX_TEXT_CHARACTERS;
use crate::payment::describe::{TAG, all as words_of, currency, guarantee};
use crate::payment::elsewhere::MAX_REFERENCE_CHARACTERS;
use crate::payment::operation::{Kind, OpState, Source};
use crate::payment::request::RECORDED_KIND;

/// In the order of a payment's life.
pub(in crate::payment) fn all() -> Vec<Operation> {
    vec![show_operations(), capture(), cancel(), validate(), refund(), record()]
}

fn show_operations() -> Operation {
    let page = object([must("data", list(link("Operation"))), must("next", constant(()))]);
    Operation::new("GET", "/v1/payments/{id}/operations", "listOperations")
        .titled(TAG, "What was done with a payment, oldest first")
        .right("payments.read")
        .path("id", id("pay"))
        .answer(200, "All of them.", page)
}

fn capture() -> Operation {
    let body = object([
        may("amount", minor().or_null().about("All that is left when absent.")),
        may("version", version()),
    ]);
    on_payment("/v1/payments/{id}/capture", "capturePayment", "Debit what was authorised")
        .right("payments.capture")
        .optional_body(body)
        .answer(200, "The payment after the debit.", link("Payment"))
        .answer(202, "The bank did not answer; it is being asked.", link("Payment"))
        .refuses(422, &["amount_above_capturable"])
}

fn cancel() -> Operation {
    on_payment("/v1/payments/{id}/cancel", "cancelPayment", "Give up before the debit")
        .right("payments.cancel")
        .optional_body(object([may("reason", reason()), may("version", version())]))
        .answer(200, "The payment, cancelled.", link("Payment"))
        .answer(202, "The bank did not answer; it is being asked.", link("Payment"))
}

fn validate() -> Operation {
    on_payment("/v1/payments/{id}/validate", "validatePayment", "Let a waiting payment be debited")
        .right("payments.validate")
        .optional_body(object([may("reason", reason()), may("version", version())]))
        .answer(200, "The payment, validated.", link("Payment"))
        .answer(202, "The bank did not answer; it is being asked.", link("Payment"))
}

fn refund() -> Operation {
    let body = object([
        must("amount", minor()),
        must(
            "expected_refundable",
            minor().about("What you saw as `refundable`: guards against a stale view."),
        ),
        may("reason", reason()),
        may(
            "notify_payer",
            boolean().or_null().about("False: you tell the payer yourself, no mail is sent."),
        ),
        may("version", version()),
    ]);
    let example = json!({"amount": 2000, "expected_refundable": 8400, "reason": "gesture"});
    on_payment("/v1/payments/{id}/refunds", "refundPayment", "Give money back")
        .right("payments.refund")
        .body(body, example)
        .answer(201, "The refund, with its payment.", link("Refund"))
        .answer(202, "The bank did not answer; it is being asked.", link("Refund"))
        .refuses(409, &["refundable_changed"])
        .refuses(422, &["amount_above_refundable", "refund_window_over"])
}

fn record() -> Operation {
    let body = object([
        must("kind", constant(RECORDED_KIND)),
        must("amount", minor()),
        must("expected_refundable", minor().about("What you saw as `refundable`.")),
        must("means", words_of::<Tender>().about("How the money was given back.")),
        must(
            "reference",
            text().length(1, MAX_REFERENCE_CHARACTERS).about(
                "Yours: of the slip, the transfer, the cheque. The same one twice is a 409.",
            ),
        ),
        must("on", date().about("The day on which it was done.")),
        may("reason", reason()),
        may("version", version()),
    ]);
    let example = json!({
        "kind": "refund", "amount": 2000, "expected_refundable": 8400, "means": "bank",
        "reference": "VIR 2026-17", "on": "2026-11-20",
    });
    let name = "recordTransaction";
    on_payment("/v1/payments/{id}/recorded_transactions", name, "Record a refund made elsewhere")
        .right("payments.refund")
        .body(body, example)
        .answer(201, "The refund, with its payment; no bank was asked.", link("Refund"))
        .refuses(409, &["refundable_changed", "already_recorded"])
        .refuses(422, &["amount_above_refundable"])
}

fn elsewhere() -> Schema {
    object([must("means", words_of::<Tender>()), must("reference", text()), must("on", date())])
        .about("How it was made, when it was made elsewhere and recorded here.")
}

fn on_payment(path: &'static str, name: &'static str, summary: &'static str) -> Operation {
    Operation::new("POST", path, name)
        .titled(TAG, summary)
        .once(Once::Required)
        .path("id", id("pay"))
        .refuses(409, &["version_conflict", "operation_not_allowed", "result_unknown"])
        .refuses(409, &["payment_disputed", "invariant_violation"])
        .refuses(422, &["capability_missing"])
        .refuses(502, &[crate::engine::UNREACHABLE])
        .asks_vault()
}

fn version() -> Schema {
    integer().or_null().about("The version you saw; another one is a 409.")
}

fn reason() -> Schema {
    text().length(0, MAX_TEXT_CHARACTERS).or_null().about("In your words, for the history.")
}

/// An operation.
pub(in crate::payment) fn schema() -> Schema {
    let author = object([must("type", text()), must("id", text().or_null())]);
    let raw = object([must("code", text()), must("network", text()), must("text", text())]);
    object([
        must("id", id("op")),
        must("object", constant("operation")),
        must("kind", words_of::<Kind>()),
        must("state", words_of::<OpState>()),
        must("amount", minor()),
        must("currency", currency()),
        must("code", text().or_null()),
        must("raw", raw.about("What the bank said, as it said it.")),
        must("authorisation", text().or_null()),
        must("guarantee", guarantee().or_null()),
        must("author", author),
        must("source", words_of::<Source>()),
        must("reason", text().or_null()),
        must("elsewhere", elsewhere().or_null()),
        must("at", instant()),
    ])
}
