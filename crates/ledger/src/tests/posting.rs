use db::outbox::{self, NewEvent};
use kernel::{CustomerId, EventId, Problem};

use super::*;
use crate::{
    Correction, Credit, DepositEnd, FeePlan, Posted, capture, credit_granted, credit_used,
    deposit_applied, deposit_kept, deposit_returned, fee, fee_returned, reverse,
};

#[test]
fn s_24_capture_and_fee_in_custody() {
    let house = House::open();
    let (sale, at, then) = (house.sale(10_000), house.stamp(), house.stamp());
    let cut = house.fee_of(&sale, 200);
    let _ = house
        .write(move |tx, scope| {
            let _ = capture(tx, scope, &sale, at)?;
            fee(tx, scope, &cut, then)
        })
        .unwrap();
    assert_eq!(house.wallet(), 9_800);
    assert_eq!(house.balance(&Account::Customers), -10_000);
    assert_eq!(house.balance(&Account::OperatorFees), 200);
    let report = house.verify();
    assert!(report.ok);
    let book = &report.books[0];
    assert_eq!((book.transactions, book.postings), (2, 4));
    assert_eq!((book.debits, book.credits), (10_200, 10_200));
}

#[test]
fn s_24_record_only_says_what_the_acquirer_owes() {
    let house = House::open();
    let contract = kernel::ContractId::random(&house.rng);
    let sale = Movement { settlement: Settlement::RecordOnly(contract), ..house.sale(8_400) };
    let at = house.stamp();
    let _ = house.write(move |tx, scope| capture(tx, scope, &sale, at)).unwrap();
    let owed = house.item(&Account::PspReceivable(contract), sale.operation).unwrap();
    assert_eq!((owed.debits, owed.credits, owed.closed_on), (eur(8_400), eur(0), None));
}

#[test]
fn s_13_told_twice_writes_once_and_told_differently_names_the_field() {
    let house = House::open();
    let sale = house.sale(10_000);
    let (at, again) = (house.stamp(), house.stamp());
    let first = house.write(move |tx, scope| capture(tx, scope, &sale, at)).unwrap();
    assert_eq!(first, Posted::New(at.id));
    let second = house.write(move |tx, scope| capture(tx, scope, &sale, again)).unwrap();
    assert_eq!(second, Posted::Already(at.id));

    let more = Movement { amount: eur(10_001), ..sale };
    let refused = house.write(move |tx, scope| capture(tx, scope, &more, again)).unwrap_err();
    assert_eq!(refused, LedgerError::Conflict { field: "postings[0].amount".into() });
    let problem = Problem::from(refused);
    assert_eq!((problem.status, problem.code), (409, "ledger_conflict"));
    assert_eq!(problem.extra["field"], "postings[0].amount");

    let other_day = Stamp { on: day("2026-07-05"), ..again };
    let refused = house.write(move |tx, scope| capture(tx, scope, &sale, other_day)).unwrap_err();
    assert_eq!(refused, LedgerError::Conflict { field: "effective_date".into() });

    let other = Movement { collected: house.sale(1).collected, ..sale };
    let refused = house.write(move |tx, scope| capture(tx, scope, &other, again)).unwrap_err();
    assert_eq!(refused, LedgerError::Conflict { field: "postings[1].item".into() });

    assert_eq!(house.wallet(), 10_000);
    assert_eq!(house.verify().books[0].transactions, 1);
}

#[test]
fn s_04_zero_posts_nothing_and_impossible_amounts_are_refused() {
    let house = House::open();
    let (nothing, at) = (house.sale(0), house.stamp());
    let posted = house.write(move |tx, scope| capture(tx, scope, &nothing, at)).unwrap();
    assert_eq!(posted, Posted::Nothing);
    for cents in [-1, 1_000_000_000_000, i64::MAX, i64::MIN] {
        let sale = house.sale(cents);
        let refused = house.write(move |tx, scope| capture(tx, scope, &sale, at)).unwrap_err();
        assert_eq!(refused, LedgerError::AmountRange);
    }
    assert!(house.verify().books.is_empty());
}

