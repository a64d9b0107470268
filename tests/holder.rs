//! An absent guest confirms a charge with his bank, by real processes.

use serde_json::{Value, json};

use crate::browser::{self, Page, readable};
use crate::cards::Staff;
use crate::demo::{Demo, PATIENCE};
use crate::lots::{booked, wait};

/// The addresses in the messages that ask a holder.
fn links(demo: &Demo) -> Vec<String> {
    let found = demo.inbox().into_iter().filter_map(|one| {
        let link = one["links"].get(0)?.as_str()?.to_owned();
        link.contains("/authentification/").then_some(link)
    });
    found.collect()
}

fn money_moved(demo: &Demo) -> usize {
    let all = demo.bank_operations().into_iter();
    all.filter(|one| one["kind"] == "authorise" && one["state"] == "approved").count()
}

fn due(demo: &Demo, booking: &str) -> i64 {
    demo.get(&format!("/v1/bookings/{booking}")).body["due"]["amount"].as_i64().unwrap()
}

/// Staff asks the guest to confirm this much of what is due.
fn ask(staff: &Staff<'_>, booking: &str, amount: &str) -> String {
    let mut form = staff.open(&format!("/reservations/{booking}/authentifier")).form_with("due");
    form.fields.retain(|(name, _)| name != "amount" && name != "days");
    form.fields.push(("amount".to_owned(), amount.to_owned()));
    form.fields.push(("days".to_owned(), "3".to_owned()));
    let there = staff.send(&form);
    assert_eq!(staff.send(&form), there, "a second press asks nothing more");
    there
}

fn press(page: &Page) -> Page {
    browser::submit(page, &page.form_saying("Continuer vers ma banque").0, &[])
}

/// The newest payment of a booking, as programs read it.
fn newest(demo: &Demo, booking: &str) -> Value {
    let known = demo.get(&format!("/v1/payments?booking={booking}&limit=10")).body;
    known["data"][0].clone()
}

#[test]
fn v_101_v_102_staff_asks_an_absent_guest_and_his_bank_confirms_him() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let staff = Staff::owner(&demo);
    let page = format!("/reservations/{booking}");
    let seen = |words: &str| readable(&staff.open(&page).html).contains(words);
    wait(PATIENCE, "the guest's own card", || seen("Lien d'authentification"));
    let owed = due(&demo, &booking);
    let before = money_moved(&demo);

    let mut form = staff.open(&format!("{page}/authentifier")).form_with("due");
    form.fields.retain(|(name, _)| name != "email" && name != "days");
    assert_eq!(staff.post(&form).status().as_u16(), 422, "neither way nor time");
    assert!(links(&demo).is_empty());
    assert_eq!(ask(&staff, &booking, "10,00"), page);
    let sent = links(&demo);
    assert_eq!(sent.len(), 1, "one mail");
    assert!(seen("Confirmation demandée au client le"), "{}", readable(&staff.open(&page).html));
    assert!(seen("Un paiement de ce séjour n'est pas encore décidé."), "what is due waits for him");

    // He opens it on one device, presses, closes his bank's page, and comes back on another.
    let his = browser::open(&sent[0]);
    assert!(his.says("Rien n'a encore été débité"), "{}", readable(&his.html));
    assert!(!his.html.contains("name=\"number\"") && his.says("10,00"), "{}", readable(&his.html));
    assert!(seen("Le client a ouvert le lien"));
    let to_bank = press(&his);
    assert!(to_bank.url.ends_with("/3ds"), "{}", to_bank.url);
    let back = browser::open(&sent[0]);
    assert!(back.url.ends_with("/3ds"), "{}", back.url);
    assert_eq!(money_moved(&demo), before, "nothing moves before his bank knows him");
    let receipt = browser::decide_at_bank(&back, "Valider");
    assert!(receipt.url.contains("/r/"), "{} {}", receipt.url, readable(&receipt.html));
    assert_eq!((money_moved(&demo), due(&demo, &booking)), (before + 1, owed - 1_000));
    let paid = newest(&demo, &booking);
    assert_eq!((&paid["status"], &paid["initiator"]), (&json!("captured"), &json!("payer")));
    assert_eq!(paid["guarantee"]["value"], "yes", "{paid}");
    assert!(seen("Montant confirmé par le client"));
    assert!(browser::open(&sent[0]).says("déjà effectué"), "the link says it again");

    // What was made so can be named by a charge without him.
    let body = json!({
        "amount": 700, "currency": "EUR", "order_ref": "MINIBAR-1", "card": paid["card"]["id"],
        "initiator": "merchant", "reason": "delayed_charge", "booking": booking,
    });
    let later = demo.post("/v1/payments", "later-1", &body).body;
    assert_eq!((&later["status"], &later["warnings"]), (&json!("captured"), &json!([])), "{later}");
    let told = demo.get("/v1/events?limit=50").body.to_string();
    for kind in ["sent", "opened", "done"] {
        assert!(told.contains(&format!("\"authentication_link.{kind}\"")), "{kind}: {told}");
    }
    demo.assert_sound();
}

