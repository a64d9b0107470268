//! The town of the demo: one seed and one instant give one season, with books that balance.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::{Page, readable};
use crate::cards::Staff;
use crate::demo::Demo;
use crate::lots::wait;

const AT: &str = "2026-06-15T09:00:00+02:00";
/// Longest wait for the season to be written, on a busy machine.
const SEASON: Duration = Duration::from_secs(300);
/// How often the house is asked how far it is; the answer costs it a look at all its books.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What there is once the season is written.
fn season(seed: &str) -> (Demo, Value) {
    let demo = Demo::start_town(&["--at", AT, "--seed", seed]);
    let start = Instant::now();
    loop {
        let state = demo.state();
        let payments: i64 = state["counters"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| name.starts_with("payments."))
            .map(|(_, count)| count.as_i64().unwrap())
            .sum();
        if payments == 742 {
            std::thread::sleep(Duration::from_secs(1));
            let state = demo.checked();
            return (demo, state);
        }
        assert!(start.elapsed() < SEASON, "{payments} payments: {state}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// What outsiders see of it, without names of things.
fn told(demo: &Demo) -> Vec<String> {
    let mut told = Vec::new();
    for path in ["/v1/payments?limit=100", "/v1/bookings?limit=100"] {
        let list = demo.get(path).body;
        for one in list["data"].as_array().unwrap() {
            let fields = ["order_ref", "number", "amount", "status", "state", "created_at"];
            told.push(fields.map(|field| one[field].to_string()).join(" "));
        }
    }
    // What is charged at one instant of a clock that stands still has no order of its own.
    told.sort();
    told
}

#[test]
fn u_95_u_102_v_89_one_seed_gives_one_season_with_its_cards_and_books() {
    let (demo, state) = season("7");
    let counters = &state["counters"];
    assert_eq!(state["ledger"]["ok"], true, "{state}");
    assert_eq!(state["file_scan"], 0);
    let bookings: i64 = ["done", "confirmed", "cancelled"]
        .map(|word| counters[format!("bookings.{word}")].as_i64().unwrap_or(0))
        .iter()
        .sum();
    assert_eq!(bookings, 208, "{counters}");
    assert_eq!(counters["holds.active"], 6, "{counters}");
    assert_eq!(counters["payments.refused"], 46, "{counters}");
    cards_stand_in_their_bookings(&demo);
    three_programs_listen(&demo);
    let first = told(&demo);
    a_card_of_a_channel_is_charged_without_being_seen(&demo);
    let refund = &demo.get("/v1/payments?status=captured&limit=1").body["data"][0];
    let path = format!("/v1/payments/{}/refunds", refund["id"].as_str().unwrap());
    let body = json!({
        "amount": 100, "expected_refundable": refund["amount"], "reason": "essai",
    });
    let answer = demo.post(&path, "back", &body);
    assert_eq!(answer.status, 201, "the bank knows its past: {}", answer.body);
    drop(demo);
    let (again, _) = season("7");
    let second = told(&again);
    let differs: Vec<_> = first.iter().zip(&second).filter(|(a, b)| a != b).collect();
    assert!(differs.is_empty(), "{differs:?}");
}

/// Two answer and one is out of order; sales were made at three points of sale.
fn three_programs_listen(demo: &Demo) {
    let failing = || {
        let programs = demo.get("/v1/webhook_endpoints").body["data"].clone();
        let programs = programs.as_array().unwrap();
        let fails = |program: &&Value| !program["failing_since"].is_null();
        (programs.len(), programs.iter().filter(fails).count())
    };
    wait(SEASON, "three programs, one out of order", || failing() == (3, 1));
    let sold = demo.get("/v1/payments?limit=100").body;
    let places =
        sold["data"].as_array().unwrap().iter().map(|one| one["point_of_sale"].to_string());
    assert_eq!(places.collect::<std::collections::BTreeSet<_>>().len(), 3, "{sold}");
}

/// 61 cards of the hotel: 41 verified, 14 not, six virtual ones in six states; four codes wait for
/// their one look and three are gone.
fn cards_stand_in_their_bookings(demo: &Demo) {
    let staff = Staff::owner(demo);
    let counts = || {
        let page = readable(&staff.open("/cartes").html);
        let count = |words: &str| page.matches(words).count();
        let codes = (count("Code disponible (1 fois)"), count("CVV vu/utilisé"));
        (count("Carte vérifiée"), count("Carte non vérifiée"), codes)
    };
    wait(SEASON, "61 cards", || counts() == (41, 20, (4, 3)));
    let lists = [
        "Toutes 6",
        "À encaisser aujourd'hui 1",
        "En retard 2",
        "Solde restant 1",
        "À rembourser 1",
        "Bientôt perdues (≤ 30 j) 1",
    ];
    for list in lists {
        let stands = || readable(&staff.open("/cartes/virtuelles").html).contains(list);
        wait(SEASON, list, stands);
    }
    assert!(readable(&staff.open("/reservations").html).contains("Carte vérifiée"));
}

/// The hotel charges the rest of a stay on the card that a channel sent: once, by telephone order.
fn a_card_of_a_channel_is_charged_without_being_seen(demo: &Demo) {
    let staff = Staff::owner(demo);
    let coming = demo.get("/v1/bookings?state=confirmed&limit=100").body;
    let ids = coming["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap());
    let opened = ids.map(|id| (id, staff.open(&format!("/reservations/{id}?onglet=carte"))));
    let verified = |page: &str| readable(page).contains("Carte vérifiée");
    let mut found = opened.into_iter().filter(|(_, page)| verified(&page.html));
    let (id, page) = found.next().unwrap();
    what_a_program_charges_is_paid(demo, &found.next().unwrap());
    let charge = format!("/reservations/{id}/solde");
    assert!(page.html.contains(&charge), "{}", readable(&page.html));
    let question = staff.open(&charge);
    assert!(question.says("comme une commande par téléphone"), "{}", readable(&question.html));
    let form = question.form_with("due");
    let done = staff.send(&form);
    assert_eq!(done, format!("/reservations/{id}"));
    assert_eq!(staff.send(&form), done, "a second press leads to the same page");
    let known = demo.get(&format!("/v1/payments?booking={id}&limit=10")).body;
    let paid: Vec<_> = known["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|payment| payment["channel"] == "moto_terminal")
        .collect();
    assert_eq!(paid.len(), 1, "{known}");
    assert_eq!(
        (&paid[0]["status"], &paid[0]["initiator"]),
        (&json!("captured"), &json!("merchant"))
    );
    assert!(readable(&staff.open(&done).html).contains("Il ne reste rien à encaisser"));
}

/// A program charges part of a stay through the API: the desk does not ask for it again.
fn what_a_program_charges_is_paid(demo: &Demo, (id, page): &(&str, Page)) {
    let known = || demo.get(&format!("/v1/bookings/{id}")).body;
    let due = |booking: &Value| booking["due"]["amount"].as_i64().unwrap();
    let before = due(&known());
    let card = page.html.split("/cartes/").find(|rest| rest.starts_with("card_")).unwrap();
    let card = card.split(['"', '/', '?']).next().unwrap();
    let body = json!({
        "shop": demo.merchant(0)["shop"], "amount": 1_000, "currency": "EUR", "order_ref": "PMS-1",
        "card": card, "channel": "moto_terminal", "booking": id,
    });
    let paid = demo.post("/v1/payments", "PMS-1", &body);
    assert_eq!((paid.status, &paid.body["status"]), (201, &json!("captured")), "{}", paid.body);
    assert_eq!(due(&known()), before - 1_000);
    // A card that was charged by telephone agreed to nothing: the desk charges it so too.
    let staff = Staff::owner(demo);
    let question = staff.open(&format!("/reservations/{id}/solde"));
    assert!(question.says("comme une commande par téléphone"), "{}", readable(&question.html));
    let mut form = question.form_with("due");
    form.fields.retain(|(name, _)| name != "amount");
    form.fields.push(("amount".to_owned(), "10,00".to_owned()));
    staff.send(&form);
    assert_eq!(due(&known()), before - 2_000);
}

#[test]
fn u_95_a_large_demo_has_balanced_books() {
    let demo = Demo::start_town(&["--large", "--large-count", "1200", "--at", AT]);
    let start = Instant::now();
    while demo.state()["counters"]["payments.captured"].as_i64().unwrap_or(0) < 1_050 {
        assert!(start.elapsed() < SEASON);
        std::thread::sleep(LOOK_EVERY);
    }
    std::thread::sleep(Duration::from_secs(1));
    let state = demo.checked();
    assert_eq!(state["ledger"]["ok"], true, "{state}");
    let list = demo.get("/v1/payments?limit=5").body;
    let id = list["data"][0]["id"].as_str().unwrap();
    assert_eq!(demo.payment(id)["order_ref"], list["data"][0]["order_ref"]);
}
