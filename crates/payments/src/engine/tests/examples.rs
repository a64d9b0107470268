//! The worked examples of the payment service, step by step.

use db::Tx;
use kernel::{Money, Problem, Scope};

use super::{DeskError, Dispatch, Fate, What, World};
use crate::engine::AttemptError;
use crate::payment::page_state::{self, PageState};
use crate::payment::{CapturePlan, CreateError, Kind, OpState, Payment, Status, Validation};

const DEFERRED_MANUAL: CapturePlan = CapturePlan {
    mode: crate::payment::CaptureMode::Auto,
    delay_days: 2,
    validation: Validation::Pending,
};

#[tokio::test]
async fn worked_example_1_on_order() {
    let mut world = World::new().await;
    let id = world.create(8_400, CapturePlan::NOW).await;
    let payment = world.pay(id).await;
    assert_eq!(payment.status, Status::Captured);
    assert_eq!(payment.counters.refundable(), 8_400);
    assert_eq!(payment.capture_before.unwrap().to_string(), "2026-11-30T22:59:59Z");
    assert_eq!(payment.guarantee.unwrap().reason, "threeds_y");
    assert_eq!(world.wallet().await, 8_400 - 171, "1.8 % and 0.20 of 84.00 are 1.71");
    world.ledger_is_whole().await;
}

#[tokio::test]
async fn worked_example_2_deferred_with_validation_then_captured_in_part() {
    let mut world = World::new().await;
    let id = world.create(8_400, DEFERRED_MANUAL).await;
    let payment = world.pay(id).await;
    assert_eq!(payment.status, Status::ToValidate);
    assert_eq!(world.wallet().await, 0, "an authorisation is not money");
    let above = world.operate(id, What::Capture(Some(Money::eur(8_401)))).await.unwrap_err();
    assert_eq!(Problem::from(above).code, "amount_above_capturable");
    let payment = world.operate(id, What::Capture(Some(Money::eur(7_000)))).await.unwrap();
    assert_eq!(payment.status, Status::PartiallyCaptured);
    let payment = world.operate(id, What::Cancel).await.unwrap();
    assert_eq!(payment.status, Status::Captured);
    assert_eq!((payment.counters.captured, payment.counters.voided), (7_000, 1_400));
    world.ledger_is_whole().await;
}

#[tokio::test]
async fn worked_example_11_refund_lock() {
    let mut world = World::new().await;
    let id = world.create(5_000, CapturePlan::NOW).await;
    world.pay(id).await;
    let refund = |amount: i64, expected: i64| What::Refund {
        amount: Money::eur(amount),
        expected: Money::eur(expected),
    };
    let a = world.plan(id, refund(2_000, 5_000)).await.unwrap();
    let b = world.plan(id, refund(2_000, 5_000)).await.unwrap_err();
    assert!(matches!(b, DeskError::RefundableChanged(now) if now == Money::eur(3_000)));
    let super::desk::Planned::Go(dispatch) = a else { panic!("a refund asks the bank") };
    let payment = world.follow(*dispatch).await;
    assert_eq!(payment.status, Status::PartiallyRefunded);
    assert_eq!(payment.counters.refundable(), 3_000);
    let above = world.operate(id, refund(3_001, 3_000)).await.unwrap_err();
    let problem = Problem::from(above);
    assert_eq!((problem.status, problem.code), (422, "amount_above_refundable"));
    let payment = world.operate(id, refund(3_000, 3_000)).await.unwrap();
    assert_eq!(payment.status, Status::Refunded);
    assert_eq!(world.wallet().await, -110, "the fee of 1.10 stays due");
    world.ledger_is_whole().await;
}

#[tokio::test]
async fn p_108_a_refused_refund_gives_the_money_back_to_the_payment() {
    let mut world = World::new().await;
    let id = world.create(5_000, CapturePlan::NOW).await;
    world.pay(id).await;
    world.bank.next_code = Some("57");
    let what = What::Refund { amount: Money::eur(5_000), expected: Money::eur(5_000) };
    let payment = world.operate(id, what).await.unwrap();
    assert_eq!(payment.status, Status::Captured);
    assert_eq!(payment.last(Kind::Refund).unwrap().state, OpState::Failed);
    assert_eq!(payment.counters.refundable(), 5_000);
    world.ledger_is_whole().await;
}

