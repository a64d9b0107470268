//! What the bank tells by itself, from its process to the app's.

use std::time::Instant;

use serde_json::{Value, json};

use crate::browser::{card, open, pay, pay_and_approve};
use crate::demo::{Demo, PATIENCE, agent};

/// A message of the bank, by the kind of operation it tells of.
fn told(demo: &Demo, kind: &str) -> Vec<Value> {
    let mut response = agent().get(format!("{}/notifications.json", demo.bank())).call().unwrap();
    let text = response.body_mut().read_to_string().unwrap();
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let body =
        |one: &Value| -> Value { serde_json::from_str(one["body"].as_str().unwrap()).unwrap() };
    all.into_iter().filter(|one| body(one)["kind"] == kind).collect()
}

/// Waits until the app has taken so many messages of a kind.
fn wait_for_taken(demo: &Demo, kind: &str, count: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let all = told(demo, kind);
        let taken = all.iter().filter(|one| one["answered"] == 200).count();
        if taken == count && all.len() == count {
            return all;
        }
        assert!(start.elapsed() < PATIENCE, "{all:?}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn post(demo: &Demo, body: &str, seal: Option<&str>) -> u16 {
    let mut request = agent()
        .post(format!("{}/psp/sandbox/notifications", demo.app()))
        .header("content-type", "application/json");
    if let Some(seal) = seal {
        request = request.header("bank-seal", seal);
    }
    request.send(body.to_owned()).unwrap().status().as_u16()
}

#[test]
fn c_08_a_payment_goes_on_when_the_notification_comes_before_the_payer() {
    let demo = Demo::start();
    let payment = demo.create_payment("first", 10_080);
    let id = payment["id"].as_str().unwrap();
    let to_bank = pay(payment["page_url"].as_str().unwrap(), &card("4970100100001003"));
    demo.fault("notification_before_return");
    let challenge = open(&crate::browser::link_to_bank(&to_bank));
    let (form, (name, value)) = challenge.form_saying("Valider");
    let url = format!("{}{}", demo.bank(), form.action);
    // The holder says yes at the bank and never follows the way back.
    let answer = agent()
        .post(&url)
        .header("sec-fetch-site", "same-origin")
        .send_form([(name.as_str(), value.as_str())])
        .unwrap();
    assert_eq!(answer.status().as_u16(), 303);
    let way_back = answer.headers().get("location").unwrap().to_str().unwrap().to_owned();
    let paid = demo.wait_for_status(id, "captured");
    assert_eq!(paid["counters"]["captured"], 10_080);
    wait_for_taken(&demo, "authenticate", 1);
    let late = open(&way_back);
    assert!(late.url.contains("/r/"), "{}\n{}", late.url, late.html);
    let authorised = demo.bank_operations();
    assert_eq!(authorised.iter().filter(|o| o["kind"] == "authorise").count(), 1);
    demo.assert_sound();
}

#[test]
fn p_164_a_notification_before_the_answer_or_twice_captures_once() {
    let demo = Demo::start();
    for (fault, taken) in [("notification_before_return", 1), ("double_notification", 3)] {
        demo.fault(fault);
        let payment = demo.create_payment(fault, 3_420);
        let id = payment["id"].as_str().unwrap();
        let url = payment["page_url"].as_str().unwrap();
        let receipt = pay_and_approve(&demo, url, "4970100000000154");
        let paid = demo.wait_for_status(id, "captured");
        assert_eq!(paid["counters"]["captured"], 3_420, "{}", receipt.html);
        let all = wait_for_taken(&demo, "authorise", taken);
        assert_eq!(demo.payment(id), paid, "{all:?}");
    }
    let authorised = demo.bank_operations();
    assert_eq!(authorised.iter().filter(|o| o["kind"] == "authorise").count(), 2);
    demo.assert_sound();
}

#[test]
fn c_09_a_forged_message_is_refused_and_changes_nothing() {
    let demo = Demo::start();
    let payment = demo.create_payment("forged", 3_420);
    let id = payment["id"].as_str().unwrap();
    pay_and_approve(&demo, payment["page_url"].as_str().unwrap(), "4970100000000154");
    let message = wait_for_taken(&demo, "authorise", 1).remove(0);
    let body = message["body"].as_str().unwrap();
    let before = demo.payment(id);
    let forged = body.replace("3420", "9420");
    for (body, seal) in [(body, None), (body, Some("00")), (&forged, Some(&*"0".repeat(64)))] {
        assert_eq!(post(&demo, body, seal), 403);
    }
    let state = demo.checked();
    let refund = demo.post(
        &format!("/v1/payments/{id}/refunds"),
        "r",
        &json!({ "amount": 420, "expected_refundable": 3_420 }),
    );
    assert_eq!(refund.status, 201, "{}", refund.body);
    wait_for_taken(&demo, "refund", 1);
    assert_eq!(demo.payment(id)["counters"]["refunded"], 420);
    assert_eq!(before["counters"]["captured"], demo.payment(id)["counters"]["captured"]);
    assert_eq!(state["ledger"], demo.checked()["ledger"]);
    demo.assert_sound();
}

#[test]
fn c_08_the_bank_repeats_until_the_app_is_back() {
    let demo = Demo::start();
    let payment = demo.create_payment("away", 3_420);
    let id = payment["id"].as_str().unwrap();
    pay_and_approve(&demo, payment["page_url"].as_str().unwrap(), "4970100000000154");
    demo.kill("app");
    let all = wait_for_taken(&demo, "authorise", 1);
    assert!(all[0]["tries"].as_i64().unwrap() >= 1, "{all:?}");
    assert_eq!(demo.wait_for_status(id, "captured")["counters"]["captured"], 3_420);
    demo.assert_sound();
}
