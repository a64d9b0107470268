//! A guest is asked for a card and gives it, by real processes.

use serde_json::json;

use crate::browser::{self, Page, readable};
use crate::cards::Staff;
use crate::demo::{Demo, PATIENCE};
use crate::lots::{booked, wait};

fn links(demo: &Demo) -> Vec<String> {
    let found = demo.inbox().into_iter().filter_map(|one| {
        let link = one["links"].get(0)?.as_str()?.to_owned();
        link.contains("/carte/").then_some(link)
    });
    found.collect()
}

/// Sends the form of a card page; no security code is asked for.
fn give(page: &Page, number: &str) -> Page {
    let form = page.form_with("number");
    assert!(!page.html.contains("name=\"code\""), "{}", readable(&page.html));
    browser::submit(page, &form, &[("number", number), ("exp", "03/29"), ("holder", "A. Exemple")])
}

#[test]
fn v_36_v_40_j1_07_a_guest_gives_a_card_by_the_link_he_was_sent() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let staff = Staff::owner(&demo);
    let page = format!("/reservations/{booking}");
    let seen = |words: &str| readable(&staff.open(&page).html).contains(words);
    wait(PATIENCE, "the guest's own card", || seen("Carte non vérifiée"));
    let first = demo.get(&format!("/v1/bookings/{booking}")).body;
    let kept = staff.open(&page).html.split("/cartes/card_").nth(1).unwrap()[..26].to_owned();
    demo.call_as(demo.api_key(0), ("DELETE", &format!("/v1/cards/card_{kept}")), None, None);
    wait(PATIENCE, "the card is still there", || seen("Aucune carte"));
    assert!(seen("Demander une carte au client"));

    // By mail from the desk; nothing ticked is said so, and nothing is sent.
    let ask = format!("{page}/demander-carte");
    let mut form = staff.open(&ask).form_with("email");
    let ticked = form.fields.clone();
    form.fields.retain(|(name, _)| name != "email");
    assert_eq!(staff.post(&form).status().as_u16(), 422);
    assert!(links(&demo).is_empty());
    form.fields = ticked;
    form.fields.push(("email".into(), "1".into()));
    assert_eq!(staff.send(&form), page);
    let sent = links(&demo);
    assert_eq!(sent.len(), 1, "one mail");
    assert!(seen("Carte demandée au client le"));

    // The guest gives it; it is kept for his stay and nothing is debited.
    let asked = browser::open(&sent[0]);
    assert!(asked.says("Rien n'est débité maintenant"), "{}", readable(&asked.html));
    let card_page = browser::submit(&asked, &asked.form_saying("Indiquer ma carte").0, &[]);
    assert!(card_page.says("Garantir votre séjour"), "{}", readable(&card_page.html));
    let thanks = give(&card_page, "4970100000000154");
    assert!(thanks.says("•••• 0154"), "{}", readable(&thanks.html));
    wait(PATIENCE, "the card is not seen", || seen("******0154"));
    assert!(!seen("Carte demandée au client"), "he gave it");
    let ends = kernel::time::plus_days(first["ends"].as_str().unwrap().parse().unwrap(), 4);
    let end = kernel::Zone::paris().start_of(ends).to_string();
    let kept = || demo.get(&format!("/v1/bookings/{booking}")).body["card"]["purge_at"].clone();
    wait(PATIENCE, "it is kept for the stay", || kept() == end.as_str());
    let after = demo.get(&format!("/v1/bookings/{booking}")).body;
    assert_eq!((&after["paid"], &after["due"]), (&first["paid"], &first["due"]));
    assert!(browser::open(&sent[0]).says("•••• 0154"), "the link says it again");

    // A program's own page promises the same, and keeps it.
    let own = |code: Option<&str>| {
        let mut wish = json!({
            "purpose": "guarantee", "booking": booking, "keep": "booking",
            "return_url": "http://127.0.0.1:9/back",
        });
        if let Some(code) = code {
            wish["code"] = code.into();
        }
        demo.post("/v1/capture_sessions", &format!("own {code:?}"), &wish).status
    };
    assert_eq!((own(None), own(Some("none")), own(Some("required"))), (201, 201, 422));

    // A program asks for another; the earlier link ends, and so does the third one's patience.
    let token = staff.open(&page).html.split("/cartes/card_").nth(1).unwrap()[..26].to_owned();
    let call = format!("/v1/cards/card_{token}/requests");
    let made = demo.post(&call, "ask-1", &json!({ "channels": ["email", "sms"] }));
    assert_eq!(made.status, 201, "{}", made.body);
    let again = demo.post(&call, "ask-1", &json!({ "channels": ["email", "sms"] }));
    assert_eq!(again.body["url"], made.body["url"], "the same key asks once");
    assert_eq!(links(&demo).len(), 3, "a mail and a text message more");
    assert!(browser::open(made.body["url"].as_str().unwrap()).says("garantir ce séjour"));
    let third = format!("/v1/bookings/{booking}/card_requests");
    assert_eq!(demo.post(&third, "ask-2", &json!({})).status, 201);
    let old = browser::open(made.body["url"].as_str().unwrap());
    assert!(old.says("Ce lien n'est plus valable"), "{}", readable(&old.html));
    let fourth = demo.post(&third, "ask-3", &json!({}));
    assert_eq!((fourth.status, fourth.body["code"].as_str()), (429, Some("link_limit")));
    demo.assert_sound();
}
