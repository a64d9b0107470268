//! Several bookings charged together, by real processes that die meanwhile.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::{Page, pay_and_approve, readable};
use crate::cards::{CALM, Staff};
use crate::demo::{Demo, PATIENCE};
use crate::stays::{basket, dates, pay_click};

const CARD: &str = "4970100000000154";
/// A process that says nothing is taken for dead after a minute.
const LEASE: Duration = Duration::from_secs(60);

/// Presses the button of the page before a lot; gives where it leads.
fn press(staff: &Staff<'_>, page: &Page) -> String {
    let mut form = page.form_with("vu");
    let hint = page.html.split("id=\"again-hint\">Écrivez ").nth(1);
    if let Some(total) = hint.map(|rest| rest.split(".</p>").next().unwrap()) {
        form.fields.retain(|(name, _)| name != "again");
        form.fields.push(("again".to_owned(), total.to_owned()));
    }
    staff.send(&form)
}

/// A firm booking whose guest paid the deposit and left his card.
pub(crate) fn booked(demo: &Demo, lodging: &str, who: &str) -> String {
    let cart = basket(demo, lodging, &dates(demo, 12), who).unwrap();
    let (payment, url) = pay_click(demo, &cart);
    let receipt = pay_and_approve(demo, &url, CARD);
    assert!(receipt.url.contains("/r/"), "{}", receipt.html);
    demo.payment(&payment)["booking"].as_str().unwrap().to_owned()
}

fn authorised(demo: &Demo) -> Vec<Value> {
    let all = demo.bank_operations().into_iter();
    all.filter(|one| one["kind"] == "authorise" && one["state"] == "approved").collect()
}

pub(crate) fn wait(patience: Duration, what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < patience, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn u_33_balances_charged_together_are_charged_once_although_the_app_is_killed_at_the_bank() {
    let demo = Demo::start();
    let bookings = [booked(&demo, "Suite", "Anna"), booked(&demo, "Gîte La Tour", "Boris")];
    let staff = Staff::owner(&demo);
    let path = "/reservations/lots/encaisser";
    let page = staff.open(&format!("{path}?id={}&id={}", bookings[0], bookings[1]));
    assert!(page.html.contains("Encaisser 2 soldes"), "{}", readable(&page.html));
    let deposits = authorised(&demo).len();
    // The bank charges the first balance and does not answer; the app dies while it waits.
    demo.fault("silence");
    let run = press(&staff, &page);
    wait(PATIENCE, "the bank is not asked", || authorised(&demo).len() > deposits);
    demo.kill("app");
    let due = |booking: &String| demo.get(&format!("/v1/bookings/{booking}")).body["due"].clone();
    wait(LEASE + PATIENCE, "the lot does not go on", || staff.open(&run).html.contains("Terminé"));
    wait(PATIENCE, "a balance is open", || bookings.iter().all(|one| due(one)["amount"] == 0));
    assert_eq!(authorised(&demo).len(), deposits + 2, "{:?}", demo.bank_operations());
    let result = staff.open(&run.replace("/traitements/", "/lots/"));
    assert!(result.html.contains("<dt>Fait</dt><dd>2</dd>"), "{}", readable(&result.html));
    demo.assert_sound();
}

#[test]
fn v_53_two_virtual_cards_of_one_stay_do_not_pay_for_it_twice() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let owed = demo.get(&format!("/v1/bookings/{booking}")).body;
    let due = owed["due"]["amount"].as_i64().unwrap();
    assert!(due > 0, "{owed}");
    let clock = kernel::Timestamp::parse_rfc3339(demo.state()["clock"].as_str().unwrap()).unwrap();
    let today = kernel::Zone::paris().date(clock).to_string();
    let cards = [due * 2, due * 3].map(|balance| {
        let told = json!({
            "active_from": today, "balance": { "amount": balance, "currency": "EUR" },
        });
        demo.add_card_told(&booking, CALM, &told)
    });
    let staff = Staff::owner(&demo);
    let path = "/cartes/virtuelles/encaisser";
    let look = || staff.open(&format!("{path}?id={}&id={}", cards[0], cards[1]));
    let number = owed["number"].as_str().unwrap();
    wait(PATIENCE, "the cards are not met", || look().html.matches(number).count() >= 2);
    let page = look();
    let before = authorised(&demo).len();
    let run = press(&staff, &page);
    wait(PATIENCE, "the lot does not end", || staff.open(&run).html.contains("Terminé"));
    assert_eq!(authorised(&demo).len(), before + 1, "{:?}", demo.bank_operations());
    let due = || demo.get(&format!("/v1/bookings/{booking}")).body["due"]["amount"] == 0;
    wait(PATIENCE, &format!("{:?}", demo.bank_operations()), due);
    let result = staff.open(&run.replace("/traitements/", "/lots/"));
    assert!(result.html.contains("a changé depuis que vous"), "{}", readable(&result.html));
    demo.assert_sound();
}
