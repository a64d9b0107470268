use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Config, serve};

const APP: &str = "http://127.0.0.1:7700";
const BACK: &str = "http://127.0.0.1:7700/p/token/3ds/retour";
const CALM: &str = "4970100100000005";
/// What a client waits for an answer in these tests.
const PATIENCE: Duration = Duration::from_millis(600);

struct TestBank {
    address: std::net::SocketAddr,
    end: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }
}

impl TestBank {
    async fn start(folder: &Path) -> Self {
        Self::start_as(folder, true).await
    }

    async fn start_as(folder: &Path, demo: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Config {
            listen: address,
            public_url: format!("http://{address}"),
            data_dir: folder.to_owned(),
            app_origin: APP.into(),
            demo,
            notify: None,
        };
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let ended = async move {
                let _ = ended.await;
            };
            serve(config, listener, ended).await.unwrap();
        });
        Self { address, end: Some(end), running }
    }

    async fn stop(mut self) {
        drop(self.end.take());
        self.running.await.unwrap();
    }

    /// One exchange; `None` when the line is cut or the client loses patience.
    async fn send(&self, head: &str, body: &str) -> Option<Reply> {
        let exchange = async {
            let mut stream = TcpStream::connect(self.address).await.ok()?;
            let length = body.len();
            let text = format!(
                "{head}\r\nHost: bank\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            stream.write_all(text.as_bytes()).await.ok()?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.ok()?;
            let answer = String::from_utf8(answer).ok()?;
            let (head, body) = answer.split_once("\r\n\r\n")?;
            let status = head.split(' ').nth(1)?.parse().ok()?;
            Some(Reply { status, head: head.to_lowercase(), body: body.to_owned() })
        };
        tokio::time::timeout(PATIENCE, exchange).await.ok().flatten()
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(&format!("GET {path} HTTP/1.1"), "").await.unwrap()
    }

    async fn try_post(&self, path: &str, body: &Value) -> Option<Reply> {
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/json");
        self.send(&head, &body.to_string()).await
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        self.try_post(path, body).await.unwrap()
    }

    async fn choose(&self, page: &str, choice: &str) -> Reply {
        let head =
            format!("POST {page} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded");
        self.send(&head, &format!("choice={choice}")).await.unwrap()
    }

    async fn authenticate(&self, reference: &str, pan: &str, challenge: &str) -> Value {
        let body = json!({ "ref": reference, "amount": 10_080, "currency": "EUR", "pan": pan,
            "exp": "0399", "challenge": challenge, "return_url": BACK });
        let reply = self.post("/api/authentications", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.json()
    }

    async fn authorise(&self, reference: &str, pan: &str, more: Value) -> Value {
        let reply = self.post("/api/authorisations", &authorisation(reference, pan, more)).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.json()
    }

    async fn query(&self, reference: &str, age: i64) -> Reply {
        self.get(&format!("/api/operations?ref={reference}&kind=authorise&age={age}")).await
    }

    async fn order_fault(&self, word: &str) {
        assert_eq!(self.post("/api/fault", &json!({ "next": word })).await.status, 200);
    }

    /// What the bank really did, as (kind, amount, state).
    async fn books(&self) -> Vec<(String, i64, String)> {
        let all = self.get("/operations.json").await.json();
        let line = |o: &Value| {
            let text = |name: &str| o[name].as_str().unwrap().to_owned();
            (text("kind"), o["amount"].as_i64().unwrap(), text("state"))
        };
        all.as_array().unwrap().iter().map(line).collect()
    }
}

fn authorisation(reference: &str, pan: &str, more: Value) -> Value {
    let mut body = json!({ "ref": reference, "amount": 10_080, "currency": "EUR", "pan": pan,
        "exp": "0399", "code": "123", "initiator": "payer", "chain": "", "authentication": "",
        "capture": "later" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn line(kind: &str, amount: i64, state: &str) -> (String, i64, String) {
    (kind.into(), amount, state.into())
}

#[tokio::test]
async fn a_calm_card_is_authorised_and_captured_in_one_step() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let proof = bank.authenticate("op_1", CALM, "none").await;
    assert_eq!((&proof["result"], &proof["eci"]), (&json!("Y"), &json!("05")));
    let more = json!({ "authentication": proof["id"], "capture": "now" });
    let answer = bank.authorise("op_2", CALM, more.clone()).await;
    assert_eq!((&answer["outcome"], &answer["code"]), (&json!("approved"), &json!("00")));
    assert_eq!(answer["network"], "cb");
    let both = [line("authorise", 10_080, "approved"), line("capture", 10_080, "approved")];
    assert_eq!(bank.books().await, both);

    // The same reference gets the first answer and moves nothing; the repeat is counted.
    assert_eq!(bank.authorise("op_2", CALM, more).await, answer);
    assert_eq!(bank.books().await, both);
    assert_eq!(bank.query("op_2", 1).await.json()["repeats"], 1);
    let other = authorisation("op_2", CALM, json!({ "amount": 10_081 }));
    assert_eq!(bank.post("/api/authorisations", &other).await.status, 409);
    bank.stop().await;
}

#[tokio::test]
async fn p_86_the_holder_decides_once_on_the_banks_page() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let asked = bank.authenticate("op_1", "4970100100001003", "none").await;
    assert_eq!(asked["result"], "C");
    let url = asked["challenge_url"].as_str().unwrap();
    let page = url.strip_prefix(&format!("http://{}", bank.address)).unwrap();

    let fr = bank.get(page).await;
    for words in ["100,80", "Valider", "Refuser", "Abandonner", "Attendre 10 min", "1003"] {
        assert!(fr.body.contains(words), "{words} in {}", fr.body);
    }
    assert!(!fr.body.contains("49701001") && !fr.body.contains("style="));
    assert!(fr.head.contains(&format!("form-action 'self' {APP};")), "{}", fr.head);
    assert!(fr.head.contains(&format!("frame-ancestors {APP};")));
    let en = bank.send(&format!("GET {page} HTTP/1.1\r\nAccept-Language: en-GB"), "").await;
    assert!(en.unwrap().body.contains("Approve"));
    assert!(bank.get(&format!("{page}?lang=en")).await.body.contains("€100.80"));

    // Undecided: an authorisation that cites it is not accepted.
    let early = bank.authorise("op_2", CALM, json!({ "authentication": asked["id"] })).await;
    assert_eq!(early["outcome"], "declined");

    for choice in ["approve", "refuse", "approve"] {
        let reply = bank.choose(page, choice).await;
        assert_eq!(reply.status, 303);
        assert!(reply.head.contains(&format!("location: {BACK}")));
    }
    let path = format!("/api/authentications/{}", asked["id"].as_str().unwrap());
    let decided = bank.get(&path).await.json();
    assert_eq!((&decided["result"], &decided["flow"]), (&json!("Y"), &json!("challenge")));
    assert!(bank.get(page).await.body.contains("Vous avez validé"));
    assert_eq!(bank.get("/3ds/00000000000000000000000000").await.status, 404);
    bank.stop().await;
}

#[tokio::test]
async fn p_163_each_button_and_digit_has_its_result() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let with_digit = |a: u8| {
        let start = format!("497010010000{a}00");
        (0..10)
            .map(|check| format!("{start}{check}"))
            .find(|pan| crate::cards::find(pan).is_some())
            .unwrap()
    };
    let directory = ["Y", "C", "A", "N", "U", "R", "C", "not_enrolled", "timeout"];
    for (a, result) in (0_u8..).zip(directory) {
        let answer = bank.authenticate(&format!("d{a}"), &with_digit(a), "none").await;
        assert_eq!(answer["result"], result, "3-D Secure digit {a}");
    }
    assert_eq!(bank.authenticate("m0", CALM, "mandate").await["result"], "C");
    assert_eq!(bank.authenticate("v", "4000002500003155", "none").await["result"], "C");

    let buttons = [
        (1, "refuse", "N"),
        (1, "cancel", "cancelled"),
        (1, "wait", "timeout"),
        (6, "approve", "N"),
    ];
    for (n, (digit, choice, result)) in buttons.into_iter().enumerate() {
        let asked = bank.authenticate(&format!("b{n}"), &with_digit(digit), "none").await;
        let id = asked["id"].as_str().unwrap();
        assert_eq!(bank.choose(&format!("/3ds/{id}"), choice).await.status, 303);
        let decided = bank.get(&format!("/api/authentications/{id}")).await.json();
        assert_eq!(decided["result"], result, "{choice}");
        let more = json!({ "authentication": id });
        let refused = bank.authorise(&format!("a{n}"), &with_digit(digit), more).await;
        assert_eq!(refused["outcome"], "declined");
    }
    bank.stop().await;
}

#[tokio::test]
async fn a_soft_decline_is_accepted_after_a_challenge_without_the_code() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let pan = "4970100100000815";
    let calm = bank.authenticate("op_1", pan, "none").await;
    let soft = bank.authorise("op_2", pan, json!({ "authentication": calm["id"] })).await;
    assert_eq!((&soft["outcome"], &soft["code"]), (&json!("declined"), &json!("81")));
    let asked = bank.authenticate("op_3", pan, "mandate").await;
    let id = asked["id"].as_str().unwrap();
    bank.choose(&format!("/3ds/{id}"), "approve").await;
    let more = json!({ "authentication": id, "code": "" });
    let answer = bank.authorise("op_4", pan, more).await;
    assert_eq!(answer["outcome"], "approved");

    // Later, the merchant charges the same card under that chain, and only that card.
    let chained = json!({ "initiator": "merchant", "chain": answer["chain"], "code": "" });
    assert_eq!(bank.authorise("op_5", pan, chained.clone()).await["outcome"], "approved");
    assert_eq!(bank.authorise("op_6", CALM, chained).await["code"], "81");
    // A proof serves the card and the amount it was given for.
    let dearer = json!({ "authentication": id, "amount": 10_081 });
    assert_eq!(bank.authorise("op_7", pan, dearer).await["code"], "81");
    bank.stop().await;
}

