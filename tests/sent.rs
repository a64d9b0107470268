//! Bookings that a program sends, with the cards that it left before and leaves later.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cards::CALM;
use crate::demo::Demo;
use crate::stays::{dates, search};

fn body(demo: &Demo, reference: &str) -> Value {
    let days = dates(demo, 5);
    let offer = search(demo, "Double jardin", &days).unwrap();
    json!({
        "reference": reference,
        "lines": [{
            "lodging": offer["lodging"], "formula": offer["formula"],
            "arrival": days.0, "departure": days.1,
            "guests": [{ "bracket": "adult", "count": 2 }],
        }],
        "contact": { "last_name": "Weber", "first_name": "Hans", "email": "hans@example.org" },
    })
}

/// The booking once a card is its own.
fn with_card(demo: &Demo, booking: &str) -> Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let seen = demo.get(&format!("/v1/bookings/{booking}")).body;
        if seen["card"]["token"].is_string() || Instant::now() > end {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn v_23_a_card_that_waits_under_a_programs_name_is_the_bookings_when_it_comes() {
    let demo = Demo::start();
    let card = demo.add_card("HOP-2026-118", CALM);
    let sent = body(&demo, "HOP-2026-118");
    let made = demo.post("/v1/bookings", "one", &sent);
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["id"].as_str().unwrap();
    let told = with_card(&demo, id);
    assert_eq!(told["card"]["token"], json!(card), "{told}");
    assert_eq!(told["card"]["cardVirtual"], json!(false));
    assert!(told["card"]["purge_at"].is_string(), "it goes with its stay");
    assert_eq!((&told["provenance"], &told["firm"]), (&json!("api"), &json!(true)));
    let again = demo.post("/v1/bookings", "one", &sent);
    assert_eq!((again.status, &again.body["id"]), (201, &told["id"]), "{}", again.body);
    assert_eq!(again.body["card"]["token"], json!(card), "with its card as it stands now");
    let second = demo.post("/v1/bookings", "two", &sent);
    assert_eq!((second.status, &second.body["code"]), (409, &json!("reference_taken")));
    assert_eq!(second.body["booking"], told["id"]);
    let found = demo.get("/v1/bookings?q=HOP-2026-118").body;
    assert_eq!(found["data"][0]["number"], told["number"], "{found}");
    demo.assert_sound();
}

#[test]
fn v_23_a_card_that_comes_after_its_booking_finds_it_by_either_name() {
    let demo = Demo::start();
    let made = demo.post("/v1/bookings", "one", &body(&demo, "HOP-7"));
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["card"]["missing_reason"], json!("not_sent"), "{}", made.body);
    let id = made.body["id"].as_str().unwrap();
    let card = demo.add_card("HOP-7", CALM);
    assert_eq!(with_card(&demo, id)["card"]["token"], json!(card));
    let newer = demo.add_card(made.body["number"].as_str().unwrap(), CALM);
    let end = Instant::now() + Duration::from_secs(60);
    let both = loop {
        let both = demo.get(&format!("/v1/bookings/{id}")).body["cards"].clone();
        let all_kept = both.as_array().unwrap().iter().all(|card| card["purge_at"].is_string());
        if (both.as_array().unwrap().len() == 2 && all_kept) || Instant::now() > end {
            break both;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!((&both[0]["token"], &both[1]["token"]), (&json!(newer), &json!(card)), "{both}");
    demo.assert_sound();
}

#[test]
fn v_23_what_is_wrong_with_a_sent_booking_is_named_and_nothing_is_written() {
    let demo = Demo::start();
    for (name, wrong, path) in [
        ("reference", json!("DOS-2026-000001"), "$.reference"),
        ("contact", json!({ "last_name": "Weber" }), "$.contact.first_name"),
        ("lines", json!([]), "$.lines"),
        ("guest", json!(1), "$.guest"),
    ] {
        let mut sent = body(&demo, "HOP-1");
        sent[name] = wrong;
        let refused = demo.post("/v1/bookings", name, &sent);
        assert_eq!(refused.status, 422, "{}", refused.body);
        let faults = refused.body["errors"].as_array().unwrap();
        assert!(faults.iter().any(|fault| fault["path"] == path), "{}", refused.body);
    }
    assert_eq!(demo.get("/v1/bookings?q=HOP-1").body["data"], json!([]));
    let no_key =
        demo.call_as(demo.api_key(0), ("POST", "/v1/bookings"), None, Some(&body(&demo, "HOP-1")));
    assert_eq!(no_key.status, 400, "{}", no_key.body);
}
