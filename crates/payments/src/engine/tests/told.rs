//! What the bank tells by itself: sealed, once, in any order, and acknowledged after the commit.

use axum::body::Body;
use connectors::Method;
use db::{Route, Tx};
use identity::fixtures::pages::{Answer, As, request, send};
use kernel::{Money, OperationId, PaymentId};
use serde_json::{Value, json};

use super::{CapturePlan, Fate, What, World};
use crate::engine::outgoing::Dispatch;
use crate::inbox;
use crate::payment::{Kind, OpState, Status};

const KEY: &str = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b";

fn seal(body: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[0x0b; 32]);
    let seal = aws_lc_rs::hmac::sign(&key, body.as_bytes());
    seal.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl World {
    async fn believing() -> Self {
        let mut world = Self::new().await;
        world.engine = world.engine.clone().with_notify_key(KEY);
        world
    }

    async fn post(&self, body: &str, seal: &str) -> Answer {
        let path = inbox::api::path("sandbox");
        let request = request(As::Anyone, "POST", &path)
            .header(connectors::sandbox::notice::SEAL_HEADER, seal)
            .body(Body::from(body.to_owned()))
            .unwrap();
        send(&inbox::api::routes(self.engine.clone()), request).await.unwrap()
    }

    /// The bank tells what it did under a reference, with a right seal.
    async fn tell(&self, message: &Value) -> Answer {
        let body = message.to_string();
        self.post(&body, &seal(&body)).await
    }

    /// What the bank would tell of an operation that it did.
    fn message(&mut self, event: &str, operation: OperationId) -> Value {
        let url = format!("http://127.0.0.3:7702/api/operations?ref={operation}");
        let reply = self.bank.plain(Method::Get, &url, &Value::Null);
        let mut message: Value = serde_json::from_slice(&reply.body).unwrap();
        message["event"] = event.into();
        message
    }

    /// The lines of the inbox: event, outcome, repeats.
    async fn heard(&self) -> Vec<(String, String, i64)> {
        let read = |tx: &mut Tx<'_>| {
            let sql = "SELECT event, outcome, repeats FROM connector_inbox ORDER BY event";
            let line = |row: &db::Row| -> Result<_, db::DbError> {
                Ok((row.get("event")?, row.get("outcome")?, row.get("repeats")?))
            };
            tx.query(sql, &[])?.iter().map(line).collect::<Result<Vec<_>, db::DbError>>()
        };
        self.house.ctx.db.read(read).await.unwrap()
    }

    async fn sql(&self, sql: &'static str) {
        let run = move |tx: &mut Tx<'_>| tx.exec(sql, &[]);
        let done: Result<u64, db::DbError> = self.house.ctx.db.write(Route::any(), run).await;
        done.unwrap();
    }

    /// A payment whose authorisation is ready to leave.
    async fn ready(&mut self, minor: i64) -> (PaymentId, Dispatch) {
        let id = self.create(minor, CapturePlan::NOW).await;
        let first = self.begin(id).await.unwrap();
        (id, self.exchange(&first, Fate::Answered).await.unwrap())
    }
}

fn line(event: &str, outcome: &str, repeats: i64) -> (String, String, i64) {
    (event.to_owned(), outcome.to_owned(), repeats)
}

#[tokio::test]
async fn c_08_a_notification_settles_what_is_unknown_and_is_acknowledged_after_the_commit() {
    let mut world = World::believing().await;
    let (id, authorise) = world.ready(6_000).await;
    world.exchange(&authorise, Fate::Lost).await;
    assert_eq!(world.payment(id).await.status, Status::Unknown);
    let message = world.message("evt_1", authorise.operation.unwrap());
    let answer = world.tell(&message).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "received\n"));
    let payment = world.payment(id).await;
    assert_eq!((payment.status, payment.counters.captured), (Status::Captured, 6_000));
    assert_eq!(world.heard().await, [line("evt_1", "applied", 0)]);
    world.query_all(id).await;
    assert_eq!(world.payment(id).await.counters.captured, 6_000);
    world.ledger_is_whole().await;
}