#[tokio::test]
async fn worked_example_13_no_answer_then_accepted_on_query() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    let first = world.begin(id).await.unwrap();
    let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
    assert!(world.exchange(&authorise, Fate::Lost).await.is_none());
    let payment = world.payment(id).await;
    assert_eq!(payment.status, Status::Unknown);
    assert_eq!(page_state::of(&payment, payment.updated_at), PageState::Unknown);
    let refused = world.operate(id, What::Cancel).await.unwrap_err();
    assert_eq!(Problem::from(refused).code, "result_unknown");
    assert!(matches!(world.begin(id).await, Err(AttemptError::NotNow(_))));
    world.wait(5);
    world.query_all(id).await;
    assert_eq!(world.payment(id).await.status, Status::Captured);
    let authorisations = world.bank.done.values().filter(|d| d.kind == "authorise").count();
    assert_eq!(authorisations, 1, "one authorisation in the acquirer's list");
    world.ledger_is_whole().await;
}

#[tokio::test]
async fn worked_example_13_no_answer_then_refused_on_query() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    let first = world.begin(id).await.unwrap();
    let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
    world.bank.next_code = Some("05");
    world.exchange(&authorise, Fate::Lost).await;
    world.wait(5);
    world.query_all(id).await;
    let payment = world.payment(id).await;
    assert_eq!(payment.status, Status::ActionRequired, "he may take another card");
    let state = page_state::of(&payment, payment.updated_at);
    assert!(state == PageState::Refused && state.nothing_debited());
    assert_eq!(payment.decline.unwrap().code, "do_not_honour");
}

#[tokio::test]
async fn p_18_never_received_is_final_after_a_quarter_of_an_hour_only() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    let first = world.begin(id).await.unwrap();
    let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
    world.exchange(&authorise, Fate::Cut).await;
    world.wait(14 * 60);
    world.query_all(id).await;
    assert_eq!(world.payment(id).await.status, Status::Unknown);
    world.wait(2 * 60);
    world.query_all(id).await;
    let payment = world.payment(id).await;
    assert_eq!(payment.last(Kind::Authorise).unwrap().code.as_deref(), Some("never_received"));
    assert_eq!(payment.status, Status::ActionRequired);
}

#[tokio::test]
async fn worked_example_14_soft_decline_is_challenged_at_once() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    let first = world.begin(id).await.unwrap();
    let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
    world.bank.next_code = Some("81");
    let again = world.exchange(&authorise, Fate::Answered).await.unwrap();
    assert!(world.exchange(&again, Fate::Answered).await.is_none(), "the payer must act");
    let payment = world.payment(id).await;
    assert_eq!(page_state::of(&payment, payment.updated_at), PageState::Challenge);
    let url = world.engine.challenge_url(&world.scope, id).await.unwrap().unwrap();
    assert!(url.starts_with("http://127.0.0.3:7702/3ds/"));
    world.bank.decide("Y");
    let payment = come_back(&mut world, id).await;
    assert_eq!(payment.status, Status::Captured);
    let authorisations = payment.operations.iter().filter(|o| o.kind == Kind::Authorise);
    assert_eq!(authorisations.count(), 2);
    assert_eq!(payment.guarantee.unwrap().reason, "threeds_y");
    assert!(payment.decline.is_none(), "the failure banner disappears");
}

