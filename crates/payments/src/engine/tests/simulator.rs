//! Thousands of little histories: random requests, losses, repeats and crashes, always the same
//! end: the house knows exactly what the bank did, and asked for it once.

use kernel::rng::SeededRng;
use kernel::{Money, PaymentId, Rng};

use super::{Fate, What, World, desk};
use crate::payment::{CapturePlan, Kind, Payment, Status};

/// Histories of one run (`GUICHET_HISTORIES` asks for more); each is a payment with up to [`ACTIONS`] requests.
const HISTORIES: u32 = 300;
const ACTIONS: u64 = 6;

struct Dice(SeededRng);

impl Dice {
    fn roll(&self, sides: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % sides
    }

    fn fate(&self) -> Fate {
        match self.roll(12) {
            0 => Fate::Lost,
            1 => Fate::Cut,
            2 => Fate::NotSent,
            3 => Fate::CrashAfter,
            4 => Fate::CrashBefore,
            5 => Fate::Repeated,
            _ => Fate::Answered,
        }
    }

    fn code(&self) -> Option<&'static str> {
        match self.roll(8) {
            0 => Some("51"),
            1 => Some("81"),
            _ => None,
        }
    }

    fn amount(&self, most: i64) -> Money {
        let most = u64::try_from(most.max(1)).unwrap();
        Money::eur(1 + i64::try_from(self.roll(most)).unwrap())
    }
}

#[tokio::test]
async fn p_17_any_history_of_losses_and_crashes_ends_with_the_bank_s_truth() {
    let mut world = World::new().await;
    let wanted = std::env::var("GUICHET_HISTORIES").ok().and_then(|n| n.parse().ok());
    let usual = u64::from(db::testing::cases(HISTORIES));
    for seed in 0..wanted.unwrap_or(usual) {
        let dice = Dice(SeededRng::new(seed));
        let plan = if dice.roll(2) == 0 { CapturePlan::NOW } else { CapturePlan::MANUAL };
        let id = world.create(10_000, plan).await;
        for _ in 0..ACTIONS {
            act(&mut world, &dice, id).await;
        }
        settle(&mut world, id).await;
        agree(&world, &world.payment(id).await, seed);
    }
    world.ledger_is_whole().await;
}

/// One request of somebody, with whatever becomes of its exchanges.
async fn act(world: &mut World, dice: &Dice, id: PaymentId) {
    world.bank.next_code = dice.code();
    if dice.roll(5) == 0 {
        world.bank.next_authentication = Some("C");
    }
    let payment = world.payment(id).await;
    let refundable = payment.counters.refundable();
    let first = match dice.roll(6) {
        0..=1 => world.begin(id).await.ok(),
        2 => go(world, id, What::Cancel).await,
        3 => {
            let amount = dice.amount(payment.counters.capturable());
            go(world, id, What::Capture(Some(amount))).await
        }
        4 => {
            let (amount, expected) = (dice.amount(refundable), Money::eur(refundable));
            go(world, id, What::Refund { amount, expected }).await
        }
        _ => {
            world.bank.decide(if dice.roll(2) == 0 { "Y" } else { "N" });
            wake(world, id).await
        }
    };
    let mut next = first;
    while let Some(dispatch) = next {
        next = world.exchange(&dispatch, dice.fate()).await;
    }
    if dice.roll(3) == 0 {
        world.wait(100);
        world.engine.recover().await.unwrap();
        world.query_all(id).await;
    }
}

async fn go(world: &World, id: PaymentId, what: What) -> Option<super::Dispatch> {
    match world.plan(id, what).await.ok()? {
        desk::Planned::Go(dispatch) => Some(*dispatch),
        desk::Planned::Done(_) => None,
    }
}

async fn wake(world: &World, id: PaymentId) -> Option<super::Dispatch> {
    let (engine, scope) = (world.engine.clone(), world.scope.clone());
    let wake = move |tx: &mut db::Tx<'_>| {
        let input = connectors::Input::Return(connectors::RawRequest::default());
        engine.wake(tx, &scope, id, &input)
    };
    world.house.ctx.db.write(db::Route::any(), wake).await.unwrap()
}

/// Time passes, the house recovers and asks until nothing is open.
async fn settle(world: &mut World, id: PaymentId) {
    for _ in 0..3 {
        world.wait(20 * 60);
        world.engine.recover().await.unwrap();
        world.query_all(id).await;
    }
}

fn agree(world: &World, payment: &Payment, seed: u64) {
    payment.check().unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    assert_ne!(payment.status, Status::Unknown, "seed {seed}");
    let references: Vec<String> = payment.operations.iter().map(|o| o.id.to_string()).collect();
    let sent_twice = references.iter().find(|r| world.bank.arrivals.get(*r).copied() > Some(1));
    assert_eq!(sent_twice, None, "seed {seed}: money is asked for once");
    let counters = &payment.counters;
    let bank = |kind| world.bank.approved(kind, &references);
    assert_eq!(bank("authorise"), counters.authorised, "seed {seed}: {payment:#?}");
    let with_authorisation: i64 = references
        .iter()
        .filter_map(|r| world.bank.done.get(r))
        .filter(|done| done.kind == "authorise")
        .map(|done| done.captured)
        .sum();
    assert_eq!(bank("capture") + with_authorisation, counters.captured, "seed {seed}");
    assert_eq!(bank("refund"), counters.refunded, "seed {seed}");
    let voids = payment.operations.iter().filter(|o| {
        let done = world.bank.done.get(&o.id.to_string());
        o.kind == Kind::Void && done.is_some_and(|done| done.approved)
    });
    let voided: i64 = voids.map(|o| o.amount.minor()).sum();
    assert_eq!(voided, counters.voided, "seed {seed}");
}
