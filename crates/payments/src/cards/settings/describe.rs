//! What the calls about card settings take and give, for the description of the API.

use http::openapi::{
    Operation, Schema, boolean, constant, id, instant, integer, list, may, must, object, text,
    words,
};
use serde_json::json;
use vault_wire::Brand;

use crate::cards::checks::When;

const TAG: &str = "Cards";
const FALLBACK: &str = "Minor units, where no check of amount zero exists; released at once.";

/// The operations.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![show(), change(), switch()]
}

fn brand() -> Schema {
    words(Brand::ALL.iter().map(|brand| brand.as_str()))
}

fn hours() -> Schema {
    object([must("from", text().example("07:00")), must("to", text().example("22:00"))])
}

fn rules() -> Schema {
    words(["off", "outliers", "always"])
}

fn checked() -> Schema {
    object([
        must("auto", words(When::ALL.iter().map(|when| when.as_str()))),
        must("days_before", integer().within(1, 30).about("Before arrival, at nine.")),
        must("with_code", boolean().about("A held security code goes along, which ends it.")),
        must("amount_fallback", integer().within(100, 200).about(FALLBACK)),
    ])
}

fn whole() -> Schema {
    let once = object([
        must("on", boolean()),
        must("reason", text().or_null()),
        must("until", text().or_null()),
        must("approved_by", text().or_null()),
    ]);
    let reveal = object([
        must("show_seconds", integer()),
        must("max_per_card", integer()),
        must("purpose_required", boolean().about("Who wants to see a number says why.")),
        must("second_person", rules().or_null().about("Null: by the team, for what is unusual.")),
        must("hours", hours().or_null().about("Null: at any hour.")),
        must("networks", list(text()).about("None: from everywhere.")),
    ]);
    object([
        must("storage", words(["off", "awaiting_pin", "on"])),
        must("activated_at", instant().or_null()),
        must("accept_cards", boolean()),
        must("collection", constant("storage")),
        must("brands", list(brand())),
        must("retention_days", integer().within(0, 7)),
        must("cancel_retention_days", integer().within(0, 7)),
        must("view_code_once", once),
        must("verify", checked()),
        must("reveal", reveal),
        must("frame_origins", list(text())),
        must("auto_charge_virtual", boolean()),
    ])
}

fn show() -> Operation {
    Operation::new("GET", "/v1/shops/{shop}/card_settings", "getCardSettings")
        .titled(TAG, "Read how the shop keeps cards")
        .about("The `ETag` names the version that a change must be made over.")
        .right("card.settings")
        .path("shop", id("shop"))
        .answer(200, "The settings.", whole())
        .refuses(503, &["vault_unavailable", "vault_sealed"])
}

fn change() -> Operation {
    let once = object([
        must("on", boolean()),
        may("reason", text().length(20, 500).or_null()),
        may("until", text().example("2027-06-30").or_null().about("At most 365 days ahead.")),
        may("approved_by", id("usr").or_null().about("Holds settings.manage in the shop.")),
    ]);
    let reveal = object([
        may("show_seconds", integer().within(15, 120).or_null()),
        may("max_per_card", integer().within(1, 99).or_null()),
        may("purpose_required", boolean().or_null()),
        may("second_person", rules().or_null()),
        may("hours", hours().or_null()),
        may("networks", list(text()).count(0, 32).or_null()),
    ]);
    let verify = object([
        may("auto", words(When::ALL.iter().map(|when| when.as_str())).or_null()),
        may("days_before", integer().within(1, 30).or_null()),
        may("with_code", boolean().or_null()),
        may("amount_fallback", integer().within(100, 200).or_null()),
    ]);
    let body = object([
        may("storage", text().or_null().about("As it was read.")),
        may("activated_at", instant().or_null().about("As it was read.")),
        may("accept_cards", boolean().or_null()),
        may("collection", constant("storage").or_null()),
        may("brands", list(brand()).count(1, 9).or_null()),
        may("retention_days", integer().within(0, 7).or_null()),
        may("cancel_retention_days", integer().within(0, 7).or_null()),
        may("view_code_once", once.or_null()),
        may("verify", verify.or_null()),
        may("reveal", reveal.or_null()),
        may("frame_origins", list(text()).count(0, 10).or_null()),
        may("auto_charge_virtual", boolean().or_null()),
    ]);
    Operation::new("PUT", "/v1/shops/{shop}/card_settings", "putCardSettings")
        .titled(TAG, "Change how the shop keeps cards")
        .about("Send `If-Match` with the `ETag` of the reading. What is left out stays.")
        .right("card.settings")
        .path("shop", id("shop"))
        .body(body, json!({"retention_days": 2, "brands": ["cb", "visa", "mastercard"]}))
        .answer(200, "As they stand now.", whole())
        .refuses(412, &["precondition_failed"])
        .refuses(422, &["retention_range", "reason_too_short", "until_too_far"])
        .refuses(428, &["precondition_required"])
        .refuses(503, &["vault_unavailable", "vault_sealed"])
}

fn switch() -> Operation {
    let body = object([
        must("on", boolean().about("`true`; two people lift it, on the page of card settings.")),
        may("relay", boolean().or_null().about("Charges stop too.")),
        may("reason", text().length(3, 500).or_null()),
    ]);
    let told = object([
        must("on", boolean()),
        must("relay", boolean()),
        must("reason", text()),
        must("since", instant().or_null()),
        must("cancelled_links", integer().about("Pages of cards that this call closed.")),
    ]);
    let example = json!({"on": true, "relay": false, "reason": "A phone was stolen"});
    Operation::new("POST", "/v1/shops/{shop}/card_kill_switch", "blockCards")
        .titled(TAG, "Shut every showing of cards at once")
        .right("users.manage")
        .path("shop", id("shop"))
        .body(body, example)
        .answer(200, "Nobody sees a card.", told)
        .refuses(409, &["approval_required"])
        .refuses(422, &["reason_too_short"])
        .refuses(503, &["vault_unavailable", "vault_sealed"])
}