#[tokio::test]
async fn p_17_a_silent_bank_tells_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    for (reference, pan, state) in
        [("op_1", "4970100100000989", "approved"), ("op_2", "4970100100000971", "declined")]
    {
        let body = authorisation(reference, pan, json!({ "capture": "now" }));
        assert!(bank.try_post("/api/authorisations", &body).await.is_none(), "no answer");
        assert_eq!(bank.query(reference, 1).await.json()["state"], state);
    }
    assert_eq!(bank.query("op_never", 1).await.status, 404);

    // Held lines do not hold up the end of the process.
    let body = authorisation("op_3", "4970100100000989", json!({}));
    let held = bank.try_post("/api/authorisations", &body);
    assert!(held.await.is_none());
    tokio::time::timeout(Duration::from_secs(3), bank.stop()).await.unwrap();
}

#[tokio::test]
async fn p_164_an_ordered_fault_strikes_once() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    bank.order_fault("51").await;
    assert_eq!(bank.authorise("op_1", CALM, json!({})).await["code"], "51");
    let ok = bank.authorise("op_2", CALM, json!({ "capture": "now" })).await;
    assert_eq!(ok["code"], "00");

    // Cut: nothing is done, and the bank does not know the reference.
    bank.order_fault("cut").await;
    let body = authorisation("op_3", CALM, json!({}));
    let before = std::time::Instant::now();
    assert!(bank.try_post("/api/authorisations", &body).await.is_none());
    assert!(before.elapsed() < PATIENCE, "cut at once");
    assert_eq!(bank.query("op_3", 1).await.status, 404);

    // Late success: pending until 15 minutes have passed for the one who asks.
    bank.order_fault("late_success").await;
    let body = authorisation("op_4", CALM, json!({ "capture": "now" }));
    assert!(bank.try_post("/api/authorisations", &body).await.is_none());
    assert_eq!(bank.query("op_4", 899).await.json()["state"], "pending");
    let late = bank.query("op_4", 900).await.json();
    assert_eq!((&late["state"], &late["captured"]), (&json!("approved"), &json!(10_080)));
    assert_eq!(bank.query("op_4", 900).await.json(), late);
    let captured = bank.books().await.into_iter().filter(|l| l.0 == "capture").count();
    assert_eq!(captured, 2, "op_2 and op_4, once each");

    bank.order_fault("refund_refused").await;
    let refund = |reference: &str| json!({ "ref": reference, "authorisation": ok["authorisation"], "amount": 500 });
    assert_eq!(bank.post("/api/refunds", &refund("op_5")).await.json()["outcome"], "declined");
    assert_eq!(bank.post("/api/refunds", &refund("op_6")).await.json()["outcome"], "approved");
    bank.order_fault("silence").await;
    assert!(bank.try_post("/api/refunds", &refund("op_7")).await.is_none());
    let found = bank.get("/api/operations?ref=op_7&kind=refund").await.json();
    assert_eq!(found["state"], "approved");
    assert_eq!(bank.post("/api/fault", &json!({ "next": "earthquake" })).await.status, 422);
    bank.stop().await;
}

