//! Payments for a place that may be gone.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use db::Tx;
use kernel::{BookingId, Id, Money, Scope, Timestamp};

use super::examples::{come_back, planned};
use super::{CardOffer, What, World, desk};
use crate::engine::AttemptError;
use crate::payment::page_state::{self, PageState};
use crate::payment::{Payment, Status};
use crate::subject::{
    Confirmation, Occasion, Served, Subject, SubjectError, SubjectRef, SubjectRefusal,
};

/// A room that answers as it is told.
struct Room {
    refuses: Mutex<Option<fn() -> SubjectRefusal>>,
    free: Mutex<bool>,
    lost: AtomicU32,
    booking: BookingId,
    from: Mutex<Vec<String>>,
}

impl Subject for Room {
    fn kind(&self) -> &'static str {
        "room"
    }

    fn before_authorise(
        &self,
        _tx: &mut Tx<'_>,
        _scope: &Scope,
        _payment: &Payment,
        _now: Timestamp,
    ) -> Result<(), SubjectRefusal> {
        self.refuses.lock().unwrap().map_or(Ok(()), |refusal| Err(refusal()))
    }

    fn on_paid(
        &self,
        _tx: &mut Tx<'_>,
        _scope: &Scope,
        _payment: &Payment,
        occasion: Occasion<'_>,
    ) -> Result<Served, SubjectError> {
        self.from.lock().unwrap().push(occasion.from.to_owned());
        if *self.free.lock().unwrap() {
            let booking = Some(self.booking);
            Ok(Served::Yes(Confirmation { booking, check_out: None }))
        } else {
            Ok(Served::PlaceGone)
        }
    }

    fn on_lost(
        &self,
        _tx: &mut Tx<'_>,
        _scope: &Scope,
        _payment: &Payment,
        occasion: Occasion<'_>,
    ) -> Result<(), SubjectError> {
        self.from.lock().unwrap().push(occasion.from.to_owned());
        self.lost.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

async fn room() -> (World, Arc<Room>, SubjectRef) {
    let rng = kernel::rng::SeededRng::new(5);
    let room = Arc::new(Room {
        refuses: Mutex::default(),
        free: Mutex::new(true),
        lost: AtomicU32::new(0),
        booking: BookingId::random(&rng),
        from: Mutex::default(),
    });
    let world = World::with(vec![Arc::clone(&room) as Arc<dyn Subject>]).await;
    (world, room, SubjectRef { kind: "room".into(), id: Id::random(&rng) })
}

#[tokio::test]
async fn a_paid_deposit_confirms_its_booking_in_the_same_commit() {
    let (mut world, room, subject) = room().await;
    let id = world.create_for(subject).await;
    let payment = world.pay(id).await;
    assert_eq!(payment.booking, Some(room.booking));
    let (scope, item) = (world.scope.clone(), room.booking.into());
    let read = move |tx: &mut Tx<'_>| {
        ledger::reading::item(
            tx,
            &scope,
            &ledger::Account::DepositsReceived,
            &item,
            kernel::Currency::EUR,
        )
    };
    let item = world.house.ctx.db.read(read).await.unwrap();
    let credits: i64 = item.into_iter().map(|open| open.credits.minor()).sum();
    assert_eq!(credits, 5_040);
}

#[tokio::test]
async fn l_09_a_hold_lost_at_the_bank_asks_for_no_money() {
    let (mut world, room, subject) = room().await;
    let id = world.create_for(subject).await;
    world.bank.next_authentication = Some("C");
    world.pay(id).await;
    *room.refuses.lock().unwrap() = Some(|| SubjectRefusal::HoldLost);
    world.bank.decide("Y");
    let payment = come_back(&mut world, id).await;
    assert_eq!(page_state::of(&payment, payment.updated_at), PageState::HoldLost);
    assert!(world.bank.done.is_empty(), "the bank was not asked for money");
    assert_eq!(room.lost.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn p_74_what_is_paid_in_another_tab_ends_this_payment_and_its_page_says_so() {
    let (mut world, room, subject) = room().await;
    let cases: [(fn() -> SubjectRefusal, PageState); 2] = [
        (|| SubjectRefusal::Closed, PageState::NothingDue),
        (|| SubjectRefusal::Replaced, PageState::Replaced),
    ];
    for (refusal, says) in cases {
        let id = world.create_for(subject.clone()).await;
        *room.refuses.lock().unwrap() = Some(refusal);
        let begun = world.begin(id).await;
        let Err(AttemptError::Subject(refusal)) = begun else { panic!("{begun:?}") };
        world.engine.close(&world.scope, id, &refusal).await.unwrap();
        let payment = world.payment(id).await;
        assert_eq!(page_state::of(&payment, payment.updated_at), says);
        assert!(says.nothing_debited() && world.bank.done.is_empty());
    }
}

#[tokio::test]
async fn p_11_paid_without_a_place_is_given_back() {
    let (mut world, room, subject) = room().await;
    let id = world.create_for(subject).await;
    *room.free.lock().unwrap() = false;
    let payment = world.pay(id).await;
    assert!(payment.late && !payment.served && payment.counters.captured == 5_040);
    assert_eq!(page_state::of(&payment, payment.updated_at), PageState::PlaceGone);
    let jobs = planned(&world, crate::jobs::GIVE_BACK).await;
    assert_eq!(jobs, 1, "within the minute, by the clock of the shop");
    assert_eq!(super::tasks::open(&world, web::tasks::PAID_TOO_LATE).await, ["CMD-1"]);
    let what = What::Refund { amount: Money::eur(5_040), expected: Money::eur(5_040) };
    let payment = world.operate(id, what).await.unwrap();
    assert_eq!(payment.status, Status::Refunded);
    world.ledger_is_whole().await;
}

#[tokio::test]
async fn l_30_what_is_paid_for_learns_from_where_the_money_came_and_who_sent_it_back() {
    let (mut world, room, subject) = room().await;
    let id = world.create_for(subject).await;
    let offer = CardOffer { from: Some("203.0.113.9".parse().unwrap()), ..world.card() };
    let first = world.begin_with(id, offer).await.unwrap();
    world.follow(first).await;
    let (engine, scope) = (world.engine.clone(), world.scope.clone());
    let origin = identity::audit::Origin { address: "198.51.100.7".into(), ..Default::default() };
    let ask = desk::Ask { origin, ..desk::Ask::by_clock(id, "test") };
    let what = What::Refund { amount: Money::eur(5_040), expected: Money::eur(5_040) };
    let plan = move |tx: &mut Tx<'_>| engine.plan_operation(tx, &scope, &ask, &what);
    let desk::Planned::Go(refund) = world.house.ctx.db.write(db::Route::any(), plan).await.unwrap()
    else {
        panic!("the bank is asked")
    };
    world.follow(*refund).await;
    assert_eq!(*room.from.lock().unwrap(), ["203.0.113.9", "198.51.100.7"]);
}
