//! What the calls about a card's log take and give, for the description of the API.

use http::openapi::{
    Operation, Schema, boolean, constant, id, instant, integer, list, minor, must, object, text,
    words,
};

use crate::payment::describe::currency;

const TAG: &str = "Cards";

/// The operations.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![accesses(), receipts(), checkpoint(), entries(), inclusion(), consistency()]
}

fn access() -> Schema {
    let actor = object([
        must("kind", words(["payer", "vault", "program", "partner", "person"])),
        must("role", text().or_null()),
        must("initials", text().or_null()),
        must("name", text().or_null().about("Of a partner.")),
    ]);
    let amount = object([must("amount", minor()), must("currency", currency())]);
    object([
        must("seq", integer().about("Number of the entry in the log.")),
        must("at", instant()),
        must("event", text().example("card.revealed")),
        must("ok", boolean().about("Whether it was done, or refused.")),
        must("purpose", text()),
        must("actor", actor),
        must("origin", text().or_null().example("203.0.113.0/24")),
        must("amount", amount.or_null()),
        must("result", text().or_null().about("What the bank answered.")),
        must("salt", text().or_null().about("With `details` it opens the entry's commitment.")),
        must("details", text().or_null()),
    ])
}

fn accesses() -> Operation {
    let page = object([must("data", list(access())), must("next", constant(()))]);
    Operation::new("GET", "/v1/cards/{id}/accesses", "listCardAccesses")
        .titled(TAG, "Who saw a card, and what was done with it")
        .about("As its holder sees it; nothing can be hidden. A destroyed card is told of too.")
        .right("booking.view")
        .path("id", id("card"))
        .answer(200, "Oldest first.", page)
        .asks_vault()
}

fn receipt() -> Schema {
    let log = object([must("origin", text()), must("seq", integer())]);
    object([
        must("card", id("card")),
        must("what", words(["code", "number"])),
        must("because", text()),
        must("at", instant()),
        must("slot_sha256_before", text().or_null()),
        must("epoch", text().or_null()),
        must("log", log),
        must("level", words(["A", "B", "C"])),
        must("signature", text()),
    ])
}

fn receipts() -> Operation {
    let page = object([must("data", list(receipt())), must("next", constant(()))]);
    Operation::new("GET", "/v1/cards/{id}/receipts", "listCardReceipts")
        .titled(TAG, "Signed statements that a card's number or code was destroyed")
        .about("Each is checked without us: `guichet vault receipt verify FILE --key KEY`.")
        .right("booking.view")
        .path("id", id("card"))
        .answer(200, "Oldest first.", page)
        .asks_vault()
}

fn of_log(path: &'static str, name: &'static str, title: &'static str) -> Operation {
    Operation::new("GET", path, name)
        .titled(TAG, title)
        .right("booking.view")
        .path("merchant", id("mer"))
        .refuses(404, &["not_found"])
        .asks_vault()
}

fn checkpoint() -> Operation {
    let head = object([
        must("size", integer()),
        must("checkpoint", text().about("A signed note, C2SP `tlog-checkpoint`.")),
        must("key", text().about("`name+id+key`, C2SP `signed-note`.")),
        must("former", list(text()).about("Keys from before the vault was restored.")),
    ]);
    of_log("/v1/log/{merchant}/checkpoint", "getLogCheckpoint", "The signed head of the log")
        .answer(200, "As it is now.", head)
}

fn entries() -> Operation {
    let entry = object([
        must("seq", integer()),
        must("entry", text().about("The bytes that were hashed.")),
        must("salt", text().or_null()),
        must("details", text().or_null()),
    ]);
    let page = object([
        must("data", list(entry)),
        must("size", integer().about("Entries of the whole log.")),
        must("next", integer().or_null().about("`from` of the next page.")),
    ]);
    of_log("/v1/log/{merchant}/entries", "listLogEntries", "Entries of the log")
        .query("from", integer().at_least(0))
        .query("limit", integer().within(1, 1_000))
        .answer(200, "In order.", page)
        .refuses(422, &["invalid_field"])
}

fn inclusion() -> Operation {
    let proof = object([
        must("seq", integer()),
        must("tree_size", integer()),
        must("leaf_hash", text()),
        must("path", list(text())),
        must("checkpoint", text()),
    ]);
    let title = "The proof that an entry is in the log";
    of_log("/v1/log/{merchant}/proof/inclusion", "proveLogEntry", title)
        .query("seq", integer().at_least(0))
        .query("size", integer().at_least(1).about("Of the head that the proof leads to."))
        .answer(200, "RFC 6962.", proof)
        .refuses(422, &["invalid_field"])
}

fn consistency() -> Operation {
    let proof = object([
        must("old", integer()),
        must("new", integer()),
        must("path", list(text())),
        must("checkpoint", text()),
    ]);
    let title = "The proof that an older log is the beginning of this one";
    of_log("/v1/log/{merchant}/proof/consistency", "proveLogGrowth", title)
        .query("old", integer().at_least(1))
        .query("new", integer().at_least(1))
        .answer(200, "RFC 6962.", proof)
        .refuses(422, &["invalid_field"])
}
