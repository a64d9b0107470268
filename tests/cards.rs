//! Kept cards as programs and staff use them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::{self, FormInPage, Page};
use crate::demo::{Answer, Demo, agent};

pub(crate) const CALM: &str = "4970100000000154";
const REFUSED: &str = "4000000000000002";
const SHORT: &str = "4000000000009995";

/// Moves the clock on.
fn later(demo: &Demo, minutes: i64) {
    let clock = demo.state()["clock"].as_str().unwrap().to_owned();
    let to = kernel::Timestamp::parse_rfc3339(&clock).unwrap().plus_minutes(minutes);
    demo.move_clock(&to.to_string());
}

fn check(demo: &Demo, card: &str, body: &Value) -> Answer {
    let path = format!("/v1/cards/{card}/verifications");
    demo.call_as(demo.api_key(0), ("POST", &path), None, Some(body))
}

/// The card once its verification is no longer under way.
fn checked(demo: &Demo, card: &str) -> Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let seen = demo.get(&format!("/v1/cards/{card}")).body;
        if seen["verification"]["status"] != "pending" || Instant::now() > end {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What the bank did since it had done `before` things: kind, amount, state.
fn done_since(demo: &Demo, before: usize) -> Vec<Value> {
    let line = |o: &Value| json!([o["kind"], o["amount"], o["state"]]);
    demo.bank_operations().iter().skip(before).map(line).collect()
}

#[test]
fn v_43_a_card_is_checked_with_amount_zero_and_its_code_stays() {
    let demo = Demo::start();
    let before = demo.bank_operations().len();
    let card = demo.add_card("HOP-1", CALM);
    assert_eq!(checked(&demo, &card)["verification"]["status"], "unverified");
    let asked = check(&demo, &card, &json!({}));
    assert_eq!((asked.status, &asked.body["status"]), (202, &json!("pending")), "{}", asked.body);
    let seen = checked(&demo, &card);
    let said = &seen["verification"];
    assert_eq!((&said["status"], &said["method"]), (&json!("verified"), &json!("zero")), "{said}");
    assert_ne!(seen["security_code"]["status"], "destroyed", "the code was not sent");
    assert_eq!(done_since(&demo, before), [json!(["authorise", 0, "approved"])]);

    // One unit is authorised and released; nothing is captured.
    let asked = check(&demo, &card, &json!({ "mode": "one_euro" }));
    assert_eq!(asked.status, 202, "{}", asked.body);
    assert_eq!(checked(&demo, &card)["verification"]["method"], "one_euro");
    let end = Instant::now() + Duration::from_secs(60);
    let both = [json!(["authorise", 100, "approved"]), json!(["void", 100, "approved"])];
    while done_since(&demo, before + 1) != both && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(done_since(&demo, before + 1), both);

    // Two in a day are enough.
    let third = check(&demo, &card, &json!({}));
    assert_eq!((third.status, &third.body["code"]), (429, &json!("verification_limit")));
    let events = demo.get("/v1/events?limit=200").body;
    let told = events["data"].as_array().unwrap().iter();
    assert_eq!(told.filter(|event| event["type"] == "card.verified").count(), 2, "{events}");
    demo.assert_sound();
}

#[test]
fn v_44_a_decline_says_what_it_proves_and_a_silence_is_asked_about_not_repeated() {
    let demo = Demo::start();
    let of = |card: &str| checked(&demo, card)["verification"].clone();
    let refused = demo.add_card("HOP-2", REFUSED);
    assert_eq!(check(&demo, &refused, &json!({ "mode": "zero" })).status, 202);
    let said = of(&refused);
    let words = (&said["status"], &said["decline_code"]);
    assert_eq!(words, (&json!("failed"), &json!("refused")), "{said}");
    let short = demo.add_card("HOP-3", SHORT);
    assert_eq!(check(&demo, &short, &json!({})).status, 202);
    let said = of(&short);
    let words = (&said["status"], &said["decline_code"]);
    assert_eq!(words, (&json!("unverified"), &json!("insufficient")), "{said}");

    let silent = demo.add_card("HOP-4", CALM);
    let before = demo.bank_operations().len();
    demo.fault("silence");
    assert_eq!(check(&demo, &silent, &json!({ "mode": "one_euro" })).status, 202);
    assert_eq!(of(&silent)["status"], "unverified");
    // The planned question finds that it was accepted; the amount is released then.
    later(&demo, 10);
    assert_eq!(of(&silent)["status"], "verified");
    let both = [json!(["authorise", 100, "approved"]), json!(["void", 100, "approved"])];
    assert_eq!(done_since(&demo, before), both, "asked, not sent again");
    demo.assert_sound();
}

/// Changes window or balance of a virtual card, read at this version.
fn tell(demo: &Demo, card: &str, version: Option<&Value>, body: &Value) -> (u16, Value) {
    let mut request = ureq::http::Request::patch(format!("{}/v1/cards/{card}/virtual", demo.app()))
        .header("authorization", format!("Bearer {}", demo.api_key(0)))
        .header("content-type", "application/json");
    if let Some(version) = version {
        request = request.header("if-match", format!("\"{version}\""));
    }
    let mut answer = agent().run(request.body(body.to_string()).unwrap()).unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap())
}

