//! What `/v1/carts` takes and gives, for the description of the API.

use http::openapi::{
    Once, Operation, Part, Schema, any, constant, date, id, instant, integer, link, list, may,
    minor, must, object, one_of, text, words,
};
use serde_json::json;

use crate::bookings::BookingState;
use crate::carts::model::MAX_LINES;
use crate::lodging::describe::{party, quoted};

const TAG: &str = "Baskets";

/// Baskets, from the choice to the payment.
#[must_use]
pub fn part() -> Part {
    let show = Operation::new("GET", "/v1/carts/{id}", "getCart")
        .titled(TAG, "Read a basket")
        .right("booking.view")
        .path("id", id("crt"))
        .answer(200, "The basket.", link("Cart"));
    let leave = Operation::new("DELETE", "/v1/carts/{id}", "leaveCart")
        .titled(TAG, "Give up a basket and what it holds")
        .right("booking.edit")
        .once(Once::Optional)
        .path("id", id("crt"))
        .empty(204, "It is given up.")
        .refuses(409, &["already_ordered"]);
    let operations = vec![create(), show, add_line(), remove_line(), contact(), pay(), leave];
    let schemas = vec![
        ("StayWish", wish()),
        ("StayLine", stay_line()),
        ("Contact", contact_shape()),
        ("Cart", cart()),
    ];
    Part { operations, schemas }
}

fn create() -> Operation {
    let body = object([
        must("lines", list(link("StayWish")).count(1, MAX_LINES)),
        may("shop", id("shop").or_null()),
        may("point_of_sale", id("pos").or_null()),
    ]);
    unavailable(
        Operation::new("POST", "/v1/carts", "createCart")
            .titled(TAG, "Put stays into a basket")
            .right("booking.edit")
            .leads_to(&["getCart", "saveContact", "payCart", "leaveCart"])
            .once(Once::Required)
            .body(body, None)
            .answer(201, "The basket; nothing is held yet.", link("Cart"))
            .refuses(404, &["not_found"]),
    )
}

/// How a stay may not be had.
pub(crate) fn unavailable(operation: Operation) -> Operation {
    operation
        .refuses(409, &["sold_out", "held_by_other"])
        .refuses(422, &["invalid_dates", "past_date", "stay_too_long", "not_available"])
        .refuses(422, &["capacity_exceeded", "bracket_not_priced", "hold_too_large"])
}

fn add_line() -> Operation {
    unavailable(
        Operation::new("POST", "/v1/carts/{id}/lines", "addLine")
            .titled(TAG, "Add a stay")
            .right("booking.edit")
            .once(Once::Optional)
            .path("id", id("crt"))
            .body(link("StayWish"), None)
            .answer(200, "The basket.", link("Cart"))
            .refuses(409, &["already_ordered", "hold_expired"]),
    )
}

fn remove_line() -> Operation {
    unavailable(
        Operation::new("DELETE", "/v1/carts/{id}/lines/{index}", "removeLine")
            .titled(TAG, "Take a stay out")
            .right("booking.edit")
            .once(Once::Optional)
            .path("id", id("crt"))
            .path("index", integer().at_least(0).about("Its place, from 0."))
            .answer(200, "The basket.", link("Cart"))
            .refuses(400, &["bad_request"])
            .refuses(409, &["already_ordered", "hold_expired"])
            .refuses(422, &["invalid_field"]),
    )
}

/// Who comes.
pub(crate) fn contact_body() -> Schema {
    let plain = |most| text().length(0, most).or_null();
    object([
        must("last_name", text().length(1, 80)),
        must("first_name", text().length(1, 80)),
        must("email", text().format("email").length(1, 254)),
        may("title", plain(400)),
        may("phone", any().about("A text; a number typed here may look like a card's.")),
        may("address", plain(300)),
        may("language", plain(400)),
        may("company", plain(300)),
        may("registration_number", any()),
    ])
}

fn contact() -> Operation {
    let example = json!({
        "last_name": "Roy", "first_name": "Anne", "email": "anne@example.org",
    });
    unavailable(
        Operation::new("PUT", "/v1/carts/{id}/contact", "saveContact")
            .titled(TAG, "Say who comes: this takes the nights")
            .right("booking.edit")
            .once(Once::Optional)
            .path("id", id("crt"))
            .body(contact_body(), example)
            .answer(200, "The basket with its hold.", link("Cart"))
            .refuses(409, &["already_ordered", "hold_lifetime_reached"]),
    )
}

fn pay() -> Operation {
    let body = object([
        may("typology", words(["deposit_balance", "full", "plain"]).or_null()),
        may("accept_price", minor().or_null().about("The new price, when it changed.")),
        may("return_url", text().length(0, 500).or_null()),
    ]);
    let to_pay =
        object([must("payment", id("pay")), must("url", text()), must("hold", link("Hold"))]);
    let booked = object([
        must("booking", id("bkg")),
        must("number", text()),
        must("state", words(BookingState::ALL.iter().map(|state| state.as_str()))),
    ]);
    unavailable(
        Operation::new("POST", "/v1/carts/{id}/pay", "payCart")
            .titled(TAG, "Pay, or confirm what costs nothing")
            .right("booking.edit")
            .once(Once::Required)
            .refuses(400, &["idempotency_key_invalid"])
            .path("id", id("crt"))
            .optional_body(body)
            .answer(200, "Where to pay, or the booking.", one_of([to_pay, booked]))
            .refuses(409, &["contact_missing", "price_changed", "already_ordered", "hold_expired"])
            .refuses(409, &["order_has_live_payment", "hold_lifetime_reached", "shop_not_open"])
            .refuses(422, &["return_url_not_allowed", "amount_below_minimum"])
            .refuses(422, &["payment_not_possible"]),
    )
}

fn wish() -> Schema {
    object([
        must("lodging", id("ldg")),
        must("formula", id("fml")),
        must("arrival", date()),
        must("departure", date()),
        must("guests", party()),
        may("kind", constant("stay")),
    ])
}

fn stay_line() -> Schema {
    quoted().plus([
        must("kind", constant("stay")),
        must("lodging", id("ldg")),
        must("formula", id("fml")),
        must("arrival", date()),
        must("departure", date()),
        must("guests", list(link("Guests"))),
        must("names", any().about("Lodging and formula as they were called.")),
    ])
}

fn contact_shape() -> Schema {
    let names = [
        "title",
        "last_name",
        "first_name",
        "email",
        "phone",
        "address",
        "language",
        "company",
        "registration_number",
    ];
    object(names.map(|name| must(name, text())))
}

fn cart() -> Schema {
    object([
        must("id", id("crt")),
        must("state", words(["open", "ordered"])),
        must("hold", link("Hold").or_null()),
        must("lines", list(link("StayLine"))),
        must("total", link("Money")),
        must("deposit", link("Money")),
        must("contact", link("Contact").or_null()),
        must("number", text().or_null()),
        must("payment", id("pay").or_null()),
        must("created_at", instant()),
    ])
}
