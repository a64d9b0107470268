//! The story: a stay is found, held, paid, confirmed, charged, given back.

use serde_json::{Value, json};

use crate::browser::pay_and_approve;
use crate::demo::Demo;

const CHALLENGE: &str = "4970100100001003";

/// Tomorrow week and two nights later, as the demo's clock sees it.
pub(crate) fn dates(demo: &Demo, ahead: i64) -> (String, String) {
    let clock: kernel::Timestamp =
        kernel::Timestamp::parse_rfc3339(demo.state()["clock"].as_str().unwrap()).unwrap();
    let today = kernel::Zone::paris().date(clock);
    let day = |n| kernel::time::plus_days(today, n).to_string();
    (day(ahead), day(ahead + 2))
}

pub(crate) fn search(demo: &Demo, name: &str, dates: &(String, String)) -> Option<Value> {
    let shop = &demo.merchant(0)["shop"];
    let lodgings = demo.get(&format!("/v1/lodgings?shop={}", shop.as_str().unwrap())).body;
    let lodging = lodgings["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["name"]["fr"] == name || l["name"] == name || l["names"]["fr"] == name)
        .unwrap_or_else(|| panic!("{lodgings}"))["id"]
        .clone();
    let body = json!({
        "shop": shop, "arrival": dates.0, "departure": dates.1,
        "guests": [{ "bracket": "adult", "count": 2 }],
    });
    let found = demo.call_as(demo.api_key(0), ("POST", "/v1/stays/search"), None, Some(&body));
    assert_eq!(found.status, 200, "{}", found.body);
    found.body["data"].as_array().unwrap().iter().find(|o| o["lodging"] == lodging).cloned()
}

/// A basket with a stay and a contact; gives its id.
pub(crate) fn basket(
    demo: &Demo,
    name: &str,
    dates: &(String, String),
    who: &str,
) -> Result<String, Value> {
    let offer =
        search(demo, name, dates).ok_or_else(|| json!({ "code": "not_found_in_search" }))?;
    let body = json!({
        "point_of_sale": demo.merchant(0)["point_of_sale"],
        "lines": [{
            "kind": "stay", "lodging": offer["lodging"], "formula": offer["formula"],
            "arrival": dates.0, "departure": dates.1,
            "guests": [{ "bracket": "adult", "count": 2 }],
        }],
    });
    let cart = demo.post("/v1/carts", &format!("cart {who}"), &body);
    assert_eq!(cart.status, 201, "{}", cart.body);
    let id = cart.body["id"].as_str().unwrap().to_owned();
    let contact = json!({
        "last_name": "Weber", "first_name": who, "email": format!("{who}@example.org"),
        "phone": "+49301234567", "language": "fr",
    });
    let held = demo.put(&format!("/v1/carts/{id}/contact"), &contact);
    if held.status == 200 {
        assert_eq!(held.body["hold"]["state"], "active");
        Ok(id)
    } else {
        Err(held.body)
    }
}

pub(crate) fn pay_click(demo: &Demo, cart: &str) -> (String, String) {
    let path = format!("/v1/carts/{cart}/pay");
    let paid = demo.post(&path, &format!("pay {cart}"), &json!({ "typology": "deposit_balance" }));
    assert!(paid.status < 300, "{}", paid.body);
    let text = |name: &str| paid.body[name].as_str().unwrap().to_owned();
    (text("payment"), text("url"))
}

#[test]
fn l_41_a_suite_is_booked_with_a_deposit_and_its_money_is_in_the_books() {
    let demo = Demo::start_with(&["--at", "2026-06-15T10:00:00+02:00"]);
    let dates = ("2026-06-18".to_owned(), "2026-06-20".to_owned());
    let cart = basket(&demo, "Suite", &dates, "Anna").unwrap();
    let (payment, url) = pay_click(&demo, &cart);
    let receipt = pay_and_approve(&demo, &url, CHALLENGE);
    assert!(receipt.url.contains("/r/") && receipt.says("100,80 €"), "{}", receipt.html);
    let paid = demo.payment(&payment);
    assert_eq!(paid["status"], "captured");
    let booking = paid["booking"].as_str().unwrap();
    let booking = demo.get(&format!("/v1/bookings/{booking}")).body;
    assert_eq!((&booking["state"], &booking["firm"]), (&json!("confirmed"), &json!(true)));
    assert!(booking["number"].as_str().unwrap().starts_with("DOS-2026-"), "{booking}");
    assert_eq!(booking["total"]["amount"], 33_600, "{booking}");
    assert_eq!(
        (&booking["paid"]["amount"], &booking["due"]["amount"]),
        (&json!(10_080), &json!(23_520))
    );
    assert_eq!(paid["order_ref"], format!("{}/1", booking["number"].as_str().unwrap()));
    assert!(search(&demo, "Suite", &dates).is_none(), "the only suite is taken");
    demo.move_clock("2026-06-15T10:01:00+02:00");
    let subjects: Vec<String> =
        demo.inbox().iter().map(|m| m["subject"].as_str().unwrap().to_owned()).collect();
    assert!(subjects.iter().any(|s| s.contains("est confirmée")), "{subjects:?}");
    assert!(subjects.iter().any(|s| s.replace('\u{a0}', " ").contains("100,80 €")), "{subjects:?}");
    demo.assert_sound();
}

#[test]
fn l_20_a_hold_keeps_the_suite_for_an_hour_and_lets_it_go() {
    let demo = Demo::start_with(&["--at", "2026-06-15T10:00:00+02:00"]);
    let dates = ("2026-06-18".to_owned(), "2026-06-20".to_owned());
    demo.move_clock("2026-06-15T10:02:00+02:00");
    let cart = basket(&demo, "Suite", &dates, "Marc").unwrap();
    assert!(search(&demo, "Suite", &dates).is_none());
    demo.move_clock("2026-06-15T10:50:00+02:00");
    let (payment, url) = pay_click(&demo, &cart);
    demo.move_clock("2026-06-15T11:49:59+02:00");
    assert!(search(&demo, "Suite", &dates).is_none());
    demo.move_clock("2026-06-15T11:50:00+02:00");
    assert!(search(&demo, "Suite", &dates).is_some());
    // Still free when the card comes late: taken again and paid.
    demo.move_clock("2026-06-15T11:51:00+02:00");
    let page = pay_and_approve(&demo, &url, "4970100000000154");
    if page.url.contains("/r/") {
        assert_eq!(demo.payment(&payment)["status"], "captured");
    } else {
        // The payer's session of sixty minutes is over: a new pay click asks again.
        let (payment, url) = pay_click(&demo, &cart);
        let page = pay_and_approve(&demo, &url, "4970100000000154");
        assert!(page.url.contains("/r/"), "{}\n{}", page.url, page.html);
        assert_eq!(demo.payment(&payment)["status"], "captured");
    }
    demo.assert_sound();
}

#[test]
fn l_09_the_place_sold_meanwhile_is_not_paid_twice() {
    let demo = Demo::start_with(&["--at", "2026-06-15T10:00:00+02:00"]);
    let dates = ("2026-06-18".to_owned(), "2026-06-20".to_owned());
    let late = basket(&demo, "Suite", &dates, "Marc").unwrap();
    let (late_payment, late_url) = pay_click(&demo, &late);
    let late_page = crate::browser::open(&late_url);
    demo.move_clock("2026-06-15T11:00:00+02:00");
    let quick = basket(&demo, "Suite", &dates, "Carla").unwrap();
    let (_, quick_url) = pay_click(&demo, &quick);
    assert!(pay_and_approve(&demo, &quick_url, "4970100000000154").url.contains("/r/"));
    let before = demo.bank_operations().len();
    let refused = crate::browser::type_card(&late_page, &crate::browser::card("4970100000000154"));
    assert!(refused.says("Rien n'a été débité"), "{}", refused.html);
    assert_eq!(demo.bank_operations().len(), before, "the bank was not asked");
    assert_ne!(demo.payment(&late_payment)["status"], "captured");
    demo.assert_sound();
}

#[test]
fn e_20_two_hundred_buyers_for_one_suite_make_one_hold() {
    let demo = std::sync::Arc::new(Demo::start());
    let dates = dates(&demo, 10);
    let offer = search(&demo, "Suite", &dates).unwrap();
    let buyers: Vec<_> = (0..200)
        .map(|n| {
            let (demo, offer, dates) = (std::sync::Arc::clone(&demo), offer.clone(), dates.clone());
            std::thread::spawn(move || {
                let body = json!({
                    "lines": [{
                        "resource": offer["lodging"], "quantity": 1,
                        "arrival": dates.0, "departure": dates.1,
                    }],
                    "contact": { "last_name": "Weber", "first_name": "Anna",
                        "email": format!("buyer{n}@example.org") },
                });
                loop {
                    let answer = demo.post("/v1/holds", &format!("hold {n}"), &body);
                    if answer.status != 429 {
                        return answer;
                    }
                    std::thread::sleep(std::time::Duration::from_millis(200));
                }
            })
        })
        .collect();
    let answers: Vec<_> = buyers.into_iter().map(|buyer| buyer.join().unwrap()).collect();
    let held = answers.iter().filter(|a| a.status == 201).count();
    assert_eq!(held, 1, "{:?}", answers.iter().take(3).collect::<Vec<_>>());
    assert!(answers.iter().all(|a| a.status == 201 || a.status == 409), "{:?}", answers.first());
    demo.kill("app");
    assert!(search(&demo, "Suite", &dates).is_none(), "the hold survives");
}

#[test]
fn q_30_killed_parts_leave_a_stay_paid_and_firm() {
    for part in ["app", "vault", "bank"] {
        let demo = Demo::start();
        let dates = dates(&demo, 12);
        let cart = basket(&demo, "Gîte La Tour", &dates, "Anna").unwrap();
        demo.kill(part);
        let (payment, url) = pay_click(&demo, &cart);
        demo.kill(part);
        let receipt = pay_and_approve(&demo, &url, CHALLENGE);
        assert!(receipt.url.contains("/r/"), "{part}: {}\n{}", receipt.url, receipt.html);
        let booking = demo.payment(&payment)["booking"].as_str().unwrap().to_owned();
        demo.kill(part);
        assert_eq!(demo.get(&format!("/v1/bookings/{booking}")).body["state"], "confirmed");
        demo.assert_sound();
    }
}
