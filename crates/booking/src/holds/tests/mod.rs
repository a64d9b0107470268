//! Holds on a real database file.

use std::sync::Arc;

use kernel::{CartId, HoldId, Rng, Timestamp};

mod steps;
mod units;

use super::jobs;
use super::model::{Hold, HoldState};
use super::ops::{self, Confirmed, HoldError, NewHold, Placed, Refusal, Term};
use super::store;
use crate::moment::Moment;
use crate::stock::store::{Level, Sales};
use crate::stock::{Line, Lines, Resource, Slot, ops as stock_ops, store as stock_store};
use crate::testing::{House, at, day};

const TEN: &str = "2026-07-01T10:00:00Z";

impl House {
    fn wish(&self, lines: &Lines) -> NewHold {
        NewHold {
            id: HoldId::from(self.id()),
            shop: self.shop,
            cart: Some(CartId::from(self.id())),
            contact: "anna@example.org".into(),
            lines: lines.clone(),
            term: Term::Basket,
        }
    }

    /// Runs an operation on holds at an instant.
    fn at<T: Send + 'static>(
        &self,
        now: Timestamp,
        operation: impl Fn(&mut db::Tx<'_>, &kernel::Scope, Moment) -> Result<T, HoldError>
        + Send
        + 'static,
    ) -> Result<T, HoldError> {
        let (scope, rng) = (self.scope.clone(), Arc::clone(&self.rng));
        self.write(move |tx| operation(tx, &scope, Moment::new(now, rng.as_ref())))
    }

    fn place(&self, new: &NewHold, now: Timestamp) -> Result<Placed, HoldError> {
        let new = new.clone();
        self.at(now, move |tx, scope, moment| ops::place(tx, scope, &new, moment))
    }

    fn held(&self, lines: &Lines, now: Timestamp) -> Hold {
        held(self.place(&self.wish(lines), now).unwrap())
    }

    fn level(&self, line: &Line) -> Level {
        let (scope, line) = (self.scope.clone(), line.clone());
        self.db.read_blocking(move |tx| stock_store::level(tx, &scope, &line)).unwrap().unwrap()
    }

    fn counts(&self, line: &Line) -> (u32, u32) {
        let level = self.level(line);
        (level.taken, level.held)
    }

    fn is_sound(&self) -> bool {
        let scope = self.scope.clone();
        self.db.read_blocking(move |tx| stock_ops::doctor(tx, &scope)).unwrap().is_empty()
    }

    fn state(&self, id: HoldId) -> HoldState {
        let scope = self.scope.clone();
        self.db.read_blocking(move |tx| store::find(tx, &scope, id)).unwrap().unwrap().state
    }
}

fn held(placed: Placed) -> Hold {
    match placed {
        Placed::Held(hold) => hold,
        Placed::Refused(refusal) => panic!("refused: {refusal:?}"),
    }
}

fn refused(placed: Placed) -> Refusal {
    match placed {
        Placed::Refused(refusal) => refusal,
        Placed::Held(hold) => panic!("held: {hold:?}"),
    }
}

fn one_of(line: &Line, quantity: u32) -> Lines {
    Lines::new([Line { quantity, ..line.clone() }]).unwrap()
}

#[test]
fn l_22_a_hold_is_live_until_its_end_and_free_at_it() {
    let house = House::new();
    let suite = house.gauge(1);
    let hold = house.held(&one_of(&suite, 1), at("2026-07-01T10:02:00Z"));
    assert_eq!(hold.expires_at, at("2026-07-01T11:02:00Z"));
    let wish = house.wish(&one_of(&suite, 1));
    let before = refused(house.place(&wish, at("2026-07-01T11:01:59.999Z")).unwrap());
    assert_eq!(before.blocked_until, Some(hold.expires_at));
    held(house.place(&wish, at("2026-07-01T11:02:00Z")).unwrap());
    assert_eq!(house.state(hold.id), HoldState::Expired);
    assert_eq!(house.counts(&suite), (0, 1));
    assert!(house.is_sound());
}

