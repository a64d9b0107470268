//! Faults of the bank and of people: each gets its answer, nothing is charged twice.

use serde_json::json;

use crate::browser::{self, Card, card, open, pay, submit, type_card};
use crate::demo::Demo;

#[test]
fn p_84_a_soft_decline_is_replayed_once_with_proof_and_without_code() {
    let demo = Demo::start();
    let payment = demo.create_payment("a", 3_420);
    let to_bank = pay(payment["page_url"].as_str().unwrap(), &card("4970100100000815"));
    assert!(to_bank.url.contains("/3ds"), "{}\n{}", to_bank.url, to_bank.html);
    let end = browser::decide_at_bank(&to_bank, "Valider");
    assert!(end.url.contains("/r/"), "{}\n{}", end.url, end.html);
    let id = payment["id"].as_str().unwrap();
    let operations = demo.get(&format!("/v1/payments/{id}/operations")).body;
    let authorised = operations["data"].as_array().unwrap().iter();
    let authorised = authorised.filter(|o| o["kind"] == "authorise").count();
    assert_eq!(authorised, 2, "{operations}");
    demo.assert_sound();
}

#[test]
fn u_54_wrong_fields_are_named_and_the_number_is_kept_by_the_vault() {
    let demo = Demo::start();
    let payment = demo.create_payment("a", 3_420);
    let url = payment["page_url"].as_str().unwrap();
    let wrong = |card: &Card, words: &str| {
        let page = type_card(&open(url), card);
        assert!(page.says(words), "{words}:\n{}", browser::readable(&page.html));
        page
    };
    let number = "4970100000000154";
    wrong(&Card { number: "4970100000000155", exp: "03/29", code: "123" }, "Vérifiez les chiffres");
    wrong(&Card { number: "4000056655665556", exp: "03/29", code: "123" }, "carte d'essai");
    wrong(
        &Card { number: "36227206271667", exp: "03/29", code: "123" },
        "ne sont pas acceptées ici",
    );
    wrong(&Card { number, exp: "03/2", code: "123" }, "au format MM/AA");
    wrong(&Card { number, exp: "03/29", code: "12" }, "compte 3 chiffres");
    let page = wrong(&Card { number, exp: "03/20", code: "123" }, "expirée");
    assert!(page.says("•••• 0154") && !page.html.contains(number), "{}", page.html);
    let form = page.form_with("code");
    let mut end =
        submit(&page, &form, &[("exp", "03/29"), ("code", "123"), ("holder", "Anne Roy")]);
    if end.html.contains("name=\"brand\"") {
        let form = end.form_with("brand");
        end = submit(&end, &form, &[("brand", "cb"), ("code", "123"), ("exp", "03/29")]);
    }
    assert!(end.url.contains("/r/"), "{}\n{}", end.url, end.html);
    demo.assert_sound();
}

#[test]
fn p_88_a_wrong_code_asks_only_the_code_again() {
    let demo = Demo::start();
    let payment = demo.create_payment("a", 3_420);
    let url = payment["page_url"].as_str().unwrap();
    let refused = pay(url, &Card { number: "4970100000000154", exp: "03/29", code: "999" });
    assert!(
        refused.says("Vérifiez le numéro, la date et le code"),
        "{}\n{}",
        refused.url,
        refused.html
    );
    let again = browser::go(&refused, "Réessayer");
    assert!(again.says("•••• 0154"), "{}", again.html);
    let form = again.form_with("code");
    let end = submit(&again, &form, &[("code", "123")]);
    assert!(end.url.contains("/r/"), "{}\n{}", end.url, end.html);
    demo.assert_sound();
}

