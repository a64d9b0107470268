//! What `/v1/notification_rules` takes and gives, for the description of the API.

use http::openapi::{
    Operation, Part, Schema, boolean, constant, id, integer, link, list, may, must, object, one_of,
    text, words,
};
use serde_json::json;

use super::api::{MAX_CHANNEL_CHARACTERS, MAX_RULES};
use super::{MAX_NAME_CHARACTERS, MAX_PATTERNS, PRESETS, SOURCES};
use crate::notifications::describe::TAG;

/// Rules: who is told of what.
#[must_use]
pub fn part() -> Part {
    let page = object([must("data", list(link("NotificationRule"))), must("next", constant(()))]);
    let all = Operation::new("GET", "/v1/notification_rules", "listNotificationRules")
        .titled(TAG, "List who is told of what")
        .about("Those that every shop starts with come first; their id is their name.")
        .right("notifications.manage")
        .answer(200, "All of the shop.", page);
    let remove = Operation::new("DELETE", "/v1/notification_rules/{id}", "deleteNotificationRule")
        .titled(TAG, "Remove a rule")
        .right("notifications.manage")
        .path("id", id("rul"))
        .empty(204, "It is removed.");
    let operations = vec![all, create(), change(), remove];
    Part { operations, schemas: vec![("NotificationRule", rule())] }
}

fn create() -> Operation {
    let body = object([
        must("events", events()),
        may("target", words(TARGETS).or_null()),
        may("endpoint", id("whe").or_null().about("For `webhook`: which.")),
        may(
            "address",
            text()
                .format("email")
                .or_null()
                .about("For `merchant_mail`: another address than the merchant's own."),
        ),
        may("phone", phone().or_null().about("For `sms`: the number that is told.")),
        may("condition", condition().or_null()),
        may("name", name().or_null()),
        may("shop", id("shop").or_null().about("The shop of the key; any other is a 404.")),
    ]);
    let example = json!({"events": ["payment.captured"], "target": "merchant_mail"});
    Operation::new("POST", "/v1/notification_rules", "createNotificationRule")
        .titled(TAG, "Have somebody told")
        .about(&format!("A shop has at most {MAX_RULES} rules."))
        .right("notifications.manage")
        .body(body, example)
        .answer(201, "The rule.", link("NotificationRule"))
        .refuses(404, &["not_found"])
        .refuses(409, &["too_many_rules"])
}

fn change() -> Operation {
    let body = object([
        may("name", name().or_null()),
        may("events", events().or_null()),
        may("condition", condition().or_null()),
        may("enabled", boolean().or_null()),
    ]);
    Operation::new("PATCH", "/v1/notification_rules/{id}", "changeNotificationRule")
        .titled(TAG, "Change a rule")
        .about("Of a rule that every shop starts with, only `enabled` is changed.")
        .right("notifications.manage")
        .path("id", one_of([presets(), id("rul")]))
        .body(body, json!({"enabled": false}))
        .answer(200, "The rule.", link("NotificationRule"))
}

/// Who may be told.
const TARGETS: [&str; 4] = ["webhook", "merchant_mail", "payer_mail", "sms"];

fn phone() -> Schema {
    text().length(9, 16)
}

fn presets() -> Schema {
    words(PRESETS.iter().map(|preset| preset.key))
}

fn name() -> Schema {
    text().length(0, MAX_NAME_CHARACTERS)
}

/// Kinds of events, families (`payment.*`) or everything (`*`).
pub(in crate::notifications) fn events() -> Schema {
    let about = "Kinds (`payment.captured`), families (`payment.*`) or everything (`*`).";
    list(text()).count(1, MAX_PATTERNS).about(about)
}

/// What else must be true of an event.
pub(in crate::notifications) fn condition() -> Schema {
    object([
        may("source", list(words(SOURCES)).about("Through which door the change came.")),
        may("channel", list(text().length(0, MAX_CHANNEL_CHARACTERS))),
        may("amount_from", integer().about("Least amount, in the smallest unit.")),
    ])
}

fn rule() -> Schema {
    object([
        must("id", one_of([presets(), id("rul")])),
        must("object", constant("notification_rule")),
        must("preset", presets().or_null()),
        must("name", text()),
        must("events", list(text())),
        must("condition", condition()),
        must("target", words(TARGETS)),
        must("endpoint", id("whe").or_null()),
        must("address", text().or_null()),
        must("phone", phone().or_null()),
        must("enabled", boolean()),
    ])
}
