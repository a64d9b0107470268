//! What the house does by itself for a property that keeps cards, each morning of its clock.

use serde_json::{Value, json};

use crate::browser::Page;
use crate::cards::{CALM, Staff};
use crate::demo::{Demo, PATIENCE};
use crate::kept::put;
use crate::lots::{booked, wait};
use crate::stays::dates;

/// Its issuer refuses it.
const REFUSED: &str = "4000000000000002";
const SETTINGS: &str = "/parametres/cartes";

/// Sends the settings of cards with some fields set: status and page.
fn save(staff: &Staff<'_>, set: &[(&str, &str)]) -> (u16, Page) {
    let mut form = staff.open(SETTINGS).form_with("retention");
    for (name, value) in set {
        form.fields.retain(|(known, _)| known != name);
        form.fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let mut reply = staff.post(&form);
    let html = reply.body_mut().read_to_string().unwrap();
    (reply.status().as_u16(), Page { url: form.action, html })
}

/// Mails of a subject.
fn mails(demo: &Demo, subject: &str) -> Vec<Value> {
    let is = |mail: &Value| mail["subject"].as_str().is_some_and(|said| said.contains(subject));
    demo.inbox().into_iter().filter(is).collect()
}

#[test]
fn v_12_who_shows_codes_names_a_person_and_is_reminded_before_it_ends() {
    let demo = Demo::start_with(&["--at", "2026-06-15T09:00:00+02:00"]);
    let staff = Staff::owner(&demo);
    let once = [
        ("once", "1"),
        ("acquirer", "1"),
        ("reason", "Notre banque l'autorise, contrat de mai"),
        ("until", "2026-07-20"),
    ];
    let stranger = kernel::UserId::random(&kernel::rng::OsRng).to_string();
    let named = [&once[..], &[("approver", stranger.as_str())]].concat();
    let (status, page) = save(&staff, &named);
    assert_eq!(
        (status, page.says("Choisissez une personne qui gère")),
        (422, true),
        "{}",
        page.html
    );
    let (status, page) = save(&staff, &once);
    assert_eq!((status, page.says("Réglages enregistrés")), (200, true), "{}", page.html);

    let subject = "Codes de sécurité";
    demo.move_clock("2026-06-20T08:30:00+02:00");
    assert_eq!(mails(&demo, subject), [] as [Value; 0], "it is not nine yet");
    demo.move_clock("2026-06-20T09:30:00+02:00");
    wait(PATIENCE, "the first reminder", || !mails(&demo, subject).is_empty());
    let first = mails(&demo, subject);
    let text = first[0]["text"].as_str().unwrap();
    assert!(text.contains("20 juillet 2026"), "{text}");
    assert!(staff.open("/taches").says("L'affichage des codes de sécurité prend bientôt fin"));
    demo.move_clock("2026-06-25T12:00:00+02:00");
    assert_eq!(mails(&demo, subject).len(), first.len(), "each day once");
    demo.move_clock("2026-07-13T12:00:00+02:00");
    wait(PATIENCE, "the second", || mails(&demo, subject).len() == 2 * first.len());
    demo.assert_sound();
}

/// Writes the document of card settings: how cards are checked.
fn check(demo: &Demo, wish: &Value) -> (u16, Value) {
    let (_, _, tag) = put(demo, None, &Value::Null);
    let (status, told, _) = put(demo, Some(&tag), &json!({ "verify": wish }));
    (status, told)
}

fn verified(demo: &Demo, card: &str) -> Value {
    demo.get(&format!("/v1/cards/{card}")).body["verification"]["status"].clone()
}

#[test]
fn v_46_v_13_a_card_is_checked_as_soon_as_it_comes_and_a_refused_one_says_to_whom_it_is_reported() {
    let demo = Demo::start();
    let staff = Staff::owner(&demo);
    for (wish, at) in [
        (json!({ "auto": "sometimes" }), "$.verify.auto"),
        (json!({ "days_before": 31 }), "$.verify.days_before"),
        (json!({ "amount_fallback": 99 }), "$.verify.amount_fallback"),
        (json!({ "colour": 1 }), "$.verify.colour"),
    ] {
        let (status, told) = check(&demo, &wish);
        assert_eq!((status, &told["errors"][0]["path"]), (422, &json!(at)), "{told}");
    }
    let (status, told) = check(&demo, &json!({ "auto": "on_receipt" }));
    assert_eq!((status, &told["verify"]["auto"]), (200, &json!("on_receipt")), "{told}");
    let page = staff.open("/parametres/cartes/verifications");
    let form = page.form_with("days_before");
    assert!(form.fields.contains(&("auto".into(), "on_receipt".into())), "{}", page.html);

    let good = demo.add_card("CANAL-2", CALM);
    let bad = demo.add_card("CANAL-3", REFUSED);
    wait(PATIENCE, "the checks", || {
        verified(&demo, &good) == "verified" && verified(&demo, &bad) == "failed"
    });
    assert!(staff.open("/taches").says("Carte invalide à signaler"));
    assert!(staff.open("/taches").says("Example OTA · CANAL-3"));
    assert!(staff.open(&format!("/cartes/{bad}")).says("signalez-la à Example OTA"));
    assert!(!staff.open(&format!("/cartes/{good}")).says("signalez-la"));
    demo.assert_sound();
}

/// The card of a booking that is not this one.
fn beside(demo: &Demo, booking: &str, card: &str) -> String {
    let listed = demo.get(&format!("/v1/cards?booking={booking}")).body;
    let mut tokens = listed["data"].as_array().unwrap().iter().map(|one| &one["token"]);
    let other = tokens.find(|token| **token != *card);
    other.unwrap_or_else(|| panic!("{listed}")).as_str().unwrap().to_owned()
}

#[test]
fn v_46_the_cards_of_those_who_arrive_soon_are_checked_at_nine() {
    let demo = Demo::start_with(&["--at", "2026-06-15T10:00:00+02:00"]);
    let staff = Staff::owner(&demo);
    let arrival: kernel::Date = dates(&demo, 12).0.parse().unwrap();
    let booking = booked(&demo, "Suite", "Anna");
    let number = demo.get(&format!("/v1/bookings/{booking}")).body["number"].clone();
    let card = demo.add_card(number.as_str().unwrap(), CALM);
    wait(PATIENCE, "it is given to its booking", || {
        demo.get(&format!("/v1/cards/{card}")).body["status"] == "active"
    });
    let page = staff.open("/parametres/cartes/verifications");
    let mut form = page.form_with("days_before");
    form.fields.retain(|(name, _)| name != "auto" && name != "days_before");
    form.fields.push(("auto".into(), "days_before".into()));
    form.fields.push(("days_before".into(), "31".into()));
    assert_eq!(staff.post(&form).status().as_u16(), 422);
    form.fields.retain(|(name, _)| name != "days_before");
    form.fields.push(("days_before".into(), "3".into()));
    assert_eq!(staff.send(&form), "/parametres/cartes/verifications");
    assert_eq!(staff.post(&form).status().as_u16(), 422, "written over an older version");

    let at =
        |days: i64, time: &str| format!("{}T{time}+02:00", kernel::time::plus_days(arrival, -days));
    demo.move_clock(&at(4, "12:00:00"));
    demo.move_clock(&at(3, "08:30:00"));
    assert_eq!(verified(&demo, &card), "unverified", "not nine yet");
    demo.move_clock(&at(3, "09:30:00"));
    wait(PATIENCE, "the check", || verified(&demo, &card) == "verified");

    // The bank has accepted the deposit with the guest's own card: its issuer is not asked again.
    let paid_with = beside(&demo, number.as_str().unwrap(), &card);
    demo.move_clock(&at(2, "12:00:00"));
    assert_eq!(verified(&demo, &paid_with), "unverified");
    // One that comes after the last nine o'clock is checked as it comes.
    demo.move_clock(&at(0, "14:00:00"));
    let late = demo.add_card(&booking, REFUSED);
    wait(PATIENCE, "the check of the late one", || verified(&demo, &late) == "failed");
    assert_eq!(verified(&demo, &paid_with), "unverified");
    demo.assert_sound();
}
