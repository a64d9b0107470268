//! A bank whose money is simulated, and a live shop before it.

use kernel::Mode;
use tokio::net::TcpListener;

use super::*;
use crate::engine::UNREACHABLE;

/// The same request, asked for a test shop and for a live one, of a bank that never answers.
#[tokio::test]
async fn p_160_a_simulated_bank_is_never_asked_for_a_live_shop() {
    let mut world = World::new().await;
    let id = world.create(5_000, CapturePlan::NOW).await;
    world.pay(id).await;
    let bank = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", bank.local_addr().unwrap());
    world.engine = world.engine.with_bank_at(&at);
    let refund = What::Refund { amount: Money::eur(2_000), expected: Money::eur(5_000) };
    let desk::Planned::Go(dispatch) = world.plan(id, refund).await.unwrap() else {
        panic!("nothing leaves")
    };
    assert!(matches!(dispatch.wire, Wire::Plain(_)));
    let live = identity::scope::for_house(world.scope.merchant(), Mode::Live);
    assert!(world.engine.challenge_origins(&live).is_empty());
    let stopped = world.engine.reach(&live, dispatch.shop, &dispatch.wire).await;
    assert_eq!(stopped, Heard::NotSent(UNREACHABLE.to_owned()));

    // The door hangs up on the first caller, who must be the test shop.
    let door = tokio::spawn(async move { bank.accept().await.map(drop) });
    let heard = world.engine.reach(&world.scope, dispatch.shop, &dispatch.wire).await;
    assert!(!matches!(heard, Heard::NotSent(_)), "{heard:?}");
    door.await.unwrap().unwrap();
    assert!(!world.engine.challenge_origins(&world.scope).is_empty());
}
