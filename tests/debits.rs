//! Cards charged without being seen, by programs and by staff, on real processes.

use serde_json::{Value, json};

use crate::browser::readable;
use crate::cards::Staff;
use crate::demo::{Demo, PATIENCE};
use crate::lots::{booked, wait};

fn authorised(demo: &Demo) -> usize {
    let all = demo.bank_operations().into_iter();
    all.filter(|one| one["kind"] == "authorise" && one["state"] == "approved").count()
}

/// What the program knows of the payments of a booking, newest first.
fn payments(demo: &Demo, booking: &str) -> Vec<Value> {
    let known = demo.get(&format!("/v1/payments?booking={booking}&limit=10")).body;
    known["data"].as_array().unwrap().clone()
}

#[test]
fn v_97_a_debit_is_made_once_although_the_app_is_killed_while_the_bank_is_silent() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let card = payments(&demo, &booking)[0]["card"]["id"].clone();
    let body = json!({
        "amount": 1_500, "currency": "EUR", "order_ref": "PMS-NOSHOW-1", "card": card,
        "initiator": "merchant", "reason": "no_show", "booking": booking,
    });
    let staff = Staff::owner(&demo);
    let desk = staff.open(&format!("/reservations/{booking}/solde")).form_with("due");
    let before = authorised(&demo);
    // The bank charges and does not answer; the app dies while it waits.
    demo.fault("silence");
    std::thread::scope(|threads| {
        let app = demo.app();
        let asking = threads.spawn(|| demo.try_post(app, "/v1/payments", "debit-1", &body));
        wait(PATIENCE, "the bank is not asked", || authorised(&demo) > before);
        demo.kill("app");
        let _ = asking.join().unwrap();
    });
    let made = || payments(&demo, &booking).into_iter().find(|p| p["order_ref"] == "PMS-NOSHOW-1");
    let id = made().unwrap()["id"].as_str().unwrap().to_owned();
    // A program that heard nothing asks again, with its key and without it.
    let other = demo.post("/v1/payments", "debit-2", &body);
    assert_eq!((other.status, &other.body["payment"]), (409, &json!(id)), "{}", other.body);
    // Nor does the desk charge it beside the program, while nobody knows and later.
    let beside = staff.post(&desk).status().as_u16();
    assert!([303, 422].contains(&beside), "{beside}");
    demo.wait_for_status(&id, "captured");
    assert_eq!(staff.post(&desk).status().as_u16(), 422, "what is due has changed");
    let paid = demo.payment(&id);
    assert_eq!((&paid["reason"], &paid["warnings"]), (&json!("no_show"), &json!([])), "{paid}");
    assert!(paid["processor"]["network_transaction_id"].is_string(), "{paid}");
    let same = demo.post("/v1/payments", "debit-1", &body);
    let known = match same.status {
        409 if same.body["code"] == "idempotency_in_flight" => true,
        409 => same.body["payment"] == json!(id),
        _ => same.body["id"] == json!(id),
    };
    assert!(known, "{} {}", same.status, same.body);
    assert_eq!(authorised(&demo), before + 1, "{:?}", demo.bank_operations());
    demo.assert_sound();
}

#[test]
fn v_89_v_164_staff_charges_part_of_what_is_due_with_a_proposed_reason_once() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let staff = Staff::owner(&demo);
    let path = format!("/reservations/{booking}/solde");
    let due = || demo.get(&format!("/v1/bookings/{booking}")).body["due"]["amount"].as_i64();
    let owed = due().unwrap();
    let question = staff.open(&path);
    assert!(
        question.html.contains("value=\"instalment\" selected"),
        "{}",
        readable(&question.html)
    );
    assert!(question.says("Sur le relevé du client"), "{}", readable(&question.html));
    let with = |amount: &str, reason: &str| {
        let mut form = staff.open(&path).form_with("due");
        form.fields.retain(|(name, _)| name != "amount" && name != "reason");
        form.fields.push(("amount".to_owned(), amount.to_owned()));
        form.fields.push(("reason".to_owned(), reason.to_owned()));
        form
    };
    let before = authorised(&demo);
    for (amount, reason) in [("99999,00", "no_show"), ("0", "no_show"), ("10,00", "recurring")] {
        let refused = staff.post(&with(amount, reason));
        assert_eq!(refused.status().as_u16(), 422, "{amount} {reason}");
    }
    assert_eq!((authorised(&demo), due()), (before, Some(owed)), "nothing wrong is sent");
    let form = with("10,00", "delayed_charge");
    let done = staff.send(&form);
    assert_eq!(done, format!("/reservations/{booking}"));
    assert_eq!(staff.send(&form), done, "a second press leads to the same page");
    assert_eq!(authorised(&demo), before + 1, "{:?}", demo.bank_operations());
    assert_eq!(due(), Some(owed - 1_000));
    let paid = payments(&demo, &booking).into_iter().find(|p| p["amount"] == 1_000).unwrap();
    assert_eq!(
        (&paid["status"], &paid["reason"], &paid["initiator"]),
        (&json!("captured"), &json!("delayed_charge"), &json!("merchant")),
    );
    let rest = staff.open(&path);
    // It is still the rest of the same price.
    assert!(rest.html.contains("value=\"instalment\" selected"), "{}", readable(&rest.html));
    demo.assert_sound();
}

