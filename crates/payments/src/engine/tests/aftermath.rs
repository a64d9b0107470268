//! What follows a payment that is over: its card goes, its rest lapses, late news are seen.

use connectors::{Event, Kind as Asked, Status as Said};
use db::{Route, Tx};
use kernel::{Money, PaymentId};

use super::{CapturePlan, CardOffer, Fate, What, World};
use crate::engine::attempt::Begun;
use crate::engine::learn;
use crate::jobs;
use crate::payment::{GuaranteeValue, Kind, OpState, Payment, Status};

impl World {
    async fn cards_to_drop(&self) -> usize {
        let kind = jobs::DROP_CARD;
        let count = move |tx: &mut Tx<'_>| {
            let row =
                tx.query_opt("SELECT COUNT(*) AS n FROM job WHERE kind = $1", &db::params![kind]);
            row?.map_or(Ok(0_i64), |row| row.get("n"))
        };
        let found: Result<i64, db::DbError> = self.house.ctx.db.read(count).await;
        usize::try_from(found.unwrap()).unwrap()
    }

    async fn try_card(&mut self, id: PaymentId, offer: CardOffer, code: Option<&'static str>) {
        let (engine, scope) = (self.engine.clone(), self.scope.clone());
        let begin = move |tx: &mut Tx<'_>| engine.begin_attempt(tx, &scope, id, &offer);
        let Begun::Go(first) = self.house.ctx.db.write(Route::any(), begin).await.unwrap() else {
            panic!("no capture is used here")
        };
        let authorise = self.exchange(&first, Fate::Answered).await.unwrap();
        self.bank.next_code = code;
        self.exchange(&authorise, Fate::Answered).await;
    }
}

#[tokio::test]
async fn v_25_a_card_given_for_one_payment_goes_when_the_payment_is_final() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    world.try_card(id, world.card(), Some("82")).await;
    assert_eq!(world.cards_to_drop().await, 0, "the payer may correct this card");
    world.try_card(id, world.card(), None).await;
    assert_eq!(world.payment(id).await.status, Status::Captured);
    assert_eq!(world.cards_to_drop().await, 1);
    let kept = world.create(6_000, CapturePlan::NOW).await;
    let mut offer = world.card();
    offer.card.single_use = false;
    world.try_card(kept, offer, None).await;
    assert_eq!(world.payment(kept).await.status, Status::Captured);
    assert_eq!(world.cards_to_drop().await, 1, "a kept card stays");
}

#[tokio::test]
async fn p_24_the_rest_of_a_payment_refunded_in_part_lapses_too() {
    let mut world = World::new().await;
    let id = world.create(12_000, CapturePlan::MANUAL).await;
    world.pay(id).await;
    world.operate(id, What::Capture(Some(Money::eur(9_000)))).await.unwrap();
    let refund = What::Refund { amount: Money::eur(1_000), expected: Money::eur(9_000) };
    world.operate(id, refund).await.unwrap();
    world.set_clock("2026-11-30T23:00:00Z");
    let job = super::examples::job(&world, jobs::EXPIRE, id);
    world.engine.run_job(&job).await.unwrap();
    let payment = world.payment(id).await;
    assert_eq!((payment.counters.capturable(), payment.counters.expired), (0, 3_000));
    assert_eq!(payment.status, Status::PartiallyRefunded);
}

