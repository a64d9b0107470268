//! Payments as payers and programs make them.

use std::sync::Arc;

use serde_json::json;

use crate::browser::{self, card, decide_at_bank, open, pay, pay_and_approve};
use crate::demo::Demo;

#[test]
fn p_153_a_challenge_leads_to_a_captured_payment_with_its_guarantee() {
    let demo = Demo::start();
    let payment = demo.create_payment("a", 10_080);
    let id = payment["id"].as_str().unwrap();
    let receipt = pay_and_approve(&demo, payment["page_url"].as_str().unwrap(), "4970100100001003");
    assert!(receipt.url.contains("/r/"), "{}\n{}", receipt.url, receipt.html);
    assert!(receipt.says("100,80 €"));
    let paid = demo.payment(id);
    assert_eq!(paid["status"], "captured", "{paid}");
    assert_eq!(paid["guarantee"], json!({ "value": "yes", "reason": "threeds_y" }));
    assert_eq!(paid["card"]["last4"], "1003");
    assert_eq!(paid["counters"]["captured"], 10_080);
    let authorised = demo.bank_operations();
    let authorised = authorised.iter().filter(|o| o["kind"] == "authorise").count();
    assert_eq!(authorised, 1);
    // Back, reload and a second visit change nothing.
    for _ in 0..2 {
        let again = open(payment["page_url"].as_str().unwrap());
        assert!(again.url.contains("/r/") || again.says("déjà"), "{}", again.url);
    }
    assert_eq!(demo.payment(id)["counters"]["captured"], 10_080);
    demo.assert_sound();
}

#[test]
fn p_94_a_refused_card_says_so_and_another_one_pays() {
    let demo = Demo::start();
    let payment = demo.create_payment("b", 3_420);
    let url = payment["page_url"].as_str().unwrap();
    let refused = pay(url, &card("4970100100000518"));
    assert!(refused.says("Rien n'a été débité"), "{}", refused.html);
    let again = browser::go(&refused, "Réessayer");
    let paid = browser::type_card(&again, &card("4970100000000154"));
    assert!(paid.url.contains("/r/"), "{}\n{}", paid.url, paid.html);
    let payment = demo.payment(payment["id"].as_str().unwrap());
    assert_eq!((&payment["status"], &payment["attempts"]), (&json!("captured"), &json!(2)));
    demo.assert_sound();
}

#[test]
fn p_86_refusing_at_the_bank_debits_nothing() {
    let demo = Demo::start();
    let payment = demo.create_payment("c", 3_420);
    let url = payment["page_url"].as_str().unwrap();
    let page = pay(url, &card("4970100100001003"));
    let after = decide_at_bank(&page, "Refuser");
    assert!(after.says("authentification"), "{}\n{}", after.url, after.html);
    assert!(demo.bank_operations().iter().all(|o| o["kind"] != "authorise"));
    demo.assert_sound();
}

#[test]
fn p_17_silence_is_unknown_and_settled_by_asking_not_by_repeating() {
    let demo = Demo::start();
    let payment = demo.create_payment("d", 3_420);
    let id = payment["id"].as_str().unwrap();
    let page = pay(payment["page_url"].as_str().unwrap(), &card("4970100100000989"));
    assert!(page.says("Ne payez pas une seconde fois"), "{}\n{}", page.url, page.html);
    assert_eq!(demo.payment(id)["status"], "unknown");
    let refused = demo.post(&format!("/v1/payments/{id}/cancel"), "d2", &json!({}));
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("result_unknown")));
    demo.wait_for_status(id, "captured");
    let authorised = demo.bank_operations();
    let authorised: Vec<_> = authorised.iter().filter(|o| o["kind"] == "authorise").collect();
    assert_eq!(authorised.len(), 1, "{authorised:?}");
    demo.assert_sound();
}

