//! The machine's clock is set, back and forward.

use db::{DbError, Route};
use kernel::{BookingId, Clock, Timestamp};
use vault_wire::{
    AuditGet, CardGet, CheckState, ClockAccept, ClockGet, ClockState, FiguresGet, LogsVerify,
    PinChange, StayPut,
};

use super::house::House;
use super::reveal::{PIN, card_with_code, key_of, link, open, send, view_once, viewer, wish};

/// Changes what the stopped vault remembers.
fn remember(house: &House, sql: &'static str, seconds: i64) {
    let tables = db::DbOptions::at(crate::place(&house.config));
    let db = db::Db::open(&tables, &[crate::MIGRATIONS]).unwrap();
    let micros = seconds * 1_000_000;
    let unit = move |tx: &mut db::Tx<'_>| tx.exec(sql, &db::params![micros]);
    let changed = db.write_blocking::<_, DbError, _>(Route::any(), unit).unwrap();
    assert_eq!(changed, 1, "{sql}");
}

/// By so much the clock has gone back since the vault was stopped.
const BACK: &str = "UPDATE vault_clock SET seen = seen + $1";
/// And forward, on a machine that was not off.
const FORWARD: &str = "UPDATE vault_clock SET seen = seen - $1";

fn now() -> Timestamp {
    kernel::time::SystemClock.now()
}

fn state(house: &House) -> ClockState {
    house.ask(&ClockGet {}).unwrap().state
}

/// What the audit says of the clock.
fn audited(house: &House) -> CheckState {
    let audit = house.ask(&AuditGet {}).unwrap();
    audit.checks.iter().find(|check| check.rule == "10.6").unwrap().state
}

#[test]
fn v_121_ve_20_a_clock_set_back_stops_reveals_pins_and_codes_until_it_is_accepted() {
    let mut house = House::open();
    view_once(&house);
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    let (before, opened) = (link(&house, card, user), link(&house, card, user));
    let key = key_of(&open(&house, &opened));
    assert_eq!((state(&house), audited(&house)), (ClockState::Safe, CheckState::Good));
    house.kill();
    remember(&house, BACK, 30);
    house.start();
    assert_eq!(state(&house), ClockState::Safe, "clocks are steered");
    house.kill();
    remember(&house, BACK, 7_200);
    house.start();
    assert_eq!((state(&house), audited(&house)), (ClockState::Back, CheckState::Finding));
    let figures = house.ask(&FiguresGet {}).unwrap();
    assert!((-7_300..=-7_100).contains(&figures.clock_offset_seconds), "{figures:?}");

    assert_eq!(house.ask(&wish(card, user)).unwrap_err().code(), Some("clock_unsafe"));
    let shut = open(&house, &before);
    assert_eq!((shut.status, shut.has("reculée")), (503, true), "{}", shut.body);
    let form = format!("key={key}&pin={PIN}&show=number");
    assert_ne!(send(&house, &opened, &form).status, 200, "nothing is shown");
    let change = PinChange { user, return_url: None };
    assert_eq!(house.ask(&change).unwrap_err().code(), Some("clock_unsafe"));
    assert_eq!(house.relay(card, "op_1").unwrap_err().code(), Some("clock_unsafe"));
    assert!(house.bank.heard().is_empty(), "the code did not leave");
    assert!(house.ask(&CardGet { card }).is_ok(), "all else goes on");

    let told = house.ask(&ClockAccept {}).unwrap();
    assert_eq!(told.state, ClockState::Safe);
    assert!(house.ask(&wish(card, user)).is_ok() && house.relay(card, "op_1").is_ok());
    assert!(house.ask(&LogsVerify {}).unwrap().logs.iter().all(|log| log.found.sound));
    house.kill();
    house.start();
    assert_eq!(state(&house), ClockState::Safe, "it is remembered");
}

#[test]
fn v_121_a_clock_set_forward_by_more_than_a_day_purges_nothing_until_it_is_accepted() {
    const DUE: &str = "UPDATE vault_card SET purge_at = purge_at - $1";
    let mut house = House::open();
    let card = card_with_code(&house, "HOP-1");
    let booking = BookingId::random(&kernel::rng::OsRng);
    let check_out = kernel::Zone::paris().date(now());
    let stay = StayPut { booking, reference: "HOP-1".into(), check_out, cancelled_on: None };
    house.ask(&stay).unwrap();
    house.kill();
    remember(&house, DUE, 5 * 24 * 60 * 60);
    remember(&house, FORWARD, 23 * 60 * 60);
    house.start();
    assert_eq!(state(&house), ClockState::Safe, "less than a day");
    assert_eq!(house.ask(&CardGet { card }).unwrap_err().code(), Some("gone"), "it was due");

    let card = card_with_code(&house, "HOP-2");
    let stay = StayPut { reference: "HOP-2".into(), ..stay };
    house.ask(&stay).unwrap();
    house.kill();
    remember(
        &house,
        "UPDATE vault_card SET purge_at = purge_at - $1 WHERE state = 'active'",
        5 * 24 * 60 * 60,
    );
    remember(&house, FORWARD, 30 * 60 * 60);
    house.start();
    assert_eq!((state(&house), audited(&house)), (ClockState::Forward, CheckState::Finding));
    assert!(house.ask(&CardGet { card }).is_ok(), "it stays, although it is due");
    house.ask(&ClockAccept {}).unwrap();
    assert_eq!(house.ask(&CardGet { card }).unwrap_err().code(), Some("gone"));
    assert_eq!(audited(&house), CheckState::Good);
}
