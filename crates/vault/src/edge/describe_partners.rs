//! What the vault's origin offers to partners, for the description of the API.

use http::openapi::{
    Operation, Part, Schema, date, id, instant, integer, link, list, may, must, object, text, words,
};
use serde_json::json;
use vault_wire::{PartnerScope, PartnerState};

pub(super) const TAG: &str = "Partners";

const STATES: [PartnerState; 7] = [
    PartnerState::Submitted,
    PartnerState::InReview,
    PartnerState::Approved,
    PartnerState::Active,
    PartnerState::Suspended,
    PartnerState::Revoked,
    PartnerState::Refused,
];

pub(super) fn part() -> Part {
    let schemas = vec![("PartnerApplication", application()), ("Partner", partner())];
    Part { operations: vec![apply(), show(), networks()], schemas }
}

/// A call of a partner: what its door may answer beside the call's own refusals.
pub(super) fn by_partner(operation: Operation) -> Operation {
    operation
        .refuses(403, &["scope_missing", "not_granted", "partner_suspended"])
        .refuses(429, &["quota"])
}

fn apply() -> Operation {
    let example = json!({
        "company": "Example PMS", "siren": "732829320",
        "security_contact": {"name": "A. Roy", "email": "security@pms.example", "phone": "+33241501234"},
        "technical_contact": {"name": "B. Roy", "email": "api@pms.example", "phone": "+33241501235"},
        "purpose": "Hotels charge no-shows from our planning.",
        "scopes": ["cards.write", "cards.read"],
        "volumes": {"cards_stored": 500, "reveals": 100, "debits": 100},
        "ips": ["203.0.113.7/32"], "frame_origins": ["https://pms.example"],
        "evidence": {"kind": "saq", "level": "SAQ D", "until": "2027-03-31"},
    });
    let answer = object([
        must("id", id("ptn")),
        must("status", words(["submitted"])),
        must("test_key", text().about("This once. It works on test shops that grant it.")),
        must("test_key_expires_at", instant()),
    ]);
    Operation::new("POST", "/v1/partner_applications", "applyAsPartner")
        .titled(TAG, "Apply as a partner")
        .about(
            "For software vendors; the operator answers within five working days. The test key \
             works at once, from the networks of the application. Five applications of one \
             address in an hour.",
        )
        .open()
        .body(link("PartnerApplication"), example)
        .answer(201, "The application is in.", answer)
        .refuses(400, &["json_invalid", "duplicate_key"])
        .refuses(403, &["forbidden"])
        .refuses(409, &["application_too_soon"])
        .refuses(422, &["invalid_field", "unknown_field"])
        .refuses(429, &["quota"])
}

fn show() -> Operation {
    Operation::new("GET", "/v1/partners/{id}", "getPartner")
        .titled(TAG, "Where a partner stands")
        .about("With one of his own keys.")
        .path("id", id("ptn"))
        .answer(200, "The partner.", link("Partner"))
}

fn networks() -> Operation {
    let wish = object([must("ips", list(text()).count(1, 32))]);
    Operation::new("PUT", "/v1/partners/{id}/ips", "changePartnerNetworks")
        .titled(TAG, "Change the networks that keys are used from")
        .about(
            "Networks that are left out stop at once; new ones wait until the security contact \
             has confirmed them to the operator.",
        )
        .path("id", id("ptn"))
        .body(wish, json!({"ips": ["203.0.113.7/32"]}))
        .answer(202, "The networks that count, and those that wait.", link("Partner"))
        .refuses(400, &["json_invalid", "duplicate_key"])
        .refuses(422, &["invalid_field", "unknown_field"])
}

fn scopes() -> Schema {
    list(words(PartnerScope::ALL.iter().map(|scope| scope.as_str())))
}

fn application() -> Schema {
    let contact = || object([must("name", text()), must("email", text()), must("phone", text())]);
    let volumes = object(
        ["cards_stored", "reveals", "debits"]
            .map(|name| must(name, integer().at_least(0).about("A month."))),
    );
    let evidence = object([
        must("kind", words(["aoc", "saq"])),
        must("level", text()),
        must("until", date().about("At most twelve months ahead.")),
    ]);
    object([
        must("company", text().length(1, 128)),
        may("siren", text().or_null()),
        may("vat", text().or_null()),
        must("security_contact", contact()),
        must("technical_contact", contact()),
        must("purpose", text().length(20, 1_000)),
        must("scopes", scopes()),
        must("volumes", volumes),
        must("ips", list(text()).count(1, 32)),
        may("frame_origins", list(text()).count(0, 10)),
        must("evidence", evidence),
    ])
}

fn partner() -> Schema {
    let quotas = [
        "cards_per_minute",
        "links_per_minute",
        "links_per_day",
        "relay_per_minute",
        "proxy_per_minute",
        "in_flight",
    ];
    let key = object([
        must("id", text()),
        must("mode", words(["live", "test"])),
        must("created_at", instant()),
        must("expires_at", instant()),
        must("ended_at", instant().or_null()),
    ]);
    object([
        must("id", id("ptn")),
        must("status", words(STATES.iter().map(|state| state.as_str()))),
        must("application", link("PartnerApplication")),
        must("quotas", object(quotas.map(|name| must(name, integer())))),
        must("ips", list(text())),
        must("ips_waiting", list(text())),
        must("keys", list(key)),
        must("because", text().or_null()),
        must("submitted_at", instant()),
        must("decided_at", instant().or_null()),
    ])
}
