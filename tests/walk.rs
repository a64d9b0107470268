//! Every address, as nobody, as a stranger and as another merchant.

use serde_json::json;

use crate::browser::pay_and_approve;
use crate::demo::{Demo, agent};

#[test]
fn q_41_objects_of_another_merchant_do_not_exist() {
    let demo = Demo::start();
    let payment = demo.create_payment("a", 5_000);
    let id = payment["id"].as_str().unwrap();
    pay_and_approve(&demo, payment["page_url"].as_str().unwrap(), "4970100000000154");
    let card = demo.payment(id)["card"]["id"].as_str().unwrap().to_owned();
    let body = json!({ "amount": 100, "expected_refundable": 5_000 });
    let doors = [
        ("GET", format!("/v1/payments/{id}")),
        ("GET", format!("/v1/payments/{id}/operations")),
        ("POST", format!("/v1/payments/{id}/refunds")),
        ("POST", format!("/v1/payments/{id}/capture")),
        ("POST", format!("/v1/payments/{id}/cancel")),
        ("GET", format!("/v1/cards/{card}")),
        ("DELETE", format!("/v1/cards/{card}")),
    ];
    for (method, path) in &doors {
        let key = (*method == "POST").then_some("k");
        let body = (*method == "POST").then_some(&body);
        let foreign = demo.call_as(demo.api_key(1), (method, path), key, body);
        assert_eq!(foreign.status, 404, "{method} {path}: {}", foreign.body);
        let nobody = demo.call_as("gk_test_nothing", (method, path), key, body);
        assert_eq!(nobody.status, 401, "{method} {path}: {}", nobody.body);
    }
    assert_eq!(demo.payment(id)["counters"]["refunded"], 0);
    demo.assert_sound();
}

#[test]
fn q_41_staff_pages_ask_for_a_session() {
    let demo = Demo::start();
    for path in ["/", "/reservations", "/caisse", "/journal"] {
        let response = agent().get(format!("{}{path}", demo.app())).call().unwrap();
        let location = response.headers().get("location").and_then(|v| v.to_str().ok());
        assert!(
            response.status() == 303 && location.is_some_and(|l| l.starts_with("/connexion")),
            "{path}: {} {location:?}",
            response.status()
        );
    }
}

#[test]
fn q_43_every_kind_of_page_carries_its_headers() {
    let demo = Demo::start();
    for url in [
        format!("{}/s/hotel-des-tuffeaux", demo.app()),
        format!("{}/connexion", demo.app()),
        format!("{}/nothing-here", demo.app()),
        format!("{}/", demo.bank()),
    ] {
        let response = agent().get(&url).call().unwrap();
        let csp = response.headers().get("content-security-policy").map(|v| v.to_str().unwrap());
        let csp = csp.unwrap_or_else(|| panic!("{url} has no policy"));
        assert!(csp.starts_with("default-src 'none'") && !csp.contains("unsafe"), "{url}: {csp}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{url}");
    }
}

#[test]
fn q_43_another_site_cannot_make_the_demo_act() {
    let demo = Demo::start();
    let response = agent()
        .post(format!("{}/demo/session", demo.app()))
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/json")
        .send(r#"{"email":"claire@tuffeaux.example"}"#)
        .unwrap();
    assert_eq!(response.status().as_u16(), 403);
}