#[tokio::test]
async fn c_08_a_commit_that_fails_answers_500_and_the_repeat_works() {
    let mut world = World::believing().await;
    let (id, authorise) = world.ready(6_000).await;
    world.exchange(&authorise, Fate::Lost).await;
    let message = world.message("evt_1", authorise.operation.unwrap());
    world.sql("ALTER TABLE connector_inbox RENAME TO away").await;
    assert_eq!(world.tell(&message).await.status.as_u16(), 500);
    assert_eq!(world.payment(id).await.status, Status::Unknown, "nothing was kept");
    world.sql("ALTER TABLE away RENAME TO connector_inbox").await;
    assert_eq!(world.tell(&message).await.status.as_u16(), 200);
    assert_eq!(world.payment(id).await.status, Status::Captured);
    world.ledger_is_whole().await;
}

#[tokio::test]
async fn c_08_a_wrong_seal_is_refused_and_changes_nothing() {
    let mut world = World::believing().await;
    let (id, authorise) = world.ready(6_000).await;
    world.exchange(&authorise, Fate::Lost).await;
    let body = world.message("evt_1", authorise.operation.unwrap()).to_string();
    let other = body.replace("6000", "6001");
    for (body, seal) in [(&body, "00"), (&body, ""), (&other, seal(&body).as_str())] {
        let answer = world.post(body, seal).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (403, &json!("bad_seal")));
    }
    assert_eq!(world.payment(id).await.status, Status::Unknown);
    assert_eq!(world.heard().await, []);
    // An installation without a configured secret believes nobody.
    world.engine.notify_key = None;
    assert_eq!(world.post(&body, &seal(&body)).await.status.as_u16(), 403);
}

#[tokio::test]
async fn c_09_a_repeat_gets_the_same_acknowledgement_and_changes_nothing() {
    let mut world = World::believing().await;
    let (id, authorise) = world.ready(6_000).await;
    world.exchange(&authorise, Fate::Lost).await;
    let message = world.message("evt_1", authorise.operation.unwrap());
    let first = world.tell(&message).await;
    let after = world.payment(id).await;
    let wallet = world.wallet().await;
    for _ in 0..2 {
        let again = world.tell(&message).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
    }
    assert_eq!(world.payment(id).await, after);
    assert_eq!(world.wallet().await, wallet);
    assert_eq!(world.heard().await, [line("evt_1", "applied", 2)]);
    let stranger = json!({ "event": "evt_9", "id": "b", "ref": "op_unknown", "kind": "authorise",
        "amount": 1, "currency": "EUR", "state": "approved", "code": "00", "network": "cb" });
    assert_eq!(world.tell(&stranger).await.status.as_u16(), 200, "not ours: the bank may stop");
    assert_eq!(world.heard().await.len(), 1);
}

#[tokio::test]
async fn c_09_messages_are_kept_without_secrets_and_for_fifteen_months() {
    let mut world = World::believing().await;
    let (_, authorise) = world.ready(6_000).await;
    world.exchange(&authorise, Fate::Lost).await;
    let mut message = world.message("evt_1", authorise.operation.unwrap());
    message["pan"] = "4970100000000154".into();
    message["note"] = "card 4242 4242 4242 4242".into();
    assert_eq!(world.tell(&message).await.status.as_u16(), 200);
    let kept = world.kept_body().await.unwrap();
    assert!(kept.contains("evt_1") && kept.contains("•••"), "{kept}");
    assert!(!kernel::card_text::holds_card_number(&kept), "{kept}");
    let id = PaymentId::new(world.house.ctx.real_now(), world.house.ctx.rng.as_ref());
    let night = super::examples::job(&world, crate::books::VERIFY, id);
    world.wait(456 * 86_400);
    world.engine.run_job(&night).await.unwrap();
    assert!(world.kept_body().await.is_some());
    world.wait(2 * 86_400);
    world.engine.run_job(&night).await.unwrap();
    assert_eq!(world.kept_body().await, None);
}

impl World {
    async fn kept_body(&self) -> Option<String> {
        let read = |tx: &mut Tx<'_>| {
            let row = tx.query_opt("SELECT body FROM connector_inbox", &[])?;
            row.map(|row| row.get::<String>("body")).transpose()
        };
        let found: Result<_, db::DbError> = self.house.ctx.db.read(read).await;
        found.unwrap()
    }
}

