//! What `/v1/webhook_endpoints` and `/v1/webhook_deliveries` take and give, for the description of
//! the API.

use http::openapi::{
    Operation, Part, Schema, constant, id, instant, integer, link, list, may, must, object, text,
    words,
};
use http::outside::MAX_URL_CHARACTERS;
use serde_json::json;

use super::deliveries::State as DeliveryState;
use super::endpoints::{Format, MAX_DESCRIPTION_CHARACTERS, MAX_ENDPOINTS, ROTATION_HOURS, State};
use super::rules::describe::{condition, events};

pub(super) const TAG: &str = "Notifications";

/// Endpoints and the messages to them.
#[must_use]
pub fn part() -> Part {
    let operations =
        vec![all(), create(), show(), change(), remove(), rotate(), test(), replay(), sent()];
    let operations = operations.into_iter().chain([delivery(), resend()]).collect();
    let schemas = vec![
        ("WebhookEndpoint", endpoint()),
        ("WebhookEndpointMade", endpoint().plus([must("secret", secret())])),
        ("WebhookDelivery", message()),
    ];
    Part { operations, schemas }
}

fn all() -> Operation {
    let page = object([must("data", list(link("WebhookEndpoint"))), must("next", constant(()))]);
    Operation::new("GET", "/v1/webhook_endpoints", "listWebhookEndpoints")
        .titled(TAG, "List the addresses that are told")
        .right("notifications.manage")
        .answer(200, "All of the shop.", page)
}

fn create() -> Operation {
    let body = object([
        must("url", url()),
        must("events", events()),
        may("condition", condition().or_null()),
        may("description", description().or_null()),
        may("format", format().or_null()),
        may("shop", id("shop").or_null().about("The shop of the key; any other is a 404.")),
    ]);
    let about = format!(
        "Messages follow Standard Webhooks 1.0.0. The secret is shown in this answer only. A shop \
         has at most {MAX_ENDPOINTS} endpoints."
    );
    Operation::new("POST", "/v1/webhook_endpoints", "createWebhookEndpoint")
        .titled(TAG, "Have a program told")
        .about(&about)
        .right("notifications.manage")
        .leads_to(&["getWebhookEndpoint", "listWebhookDeliveries", "deleteWebhookEndpoint"])
        .body(body, json!({"url": "https://example.org/hooks", "events": ["*"]}))
        .answer(201, "The endpoint with its secret.", link("WebhookEndpointMade"))
        .refuses(404, &["not_found"])
        .refuses(409, &["too_many_endpoints"])
        .refuses(422, &["private_address"])
}

fn on_endpoint(method: &'static str, path: &'static str, name: &'static str) -> Operation {
    Operation::new(method, path, name).path("id", id("whe"))
}

fn show() -> Operation {
    on_endpoint("GET", "/v1/webhook_endpoints/{id}", "getWebhookEndpoint")
        .titled(TAG, "Read an endpoint")
        .right("notifications.manage")
        .answer(200, "The endpoint, without its secret.", link("WebhookEndpoint"))
}

fn change() -> Operation {
    let body = object([
        may("url", url().or_null()),
        may("events", events().or_null()),
        may("condition", condition().or_null()),
        may("description", description().or_null()),
        may("format", format().or_null()),
        may(
            "enabled",
            http::openapi::boolean().or_null().about("Switched on again, it gets what waited."),
        ),
    ]);
    on_endpoint("PATCH", "/v1/webhook_endpoints/{id}", "changeWebhookEndpoint")
        .titled(TAG, "Change an endpoint")
        .right("notifications.manage")
        .body(body, json!({"enabled": false}))
        .answer(200, "The endpoint.", link("WebhookEndpoint"))
        .refuses(409, &["version_conflict"])
        .refuses(422, &["private_address"])
}

fn remove() -> Operation {
    on_endpoint("DELETE", "/v1/webhook_endpoints/{id}", "deleteWebhookEndpoint")
        .titled(TAG, "Remove an endpoint and what waits for it")
        .right("notifications.manage")
        .empty(204, "It is removed.")
}

fn rotate() -> Operation {
    let rotated =
        endpoint().plus([must("secret", secret()), must("old_secret_until", instant().or_null())]);
    on_endpoint("POST", "/v1/webhook_endpoints/{id}/rotate", "rotateWebhookSecret")
        .titled(TAG, "Exchange the secret")
        .about(&format!("The old secret signs beside the new one for {ROTATION_HOURS} hours."))
        .right("notifications.manage")
        .answer(200, "The endpoint with its new secret.", rotated)
        .refuses(409, &["version_conflict"])
}