#[test]
fn p_129_what_is_told_of_a_hold_says_in_which_order() {
    let house = House::new();
    let suite = house.gauge(1);
    let hold = house.held(&one_of(&suite, 1), at(TEN));
    let id = hold.id;
    // All at one instant, as under a clock that stands still.
    house.at(at(TEN), move |tx, scope, moment| ops::renew(tx, scope, id, moment)).unwrap();
    let ending = store::Ending { by: "payer".into(), reason: String::new() };
    house
        .at(at(TEN), move |tx, scope, moment| ops::release(tx, scope, id, (&ending, moment)))
        .unwrap();
    let scope = house.scope.clone();
    let told = house
        .db
        .read_blocking(move |tx| db::outbox::of_object(tx, &scope, &id.to_string()))
        .unwrap();
    let mut told: Vec<(i64, &str)> = told
        .iter()
        .map(|event| (event.body["version"].as_i64().unwrap(), event.kind.as_str()))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [(1, "hold.placed"), (2, "hold.extended"), (3, "hold.released")]);
}

#[test]
fn e_16_a_pay_click_gives_an_hour_and_the_end_frees() {
    let house = House::new();
    let suite = house.gauge(1);
    let hold = house.held(&one_of(&suite, 1), at("2026-07-01T10:02:00Z"));
    let id = hold.id;
    let click = at("2026-07-01T10:50:00Z");
    let renewed = house.at(click, move |tx, scope, moment| ops::renew(tx, scope, id, moment));
    assert_eq!(renewed.unwrap().expires_at, at("2026-07-01T11:50:00Z"));
    // Nobody came: at 11:52 the same basket takes it again.
    let again = NewHold { cart: hold.cart, term: Term::Bank, ..house.wish(&one_of(&suite, 1)) };
    let retaken = held(house.place(&again, at("2026-07-01T11:52:00Z")).unwrap());
    assert_eq!(retaken.expires_at, at("2026-07-01T12:07:00Z"));
    assert_eq!(retaken.life_from, hold.life_from);
    assert!(house.is_sound());
}

#[test]
fn e_17_a_click_in_the_last_millisecond_counts_and_one_later_does_not() {
    let house = House::new();
    let suite = house.gauge(2);
    let start = at("2026-07-01T10:02:00Z");
    let (first, second) =
        (house.held(&one_of(&suite, 1), start), house.held(&one_of(&suite, 1), start));
    let (a, b) = (first.id, second.id);
    let in_time = at("2026-07-01T11:01:59.999Z");
    let renewed = house.at(in_time, move |tx, scope, moment| ops::renew(tx, scope, a, moment));
    assert_eq!(renewed.unwrap().expires_at, at("2026-07-01T12:01:59.999Z"));
    let late = at("2026-07-01T11:02:00Z");
    let refused = house.at(late, move |tx, scope, moment| ops::renew(tx, scope, b, moment));
    assert!(matches!(refused, Err(HoldError::Expired)));
}

#[test]
fn l_21_the_bank_always_has_fifteen_minutes_and_the_basket_four_hours() {
    let house = House::new();
    let suite = house.gauge(1);
    let start = at(TEN);
    let hold = house.held(&one_of(&suite, 1), start);
    let id = hold.id;
    for minutes in [50, 100, 150, 200] {
        let click = start.plus_minutes(minutes);
        house.at(click, move |tx, scope, moment| ops::renew(tx, scope, id, moment)).unwrap();
    }
    let last = start.plus_minutes(239);
    let capped =
        house.at(last, move |tx, scope, moment| ops::renew(tx, scope, id, moment)).unwrap();
    assert_eq!(capped.expires_at, start.plus_minutes(240));
    let asked =
        house.at(last, move |tx, scope, moment| ops::leave_bank_time(tx, scope, id, moment));
    assert_eq!(asked.unwrap().expires_at, start.plus_minutes(254));
    let over = start.plus_minutes(241);
    let refused = house.at(over, move |tx, scope, moment| ops::renew(tx, scope, id, moment));
    assert!(matches!(refused, Err(HoldError::LifetimeReached)));
}

