//! Which cards a booking has, and how long they stay with it and beyond.

use kernel::rng::OsRng;
use kernel::{BookingId, CardToken};
use serde_json::{Value, json};
use vault_wire::{
    BookingCards, CardDelete, CardExtend, CardGet, CardKept, CardNeed, CardsDue, CodeStatus,
    ExtendReason, LogEntries, MissingReason, StayPut,
};

use super::house::{House, VAULT_KEY};
use super::reveal::{card_with_code, clock, view_once};

/// Stores a card as a program does; the body is that of a booking or of a customer.
fn given(house: &House, key: &str, about: &Value) -> CardToken {
    let mut body = json!({
        "shop": house.scope.shop, "booking": null, "customer": null,
        "card": { "number": "5207000000000000", "exp_month": 6, "exp_year": 2030,
            "holder": "H. Weber" },
    });
    for (name, value) in about.as_object().unwrap() {
        body[name] = value.clone();
    }
    let bearer = format!("Bearer {VAULT_KEY}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
    let reply = house.send("POST /v1/cards HTTP/1.1\r\n", &headers, &body.to_string());
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.json()["token"].as_str().unwrap().parse().unwrap()
}

fn ends(house: &House, card: CardToken) -> String {
    house.ask(&CardGet { card }).unwrap().purge_at.unwrap().to_string()
}

fn stay(booking: BookingId, check_out: &str, cancelled: Option<&str>) -> StayPut {
    StayPut {
        booking,
        reference: "HOP-2026-118".into(),
        check_out: check_out.parse().unwrap(),
        cancelled_on: cancelled.map(|day| day.parse().unwrap()),
    }
}

/// How often the log names an event of a card.
fn logged(house: &House, card: CardToken, event: &str) -> usize {
    let page = house.ask(&LogEntries { from: 0, limit: 200, card: Some(card) }).unwrap();
    let is = |entry: &&vault_wire::LogEntry| {
        let entry: Value = serde_json::from_str(&entry.entry).unwrap();
        entry["event"] == event
    };
    page.entries.iter().filter(is).count()
}

#[test]
fn v_23_v_116_cards_that_wait_for_a_booking_follow_it_both_ways() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let booking = BookingId::random(&OsRng);
    let waiting = given(&house, "k1", &json!({ "booking": "HOP-2026-118" }));
    let other = given(&house, "k2", &json!({ "booking": "HOP-2026-119" }));
    assert_eq!(ends(&house, waiting), "2026-10-23T10:00:00Z", "72 hours");

    let put = |check_out: &str, cancelled| {
        let cards = house.ask(&stay(booking, check_out, cancelled)).unwrap().cards;
        assert_eq!(cards, [waiting]);
        ends(&house, waiting)
    };
    assert_eq!(put("2027-03-26", None), "2027-03-29T22:00:00Z");
    assert_eq!(put("2027-04-10", None), "2027-04-13T22:00:00Z", "moved on");
    assert_eq!(put("2026-10-24", None), "2026-10-27T23:00:00Z", "and back");
    assert_eq!(put("2026-10-24", Some("2026-10-21")), "2026-10-22T22:00:00Z");
    assert_eq!(put("2026-10-24", Some("2026-10-25")), "2026-10-26T23:00:00Z");
    assert_eq!(logged(&house, waiting, "card.attached"), 1, "given once");
    assert_eq!(ends(&house, other), "2026-10-23T10:00:00Z", "another booking's card");
    let known = house.ask(&CardKept { card: waiting }).unwrap();
    assert_eq!(known.booking, Some(booking.to_string()));

    // Somebody else's booking under the same reference takes nothing away.
    let stranger = BookingId::random(&OsRng);
    assert_eq!(house.ask(&stay(stranger, "2028-01-01", None)).unwrap().cards, []);
}

#[test]
fn v_36_of_a_card_that_went_the_booking_knows_when_and_by_whom() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let names = [BookingId::random(&OsRng), BookingId::random(&OsRng)];
    let [deleted, purged] = names.map(|booking| {
        let name = booking.to_string();
        given(&house, &name, &json!({ "booking": &name }))
    });
    let bookings: Vec<String> = names.iter().map(ToString::to_string).collect();
    let seen = || house.ask(&BookingCards { bookings: bookings.clone() }).unwrap().cards;
    assert!(seen().len() == 2 && seen().iter().all(|one| one.gone.is_none()));
    let clerk = vault_wire::WireScope { user: "usr_claire".into(), ..house.scope.clone() };
    house.ask_as(&clerk, &CardDelete { card: deleted }).unwrap();
    clock(&house, "2026-10-24T10:00:00Z");
    let of = |card| seen().into_iter().find(|one| one.card.token == card).unwrap().gone.unwrap();
    let gone = of(deleted);
    let said = (gone.why, gone.at.unwrap().to_string(), gone.by.unwrap());
    let by_claire =
        (MissingReason::Deleted, "2026-10-20T10:00:00Z".to_owned(), "usr_claire".to_owned());
    assert_eq!(said, by_claire);
    let gone = of(purged);
    assert_eq!((gone.why, gone.by.as_deref()), (MissingReason::Purged, Some("clock")));
    let too_many = BookingCards { bookings: vec!["x".into(); 501] };
    assert_eq!(house.ask(&too_many).unwrap_err().code(), Some("invalid_field"));
}