fn test() -> Operation {
    on_endpoint("POST", "/v1/webhook_endpoints/{id}/test", "testWebhookEndpoint")
        .titled(TAG, "Send a message to try it out")
        .right("notifications.manage")
        .answer(202, "It is on its way.", object([must("event", id("evt"))]))
}

fn replay() -> Operation {
    let body = object([
        must("since", instant().about("By the shop's clock.")),
        may("events", events().or_null()),
        may("state", words(["all", "failed"]).or_null().about("`failed`: only what was given up.")),
    ]);
    on_endpoint("POST", "/v1/webhook_endpoints/{id}/replay", "replayWebhooks")
        .titled(TAG, "Send again what happened since an instant")
        .right("notifications.resend")
        .body(body, json!({"since": "2026-11-23T09:00:00Z"}))
        .answer(202, "It is planned.", object([must("replay", id("job"))]))
}

fn sent() -> Operation {
    let page = object([
        must("data", list(link("WebhookDelivery"))),
        must("next", id("dlv").or_null().about("The cursor of the next page; null on the last.")),
    ]);
    on_endpoint("GET", "/v1/webhook_endpoints/{id}/deliveries", "listWebhookDeliveries")
        .titled(TAG, "List the messages to an endpoint, newest first")
        .right("notifications.manage")
        .query("state", delivery_states())
        .query("cursor", id("dlv").about("`next` of the page before."))
        .answer(200, "One page.", page)
        .refuses(422, &["invalid_field"])
}

fn delivery() -> Operation {
    let one = object([
        must("number", integer().at_least(1)),
        must("at", instant()),
        must("took_ms", integer().at_least(0)),
        must("outcome", outcome()),
        must("answer", text().about("The beginning of the answer, or what the network said.")),
    ]);
    Operation::new("GET", "/v1/webhook_deliveries/{id}", "getWebhookDelivery")
        .titled(TAG, "Read a message with its tries")
        .right("notifications.manage")
        .path("id", id("dlv"))
        .answer(200, "The message.", message().plus([must("made", list(one))]))
}

fn resend() -> Operation {
    Operation::new("POST", "/v1/webhook_deliveries/{id}/resend", "resendWebhook")
        .titled(TAG, "Send a message again")
        .right("notifications.resend")
        .path("id", id("dlv"))
        .answer(202, "It is on its way.", link("WebhookDelivery"))
}

fn url() -> Schema {
    text()
        .length(1, MAX_URL_CHARACTERS)
        .format("uri")
        .about("Over TLS and public in live mode; without a name and a password.")
}

fn description() -> Schema {
    text().length(0, MAX_DESCRIPTION_CHARACTERS)
}

fn secret() -> Schema {
    text().about("Begins with `whsec_`; keep it, it is not shown again.")
}

fn endpoint() -> Schema {
    let states = State::ALL.map(State::word);
    object([
        must("id", id("whe")),
        must("object", constant("webhook_endpoint")),
        must("shop", id("shop")),
        must("mode", words(["test", "live"])),
        must("url", text()),
        must("description", text()),
        must("format", format()),
        must("events", list(text()).or_null()),
        must("condition", condition().or_null()),
        must("state", words(states)),
        must("failing_since", instant().or_null()),
        must("version", integer()),
        must("created_at", instant()),
    ])
}

fn format() -> Schema {
    words(Format::ALL.map(Format::word))
        .about("`form`: the same message as flat form fields, `data.amount=8400`.")
}

fn delivery_states() -> Schema {
    words(DeliveryState::ALL.map(DeliveryState::word))
}

fn outcome() -> Schema {
    text().about("The status, or `name`, `private`, `connection`, `tls`, `timeout`, `broken`…")
}

fn message() -> Schema {
    object([
        must("id", id("dlv")),
        must("object", constant("webhook_delivery")),
        must("endpoint", id("whe")),
        must("event", id("evt").about("Also the message's `webhook-id`.")),
        must("type", text().example("payment.captured")),
        must("subject", text().about("Id of the object that the event tells of.")),
        must("state", delivery_states()),
        must("tries", integer().at_least(0)),
        must("outcome", outcome().or_null()),
        must("next_try_at", instant().or_null()),
        must("created_at", instant()),
    ])
}