#[tokio::test]
async fn p_66_a_question_cut_off_or_asked_in_two_tabs_ends_in_one_authorisation() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    world.bank.next_authentication = Some("C");
    let first = world.begin(id).await.unwrap();
    assert!(world.exchange(&first, Fate::Answered).await.is_none(), "the payer must act");
    world.bank.decide("Y");
    let lost = back_at(&world, id).await.unwrap();
    assert!(world.exchange(&lost, Fate::CrashBefore).await.is_none());
    let left = world.payment(id).await;
    assert_eq!(page_state::of(&left, left.updated_at), PageState::Challenge);
    let url = world.engine.challenge_url(&world.scope, id).await.unwrap();
    assert_eq!(url, None, "nobody is sent to the bank again while it is asked");
    let (one, other) = (back_at(&world, id).await.unwrap(), back_at(&world, id).await.unwrap());
    let authorise = world.exchange(&one, Fate::Answered).await.unwrap();
    assert!(world.exchange(&other, Fate::Answered).await.is_none(), "the first answer decides");
    assert!(back_at(&world, id).await.is_none(), "nothing more to ask");
    world.exchange(&authorise, Fate::Answered).await;
    assert_eq!(world.payment(id).await.status, Status::Captured);
    let authorisations = world.bank.done.values().filter(|d| d.kind == "authorise").count();
    assert_eq!(authorisations, 1);
    world.ledger_is_whole().await;
}

/// The payer comes back from his bank's page.
pub(super) async fn come_back(world: &mut World, id: kernel::PaymentId) -> Payment {
    match back_at(world, id).await {
        Some(dispatch) => world.follow(dispatch).await,
        None => world.payment(id).await,
    }
}

/// What his return asks of the bank.
async fn back_at(world: &World, id: kernel::PaymentId) -> Option<Dispatch> {
    let (engine, scope) = (world.engine.clone(), world.scope.clone());
    let wake = move |tx: &mut Tx<'_>| {
        let input = connectors::Input::Return(connectors::RawRequest::default());
        engine.wake(tx, &scope, id, &input)
    };
    world.house.ctx.db.write(db::Route::any(), wake).await.unwrap()
}

#[tokio::test]
async fn a_challenge_refused_or_left_debits_nothing_and_leaves_another_try() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    world.bank.next_authentication = Some("C");
    assert_eq!(world.pay(id).await.status, Status::ActionRequired);
    world.bank.decide("N");
    let payment = come_back(&mut world, id).await;
    assert_eq!(payment.decline.as_ref().unwrap().code, "threeds_failed");
    assert_eq!(page_state::of(&payment, payment.updated_at), PageState::Refused);
    world.bank.next_authentication = Some("C");
    world.pay(id).await;
    let payment = world.engine.cancel_challenge(&world.scope, id).await.unwrap();
    assert_eq!(payment.decline.as_ref().unwrap().code, "threeds_failed");
    world.bank.decide("Y");
    let late = come_back(&mut world, id).await;
    assert_eq!(late.counters.authorised, 0, "what was left is not authorised afterwards");
    assert_eq!(world.pay(id).await.status, Status::Captured);
}

#[tokio::test]
async fn p_09_five_attempts_then_refused() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    for attempt in 1..=5 {
        let first = world.begin(id).await.unwrap();
        let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
        world.bank.next_code = Some("51");
        world.exchange(&authorise, Fate::Answered).await;
        let payment = world.payment(id).await;
        let wanted = if attempt < 5 { Status::ActionRequired } else { Status::Refused };
        assert_eq!((payment.attempts, payment.status), (attempt, wanted));
    }
    assert!(matches!(world.begin(id).await, Err(AttemptError::NotNow(_))));
}

#[tokio::test]
async fn p_10_one_live_payment_per_order() {
    let mut world = World::new().await;
    let new = world.new_payment(6_000, CapturePlan::NOW);
    let first = world.store(new.clone()).await;
    let now = world.house.ctx.now(new.shop);
    let mut again = new.clone();
    again.ids = crate::payment::ops::NewIds::new(now, world.house.ctx.rng.as_ref());
    let create = |new: crate::NewPayment, scope: Scope| {
        move |tx: &mut Tx<'_>| crate::ops::create(tx, &scope, &new, now)
    };
    let db = world.house.ctx.db.clone();
    let refused = db.write(db::Route::any(), create(again.clone(), world.scope.clone())).await;
    assert!(matches!(refused, Err(CreateError::OrderHasLivePayment(id)) if id == first));
    world.operate(first, What::Cancel).await.unwrap();
    assert_eq!(world.payment(first).await.status, Status::Cancelled);
    db.write(db::Route::any(), create(again, world.scope.clone())).await.unwrap();
}