#[test]
fn v_101_what_was_paid_otherwise_or_whose_card_is_gone_is_not_charged() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let staff = Staff::owner(&demo);
    let owed = due(&demo, &booking);
    let before = money_moved(&demo);
    let whole = format!("{},{:02}", owed / 100, owed % 100);
    let mut form = staff.open(&format!("/reservations/{booking}/authentifier")).form_with("due");
    form.fields.retain(|(name, _)| name != "days");
    form.fields.push(("days".to_owned(), "1".to_owned()));
    form.fields.push(("again".to_owned(), whole));
    staff.send(&form);
    let link = links(&demo).pop().unwrap();
    let to_bank = press(&browser::open(&link));
    // Part of it was paid at the desk while he was at his bank.
    let slip = json!({
        "kind": "debit", "means": "terminal", "amount": 500, "currency": "EUR",
        "reference": "T-1", "auth_code": "A17F3C", "at": demo.state()["clock"], "card": null,
    });
    let record = format!("/v1/bookings/{booking}/recorded_transactions");
    assert_eq!(demo.post(&record, "slip", &slip).status, 201);
    let after = browser::decide_at_bank(&to_bank, "Valider");
    assert!(after.says("Le prix a changé"), "{}", readable(&after.html));
    assert_eq!((money_moved(&demo), due(&demo, &booking)), (before, owed - 500));
    assert_eq!(newest(&demo, &booking)["status"], "cancelled");

    // The card is destroyed between the message and its opening.
    ask(&staff, &booking, "10,00");
    let link = links(&demo).into_iter().find(|one| *one != link).unwrap();
    let id = newest(&demo, &booking)["id"].as_str().unwrap().to_owned();
    let card = newest(&demo, &booking)["card"]["id"].as_str().unwrap().to_owned();
    let gone = demo.call_as(demo.api_key(0), ("DELETE", &format!("/v1/cards/{card}")), None, None);
    assert_eq!(gone.status, 204, "{}", gone.body);
    let page = browser::open(&link);
    let refused = press(&page);
    assert!(refused.says("Cette carte ne peut plus être utilisée"), "{}", readable(&refused.html));
    // He gives another one, which his bank asks him about.
    let other = browser::go(&refused, "Utiliser une autre carte");
    let other = browser::type_card(&other, &browser::card("4970100000000154"));
    let receipt = browser::decide_at_bank(&other, "Valider");
    assert!(receipt.url.contains("/r/"), "{} {}", receipt.url, readable(&receipt.html));
    let links = demo.get(&format!("/v1/payments/{id}/authentication_links")).body;
    assert_eq!(links["data"][0]["status"], "done", "{links}");
    assert_eq!(money_moved(&demo), before + 1);
    demo.assert_sound();
}

#[test]
fn v_101_a_program_s_link_for_the_rest_charges_nothing_that_was_paid_at_the_desk() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let owed = due(&demo, &booking);
    let before = money_moved(&demo);
    let rest = json!({
        "amount": owed, "currency": "EUR", "order_ref": "REST-1", "purpose": "balance",
        "booking": booking, "payer": {"email": "anna@example.org", "language": "fr"},
    });
    let made = demo.post("/v1/payments", "rest", &rest).body;
    let path = format!("/v1/payments/{}/authentication_links", made["id"].as_str().unwrap());
    let asked = demo.post(&path, "link", &json!({}));
    assert_eq!(asked.status, 201, "{}", asked.body);
    let slip = json!({
        "kind": "debit", "means": "terminal", "amount": owed, "currency": "EUR",
        "reference": "T-2", "auth_code": "A17F3C", "at": demo.state()["clock"], "card": null,
    });
    let record = format!("/v1/bookings/{booking}/recorded_transactions");
    assert_eq!(demo.post(&record, "slip", &slip).status, 201);
    press(&browser::open(&links(&demo).pop().unwrap()));
    assert_eq!(newest(&demo, &booking)["status"], "cancelled");
    assert_eq!((money_moved(&demo), due(&demo, &booking)), (before, 0));
    demo.assert_sound();
}
