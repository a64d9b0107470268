//! A card that is blocked, listed and changed without its number.

use kernel::CardToken;
use serde_json::{Value, json};
use vault_wire::{
    Brand, CardAttach, CardFilter, CardGet, CardKept, CardList, CardPatch, CardStatus,
    CardsDestroy, LogEntries, Manager, MessagesTake, PeoplePut, ReceiptsList, StayPut,
};

use super::bank::Says;
use super::house::House;
use super::reveal::{PIN, card_with_code, clock, key_of, link, open, reveal, send, viewer, wish};

const NUMBER: &str = "5207 0000 0000 0000";

fn patch(card: CardToken) -> CardPatch {
    CardPatch {
        card,
        version: None,
        preferred_brand: None,
        suspended: None,
        reason: None,
        purge_at: None,
    }
}

fn block(card: CardToken, on: bool, reason: &str) -> CardPatch {
    CardPatch { suspended: Some(on), reason: Some(reason.into()), ..patch(card) }
}

fn events(house: &House, card: CardToken) -> Vec<String> {
    let page = house.ask(&LogEntries { from: 0, limit: 200, card: Some(card) }).unwrap();
    let event = |entry: &vault_wire::LogEntry| {
        let entry: Value = serde_json::from_str(&entry.entry).unwrap();
        entry["event"].as_str().unwrap().to_owned()
    };
    page.entries.iter().map(event).collect()
}

#[test]
fn v_37_a_blocked_card_is_neither_charged_nor_seen_until_somebody_lifts_that() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    let path = link(&house, card, user);
    let key = key_of(&open(&house, &path));

    let short = house.ask(&block(card, true, "no")).unwrap_err();
    assert_eq!(short.code(), Some("reason_too_short"));
    let number = house.ask(&block(card, true, "lost 4111 1111 1111 1111")).unwrap_err();
    assert_eq!(number.code(), Some("pan_in_wrong_field"));
    let blocked = house.ask(&block(card, true, "The guest says it is not his")).unwrap();
    assert_eq!(blocked.status, CardStatus::Suspended);
    let why = blocked.suspension.unwrap();
    assert_eq!(
        (why.reason.as_str(), why.at.to_string().as_str()),
        ("The guest says it is not his", "2026-10-20T10:00:00Z",)
    );

    // Not by a new link, not through one that is open, not at a bank.
    assert_eq!(house.ask(&wish(card, user)).unwrap_err().code(), Some("card_suspended"));
    let shown = send(&house, &path, &format!("key={key}&pin={PIN}&show=number"));
    assert_eq!(shown.status, 409, "{}", shown.body);
    assert!(shown.has("Carte bloquée") && !shown.has(NUMBER));
    let heard = house.bank.heard().len();
    let refused = house.relay(card, "op_1").unwrap_err();
    assert_eq!(refused.code(), Some("card_suspended"));
    assert!(!refused.may_have_been_heard());
    assert_eq!(house.bank.heard().len(), heard, "nothing left");

    let again = house.ask(&block(card, true, "The same once more")).unwrap();
    assert_eq!(again.version, blocked.version, "nothing changed");
    let free = house.ask(&block(card, false, "It is his")).unwrap();
    assert_eq!((free.status, free.suspension), (CardStatus::Pending, None));
    let path = link(&house, card, user);
    assert!(reveal(&house, &path, PIN, "number").has(NUMBER));
    house.bank.says(Says::Json(json!({ "outcome": "approved", "code": "00" })));
    house.relay(card, "op_1").unwrap();
    let told = events(&house, card);
    let of = |name: &str| told.iter().filter(|event| *event == name).count();
    assert_eq!((of("card.suspended"), of("card.resumed")), (1, 1), "{told:?}");
}