#[tokio::test]
async fn never_more_is_taken_released_or_given_back_than_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let number = bank.authorise("op_1", CALM, json!({})).await["authorisation"].clone();
    let ask = |reference: &str, amount: i64| json!({ "ref": reference, "authorisation": number, "amount": amount });
    let outcome = async |path: &str, body: &Value| {
        let answer = bank.post(path, body).await.json();
        (answer["code"].as_str().unwrap().to_owned(), answer["amount"].as_i64().unwrap())
    };
    assert_eq!(outcome("/api/refunds", &ask("r0", 1)).await.0, "13");
    assert_eq!(outcome("/api/captures", &ask("c1", 5_000)).await.0, "00");
    assert_eq!(outcome("/api/captures", &ask("c1", 5_000)).await.0, "00");
    assert_eq!(outcome("/api/captures", &ask("c2", 5_081)).await.0, "13");
    let void = json!({ "ref": "v1", "authorisation": number });
    assert_eq!(outcome("/api/voids", &void).await, ("00".into(), 5_080));
    let again = json!({ "ref": "v2", "authorisation": number });
    assert_eq!(outcome("/api/voids", &again).await.0, "12");
    assert_eq!(outcome("/api/refunds", &ask("r1", 3_000)).await.0, "00");
    assert_eq!(outcome("/api/refunds", &ask("r2", 2_001)).await.0, "13");
    assert_eq!(outcome("/api/refunds", &ask("r3", 2_000)).await.0, "00");
    let strange = json!({ "ref": "r4", "authorisation": "nobody", "amount": 1 });
    assert_eq!(bank.post("/api/refunds", &strange).await.status, 422);
    bank.stop().await;
}

