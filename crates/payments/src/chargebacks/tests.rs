//! Cases through the bank's sealed messages, the pages, the API and the clock.

use axum::body::Body;
use axum::http::header;
use db::Tx;
use db::outbox;
use identity::fixtures::pages::{Answer, As, get, request, send};
use kernel::{Mode, OperationId};
use serde_json::{Value, json};
use web::Worker;

use super::job_kind;
use crate::checkout::tests::house::{Desk, sent};
use crate::inbox;
use crate::payment::{Kind, Movement, OpState, Payment, Proof, Status, store};

const KEY: &str = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b";
const SALE: i64 = 16_800;

struct Scene {
    desk: Desk,
}

impl Scene {
    async fn open() -> Self {
        let mut desk = Desk::open().await;
        desk.shop.engine = desk.shop.engine.clone().with_notify_key(KEY);
        Self { desk }
    }

    async fn sale(&self, order_ref: &str) -> Payment {
        self.desk.shop.tried(order_ref, SALE, OpState::Success).await
    }

    /// The bank tells of a case, with a right seal.
    async fn told(&self, (event, state): (&str, &str), of: &Payment, minor: i64) -> u16 {
        let reference = of.last(Kind::Authorise).unwrap().id;
        let body = json!({
            "event": event, "case": format!("CBK-{}", of.order_ref), "ref": reference,
            "kind": "chargeback", "state": state, "amount": minor, "currency": "EUR",
            "network": "cb", "reason": {"code": "fraud", "family": "fraud"}, "fee": 1_500,
        });
        let body = body.to_string();
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[0x0b; 32]);
        let seal = aws_lc_rs::hmac::sign(&key, body.as_bytes());
        let seal: String = seal.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let request = request(As::Anyone, "POST", &inbox::api::path("sandbox"))
            .header(connectors::sandbox::notice::SEAL_HEADER, seal)
            .body(Body::from(body))
            .unwrap();
        let routes = inbox::api::routes(self.desk.shop.engine.clone());
        send(&routes, request).await.unwrap().status.as_u16()
    }

    async fn payment(&self, of: &Payment) -> Payment {
        let (scope, id) = (self.desk.shop.house.hotel.scope.clone(), of.id);
        let read = move |tx: &mut Tx<'_>| store::find(tx, &scope, id);
        self.desk.shop.house.ctx.db.read(read).await.unwrap().unwrap()
    }

    /// Status, disputed, charged back.
    async fn money(&self, of: &Payment) -> (Status, i64, i64) {
        let payment = self.payment(of).await;
        (payment.status, payment.counters.disputed, payment.counters.charged_back)
    }

    async fn events(&self) -> Vec<String> {
        let hotel = &self.desk.shop.house.hotel;
        let (scope, shop) = (hotel.scope.clone(), hotel.shop.id);
        let read = move |tx: &mut Tx<'_>| outbox::latest(tx, &scope, shop, None, 100);
        let all = self.desk.shop.house.ctx.db.read(read).await.unwrap();
        let kinds = all.into_iter().rev().map(|event| event.kind);
        kinds.filter_map(|kind| kind.strip_prefix("chargeback.").map(str::to_owned)).collect()
    }

    async fn books_are_whole(&self) {
        let merchant = self.desk.shop.house.hotel.scope.merchant();
        let read = move |tx: &mut Tx<'_>| crate::books::verify(tx, &[merchant], ledger::FIRST);
        let report = self.desk.shop.house.ctx.db.read(read).await.unwrap();
        assert!(report.ok, "{:?}", report.books);
    }

    async fn days_pass(&self, days: i64) {
        let (shop, ctx) = (&self.desk.shop, &self.desk.shop.house.ctx);
        let kinds = vec![job_kind(&shop.engine)];
        let worker = Worker::new(ctx.clone(), kinds, Vec::new(), Vec::new());
        let later = shop.now().plus_minutes(days * 1_440);
        worker.move_clocks(&[(shop.house.hotel.shop.id, later)]).await.unwrap();
    }

    async fn api(&self, method: &str, path: &str, body: Option<(&str, Value)>) -> Answer {
        let routes = crate::api_routes().with_state(self.desk.shop.engine.clone());
        let who = As::Key(&self.desk.shop.house.hotel.key);
        let Some((key, body)) = body else { return get(&routes, who, path).await.unwrap() };
        let request = request(who, method, path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key)
            .body(Body::from(body.to_string()))
            .unwrap();
        send(&routes, request).await.unwrap()
    }

    /// The only case, as programs see it.
    async fn case(&self) -> Value {
        let mut page = self.api("GET", "/v1/chargebacks", None).await.json();
        assert_eq!(page["data"].as_array().unwrap().len(), 1, "{page}");
        page["data"][0].take()
    }

    /// The page of the only case.
    async fn path(&self) -> String {
        format!("/caisse/impayes/{}", self.case().await["id"].as_str().unwrap())
    }
}

fn code(answer: &Answer) -> (u16, String) {
    let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code)
}