#[tokio::test]
async fn p_13_p_14_amounts_and_currencies_the_contract_does_not_take() {
    let mut world = World::new().await;
    let scope = world.scope.clone();
    let now = world.house.ctx.now(world.house.hotel.shop.id);
    let mut new = world.new_payment(99, CapturePlan::NOW);
    let db = world.house.ctx.db.clone();
    let attempt = |new: crate::NewPayment| {
        let (db, scope) = (db.clone(), scope.clone());
        async move {
            let create = move |tx: &mut Tx<'_>| crate::ops::create(tx, &scope, &new, now);
            Problem::from(db.write(db::Route::any(), create).await.unwrap_err()).code
        }
    };
    assert_eq!(attempt(new.clone()).await, "amount_below_minimum");
    new.amount = Money::eur(0);
    assert_eq!(attempt(new.clone()).await, "invalid_field");
    new.amount = Money::new(5_000, "USD".parse().unwrap());
    assert_eq!(attempt(new.clone()).await, "currency_not_supported");
    new.amount = Money::eur(5_000);
    new.capture.delay_days = 366;
    assert_eq!(attempt(new).await, "capture_too_late");
}

#[tokio::test]
async fn p_88_a_card_reported_stolen_is_not_tried_again_for_thirty_days() {
    let mut world = World::new().await;
    let offer = world.card();
    let mut codes = Vec::new();
    for wait_days in [0, 29, 2] {
        world.wait(wait_days * 86_400);
        let id = world.create(6_000, CapturePlan::NOW).await;
        let (engine, scope, offer) = (world.engine.clone(), world.scope.clone(), offer.clone());
        let begin = move |tx: &mut Tx<'_>| engine.begin_attempt(tx, &scope, id, &offer);
        match world.house.ctx.db.write(db::Route::any(), begin).await {
            Ok(crate::engine::attempt::Begun::Go(first)) => {
                let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
                world.bank.next_code = Some("43");
                world.exchange(&authorise, Fate::Answered).await;
                codes.push("tried");
            }
            Ok(_) => panic!("no capture is used here"),
            Err(error) => codes.push(Problem::from(error).code),
        }
    }
    assert_eq!(codes, ["tried", "card_blocked_by_issuer", "tried"]);
}

#[tokio::test]
async fn p_76_a_card_refused_three_times_today_pauses() {
    let mut world = World::new().await;
    let offer = world.card();
    let mut codes = Vec::new();
    for _ in 0..4 {
        let id = world.create(6_000, CapturePlan::NOW).await;
        let (engine, scope, offer) = (world.engine.clone(), world.scope.clone(), offer.clone());
        let begin = move |tx: &mut Tx<'_>| engine.begin_attempt(tx, &scope, id, &offer);
        match world.house.ctx.db.write(db::Route::any(), begin).await {
            Ok(crate::engine::attempt::Begun::Go(first)) => {
                let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
                world.bank.next_code = Some("51");
                world.exchange(&authorise, Fate::Answered).await;
                codes.push("refused");
            }
            Ok(_) => panic!("no capture is used here"),
            Err(error) => codes.push(Problem::from(error).code),
        }
    }
    assert_eq!(codes, ["refused", "refused", "refused", "too_many_requests"]);
}

#[tokio::test]
async fn the_doctor_finds_a_status_that_was_set_by_hand() {
    let mut world = World::new().await;
    let good = world.create(6_000, CapturePlan::NOW).await;
    let bad = world.create(6_000, CapturePlan::NOW).await;
    for id in [good, bad] {
        world.pay(id).await;
    }
    let (db, scope) = (world.house.ctx.db.clone(), world.scope.clone());
    let spoil = move |tx: &mut Tx<'_>| {
        tx.exec("UPDATE payment SET status = 'refunded' WHERE id = $1", &db::params![bad])
    };
    db.write::<_, db::DbError, _>(db::Route::any(), spoil).await.unwrap();
    let examine = move |tx: &mut Tx<'_>| crate::payment::doctor::examine(tx, &scope);
    let findings = db.read(examine).await.unwrap();
    assert_eq!(findings.iter().map(|f| f.payment).collect::<Vec<_>>(), [bad]);
    assert!(findings[0].rule.contains("status"));
}

