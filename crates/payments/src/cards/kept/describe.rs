//! What the calls about kept cards take and give, for the description of the API.

use http::openapi::{
    Operation, boolean, date, id, instant, integer, link, list, may, must, object, text, words,
};
use serde_json::json;
use vault_wire::Brand;

use super::api::{STATES, VERIFICATIONS};
use super::{MOST_CARDS, USUAL_CARDS};

const TAG: &str = "Cards";

/// The operations.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![all(), change(), attach()]
}

fn all() -> Operation {
    let page = object([
        must("data", list(link("Card"))),
        must("next", id("card").or_null().about("`cursor` of the next page.")),
    ]);
    let limit = integer().within(1, i64::from(MOST_CARDS)).usually(USUAL_CARDS);
    Operation::new("GET", "/v1/cards", "listCards")
        .titled(TAG, "List the kept cards of the shop")
        .about(
            "Newest first, without their numbers. Cards of a single payment are not kept and not \
             listed; destroyed ones only with `state=purged`. With `verification` or `virtual` a \
             page may have fewer than `limit` cards and still a `next`.",
        )
        .right("card.view")
        .query("shop", id("shop").about("The key's own."))
        .query("booking", text().about("Its id, its number, or a channel's reference."))
        .query("customer", text())
        .query("fingerprint", text().about("Same number, same merchant."))
        .query("state", words(STATES.map(|(word, _)| word)))
        .query("verification", words(VERIFICATIONS))
        .query("virtual", boolean())
        .query("expires_before", date().about("Its expiry month is over before this day."))
        .query("limit", limit)
        .query("cursor", id("card"))
        .answer(200, "The cards.", page)
        .refuses(404, &["not_found"])
        .refuses(422, &["invalid_field"])
        .refuses(503, &["vault_unavailable", "vault_sealed"])
}

fn change() -> Operation {
    let brands = words(Brand::ALL.iter().map(|brand| brand.as_str()));
    let reason = text().length(3, 200).about("Needed with `suspended`; the guest can read it.");
    let body = object([
        may("preferred_brand", brands.or_null().about("A scheme that the card carries.")),
        may("suspended", boolean().or_null().about("Nobody charges or sees a blocked card.")),
        may("reason", reason.or_null()),
        may("purge_at", instant().or_null().about("Earlier than planned; needs card.retention.")),
    ]);
    let example = json!({"suspended": true, "reason": "The guest says it is not his card"});
    Operation::new("PATCH", "/v1/cards/{id}", "changeCard")
        .titled(TAG, "Block a kept card, choose its scheme, or end it earlier")
        .about("`If-Match` with the card's `ETag` is optional. What is not said stays.")
        .right("card.use")
        .path("id", id("card"))
        .body(body, example)
        .answer(200, "As it stands now.", link("Card"))
        .refuses(409, &["card_not_kept"])
        .refuses(410, &["card_terminated"])
        .refuses(412, &["precondition_failed"])
        .refuses(422, &["reason_too_short", "until_too_far"])
        .refuses(503, &["vault_unavailable", "vault_sealed"])
}

fn attach() -> Operation {
    let name = text().length(1, 100).about("Its id or its number.");
    Operation::new("POST", "/v1/cards/{id}/attach", "attachCard")
        .titled(TAG, "Give a card that waits to its booking")
        .about("It stays as long as the stay asks for. The same once more changes nothing.")
        .right("card.use")
        .path("id", id("card"))
        .body(object([must("booking", name)]), json!({"booking": "HOP-2026-118"}))
        .answer(200, "The card.", link("Card"))
        .refuses(409, &["card_in_use", "card_not_kept"])
        .refuses(410, &["card_terminated"])
        .refuses(503, &["vault_unavailable", "vault_sealed"])
}