#[tokio::test]
async fn s_82_a_case_is_opened_once_answered_with_proof_and_won() {
    let scene = Scene::open().await;
    let sale = scene.sale("DOS-1").await;
    assert_eq!(scene.told(("evt_0", "won"), &sale, SALE).await, 500, "the opening comes again");
    assert_eq!(scene.told(("evt_1", "opened"), &sale, SALE).await, 200);
    assert_eq!(scene.told(("evt_1", "opened"), &sale, SALE).await, 200);
    assert_eq!(scene.told(("evt_2", "opened"), &sale, SALE).await, 200, "the same case again");
    assert_eq!(scene.money(&sale).await, (Status::Disputed, SALE, 0));
    let case = scene.case().await;
    assert_eq!((&case["amount"], &case["fee"]), (&json!(SALE), &json!(1_500)));
    assert_eq!((&case["state"], &case["over_disputed"]), (&json!("opened"), &json!(false)));
    let refund = json!({"amount": 100, "expected_refundable": 0});
    let path = format!("/v1/payments/{}/refunds", sale.id);
    let refused = scene.api("POST", &path, Some(("k1", refund))).await;
    assert_eq!(code(&refused), (409, "payment_disputed".into()));
    scene.books_are_whole().await;

    let path = scene.path().await;
    let tasks = scene.desk.get("/taches").await.text;
    assert!(tasks.contains(&path), "{tasks}");
    let payment = scene.desk.get(&format!("/caisse/{}", sale.id)).await.text;
    assert!(payment.contains(&path) && payment.contains("Impayé ouvert"), "{payment}");
    let page = scene.desk.get(&path).await.text;
    assert!(page.contains("15 jours restants") && page.contains("168,00"), "{page}");
    let empty = scene.desk.post(&format!("{path}/envoye"), &[("sent_on", "2020-01-01")]).await;
    assert_eq!(empty.status, 422, "{}", empty.text);
    assert!(empty.text.contains("entre l&#39;ouverture du dossier"), "{}", empty.text);
    let today = case["opened_on"].as_str().unwrap();
    scene.days_pass(1).await;
    let fields = [("sent_on", today), ("proof", "Facture F-17 et contrat signé")];
    let done = scene.desk.post(&format!("{path}/envoye"), &fields).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, path.as_str()));
    let again = scene.desk.post(&format!("{path}/accepter"), &[("sure", "oui")]).await;
    assert!(again.text.contains("dossier est figé"), "{}", again.text);
    assert!(scene.desk.get(&path).await.text.contains("Facture F-17"));
    assert!(scene.desk.get("/taches").await.text.contains("Rien à faire"));
    scene.days_pass(20).await;
    assert_eq!(scene.money(&sale).await.0, Status::Disputed, "the bank decides");

    assert_eq!(scene.told(("evt_3", "won"), &sale, SALE).await, 200);
    assert_eq!(scene.money(&sale).await, (Status::Captured, 0, 0));
    assert_eq!(scene.events().await, ["opened", "submitted", "won"]);
    scene.books_are_whole().await;
}

#[tokio::test]
async fn s_84_without_an_answer_it_expires_after_three_reminders_and_may_still_be_won() {
    let scene = Scene::open().await;
    let sale = scene.sale("DOS-2").await;
    scene.told(("evt_1", "opened"), &sale, SALE).await;
    scene.days_pass(9).await;
    assert_eq!(scene.events().await, ["opened", "deadline_near"]);
    scene.days_pass(4).await;
    assert_eq!(scene.money(&sale).await, (Status::Disputed, SALE, 0));
    scene.days_pass(3).await;
    let told = ["opened", "deadline_near", "deadline_near", "deadline_near", "lost"];
    assert_eq!(scene.events().await, told);
    assert_eq!(scene.case().await["state"], "expired");
    assert_eq!(scene.money(&sale).await, (Status::ChargedBack, 0, SALE));
    assert_eq!(scene.told(("evt_2", "lost"), &sale, SALE).await, 200, "known");
    scene.books_are_whole().await;
    assert_eq!(scene.told(("evt_3", "won"), &sale, SALE).await, 200);
    assert_eq!(scene.money(&sale).await, (Status::Captured, 0, 0));
    assert_eq!(scene.told(("evt_4", "lost"), &sale, SALE).await, 200, "a later round");
    assert_eq!(scene.money(&sale).await, (Status::Captured, 0, 0));
    let page = scene.desk.get(&format!("/caisse/{}", sale.id)).await.text;
    assert!(page.contains("Impayé récupéré"), "{page}");
    scene.books_are_whole().await;
}