fn charge(demo: &Demo, card: &str, (order, amount): (&str, i64)) -> Answer {
    let body = json!({
        "shop": demo.merchant(0)["shop"], "amount": amount, "currency": "EUR",
        "order_ref": order, "card": card, "channel": "moto_terminal",
    });
    demo.post("/v1/payments", order, &body)
}

#[test]
fn v_50_a_virtual_card_is_charged_in_its_window_and_up_to_its_balance() {
    let demo = Demo::start();
    let clock = demo.state()["clock"].as_str().unwrap().to_owned();
    let now = kernel::Timestamp::parse_rfc3339(&clock).unwrap();
    let zone = kernel::Zone::paris();
    let opens = kernel::time::plus_days(zone.date(now), 2);
    let card = demo.add_card_told("HOP-9", CALM, &json!({ "active_from": opens.to_string() }));
    let seen = demo.get(&format!("/v1/cards/{card}")).body;
    assert_eq!(
        (&seen["cardVirtual"], &seen["virtual"]["source"]),
        (&json!(true), &json!("channel"))
    );
    let before = demo.bank_operations().len();

    let early = charge(&demo, &card, ("VCC-1", 15_000));
    assert_eq!((early.status, &early.body["code"]), (409, &json!("vcc_not_active")));
    // The balance comes later; who read an older card is told so.
    let balance = json!({ "balance": { "amount": 15_000, "currency": "EUR" } });
    assert_eq!(tell(&demo, &card, None, &balance).0, 428);
    assert_eq!(tell(&demo, &card, Some(&json!(99)), &balance).0, 412);
    let (status, told) = tell(&demo, &card, Some(&seen["version"]), &balance);
    assert_eq!((status, &told["balance"]["amount"]), (200, &json!(15_000)), "{told}");
    assert_eq!(told["active_from"], opens.to_string(), "what was not named stays");

    demo.move_clock(&zone.at(opens, 9, 0).to_string());
    let over = charge(&demo, &card, ("VCC-2", 16_800));
    assert_eq!((over.status, &over.body["code"]), (409, &json!("vcc_over_balance")));
    assert_eq!(over.body["possible"], 15_000);
    assert_eq!(demo.bank_operations().len(), before, "nothing was sent");
    let paid = charge(&demo, &card, ("VCC-3", 15_000));
    assert_eq!((paid.status, &paid.body["status"]), (201, &json!("captured")), "{}", paid.body);
    let page = Staff::owner(&demo).open("/cartes/virtuelles?tab=charged");
    assert!(page.says("HOP-9") && page.says("150,00 €"), "{}", page.html);
    demo.assert_sound();
}

#[test]
fn v_52_a_card_is_charged_at_five_past_midnight_of_its_day_and_one_press_charges_another() {
    let demo = Demo::start();
    let clock = demo.state()["clock"].as_str().unwrap().to_owned();
    let now = kernel::Timestamp::parse_rfc3339(&clock).unwrap();
    let zone = kernel::Zone::paris();
    let opens = kernel::time::plus_days(zone.date(now), 2);
    let staff = Staff::owner(&demo);
    let mut settings = staff.open("/cartes/virtuelles/reglages").form_with("mcc");
    settings.fields.push(("auto".into(), "1".into()));
    assert_eq!(staff.send(&settings), "/cartes/virtuelles/reglages");
    let told = |from: kernel::Date| {
        json!({
            "active_from": from.to_string(), "balance": { "amount": 16_800, "currency": "EUR" },
        })
    };
    let card = demo.add_card_told("HOP-10", CALM, &told(opens));
    let other = demo.add_card_told("HOP-11", CALM, &told(kernel::time::plus_days(opens, -3)));
    for token in [&card, &other] {
        assert_eq!(demo.get(&format!("/v1/cards/{token}")).body["cardVirtual"], true);
    }
    let before = demo.bank_operations().len();

    demo.move_clock(&zone.at(opens, 0, 4).to_string());
    assert!(done_since(&demo, before).is_empty(), "a minute early, and the other opened earlier");
    demo.move_clock(&zone.at(opens, 0, 6).to_string());
    assert!(!done_since(&demo, before).is_empty(), "at 00:05");
    let charged = staff.open("/cartes/virtuelles?tab=charged");
    assert!(charged.html.contains(&card) && !charged.html.contains(&other), "{}", charged.html);

    let list = staff.open("/cartes/virtuelles?tab=late");
    let press = list.form_with("minor");
    assert!(press.action.contains(&other), "{}", press.action);
    let there = staff.send(&press);
    assert!(staff.open(&there).says("168,00 €"));
    let pressed = done_since(&demo, before);
    assert_eq!(staff.send(&press), there, "a second click");
    assert_eq!(done_since(&demo, before), pressed, "charges nothing more");
    demo.assert_sound();
}

/// Claire's browser.
pub(crate) struct Staff<'d> {
    demo: &'d Demo,
    cookie: String,
}

