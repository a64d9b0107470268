//! What the vault's own origin offers to programs.

use http::openapi::{
    Document, Once, Operation, Part, Schema, Security, boolean, card, date, id, integer, link,
    list, may, must, object, text, words,
};
use serde_json::json;
use vault_wire::{Brand, SEALED};

use super::describe_messages as messages;
use super::describe_partners as partners;
use crate::add_card::MAX_REFERENCE_CHARACTERS;

const TAG: &str = "Cards";
const ABOUT: &str = "For programs that already hold card numbers, such as channel managers: a \
    number goes in, a token comes out, and no call ever gives a number back. Send it here and \
    nowhere else; the app refuses card numbers in every field. A payer's card needs no key at all: \
    a card page that `POST /v1/capture_sessions` of the app opened with `form_origin` takes the form \
    of that site at its own address (`number`, `exp`, `code`, `holder`, `email`, `brand`, `save`; \
    `application/x-www-form-urlencoded`; `email` is required where the session asks for it). A plain \
    form is redirected to `return_url?capture=cap_…`, or \
    shown the card page with what is wrong. `fetch` from that origin is answered in JSON: 200 \
    `{\"capture\", \"redirect\"}`, 422 with the path of each field (`$.number`; `brand_required` with \
    `choices` when a card has two schemes), 410 `capture_closed`; other origins get 403 \
    `origin_not_allowed`. Ten submissions, five numbers and sixty minutes are the limits of both.";

/// The description of the vault's API. `server` is its address in the demo.
#[must_use]
pub fn described(server: &'static str) -> Document {
    let brands: Vec<&str> = Brand::ALL.iter().map(|brand| brand.as_str()).collect();
    let health = Operation::new("GET", "/health", "health")
        .titled("Health", "Whether the process answers")
        .open()
        .answer(200, "It does.", object([must("status", words(["ok"]))]));
    let whole = object([must("openapi", text())]).with("additionalProperties", true);
    let description = Operation::new("GET", "/openapi.json", "describe")
        .titled("Health", "This description")
        .open()
        .answer(200, "OpenAPI 3.1.", whole);
    let schemas = vec![("CardAdd", card_add()), ("Card", card(&brands))];
    Document {
        title: "Guichet: card vault",
        about: ABOUT,
        server,
        security: Security {
            name: "vaultKey",
            about: "A vault key: `vk_test_…` or `vk_live_…`. It works from its addresses only.",
        },
        tags: vec![
            (TAG, "Storing a card and reading what may be known of it."),
            (partners::TAG, "Software vendors: applying, networks."),
            (
                messages::TAG,
                "Messages of sales channels that carry cards pass, and leave with tokens.",
            ),
            ("Health", "For whoever watches."),
        ],
        parts: vec![
            while_sealed(Part {
                operations: vec![add(), list_cards(), look(), destroy()],
                schemas,
            }),
            while_sealed(partners::part()),
            while_sealed(messages::part()),
            Part { operations: vec![health, description], schemas: Vec::new() },
        ],
    }
}

/// What every one of these calls answers while the vault is sealed.
fn while_sealed(part: Part) -> Part {
    let refuse = |operation: Operation| operation.refuses(503, &[SEALED]);
    Part { operations: part.operations.into_iter().map(refuse).collect(), ..part }
}

fn list_cards() -> Operation {
    let answer = object([must("data", list(link("Card"))), must("next", text().or_null())]);
    partners::by_partner(Operation::new("GET", "/v1/cards", "listCards"))
        .titled(TAG, "List the kept cards of a property")
        .about("At most 100, newest first. A property's own key may leave `shop` out.")
        .query("shop", id("shop"))
        .query("booking", text().about("Those of this reference alone."))
        .query("limit", integer().within(1, 100).usually(100))
        .query("cursor", id("card").about("`next` of the page before."))
        .answer(200, "The cards.", answer)
        .refuses(404, &["not_found"])
        .refuses(422, &["invalid_field"])
}

fn destroy() -> Operation {
    partners::by_partner(Operation::new("DELETE", "/v1/cards/{id}", "destroyCard"))
        .titled(TAG, "Destroy a card")
        .path("id", id("card"))
        .empty(204, "It is destroyed; once more is the same.")
}

fn add() -> Operation {
    let example = json!({
        "shop": "shop_01k9zzzzzzzzzzzzzzzzzzzzzz", "booking": "C-1042",
        "card": {"number": "4970100000000154", "exp_month": 3, "exp_year": 2029},
    });
    partners::by_partner(Operation::new("POST", "/v1/cards", "addCard"))
        .titled(TAG, "Store a card")
        .about("The same card of the same `customer` is the same token: 200 instead of 201.")
        .once(Once::Required)
        .body(link("CardAdd"), example)
        .answer(201, "The new card.", link("Card"))
        .answer(200, "The card was known; expiry and holder are renewed.", link("Card"))
        .refuses(400, &["json_invalid", "duplicate_key"])
        .refuses(404, &["not_found"])
        .refuses(409, &["storage_off"])
        .refuses(422, &["unknown_field", "card_number_missing", "card_number_format"])
        .refuses(422, &["card_number_length", "card_number_luhn", "brand_unknown"])
        .refuses(422, &["brand_not_accepted", "test_card_required", "test_card_in_live"])
        .refuses(422, &["expiry_format", "card_expired", "expiry_too_far", "code_format"])
        .refuses(422, &["code_required", "holder_format", "email_format"])
}

fn look() -> Operation {
    partners::by_partner(Operation::new("GET", "/v1/cards/{id}", "getCard"))
        .titled(TAG, "Read a card, without its number")
        .path("id", id("card"))
        .answer(200, "The card.", link("Card"))
        .refuses(410, &["gone"])
}

fn card_add() -> Schema {
    let reference = || text().length(1, MAX_REFERENCE_CHARACTERS).or_null();
    let card = object([
        must("number", text().about("Digits; blanks and dashes are taken out.")),
        must("exp_month", integer().within(1, 12)),
        must("exp_year", integer().about("Four digits.")),
        may("holder", text().or_null()),
        may("security_code", text().or_null().about("Kept in memory only, for minutes.")),
    ]);
    let plain = |names: &[&'static str]| {
        object(names.iter().map(|name| may(name, text().or_null()))).or_null()
    };
    let balance = object([must("amount", integer().at_least(0)), must("currency", text())]);
    let told = object([
        may("active_from", date().or_null()),
        may("active_until", date().or_null()),
        may("charge_before", date().or_null()),
        may("balance", balance.or_null()),
        may("mcc_allowed", list(text().length(4, 4)).or_null()),
        may("single_use", boolean().or_null()),
    ]);
    let source = object([
        may("channel", reference()),
        may("entry", text().or_null().about("`feed`, `import` or `phone`; else `api`.")),
    ]);
    object([
        must("shop", id("shop")),
        must("card", card),
        may("booking", reference()),
        may("customer", reference()),
        may("virtual", told.or_null()),
        may("three_ds", plain(&["version", "eci", "cavv", "ds_trans_id"])),
        may("source", source.or_null()),
    ])
}
