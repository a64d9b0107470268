//! What the vault's origin offers to sales channels, for the description of the API.

use http::openapi::{Operation, Part, id, may, must, object, text, words};
use serde_json::json;

use super::describe_partners::by_partner;

pub(super) const TAG: &str = "Messages";

const ABOUT: &str = "The profile says where the message carries numbers, expiries, codes and \
    references. Each card is stored, its token stands in place of the number, the code is taken out, \
    and everything else goes on byte for byte to the address of the profile; what is said there is \
    the answer. The same number under the same reference is the same card, so a message may be sent \
    again after 502 or 504. At most 5 MiB and 200 cards.";

pub(super) fn part() -> Part {
    let by_header = Operation::new("POST", "/v1/in/{id}", "passMessage")
        .titled(TAG, "Pass a message of a sales channel")
        .path("id", id("prf"));
    let by_address = Operation::new("POST", "/v1/in/{id}/{key}", "passMessageByAddress")
        .titled(TAG, "Pass a message, with the key in the address")
        .open()
        .path("id", id("prf"))
        .path("key", text())
        .refuses(401, &["unauthorized"])
        .refuses(403, &["ip_not_allowed"])
        .refuses(429, &["quota"]);
    let operations = vec![by_partner(common(by_header)), common(by_address), pull()];
    Part { operations, schemas: Vec::new() }
}

fn pull() -> Operation {
    let question = object([
        must("path", text()),
        may("query", text().or_null()),
        must("method", words(["GET", "POST", "PUT", "DELETE"])),
        may("body", text().or_null()),
    ]);
    let example = json!({"path": "/reservations", "query": "since=2026-07-01", "method": "GET"});
    let question = by_partner(Operation::new("POST", "/v1/out/{id}", "askChannel"))
        .titled(TAG, "Ask a sales channel, and be answered with tokens")
        .about("The question goes to the host of the profile; what comes back is read as a message is.")
        .path("id", id("prf"))
        .body(question, example)
        .empty(200, "What the channel said, whatever its status below 500.")
        .refuses(400, &["json_invalid", "duplicate_key"])
        .refuses(422, &["unknown_field"]);
    carries_cards(question)
}

fn common(operation: Operation) -> Operation {
    let message = operation
        .about(ABOUT)
        .file("application/octet-stream", text())
        .empty(200, "What the property's program said, whatever its status below 500.")
        .refuses(400, &["document_invalid"]);
    carries_cards(message)
}

/// Something with cards comes by it and goes on.
fn carries_cards(operation: Operation) -> Operation {
    operation
        .refuses(413, &["body_too_large", "too_many_cards"])
        .refuses(422, &["unmapped_number", "unmapped_code"])
        .refuses(502, &["relay_not_sent", "relay_bad_answer"])
        .refuses(504, &["relay_unknown"])
}