#[tokio::test]
async fn s_83_what_had_been_given_back_before_is_posted_and_kept_beside_the_counters() {
    let scene = Scene::open().await;
    let sale = scene.sale("DOS-3").await;
    let (now, rng) = (scene.desk.shop.now(), scene.desk.shop.house.ctx.rng.clone());
    let id = OperationId::new(now, rng.as_ref());
    let asked = scene.desk.shop.change(&sale, move |payment| {
        payment.operations.push(sent(id, Kind::Refund, payment.money(3_000), now));
        payment.apply(Movement::RefundAsked(3_000)).unwrap();
    });
    asked.await;
    let refunded = scene.desk.shop.change(&sale, move |payment| {
        payment.settle(id, OpState::Success, Proof::Proven).unwrap();
    });
    refunded.await;
    scene.told(("evt_1", "opened"), &sale, SALE).await;
    assert_eq!(scene.money(&sale).await, (Status::Disputed, SALE - 3_000, 0));
    let case = scene.case().await;
    assert_eq!((&case["disputed"], &case["over_disputed"]), (&json!(13_800), &json!(true)));
    let page = scene.desk.get(&scene.path().await).await.text;
    assert!(page.contains("30,00") && page.contains("preuve du remboursement"), "{page}");
    let path = format!("/v1/chargebacks/{}", case["id"].as_str().unwrap());
    let given_up = scene.api("POST", &format!("{path}/accept"), Some(("k1", json!({})))).await;
    assert_eq!((given_up.status.as_u16(), &given_up.json()["state"]), (200, &json!("accepted")));
    assert_eq!(scene.money(&sale).await, (Status::ChargedBack, 0, SALE - 3_000));
    let again = scene.api("POST", &format!("{path}/accept"), Some(("k2", json!({})))).await;
    assert_eq!(code(&again), (409, "operation_not_allowed".into()));
    let replay = scene.api("POST", &format!("{path}/accept"), Some(("k1", json!({})))).await;
    assert_eq!(replay.json(), given_up.json());
    scene.books_are_whole().await;
}

#[tokio::test]
async fn s_96_programs_read_cases_and_answer_them_and_nobody_else_s() {
    let scene = Scene::open().await;
    let (one, two) = (scene.sale("DOS-4").await, scene.sale("DOS-5").await);
    scene.told(("evt_1", "opened"), &one, 5_000).await;
    assert_eq!(scene.told(("evt_2", "opened"), &two, SALE + 1).await, 200, "never debited");
    assert_eq!(scene.money(&two).await, (Status::Captured, 0, 0));
    let case = scene.case().await;
    let path = format!("/v1/chargebacks/{}", case["id"].as_str().unwrap());
    assert_eq!(scene.api("GET", &path, None).await.json(), case);
    let none = scene.api("GET", "/v1/chargebacks?state=won", None).await.json();
    assert_eq!(none, json!({"data": [], "next": null}));
    let of = format!("/v1/chargebacks?payment={}&limit=1", one.id);
    assert_eq!(scene.api("GET", &of, None).await.json()["next"], case["id"]);
    let wrong = scene.api("GET", "/v1/chargebacks?state=open", None).await;
    assert_eq!(code(&wrong), (422, "invalid_field".into()));
    let later = json!({"sent_on": "2199-01-01", "proof": "Facture"});
    let refused = scene.api("POST", &format!("{path}/submit"), Some(("k1", later))).await;
    assert_eq!(refused.json()["errors"][0]["path"], "$.sent_on");
    let proof = json!({"sent_on": case["opened_on"], "proof": "Facture F-17"});
    let sent = scene.api("POST", &format!("{path}/submit"), Some(("k2", proof.clone()))).await;
    assert_eq!(
        (&sent.json()["state"], &sent.json()["proof"]),
        (&json!("submitted"), &proof["proof"])
    );
    let twice = scene.api("POST", &format!("{path}/submit"), Some(("k3", proof))).await;
    assert_eq!(code(&twice), (409, "evidence_already_submitted".into()));
    scene.told(("evt_3", "lost"), &one, 5_000).await;
    assert_eq!(scene.money(&one).await, (Status::Captured, 0, 5_000), "a part is lost");
    assert_eq!(scene.payment(&one).await.counters.refundable(), SALE - 5_000);
    scene.books_are_whole().await;

    assert!(scene.desk.get("/caisse").await.text.contains("href=\"/caisse/impayes\""));
    let list = scene.desk.get("/caisse/impayes?etat=lost").await.text;
    assert!(list.contains("CBK-DOS-4") && list.contains("Perdu"), "{list}");
    assert!(scene.desk.get("/caisse/impayes?etat=won").await.text.contains("Aucun impayé"));
    let asked = scene.desk.post("/caisse/impayes/export", &[("format", "csv-virgule")]).await;
    let file = scene.desk.get(asked.location()).await.text;
    assert!(file.contains("CBK-DOS-4") && file.contains("Fraude (fraud)"), "{file}");
    let other =
        identity::scope::for_house(kernel::MerchantId::random(&kernel::rng::OsRng), Mode::Test);
    let id = case["id"].as_str().unwrap().parse().unwrap();
    let read = move |tx: &mut Tx<'_>| super::store::find(tx, &other, id);
    assert_eq!(scene.desk.shop.house.ctx.db.read(read).await.unwrap(), None);
}
