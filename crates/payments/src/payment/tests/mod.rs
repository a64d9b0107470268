//! The API as a program uses it: real routes, a real database file, a bank behind real sockets.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use identity::fixtures::House;
use identity::fixtures::pages::{Answer, As, get, request, send};
use kernel::PaymentId;
use serde_json::{Value, json};
use web::Slice;

use crate::attempts::{AttemptState, store as attempts};
use crate::paper::api::Servers;
use crate::{Engine, checkout};

mod absent;
mod contract;
mod holder;
mod lists;
mod terms;

const SLICES: &[Slice] = &[
    Slice { name: "ledger", migrations: ledger::MIGRATIONS, messages: &[], menu: &[] },
    Slice { name: "payments", migrations: crate::MIGRATIONS, messages: &[], menu: &[] },
    checkout::SLICE,
    crate::authentication_links::SLICE,
];

struct Program {
    house: House,
    servers: Servers,
    routes: Router,
    engine: Engine,
}

impl Program {
    async fn new() -> Self {
        let servers = Servers::start().await;
        let house = House::new(&[SLICES]).await.unwrap();
        let mut ctx = house.ctx.clone();
        let urls = web::Urls { bank: servers.url.clone(), ..(*ctx.urls).clone() };
        ctx.urls = std::sync::Arc::new(urls);
        let vault = vault_wire::VaultClient::connect(servers.socket.clone());
        let engine = Engine::new(ctx, vault, Vec::new()).with_answer_seconds(1);
        let routes = crate::api_routes().with_state(engine.clone());
        Self { house, servers, routes, engine }
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.post_as(&self.house.hotel.key, path, (key, body)).await
    }

    async fn post_as(&self, who: &str, path: &str, (key, body): (&str, &Value)) -> Answer {
        let request = request(As::Key(who), "POST", path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key)
            .body(Body::from(body.to_string()))
            .unwrap();
        send(&self.routes, request).await.unwrap()
    }

    async fn get(&self, path: &str) -> Answer {
        get(&self.routes, As::Key(&self.house.hotel.key), path).await.unwrap()
    }

    fn asked(&self, order_ref: &str) -> Value {
        json!({
            "amount": 8400, "currency": "EUR", "order_ref": order_ref, "card": self.servers.card,
        })
    }
}

fn code(answer: &Answer) -> (u16, String) {
    let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code)
}

#[tokio::test]
async fn p_152_a_card_is_charged_in_the_call_and_refunded() {
    let program = Program::new().await;
    let answer = program.post("/v1/payments", "k1", &program.asked("ORDER-1")).await;
    let payment = answer.json();
    assert_eq!((answer.status.as_u16(), &payment["status"]), (201, &json!("captured")));
    assert_eq!(payment["counters"]["captured"], 8400);
    assert_eq!(payment["allowed"], json!(["refund", "record_refund"]));
    assert_eq!(payment["page_url"], Value::Null);
    let id = payment["id"].as_str().unwrap();
    let refund = json!({"amount": 2000, "expected_refundable": 8400, "reason": "geste"});
    let answer = program.post(&format!("/v1/payments/{id}/refunds"), "k2", &refund).await;
    let operation = answer.json();
    assert_eq!((answer.status.as_u16(), &operation["state"]), (201, &json!("success")));
    assert_eq!(operation["author"]["type"], "api_key");
    assert_eq!(operation["payment"]["refundable"], 6400);
    let stale = program.post(&format!("/v1/payments/{id}/refunds"), "k3", &refund).await;
    assert_eq!(code(&stale), (409, "refundable_changed".into()));
    assert_eq!(stale.json()["current"], 6400);
    let operations = program.get(&format!("/v1/payments/{id}/operations")).await.json();
    let kinds: Vec<&str> = operations["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| o["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["authenticate", "authorise", "capture", "refund"]);
}