#[tokio::test]
async fn books_survive_a_restart_and_hold_no_card_number() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let asked = bank.authenticate("op_1", "4970100100001003", "none").await;
    let id = asked["id"].as_str().unwrap().to_owned();
    let first = bank.authorise("op_2", CALM, json!({ "capture": "now" })).await;
    bank.order_fault("51").await;
    bank.stop().await;

    let bank = TestBank::start(folder.path()).await;
    assert_eq!(bank.choose(&format!("/3ds/{id}"), "approve").await.status, 303);
    assert_eq!(bank.authorise("op_2", CALM, json!({ "capture": "now" })).await, first);
    assert_eq!(bank.books().await.len(), 2);
    let chained = json!({ "initiator": "merchant", "chain": first["chain"], "code": "" });
    assert_eq!(bank.authorise("op_3", CALM, chained.clone()).await["code"], "51");
    assert_eq!(bank.authorise("op_4", CALM, chained).await["code"], "00");
    assert!(bank.get("/").await.body.contains("49701001••••0005"));

    let digits: [&[u8]; 2] = [CALM.as_bytes(), b"4970100100001003"];
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let holds = |pan: &[u8]| bytes.windows(pan.len()).any(|window| window == pan);
        assert!(!digits.iter().any(|pan| holds(pan)));
    }
    bank.stop().await;
}

