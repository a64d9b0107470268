//! The demo as tests set it up: scenes of journeys, and the clock that everybody shows.

use serde_json::json;

use crate::browser::{card, decide_at_bank, link_to_bank, open, pay};
use crate::demo::Demo;

const AT: &str = "2026-06-15T09:00:00+02:00";

#[test]
fn u_99_a_scene_has_its_objects_or_says_what_is_missing() {
    let demo = Demo::start();
    let key = "a-scene";
    let missing = demo.post("/demo/scene/J5", key, &json!({}));
    assert_eq!((missing.status, &missing.body["code"]), (422, &json!("scene_not_built")));
    let detail = missing.body["detail"].as_str().unwrap();
    assert!(detail.contains("vouchers") && detail.contains("J12"), "{detail}");
    assert_eq!(demo.post("/demo/scene/J13", key, &json!({})).status, 404);

    let scene = demo.post("/demo/scene/J12", key, &json!({}));
    assert_eq!(scene.status, 200, "{}", scene.text);
    let cards = scene.body["cards"].as_object().unwrap();
    assert_eq!(cards.len(), 9);
    let seen = |name: &str| {
        let token = cards[name].as_str().unwrap();
        let told = demo.get(&format!("/v1/cards/{token}"));
        assert_eq!(told.status, 200, "{name}: {}", told.text);
        told.body
    };
    for name in ["t1", "t2", "t3"] {
        assert_eq!(seen(name)["verification"]["status"], "verified", "{name}");
        let charge = json!({ "amount": 3_600, "currency": "EUR", "card": cards[name],
            "order_ref": format!("scene-{name}"), "initiator": "merchant", "reason": "no_show" });
        let paid = demo.post("/v1/payments", name, &charge);
        assert_eq!(paid.body["status"], "captured", "the holder's chain is known: {}", paid.text);
    }
    for number in 1..=6 {
        let card = seen(&format!("e{number}"));
        assert_eq!((&card["exp_month"], &card["exp_year"]), (&json!(8), &json!(2026)), "{card}");
    }
}

#[test]
fn p_161_the_bank_shows_the_time_of_a_test_clock_that_stands_and_of_one_that_was_moved() {
    let demo = Demo::start_with(&["--at", AT]);
    for (instant, shown, on) in [
        (None, "15/06/2026 09:00", "2026-06-15"),
        (Some("2026-07-02T18:30:00+02:00"), "02/07/2026 18:30", "2026-07-02"),
    ] {
        if let Some(instant) = instant {
            demo.move_clock(instant);
        }
        let payment = demo.create_payment(on, 8_400);
        let url = payment["page_url"].as_str().unwrap();
        let page = open(&link_to_bank(&pay(url, &card("4970100100001003"))));
        assert!(page.says(shown), "{shown}\n{}", page.html);
        decide_at_bank(&page, "Valider");
        let books = demo.bank_operations();
        let last = books.last().unwrap()["at"].as_str().unwrap();
        assert!(last.starts_with(on), "{books:?}");
    }
}