#[test]
fn l_25_prolonging_works_once_and_not_while_others_wait() {
    let house = House::new();
    let suite = house.gauge(1);
    let hold = house.held(&one_of(&suite, 1), at(TEN));
    let id = hold.id;
    let prolong = |minutes: i64| {
        let now = at(TEN).plus_minutes(minutes);
        house.at(now, move |tx, scope, moment| ops::prolong(tx, scope, id, moment))
    };
    assert_eq!(prolong(50).unwrap().expires_at, at("2026-07-01T12:00:00Z"));
    assert!(matches!(prolong(55), Err(HoldError::ProlongedAlready)));

    let room = house.gauge(1);
    let wanted = house.held(&one_of(&room, 1), at(TEN));
    refused(house.place(&house.wish(&one_of(&room, 1)), at(TEN).plus_minutes(5)).unwrap());
    let id = wanted.id;
    let later = at(TEN).plus_minutes(50);
    let told = house.at(later, move |tx, scope, moment| ops::prolong(tx, scope, id, moment));
    assert!(matches!(told, Err(HoldError::OthersWait)));
}

#[test]
fn l_06_e_19_a_refusal_proves_that_no_expired_hold_was_left() {
    let house = House::new();
    let gauge = house.gauge(100);
    for _ in 0..40 {
        house.held(&one_of(&gauge, 1), at(TEN));
    }
    let later = at("2026-07-01T11:30:00Z");
    let (mut yes, mut no) = (0, 0);
    std::thread::scope(|threads| {
        let house = &house;
        let gauge = &gauge;
        let client = || {
            let try_one = |_| house.place(&house.wish(&one_of(gauge, 1)), later).unwrap();
            (0..50).map(try_one).filter(|placed| matches!(placed, Placed::Held(_))).count()
        };
        let clients: Vec<_> = (0..8).map(|_| threads.spawn(client)).collect();
        for client in clients {
            let held = client.join().unwrap();
            yes += held;
            no += 50 - held;
        }
    });
    assert_eq!((yes, no), (100, 300));
    assert_eq!(house.counts(&gauge), (0, 100));
    let (scope, shop) = (house.scope.clone(), house.shop);
    let expired = house
        .db
        .read_blocking(move |tx| store::count(tx, &scope, shop, HoldState::Expired))
        .unwrap();
    assert_eq!(expired, 40);
    assert!(house.is_sound());
}

#[test]
fn l_16_e_20_one_suite_two_hundred_buyers_one_hold_that_survives_a_restart() {
    let house = House::new();
    let suite = house.gauge(1);
    let now = at(TEN);
    let wins: usize = std::thread::scope(|threads| {
        let (house, suite) = (&house, &suite);
        let buy = move || house.place(&house.wish(&one_of(suite, 1)), now).unwrap();
        let buyers: Vec<_> = (0..200).map(|_| threads.spawn(buy)).collect();
        buyers
            .into_iter()
            .map(|buyer| buyer.join().unwrap())
            .filter(|placed| matches!(placed, Placed::Held(_)))
            .count()
    });
    assert_eq!(wins, 1);
    let house = house.reopened();
    assert_eq!(house.counts(&suite), (0, 1));
    let (scope, shop) = (house.scope.clone(), house.shop);
    let due =
        house.db.read_blocking(move |tx| store::due(tx, &scope, shop, (now.plus_minutes(60), 9)));
    let id = due.unwrap()[0];
    let twice: Vec<Confirmed> = (0..2)
        .map(|_| {
            house.at(now, move |tx, scope, moment| ops::confirm(tx, scope, id, moment.now)).unwrap()
        })
        .collect();
    assert_eq!(twice, [Confirmed::Now, Confirmed::Already]);
    assert_eq!(house.counts(&suite), (1, 0));
    assert!(house.is_sound());
}

