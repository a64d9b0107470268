//! Random histories of the pure model: whatever is told in whatever order, the rules hold and
//! each payment has one status.

use kernel::rng::SeededRng;
use kernel::{Money, OperationId, Rng, Timestamp};

use super::rules::{self, Action};
use super::{Kind, OpState, Operation, Payment, Proof, Raw, Session, Source, Status, Validation};

/// Histories of one run.
const HISTORIES: u64 = 4_000;
const TOLD: u64 = 25;

fn roll(rng: &SeededRng, sides: u64) -> u64 {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    u64::from_le_bytes(bytes) % sides
}

fn operation(rng: &SeededRng, kind: Kind, amount: i64) -> Operation {
    Operation {
        id: OperationId::random(rng),
        kind,
        state: OpState::Sent,
        amount: Money::eur(amount),
        attempt: 1,
        code: None,
        raw: Raw::default(),
        authorisation: None,
        provider_id: None,
        guarantee: None,
        author: "clock".into(),
        source: Source::Clock,
        reason: None,
        at: Timestamp::from_micros(0),
        sent_at: None,
        queries: 0,
        elsewhere: None,
        quiet: false,
    }
}

fn news(rng: &SeededRng) -> OpState {
    [OpState::Success, OpState::Failed, OpState::Unknown, OpState::Pending]
        [usize::try_from(roll(rng, 4)).unwrap()]
}

/// All of an amount, or a part of it.
fn part(rng: &SeededRng, most: i64) -> i64 {
    match roll(rng, 2) {
        0 => most,
        _ => 1 + i64::try_from(roll(rng, most.cast_unsigned())).unwrap(),
    }
}

/// Asks for something if the table allows it, as the desk does.
fn ask(payment: &mut Payment, rng: &SeededRng) {
    let c = payment.counters;
    let (kind, amount) = match roll(rng, 4) {
        0 if payment.may_attempt() && payment.in_flight().is_none() => {
            payment.attempts += 1;
            (Kind::Authorise, payment.amount.minor())
        }
        1 if rules::check(payment, Action::Capture).is_ok() => {
            (Kind::Capture, part(rng, c.capturable()))
        }
        2 if rules::check(payment, Action::Cancel).is_ok() && c.capturable() > 0 => {
            (Kind::Void, c.capturable())
        }
        3 if rules::check(payment, Action::Refund).is_ok() => {
            (Kind::Refund, part(rng, c.refundable()))
        }
        _ => return,
    };
    let operation = operation(rng, kind, amount);
    payment.operations.push(operation);
    if kind == Kind::Refund {
        payment.apply(super::Movement::RefundAsked(amount)).unwrap();
    }
}

/// Tells something about any operation, even one that ended long ago.
fn tell(payment: &mut Payment, rng: &SeededRng) {
    let count = payment.operations.len() as u64;
    if count == 0 {
        return;
    }
    let at = usize::try_from(roll(rng, count)).unwrap();
    let id = payment.operations[at].id;
    let proof = if roll(rng, 2) == 0 { Proof::Proven } else { Proof::Unproven };
    // A breach is refused as a whole, as a transaction that is rolled back.
    let mut next = payment.clone();
    if next.settle(id, news(rng), proof).is_ok() {
        *payment = next;
    }
}

#[test]
fn p_03_p_06_any_order_of_news_keeps_the_rules_and_gives_one_status() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..HISTORIES {
        let rng = SeededRng::new(seed);
        let mut payment = super::ops::sample(&rng);
        payment.session = if seed % 5 == 0 { Session::NotOpened } else { Session::Open };
        if seed % 3 == 0 {
            payment.capture.validation = Validation::Pending;
        }
        payment.derive();
        for _ in 0..TOLD {
            if roll(&rng, 2) == 0 {
                ask(&mut payment, &rng)
            } else {
                tell(&mut payment, &rng)
            }
            payment.derive();
            payment.check().unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
            let money = payment.counters.captured > 0;
            let paid = !matches!(payment.status.group(), super::Group::NotPaid);
            assert!(!money || paid, "seed {seed}: debited, yet shown as not paid");
            seen.insert(payment.status);
        }
    }
    for status in [Status::Refunded, Status::Unknown, Status::PartiallyCaptured, Status::Refused] {
        assert!(seen.contains(&status), "{status:?} was never reached");
    }
}