#[tokio::test]
async fn p_106_manual_capture_in_parts_then_the_rest_is_released() {
    let program = Program::new().await;
    let mut asked = program.asked("ORDER-2");
    asked["capture"] = json!("manual");
    let payment = program.post("/v1/payments", "k1", &asked).await.json();
    assert_eq!(payment["status"], "authorised");
    assert_eq!(payment["allowed"], json!(["capture", "cancel"]));
    let path = format!("/v1/payments/{}", payment["id"].as_str().unwrap());
    let above = program.post(&format!("{path}/capture"), "k2", &json!({"amount": 8401})).await;
    assert_eq!(code(&above), (422, "amount_above_capturable".into()));
    let part = program.post(&format!("{path}/capture"), "k3", &json!({"amount": 5000})).await;
    assert_eq!((part.status.as_u16(), &part.json()["status"]), (200, &json!("partially_captured")));
    let rest = program.post(&format!("{path}/cancel"), "k4", &json!({})).await;
    assert_eq!((rest.status.as_u16(), &rest.json()["status"]), (200, &json!("captured")));
    assert_eq!(rest.json()["counters"]["voided"], 3400);
    let again = program.post(&format!("{path}/cancel"), "k5", &json!({})).await;
    assert_eq!(code(&again), (409, "operation_not_allowed".into()));
    assert_eq!(again.json()["allowed"], json!(["refund", "record_refund"]));
}

#[tokio::test]
async fn p_87_a_decline_is_an_answer_with_its_code() {
    let program = Program::new().await;
    program.servers.bank.lock().unwrap().next_code = Some("51");
    let answer = program.post("/v1/payments", "k1", &program.asked("ORDER-3")).await;
    let payment = answer.json();
    assert_eq!((answer.status.as_u16(), &payment["status"]), (201, &json!("refused")));
    let wanted =
        json!({"code": "insufficient_funds", "class": "retry_later", "raw": "51", "retry": true});
    assert_eq!(payment["decline"], wanted);
}

#[tokio::test]
async fn a_challenge_gives_the_address_of_a_page() {
    let program = Program::new().await;
    program.servers.bank.lock().unwrap().next_authentication = Some("C");
    let answer = program.post("/v1/payments", "k1", &program.asked("ORDER-4")).await;
    assert_eq!(answer.json()["status"], "action_required");
    let url = answer.json()["page_url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("http://127.0.0.1:7700/p/"));
    let token = url.rsplit('/').next().unwrap().to_owned();
    let find = move |tx: &mut db::Tx<'_>| crate::page_token::find(tx, &token);
    let (scope, payment) = program.house.ctx.db.read(find).await.unwrap().unwrap();
    program.servers.bank.lock().unwrap().decide("Y");
    let payment = program.engine.resume(&scope, payment.id).await.unwrap();
    assert_eq!(payment.status.as_str(), "captured");
    let again = program.engine.resume(&scope, payment.id).await.unwrap();
    assert_eq!(again.counters, payment.counters, "a reload changes nothing");
}

#[tokio::test]
async fn p_66_a_payer_whose_return_was_cut_off_is_not_led_in_circles() {
    let program = Program::new().await;
    program.servers.bank.lock().unwrap().next_authentication = Some("C");
    let payment = program.post("/v1/payments", "k1", &program.asked("ORDER-7")).await.json();
    let token = payment["page_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let id: PaymentId = payment["id"].as_str().unwrap().parse().unwrap();
    let pages = checkout::routes(program.engine.clone());
    let at = async |path: &str| get(&pages, As::Anyone, path).await.unwrap();
    let (bank, wait) = (format!("/p/{token}/3ds"), format!("/p/{token}/attente"));
    cut_off(&program, id).await;
    assert_eq!(at(&wait).await.location(), bank);
    let waits = at(&bank).await;
    assert_eq!((waits.status.as_u16(), waits.location()), (200, ""), "{}", waits.text);
    assert_eq!(waits.header("refresh"), format!("2; url={wait}?tour=1"));
    let undecided = at(&bank).await;
    assert!(undecided.header("refresh").is_empty() && undecided.text.contains("/3ds/aut_"));
    cut_off(&program, id).await;
    program.servers.bank.lock().unwrap().decide("Y");
    assert_eq!(at(&bank).await.location(), format!("/r/{token}"));
    assert_eq!(program.servers.bank.lock().unwrap().done.len(), 1);
}

/// The house dies while it asks the bank how its page ended.
async fn cut_off(program: &Program, id: PaymentId) {
    let scope = program.house.hotel.scope.clone();
    let asking = move |tx: &mut db::Tx<'_>| {
        let mut attempt = attempts::latest(tx, &scope, id)?.unwrap();
        attempt.state = AttemptState::Asking;
        attempt.step += 1;
        attempt.flow.0 = attempt.flow.0.replace("challenged", "asking");
        attempts::update(tx, &scope, &attempt)
    };
    assert!(program.house.ctx.db.write(db::Route::any(), asking).await.unwrap());
}

#[tokio::test]
async fn a_silent_bank_is_202_then_settled_by_query() {
    let program = Program::new().await;
    let mut asked = program.asked("ORDER-5");
    asked["capture"] = json!("manual");
    let payment = program.post("/v1/payments", "k0", &asked).await.json();
    let path = format!("/v1/payments/{}", payment["id"].as_str().unwrap());
    program.servers.bank.lock().unwrap().silence = true;
    let answer = program.post(&format!("{path}/capture"), "k1", &json!({})).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (202, &json!("unknown")));
    let refused = program.post(&format!("{path}/capture"), "k2", &json!({})).await;
    assert_eq!(code(&refused), (409, "result_unknown".into()));
    let id = payment["id"].as_str().unwrap().parse().unwrap();
    let scope = program.house.hotel.scope.clone();
    for operation in program.engine.open_operations(&scope, id).await.unwrap() {
        program.engine.query(&scope, id, operation.id).await.unwrap();
    }
    assert_eq!(program.get(&path).await.json()["status"], "captured");
}

