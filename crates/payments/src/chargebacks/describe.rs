//! What `/v1/chargebacks` takes and gives, for the description of the API.

use connectors::case::CaseFamily;
use http::openapi::{
    Once, Operation, Part, Schema, boolean, constant, date, id, instant, integer, link, list,
    minor, must, object, text, words,
};
use serde_json::json;

use super::api::{MAX_PAGE_CASES, PAGE_CASES};
use super::model::{MAX_PROOF_CHARACTERS, State};
use crate::payment::describe::{TAG, all as words_of, currency};

/// The routes of chargebacks.
#[must_use]
pub fn part() -> Part {
    Part {
        operations: vec![all(), show(), accept(), submit()],
        schemas: vec![("Chargeback", chargeback())],
    }
}

fn all() -> Operation {
    let next = id("cbk").or_null().about("The cursor of the next page; null on the last.");
    let page = object([must("data", list(link("Chargeback"))), must("next", next)]);
    Operation::new("GET", "/v1/chargebacks", "listChargebacks")
        .titled(TAG, "List contested sales, latest first")
        .right("payments.read")
        .query("payment", id("pay").about("Of this payment alone."))
        .query("state", words_of::<State>().about("In this state alone."))
        .query("limit", integer().within(1, i64::from(MAX_PAGE_CASES)).usually(PAGE_CASES))
        .query("cursor", id("cbk").about("`next` of the page before."))
        .answer(200, "One page.", page)
        .refuses(422, &["invalid_field"])
}

fn show() -> Operation {
    Operation::new("GET", "/v1/chargebacks/{id}", "getChargeback")
        .titled(TAG, "Read a contested sale")
        .right("payments.read")
        .path("id", id("cbk"))
        .answer(200, "The case.", link("Chargeback"))
}

fn accept() -> Operation {
    answered("/v1/chargebacks/{id}/accept", "acceptChargeback", "Give up a contested sale")
        .optional_body(object([]))
        .answer(200, "The case, given up; its amount is lost.", link("Chargeback"))
}

fn submit() -> Operation {
    let proof = text().length(1, MAX_PROOF_CHARACTERS);
    let body = object([
        must("sent_on", date().about("The day on which you sent your proof to the bank.")),
        must("proof", proof.about("What was sent, or where it lies.")),
    ]);
    let example = json!({"sent_on": "2026-11-20", "proof": "Facture F-2026-17 et contrat signé"});
    answered("/v1/chargebacks/{id}/submit", "submitChargeback", "Say that your proof was sent")
        .body(body, example)
        .answer(200, "The case; the bank decides now.", link("Chargeback"))
}

fn answered(path: &'static str, name: &'static str, summary: &'static str) -> Operation {
    Operation::new("POST", path, name)
        .titled(TAG, summary)
        .right("chargeback.manage")
        .once(Once::Required)
        .path("id", id("cbk"))
        .refuses(409, &["operation_not_allowed", "evidence_already_submitted"])
        .refuses(409, &["version_conflict", "invariant_violation"])
}

fn chargeback() -> Schema {
    let families: Vec<&'static str> = CaseFamily::ALL.iter().map(|one| one.as_str()).collect();
    let reason = object([must("code", text()), must("family", words(families))]);
    object([
        must("id", id("cbk")),
        must("object", constant("chargeback")),
        must("payment", id("pay")),
        must("order_ref", text().about("The reference of the payment.")),
        must("case", text().about("The bank's number of the case.")),
        must("network", text().about("The network of the card.").example("cb")),
        must("reason", reason),
        must("amount", minor().about("What the bank took back.")),
        must("currency", currency()),
        must("disputed", minor().about("The part that had not been given back before.")),
        must("over_disputed", boolean().about("A part had been given back before.")),
        must("fee", minor().about("What the bank asks for the case.")),
        must("state", words_of::<State>()),
        must("opened_on", date()),
        must("respond_by", date().about("The last day to answer.")),
        must("send_before", date().about("The last day before it on which banks work.")),
        must("submitted_on", date().or_null()),
        must("proof", text().or_null()),
        must("decided_at", instant().or_null()),
        must("version", integer()),
    ])
}
