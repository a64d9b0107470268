//! How long cards stay.

use kernel::rng::OsRng;
use kernel::{BookingId, Timestamp};
use vault_wire::{CardAttach, CardDelete, CardGet, ClockSet, Keep, Pace, Stats};

use super::house::House;

fn clock(house: &House, to: &str) {
    let set = ClockSet {
        shop: house.scope.shop,
        now: Some(Timestamp::parse_rfc3339(to).unwrap()),
        pace: Pace::Frozen,
    };
    house.ask(&set).unwrap();
}

#[test]
fn ve_12_v_116_a_card_of_a_stay_goes_at_its_local_midnight() {
    let mut house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let booking = BookingId::random(&OsRng);
    let card = house.card("4242424242424242", |request| {
        request.keep = Keep::Booking;
        request.booking = Some(booking);
    });
    let token = card.card.token;
    let attach = |check_out: &str, cancelled: Option<&str>| CardAttach {
        card: token,
        booking,
        check_out: check_out.parse().unwrap(),
        cancelled_on: cancelled.map(|day| day.parse().unwrap()),
    };
    let purge = |request: &CardAttach| house.ask(request).unwrap().purge_at.unwrap().to_string();
    assert_eq!(purge(&attach("2027-03-26", None)), "2027-03-29T22:00:00Z");
    assert_eq!(purge(&attach("2027-03-26", Some("2026-11-01"))), "2026-11-02T23:00:00Z");
    assert_eq!(purge(&attach("2026-10-24", None)), "2026-10-27T23:00:00Z");
    let other = CardAttach { booking: BookingId::random(&OsRng), ..attach("2026-10-24", None) };
    assert_eq!(house.ask(&other).unwrap_err().code(), Some("card_in_use"));
    let once = house.card("4242424242424242", |_| ()).card.token;
    let other = CardAttach { card: once, ..attach("2026-10-24", None) };
    assert_eq!(house.ask(&other).unwrap_err().code(), Some("card_not_kept"), "no consent");

    clock(&house, "2026-10-27T22:59:59Z");
    assert!(house.ask(&CardGet { card: token }).is_ok());
    clock(&house, "2026-10-27T23:00:00Z");
    assert_eq!(house.ask(&CardGet { card: token }).unwrap_err().code(), Some("gone"));
    assert_eq!(house.relay(token, "op").unwrap_err().code(), Some("gone"));
    let stats = house.ask(&Stats {}).unwrap();
    assert_eq!((stats.cards, stats.due_cards, stats.codes), (0, 0, 0));

    let slots = house.config.data_dir.join("slots.number");
    let bytes = std::fs::read(slots).unwrap();
    assert!(bytes[4096..].iter().all(|byte| *byte == 0), "its key is overwritten");
    house.kill();
    house.start();
    assert_eq!(house.ask(&CardGet { card: token }).unwrap_err().code(), Some("gone"));
}

#[test]
fn v_25_a_card_of_one_payment_lives_fifteen_minutes() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let token = house.card("4242424242424242", |_| ()).card.token;
    clock(&house, "2026-10-20T10:14:59Z");
    assert!(house.relay(token, "op_1").is_ok());
    clock(&house, "2026-10-20T10:15:00Z");
    assert_eq!(house.relay(token, "op_2").unwrap_err().code(), Some("gone"));
    assert_eq!(house.bank.heard().len(), 1);
}

#[test]
fn v_18_a_page_closes_after_an_hour() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    let page = house.page(&house.request(super::house::payment(1)));
    clock(&house, "2026-10-20T10:59:59Z");
    assert_eq!(house.get(&page).status, 200);
    clock(&house, "2026-10-20T11:00:00Z");
    assert_eq!(house.get(&page).status, 410);
}

#[test]
fn a_deleted_card_is_gone_and_deleting_again_is_fine() {
    let house = House::open();
    let token = house.card("4242424242424242", |_| ()).card.token;
    house.ask(&CardDelete { card: token }).unwrap();
    house.ask(&CardDelete { card: token }).unwrap();
    assert_eq!(house.ask(&CardGet { card: token }).unwrap_err().code(), Some("gone"));
    assert_eq!(house.relay(token, "op").unwrap_err().code(), Some("gone"));
}

#[test]
fn clock_set_again_every_two_seconds_writes_nothing() {
    let house = House::open();
    clock(&house, "2026-10-20T10:00:00Z");
    // The log of a file grows, and a server has the mark of each commit.
    let tables = crate::place(&house.config);
    let written = || match &tables {
        db::Place::File(file) => std::fs::metadata(file.with_extension("db-wal")).unwrap().len(),
        db::Place::Server(_) => {
            let marks = "SELECT COUNT(*) AS marks FROM commit_mark";
            let count = |tx: &mut db::Tx<'_>| tx.query(marks, &[])?[0].get::<i64>("marks");
            u64::try_from(db::read_once::<_, db::DbError, _>(&tables, count).unwrap()).unwrap()
        }
    };
    let before = written();
    for _ in 0..20 {
        clock(&house, "2026-10-20T10:00:00Z");
        house.ask(&house.shop()).unwrap();
    }
    assert_eq!(written(), before);
}