#[test]
fn s_24_deposit_of_thirty_percent_applied_at_the_invoice() {
    let house = House::open();
    let booking = house.booking();
    let deposit = house.movement(Collected::Deposit(booking), 5_040);
    let balance = house.movement(Collected::Booking(booking), 11_760);
    let stamps = [house.stamp(), house.stamp(), house.stamp()];
    let _ = house.write(move |tx, scope| capture(tx, scope, &deposit, stamps[0])).unwrap();
    let held = house.item(&Account::DepositsReceived, booking).unwrap();
    assert_eq!((held.credits, held.closed_on), (eur(5_040), None));

    let end = DepositEnd { key: "inv_1".into(), booking, amount: eur(5_040) };
    let _ = house
        .write(move |tx, scope| {
            let _ = deposit_applied(tx, scope, &end, stamps[1])?;
            capture(tx, scope, &balance, stamps[2])
        })
        .unwrap();
    let held = house.item(&Account::DepositsReceived, booking).unwrap();
    assert_eq!(held.closed_on, Some(day("2026-07-04")));
    let owed = house.item(&Account::Customers, booking).unwrap();
    assert_eq!(owed.credits, eur(16_800), "the whole price is prepaid until the invoice");
    assert!(house.verify().ok);
}

#[test]
fn s_24_deposit_kept_after_a_late_cancellation_or_given_back() {
    let house = House::open();
    let (kept, returned) = (house.booking(), house.booking());
    for booking in [kept, returned] {
        let (deposit, at) = (house.movement(Collected::Deposit(booking), 5_040), house.stamp());
        let _ = house.write(move |tx, scope| capture(tx, scope, &deposit, at)).unwrap();
    }
    let end = DepositEnd { key: kept.to_string(), booking: kept, amount: eur(5_040) };
    let (back, at, then) =
        (house.movement(Collected::Deposit(returned), 5_040), house.stamp(), house.stamp());
    let _ = house
        .write(move |tx, scope| {
            let _ = deposit_kept(tx, scope, &end, at)?;
            deposit_returned(tx, scope, &back, then)
        })
        .unwrap();
    assert_eq!(house.balance(&Account::DepositKept), -5_040);
    assert_eq!(house.balance(&Account::DepositsReceived), 0);
    assert_eq!(house.wallet(), 5_040);
    for booking in [kept, returned] {
        assert!(house.item(&Account::DepositsReceived, booking).unwrap().closed_on.is_some());
    }
    assert!(house.verify().ok);
}

#[test]
fn s_24_a_fee_given_back_returns_to_the_wallet() {
    let house = House::open();
    let sale = house.sale(16_800);
    let cut = house.fee_of(&sale, FeePlan::ONE_SHOT_PAY.fee_of(eur(16_800)).unwrap().minor());
    let back = Fee { operation: house.operation(), ..cut };
    let stamps = [house.stamp(), house.stamp(), house.stamp()];
    let _ = house
        .write(move |tx, scope| {
            let _ = capture(tx, scope, &sale, stamps[0])?;
            let _ = fee(tx, scope, &cut, stamps[1])?;
            fee_returned(tx, scope, &back, stamps[2])
        })
        .unwrap();
    assert_eq!((house.wallet(), house.balance(&Account::OperatorFees)), (16_800, 0));
}

#[test]
fn nothing_is_posted_to_a_closed_account() {
    let house = House::open();
    let (sale, next) = (house.sale(10_000), house.sale(500));
    let (at, then) = (house.stamp(), house.stamp());
    let _ = house.write(move |tx, scope| capture(tx, scope, &sale, at)).unwrap();
    let closing = "UPDATE ledger_account SET closed_at = 1 WHERE code = 'wallet'";
    house.write(move |tx, _| Ok(tx.exec(closing, &[])?)).unwrap();
    let refused = house.write(move |tx, scope| capture(tx, scope, &next, then)).unwrap_err();
    assert_eq!(Problem::from(refused).code, "unknown_account");
    assert_eq!(house.wallet(), 10_000);
}

