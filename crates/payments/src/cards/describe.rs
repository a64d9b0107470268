//! What `/v1/capture_sessions` and `/v1/cards` take and give, for the description of the API.

use http::openapi::{
    Once, Operation, Part, Schema, boolean, card, constant, date, id, instant, integer, link, list,
    may, minor, must, object, text, words,
};
use serde_json::json;
use vault_wire::Brand;

use crate::payment::describe::{currency, languages};

const TAG: &str = "Cards";

/// The operations.
#[must_use]
pub fn part() -> Part {
    let mut operations = vec![open(), show(), destroy(), verify(), change_virtual()];
    operations.extend(super::kept::describe::operations());
    operations.extend(super::settings::describe::operations());
    operations.extend(super::accesses::describe::operations());
    Part { operations, schemas: schemas() }
}

const FORM_ORIGIN: &str = "The site whose own form posts `number`, `exp`, `code`, `holder`, \
    `brand`, `save` and, where the session asks for it, `email` to `url`, as a plain form or by \
    `fetch`; see the vault's API.";
const FRAME_ORIGIN: &str = "The one site that may show this page in a frame.";

fn open() -> Operation {
    let origin = |about| text().length(1, 2_000).or_null().about(about);
    let display = object([
        may("amount", integer().or_null()),
        may("currency", currency().or_null()),
        may("lines", list(text().length(0, 200)).count(0, 20).or_null()),
        may("merchant", text().length(0, 200).or_null()),
        may("back_url", text().length(0, 2_000).or_null()),
        may("email", text().length(0, 200).or_null()),
        may("button", text().length(0, 200).or_null()),
    ]);
    let body = object([
        must("purpose", words(["payment", "guarantee", "save", "moto"])),
        must("return_url", text().length(1, 2_000).about("An origin registered for the shop.")),
        may("shop", id("shop").or_null()),
        may("payment", id("pay").or_null()),
        may("booking", id("bkg").or_null()),
        may("customer", id("cus").or_null()),
        may("keep", words(["none", "booking"]).or_null()),
        may("lang", languages().or_null()),
        may("card", id("card").or_null()),
        may("code", words(["required", "optional", "none"]).or_null()),
        may("display", display.or_null()),
        may("form_origin", origin(FORM_ORIGIN)),
        may("frame_origin", origin(FRAME_ORIGIN)),
    ]);
    let made = object([must("id", id("cap")), must("url", text()), must("expires_at", instant())]);
    let example = json!({"purpose": "payment", "return_url": "http://127.0.0.1:7700/"});
    Operation::new("POST", "/v1/capture_sessions", "openCaptureSession")
        .titled(TAG, "Open a card page at the vault")
        .right("card.use")
        .body(body, example)
        .answer(201, "Send the payer to `url`.", made)
        .refuses(404, &["not_found"])
        .refuses(409, &["capture_open"])
        .refuses(410, &["capture_closed"])
        .refuses(422, &["return_url_not_registered", "card_unknown", "card_terminated"])
        .refuses(422, &["form_origin_not_registered", "frame_origin_not_registered"])
        .refuses(422, &["test_card_required"])
        .asks_vault()
}

fn show() -> Operation {
    Operation::new("GET", "/v1/cards/{id}", "getCard")
        .titled(TAG, "Read a kept card, without its number")
        .right("card.view")
        .path("id", id("card"))
        .answer(200, "The card.", link("Card"))
        .refuses(410, &["card_terminated"])
        .asks_vault()
}

fn destroy() -> Operation {
    Operation::new("DELETE", "/v1/cards/{id}", "destroyCard")
        .titled(TAG, "Destroy a kept card")
        .right("card.delete")
        .path("id", id("card"))
        .empty(204, "It is destroyed.")
        .refuses(410, &["card_terminated"])
        .asks_vault()
}

fn verify() -> Operation {
    let body = object([
        may("processor", text().length(1, 20).or_null().about("The shop's connector.")),
        may("mode", words(["auto", "zero", "one_euro"]).or_null()),
        may("with_code", boolean().or_null().about("Sends the security code, which ends it.")),
    ]);
    let made = object([must("id", id("vrf")), must("status", constant("pending"))]);
    Operation::new("POST", "/v1/cards/{id}/verifications", "verifyCard")
        .titled(TAG, "Check a kept card with its issuer")
        .about(
            "Without a payment: amount zero where the connector can, else a small amount that is \
             released at once. The card's `verification` tells what came of it.",
        )
        .right("card.use")
        .path("id", id("card"))
        .optional_body(body)
        .answer(202, "The issuer is asked.", made)
        .refuses(409, &["do_not_retry", "code_none", "card_expired", "shop_not_open"])
        .refuses(409, &["card_suspended"])
        .refuses(409, &["vcc_not_active"])
        .once(Once::Optional)
        .refuses(410, &["card_terminated"])
        .refuses(422, &["capability_missing"])
        .refuses(429, &["verification_limit"])
        .asks_vault()
}

fn told() -> Schema {
    let balance = object([must("amount", minor()), must("currency", currency())]);
    object([
        must("active_from", date().or_null()),
        must("active_until", date().or_null()),
        must("charge_before", date().or_null()),
        must("balance", balance.or_null()),
        must("balance_at", instant().or_null()),
        must("mcc_allowed", list(text().length(4, 4))),
        must("single_use", boolean()),
        must("source", words(["channel", "bin", "advice", "staff"])),
        must("refund_before", date().or_null()),
        must("attempts_24h", integer()),
    ])
}

fn change_virtual() -> Operation {
    let balance = object([must("amount", integer().at_least(0)), must("currency", currency())]);
    let body = object([
        may("active_from", date().or_null()),
        may("active_until", date().or_null()),
        may("charge_before", date().or_null()),
        may("balance", balance.or_null()),
        may("mcc_allowed", list(text().length(4, 4)).or_null()),
        may("single_use", boolean().or_null()),
        may("refund_before", date().or_null()),
    ]);
    let example = json!({"balance": {"amount": 16_800, "currency": "EUR"}});
    Operation::new("PATCH", "/v1/cards/{id}/virtual", "changeVirtualCard")
        .titled(TAG, "Say what window and balance a virtual card has")
        .about("Send `If-Match` with the card's `ETag`. `null` takes a word back.")
        .right("card.use")
        .path("id", id("card"))
        .body(body, example)
        .answer(200, "As it stands now.", told())
        .refuses(410, &["card_terminated"])
        .refuses(412, &["precondition_failed"])
        .refuses(428, &["precondition_required"])
        .asks_vault()
}

fn schemas() -> Vec<(&'static str, Schema)> {
    let brands: Vec<&str> = Brand::ALL.iter().map(|brand| brand.as_str()).collect();
    vec![("Card", card(&brands))]
}