#[tokio::test]
async fn worked_example_22_sixty_four_equal_requests_are_one_payment() {
    let program = std::sync::Arc::new(Program::new().await);
    let asked = program.asked("ORDER-6");
    let mut calls = Vec::new();
    for _ in 0..64 {
        let (program, asked) = (std::sync::Arc::clone(&program), asked.clone());
        calls.push(tokio::spawn(async move {
            let mut answer = program.post("/v1/payments", "same", &asked).await;
            while answer.status == 409 {
                assert_eq!(code(&answer).1, "idempotency_in_flight");
                assert_eq!(answer.header("retry-after"), "1");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                answer = program.post("/v1/payments", "same", &asked).await;
            }
            answer
        }));
    }
    let mut bodies = BTreeSet::new();
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!(answer.status, 201);
        bodies.insert(answer.text);
    }
    assert_eq!(bodies.len(), 1);
    let bank = program.servers.bank.lock().unwrap();
    assert_eq!(bank.done.len(), 1, "the bank was asked once");
    assert!(bank.arrivals.values().all(|count| *count == 1));
}

#[tokio::test]
async fn p_151_replays_and_mismatches() {
    let program = Program::new().await;
    let asked = program.asked("ORDER-7");
    let first = program.post("/v1/payments", "k", &asked).await;
    let replay = program.post("/v1/payments", "k", &asked).await;
    assert_eq!((replay.status, &replay.text), (first.status, &first.text));
    assert_eq!(replay.header("idempotent-replayed"), "true");
    let mut other = asked.clone();
    other["amount"] = json!(8401);
    let mismatch = program.post("/v1/payments", "k", &other).await;
    assert_eq!(code(&mismatch), (422, "idempotency_mismatch".into()));
    let body = asked.to_string();
    let without = request(As::Key(&program.house.hotel.key), "POST", "/v1/payments")
        .body(Body::from(body))
        .unwrap();
    let answer = send(&program.routes, without).await.unwrap();
    assert_eq!(code(&answer), (400, "idempotency_key_required".into()));
    let mut fresh = asked.clone();
    fresh["order_ref"] = json!("ORDER-8");
    fresh["amount"] = json!(99);
    let refused = program.post("/v1/payments", "k9", &fresh).await;
    assert_eq!(code(&refused), (422, "amount_below_minimum".into()));
    fresh["amount"] = json!(8400);
    let taken = program.post("/v1/payments", "k9", &fresh).await;
    assert_eq!(taken.status, 201, "a refused request leaves no key behind");
}