#[test]
fn s_10_rows_are_never_changed_or_deleted() {
    let house = House::open();
    let (sale, at) = (house.sale(10_000), house.stamp());
    let _ = house.write(move |tx, scope| capture(tx, scope, &sale, at)).unwrap();
    for sql in [
        "UPDATE ledger_tx SET kind = 'refund'",
        "DELETE FROM ledger_tx",
        "UPDATE ledger_posting SET amount = 1",
        "DELETE FROM ledger_posting",
    ] {
        let refused = house.write(move |tx, _| Ok(tx.exec(sql, &[])?)).unwrap_err();
        assert!(matches!(refused, LedgerError::Db(db::DbError::Check(_))), "{sql}: {refused}");
    }
    assert_eq!(house.wallet(), 10_000);
}

#[test]
fn s_10_a_mistake_is_reversed_once() {
    let house = House::open();
    let (sale, at, undo, again) = (house.sale(10_000), house.stamp(), house.stamp(), house.stamp());
    let _ = house.write(move |tx, scope| capture(tx, scope, &sale, at)).unwrap();
    let reason = || "captured for the wrong booking".to_owned();
    let correction = Correction { key: "desk-1".into(), of: at.id, reason: reason() };
    let same = correction.clone();
    let posted = house.write(move |tx, scope| reverse(tx, scope, &correction, undo)).unwrap();
    assert_eq!(posted, Posted::New(undo.id));
    assert_eq!(house.wallet(), 0);
    let told = house.write(move |tx, scope| reverse(tx, scope, &same, again)).unwrap();
    assert_eq!(told, Posted::Already(undo.id));

    let second = Correction { key: "desk-2".into(), of: at.id, reason: reason() };
    let refused = house.write(move |tx, scope| reverse(tx, scope, &second, again)).unwrap_err();
    assert_eq!(Problem::from(refused).code, "already_reversed");
    let mirror = Correction { key: "desk-3".into(), of: undo.id, reason: reason() };
    let refused = house.write(move |tx, scope| reverse(tx, scope, &mirror, again)).unwrap_err();
    assert_eq!(refused, LedgerError::NothingToReverse);
    assert!(house.verify().ok);
}

#[test]
fn s_05_s_21_a_credit_can_never_be_overspent() {
    let house = House::open();
    let customer = CustomerId::random(&house.rng);
    let order = Reference::from(house.booking());
    let credit = move |key: &str, cents| Credit {
        key: key.into(),
        customer,
        order: order.clone(),
        amount: eur(cents),
    };
    let (granted, used) = (credit("cn-1", 500), credit("use-1", 420));
    let stamps = [house.stamp(), house.stamp(), house.stamp()];
    let _ = house
        .write(move |tx, scope| {
            let _ = credit_granted(tx, scope, &granted, stamps[0])?;
            credit_used(tx, scope, &used, stamps[1])
        })
        .unwrap();
    let too_much = credit("use-2", 81);
    let refused = house.write(move |tx, scope| credit_used(tx, scope, &too_much, stamps[2]));
    let problem = Problem::from(refused.unwrap_err());
    assert_eq!((problem.code, problem.extra["remaining"].as_i64()), ("balance_limit", Some(80)));
    assert_eq!(house.balance(&Account::CreditBalance(customer)), -80);
    assert!(house.verify().ok);
}

#[test]
fn s_14_entry_and_event_are_one_commit() {
    let house = House::open();
    let (sale, at) = (house.sale(10_000), house.stamp());
    let (event, shop) = (EventId::new(house.now(), &house.rng), house.shop);
    let both = move |tx: &mut Tx<'_>, scope: &Scope| -> Result<Posted, LedgerError> {
        let posted = capture(tx, scope, &sale, at)?;
        let event = NewEvent {
            id: event,
            kind: "payment.captured",
            object: sale.collected.reference().as_str().to_owned(),
            shop,
            body: serde_json::json!({}),
        };
        outbox::emit(tx, scope, &event, at.now)?;
        Ok(posted)
    };
    let count = |house: &House| {
        house.read(|tx, _| {
            let rows = tx.query("SELECT COUNT(*) AS n FROM event", &[])?;
            Ok(rows[0].get::<i64>("n")?)
        })
    };
    let failed: Result<Posted, LedgerError> = house.write(move |tx, scope| {
        let _ = both(tx, scope)?;
        Err(LedgerError::UnknownAccount)
    });
    assert!(failed.is_err());
    assert_eq!((house.wallet(), count(&house)), (0, 0));
    let _ = house.write(both).unwrap();
    assert_eq!((house.wallet(), count(&house)), (10_000, 1));
}