#[test]
fn v_117_what_can_still_be_charged_is_kept_until_then() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let booking = BookingId::random(&OsRng);
    let card = given(&house, "k1", &json!({ "booking": "HOP-2026-118" }));
    let need = |until: Option<&str>| {
        let until = until.map(|day| day.parse().unwrap());
        house.ask(&CardNeed { card, until }).unwrap().purge_at.unwrap().to_string()
    };
    assert_eq!(need(Some("2027-10-24")), "2027-10-24T22:00:00Z");
    house.ask(&stay(booking, "2026-10-24", None)).unwrap();
    assert_eq!(ends(&house, card), "2027-10-24T22:00:00Z", "its booking ends before");
    assert_eq!(need(Some("2026-10-25")), "2026-10-27T23:00:00Z", "never shorter than the stay");
    assert_eq!(need(None), "2026-10-27T23:00:00Z");
    let once = house.card("4242424242424242", |_| ()).card.token;
    let refused = house.ask(&CardNeed { card: once, until: None }).unwrap_err();
    assert_eq!(refused.code(), Some("card_not_kept"));
}

#[test]
fn v_117_a_saved_card_ends_a_year_after_it_expired_or_fifteen_months_unused() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let unused = given(&house, "k1", &json!({ "customer": "cus_1" }));
    let used = given(&house, "k2", &json!({ "customer": "cus_2" }));
    let soon = json!({ "number": "5207000000000000", "exp_month": 11, "exp_year": 2026,
        "holder": "H. Weber" });
    let expiring = given(&house, "k3", &json!({ "customer": "cus_3", "card": soon }));
    assert_eq!(ends(&house, expiring), "2027-11-30T23:00:00Z", "a year after its last month");
    // Nothing was asked of it yet: only its first use dates it from then.
    assert!(house.relay(unused, "op_1").is_ok());
    assert_eq!(ends(&house, unused), "2028-01-19T23:00:00Z");
    clock(&house, "2027-10-20T10:00:00Z");
    assert!(house.relay(used, "op_2").is_ok());
    assert_eq!(ends(&house, used), "2029-01-19T23:00:00Z");

    // Thirty days before, the end is announced, once.
    clock(&house, "2027-12-20T10:00:00Z");
    assert_eq!(logged(&house, unused, "card.ending"), 0);
    clock(&house, "2027-12-21T10:00:00Z");
    clock(&house, "2027-12-22T10:00:00Z");
    let warned = [unused, used].map(|card| logged(&house, card, "card.ending"));
    assert_eq!(warned, [1, 0]);
    clock(&house, "2028-01-20T00:00:00Z");
    assert_eq!(house.ask(&CardGet { card: unused }).unwrap_err().code(), Some("gone"));
    assert!(house.ask(&CardGet { card: used }).is_ok());
}

#[test]
fn v_118_a_card_is_kept_longer_once_and_its_code_is_not() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    view_once(&house);
    let card = card_with_code(&house, "HOP-2026-118");
    let booking = BookingId::random(&OsRng);
    house.ask(&stay(booking, "2026-10-24", None)).unwrap();
    let extend = |days| house.ask(&CardExtend { card, days, reason: ExtendReason::Dispute });
    assert_eq!(extend(31).unwrap_err().code(), Some("until_too_far"));
    assert_eq!(extend(0).unwrap_err().code(), Some("until_too_far"));
    let kept = extend(30).unwrap();
    assert_eq!(kept.purge_at.unwrap().to_string(), "2026-11-26T23:00:00Z");
    assert_eq!(kept.security_code.status, CodeStatus::Available);
    assert_eq!(extend(1).unwrap_err().code(), Some("extended_before"));
    assert_eq!(logged(&house, card, "card.extended"), 1);

    clock(&house, "2026-10-27T23:00:00Z");
    let kept = house.ask(&CardGet { card }).unwrap();
    let code = (kept.security_code.status, kept.security_code.destroyed_because.as_deref());
    assert_eq!(code, (CodeStatus::Destroyed, Some("retention")));
    assert_eq!(logged(&house, card, "code.destroyed"), 1);
    clock(&house, "2026-11-26T23:00:00Z");
    assert_eq!(house.ask(&CardGet { card }).unwrap_err().code(), Some("gone"));
}

#[test]
fn v_119_what_goes_within_a_day_is_listed_before_it_goes() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let [first, second] = ["2026-10-24", "2026-10-25"].map(|check_out| {
        let booking = BookingId::random(&OsRng);
        let name = booking.to_string();
        let card = given(&house, &name, &json!({ "booking": &name }));
        house.ask(&StayPut { reference: name, ..stay(booking, check_out, None) }).unwrap();
        card
    });
    house.card("4242424242424242", |_| ());
    let due = |before: &str| {
        let before = kernel::Timestamp::parse_rfc3339(before).unwrap();
        let listed = house.ask(&CardsDue { before, limit: 200 }).unwrap().cards;
        listed.iter().map(|one| one.card.token).collect::<Vec<_>>()
    };
    assert_eq!(due("2026-10-27T23:00:00Z"), []);
    assert_eq!(due("2026-10-27T23:00:01Z"), [first]);
    assert_eq!(due("2026-10-29T00:00:00Z"), [first, second]);
}
