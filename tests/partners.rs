//! A software vendor from his application to the withdrawal of what a property granted him: at the
//! vault, at the operator's command, by API and on the page of card settings.

use std::process::Command;

use serde_json::{Value, json};

use crate::cards::Staff;
use crate::demo::{Answer, Demo, agent, answer};
use crate::described::{self, Origin, Seen};

fn at_vault(demo: &Demo, (method, path): (&str, &str), key: &str, body: &Value) -> Answer {
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", demo.about["vault"].as_str().unwrap()))
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .header("idempotency-key", path);
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let told = answer(agent().run(request.body(text).unwrap()).unwrap()).unwrap();
    let seen = Seen { status: told.status, kind: told.kind.as_deref(), text: &told.text };
    described::must_fit(Origin::Vault, (method, path), &seen);
    told
}

fn application(demo: &Demo) -> Value {
    let clock = kernel::Clock::now(&kernel::time::SystemClock);
    let day = kernel::time::plus_days(kernel::Zone::paris().date(clock), 200).to_string();
    let contact = |name: &str| json!({ "name": name, "email": format!("{name}@pms.example"), "phone": "+33 2 41 50 12 34" });
    let body = json!({
        "company": "Exemple PMS", "siren": "732829320",
        "security_contact": contact("securite"), "technical_contact": contact("technique"),
        "purpose": "Hotels charge no-shows from our planning.",
        "scopes": ["cards.write", "cards.read"],
        "volumes": { "cards_stored": 500, "reveals": 100, "debits": 100 },
        "ips": ["127.0.0.0/24", "8.8.8.8/32"], "frame_origins": [],
        "evidence": { "kind": "saq", "level": "SAQ D", "until": day },
    });
    let applied = at_vault(demo, ("POST", "/v1/partner_applications"), "", &body);
    assert_eq!(applied.status, 201, "{}", applied.body);
    applied.body
}

fn operator(demo: &Demo, arguments: &[&str]) -> (Option<i32>, String) {
    let config = demo.config();
    let told = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["vault", "partner"])
        .args(arguments)
        .args(["--config", config.to_str().unwrap()])
        .output()
        .unwrap();
    (told.status.code(), String::from_utf8_lossy(&told.stdout).into_owned())
}

#[test]
fn v_109_v_113_a_vendor_applies_is_approved_is_granted_and_loses_it() {
    let demo = Demo::start();
    let applied = application(&demo);
    let (id, key) = (applied["id"].as_str().unwrap(), applied["test_key"].as_str().unwrap());
    let (exit, listed) = operator(&demo, &["list"]);
    assert_eq!(exit, Some(0));
    assert!(listed.contains(id) && listed.contains("submitted"), "{listed}");
    assert_eq!(operator(&demo, &["key", id, "--mode", "live"]).0, Some(1), "not before approval");
    assert_eq!(operator(&demo, &["approve", id]).0, Some(0));
    let (exit, live) = operator(&demo, &["key", id, "--mode", "live"]);
    assert!(exit == Some(0) && live.starts_with("vk_live_"), "{live}");

    let shop = demo.merchant(0)["shop"].as_str().unwrap();
    let cards = format!("/v1/cards?shop={shop}");
    assert_eq!(at_vault(&demo, ("GET", &cards), key, &Value::Null).body["code"], "not_granted");
    let grants = format!("/v1/shops/{shop}/partner_grants");
    let grant = format!("{grants}/{id}");
    let wide = json!({ "scopes": ["debit"] });
    let refused = demo.call_as(demo.api_key(0), ("PUT", &grant), None, Some(&wide));
    assert_eq!((refused.status, &refused.body["code"]), (422, &json!("invalid_field")));
    let wish = json!({ "scopes": ["cards.read"] });
    let given = demo.call_as(demo.api_key(0), ("PUT", &grant), None, Some(&wish));
    assert_eq!((given.status, &given.body["status"]), (200, &json!("active")), "{}", given.body);
    assert_eq!(at_vault(&demo, ("GET", &cards), key, &Value::Null).status, 200);
    assert_eq!(demo.get(&grants).body["data"][0]["partner"], id);
    let foreign = demo.call_as(demo.api_key(1), ("DELETE", &grant), None, None);
    assert_eq!(foreign.status, 404);

    let staff = Staff::owner(&demo);
    let page = staff.open("/parametres/cartes");
    assert!(page.says("Exemple PMS") && page.says("Lire les cartes, sans leur numéro"));
    assert!(page.says("dernière utilisation le"), "{}", page.html);
    let (mut withdraw, button) = page.form_saying("Retirer l'accès");
    withdraw.fields.push(button);
    assert_eq!(staff.send(&withdraw), "/parametres/cartes#partners");
    assert_eq!(at_vault(&demo, ("GET", &cards), key, &Value::Null).body["code"], "not_granted");

    let page = staff.open("/parametres/cartes");
    assert!(page.says("Aucun partenaire n'a accès"), "{}", page.html);
    let (mut form, button) = page.form_saying("Autoriser");
    form.fields.retain(|(name, _)| name != "partner" && !name.starts_with("scope-"));
    form.fields.extend([button, ("partner".into(), "ptn_x".into())]);
    let wrong = staff.post(&form);
    assert_eq!(wrong.status().as_u16(), 422, "the field is named");
    form.fields.retain(|(name, _)| name != "partner");
    form.fields.extend([("partner".into(), id.into()), ("scope-cards.write".into(), "1".into())]);
    assert_eq!(staff.send(&form), "/parametres/cartes#partners");
    assert_eq!(demo.get(&grants).body["data"][0]["scopes"], json!(["cards.write"]));
}
