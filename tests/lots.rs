//! Several bookings charged together, by real processes that die meanwhile.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::{pay_and_approve, readable};
use crate::cards::CALM;
use crate::demo::{Demo, PATIENCE, agent};
use crate::stays::{basket, dates, pay_click};

const CARD: &str = "4970100000000154";
/// A process that says nothing is taken for dead after a minute.
const LEASE: Duration = Duration::from_secs(60);

/// Somebody at the front desk.
struct Front<'a> {
    demo: &'a Demo,
    cookie: String,
}

impl<'a> Front<'a> {
    fn of(demo: &'a Demo, role: &str) -> Self {
        let users = demo.merchant(0)["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["role"] == role).unwrap();
        let answer = agent()
            .post(format!("{}/demo/session", demo.app()))
            .header("content-type", "application/json")
            .send(json!({ "email": user["email"] }).to_string())
            .unwrap();
        let cookie = answer.headers().get("set-cookie").unwrap().to_str().unwrap();
        Self { demo, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    fn see(&self, path: &str) -> String {
        let url = format!("{}{path}", self.demo.app());
        let request = agent().get(url).header("cookie", &self.cookie);
        let mut answer = request.header("accept-language", "fr").call().unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_to_string().unwrap()
    }

    /// Presses the button of the page before a lot; gives where it leads.
    fn press(&self, path: &str, page: &str) -> String {
        let form = page.split("<form method=\"post\"").nth(1).unwrap();
        let form = form.split("</form>").next().unwrap();
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (name, rest.split('"').next().unwrap())
        });
        let hint = form.split("id=\"again-hint\">Écrivez ").nth(1);
        let total = hint.map(|rest| rest.split(".</p>").next().unwrap());
        let fields: Vec<_> = inputs.chain(total.map(|total| ("again", total))).collect();
        let answer = agent()
            .post(format!("{}{path}", self.demo.app()))
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .send_form(fields)
            .unwrap();
        assert_eq!(answer.status().as_u16(), 303, "{}", readable(page));
        answer.headers().get("location").unwrap().to_str().unwrap().to_owned()
    }
}

/// A firm booking whose guest paid the deposit and left his card.
fn booked(demo: &Demo, lodging: &str, who: &str) -> String {
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

fn wait(patience: Duration, what: &str, mut done: impl FnMut() -> bool) {
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
    let front = Front::of(&demo, "owner");
    let path = "/reservations/lots/encaisser";
    let page = front.see(&format!("{path}?id={}&id={}", bookings[0], bookings[1]));
    assert!(page.contains("Encaisser 2 soldes"), "{}", readable(&page));
    let deposits = authorised(&demo).len();
    // The bank charges the first balance and does not answer; the app dies while it waits.
    demo.fault("silence");
    let run = front.press(path, &page);
    wait(PATIENCE, "the bank is not asked", || authorised(&demo).len() > deposits);
    demo.kill("app");
    let due = |booking: &String| demo.get(&format!("/v1/bookings/{booking}")).body["due"].clone();
    wait(LEASE + PATIENCE, "the lot does not go on", || front.see(&run).contains("Terminé"));
    wait(PATIENCE, "a balance is open", || bookings.iter().all(|one| due(one)["amount"] == 0));
    assert_eq!(authorised(&demo).len(), deposits + 2, "{:?}", demo.bank_operations());
    let result = front.see(&run.replace("/traitements/", "/lots/"));
    assert!(result.contains("<dt>Fait</dt><dd>2</dd>"), "{}", readable(&result));
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
    let front = Front::of(&demo, "owner");
    let path = "/cartes/virtuelles/encaisser";
    let look = || front.see(&format!("{path}?id={}&id={}", cards[0], cards[1]));
    let number = owed["number"].as_str().unwrap();
    wait(PATIENCE, "the cards are not met", || look().matches(number).count() >= 2);
    let page = look();
    let before = authorised(&demo).len();
    let run = front.press(path, &page);
    wait(PATIENCE, "the lot does not end", || front.see(&run).contains("Terminé"));
    assert_eq!(authorised(&demo).len(), before + 1, "{:?}", demo.bank_operations());
    let due = || demo.get(&format!("/v1/bookings/{booking}")).body["due"]["amount"] == 0;
    wait(PATIENCE, &format!("{:?}", demo.bank_operations()), due);
    let result = front.see(&run.replace("/traitements/", "/lots/"));
    assert!(result.contains("a changé depuis que vous"), "{}", readable(&result));
    demo.assert_sound();
}
