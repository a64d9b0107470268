//! What the engine finds out and a person must look at.

use web::{Worker, tasks};

use super::*;
use crate::payment::Status;
use crate::watch;

pub(super) async fn open(world: &World, kind: &'static str) -> Vec<String> {
    let scope = world.scope.clone();
    let read = move |tx: &mut Tx<'_>| tasks::open(tx, &scope, 10);
    let open = world.house.ctx.db.read(read).await.unwrap();
    open.into_iter().filter(|task| task.kind == kind).map(|task| task.note).collect()
}

#[tokio::test]
async fn u_17_a_result_owed_for_ten_minutes_is_a_task_until_it_is_known() {
    let mut world = World::new().await;
    let id = world.create(6_000, CapturePlan::NOW).await;
    let first = world.begin(id).await.unwrap();
    let authorise = world.exchange(&first, Fate::Answered).await.unwrap();
    world.exchange(&authorise, Fate::Lost).await;
    let (ctx, shop) = (world.house.ctx.clone(), world.house.hotel.shop.id);
    let worker = Worker::new(ctx.clone(), vec![watch::job_kind(&ctx)], Vec::new(), Vec::new());
    let start = ctx.now(shop);
    worker.move_clocks(&[(shop, start.plus_minutes(9))]).await.unwrap();
    assert_eq!(open(&world, tasks::PAYMENT_UNKNOWN).await, [""; 0]);
    worker.move_clocks(&[(shop, start.plus_minutes(11))]).await.unwrap();
    assert_eq!(open(&world, tasks::PAYMENT_UNKNOWN).await, ["CMD-1"]);
    world.query_all(id).await;
    assert_eq!(world.payment(id).await.status, Status::Captured);
    assert_eq!(open(&world, tasks::PAYMENT_UNKNOWN).await, [""; 0], "the house ends it itself");
}

#[tokio::test]
async fn u_17_a_refund_done_after_the_bank_refused_it_is_a_task_at_once() {
    let mut world = World::new().await;
    let id = world.create(5_000, CapturePlan::NOW).await;
    world.pay(id).await;
    let refund = What::Refund { amount: Money::eur(2_000), expected: Money::eur(5_000) };
    let desk::Planned::Go(dispatch) = world.plan(id, refund).await.unwrap() else {
        panic!("the bank is asked")
    };
    world.bank.next_code = Some("12");
    world.exchange(&dispatch, Fate::Answered).await;
    assert_eq!(open(&world, tasks::REFUND_DONE_LATE).await, [""; 0]);
    world.bank.done.retain(|_, done| done.approved);
    world.exchange(&dispatch, Fate::Repeated).await;
    assert_eq!(world.payment(id).await.counters.refunded, 0, "no money moves by itself");
    assert_eq!(open(&world, tasks::REFUND_DONE_LATE).await, ["CMD-1"], "and told once");
}
