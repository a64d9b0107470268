//! What a request adds to the amount is checked, obeyed and shown again.

use axum::body::Body;
use identity::fixtures::pages::{As, request, send};
use serde_json::{Value, json};

use super::{Program, code};

#[tokio::test]
async fn p_153_only_the_means_that_were_named_are_taken() {
    let program = Program::new().await;
    let mut asked = program.asked("M-1");
    asked["methods"] = json!(["CB", "AMEX", "JCB"]);
    let refused = program.post("/v1/payments", "k1", &asked).await;
    assert_eq!(code(&refused), (422, "invalid_field".into()));
    let paths: Vec<Value> =
        refused.json()["errors"].as_array().unwrap().iter().map(|e| e["path"].clone()).collect();
    assert_eq!(paths, ["$.methods[1]", "$.methods[2]"], "{}", refused.text);
    asked["methods"] = json!(["CB", "AMEX"]);
    let refused = program.post("/v1/payments", "k2", &asked).await;
    assert_eq!(code(&refused), (422, "method_not_available".into()));
    assert!(refused.json()["detail"].as_str().unwrap().contains("it takes: CB, VISA, MASTERCARD"));

    asked["methods"] = json!(["MASTERCARD"]);
    let other = program.post("/v1/payments", "k3", &asked).await;
    assert_eq!(code(&other), (422, "method_not_available".into()));
    assert_eq!(other.json()["errors"][0]["path"], "$.card", "the card is CB and Visa");
    assert_eq!(program.servers.bank.lock().unwrap().done.len(), 0, "nothing was sent");

    asked["methods"] = json!(["visa"]);
    let paid = program.post("/v1/payments", "k4", &asked).await.json();
    assert_eq!((&paid["status"], &paid["method"]), (&json!("captured"), &json!("VISA")), "{paid}");
    assert_eq!(paid["card"]["chosen_by"], "merchant", "the payer prefers CB");
    let path = format!("/v1/payments/{}", paid["id"].as_str().unwrap());
    assert_eq!(program.get(&path).await.json()["methods"], json!(["VISA"]));
    let found = program.get("/v1/payments?method=VISA").await.json();
    assert_eq!(found["data"][0]["id"], paid["id"]);

    let plain = program.post("/v1/payments", "k5", &program.asked("M-2")).await.json();
    assert_eq!((&plain["method"], &plain["methods"]), (&json!("CB"), &Value::Null));
}

#[tokio::test]
async fn p_153_no_member_is_read_and_forgotten() {
    let program = Program::new().await;
    let customer = kernel::CustomerId::random(&kernel::rng::OsRng).to_string();
    let mut asked = program.asked("M-3");
    asked["customer"] = json!(customer);
    asked["save_card"] = json!("offer");
    asked["event_date"] = json!("2026-12-18");
    asked["payer"] = json!({"email": "anne@example.org", "phone": "+33549000000"});
    asked["use_code"] = json!(false);
    asked["capture"] = json!({"delay": 2});
    asked["typology"] = json!("deferred");
    let paid = program.post("/v1/payments", "k1", &asked).await.json();
    let path = format!("/v1/payments/{}", paid["id"].as_str().unwrap());
    let shown = program.get(&path).await.json();
    assert_eq!(shown["save_card"], "offer");
    assert_eq!(shown["event_date"], "2026-12-18");
    assert_eq!(shown["payer"]["phone"], "+33549000000");
    assert_eq!(shown["typology"], "deferred");
    program.post("/v1/payments", "k2", &program.asked("M-4")).await;
    let codes = program.servers.bank.lock().unwrap().codes.clone();
    assert_eq!(codes, [false, true], "a held code goes along unless it is to stay");
}

#[tokio::test]
async fn p_151_every_request_that_can_move_money_needs_a_key_and_its_replay_says_so() {
    let program = Program::new().await;
    let mut manual = program.asked("M-5");
    manual["capture"] = json!({"delay": 2, "validation": "manual"});
    let first = program.post("/v1/payments", "k-create", &manual).await;
    let path = format!("/v1/payments/{}", first.json()["id"].as_str().unwrap());
    let refund = json!({"amount": 100, "expected_refundable": 8400});
    let today = &first.json()["created_at"].as_str().unwrap()[..10].to_owned();
    let record = json!({"kind": "refund", "amount": 50, "expected_refundable": 8300,
        "means": "cash", "reference": "T-1", "on": today});
    for (to, body) in [
        ("/v1/payments".to_owned(), manual),
        (format!("{path}/validate"), json!({})),
        (format!("{path}/capture"), json!({})),
        (format!("{path}/refunds"), refund),
        (format!("{path}/recorded_transactions"), record),
    ] {
        let bare = request(As::Key(&program.house.hotel.key), "POST", &to);
        let bare = send(&program.routes, bare.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(code(&bare.unwrap()), (400, "idempotency_key_required".into()), "{to}");
        let key = if to == "/v1/payments" { "k-create" } else { to.as_str() };
        let done = program.post(&to, key, &body).await;
        assert!(done.status.is_success(), "{to}: {}", done.text);
        let again = program.post(&to, key, &body).await;
        assert_eq!((again.status, &again.text), (done.status, &done.text), "{to}");
        assert_eq!(again.header("idempotent-replayed"), "true", "{to}");
    }
    let open = json!({"amount": 9900, "currency": "EUR", "order_ref": "M-6"});
    let open = program.post("/v1/payments", "k-open", &open).await.json();
    let cancel = format!("/v1/payments/{}/cancel", open["id"].as_str().unwrap());
    let bare = request(As::Key(&program.house.hotel.key), "POST", &cancel);
    let bare = send(&program.routes, bare.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(code(&bare), (400, "idempotency_key_required".into()));
    assert_eq!(program.post(&cancel, "k-cancel", &json!({})).await.status, 200);
}

#[tokio::test]
async fn p_07_what_is_not_allowed_now_says_where_the_payment_stands_and_what_is() {
    let program = Program::new().await;
    let paid = program.post("/v1/payments", "k1", &program.asked("M-7")).await.json();
    let mut manual = program.asked("M-8");
    manual["capture"] = json!("manual");
    let held = program.post("/v1/payments", "k2", &manual).await.json();
    let of = |payment: &Value, verb: &str| {
        format!("/v1/payments/{}/{verb}", payment["id"].as_str().unwrap())
    };
    let refund = json!({"amount": 100, "expected_refundable": 8400});
    for (payment, verb, body) in [
        (&paid, "capture", json!({})),
        (&paid, "cancel", json!({})),
        (&paid, "validate", json!({})),
        (&held, "validate", json!({})),
        (&held, "refunds", refund),
    ] {
        let refused = program.post(&of(payment, verb), verb, &body).await;
        assert_eq!(code(&refused), (409, "operation_not_allowed".into()), "{verb}");
        let told = refused.json();
        assert_eq!(told["status"], 409, "the status of HTTP, as RFC 9457 has it");
        assert_eq!(told["payment_status"], payment["status"], "{verb}");
        assert_eq!(told["allowed"], payment["allowed"], "{verb}");
        assert_eq!(told["current"]["status"], payment["status"], "{verb}");
        assert!(told["detail"].as_str().unwrap().len() > 10, "{told}");
    }
}
