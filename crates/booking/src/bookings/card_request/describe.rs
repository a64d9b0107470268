//! What the calls that ask a guest for a card take and give.

use http::openapi::{Once, Operation, Part, id, instant, list, may, must, object, text, words};

use super::{MOST_A_DAY, OPEN_DAYS};

const TAG: &str = "Cards";

/// The two calls.
#[must_use]
pub fn part() -> Part {
    let call = |path, name| {
        let channels = list(words(["email", "sms"]));
        let channels = channels.about("How the guest gets the link; `email` unless said.");
        Operation::new("POST", path, name)
            .right("card.request")
            .once(Once::Optional)
            .optional_body(object([may("channels", channels.or_null())]))
            .answer(201, "The link was sent; earlier ones of the booking end.", made())
            .refuses(409, &["operation_not_allowed", "storage_off"])
            .refuses(422, &["contact_missing", "invalid_field"])
            .refuses(429, &["link_limit"])
            .asks_vault()
    };
    let instead = call("/v1/cards/{id}/requests", "askForAnotherCard")
        .titled(TAG, "Ask the guest for another card")
        .path("id", id("card"));
    let first = call("/v1/bookings/{id}/card_requests", "askForCard")
        .titled(TAG, "Ask the guest of a booking for a card")
        .path("id", id("bkg"));
    Part { operations: vec![instead, first], schemas: Vec::new() }
}

fn made() -> http::openapi::Schema {
    let ends = format!("{OPEN_DAYS} days later; at most {MOST_A_DAY} requests in 24 hours.");
    object([
        must("id", id("crq")),
        must("url", text().about("The guest's own link, on the merchant's origin.")),
        must("expires_at", instant().about(&ends)),
    ])
}
