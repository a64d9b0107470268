//! What `/v1/test/clock` takes and gives, for the description of the API.

use http::openapi::{
    Operation, Part, Schema, constant, id, instant, link, list, may, must, object, text, words,
};
use serde_json::json;

const TAG: &str = "Test";

/// The clock of a test shop.
#[must_use]
pub fn part() -> Part {
    let show = Operation::new("GET", "/v1/test/clock", "getClock")
        .titled(TAG, "What time it is in a test shop")
        .query("shop", id("shop").about("The shop of the key; any other is a 404."))
        .answer(200, "The clock.", link("Clock"))
        .refuses(404, &["not_found"])
        .refuses(422, &["invalid_field"]);
    let body = object([
        may("shop", id("shop")),
        may("to", instant().about("Sets the clock and freezes it.")),
        may("by", text().about("Moves it by a span (ISO 8601).").example("PT36H")),
        may("follow", constant("real").about("Lets it run with real time again.")),
    ]);
    let turn = Operation::new("POST", "/v1/test/clock", "turnClock")
        .titled(TAG, "Move the clock; what falls due on the way runs before the answer")
        .about("Exactly one of `to`, `by` and `follow`. Forward only, at most 400 days.")
        .right("clock.move")
        .body(body.about("One of `to`, `by`, `follow`."), json!({"by": "P1D"}))
        .answer(200, "The clock, and which jobs ran.", link("MovedClock"))
        .refuses(404, &["not_found"])
        .refuses(422, &["clock_backward"]);
    let ran = object([
        must("kind", text().about("Names the handler.").example("payments.capture_due")),
        must("at", instant().about("When it was due.")),
    ]);
    let moved = clock().plus([must("ran", list(ran).about("The jobs, in their order."))]);
    Part { operations: vec![show, turn], schemas: vec![("Clock", clock()), ("MovedClock", moved)] }
}

fn clock() -> Schema {
    object([
        must("shop", id("shop")),
        must("now", instant()),
        must("runs", words(["frozen", "real", "follows"])),
    ])
}
