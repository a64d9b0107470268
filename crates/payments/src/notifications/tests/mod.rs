use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use db::outbox::NewEvent;
use db::{Route, Tx, outbox};
use http::outside::Outside;
use identity::fixtures::House;
use identity::fixtures::pages::{self, As};
use kernel::{EventId, Timestamp};
use serde_json::{Value, json};
use web::mail::{self, Sent};
use web::{Context, Slice, Worker};

use super::{Pump, api, pages as staff_pages, replay, subscriber};

mod rules;

const SLICES: &[Slice] = &[
    Slice { name: "ledger", migrations: ledger::MIGRATIONS, messages: &[], menu: &[] },
    Slice { name: "payments", migrations: crate::MIGRATIONS, messages: &[], menu: &[] },
    Slice { name: "notices", migrations: &[], messages: crate::notices::MESSAGES, menu: &[] },
    super::SLICE,
];

/// A message as a merchant's program got it.
#[derive(Debug, Clone)]
struct Got {
    id: String,
    sent: i64,
    signature: String,
    body: Value,
    text: String,
}

/// A merchant's program: keeps what it gets and answers as it is told.
#[derive(Clone)]
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
    answer: Arc<Mutex<(u16, &'static str)>>,
}

impl Receiver {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new((200, "merci")));
        let receiver = Self { url, got: Arc::default(), answer };
        let own = receiver.clone();
        let take = move |headers: HeaderMap, body: Bytes| {
            let answer = own.take(&headers, &body);
            async move { answer }
        };
        let routes = Router::new().route("/hooks", post(take));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        receiver
    }

    fn take(&self, headers: &HeaderMap, body: &Bytes) -> (StatusCode, String) {
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        let got = Got {
            id: header("webhook-id"),
            sent: header("webhook-timestamp").parse().unwrap(),
            signature: header("webhook-signature"),
            body: serde_json::from_slice(body).unwrap_or_default(),
            text: format!("{} {}", header("content-type"), String::from_utf8_lossy(body)),
        };
        self.got.lock().unwrap().push(got);
        let (status, text) = *self.answer.lock().unwrap();
        (StatusCode::from_u16(status).unwrap(), text.to_owned())
    }

    fn answers(&self, status: u16, text: &'static str) {
        *self.answer.lock().unwrap() = (status, text);
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

/// A house with a pump, a worker and one endpoint for everything.
struct Scene {
    house: House,
    worker: Worker,
    pump: Pump,
    receiver: Receiver,
    endpoint: String,
}

fn machinery(ctx: &Context) -> (Worker, Pump) {
    let pump = Pump::new(ctx.clone(), Outside::new().unwrap());
    let jobs = vec![replay::job_kind(ctx, pump.bell())];
    let subscribers = vec![subscriber(ctx, &pump)];
    let worker = Worker::new(ctx.clone(), jobs, subscribers, Vec::new());
    (worker.with_timetable(pump.timetable()), pump)
}

impl Scene {
    async fn open() -> Self {
        let house = House::new(&[SLICES]).await.unwrap();
        let (worker, pump) = machinery(&house.ctx);
        let receiver = Receiver::open().await;
        let mut scene = Self { house, worker, pump, receiver, endpoint: String::new() };
        let body = json!({"shop": scene.house.hotel.shop.id, "url": scene.receiver.url,
            "events": ["*"]});
        let made = scene.call("/v1/webhook_endpoints", &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert!(made.json()["secret"].as_str().unwrap().starts_with("whsec_"));
        scene.endpoint = made.json()["id"].as_str().unwrap().to_owned();
        scene
    }

    fn routes(&self) -> Router {
        let ctx = self.house.ctx.clone();
        let menu = identity::extract::Menu(super::SLICE.menu.into());
        api::routes()
            .merge(staff_pages::routes())
            .merge(identity::pages::routes())
            .with_state(ctx)
            .layer(axum::Extension(menu))
    }

    async fn call(&self, path: &str, body: &Value) -> pages::Answer {
        let key = As::Key(&self.house.hotel.key);
        pages::post_json(&self.routes(), key, path, body).await.unwrap()
    }

    async fn read(&self, path: &str) -> Value {
        let key = As::Key(&self.house.hotel.key);
        let answer = pages::get(&self.routes(), key, path).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    async fn deliveries(&self) -> Vec<Value> {
        let path = format!("/v1/webhook_endpoints/{}/deliveries", self.endpoint);
        self.read(&path).await["data"].as_array().unwrap().clone()
    }

    async fn happens(&self, kind: &'static str, body: Value) -> EventId {
        let hotel = &self.house.hotel;
        let (shop, scope) = (hotel.shop.id, hotel.scope.clone());
        let now = self.house.ctx.now(shop);
        let id = EventId::new(now, self.house.ctx.rng.as_ref());
        let event = NewEvent { id, kind, object: "pay_1".into(), shop, body };
        let emit = move |tx: &mut Tx<'_>| outbox::emit(tx, &scope, &event, now);
        self.house.ctx.db.write(Route::any(), emit).await.unwrap();
        id
    }

    /// Everything that is due now.
    async fn round(&self) {
        self.worker.round().await;
        self.pump.round().await;
    }

    async fn mails(&self) -> Vec<Sent> {
        self.house.ctx.db.read(|tx| mail::latest(tx, 50)).await.unwrap()
    }
}

#[tokio::test]
async fn p_127_p_129_an_event_reaches_its_endpoint_once_signed() {
    let scene = Scene::open().await;
    let body = json!({"id": "pay_1", "version": 3, "source": "desk"});
    let event = scene.happens("payment.captured", body).await;
    scene.round().await;
    scene.round().await;
    let got = scene.receiver.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].id, event.to_string());
    assert_eq!(got[0].sent, scene.house.ctx.real_now().as_seconds());
    assert!(got[0].signature.starts_with("v1,"));
    assert_eq!(got[0].body["data"], json!({"id": "pay_1", "version": 3}));
    let delivery = &scene.deliveries().await[0];
    assert_eq!((&delivery["state"], &delivery["tries"]), (&json!("delivered"), &json!(1)));
    let told = scene.read(&format!("/v1/events/{event}")).await;
    assert_eq!((&told["type"], &told["source"]), (&json!("payment.captured"), &json!("desk")));
    assert_eq!(scene.read("/v1/events?limit=1").await["data"][0]["id"], told["id"]);
}

#[tokio::test]
async fn p_127_both_secrets_sign_for_24_hours_after_a_rotation() {
    let scene = Scene::open().await;
    let path = format!("/v1/webhook_endpoints/{}/rotate", scene.endpoint);
    assert_eq!(scene.call(&path, &json!({})).await.status, 200);
    scene.happens("payment.created", json!({"id": "pay_1"})).await;
    scene.round().await;
    scene.house.clock.go_on(24 * 3_600);
    scene.happens("payment.created", json!({"id": "pay_1"})).await;
    scene.round().await;
    let signatures = |got: &Got| got.signature.split(' ').count();
    assert_eq!(scene.receiver.got().iter().map(signatures).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test]
async fn p_128_ten_tries_then_the_merchant_reads_why_and_sends_it_again() {
    let scene = Scene::open().await;
    scene.receiver.answers(500, "panne du serveur");
    let event = scene.happens("payment.captured", json!({"id": "pay_1", "version": 1})).await;
    scene.round().await;
    let start = scene.house.ctx.real_now();
    for _ in 0..400 {
        scene.house.clock.go_on(15 * 60);
        scene.round().await;
    }
    let got = scene.receiver.got();
    assert_eq!(got.len(), 10);
    assert!(got.iter().all(|one| one.id == event.to_string()), "the same id at every try");
    let whole = got[9].sent - start.as_seconds();
    assert!((68 * 3_600..86 * 3_600).contains(&whole), "{whole}");
    assert_eq!(scene.deliveries().await[0]["state"], "failed");
    let mails = scene.mails().await;
    let mail = mails.iter().find(|mail| mail.to == "bonjour@exemple.fr").unwrap();
    assert_eq!(mails.len(), 1, "one mail for one failure");
    assert!(mail.text.contains("500") && mail.text.contains("panne du serveur"), "{}", mail.text);
    assert!(mail.text.contains("ce paiement est un essai"), "{}", mail.text);
    let link = mail.link.clone().unwrap();
    let page = link.strip_prefix("http://127.0.0.1:7700").unwrap();
    let cookie = pages::sign_in(&scene.house, &scene.routes(), &scene.house.claire).await.unwrap();
    let staff = As::Browser(&cookie);
    let shown = pages::get(&scene.routes(), staff, page).await.unwrap().text;
    assert_eq!(shown.matches("panne du serveur").count(), 10);
    let action = shown.split("action=\"").find(|part| part.contains("/renvoyer?")).unwrap();
    let action = action.split('"').next().unwrap();
    scene.receiver.answers(204, "");
    let again = pages::post(&scene.routes(), staff, action, &[]).await.unwrap();
    assert_eq!(again.location(), page);
    scene.round().await;
    assert_eq!(scene.deliveries().await[0]["state"], "delivered");
    assert_eq!(scene.receiver.got().len(), 11);
}

#[tokio::test]
async fn p_128_gone_disables_and_five_days_of_failures_do() {
    let scene = Scene::open().await;
    scene.receiver.answers(410, "");
    scene.happens("hold.expired", json!({"id": "hold_1"})).await;
    scene.round().await;
    let path = format!("/v1/webhook_endpoints/{}", scene.endpoint);
    assert_eq!(scene.read(&path).await["state"], "gone");
    let mails = scene.mails().await;
    assert_eq!(mails.len(), 1);
    let text = &mails[0].text;
    assert!(text.contains("boutique de test") && !text.contains("ce paiement"), "{text}");

    let scene = Scene::open().await;
    let path = format!("/v1/webhook_endpoints/{}", scene.endpoint);
    scene.receiver.answers(302, "");
    for day in 0..6 {
        assert_eq!(scene.read(&path).await["state"], "enabled", "day {day}");
        scene.happens("payment.captured", json!({"id": "pay_1"})).await;
        scene.round().await;
        if day < 5 {
            scene.house.clock.go_on(86_400);
        }
    }
    assert_eq!(scene.read(&path).await["state"], "failing");
    let before = scene.receiver.got().len();
    scene.house.clock.go_on(86_400);
    scene.round().await;
    assert_eq!(scene.receiver.got().len(), before, "a stopped endpoint is left in peace");
}

#[tokio::test]
async fn p_161_a_moved_clock_makes_the_tries_on_its_way_each_at_its_instant() {
    let scene = Scene::open().await;
    scene.receiver.answers(503, "");
    scene.happens("payment.captured", json!({"id": "pay_1"})).await;
    let (shop, real) = (scene.house.hotel.shop.id, scene.house.ctx.real_now());
    scene.worker.move_clocks(&[(shop, real.plus_minutes(90 * 60))]).await.unwrap();
    let got = scene.receiver.got();
    assert_eq!(got.len(), 10, "the whole plan, before the call returned");
    assert!(got.iter().all(|one| one.sent == real.as_seconds()), "real time in the header");
    let now = scene.house.ctx.now(shop);
    let event = scene.deliveries().await[0]["event"].clone();
    let cookie = pages::sign_in(&scene.house, &scene.routes(), &scene.house.claire).await.unwrap();
    let path = format!("/parametres/webhooks/evenements/{}", event.as_str().unwrap());
    let shown = pages::get(&scene.routes(), As::Browser(&cookie), &path).await.unwrap().text;
    let id = scene.deliveries().await[0]["id"].as_str().unwrap().to_owned();
    let sent = scene.read(&format!("/v1/webhook_deliveries/{id}")).await;
    let last = sent["made"].as_array().unwrap().last().unwrap();
    let last = Timestamp::parse_rfc3339(last["at"].as_str().unwrap()).unwrap();
    assert!(last >= real.plus_minutes(68 * 60), "the last try is dated by the shop's clock");
    let paris = kernel::Zone::paris();
    let told = kernel::format::date_time(last, &paris, kernel::Locale::Fr);
    assert!(shown.contains(&told), "{told} is missing on the page");
    scene.receiver.answers(200, "");
    scene.happens("payment.expired", json!({"id": "pay_1"})).await;
    scene.round().await;
    let told = scene.receiver.got().pop().unwrap();
    assert_eq!(told.body["timestamp"], now.to_string());
    assert_eq!(told.sent, real.as_seconds());
}

#[tokio::test]
async fn q_22_two_processes_share_the_work_and_a_dead_one_loses_nothing() {
    let scene = Scene::open().await;
    for _ in 0..30 {
        scene.happens("payment.captured", json!({"id": "pay_1"})).await;
    }
    scene.worker.round().await;
    let (_, other) = machinery(&scene.house.ctx);
    tokio::join!(scene.pump.round(), other.round());
    let mut ids: Vec<String> = scene.receiver.got().into_iter().map(|got| got.id).collect();
    assert_eq!(ids.len(), 30);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 30, "each once");

    let event = scene.happens("payment.captured", json!({"id": "pay_1"})).await;
    scene.worker.round().await;
    let (scope, now) = (scene.house.hotel.scope.clone(), scene.house.ctx.real_now());
    let endpoint = scene.endpoint.parse().unwrap();
    let dies = move |tx: &mut Tx<'_>| {
        super::deliveries::store::claim(tx, &scope, endpoint, (now, now.plus_seconds(20)), 9)
    };
    assert_eq!(scene.house.ctx.db.write(Route::any(), dies).await.unwrap().len(), 1);
    scene.round().await;
    assert_eq!(scene.receiver.got().len(), 30, "somebody else may still be at it");
    scene.house.clock.go_on(21);
    scene.round().await;
    assert_eq!(scene.receiver.got().pop().unwrap().id, event.to_string());
}