#[tokio::test]
async fn p_16_what_was_sent_before_a_crash_is_unknown_then_asked_about() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::MANUAL).await;
    let first = world.begin(id).await.unwrap();
    let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
    world.exchange(&authorise, Fate::CrashAfter).await;
    assert_eq!(world.payment(id).await.status, Status::Authorising);
    assert_eq!(world.engine.recover().await.unwrap(), 0, "somebody may still wait for it");
    world.wait(120);
    assert_eq!(world.engine.recover().await.unwrap(), 1);
    assert_eq!(world.payment(id).await.status, Status::Unknown);
    world.query_all(id).await;
    assert_eq!(world.payment(id).await.status, Status::Authorised);
}

#[tokio::test]
async fn p_24_what_is_left_of_an_authorisation_lapses() {
    let mut world = World::new().await;
    let id = world.create(12_000, CapturePlan::MANUAL).await;
    world.pay(id).await;
    world.operate(id, What::Capture(Some(Money::eur(9_000)))).await.unwrap();
    world.set_clock("2026-11-30T23:00:00Z");
    let job = job(&world, crate::jobs::EXPIRE, id);
    world.engine.run_job(&job).await.unwrap();
    let payment = world.payment(id).await;
    assert_eq!(payment.status, Status::Captured);
    assert_eq!((payment.counters.captured, payment.counters.expired), (9_000, 3_000));
}

pub(super) fn job(world: &World, kind: &str, id: kernel::PaymentId) -> db::jobs::Job {
    let shop = world.house.hotel.shop.id;
    let now = world.house.ctx.now(shop);
    db::jobs::Job {
        id: kernel::JobId::new(now, world.house.ctx.rng.as_ref()),
        merchant: world.scope.merchant(),
        mode: world.scope.mode(),
        shop,
        kind: kind.to_owned(),
        run_at: now,
        payload: serde_json::json!({"payment": id}),
        attempts: 1,
    }
}

pub(super) async fn planned(world: &World, kind: &'static str) -> usize {
    let shop = world.house.hotel.shop.id;
    let group = db::jobs::ClockGroup::Test(shop);
    let (now, real) = (world.house.ctx.now(shop).plus_seconds(60), world.house.ctx.real_now());
    let mut count = 0;
    loop {
        let claim =
            move |tx: &mut Tx<'_>| db::jobs::claim(tx, group, now, real, real.plus_seconds(60));
        match world.house.ctx.db.write(db::Route::any(), claim).await.unwrap() {
            Some(job) if job.kind == kind => count += 1,
            Some(_) => {}
            None => return count,
        }
    }
}

#[tokio::test]
async fn p_68_an_ended_session_abandons_and_a_late_return_charges_nothing() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    world.wait(61 * 60);
    let job = job(&world, crate::jobs::SESSION_END, id);
    world.engine.run_job(&job).await.unwrap();
    let payment = world.payment(id).await;
    assert_eq!(payment.status, Status::Abandoned);
    let now = world.house.ctx.now(payment.shop);
    assert_eq!(page_state::of(&payment, now), PageState::Expired);
    assert!(matches!(world.begin(id).await, Err(AttemptError::NotNow(_))));
}

#[tokio::test]
async fn p_12_a_stale_version_is_refused_with_the_present_one() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::MANUAL).await;
    world.pay(id).await;
    let (engine, scope) = (world.engine.clone(), world.scope.clone());
    let mut ask = crate::engine::Ask::by_clock(id, "test");
    ask.version = Some(1);
    let plan = move |tx: &mut Tx<'_>| engine.plan_operation(tx, &scope, &ask, &What::Cancel);
    let error = world.house.ctx.db.write(db::Route::any(), plan).await.unwrap_err();
    let problem = Problem::from(error);
    assert_eq!(problem.code, "version_conflict");
    assert_eq!(problem.extra["current"]["status"], "authorised");
}