#[tokio::test]
async fn p_93_nobody_sees_or_touches_another_merchant_s_payment() {
    let program = Program::new().await;
    let payment = program.post("/v1/payments", "k1", &program.asked("ORDER-9")).await.json();
    let path = format!("/v1/payments/{}", payment["id"].as_str().unwrap());
    let museum = program.house.museum.key.clone();
    let seen = get(&program.routes, As::Key(&museum), &path).await.unwrap();
    assert_eq!(code(&seen), (404, "not_found".into()));
    for verb in ["capture", "cancel", "refunds"] {
        let body = json!({"amount": 1, "expected_refundable": 8400});
        let body = if verb == "refunds" { body } else { json!({}) };
        let answer = program.post_as(&museum, &format!("{path}/{verb}"), ("k", &body)).await;
        assert_eq!(code(&answer), (404, "not_found".into()), "{verb}");
    }
    let list = get(&program.routes, As::Key(&museum), "/v1/payments").await.unwrap().json();
    assert_eq!(list["data"], json!([]));
}

#[tokio::test]
async fn p_93_requests_that_are_wrong_say_all_that_is_wrong() {
    let program = Program::new().await;
    let asked = json!({"amount": 0, "currency": "eur", "order_reff": "x"});
    let answer = program.post("/v1/payments", "k1", &asked).await;
    assert_eq!(code(&answer), (422, "invalid_field".into()));
    let errors = answer.json()["errors"].clone();
    let paths: BTreeSet<&str> =
        errors.as_array().unwrap().iter().map(|e| e["path"].as_str().unwrap()).collect();
    let wanted = ["$.amount", "$.currency", "$.order_ref", "$.order_reff"];
    assert_eq!(paths, wanted.into_iter().collect());
    let mut asked = program.asked("ORDER-10");
    asked["return_url"] = json!("https://evil.example/");
    let answer = program.post("/v1/payments", "k2", &asked).await;
    assert_eq!(code(&answer), (422, "return_url_not_allowed".into()));
    let mut asked = program.asked("ORDER-10");
    asked["card"] = json!(kernel::CardToken::random(&kernel::rng::OsRng));
    let answer = program.post("/v1/payments", "k3", &asked).await;
    assert_eq!(code(&answer), (422, "card_unknown".into()));
    let mut asked = program.asked("ORDER-10");
    asked["initiator"] = json!("merchant");
    let answer = program.post("/v1/payments", "k4", &asked).await;
    assert_eq!(code(&answer), (422, "invalid_field".into()), "the reason is missing");
    asked["reason"] = json!("instalment");
    let answer = program.post("/v1/payments", "k5", &asked).await;
    assert_eq!(code(&answer), (422, "chain_reference_missing".into()));
    assert!(program.servers.bank.lock().unwrap().done.is_empty());
}

#[tokio::test]
async fn a_merchant_charges_again_with_the_chain_of_the_first_payment() {
    let program = Program::new().await;
    program.post("/v1/payments", "k1", &program.asked("ORDER-11/1")).await;
    let mut asked = program.asked("ORDER-11/2");
    asked["initiator"] = json!("merchant");
    asked["reason"] = json!("instalment");
    let payment = program.post("/v1/payments", "k2", &asked).await.json();
    assert_eq!(payment["status"], "captured");
    assert_eq!(payment["chain"]["reference"], "chain-1");
    assert_eq!(payment["guarantee"], json!({"value": "no", "reason": "instalment_2n"}));
}