#[tokio::test]
async fn p_27_an_authorisation_that_waits_for_a_person_is_told_of_three_times_before_it_lapses() {
    let mut world = World::new().await;
    let id = world.create(12_000, CapturePlan::MANUAL).await;
    world.pay(id).await;
    let automatic = world.create(5_000, CapturePlan::NOW).await;
    world.pay(automatic).await;
    let ends = world.payment(id).await.capture_before.unwrap();
    let job = super::examples::job(&world, jobs::EXPIRING, id);
    let told = async |world: &World| {
        let (scope, object) = (world.scope.clone(), id.to_string());
        let read = move |tx: &mut Tx<'_>| db::outbox::of_object(tx, &scope, &object);
        let events = world.house.ctx.db.read(read).await.unwrap();
        events.iter().filter(|event| event.kind == "payment.expiring").count()
    };
    for (warnings, hours) in (1..).zip(jobs::WARNING_HOURS) {
        let at = ends.plus_seconds(-hours * 3_600);
        world.set_clock(&at.to_string());
        for _ in 0..2 {
            let next = world.engine.run_job(&job).await.unwrap();
            let later = jobs::next_warning(ends, at);
            assert_eq!(next, later.map_or(web::Next::Done, web::Next::Again));
        }
        assert_eq!(told(&world).await, warnings, "{hours} hours before");
    }
    assert_eq!(super::examples::planned(&world, jobs::EXPIRING).await, 1, "of the one that waits");
}

#[tokio::test]
async fn p_05_a_refund_done_after_the_bank_refused_it_asks_for_a_person() {
    let mut world = World::new().await;
    let id = world.create(5_000, CapturePlan::NOW).await;
    world.pay(id).await;
    world.bank.next_code = Some("12");
    let refund = What::Refund { amount: Money::eur(2_000), expected: Money::eur(5_000) };
    let mut payment = world.operate(id, refund).await.unwrap();
    let refused = payment.last(Kind::Refund).unwrap().id;
    let event = Event::new(Asked::Refund, Said::Refunded);
    let now = world.house.ctx.now(payment.shop);
    let learning = world.engine.learning(now);
    assert!(learn::learn(&mut payment, refused, &event, &learning).unwrap());
    let operation = payment.operation(refused).unwrap();
    assert_eq!(operation.code.as_deref(), Some(learn::REFUND_DONE_LATE));
    assert_eq!(operation.state, OpState::Failed, "no money moves by itself");
    assert_eq!(payment.counters.refundable(), 5_000);
    payment.check().unwrap();
    assert!(!learn::learn(&mut payment, refused, &event, &learning).unwrap(), "said once");
}

#[tokio::test]
async fn p_19_while_the_result_is_unknown_nothing_else_is_done() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    let first = world.begin(id).await.unwrap();
    let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
    world.exchange(&authorise, Fate::Lost).await;
    assert_eq!(world.payment(id).await.status, Status::Unknown);
    let amount = Money::eur(6_000);
    let refund = What::Refund { amount, expected: amount };
    for what in [What::Capture(None), What::Cancel, refund] {
        let error = world.operate(id, what.clone()).await.unwrap_err();
        assert_eq!(kernel::Problem::from(error).code, "result_unknown", "{what:?}");
    }
    let second_card = world.begin(id).await.unwrap_err();
    assert_eq!(kernel::Problem::from(second_card).code, "result_unknown");
}

#[tokio::test]
async fn p_114_an_operation_leaves_its_line_and_its_event() {
    let mut world = World::new().await;
    let id = world.create(5_000, CapturePlan::NOW).await;
    world.pay(id).await;
    let refund = What::Refund { amount: Money::eur(2_000), expected: Money::eur(5_000) };
    world.operate(id, refund).await.unwrap();
    let (scope, object) = (world.scope.clone(), id.to_string());
    let read = move |tx: &mut Tx<'_>| identity::audit::lines_of(tx, &scope, &object);
    let lines: Result<_, db::DbError> = world.house.ctx.db.read(read).await;
    let lines = lines.unwrap();
    let line = lines.iter().find(|line| line.action == "payment.refund").unwrap();
    let json = |text: &Option<String>| -> serde_json::Value {
        serde_json::from_str(text.as_ref().unwrap()).unwrap()
    };
    let (before, after) = (json(&line.before), json(&line.after));
    assert_eq!((&before["refundable"], &before["status"]), (&5_000.into(), &"captured".into()));
    assert_eq!((&after["refundable"], &after["amount"]), (&3_000.into(), &2_000.into()));
}

