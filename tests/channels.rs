//! A sales channel's messages through real processes: the operator tries and adds a profile, the
//! channel posts, the app is told a token, and the card stands at its booking.

use std::process::Command;

use serde_json::{Value, json};

use crate::demo::{Answer, Demo, agent, answer};

const MESSAGE: &str =
    r#"{"booking":"OTA-7","card_number":"5207000000000000","card_exp":"0630","card_code":"123"}"#;

fn operator(demo: &Demo, arguments: &[&str]) -> (Option<i32>, String) {
    let config = demo.config();
    let told = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["vault", "profile"])
        .args(arguments)
        .args(["--config", config.to_str().unwrap()])
        .output()
        .unwrap();
    (told.status.code(), String::from_utf8_lossy(&told.stdout).into_owned())
}

fn post(url: &str, body: &str) -> Answer {
    let request = ureq::http::Request::post(url).header("content-type", "application/json");
    answer(agent().run(request.body(body.to_owned()).unwrap()).unwrap()).unwrap()
}

#[test]
fn v_103_v_108_a_channel_s_message_passes_and_its_card_is_kept() {
    let demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let message = file("message.json", MESSAGE);
    let (exit, told) = operator(&demo, &["test", &message, "--profile", "generic-json"]);
    assert_eq!(exit, Some(0), "{told}");
    assert!(told.contains("stored  ******0000  06/2030  with a code  OTA-7"), "{told}");
    assert!(!told.contains("5207") && !told.contains("card_code"), "{told}");
    let noted = file("noted.json", "{\"note\":\"4111 1111 1111 1111\"}");
    assert_eq!(operator(&demo, &["test", &noted, "--profile", "generic-json"]).0, Some(1));

    let (_, ready) = operator(&demo, &["ready", "generic-json"]);
    let mut profile: Value = serde_json::from_str(&ready).unwrap();
    profile["shop"] = demo.merchant(0)["shop"].clone();
    profile["ips"] = json!(["127.0.0.0/24"]);
    let wrong = file("wrong.json", &profile.to_string());
    assert_eq!(operator(&demo, &["add", &wrong]).0, Some(1), "a test shop reaches this machine");
    profile["forward_to"] = format!("{}/in", demo.app()).into();
    let right = file("right.json", &profile.to_string());
    let (exit, added) = operator(&demo, &["add", &right]);
    assert_eq!(exit, Some(0), "{added}");
    let url = added.lines().last().unwrap();
    let (_, listed) = operator(&demo, &["list"]);
    assert!(listed.starts_with("prf_") && !listed.contains("vk_in_"), "{listed}");

    let passed = post(url, MESSAGE);
    assert_eq!(passed.status, 404, "what the app says of an address that it has not");
    let key = demo.merchant(0)["vault_key"].as_str().unwrap();
    let vault = demo.about["vault"].as_str().unwrap();
    let request = ureq::http::Request::get(format!("{vault}/v1/cards?booking=OTA-7"))
        .header("authorization", format!("Bearer {key}"));
    let cards = answer(agent().run(request.body(String::new()).unwrap()).unwrap()).unwrap();
    let card = &cards.body["data"][0];
    assert_eq!((card["last4"].as_str(), card["entry"].as_str()), (Some("0000"), Some("feed")));
    post(url, MESSAGE);
    let request = ureq::http::Request::get(format!("{vault}/v1/cards?booking=OTA-7"))
        .header("authorization", format!("Bearer {key}"));
    let cards = answer(agent().run(request.body(String::new()).unwrap()).unwrap()).unwrap();
    assert_eq!(cards.body["data"].as_array().unwrap().len(), 1, "sent again, one card");
}