#[tokio::test]
async fn p_129_everything_since_an_instant_is_sent_again() {
    let scene = Scene::open().await;
    scene.happens("payment.created", json!({"id": "pay_1"})).await;
    scene.round().await;
    scene.house.clock.go_on(3_600);
    let since = scene.house.ctx.real_now();
    let path = format!("/v1/webhook_endpoints/{}", scene.endpoint);
    let off = json!({"enabled": false});
    let request = pages::request(As::Key(&scene.house.hotel.key), "PATCH", &path);
    let request = request.header("content-type", "application/json");
    let request = request.body(off.to_string().into()).unwrap();
    assert_eq!(pages::send(&scene.routes(), request).await.unwrap().json()["state"], "disabled");
    let missed = scene.happens("payment.captured", json!({"id": "pay_1"})).await;
    scene.happens("refund.done", json!({"id": "pay_1"})).await;
    scene.round().await;
    assert_eq!(scene.receiver.got().len(), 1, "a stopped endpoint hears nothing");
    let on = json!({"enabled": true});
    let request = pages::request(As::Key(&scene.house.hotel.key), "PATCH", &path);
    let request = request.body(on.to_string().into()).unwrap();
    assert_eq!(pages::send(&scene.routes(), request).await.unwrap().status, 200);
    let wish = json!({"since": since.to_string(), "events": ["payment.*"]});
    assert_eq!(scene.call(&format!("{path}/replay"), &wish).await.status, 202);
    scene.round().await;
    let got: Vec<String> = scene.receiver.got().into_iter().map(|got| got.id).collect();
    assert_eq!(got.len(), 2);
    assert_eq!(got[1], missed.to_string(), "neither older ones nor other kinds");
}