#[test]
fn l_04_e_21_a_full_night_in_the_middle_leaves_the_others_alone() {
    let house = House::new();
    let (lodging, _) = house.lodging(1, 9_800);
    let resource = Resource::Lodging(lodging.id);
    let stay = |from: &str, to: &str| Lines::nights(resource, day(from), day(to), 1).unwrap();
    house.held(&stay("2026-07-08", "2026-07-09"), at(TEN));
    let week = stay("2026-07-04", "2026-07-11");
    let refusal = refused(house.place(&house.wish(&week), at(TEN)).unwrap());
    assert_eq!(refusal.line.slot, Slot::night(day("2026-07-08")));
    let held: Vec<u32> = week.rows().iter().map(|line| house.level(line).held).collect();
    assert_eq!(held, [0, 0, 0, 0, 1, 0, 0]);
    assert!(house.is_sound());
}

#[test]
fn l_15_one_basket_has_one_hold_whatever_is_clicked() {
    let house = House::new();
    let gauge = house.gauge(10);
    let wish = house.wish(&one_of(&gauge, 2));
    let first = held(house.place(&wish, at(TEN)).unwrap());
    let again = NewHold { id: HoldId::from(house.id()), ..wish.clone() };
    assert_eq!(held(house.place(&again, at(TEN).plus_minutes(1)).unwrap()), first);
    assert_eq!(house.counts(&gauge), (0, 2));
}

#[test]
fn l_08_a_hold_is_confirmed_once_and_never_after_its_end() {
    let house = House::new();
    let gauge = house.gauge(10);
    let hold = house.held(&one_of(&gauge, 2), at(TEN));
    let late = house.held(&one_of(&gauge, 3), at(TEN));
    let confirm = |id: HoldId, now: Timestamp| {
        house.at(now, move |tx, scope, moment| ops::confirm(tx, scope, id, moment.now)).unwrap()
    };
    assert_eq!(confirm(hold.id, at(TEN).plus_minutes(59)), Confirmed::Now);
    assert_eq!(confirm(hold.id, at(TEN).plus_minutes(90)), Confirmed::Already);
    assert_eq!(confirm(late.id, at(TEN).plus_minutes(60)), Confirmed::TooLate);
    assert_eq!(house.counts(&gauge), (2, 3));
    assert!(house.is_sound());
}

#[test]
fn l_24_a_basket_has_one_end_and_gives_back_what_is_removed() {
    let house = House::new();
    let (room, boat) = (house.gauge(5), house.gauge(5));
    let hold = house.held(&one_of(&room, 2), at(TEN));
    let both =
        Lines::new([Line { quantity: 1, ..room.clone() }, Line { quantity: 3, ..boat.clone() }])
            .unwrap();
    let wish = NewHold { cart: hold.cart, ..house.wish(&both) };
    let changed = held(house.place(&wish, at(TEN).plus_minutes(30)).unwrap());
    assert_eq!((changed.id, changed.expires_at), (hold.id, at("2026-07-01T11:30:00Z")));
    assert_eq!((house.counts(&room), house.counts(&boat)), ((0, 1), (0, 3)));
    let too_much = Lines::new([Line { quantity: 6, ..boat.clone() }]).unwrap();
    let wish = NewHold { cart: hold.cart, ..house.wish(&too_much) };
    refused(house.place(&wish, at(TEN).plus_minutes(31)).unwrap());
    assert_eq!((house.counts(&room), house.counts(&boat)), ((0, 1), (0, 3)));
    assert!(house.is_sound());
}

#[test]
fn l_11_capacity_never_goes_below_what_is_sold_and_closing_stops_new_holds() {
    let house = House::new();
    let gauge = house.gauge(20);
    house.held(&one_of(&gauge, 18), at(TEN));
    let set = |capacity: u32| {
        let (scope, lines) = (house.scope.clone(), one_of(&gauge, capacity));
        house.write(move |tx| stock_ops::set_capacity(tx, &scope, &lines))
    };
    assert_eq!(set(15).unwrap_err().to_string(), "capacity 15 below 18 taken and held");
    set(18).unwrap();
    set(30).unwrap();
    let (scope, lines) = (house.scope.clone(), one_of(&gauge, 1));
    house.write(move |tx| stock_ops::set_sales(tx, &scope, &lines, Sales::Closed)).unwrap();
    refused(house.place(&house.wish(&one_of(&gauge, 1)), at(TEN)).unwrap());
    assert_eq!(house.counts(&gauge), (0, 18));
}