#[test]
fn p_151_sixty_four_equal_requests_make_one_payment() {
    let demo = Arc::new(Demo::start());
    let merchant = demo.merchant(0).clone();
    let body = json!({
        "shop": merchant["shop"], "point_of_sale": merchant["point_of_sale"],
        "amount": 8_400, "currency": "EUR", "order_ref": "CMD-64",
        "payer": { "email": "anne@example.org" },
    });
    let threads: Vec<_> = (0..64)
        .map(|_| {
            let (demo, body) = (Arc::clone(&demo), body.clone());
            std::thread::spawn(move || demo.post("/v1/payments", "same", &body))
        })
        .collect();
    let answers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let ids: std::collections::BTreeSet<String> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.body["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 1, "{answers:?}");
    assert!(answers.iter().all(|a| a.status == 201 || a.status == 409), "{answers:?}");
    let mut other = body.clone();
    other["amount"] = 8_401.into();
    let mismatch = demo.post("/v1/payments", "same", &other);
    assert_eq!((mismatch.status, &mismatch.body["code"]), (422, &json!("idempotency_mismatch")));
    let list = demo.get("/v1/payments?order_ref=CMD-64");
    assert_eq!(list.body["data"].as_array().unwrap().len(), 1, "{}", list.body);
}

#[test]
fn p_107_refunds_state_what_they_saw() {
    let demo = Demo::start();
    let payment = demo.create_payment("e", 5_000);
    let id = payment["id"].as_str().unwrap();
    pay_and_approve(&demo, payment["page_url"].as_str().unwrap(), "4970100000000154");
    let path = format!("/v1/payments/{id}/refunds");
    let refund = |key: &str, amount: i64, expected: i64| {
        demo.post(&path, key, &json!({ "amount": amount, "expected_refundable": expected }))
    };
    let done = refund("r1", 2_000, 5_000);
    assert_eq!((done.status, &done.body["state"]), (201, &json!("success")), "{}", done.body);
    let stale = refund("r2", 2_000, 5_000);
    assert_eq!((stale.status, &stale.body["code"]), (409, &json!("refundable_changed")));
    let above = refund("r3", 3_001, 3_000);
    assert_eq!((above.status, &above.body["code"]), (422, &json!("amount_above_refundable")));
    let replay = refund("r1", 2_000, 5_000);
    assert!(replay.replayed && replay.body == done.body);
    assert_eq!(demo.payment(id)["status"], "partially_refunded");
    demo.assert_sound();
}

#[test]
fn p_155_a_program_that_tells_the_payer_itself_has_no_mail_sent() {
    let demo = Demo::start();
    let payment = demo.create_payment("q", 5_000);
    let id = payment["id"].as_str().unwrap();
    pay_and_approve(&demo, payment["page_url"].as_str().unwrap(), "4970100000000154");
    let refund = |key: &str, expected: i64, notify: &serde_json::Value| {
        let amount = if key == "quiet" { 1_000 } else { 500 };
        let body =
            json!({ "amount": amount, "expected_refundable": expected, "notify_payer": notify });
        let done = demo.post(&format!("/v1/payments/{id}/refunds"), key, &body);
        assert_eq!(done.status, 201, "{}", done.body);
    };
    refund("quiet", 5_000, &json!(false));
    refund("told", 4_000, &json!(true));
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let told = loop {
        let inbox = demo.inbox();
        let of_refunds = |mail: &&serde_json::Value| {
            mail["subject"].as_str().unwrap().starts_with("Remboursement")
        };
        let told: Vec<String> =
            inbox.iter().filter(of_refunds).map(|mail| mail["subject"].to_string()).collect();
        // Events are handed over in their order: the second is told, so the first was looked at.
        if !told.is_empty() {
            break told;
        }
        assert!(std::time::Instant::now() < end, "the second refund was never told");
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    assert!(told.len() == 1 && told[0].contains("5,00"), "{told:?}");
    demo.assert_sound();
}

#[test]
fn p_13_amounts_that_no_card_can_pay_are_refused_by_field() {
    let demo = Demo::start();
    let merchant = demo.merchant(0);
    let create = |amount: i64| {
        let body = json!({
            "shop": merchant["shop"], "amount": amount, "currency": "EUR",
            "order_ref": format!("CMD-{amount}"),
        });
        demo.post("/v1/payments", &format!("amount {amount}"), &body)
    };
    let zero = create(0);
    assert_eq!((zero.status, &zero.body["code"]), (422, &json!("invalid_field")));
    assert_eq!(zero.body["errors"][0]["path"], "$.amount");
    assert_eq!(create(50).body["code"], "amount_below_minimum");
    assert_eq!(create(100).status, 201);
    let typo =
        json!({ "shop": merchant["shop"], "amount": 500, "curency": "EUR", "order_ref": "x" });
    let typo = demo.post("/v1/payments", "typo", &typo);
    assert_eq!((typo.status, &typo.body["code"]), (422, &json!("invalid_field")), "{}", typo.body);
}

#[test]
fn u_112_a_card_number_in_the_name_is_refused_and_not_kept() {
    let demo = Demo::start();
    let payment = demo.create_payment("f", 3_420);
    let page = open(payment["page_url"].as_str().unwrap());
    let form = page.form_with("number");
    let fields = [
        ("number", "4970100000000154"),
        ("exp", "03/29"),
        ("code", "123"),
        ("holder", "5207 0000 0000 0000"),
    ];
    let answer = browser::submit(&page, &form, &fields);
    assert!(answer.says("Ne saisissez pas de numéro de carte dans ce champ"), "{}", answer.html);
    assert!(!answer.html.contains("5207"));
    demo.assert_sound();
}