#[tokio::test]
async fn outside_the_demo_books_and_faults_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start_as(folder.path(), false).await;
    assert_eq!(bank.get("/health").await.status, 200);
    assert_eq!(bank.get("/operations.json").await.status, 404);
    assert_eq!(bank.get("/").await.status, 404);
    assert_eq!(bank.post("/api/fault", &json!({ "next": "51" })).await.status, 404);
    let asked = bank.authenticate("op_1", "4970100100001003", "none").await;
    let page = bank.get(&format!("/3ds/{}", asked["id"].as_str().unwrap())).await;
    assert!(page.head.contains("frame-ancestors 'none'"));
    bank.stop().await;
}

#[tokio::test]
async fn wrong_messages_are_refused_and_do_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let wrong = [
        json!({ "amount": 0, "capture": "now" }),
        json!({ "amount": "12,3" }),
        json!({ "currency": "euro" }),
        json!({ "pan": "4970 1001 0000 0005" }),
        json!({ "exp": "13/99" }),
        json!({ "ref": "a b" }),
        json!({ "initiator": "thief" }),
        json!({ "capture": 3 }),
    ];
    for more in wrong {
        let body = authorisation("op_1", CALM, more.clone());
        let reply = bank.post("/api/authorisations", &body).await;
        assert_eq!(reply.status, 422, "{more}");
        assert!(!reply.body.contains("4970"), "{}", reply.body);
    }
    let abroad = json!({ "ref": "op_1", "amount": 100, "currency": "EUR", "pan": CALM,
        "exp": "0399", "challenge": "none", "return_url": "http://127.0.0.1:77001/p" });
    assert_eq!(bank.post("/api/authentications", &abroad).await.status, 422);
    let head = "POST /api/authorisations HTTP/1.1\r\nContent-Type: application/json";
    assert_eq!(bank.send(head, "{\"ref\"").await.unwrap().status, 400);
    let cross = "GET /operations.json HTTP/1.1\r\nSec-Fetch-Site: cross-site";
    assert_eq!(bank.send(cross, "").await.unwrap().status, 403);
    assert_eq!(bank.authorise("op_2", CALM, json!({ "code": "999" })).await["code"], "82");
    assert_eq!(bank.authorise("op_3", CALM, json!({ "exp": "01/20" })).await["code"], "54");
    assert_eq!(bank.authorise("op_4", CALM, json!({ "amount": "250" })).await["amount"], 250);
    bank.stop().await;
}

#[tokio::test]
async fn v_43_an_account_check_of_amount_zero_reserves_and_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let nothing = json!({ "amount": 0, "capture": "later" });
    let good = bank.authorise("vrf_1", CALM, nothing.clone()).await;
    assert_eq!((&good["outcome"], &good["amount"]), (&json!("approved"), &json!(0)));
    let again = bank.authorise("vrf_1", CALM, nothing).await;
    assert_eq!(again["id"], good["id"], "the same reference gets the first answer");
    assert_eq!(bank.books().await, [line("authorise", 0, "approved")]);
    bank.stop().await;
}