#[tokio::test]
async fn p_29_a_capture_after_the_window_takes_the_guarantee_away_and_says_so() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::MANUAL).await;
    let value = |payment: &Payment| payment.guarantee.as_ref().unwrap().value;
    assert_eq!(value(&world.pay(id).await), GuaranteeValue::Yes);
    let told = async |world: &World| {
        let (scope, object) = (world.scope.clone(), id.to_string());
        let read = move |tx: &mut Tx<'_>| db::outbox::of_object(tx, &scope, &object);
        let events: Result<_, db::DbError> = world.house.ctx.db.read(read).await;
        let events = events.unwrap().into_iter().filter(|e| e.kind == "guarantee.changed");
        events.map(|e| e.body["guarantee"]["value"].to_string()).collect::<Vec<_>>()
    };
    assert!(told(&world).await.is_empty());
    world.wait(7 * 86_400);
    world.operate(id, What::Capture(None)).await.unwrap();
    let captured = world.payment(id).await;
    assert_eq!((captured.status, value(&captured)), (Status::Captured, GuaranteeValue::No));
    assert_eq!(told(&world).await, ["\"no\""]);
    let capture = captured.last(Kind::Capture).unwrap();
    assert_eq!(capture.guarantee, captured.guarantee, "one value everywhere");
}

#[tokio::test]
async fn s_21_i14_an_event_lost_or_told_twice_is_found() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::MANUAL).await;
    world.pay(id).await;
    for part in [1_000, 2_000] {
        world.operate(id, What::Capture(Some(Money::eur(part)))).await.unwrap();
    }
    let refund = What::Refund { amount: Money::eur(500), expected: Money::eur(3_000) };
    world.operate(id, refund).await.unwrap();
    world.ledger_is_whole().await;
    let lost = "UPDATE event SET kind = 'lost' WHERE kind = 'refund.done'";
    assert_eq!(world.damaged(lost).await, [("I14", vec![id.to_string()])]);
    let mended = "UPDATE event SET kind = 'refund.done' WHERE kind = 'lost'";
    assert!(world.damaged(mended).await.is_empty());
    let twice = "UPDATE event SET kind = 'payment.captured' WHERE kind = 'payment.created'";
    assert_eq!(world.damaged(twice).await, [("I14", vec![id.to_string()])]);
}

#[tokio::test]
async fn s_22_the_nightly_run_finds_a_discrepancy_and_stops_no_payment() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    world.pay(id).await;
    let lost = "UPDATE event SET kind = 'lost' WHERE kind = 'payment.captured'";
    assert_eq!(world.damaged(lost).await, [("I14", vec![id.to_string()])]);
    let night = super::examples::job(&world, crate::books::VERIFY, id);
    let next = world.engine.run_job(&night).await.unwrap();
    let web::Next::Again(next) = next else { panic!("the next night is planned") };
    let zone = kernel::Zone::paris();
    assert_eq!(next, zone.at(zone.date(next), 3, 0));
    assert!(next > world.house.ctx.real_now());
    let other = world.create(4_000, CapturePlan::NOW).await;
    assert_eq!(world.pay(other).await.status, Status::Captured);
    let refund = What::Refund { amount: Money::eur(500), expected: Money::eur(6_000) };
    assert_eq!(world.operate(id, refund).await.unwrap().counters.refundable(), 5_500);
}

impl World {
    /// Does damage to the file; gives what the verification then finds.
    async fn damaged(&self, statement: &'static str) -> Vec<(&'static str, Vec<String>)> {
        let damage = move |tx: &mut Tx<'_>| tx.exec(statement, &[]).map(drop);
        self.house.ctx.db.write::<_, db::DbError, _>(Route::any(), damage).await.unwrap();
        let merchant = self.scope.merchant();
        let verify = move |tx: &mut Tx<'_>| crate::books::verify(tx, &[merchant], ledger::FIRST);
        let report = self.house.ctx.db.read(verify).await.unwrap();
        let found = report.books.into_iter().flat_map(|book| book.broken);
        let found: Vec<_> = found.map(|broken| (broken.invariant, broken.ids)).collect();
        assert_eq!(report.ok, found.is_empty());
        found
    }
}