#[test]
fn l_10_a_second_release_changes_nothing() {
    let house = House::new();
    let gauge = house.gauge(3);
    let hold = house.held(&one_of(&gauge, 2), at(TEN));
    let id = hold.id;
    let ending = store::Ending { by: "payer".into(), reason: String::new() };
    for _ in 0..2 {
        let ending = ending.clone();
        house
            .at(at(TEN), move |tx, scope, moment| ops::release(tx, scope, id, (&ending, moment)))
            .unwrap();
    }
    assert_eq!(house.counts(&gauge), (0, 0));
    let dead = house.at(at(TEN), move |tx, scope, moment| ops::confirm(tx, scope, id, moment.now));
    assert_eq!(dead.unwrap(), Confirmed::TooLate);
}

#[test]
fn l_09_late_money_takes_the_place_if_it_is_still_free() {
    let house = House::new();
    let suite = house.gauge(1);
    let late = |house: &House| {
        let wish = house.wish(&one_of(&suite, 1));
        house.at(at(TEN), move |tx, scope, moment| ops::take_directly(tx, scope, &wish, moment))
    };
    assert_eq!(late(&house).unwrap(), None);
    assert_eq!(house.counts(&suite), (1, 0));
    assert!(late(&house).unwrap().is_some());
    assert!(house.is_sound());
}

#[test]
fn l_07_the_sweeper_frees_what_is_over_round_by_round() {
    let house = House::new();
    let gauge = house.gauge(250);
    for _ in 0..250 {
        house.held(&one_of(&gauge, 1), at(TEN));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let sweep = |now| {
        let rng: Arc<dyn Rng> = Arc::clone(&house.rng);
        runtime.block_on(jobs::sweep(&house.db, &house.scope, house.shop, (now, rng))).unwrap()
    };
    assert_eq!(sweep(at("2026-07-01T10:59:59.999Z")), 0);
    assert_eq!(sweep(at("2026-07-01T11:00:00Z")), 250);
    assert_eq!(house.counts(&gauge), (0, 0));
    assert!(house.is_sound());
}

#[test]
fn l_16_the_doctor_finds_and_repairs_a_wrong_counter() {
    let house = House::new();
    let gauge = house.gauge(5);
    house.held(&one_of(&gauge, 2), at(TEN));
    let (scope, line) = (house.scope.clone(), Line { quantity: 1, ..gauge.clone() });
    house.write(move |tx| stock_store::shift(tx, &scope, stock_store::Move::Hold, &line)).unwrap();
    assert!(!house.is_sound());
    let scope = house.scope.clone();
    let (rng, now) = (Arc::clone(&house.rng), at(TEN));
    let repair = move |tx: &mut db::Tx<'_>| stock_ops::repair(tx, &scope, Moment::new(now, &*rng));
    let repaired = house.write(repair).unwrap();
    assert_eq!(repaired[0].held, (3, 2));
    assert!(house.is_sound());
    let (scope, object) = (house.scope.clone(), gauge.resource.to_string());
    let read = move |tx: &mut db::Tx<'_>| identity::audit::lines_of(tx, &scope, &object);
    let told = house.db.read_blocking(read).unwrap();
    assert_eq!(told[0].action, "stock.repaired");
    assert!(told[0].before.as_deref().unwrap().contains("\"held\":3"), "{told:?}");
}

#[test]
fn l_01_l_02_the_schema_itself_refuses_an_oversold_row() {
    let house = House::new();
    let gauge = house.gauge(1);
    let scope = house.scope.clone();
    let wrong = stock_store::Mismatch {
        resource: gauge.resource.id(),
        slot: "all".into(),
        taken: (0, 1),
        held: (0, 1),
    };
    let refused = house.write(move |tx| stock_store::repair(tx, &scope, &wrong));
    assert!(matches!(refused, Err(db::DbError::Check(_))));
}
