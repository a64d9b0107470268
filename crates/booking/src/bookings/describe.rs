//! What `/v1/bookings` takes and gives, for the description of the API.

use http::openapi::{
    Once, Operation, Part, Schema, boolean, date, id, instant, integer, link, list, may, must,
    no_card, object, one_of, text, words,
};

use super::api::{LIST_SIZE, MAX_LIST_SIZE};
use super::model::{BookingState, Provenance};
use super::{creating, outside};

const TAG: &str = "Bookings";

/// Bookings as they stand.
#[must_use]
pub fn part() -> Part {
    let page = object([
        must("data", list(link("BookingShort"))),
        must("next", id("bkg").or_null().about("The cursor of the next page; null on the last.")),
    ]);
    let all = Operation::new("GET", "/v1/bookings", "listBookings")
        .titled(TAG, "List bookings")
        .right("booking.view")
        .query("state", states())
        .query("q", text().about("Number, name or e-mail address."))
        .query("arrival", date().about("Arrives that day."))
        .query("departure", date().about("Leaves that day."))
        .query("limit", integer().within(1, MAX_LIST_SIZE.into()).usually(LIST_SIZE))
        .query("cursor", id("bkg").about("`next` of the page before."))
        .answer(200, "One page.", page)
        .refuses(404, &["not_found"])
        .refuses(422, &["invalid_field"]);
    let show = Operation::new("GET", "/v1/bookings/{id}", "getBooking")
        .titled(TAG, "Read a booking")
        .right("booking.view")
        .path("id", id("bkg"))
        .answer(200, "The booking.", link("Booking"));
    let body = object([may("reason", text().length(0, 500).or_null())]);
    let cancel = Operation::new("POST", "/v1/bookings/{id}/cancel", "cancelBooking")
        .titled(TAG, "Cancel a booking; money is given back apart")
        .right("booking.cancel")
        .once(Once::Optional)
        .path("id", id("bkg"))
        .optional_body(body)
        .answer(200, "The booking, cancelled.", link("Booking"))
        .refuses(409, &["illegal_transition", "past_booking"]);
    let booking = short().plus([
        must("lines", list(link("StayLine"))),
        must("paid", link("Money")),
        must("due", link("Money")),
        must("payments", list(id("pay"))),
        must("documents", list(text())),
        must("recorded_transactions", list(link("RecordedTransaction"))),
        may("card", card().or_null()),
        may("cards", list(link("Card")).or_null().about("All that are left, newest first.")),
    ]);
    let recorded = outside::describe::schema();
    let schemas =
        vec![("BookingShort", short()), ("Booking", booking), ("RecordedTransaction", recorded)];
    let record = outside::describe::record(TAG);
    let create = creating::describe::create(TAG);
    Part { operations: vec![create, all, show, cancel, record], schemas }
}

/// The card that counts, or why there is none.
fn card() -> Schema {
    one_of([link("Card"), no_card()]).about(
        "The newest card that is left, or why there is none; null while the vault does not answer. \
         Read of one booking alone.",
    )
}

fn states() -> Schema {
    words(BookingState::ALL.iter().map(|state| state.as_str()))
}

fn short() -> Schema {
    object([
        must("id", id("bkg")),
        must("number", text()),
        must("reference", text().or_null().about("What the program that sent it calls it.")),
        must("state", states()),
        must("firm", boolean().about("Whether the nights are sold.")),
        must("provenance", words(Provenance::ALL.map(Provenance::as_str))),
        must("starts", date()),
        must("ends", date()),
        must("total", link("Money")),
        must("contact", link("Contact").or_null()),
        must("version", integer()),
        must("created_at", instant()),
    ])
}