#[test]
fn v_89_what_a_program_holds_on_the_card_is_not_due_any_more() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let due = || demo.get(&format!("/v1/bookings/{booking}")).body["due"]["amount"].as_i64();
    let owed = due().unwrap();
    let card = payments(&demo, &booking)[0]["card"]["id"].clone();
    let body = json!({
        "amount": 1_500, "currency": "EUR", "order_ref": "PMS-HOLD-1", "card": card,
        "initiator": "merchant", "reason": "delayed_charge", "booking": booking,
        "capture": "manual",
    });
    let held = demo.post("/v1/payments", "hold-1", &body);
    assert_eq!(held.body["counters"]["captured"], 0, "{}", held.body);
    assert_eq!(held.body["counters"]["authorised"], 1_500, "{}", held.body);
    assert_eq!(due(), Some(owed - 1_500));
    demo.assert_sound();
}

#[test]
fn v_98_a_debit_of_the_property_s_terminal_lowers_the_balance_once() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let path = format!("/v1/bookings/{booking}");
    let due = || demo.get(&path).body["due"]["amount"].as_i64().unwrap();
    let owed = due();
    let made = demo.state()["clock"].clone();
    let mut body = json!({
        "kind": "debit", "means": "terminal", "amount": 500, "currency": "EUR",
        "reference": "T-9", "auth_code": "A17F3C", "at": made, "card": null,
    });
    let record = format!("{path}/recorded_transactions");
    let told = demo.post(&record, "slip-1", &body);
    assert_eq!(told.status, 201, "{}", told.body);
    assert_eq!(told.body["booking"]["due"]["amount"], owed - 500);
    let again = demo.post(&record, "slip-2", &body);
    assert_eq!((again.status, &again.body["booking"]), (409, &json!(booking)), "{}", again.body);
    assert_eq!(due(), owed - 500);
    body["kind"] = json!("refund");
    body["amount"] = json!(99_999_999);
    body["reference"] = json!("slip 10");
    let above = demo.post(&record, "slip-3", &body);
    assert_eq!((above.status, &above.body["code"]), (422, &json!("amount_above_refundable")));
    let refused = |key: &str, member: &str, value: Value| {
        let mut wrong = body.clone();
        wrong["kind"] = json!("debit");
        wrong["reference"] = json!(key);
        wrong[member] = value;
        let answer = demo.post(&record, key, &wrong);
        assert_eq!(answer.status, 422, "{}", answer.body);
        answer.body["errors"][0]["path"].clone()
    };
    assert_eq!(refused("slip-4", "card_consumed", json!(true)), json!("$.card_consumed"));
    assert_eq!(refused("slip-5", "auth_code", json!("4970\n1000")), json!("$.auth_code"));
    let nobodys = json!("card_01JD0000000000000000000000");
    assert_eq!(refused("slip-6", "card", nobodys), json!("$.card"));
    let staff = Staff::owner(&demo);
    let page = staff.open(&format!("/reservations/{booking}?onglet=paiements"));
    assert!(page.says("Enregistrées hors Guichet"), "{}", readable(&page.html));
    let question = staff.open(&format!("/reservations/{booking}/solde")).form_with("due");
    let seen = question.fields.iter().find(|(name, _)| name == "due").unwrap();
    assert_eq!(seen.1, (owed - 500).to_string(), "it is not charged a second time");
    demo.assert_sound();
}
