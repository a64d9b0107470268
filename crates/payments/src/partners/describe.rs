//! What the routes of partners take and give, for the description of the API.

use http::openapi::{
    Operation, Part, Schema, boolean, id, instant, integer, list, may, must, object, text, words,
};
use serde_json::json;
use vault_wire::{PartnerRefusal, PartnerScope};

const TAG: &str = "Cards";
const STATES: [&str; 7] =
    ["submitted", "in_review", "approved", "active", "suspended", "revoked", "refused"];

/// The operations.
#[must_use]
pub fn part() -> Part {
    Part { operations: vec![listed(), give(), withdraw(), decide()], schemas: Vec::new() }
}

fn scopes() -> Schema {
    list(words(PartnerScope::ALL.iter().map(|scope| scope.as_str())))
}

fn grant() -> Schema {
    object([
        must("partner", id("ptn")),
        must("company", text()),
        must("status", words(STATES)),
        must("scopes", scopes()),
        must("wanted", scopes()),
        must("since", instant()),
        must("given_by", text()),
        must("last_used_at", instant().or_null()),
    ])
}

fn listed() -> Operation {
    let answer = object([must("data", list(grant())), must("next", text().or_null())]);
    Operation::new("GET", "/v1/shops/{shop}/partner_grants", "listPartnerGrants")
        .titled(TAG, "List what a property grants software vendors")
        .right("card.settings")
        .path("shop", id("shop"))
        .answer(200, "The grants, oldest first.", answer)
        .asks_vault()
}

fn give() -> Operation {
    let body = object([must("scopes", scopes().count(1, 8))]);
    Operation::new("PUT", "/v1/shops/{shop}/partner_grants/{id}", "grantPartner")
        .titled(TAG, "Grant a software vendor what he may do with the property's cards")
        .about("Scopes that he did not apply for are refused. Once more changes what is granted.")
        .right("card.settings")
        .path("shop", id("shop"))
        .path("id", id("ptn"))
        .body(body, json!({"scopes": ["cards.write", "cards.read"]}))
        .answer(200, "The grant.", grant())
        .refuses(400, &["malformed_json"])
        .refuses(422, &["invalid_field"])
        .asks_vault()
}

fn withdraw() -> Operation {
    Operation::new("DELETE", "/v1/shops/{shop}/partner_grants/{id}", "withdrawPartnerGrant")
        .titled(TAG, "Take a grant back, at once")
        .right("card.settings")
        .path("shop", id("shop"))
        .path("id", id("ptn"))
        .empty(204, "It is taken back; the property's cards no longer exist for the partner.")
        .asks_vault()
}

fn decide() -> Operation {
    let quotas = [
        "cards_per_minute",
        "links_per_minute",
        "links_per_day",
        "relay_per_minute",
        "proxy_per_minute",
        "in_flight",
    ];
    let quotas = || object(quotas.map(|name| must(name, integer().at_least(0))));
    let body = object([
        must("approve", boolean()),
        may("code", words(PartnerRefusal::ALL.iter().map(|code| code.as_str())).or_null()),
        may("quotas", quotas().or_null()),
    ]);
    let key = object([
        must("id", text()),
        must("mode", words(["live", "test"])),
        must("created_at", instant()),
        must("expires_at", instant()),
        must("ended_at", instant().or_null()),
    ]);
    let partner = object([
        must("id", id("ptn")),
        must("status", words(STATES)),
        must("application", object([]).with("additionalProperties", true)),
        must("quotas", quotas()),
        must("ips", list(text())),
        must("ips_waiting", list(text())),
        must("keys", list(key)),
        must("because", text().or_null()),
        must("submitted_at", instant()),
        must("decided_at", instant().or_null()),
    ]);
    Operation::new("POST", "/v1/partner_applications/{id}/decision", "decidePartnerApplication")
        .titled(TAG, "Decide about a software vendor's application")
        .about("A refusal says why; a new application may come after 30 days.")
        .right("vault.operator")
        .path("id", id("ptn"))
        .body(body, json!({"approve": true}))
        .answer(200, "The partner.", partner)
        .refuses(400, &["malformed_json"])
        .refuses(409, &["partner_state"])
        .refuses(422, &["invalid_field", "ip_reserved"])
        .asks_vault()
}
