//! What `/v1/payments/{id}/authentication_links` takes and gives.

use http::openapi::{
    Once, Operation, Part, Schema, boolean, constant, id, instant, integer, link, list, may, minor,
    must, object, text, words,
};
use serde_json::json;

use super::{LEAST_SECONDS, MAX_TRIES, MOST_A_DAY, MOST_SECONDS, REMINDER_HOURS, USUAL_SECONDS};
use crate::payment::describe::{TAG, currency};

const PATH: &str = "/v1/payments/{id}/authentication_links";

/// The routes of authentication links.
#[must_use]
pub fn part() -> Part {
    Part { operations: vec![create(), all()], schemas: vec![("AuthenticationLink", shape())] }
}

fn create() -> Operation {
    let card = id("card").or_null();
    let card = card.about("The card to be confirmed; that of the last try, or kept, unless said.");
    let ways = list(words(["email", "sms"])).count(1, 2).or_null();
    let lasts = integer().within(LEAST_SECONDS, MOST_SECONDS).usually(USUAL_SECONDS).or_null();
    let then = words(["authorise"]).usually("authorise").or_null();
    let other = boolean().usually(true).or_null();
    let body = object([
        may("channels", ways.about("How the link travels; `email` unless said.")),
        may("expires_in", lasts.about("How long it leads anywhere, in seconds.")),
        may(
            "then",
            then.about("The amount is authorised as soon as the bank has proven the holder."),
        ),
        may("may_replace_card", other.about("Whether the payer may choose another card.")),
        may("card", card),
    ]);
    let about = format!(
        "The payer gets a link to a page that shows the amount and the card, and from there to his \
         bank; neither number nor code is asked for. It is sent once more {REMINDER_HOURS} hours \
         before its end and leads nowhere after {MAX_TRIES} refused tries. The payment waits as \
         `action_required`; when the bank has accepted, later charges without the payer can name \
         it. At most {MOST_A_DAY} links in 24 hours; each ends the one before."
    );
    let url =
        text().or_null().about("The payer's own link; null when an earlier call of this key died.");
    let example = json!({"channels": ["email", "sms"], "expires_in": 259_200});
    Operation::new("POST", PATH, "createAuthenticationLink")
        .titled(TAG, "Ask an absent payer to authenticate")
        .about(&about)
        .right("card.use")
        .once(Once::Required)
        .path("id", id("pay"))
        .body(body, example)
        .answer(201, "The link was sent.", shape().plus([must("url", url)]))
        .refuses(
            409,
            &[
                "card_suspended",
                "operation_not_allowed",
                "order_has_live_payment",
                "result_unknown",
            ],
        )
        .refuses(
            422,
            &[
                "card_expired",
                "card_terminated",
                "card_unknown",
                "contact_missing",
                "invalid_field",
                "method_not_available",
            ],
        )
        .refuses(429, &["link_limit"])
        .asks_vault()
}

fn all() -> Operation {
    let next = constant(serde_json::Value::Null);
    let page = object([must("data", list(link("AuthenticationLink"))), must("next", next)]);
    Operation::new("GET", PATH, "listAuthenticationLinks")
        .titled(TAG, "List the authentication links of a payment, latest first")
        .right("payments.read")
        .path("id", id("pay"))
        .answer(200, "All of them.", page)
}

fn shape() -> Schema {
    let states = ["sent", "opened", "authenticated", "done", "failed", "expired", "cancelled"];
    let agreed = object([
        must("at", instant()),
        must("from", text().about("The address of the payer's browser.")),
        must("text_sha256", text().about("SHA-256 of the sentence that he read, in hexadecimal.")),
    ]);
    object([
        must("id", id("atl")),
        must("object", constant("authentication_link")),
        must("payment", id("pay")),
        must("status", words(states)),
        must("amount", minor()),
        must("currency", currency()),
        must("card", id("card").about("The card that the payer is asked about.")),
        must("channels", list(words(["email", "sms"]))),
        must("then", constant("authorise")),
        must("may_replace_card", boolean()),
        must("created_at", instant()),
        must("expires_at", instant()),
        must("opened_at", instant().or_null()),
        must("agreed", agreed.or_null().about("What the payer agreed to last, as proof.")),
        must("reminded_at", instant().or_null()),
        must("ended_at", instant().or_null()),
    ])
}
