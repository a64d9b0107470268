//! Cards in their bookings, from the first look to their end, by real processes.

use serde_json::{Value, json};

use crate::browser::readable;
use crate::cards::{CALM, Staff};
use crate::demo::{Demo, PATIENCE};
use crate::lots::{booked, wait};

/// The local day that the demo shows, so many days later.
fn day(demo: &Demo, later: i64) -> kernel::Date {
    let clock = demo.state()["clock"].as_str().unwrap().to_owned();
    let now = kernel::Timestamp::parse_rfc3339(&clock).unwrap();
    kernel::time::plus_days(kernel::Zone::paris().date(now), later)
}

fn card(demo: &Demo, card: &str) -> Value {
    demo.get(&format!("/v1/cards/{card}")).body
}

/// The instant of a local midnight.
fn midnight(day: kernel::Date) -> String {
    kernel::Zone::paris().start_of(day).to_string()
}

#[test]
fn v_38_v_39_a_booking_shows_its_card_and_says_why_it_has_none() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let known = demo.get(&format!("/v1/bookings/{booking}")).body;
    let (number, staff) = (known["number"].as_str().unwrap(), Staff::owner(&demo));
    let page = format!("/reservations/{booking}");
    let list = || readable(&staff.open("/reservations").html);
    wait(PATIENCE, "the guest's own card", || list().contains("Carte non vérifiée"));

    // What a channel sends under the number of the booking is its newest card.
    let sent = demo.add_card(number, CALM);
    let ends = kernel::time::plus_days(known["ends"].as_str().unwrap().parse().unwrap(), 4);
    wait(PATIENCE, "the card is not given", || card(&demo, &sent)["purge_at"] == midnight(ends));
    let seen = readable(&staff.open(&page).html);
    let order = [
        "Mode de paiement",
        "Carte non vérifiée",
        "Cartes de crédit",
        "******0154",
        "Code non conservé",
        "Pré-paiements",
        "Effacée dans",
        "Encaisser sans voir",
        "Vérifier",
        "Lien d'authentification",
        "Demander une autre carte",
        "Voir la carte",
        "Supprimer",
    ];
    let mut rest = seen.as_str();
    for words in order {
        let at = rest.find(words).unwrap_or_else(|| panic!("{words} is not there: {seen}"));
        rest = &rest[at + words.len()..];
    }

    // A virtual card says from when on it can be charged.
    let opens = day(&demo, 3);
    let told = json!({ "active_from": opens.to_string() });
    let virtual_card = demo.add_card_told(&booking, CALM, &told);
    let from = kernel::format::date(opens, kernel::Locale::Fr);
    let words = format!("Carte virtuelle, active le {from}");
    wait(PATIENCE, "the virtual card", || list().contains(&words));
    assert!(readable(&staff.open(&page).html).contains(&words));

    // Deleted one by one, with a reason where money is lost, the booking says by whom.
    let all = demo.get(&format!("/v1/bookings/{booking}")).body;
    assert_eq!(all["number"], known["number"]);
    let question = staff.open(&format!("/cartes/{virtual_card}/supprimer"));
    assert!(question.says("fait perdre"), "{}", readable(&question.html));
    let mut form = question.form_with("reason");
    assert_eq!(staff.post(&form).status().as_u16(), 422, "no reason");
    form.fields = vec![("reason".into(), "Envoyée deux fois".into())];
    assert_eq!(staff.send(&form), format!("{page}?onglet=carte"));
    demo.call_as(demo.api_key(0), ("DELETE", &format!("/v1/cards/{sent}")), None, None);
    wait(PATIENCE, "the own card is back", || list().contains("Carte non vérifiée"));
    demo.assert_sound();
}

#[test]
fn v_116_j1_14_a_booking_called_off_takes_its_card_along_to_its_end() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let sent = demo.add_card(&booking, CALM);
    let known = demo.get(&format!("/v1/bookings/{booking}")).body;
    let ends = kernel::time::plus_days(known["ends"].as_str().unwrap().parse().unwrap(), 4);
    wait(PATIENCE, "the card is not given", || card(&demo, &sent)["purge_at"] == midnight(ends));
    let cancel = format!("/v1/bookings/{booking}/cancel");
    let cancelled = demo.post(&cancel, "cancel", &json!({ "reason": "Grippe" }));
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    let end = day(&demo, 4);
    wait(PATIENCE, "the card stays", || card(&demo, &sent)["purge_at"] == midnight(end));

    let staff = Staff::owner(&demo);
    let before = kernel::Zone::paris().start_of(end).plus_minutes(-10);
    demo.move_clock(&before.to_string());
    let page = format!("/reservations/{booking}");
    assert!(readable(&staff.open(&page).html).contains("Effacée demain"));
    demo.move_clock(&before.plus_minutes(20).to_string());
    let gone = format!("effacée le {}", kernel::format::date(end, kernel::Locale::Fr));
    wait(PATIENCE, "the card is still there", || readable(&staff.open(&page).html).contains(&gone));
    assert!(readable(&staff.open("/reservations").html).contains(&gone));
    assert_eq!(demo.get(&format!("/v1/cards/{sent}")).status, 410);
    demo.assert_sound();
}

