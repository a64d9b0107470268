//! Whatever happens in whatever order, told once or several times, the books balance.

use proptest::prelude::*;

use super::*;
use crate::{Posted, capture, deposit_kept, fee, refund_accepted, refund_asked, refund_refused};

#[derive(Debug, Clone)]
enum Step {
    Capture { booking: usize, deposit: Role, cents: i64 },
    Refund { capture: usize, percent: i64 },
    Accept { refund: usize, percent: i64 },
    Refuse { refund: usize },
    Keep { booking: usize, cents: i64 },
    Again { step: usize },
}

#[derive(Debug, Clone, Copy)]
enum Role {
    Deposit,
    Rest,
}

fn step() -> impl Strategy<Value = Step> {
    let role = prop_oneof![Just(Role::Deposit), Just(Role::Rest)];
    prop_oneof![
        3 => (0..4_usize, role, 1..100_000_i64)
            .prop_map(|(booking, deposit, cents)| Step::Capture { booking, deposit, cents }),
        3 => (0..8_usize, 1..=100_i64)
            .prop_map(|(capture, percent)| Step::Refund { capture, percent }),
        2 => (0..8_usize, 1..=100_i64)
            .prop_map(|(refund, percent)| Step::Accept { refund, percent }),
        1 => (0..8_usize).prop_map(|refund| Step::Refuse { refund }),
        1 => (0..4_usize, 1..10_000_i64)
            .prop_map(|(booking, cents)| Step::Keep { booking, cents }),
        2 => (0..16_usize).prop_map(|step| Step::Again { step }),
    ]
}

/// A named event, ready to be told once or several times.
#[derive(Debug, Clone)]
enum Event {
    Capture(Movement, Fee),
    Refund(Movement),
    Accept(OperationId, Money),
    Refuse(OperationId),
    Keep(crate::DepositEnd),
}

fn tell(
    tx: &mut Tx<'_>,
    scope: &Scope,
    event: &Event,
    at: [Stamp; 2],
) -> Result<Posted, LedgerError> {
    match event {
        Event::Capture(movement, cut) => {
            let posted = capture(tx, scope, movement, at[0])?;
            let _ = fee(tx, scope, cut, at[1])?;
            Ok(posted)
        }
        Event::Refund(movement) => refund_asked(tx, scope, movement, at[0]),
        Event::Accept(operation, amount) => refund_accepted(tx, scope, *operation, *amount, at[0]),
        Event::Refuse(operation) => refund_refused(tx, scope, *operation, at[0]),
        Event::Keep(end) => deposit_kept(tx, scope, end, at[0]),
    }
}

#[derive(Default)]
struct Story {
    told: Vec<Event>,
    captures: Vec<Movement>,
    refunds: Vec<Movement>,
}

impl Story {
    fn event(&mut self, house: &House, bookings: &[BookingId], step: &Step) -> Option<Event> {
        Some(match *step {
            Step::Capture { booking, deposit, cents } => {
                let collected = match deposit {
                    Role::Deposit => Collected::Deposit(bookings[booking]),
                    Role::Rest => Collected::Booking(bookings[booking]),
                };
                let movement = house.movement(collected, cents);
                let cut = crate::FeePlan::ONE_SHOT_PAY.fee_of(eur(cents)).unwrap().minor();
                self.captures.push(movement);
                Event::Capture(movement, house.fee_of(&movement, cut))
            }
            Step::Refund { capture, percent } => {
                let of = *self.captures.get(capture)?;
                let amount = of.amount.share_basis_points(percent * 100).unwrap();
                let refund = Movement { operation: house.operation(), amount, ..of };
                self.refunds.push(refund);
                Event::Refund(refund)
            }
            Step::Accept { refund, percent } => {
                let of = self.refunds.get(refund)?;
                let amount = of.amount.share_basis_points(percent * 100).unwrap();
                Event::Accept(of.operation, amount)
            }
            Step::Refuse { refund } => Event::Refuse(self.refunds.get(refund)?.operation),
            Step::Keep { booking, cents } => Event::Keep(crate::DepositEnd {
                key: format!("keep-{}", self.told.len()),
                booking: bookings[booking],
                amount: eur(cents),
            }),
            Step::Again { step } => self.told.get(step)?.clone(),
        })
    }
}

fn file_size(house: &House) -> (i64, i64) {
    let book = house.verify().books.first().map(|b| (b.transactions, b.postings));
    book.unwrap_or((0, 0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(db::testing::cases(48)))]
    #[test]
    fn s_21_any_sequence_keeps_the_books_balanced(steps in prop::collection::vec(step(), 1..40)) {
        let house = House::open();
        let bookings = [house.booking(), house.booking(), house.booking(), house.booking()];
        let mut story = Story::default();
        for step in &steps {
            let Some(event) = story.event(&house, &bookings, step) else { continue };
            let at = [house.stamp(), house.stamp()];
            let before = file_size(&house);
            let told = event.clone();
            let first = house.write(move |tx, scope| tell(tx, scope, &told, at));
            if first.is_ok() {
                story.told.push(event.clone());
                let size = file_size(&house);
                let again = [house.stamp(), house.stamp()];
                let second = house.write(move |tx, scope| tell(tx, scope, &event, again));
                prop_assert_eq!(
                    second.unwrap().id(),
                    first.unwrap().id(),
                    "told twice is told once"
                );
                prop_assert_eq!(file_size(&house), size);
            } else {
                prop_assert_eq!(file_size(&house), before, "a refusal leaves no row");
            }
        }
        let report = house.verify();
        prop_assert!(report.ok, "{:?}", report);
        for book in &report.books {
            prop_assert_eq!(book.debits, book.credits);
        }
        for booking in bookings {
            for account in [Account::Customers, Account::DepositsReceived] {
                if let Some(item) = house.item(&account, booking) {
                    prop_assert_eq!(item.closed_on.is_some(), item.debits == item.credits);
                }
            }
        }
    }
}