#[test]
fn s_01_books_of_other_merchants_modes_and_currencies_are_apart() {
    let house = House::open();
    let (sale, stamps) = (house.sale(10_000), [house.stamp(), house.stamp(), house.stamp()]);
    let yen = Money::new(5_000, "JPY".parse().unwrap());
    let in_yen = Movement { operation: house.operation(), amount: yen, ..sale };
    let live =
        Scope::granted_by_identity(house.scope.merchant(), Mode::Live, Actor::Clock, Vec::new());
    let _ = house
        .write(move |tx, scope| {
            let _ = capture(tx, scope, &sale, stamps[0])?;
            let _ = capture(tx, scope, &in_yen, stamps[1])?;
            capture(tx, &live, &sale, stamps[2])
        })
        .unwrap();
    let books = house.verify().books;
    let seen: Vec<_> =
        books.iter().map(|b| (b.mode, b.currency.code().to_owned(), b.debits)).collect();
    assert_eq!(
        seen,
        [
            (Mode::Live, "EUR".to_owned(), 10_000),
            (Mode::Test, "EUR".to_owned(), 10_000),
            (Mode::Test, "JPY".to_owned(), 5_000),
        ]
    );
    let stranger = MerchantId::random(&house.rng);
    let foreign = Scope::granted_by_identity(stranger, Mode::Test, Actor::Clock, Vec::new());
    let lines = house
        .db
        .read_blocking(|tx| reading::timeline(tx, &foreign, &sale.collected.reference()))
        .unwrap();
    assert!(lines.is_empty());
}

#[test]
fn the_timeline_of_a_booking_tells_each_line() {
    let house = House::open();
    let booking = house.booking();
    let deposit = house.movement(Collected::Deposit(booking), 5_040);
    let cut = house.fee_of(&deposit, 111);
    let (at, then) = (house.stamp(), house.stamp());
    let _ = house
        .write(move |tx, scope| {
            let _ = capture(tx, scope, &deposit, at)?;
            fee(tx, scope, &cut, then)
        })
        .unwrap();
    let by_booking = house.read(|tx, scope| reading::timeline(tx, scope, &booking.into()));
    let told: Vec<String> = by_booking
        .iter()
        .map(|l| {
            format!(
                "{} {} {} {}",
                l.kind.as_str(),
                l.account.code(),
                l.side.as_str(),
                l.amount.minor()
            )
        })
        .collect();
    let mut sorted = told.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        [
            "capture deposits_received C 5040",
            "capture wallet D 5040",
            "fee.net operator_fees D 111",
            "fee.net wallet C 111",
        ]
    );
    let operation = deposit.operation;
    let by_operation =
        house.read(|tx, scope| reading::timeline_of_item(tx, scope, &operation.into()));
    assert_eq!(by_operation, by_booking);
    let totals = house.read(reading::totals);
    assert_eq!((totals[0].transactions, totals[0].postings), (2, 4));
    assert_eq!((totals[0].debits, totals[0].credits), (5_151, 5_151));
}

#[test]
fn s_02_custody_needs_an_institution_and_the_statement() {
    use crate::{Institution, Statement};
    assert!(Institution::new("Banque des Tuffeaux", "FR76 0000", Statement::Accepted).is_ok());
    for (name, account, statement) in [
        (" ", "FR76 0000", Statement::Accepted),
        ("Banque", "", Statement::Accepted),
        ("Banque", "FR76 0000", Statement::Missing),
    ] {
        let refused = Institution::new(name, account, statement).unwrap_err();
        assert_eq!(Problem::from(refused).code, "custody_not_configured");
    }
}
