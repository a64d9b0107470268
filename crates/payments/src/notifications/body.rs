//! The body of a message: what happened, when, and the object as after the change; as JSON, or as
//! flat form fields for programs that read nothing else.

use db::outbox::Event;
use serde_json::{Map, Value, json};

/// A body is shorter than this, in bytes.
pub const MAX_BODY_BYTES: usize = 20_000;
/// Member of an event's body that says through which door the change came; it stands beside the
/// object in a message, not in it.
pub const SOURCE: &str = "source";
/// Members that a body may lose to stay short, longest first as a rule.
const LOOSE: [&str; 3] = ["metadata", "lines", "payer"];

/// The body as sent, with its members in this order.
#[must_use]
pub fn of(event: &Event) -> String {
    let body = text(event, &data(event));
    if body.len() < MAX_BODY_BYTES {
        return body;
    }
    let mut data = data(event);
    if let Some(members) = data.as_object_mut() {
        for name in LOOSE {
            members.remove(name);
        }
        members.insert("truncated".into(), true.into());
    }
    let body = text(event, &data);
    if body.len() < MAX_BODY_BYTES {
        return body;
    }
    let version = event.body.get("version").cloned().unwrap_or_default();
    text(event, &json!({"id": event.object, "version": version, "truncated": true}))
}

/// The same as form fields: a member of an object is named after a dot, of a list by its place
/// (`data.lines.0.label`); nothing stands for null.
#[must_use]
pub fn form(event: &Event) -> String {
    let mut fields = Vec::new();
    if let Ok(body) = serde_json::from_str::<Value>(&of(event)) {
        flatten("", &body, &mut fields);
    }
    let encode = crate::checkout::links::encoded;
    let pairs = fields.into_iter().map(|(name, value)| format!("{name}={}", encode(&value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn flatten(name: &str, value: &Value, fields: &mut Vec<(String, String)>) {
    let within = |part: &str| match name {
        "" => part.to_owned(),
        name => format!("{name}.{part}"),
    };
    match value {
        Value::Null => fields.push((name.to_owned(), String::new())),
        Value::String(text) => fields.push((name.to_owned(), text.clone())),
        Value::Bool(_) | Value::Number(_) => fields.push((name.to_owned(), value.to_string())),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                flatten(&within(&place.to_string()), item, fields);
            }
        }
        Value::Object(members) => {
            for (member, item) in members {
                flatten(&within(&crate::checkout::links::encoded(member)), item, fields);
            }
        }
    }
}

/// The event as the API shows it.
#[must_use]
pub fn shown(event: &Event) -> Value {
    json!({
        "id": event.id,
        "object": "event",
        "type": event.kind,
        "timestamp": event.at,
        "shop": event.shop,
        "mode": event.mode.as_str(),
        "source": source(event),
        "data": data(event),
    })
}

/// Through which door the change came, if the event tells.
#[must_use]
pub fn source(event: &Event) -> Option<&str> {
    event.body.get(SOURCE).and_then(Value::as_str)
}

fn data(event: &Event) -> Value {
    match &event.body {
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| *name != SOURCE);
            Value::Object(members.map(|(k, v)| (k.clone(), v.clone())).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

fn text(event: &Event, data: &Value) -> String {
    let kind = Value::from(event.kind.as_str());
    let source = source(event).map_or(Value::Null, Value::from);
    format!(
        r#"{{"type":{kind},"timestamp":"{}","source":{source},"shop":"{}","mode":"{}","data":{data}}}"#,
        event.at,
        event.shop,
        event.mode.as_str(),
    )
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;
    use kernel::{EventId, MerchantId, Mode, ShopId, Timestamp};

    use super::*;

    fn event(body: Value) -> Event {
        let rng = SeededRng::new(1);
        Event {
            id: EventId::random(&rng),
            merchant: MerchantId::random(&rng),
            mode: Mode::Test,
            shop: ShopId::random(&rng),
            kind: "payment.captured".into(),
            object: "pay_1".into(),
            body,
            at: Timestamp::parse_rfc3339("2026-11-23T22:05:00Z").unwrap(),
        }
    }

    #[test]
    fn p_127_type_timestamp_and_the_object_as_after_the_change() {
        let event = event(json!({"id": "pay_1", "amount": 8400, "version": 4, "source": "desk"}));
        let body: Value = serde_json::from_str(&of(&event)).unwrap();
        assert_eq!(body["type"], "payment.captured");
        assert_eq!(body["timestamp"], "2026-11-23T22:05:00Z");
        assert_eq!(body["source"], "desk");
        assert_eq!(body["data"], json!({"id": "pay_1", "amount": 8400, "version": 4}));
        assert_eq!(shown(&event)["data"], body["data"]);
    }

    #[test]
    fn p_126_a_form_has_every_member_under_a_flat_name() {
        let body = json!({"id": "pay_1", "amount": 8400, "late": false, "reason": null,
            "payer": {"last_name": "Éon & fils"}, "lines": [{"label": "Nuit"}]});
        let form = form(&event(body));
        for pair in [
            "type=payment.captured",
            "timestamp=2026-11-23T22%3A05%3A00Z",
            "mode=test",
            "data.id=pay_1",
            "data.amount=8400",
            "data.late=false",
            "data.reason=",
            "data.payer.last_name=%C3%89on%20%26%20fils",
            "data.lines.0.label=Nuit",
        ] {
            assert!(form.split('&').any(|one| one == pair), "{pair} in {form}");
        }
    }

    #[test]
    fn p_127_a_body_stays_under_20_kb_and_says_when_it_was_cut() {
        let long = "é".repeat(15_000);
        let cut = event(json!({"id": "pay_1", "version": 4, "metadata": {"a": long}}));
        let body = of(&cut);
        let read: Value = serde_json::from_str(&body).unwrap();
        assert!(body.len() < MAX_BODY_BYTES);
        assert_eq!(read["data"], json!({"id": "pay_1", "version": 4, "truncated": true}));
        let stubborn = event(json!({"id": "pay_1", "version": 4, "other": long}));
        let read: Value = serde_json::from_str(&of(&stubborn)).unwrap();
        assert_eq!(read["data"], json!({"id": "pay_1", "version": 4, "truncated": true}));
    }
}