#[tokio::test]
async fn p_128_what_ended_long_ago_is_forgotten_and_what_is_under_way_stays() {
    let scene = Scene::open().await;
    scene.happens("payment.captured", json!({"id": "pay_1"})).await;
    scene.round().await;
    scene.receiver.answers(503, "");
    scene.happens("payment.expired", json!({"id": "pay_1"})).await;
    scene.round().await;
    let ctx = &scene.house.ctx;
    assert_eq!(super::purge::round(ctx, 30).await.unwrap(), 0);
    scene.house.clock.go_on(30 * 86_400 + 1);
    assert_eq!(super::purge::round(ctx, 30).await.unwrap(), 1);
    let left = scene.deliveries().await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["state"], "waiting");
}

#[tokio::test]
async fn p_127_wrong_endpoints_are_refused_with_their_cure() {
    let scene = Scene::open().await;
    for (body, status, code, at) in [
        (json!({"url": "ftp://a/", "events": ["*"]}), 422, "invalid_field", "$.url"),
        (
            json!({"url": "http://169.254.169.254/", "events": ["*"]}),
            422,
            "private_address",
            "$.url",
        ),
        (
            json!({"url": "http://127.0.0.1/", "events": ["payment.capured"]}),
            422,
            "invalid_field",
            "$.events[0]",
        ),
        (json!({"events": ["*"]}), 422, "invalid_field", "$.url"),
        (json!({"url": "http://127.0.0.1/", "event": ["*"]}), 422, "invalid_field", "$.events"),
        (
            json!({"shop": scene.house.museum.shop.id, "url": "http://127.0.0.1/", "events": ["*"]}),
            404,
            "not_found",
            "",
        ),
    ] {
        let answer = scene.call("/v1/webhook_endpoints", &body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (status, &json!(code)),
            "{body}"
        );
        let paths = answer.json()["errors"].to_string();
        assert!(paths.contains(at), "{at} in {paths}");
    }
    let live = super::endpoints::address("http://127.0.0.1:9/", kernel::Mode::Live);
    assert!(live.is_err(), "{live:?}");
}