impl<'d> Staff<'d> {
    pub(crate) fn owner(demo: &'d Demo) -> Self {
        let users = demo.merchant(0)["users"].as_array().unwrap();
        let owner = users.iter().find(|user| user["role"] == "owner").unwrap();
        Self::of(demo, owner["email"].as_str().unwrap())
    }

    /// The browser of somebody of the house.
    pub(crate) fn of(demo: &'d Demo, email: &str) -> Self {
        let response = agent()
            .post(format!("{}/demo/session", demo.app()))
            .header("content-type", "application/json")
            .send(json!({ "email": email }).to_string())
            .unwrap();
        let cookie = response.headers().get("set-cookie").unwrap().to_str().unwrap();
        Self { demo, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    pub(crate) fn open(&self, path: &str) -> Page {
        let url = format!("{}{path}", self.demo.app());
        let mut response = agent()
            .get(&url)
            .header("cookie", &self.cookie)
            .header("accept-language", "fr")
            .call()
            .unwrap();
        assert_eq!(response.status().as_u16(), 200, "{url}");
        Page { url, html: response.body_mut().read_to_string().unwrap() }
    }

    pub(crate) fn post(&self, form: &FormInPage) -> ureq::http::Response<ureq::Body> {
        agent()
            .post(format!("{}{}", self.demo.app(), form.action))
            .header("cookie", &self.cookie)
            .header("accept-language", "fr")
            .header("sec-fetch-site", "same-origin")
            .send_form(form.fields.iter().map(|(k, v)| (k.as_str(), v.as_str())))
            .unwrap()
    }

    /// Sends a form; the address it leads to.
    pub(crate) fn send(&self, form: &FormInPage) -> String {
        let response = self.post(form);
        assert_eq!(response.status().as_u16(), 303);
        response.headers().get("location").unwrap().to_str().unwrap().to_owned()
    }
}

#[test]
fn v_39_staff_check_a_card_and_read_first_what_the_guest_will_see() {
    let demo = Demo::start();
    let staff = Staff::owner(&demo);
    let card = demo.add_card("HOP-5", CALM);
    let before = demo.bank_operations().len();
    let page = staff.open(&format!("/cartes/{card}"));
    assert!(page.says("Carte non vérifiée") && page.says("Vérifier"));
    let question = staff.open(&format!("/cartes/{card}/verifier"));
    assert!(question.says("son relevé ne montre rien"), "{}", question.html);
    let form = question.form_with("form_token");
    let there = staff.send(&form);
    assert_eq!(staff.send(&form), there, "a second click");
    assert!(staff.open(&there).says("Carte vérifiée"));
    assert!(staff.open("/cartes").says("Carte vérifiée"));
    assert_eq!(done_since(&demo, before).len(), 1, "one form, one check");
    demo.assert_sound();
}

impl Staff<'_> {
    /// Asks for a PIN, follows the mail's link, types the code of the text message, and chooses:
    /// the last page.
    pub(crate) fn choose_pin(&self, pin: &str) -> Page {
        let mut form = self.open("/parametres/cartes").form_with("phone");
        form.fields.retain(|(name, _)| name != "phone");
        form.fields.push(("phone".into(), "06 12 34 56 78".into()));
        let asked = self.post(&form);
        assert_eq!(asked.status().as_u16(), 200);
        let inbox = self.demo.inbox();
        let newest = |what: &str| {
            let sent = inbox.iter().filter(|sent| sent["kind"] == what);
            let with = |sent: &&Value| sent["text"].as_str().unwrap().contains("code");
            sent.filter(with).max_by_key(|sent| sent["at"].as_str().unwrap()).unwrap().clone()
        };
        let (mail, sms) = (newest("mail"), newest("sms"));
        let code = sms["text"].as_str().unwrap().chars().filter(char::is_ascii_digit);
        let page = browser::open(mail["links"][0].as_str().unwrap());
        let page =
            browser::submit(&page, &page.form_with("code"), &[("code", &code.collect::<String>())]);
        browser::submit(&page, &page.form_with("again"), &[("pin", pin), ("again", pin)])
    }
}

#[test]
fn v_62_a_lost_pin_is_replaced_from_the_settings_and_waits() {
    let demo = Demo::start();
    let staff = Staff::owner(&demo);
    assert!(staff.choose_pin("47120938").says("Votre PIN est actif"));
    let first = staff.open("/parametres/cartes");
    assert!(first.says("PIN oublié") && first.says("sinon après 48 heures"), "{}", first.html);
    later(&demo, 2);
    assert!(staff.choose_pin("83052714").says("Votre nouveau PIN est choisi"));
    let waits = staff.open("/parametres/cartes");
    assert!(waits.says("Votre nouveau PIN servira à partir du"), "{}", waits.html);
    later(&demo, 48 * 60 + 1);
    // The vault hears of the clock a moment later.
    let end = Instant::now() + Duration::from_secs(60);
    while !staff.open("/parametres/cartes").says("Votre PIN est actif") {
        assert!(Instant::now() < end, "the new PIN never came into use");
        std::thread::sleep(Duration::from_millis(20));
    }
}