#[tokio::test]
async fn p_164_a_sale_is_contested_once_decided_and_each_step_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let order = json!({ "next": "chargeback" });
    assert_eq!(bank.post("/api/fault", &order).await.status, 409, "nothing was debited");
    bank.authorise("op_1", CALM, json!({ "capture": "now" })).await;
    bank.authorise("op_2", CALM, json!({})).await;
    let opened = bank.post("/api/fault", &order).await.json();
    let case = &opened["case"];
    assert_eq!((&case["ref"], &case["amount"]), (&json!("op_1"), &json!(10_080)));
    assert_eq!(bank.post("/api/chargebacks", &json!({ "ref": "op_1" })).await.status, 409);
    let path = format!("/api/chargebacks/{}", case["case"].as_str().unwrap());
    for (outcome, status) in [("maybe", 422), ("lost", 200), ("lost", 409), ("won", 200)] {
        let answer = bank.post(&path, &json!({ "outcome": outcome })).await;
        assert_eq!(answer.status, status, "{outcome}: {}", answer.body);
    }
    let told = bank.get("/notifications.json").await.json();
    let told = told.as_array().unwrap().iter().filter_map(|notice| notice["body"].as_str());
    let told: Vec<Value> = told.map(|body| serde_json::from_str(body).unwrap()).collect();
    for state in ["opened", "lost", "won"] {
        let same = |body: &&Value| body["kind"] == "chargeback" && body["state"] == state;
        assert_eq!(told.iter().filter(same).count(), 1, "{state}: {told:?}");
    }
    let page = bank.get("/?lang=fr").await.body;
    assert!(page.contains("Gagné par le commerçant") && !page.contains("[bank"), "{page}");
    bank.stop().await;
}

#[tokio::test]
async fn p_161_what_people_see_at_the_bank_goes_by_the_clock_of_who_asks() {
    let folder = tempfile::tempdir().unwrap();
    let bank = TestBank::start(folder.path()).await;
    let body = json!({ "ref": "op_1", "amount": 10_080, "currency": "EUR", "exp": "0731",
        "pan": "4970100100001003", "challenge": "none", "return_url": BACK,
        "local_time": "2031-06-15T07:00:00Z" });
    let asked = bank.post("/api/authentications", &body).await.json();
    let url = asked["challenge_url"].as_str().unwrap().to_owned();
    let page = url.strip_prefix(&format!("http://{}", bank.address)).unwrap();
    let shown = bank.get(page).await.body;
    assert!(shown.contains("15/06/2031 09:00"), "{shown}");
    // Its own clock, by which a challenge lapses, is another one.
    assert_eq!(bank.choose(page, "approve").await.status, 303);

    let at = |instant: &str| json!({ "exp": "0731", "local_time": instant, "capture": "now" });
    let ok = bank.authorise("op_2", CALM, at("2031-07-31T21:00:00Z")).await;
    assert_eq!(ok["code"], "00", "the last day of the card");
    let late = bank.authorise("op_3", CALM, at("2031-07-31T23:00:00Z")).await;
    assert_eq!(late["code"], "54", "the next month has begun in Paris");
    let refund = json!({ "ref": "op_4", "authorisation": ok["authorisation"], "amount": 500,
        "local_time": "2031-08-02T07:00:00Z" });
    assert_eq!(bank.post("/api/refunds", &refund).await.json()["outcome"], "approved");
    let books = bank.get("/operations.json").await.json();
    let line = |o: &Value| format!("{} {}", o["kind"], &o["at"].as_str().unwrap()[..10]);
    let told: Vec<String> = books.as_array().unwrap().iter().map(line).collect();
    let expected =
        ["authorise 2031-07-31", "capture 2031-07-31", "authorise 2031-07-31", "refund 2031-08-02"];
    assert_eq!(told.iter().map(|line| line.replace('"', "")).collect::<Vec<_>>(), expected);
    bank.stop().await;
}