#[test]
fn v_40_an_end_is_moved_to_an_earlier_instant_and_no_stay_takes_that_back() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let card = card_with_code(&house, "HOP-1");
    let booking = kernel::BookingId::random(&kernel::rng::OsRng);
    let stay = |check_out: &str| StayPut {
        booking,
        reference: "HOP-1".into(),
        check_out: check_out.parse().unwrap(),
        cancelled_on: None,
    };
    house.ask(&stay("2026-10-24")).unwrap();
    let ends = || house.ask(&CardGet { card }).unwrap().purge_at.unwrap().to_string();
    assert_eq!(ends(), "2026-10-27T23:00:00Z");
    let at = |text: &str| kernel::Timestamp::parse_rfc3339(text).unwrap();
    let end = |text: &str| house.ask(&CardPatch { purge_at: Some(at(text)), ..patch(card) });
    assert_eq!(end("2026-10-28T00:00:00Z").unwrap_err().code(), Some("until_too_far"));
    assert_eq!(end("2026-10-20T10:00:00Z").unwrap_err().code(), Some("invalid_field"));
    let version = house.ask(&CardGet { card }).unwrap().version;
    let stale = CardPatch { version: Some(version - 1), ..block(card, true, "Out of turn") };
    assert_eq!(house.ask(&stale).unwrap_err().code(), Some("precondition_failed"));
    end("2026-10-22T09:00:00Z").unwrap();
    house.ask(&stay("2026-11-24")).unwrap();
    assert_eq!(ends(), "2026-10-22T09:00:00Z", "the stay has moved, the wish holds");
    clock(&house, "2026-10-22T09:00:00Z");
    assert_eq!(house.ask(&CardGet { card }).unwrap_err().code(), Some("gone"));
    let other = CardPatch { preferred_brand: Some(Brand::Visa), ..patch(card) };
    assert_eq!(house.ask(&other).unwrap_err().code(), Some("gone"));
}

#[test]
fn v_40_a_list_goes_on_where_it_ended_and_keeps_to_its_filters() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let cards: Vec<CardToken> =
        (0..5).map(|n| card_with_code(&house, &format!("HOP-{n}"))).collect();
    let list = |limit, filter: &CardFilter, after| {
        let listed = house.ask(&CardList { limit, filter: filter.clone(), after }).unwrap();
        listed.cards.into_iter().map(|one| one.card.token).collect::<Vec<_>>()
    };
    let all = CardFilter::default();
    let whole = list(200, &all, None);
    assert_eq!(whole.len(), 5, "all of one instant, in one order");
    let mut paged = Vec::new();
    while paged.len() < 5 {
        let page = list(2, &all, paged.last().copied());
        assert!(!page.is_empty());
        paged.extend(page);
    }
    assert_eq!(paged, whole);
    assert_eq!(list(2, &all, paged.last().copied()), []);

    house.ask(&block(cards[1], true, "Doubtful")).unwrap();
    let booking = kernel::BookingId::random(&kernel::rng::OsRng);
    let check_out = "2026-10-24".parse().unwrap();
    let given = CardAttach { card: cards[2], booking, check_out, cancelled_on: None };
    house.ask(&given).unwrap();
    let stands = |state| list(200, &CardFilter { state: Some(state), ..all.clone() }, None);
    assert_eq!(stands(CardStatus::Suspended), [cards[1]]);
    assert_eq!(stands(CardStatus::Active), [cards[2]]);
    assert_eq!(stands(CardStatus::Pending).len(), 3);
    let bookings = vec![booking.to_string(), "HOP-2".into()];
    assert_eq!(list(200, &CardFilter { bookings, ..all.clone() }, None), [cards[2]]);
    let known = house.ask(&CardKept { card: cards[0] }).unwrap().card.fingerprint;
    let fingerprint = Some(known);
    assert_eq!(list(200, &CardFilter { fingerprint, ..all.clone() }, None).len(), 5);
    let wrong = CardFilter { fingerprint: Some("4111".into()), ..all.clone() };
    let wrong = house.ask(&CardList { limit: 1, filter: wrong, after: None }).unwrap_err();
    assert_eq!(wrong.code(), Some("invalid_field"));
    let before = |day: &str| {
        let expires_before = Some(day.parse().unwrap());
        list(200, &CardFilter { expires_before, ..all.clone() }, None).len()
    };
    assert_eq!((before("2030-06-30"), before("2030-07-01")), (0, 5), "06/30 ends with its month");
    clock(&house, "2026-10-23T10:00:00Z");
    assert_eq!(stands(CardStatus::Purged).len(), 4, "nobody claimed them");
}

