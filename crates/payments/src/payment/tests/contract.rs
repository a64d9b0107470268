//! What programs are told when the account's contract cannot do what they ask.

use connectors::Settings;
use connectors::sandbox::terms::{CAPTURE, MINIMUM, REFUND};
use db::{Route, Tx};
use serde_json::json;

use super::{Program, code};
use crate::account::store::{self, Stored};

impl Program {
    /// The account of the hotel declares this.
    async fn declares(&self, terms: &[(&str, &str)]) {
        let (scope, shop) = (self.house.hotel.scope.clone(), self.house.hotel.shop.id);
        let account = Stored { settings: Settings::new(terms.iter().copied()), version: 0 };
        let now = self.house.ctx.now(shop);
        let write = move |tx: &mut Tx<'_>| store::save(tx, &scope, shop, (&account, now));
        assert!(self.house.ctx.db.write(Route::any(), write).await.unwrap());
    }
}

#[tokio::test]
async fn c_10_a_missing_capability_is_told_in_a_sentence_and_nothing_is_sent() {
    let program = Program::new().await;
    program.declares(&[(REFUND, "none"), (CAPTURE, "now"), (MINIMUM, "20")]).await;
    let mut asked = program.asked("ORDER-1");
    asked["capture"] = json!("manual");
    let later = program.post("/v1/payments", "k1", &asked).await;
    assert_eq!(code(&later), (422, "capability_missing".into()));
    assert_eq!(later.json()["errors"][0]["path"], "$.capture");
    asked["capture"] = json!("now");
    asked["amount"] = json!(1999);
    let small = program.post("/v1/payments", "k2", &asked).await;
    assert_eq!(code(&small), (422, "amount_below_minimum".into()));
    assert_eq!(small.json()["minimum"], 2000);
    asked["amount"] = json!(8400);
    let payment = program.post("/v1/payments", "k3", &asked).await.json();
    assert_eq!(payment["allowed"], json!(["record_refund"]), "{payment}");
    let path = format!("/v1/payments/{}", payment["id"].as_str().unwrap());
    let refund = json!({"amount": 2000, "expected_refundable": 8400});
    let refused = program.post(&format!("{path}/refunds"), "k4", &refund).await;
    assert_eq!(code(&refused), (422, "capability_missing".into()));
    let told = refused.json();
    assert!(told["detail"].as_str().unwrap().contains("record it"), "{told}");
    assert_eq!(program.servers.bank.lock().unwrap().done.len(), 1, "the bank was asked once");
}

#[tokio::test]
async fn c_10_one_whole_refund_is_all_that_some_contracts_take() {
    let program = Program::new().await;
    program.declares(&[(REFUND, "whole")]).await;
    let payment = program.post("/v1/payments", "k1", &program.asked("ORDER-1")).await.json();
    let path = format!("/v1/payments/{}/refunds", payment["id"].as_str().unwrap());
    let refund = |amount: i64| json!({"amount": amount, "expected_refundable": 8400});
    let part = program.post(&path, "k2", &refund(2000)).await;
    assert_eq!(code(&part), (422, "capability_missing".into()));
    assert_eq!(part.json()["why"], "whole_only");
    assert_eq!(program.post(&path, "k3", &refund(8400)).await.status, 201);
}

#[tokio::test]
async fn v_98_a_program_records_what_was_refunded_elsewhere_once() {
    let program = Program::new().await;
    let payment = program.post("/v1/payments", "k1", &program.asked("ORDER-1")).await.json();
    let other = program.post("/v1/payments", "k2", &program.asked("ORDER-2")).await.json();
    let path = |of: &serde_json::Value| {
        format!("/v1/payments/{}/recorded_transactions", of["id"].as_str().unwrap())
    };
    let shop = program.house.hotel.shop.id;
    let today = kernel::Zone::paris().date(program.house.ctx.now(shop)).to_string();
    let mut record = json!({
        "kind": "refund", "amount": 2000, "expected_refundable": 8400, "means": "bank",
        "reference": "VIR-17", "on": today, "reason": "geste",
    });
    let answer = program.post(&path(&payment), "k3", &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let told = answer.json();
    assert_eq!(told["elsewhere"], json!({"means": "bank", "reference": "VIR-17", "on": today}));
    assert_eq!((&told["state"], &told["kind"]), (&json!("success"), &json!("refund")));
    assert_eq!(told["payment"]["refundable"], 6400);
    let replay = program.post(&path(&payment), "k3", &record).await;
    assert_eq!((replay.status, replay.text), (answer.status, answer.text));
    let twice = program.post(&path(&other), "k4", &record).await;
    assert_eq!(code(&twice), (409, "already_recorded".into()));
    assert_eq!(twice.json()["payment"], payment["id"]);
    for (member, value) in [
        ("kind", json!("debit")),
        ("means", json!("barter")),
        ("reference", json!("4970 1000 0000 0154")),
        ("on", json!("2040-01-01")),
    ] {
        let mut wrong = record.clone();
        wrong["reference"] = json!("VIR-18");
        wrong[member] = value;
        let refused = program.post(&path(&other), &format!("k-{member}"), &wrong).await;
        assert_eq!(refused.status, 422, "{member}: {}", refused.text);
    }
    record["means"] = json!("cheque");
    assert_eq!(program.post(&path(&other), "k5", &record).await.status, 201, "another means");
    let merchant = program.house.hotel.scope.merchant();
    let verify = move |tx: &mut Tx<'_>| crate::books::verify(tx, &[merchant], 1);
    let report = program.house.ctx.db.read(verify).await.unwrap();
    assert!(report.ok, "{report:?}");
    assert_eq!(program.servers.bank.lock().unwrap().done.len(), 2, "two payments, no refund");
}