#[tokio::test]
async fn c_07_a_notification_before_our_own_answer_captures_once() {
    let mut world = World::believing().await;
    let (id, authorise) = world.ready(6_000).await;
    let reply = world.answer(&authorise);
    let message = world.message("evt_1", authorise.operation.unwrap());
    assert_eq!(world.tell(&message).await.status.as_u16(), 200);
    assert_eq!(world.payment(id).await.status, Status::Captured);
    let next = world.take_in(&authorise, &super::Heard::Answer(reply)).await.unwrap();
    assert!(next.is_none());
    let payment = world.payment(id).await;
    assert_eq!((payment.status, payment.counters.captured), (Status::Captured, 6_000));
    world.ledger_is_whole().await;
}

#[tokio::test]
async fn c_07_a_refusal_told_early_leaves_the_flow_to_its_answer() {
    let mut world = World::believing().await;
    let (id, authorise) = world.ready(6_000).await;
    world.bank.next_code = Some("1A");
    let reply = world.answer(&authorise);
    let message = world.message("evt_1", authorise.operation.unwrap());
    assert_eq!(world.tell(&message).await.status.as_u16(), 200);
    assert_eq!(world.heard().await, [line("evt_1", "awaited", 0)]);
    let next = world.take_in(&authorise, &super::Heard::Answer(reply)).await.unwrap();
    let replay = next.expect("the soft decline is followed by an authentication");
    world.follow(replay).await;
    assert_eq!(world.payment(id).await.status, Status::ActionRequired);
}

#[tokio::test]
async fn c_07_late_and_double_events_end_captured_once_in_any_order() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut world = World::believing().await;
        let (id, authorise) = world.ready(6_000).await;
        world.exchange(&authorise, Fate::Lost).await;
        let captured = world.message("evt_captured", authorise.operation.unwrap());
        let mut again = captured.clone();
        again["event"] = "evt_again".into();
        let mut refused = captured.clone();
        refused["event"] = "evt_refused".into();
        refused["state"] = "declined".into();
        refused["code"] = "05".into();
        let news = [captured, refused, again];
        for place in order {
            assert_eq!(world.tell(&news[place]).await.status.as_u16(), 200);
        }
        let payment = world.payment(id).await;
        assert_eq!(payment.counters.captured, 6_000, "{order:?}");
        assert_eq!(payment.last(Kind::Authorise).unwrap().state, OpState::Success, "{order:?}");
        world.ledger_is_whole().await;
    }
}

#[tokio::test]
async fn c_15_another_amount_changes_nothing_and_the_bank_may_stop() {
    let mut world = World::believing().await;
    let (id, authorise) = world.ready(6_000).await;
    world.exchange(&authorise, Fate::Lost).await;
    let mut message = world.message("evt_1", authorise.operation.unwrap());
    message["amount"] = 5_999.into();
    message["captured"] = 5_999.into();
    assert_eq!(world.tell(&message).await.status.as_u16(), 200);
    assert_eq!(world.payment(id).await.status, Status::Unknown);
    assert_eq!(world.heard().await, [line("evt_1", "quarantined", 0)]);
}

#[tokio::test]
async fn c_08_a_refund_whose_answer_was_lost_is_settled_by_its_notification() {
    let mut world = World::believing().await;
    let id = world.create(5_000, CapturePlan::NOW).await;
    world.pay(id).await;
    let refund = What::Refund { amount: Money::eur(2_000), expected: Money::eur(5_000) };
    let planned = world.plan(id, refund).await.unwrap();
    let super::desk::Planned::Go(dispatch) = planned else { panic!("a refund asks the bank") };
    world.exchange(&dispatch, Fate::Lost).await;
    let message = world.message("evt_1", dispatch.operation.unwrap());
    assert_eq!(world.tell(&message).await.status.as_u16(), 200);
    let payment = world.payment(id).await;
    assert_eq!(payment.last(Kind::Refund).unwrap().state, OpState::Success);
    assert_eq!(payment.counters.refundable(), 3_000);
    world.ledger_is_whole().await;
}