#[tokio::test]
async fn p_128_the_pages_make_try_and_show_an_endpoint() {
    let scene = Scene::open().await;
    let cookie = pages::sign_in(&scene.house, &scene.routes(), &scene.house.claire).await.unwrap();
    let (routes, staff) = (scene.routes(), As::Browser(&cookie));
    let fields = [
        ("form_token", "once"),
        ("url", scene.receiver.url.as_str()),
        ("description", "PMS"),
        ("events", "desk"),
    ];
    let there = pages::post(&routes, staff, "/parametres/webhooks/nouveau", &fields).await.unwrap();
    let again = pages::post(&routes, staff, "/parametres/webhooks/nouveau", &fields).await.unwrap();
    assert_eq!(there.location(), again.location(), "a second click makes no second address");
    let path = there.location().to_owned();
    let list = pages::get(&routes, staff, "/parametres/webhooks").await.unwrap().text;
    assert!(list.contains("PMS") && list.contains("Mouvement à la caisse"), "{list}");
    let tried = [("form_token", "try")];
    pages::post(&routes, staff, &format!("{path}/essai"), &tried).await.unwrap();
    scene.round().await;
    let got = scene.receiver.got();
    assert_eq!(got.len(), 1, "only the endpoint that is tried out hears of it");
    assert_eq!(got[0].body["type"], "webhook.test");
    let shown = pages::get(&routes, staff, &path).await.unwrap().text;
    assert!(shown.contains("Essai") && shown.contains("Remis"), "{shown}");
    let secret = pages::post(&routes, staff, &format!("{path}/secret"), &[]).await.unwrap().text;
    assert!(secret.contains("whsec_"));
    let private = [("form_token", "x"), ("url", "http://0.0.0.0/"), ("events", "all")];
    let refused = pages::post(&routes, staff, "/parametres/webhooks/nouveau", &private).await;
    let refused = refused.unwrap();
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("est privée"), "{}", refused.text);
    let malik = pages::sign_in(&scene.house, &routes, &scene.house.malik).await.unwrap();
    let denied = pages::get(&routes, As::Browser(&malik), &path).await.unwrap();
    assert_eq!(denied.status, 403);
}