#[test]
fn v_15_all_cards_go_for_good_when_two_people_have_typed_the_name() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let cards: Vec<CardToken> =
        (0..3).map(|n| card_with_code(&house, &format!("HOP-{n}"))).collect();
    let person = || {
        let user = kernel::UserId::random(&kernel::rng::OsRng).to_string();
        vault_wire::WireScope { user, ..house.scope.clone() }
    };
    let (first, second) = (person(), person());
    let name = house.shop().name;
    let typed = |name: &str| CardsDestroy { name: name.into() };
    let program = vault_wire::WireScope { user: "key_1".into(), ..house.scope.clone() };
    let by_key = house.ask_as(&program, &typed(&name)).unwrap_err();
    assert_eq!(by_key.code(), Some("approval_required"));
    let wrong = house.ask_as(&first, &typed("Another house")).unwrap_err();
    assert_eq!(wrong.code(), Some("invalid_field"));

    let asked = house.ask_as(&first, &typed(&name)).unwrap();
    assert_eq!((asked.cards, asked.going), (3, 0), "nothing went yet");
    assert_eq!(asked.asked.unwrap().by, first.user);
    let alone = house.ask_as(&first, &typed(&name)).unwrap_err();
    assert_eq!(alone.code(), Some("self_approval"));
    // A day later nobody remembers it: the second word is a first one again.
    clock(&house, "2026-10-21T10:00:00Z");
    let late = house.ask_as(&second, &typed(&name)).unwrap();
    assert_eq!((late.cards, late.asked.unwrap().by), (3, second.user.clone()));
    let agreed = house.ask_as(&first, &typed(&name)).unwrap();
    let done = agreed.done.unwrap();
    assert_eq!((agreed.cards, agreed.going, done.cards), (0, 0, 3));
    assert_eq!((&done.asked_by, &done.agreed_by), (&second.user, &first.user));
    for card in cards {
        assert_eq!(house.ask(&CardGet { card }).unwrap_err().code(), Some("gone"));
        let receipts = house.ask(&ReceiptsList { card }).unwrap().receipts;
        assert!(receipts.iter().any(|receipt| receipt["what"] == "number"), "{card}");
        assert_eq!(events(&house, card).last().map(String::as_str), Some("card.purged"));
    }
    let log = house.ask(&LogEntries { from: 0, limit: 1000, card: None }).unwrap();
    let told = log.entries.iter().filter(|entry| entry.entry.contains("\"cards.destroyed\""));
    assert_eq!(told.count(), 1);
}

#[test]
fn v_59_those_who_manage_users_are_told_of_a_pin_that_was_shut() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    let owner = kernel::UserId::random(&kernel::rng::OsRng);
    let lang = kernel::Locale::De;
    let managers = vec![Manager { user: owner, email: "owner@example.org".into(), lang }];
    house.ask(&PeoplePut { viewers: vec![user, owner], managers }).unwrap();
    let path = link(&house, card, user);
    let mut key = key_of(&open(&house, &path));
    let letters = || house.ask(&MessagesTake {}).unwrap().messages;
    for wrong in 1..=5 {
        let told = letters().into_iter().filter(|one| one.to == "owner@example.org").count();
        assert_eq!(told, 0, "before the {wrong}. wrong one");
        let reply = send(&house, &path, &format!("key={key}&pin=90071254&show=number"));
        if wrong < 5 {
            key = key_of(&reply);
        }
    }
    let told = letters();
    let of = |to: &str| told.iter().filter(|one| one.to == to).collect::<Vec<_>>();
    let owners = of("owner@example.org");
    assert_eq!(owners.len(), 1, "once, by mail");
    assert!(owners[0].subject.contains("gesperrt"), "in his language: {}", owners[0].subject);
}