#[test]
fn c_d_two_tabs_and_a_double_click_charge_once() {
    let demo = Demo::start();
    let payment = demo.create_payment("a", 3_420);
    let url = payment["page_url"].as_str().unwrap();
    let (one, two) = (open(url), open(url));
    let first = type_card(&one, &card("4970100000000154"));
    assert!(first.url.contains("/r/"), "{}\n{}", first.url, first.html);
    let second = type_card(&two, &card("4970100000000154"));
    assert!(second.url.contains("/r/") || second.says("déjà"), "{}\n{}", second.url, second.html);
    let repeated = type_card(&one, &card("4970100000000154"));
    assert!(repeated.url.contains("/r/") || repeated.says("déjà"), "{}", repeated.url);
    let authorised = demo.bank_operations();
    assert_eq!(authorised.iter().filter(|o| o["kind"] == "authorise").count(), 1);
    demo.assert_sound();
}

#[test]
fn p_10_a_second_live_payment_of_one_order_is_refused() {
    let demo = Demo::start();
    let first = demo.create_payment("a", 3_420);
    let merchant = demo.merchant(0);
    let body = json!({
        "shop": merchant["shop"], "amount": 3_420, "currency": "EUR", "order_ref": "CMD-a",
    });
    let second = demo.post("/v1/payments", "other key", &body);
    assert_eq!((second.status, &second.body["code"]), (409, &json!("order_has_live_payment")));
    assert!(second.body.to_string().contains(first["id"].as_str().unwrap()), "{}", second.body);
}

#[test]
fn q_31_a_bank_that_cannot_be_reached_is_said_and_nothing_is_debited() {
    let demo = Demo::start();
    let payment = demo.create_payment("a", 3_420);
    let url = payment["page_url"].as_str().unwrap();
    demo.fault("cut");
    let page = pay(url, &card("4970100000000154"));
    let id = payment["id"].as_str().unwrap();
    // A cut connection may have been heard: certain only when the bank was asked.
    let honest = page.says("Rien n'a été débité") || page.says("Ne payez pas une seconde fois");
    assert!(honest, "{}\n{}", page.url, page.html);
    let authorised = || {
        let all = demo.bank_operations();
        all.iter().filter(|o| o["kind"] == "authorise" && o["state"] == "approved").count()
    };
    let status = demo.payment(id)["status"].as_str().unwrap().to_owned();
    assert!(
        ["unknown", "action_required", "refused", "captured"].contains(&status.as_str()),
        "{status}"
    );
    assert!(authorised() <= 1);
    demo.assert_sound();
}

#[test]
fn p_106_an_authorised_payment_is_cancelled_and_captured_in_part_only_within_its_rules() {
    let demo = Demo::start();
    let merchant = demo.merchant(0);
    let create = |key: &str| {
        let body = json!({
            "shop": merchant["shop"], "amount": 8_400, "currency": "EUR",
            "order_ref": format!("CMD-{key}"), "capture": "manual",
            "payer": { "email": "anne@example.org", "language": "fr" },
        });
        let payment = demo.post("/v1/payments", key, &body).body;
        let end = pay(payment["page_url"].as_str().unwrap(), &card("4970100000000154"));
        assert!(end.url.contains("/r/"), "{}\n{}", end.url, end.html);
        payment["id"].as_str().unwrap().to_owned()
    };
    let kept = create("keep");
    let ready = demo.payment(&kept);
    assert!(["authorised", "to_validate"].contains(&ready["status"].as_str().unwrap()), "{ready}");
    let capture = |key: &str, amount: i64| {
        demo.post(&format!("/v1/payments/{kept}/capture"), key, &json!({ "amount": amount }))
    };
    assert_eq!(capture("c1", 8_401).body["code"], "amount_above_capturable");
    assert_eq!(capture("c2", 5_000).status, 200);
    assert_eq!(demo.payment(&kept)["status"], "partially_captured");
    let dropped = create("drop");
    let cancelled = demo.post(&format!("/v1/payments/{dropped}/cancel"), "x", &json!({}));
    assert_eq!((cancelled.status, &cancelled.body["status"]), (200, &json!("cancelled")));
    let again = demo.post(&format!("/v1/payments/{dropped}/cancel"), "y", &json!({}));
    assert_eq!((again.status, &again.body["code"]), (409, &json!("operation_not_allowed")));
    demo.assert_sound();
}
