use kernel::{CustomerId, Problem};

use super::*;
use crate::{
    Credit, Ending, Posted, capture, credit_granted, credit_reserved, credit_used, refund_accepted,
    refund_asked, refund_refused, settle,
};

/// A captured sale and the refund of a part of it, asked of the provider.
fn refunded(house: &House, captured: i64, back: i64) -> (Movement, Movement) {
    let sale = house.sale(captured);
    let refund = Movement { operation: house.operation(), amount: eur(back), ..sale };
    let (at, then) = (house.stamp(), house.stamp());
    let _ = house
        .write(move |tx, scope| {
            let _ = capture(tx, scope, &sale, at)?;
            refund_asked(tx, scope, &refund, then)
        })
        .unwrap();
    (sale, refund)
}

fn available(house: &House) -> i64 {
    house.sums(&Account::Wallet(house.shop)).available().unwrap().minor()
}

#[test]
fn s_11_a_refund_reserves_then_becomes_a_fact() {
    let house = House::open();
    let (sale, refund) = refunded(&house, 10_000, 3_000);
    assert_eq!((house.wallet(), available(&house)), (10_000, 7_000));
    let (at, operation) = (house.stamp(), refund.operation);
    let posted = house
        .write(move |tx, scope| refund_accepted(tx, scope, operation, eur(3_000), at))
        .unwrap();
    assert_eq!(posted, Posted::New(at.id));
    assert_eq!((house.wallet(), available(&house)), (7_000, 7_000));
    let item = house.item(&Account::Customers, sale.collected.reference()).unwrap();
    assert_eq!((item.debits, item.credits), (eur(3_000), eur(10_000)));
    assert!(house.verify().ok);
}

#[test]
fn s_11_a_refused_refund_gives_the_reserve_back() {
    let house = House::open();
    let (_, refund) = refunded(&house, 10_000, 10_000);
    let (at, operation) = (house.stamp(), refund.operation);
    let _ = house.write(move |tx, scope| refund_refused(tx, scope, operation, at)).unwrap();
    assert_eq!((house.wallet(), available(&house)), (10_000, 10_000));
    let report = house.verify();
    assert!(report.ok);
    assert_eq!((report.books[0].debits, report.books[0].credits), (10_000, 10_000));
}

#[test]
fn s_11_a_reserve_ends_once() {
    let house = House::open();
    let (_, refund) = refunded(&house, 10_000, 3_000);
    let (at, later, operation) = (house.stamp(), house.stamp(), refund.operation);
    let accept = move |stamp, cents| {
        move |tx: &mut Tx<'_>, scope: &Scope| {
            refund_accepted(tx, scope, operation, eur(cents), stamp)
        }
    };
    let over = house.write(accept(at, 3_001)).unwrap_err();
    assert_eq!(over, LedgerError::OverReserve { reserved: 3_000 });
    let _ = house.write(accept(at, 2_000)).unwrap();
    assert_eq!(available(&house), 8_000, "what was not used is released");
    let again = house.write(accept(later, 2_000)).unwrap();
    assert_eq!(again, Posted::Already(at.id));
    let other = house.write(accept(later, 1_000)).unwrap_err();
    assert_eq!(other, LedgerError::Conflict { field: "postings[0].amount".into() });
    let void = house.write(move |tx, scope| refund_refused(tx, scope, operation, later));
    assert_eq!(Problem::from(void.unwrap_err()).code, "pending_already_posted");

    let nobody = house.operation();
    let unknown = house.write(move |tx, scope| refund_refused(tx, scope, nobody, later));
    assert_eq!(unknown.unwrap_err(), LedgerError::NoReserve);
    assert!(house.verify().ok);
}

#[test]
fn s_11_accepting_after_a_void_is_refused() {
    let house = House::open();
    let (_, refund) = refunded(&house, 10_000, 3_000);
    let (at, later, operation) = (house.stamp(), house.stamp(), refund.operation);
    let _ = house.write(move |tx, scope| refund_refused(tx, scope, operation, at)).unwrap();
    let late =
        house.write(move |tx, scope| refund_accepted(tx, scope, operation, eur(3_000), later));
    assert_eq!(Problem::from(late.unwrap_err()).code, "pending_already_voided");
    assert_eq!(house.wallet(), 10_000);
}

#[test]
fn s_24_a_refund_debits_what_its_capture_credited() {
    let house = House::open();
    let booking = house.booking();
    let deposit = house.movement(Collected::Deposit(booking), 5_040);
    let refund = Movement { operation: house.operation(), ..deposit };
    let stamps = [house.stamp(), house.stamp(), house.stamp()];
    let _ = house
        .write(move |tx, scope| {
            let _ = capture(tx, scope, &deposit, stamps[0])?;
            let _ = refund_asked(tx, scope, &refund, stamps[1])?;
            refund_accepted(tx, scope, refund.operation, eur(5_040), stamps[2])
        })
        .unwrap();
    let item = house.item(&Account::DepositsReceived, booking).unwrap();
    assert_eq!((item.debits, item.closed_on), (eur(5_040), Some(day("2026-07-04"))));
    assert!(house.item(&Account::Customers, booking).is_none());
}

#[test]
fn s_11_a_reserved_credit_counts_against_the_limit_until_it_expires() {
    let house = House::open();
    let customer = CustomerId::random(&house.rng);
    let order = Reference::from(house.booking());
    let credit = |key: &str, cents| Credit {
        key: key.into(),
        customer,
        order: order.clone(),
        amount: eur(cents),
    };
    let (granted, held, spent) = (credit("g", 500), credit("h", 400), credit("s", 200));
    let stamps = [house.stamp(), house.stamp(), house.stamp(), house.stamp()];
    let until = house.now().plus_minutes(60);
    let _ = house
        .write(move |tx, scope| {
            let _ = credit_granted(tx, scope, &granted, stamps[0])?;
            credit_reserved(tx, scope, &held, until, stamps[1])
        })
        .unwrap();
    let spend = move |tx: &mut Tx<'_>, scope: &Scope| credit_used(tx, scope, &spent, stamps[2]);
    let refused = house.write(spend.clone()).unwrap_err();
    assert_eq!(
        refused,
        LedgerError::BalanceLimit {
            account: Account::CreditBalance(customer).to_string(),
            remaining: eur(100),
        }
    );
    let expire = move |now| {
        let stamp = Stamp { now, ..stamps[3] };
        move |tx: &mut Tx<'_>, scope: &Scope| {
            settle(tx, scope, stamps[1].id, Ending::Expired(now), stamp)
        }
    };
    let early = house.write(expire(until.plus_seconds(-1))).unwrap_err();
    assert_eq!(early, LedgerError::ReserveNotOver);
    let _ = house.write(expire(until)).unwrap();
    let _ = house.write(spend).unwrap();
    assert_eq!(house.balance(&Account::CreditBalance(customer)), -300);
    assert!(house.verify().ok, "{:?}", house.verify());
}
