//! What the vault's origin offers to partners, for the description of the API.

use http::openapi::{
    Operation, Part, Schema, boolean, date, id, instant, integer, link, list, may, must, object,
    text, words,
};
use serde_json::json;
use vault_wire::{PartnerScope, PartnerState};

pub(super) const TAG: &str = "Partners";

const LINK_STATES: [&str; 8] = [
    "created",
    "awaiting_approval",
    "opened",
    "unlocked",
    "closed",
    "refused",
    "expired",
    "cancelled",
];
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
    Part { operations: [vec![apply(), show(), networks()], people(), links()].concat(), schemas }
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

fn pin() -> Schema {
    words(["none", "invited", "active", "locked", "blocked", "revoked"])
}

fn people() -> Vec<Operation> {
    let wish = object([
        must("shop", id("shop")),
        must("external_ref", text().length(1, 64).about("Your name for the person.")),
        must("name", text().length(1, 64)),
        must("email", text()),
        must("phone", text()),
        may("lang", text().or_null()),
    ]);
    let example = json!({
        "shop": "shop_01k9zzzzzzzzzzzzzzzzzzzzzz", "external_ref": "u-17", "name": "Claire D.",
        "email": "claire@hotel.example", "phone": "+33612345678", "lang": "fr",
    });
    let told = || object([must("id", id("vwr")), must("pin", pin())]);
    let whole = object([
        must("id", id("vwr")),
        must("pin", pin()),
        must("locked_until", instant().or_null()),
        must("confirmed", boolean().about("Somebody of the property vouches for him.")),
        must("last_reveal", instant().or_null()),
    ]);
    let add = Operation::new("POST", "/v1/viewers", "addViewer")
        .titled(TAG, "Enrol a person who may see cards")
        .about(
            "A link goes out by e-mail and a code by text message; the person chooses a PIN and \
             connects an authenticator. Somebody of the property then vouches for him.",
        )
        .body(wish, example)
        .answer(201, "Link and code are sent.", told())
        .refuses(400, &["json_invalid", "duplicate_key"])
        .refuses(403, &["pin_locked"])
        .refuses(404, &["not_found"])
        .refuses(422, &["invalid_field", "unknown_field", "contact_missing"]);
    let show = Operation::new("GET", "/v1/viewers/{id}", "getViewer")
        .titled(TAG, "Where a person's PIN stands")
        .path("id", id("vwr"))
        .answer(200, "The person.", whole);
    let enrol = Operation::new("POST", "/v1/viewers/{id}/enrolment", "enrolViewer")
        .titled(TAG, "Send link and code anew")
        .path("id", id("vwr"))
        .answer(202, "They are sent, unless they were within a minute.", told())
        .refuses(403, &["pin_locked"]);
    let revoke = Operation::new("DELETE", "/v1/viewers/{id}", "revokeViewer")
        .titled(TAG, "Take a person's right to see cards away")
        .path("id", id("vwr"))
        .empty(204, "At once.");
    [add, show, enrol, revoke].map(by_partner).to_vec()
}

fn links() -> Vec<Operation> {
    let wish = object([
        must("viewer", id("vwr")),
        must("purpose", words(["guarantee", "terminal", "dispute", "check_in", "other"])),
        may("frame_origin", text().or_null().about("One of the application's frame origins.")),
        may("client_ip", text().or_null()),
        may("lang", text().or_null()),
        may("return_url", text().or_null()),
    ]);
    let example = json!({
        "viewer": "vwr_01k9zzzzzzzzzzzzzzzzzzzzzz", "purpose": "guarantee",
        "frame_origin": "https://pms.example", "lang": "fr",
    });
    let made = object([
        must("id", id("rvl")),
        must("url", text().about("For the person's own browser, once, within two minutes.")),
        must("expires_at", instant()),
        must("status", words(["created", "awaiting_approval"])),
    ]);
    let told = object([
        must("id", id("rvl")),
        must("status", words(LINK_STATES)),
        must("created_at", instant()),
        must("opened_at", instant().or_null()),
        must("unlocked_at", instant().or_null()),
    ]);
    let create = Operation::new("POST", "/v1/cards/{id}/reveal_links", "createRevealLink")
        .titled(TAG, "Let a person see a card, once")
        .path("id", id("card"))
        .body(wish, example)
        .answer(201, "The link.", made.clone())
        .answer(202, "The link; its page waits until a second person agrees.", made)
        .refuses(400, &["json_invalid", "duplicate_key"])
        .refuses(403, &["pin_not_set", "pin_locked", "pin_blocked", "awaiting_approval"])
        .refuses(403, &["pin_disabled", "approval_refused"])
        .refuses(403, &["reveals_blocked", "outside_hours"])
        .refuses(410, &["gone"])
        .refuses(422, &["invalid_field", "unknown_field", "frame_origin_not_registered"])
        .refuses(422, &["return_url_not_registered"])
        .refuses(429, &["reveal_limit"]);
    let show = Operation::new("GET", "/v1/reveal_links/{id}", "getRevealLink")
        .titled(TAG, "Where a link stands")
        .path("id", id("rvl"))
        .answer(200, "The link.", told);
    let cancel = Operation::new("DELETE", "/v1/reveal_links/{id}", "cancelRevealLink")
        .titled(TAG, "End a link that nobody has looked through")
        .path("id", id("rvl"))
        .empty(204, "It is over.");
    [create, show, cancel].map(by_partner).to_vec()
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