#[test]
fn v_117_a_virtual_card_is_kept_while_it_can_be_charged() {
    let demo = Demo::start();
    let last = day(&demo, 200);
    let told = json!({ "charge_before": last.to_string() });
    let sent = demo.add_card_told("HOP-9", CALM, &told);
    let end = midnight(kernel::time::plus_days(last, 1));
    wait(PATIENCE, "it is not kept", || card(&demo, &sent)["purge_at"] == end);
    let other = demo.add_card("HOP-10", CALM);
    let to = kernel::Zone::paris().start_of(day(&demo, 5)).to_string();
    demo.move_clock(&to);
    assert_eq!(card(&demo, &sent)["status"], "pending", "it waits for its booking");
    assert_eq!(demo.get(&format!("/v1/cards/{other}")).status, 410, "nobody claimed it");
    demo.assert_sound();
}

#[test]
fn v_118_v_119_a_card_that_goes_tomorrow_is_listed_and_kept_longer_once() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let sent = demo.add_card(&booking, CALM);
    let known = demo.get(&format!("/v1/bookings/{booking}")).body;
    let ends = kernel::time::plus_days(known["ends"].as_str().unwrap().parse().unwrap(), 4);
    wait(PATIENCE, "the card is not given", || card(&demo, &sent)["purge_at"] == midnight(ends));
    let staff = Staff::owner(&demo);
    assert!(!staff.open("/cartes/demain").html.contains(&sent), "it has time");
    demo.move_clock(&kernel::Zone::paris().start_of(ends).plus_minutes(-600).to_string());
    assert!(staff.open("/cartes/demain").html.contains(&sent));
    let file = staff.open("/cartes/demain/export?format=csv-virgule").html;
    assert!(file.contains(&sent) && file.contains(known["number"].as_str().unwrap()), "{file}");

    let page = format!("/cartes/{sent}/prolonger");
    assert!(staff.open(&format!("/cartes/{sent}")).html.contains(&page));
    let mut form = staff.open(&page).form_with("days");
    let mut days = |days: &str| {
        form.fields.retain(|(name, _)| name != "days");
        form.fields.push(("days".into(), days.into()));
        form.fields.push(("reason".into(), "dispute".into()));
        staff.post(&form).status().as_u16()
    };
    for wrong in ["31", "0", "x", ""] {
        assert_eq!(days(wrong), 422, "{wrong}");
    }
    assert_eq!(days("10"), 303);
    assert_eq!(card(&demo, &sent)["purge_at"], midnight(kernel::time::plus_days(ends, 10)));
    assert_eq!(days("10"), 422, "once");
    assert!(staff.open(&format!("/cartes/{sent}")).says("Prolongée jusqu'au"));
    assert!(!staff.open("/cartes/demain").html.contains(&sent));
    demo.assert_sound();
}

#[test]
fn v_35_v_36_a_booking_tells_programs_its_card_or_why_there_is_none() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let read = || demo.get(&format!("/v1/bookings/{booking}")).body;
    wait(PATIENCE, "the guest's own card", || read()["card"]["status"] == "active");
    let first = read()["card"].clone();
    assert_eq!((&first["cardVirtual"], &read()["cards"][0]), (&json!(false), &first));
    let token = first["token"].as_str().unwrap();
    assert!(token.starts_with("card_"), "{first}");

    demo.call_as(demo.api_key(0), ("DELETE", &format!("/v1/cards/{token}")), None, None);
    let gone = read()["card"].clone();
    let said = (&gone["token"], &gone["status"], &gone["missing_reason"]);
    assert_eq!(said, (&Value::Null, &json!("none"), &json!("deleted")), "{gone}");
    assert!(gone["missing_by"].as_str().unwrap().starts_with("key_"), "{gone}");
    assert_eq!(read()["cards"], json!([]));
    let listed = demo.get("/v1/bookings").body;
    assert!(listed["data"][0].get("card").is_none(), "a list asks no vault");
}