#[tokio::test]
async fn a_payment_without_card_waits_on_its_page_and_can_be_cancelled() {
    let program = Program::new().await;
    let mut asked = program.asked("ORDER-12");
    asked["card"] = Value::Null;
    let payment = program.post("/v1/payments", "k1", &asked).await.json();
    assert_eq!(payment["status"], "created");
    assert!(payment["page_url"].is_string());
    let twice = program.post("/v1/payments", "k2", &asked).await;
    assert_eq!(code(&twice), (409, "order_has_live_payment".into()));
    assert_eq!(twice.json()["payment"], payment["id"]);
    let path = format!("/v1/payments/{}/cancel", payment["id"].as_str().unwrap());
    let cancelled = program.post(&path, "k3", &json!({"reason": "doublon"})).await.json();
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(program.post("/v1/payments", "k4", &asked).await.status, 201);
}

#[tokio::test]
async fn p_10_a_double_click_on_the_card_page_charges_once() {
    let program = std::sync::Arc::new(Program::new().await);
    let mut asked = program.asked("ORDER-13");
    asked["card"] = Value::Null;
    let payment = program.post("/v1/payments", "k1", &asked).await.json();
    let id = payment["id"].as_str().unwrap().parse().unwrap();
    let scope = program.house.hotel.scope.clone();
    program.engine.open_session(&scope, id).await.unwrap();
    let capture = kernel::CaptureId::random(&kernel::rng::OsRng);
    let mut clicks = Vec::new();
    for _ in 0..8 {
        let (program, scope) = (std::sync::Arc::clone(&program), scope.clone());
        clicks.push(tokio::spawn(async move {
            program.engine.redeem(&scope, id, (capture, None)).await.unwrap()
        }));
    }
    for click in clicks {
        click.await.unwrap();
    }
    let paid = program.engine.payment(&scope, id).await.unwrap();
    assert_eq!((paid.status.as_str(), paid.attempts), ("captured", 1));
    assert_eq!(paid.payer.language, kernel::Locale::En, "the language he ended in");
    assert_eq!(program.servers.bank.lock().unwrap().done.len(), 1);
    let again = program.engine.redeem(&scope, id, (capture, None)).await.unwrap();
    assert_eq!(again.version, paid.version, "a reload changes nothing");
}

#[tokio::test]
async fn a_planned_capture_waits_for_a_bank_that_is_away() {
    let program = Program::new().await;
    let mut asked = program.asked("ORDER-14");
    asked["capture"] = json!({"delay": 2});
    let payment = program.post("/v1/payments", "k1", &asked).await.json();
    assert_eq!(
        (&payment["status"], &payment["capture"]["on"]),
        (&json!("authorised"), &json!("2026-11-23"))
    );
    let shop = program.house.hotel.shop.id;
    let job = db::jobs::Job {
        id: kernel::JobId::random(&kernel::rng::OsRng),
        merchant: program.house.hotel.scope.merchant(),
        mode: kernel::Mode::Test,
        shop,
        kind: crate::jobs::CAPTURE_DUE.into(),
        run_at: program.house.ctx.now(shop),
        payload: json!({"payment": payment["id"]}),
        attempts: 1,
    };
    let mut away = program.engine.clone();
    let urls = web::Urls { bank: "http://127.0.0.1:9".into(), ..(*away.ctx.urls).clone() };
    away.ctx.urls = std::sync::Arc::new(urls);
    assert!(away.run_job(&job).await.is_err(), "it is tried again later");
    assert_eq!(program.engine.run_job(&job).await, Ok(web::Next::Done));
    let path = format!("/v1/payments/{}", payment["id"].as_str().unwrap());
    assert_eq!(program.get(&path).await.json()["status"], "captured");
    let twice = program.engine.run_job(&job).await;
    assert_eq!(twice, Ok(web::Next::Done), "running it again captures nothing more");
}

