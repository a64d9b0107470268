//! What the API answers is what its description says: every answer that a test sees is compared
//! with `docs/openapi.json` by a JSON Schema validator that knows nothing of this house.

use jsonschema::Validator;
use serde_json::{Value, json};

/// Whose description holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    App,
    Vault,
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) status: u16,
    pub(crate) kind: Option<&'a str>,
    pub(crate) text: &'a str,
}

/// Fails the test when an answer of a described address is not as described.
pub(crate) fn must_fit(origin: Origin, (method, path): (&str, &str), seen: &Seen<'_>) {
    if let Some(fault) = fault(origin, (method, path), seen) {
        panic!("{method} {path} ({}): {fault}\n{}", seen.status, seen.text);
    }
}

/// What is not as described; `None` also for addresses that are not part of an API.
pub(crate) fn fault(
    origin: Origin,
    (method, path): (&str, &str),
    seen: &Seen<'_>,
) -> Option<String> {
    let document = document(origin);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let template = template(&document, path)?;
    let Some(operation) = document["paths"][&template].get(method.to_ascii_lowercase()) else {
        return (seen.status != 405).then(|| "the method is not described".to_owned());
    };
    let Some(answer) = operation["responses"].get(seen.status.to_string()) else {
        return Some("the status is not described".to_owned());
    };
    let link = answer.get("$ref").and_then(Value::as_str);
    let answer = link.map_or(answer, |link| document.pointer(&link[1..]).unwrap());
    let Some(content) = answer.get("content").and_then(Value::as_object) else {
        return (!seen.text.is_empty()).then(|| "a body that is not described".to_owned());
    };
    let (kind, media) = content.iter().next()?;
    if seen.kind != Some(kind.as_str()) {
        return Some(format!("{:?} instead of {kind}", seen.kind));
    }
    let Ok(body) = serde_json::from_str::<Value>(seen.text) else {
        return Some("the body is not JSON".to_owned());
    };
    let validator = validator(&document, &media["schema"]);
    let faults: Vec<String> = validator
        .iter_errors(&body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .take(3)
        .collect();
    (!faults.is_empty()).then(|| faults.join("; "))
}

fn document(origin: Origin) -> Value {
    let text = match origin {
        Origin::App => include_str!("../docs/openapi.json"),
        Origin::Vault => include_str!("../docs/openapi-vault.json"),
    };
    serde_json::from_str(text).unwrap()
}

/// The described address that a path belongs to.
fn template(document: &Value, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |template: &&String| {
        let names: Vec<&str> = template.split('/').collect();
        let pairs = || names.iter().zip(&parts);
        names.len() == parts.len()
            && pairs().all(|(name, part)| name.starts_with('{') || name == part)
    };
    document["paths"].as_object().unwrap().keys().find(fits).cloned()
}

fn validator(document: &Value, schema: &Value) -> Validator {
    let mut root = schema.clone();
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["components"] = document["components"].clone();
    jsonschema::options().should_validate_formats(true).build(&root).unwrap()
}

#[test]
fn q_51_an_answer_that_is_not_as_described_is_noticed() {
    let kind = Some("application/json");
    let told = |body: &Value| {
        let text = &body.to_string();
        fault(Origin::App, ("GET", "/v1/test/clock?x=1"), &Seen { status: 200, kind, text })
    };
    let shop = format!("shop_{}", "0".repeat(26));
    let fine = json!({"shop": shop, "now": "2026-06-15T07:00:00Z", "runs": "real"});
    assert_eq!(told(&fine), None);
    let mut other = fine.clone();
    other["runs"] = json!("backward");
    assert!(told(&other).unwrap().contains("runs"));
    let mut more = fine;
    more["surprise"] = json!(1);
    assert!(told(&more).unwrap().contains("surprise"));
}

#[test]
fn q_51_both_descriptions_are_sound_schemas() {
    for origin in [Origin::App, Origin::Vault] {
        let document = document(origin);
        assert_eq!(document["openapi"], "3.1.0");
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            jsonschema::meta::validate(schema).unwrap_or_else(|error| panic!("{name}: {error}"));
            let _ = validator(&document, schema);
        }
    }
}
