//! What `/v1/holds` takes and gives, for the description of the API.

use http::openapi::{
    Once, Operation, Part, Schema, date, id, instant, integer, link, list, may, must, object, text,
    words,
};

use crate::api::MAX_ITEMS;
use crate::stock::model::MAX_QUANTITY;

const TAG: &str = "Holds";

/// Holds: places kept for a while.
#[must_use]
pub fn part() -> Part {
    let show = Operation::new("GET", "/v1/holds/{id}", "getHold")
        .titled(TAG, "Read a hold")
        .right("booking.view")
        .path("id", id("hld"))
        .answer(200, "The hold.", link("Hold"));
    let release = Operation::new("DELETE", "/v1/holds/{id}", "releaseHold")
        .titled(TAG, "Let the places go")
        .right("booking.edit")
        .once(Once::Optional)
        .path("id", id("hld"))
        .empty(204, "They are free again.");
    let extend = Operation::new("POST", "/v1/holds/{id}/extend", "extendHold")
        .titled(TAG, "Keep them longer, once, when nobody waits")
        .right("booking.edit")
        .once(Once::Optional)
        .path("id", id("hld"))
        .answer(200, "The hold.", link("Hold"))
        .refuses(409, &["hold_expired", "hold_lifetime_reached", "hold_extended_already"])
        .refuses(409, &["hold_wanted_by_others"]);
    let operations = vec![place(), show, extend, release];
    Part { operations, schemas: vec![("Hold", hold())] }
}

fn place() -> Operation {
    let line = object([
        must("resource", id("ldg")),
        may("quantity", integer().within(1, i64::from(MAX_QUANTITY)).or_null()),
        may("slot", slot().or_null()),
        may("arrival", date().or_null()),
        may("departure", date().or_null()),
    ]);
    let name = || text().length(0, 120).or_null();
    let contact = object([
        may("email", text().format("email").or_null()),
        may("last_name", name()),
        may("first_name", name()),
        may("language", name()),
        may("phone", http::openapi::any()),
    ]);
    let body =
        object([must("lines", list(line).count(1, MAX_ITEMS)), may("contact", contact.or_null())]);
    Operation::new("POST", "/v1/holds", "placeHold")
        .titled(TAG, "Keep places for a while")
        .right("booking.edit")
        .leads_to(&["getHold", "extendHold", "releaseHold"])
        .once(Once::Optional)
        .body(body, None)
        .answer(201, "They are kept.", link("Hold"))
        .refuses(404, &["not_found"])
        .refuses(409, &["sold_out", "held_by_other"])
        .refuses(422, &["hold_too_large"])
}

fn slot() -> Schema {
    text().pattern("^([0-9]{4}-[0-9]{2}-[0-9]{2}|all)$").about("A night, or `all`.")
}

fn hold() -> Schema {
    let line = object([
        must("resource", id("ldg")),
        must("slot", slot()),
        must("quantity", integer().at_least(1)),
    ]);
    object([
        must("id", id("hld")),
        must("state", words(["active", "confirmed", "released", "expired"])),
        must("expires_at", instant().or_null()),
        must("cart", id("crt").or_null()),
        must("lines", list(line)),
    ])
}