#[tokio::test]
async fn p_154_p_155_every_member_of_the_published_shapes_is_there() {
    let program = Program::new().await;
    let paid = program.post("/v1/payments", "k1", &program.asked("ORDER-10")).await.json();
    let members = "id object mode shop point_of_sale channel order_ref typology amount currency \
        effective status counters capturable refundable allowed capture method card initiator \
        reason chain threeds guarantee risk decline attempts schedule remittance duplicated_from \
        late payer customer page_url metadata version created_at updated_at";
    let has = |value: &Value, members: &str| {
        for member in members.split_whitespace() {
            assert!(value.get(member).is_some(), "{member}: {value}");
        }
    };
    has(&paid, members);
    has(&paid["capture"], "mode on validation before trigger");
    has(
        &paid["card"],
        "id brand co_brands preferred_brand chosen_by bin last4 exp_month exp_year country \
         funding virtual",
    );
    has(&paid["chain"], "reference first");
    has(&paid["threeds"], "version asked flow result eci exemption");
    assert_eq!(paid["threeds"].as_object().unwrap().len(), 6, "{}", paid["threeds"]);
    has(
        &paid["counters"],
        "authorised voided expired capture_requested captured settled refund_pending refunded \
         disputed charged_back",
    );
    let path = format!("/v1/payments/{}/operations", paid["id"].as_str().unwrap());
    for operation in program.get(&path).await.json()["data"].as_array().unwrap() {
        let members =
            "id kind state amount code raw authorisation guarantee author source reason at";
        has(operation, members);
        has(&operation["raw"], "code network text");
        has(&operation["author"], "type id");
    }
}

#[tokio::test]
async fn p_31_a_channel_that_the_point_of_sale_does_not_list_is_refused() {
    let program = Program::new().await;
    let mut asked = program.asked("CH-1");
    asked["channel"] = json!("moto_terminal");
    let refused = program.post("/v1/payments", "k1", &asked).await;
    assert_eq!(code(&refused), (422, "channel_not_allowed".into()));
    assert_eq!(refused.json()["errors"][0]["path"], "$.channel");
    asked["channel"] = json!("mobile");
    assert_eq!(program.post("/v1/payments", "k2", &asked).await.status, 201);
}

#[tokio::test]
async fn v_18_a_card_page_for_somebody_elses_card_is_refused() {
    let program = Program::new().await;
    let foreign = kernel::CardToken::random(&kernel::rng::OsRng);
    let asked = json!({
        "purpose": "payment", "card": foreign, "return_url": "http://127.0.0.1:9000/back",
    });
    let refused = program.post("/v1/capture_sessions", "k1", &asked).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
    assert_eq!(refused.json()["errors"][0]["path"], "$.card");
}

#[tokio::test]
async fn p_17_under_a_clock_that_stands_still_the_bank_is_asked_by_real_time() {
    let program = Program::new().await;
    let mut asked = program.asked("STILL-1");
    asked["capture"] = json!("manual");
    let payment = program.post("/v1/payments", "k0", &asked).await.json();
    let path = format!("/v1/payments/{}", payment["id"].as_str().unwrap());
    let shop = program.house.hotel.shop.id;
    let still = program.house.ctx.now(shop);
    program.house.ctx.clocks.set(shop, web::ShopClock::Frozen(still));
    program.servers.bank.lock().unwrap().silence = true;
    let answer = program.post(&format!("{path}/capture"), "k1", &json!({})).await;
    assert_eq!(answer.json()["status"], "unknown");
    assert_eq!(program.engine.ask_by_real_time().await.unwrap(), 0, "five seconds are not over");
    program.house.clock.go_on(10);
    assert_eq!(program.engine.ask_by_real_time().await.unwrap(), 1);
    assert_eq!(program.get(&path).await.json()["status"], "captured");
    assert_eq!(program.engine.ask_by_real_time().await.unwrap(), 0, "and then no more");
    assert_eq!(program.house.ctx.now(shop), still);
}
