//! What `/v1/events` gives, for the description of the API.

use http::openapi::{
    Operation, Part, Schema, any, constant, id, instant, integer, link, list, must, object, text,
    words,
};

use super::api::{MAX_PAGE_EVENTS, PAGE_EVENTS};
use crate::notifications::describe::TAG;
use crate::notifications::kinds;
use crate::notifications::rules::SOURCES;

/// Events as they are told.
#[must_use]
pub fn part() -> Part {
    let page = object([
        must("data", list(link("Event"))),
        must("next", id("evt").or_null().about("The cursor of the next page; null on the last.")),
    ]);
    let most = i64::from(MAX_PAGE_EVENTS);
    let all = Operation::new("GET", "/v1/events", "listEvents")
        .titled(TAG, "List what happened, latest first")
        .right("payments.read")
        .about(
            "`card.revealed`, `reveal.refused` and `pin.locked` stand there for callers with the \
             right `card.view` or `audit.read`; without it a page may be shorter than its limit.",
        )
        .query("limit", integer().within(1, most).usually(PAGE_EVENTS))
        .query("cursor", id("evt").about("`next` of the page before."))
        .answer(200, "One page.", page)
        .refuses(422, &["invalid_field"]);
    let show = Operation::new("GET", "/v1/events/{id}", "getEvent")
        .titled(TAG, "Read an event")
        .right("payments.read")
        .path("id", id("evt"))
        .answer(200, "The event.", link("Event"));
    Part { operations: vec![all, show], schemas: vec![("Event", event())] }
}

fn event() -> Schema {
    let kinds = format!("A stable word; new ones may come: {}.", kinds::ALL.join(", "));
    object([
        must("id", id("evt")),
        must("object", constant("event")),
        must("type", text().about(&kinds).example("payment.captured")),
        must("timestamp", instant().about("By the shop's clock.")),
        must("shop", id("shop")),
        must("mode", words(["test", "live"])),
        must("source", words(SOURCES).or_null().about("Through which door the change came.")),
        must("data", any().about("The object as after the change.")),
    ])
}
