//! A running demo: `guichet demo --json` on free ports, its API and its truth.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use db::Place;
use serde_json::{Value, json};

use crate::described::{self, Origin, Seen};

/// Longest wait for something that happens by itself.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A demo that ends with this value.
pub(crate) struct Demo {
    child: Child,
    /// Remembers the schema on a server, when there is one.
    _database: tempfile::TempDir,
    /// What `--json` printed.
    pub(crate) about: Value,
}

/// An answer of the API.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) replayed: bool,
    pub(crate) kind: Option<String>,
    pub(crate) text: String,
}

impl Demo {
    /// A fresh demo.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// With people, rooms and prices alone.
    pub(crate) fn start_with(args: &[&str]) -> Self {
        Self::start_town(&[&["--bare"], args].concat())
    }

    /// With everything the arguments ask for.
    pub(crate) fn start_town(args: &[&str]) -> Self {
        Self::run(args, |command| command)
    }

    /// A fresh demo that tells much, in a file.
    pub(crate) fn start_logged(log: std::fs::File) -> Self {
        Self::run(&["--bare"], |command| command.env("GUICHET_LOG", "debug").stderr(log))
    }

    fn run(args: &[&str], dress: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let port = free_port();
        let database = tempfile::tempdir().unwrap();
        // What is kept in a folder is resumed from the same schema.
        let kept = args.iter().skip_while(|arg| **arg != "--keep").nth(1);
        let folder = kept.map_or(database.path(), Path::new);
        let (place, tables) = (server(folder, "app.db"), server(folder, "vault.db"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command
            .args(["demo", "--json", "--port", &port.to_string()])
            .args(place.iter().flat_map(|url| ["--database", url]))
            .args(tables.iter().flat_map(|url| ["--vault-database", url]))
            .args(args)
            .stdout(Stdio::piped());
        let mut child = dress(&mut command).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let about = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line:?}"));
        Self { child, _database: database, about }
    }

    pub(crate) fn app(&self) -> &str {
        self.about["app"].as_str().unwrap()
    }

    pub(crate) fn bank(&self) -> &str {
        self.about["bank"].as_str().unwrap()
    }

    pub(crate) fn config(&self) -> PathBuf {
        PathBuf::from(self.about["config"].as_str().unwrap())
    }

    /// Merchant 0 is the hotel, 1 the museum.
    pub(crate) fn merchant(&self, place: usize) -> &Value {
        &self.about["merchants"][place]
    }

    pub(crate) fn api_key(&self, place: usize) -> &str {
        self.merchant(place)["api_key"].as_str().unwrap()
    }

    /// Calls the API with the hotel's key.
    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.call_as(self.api_key(0), ("POST", path), Some(key), Some(body))
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.call_as(self.api_key(0), ("PUT", path), None, Some(body))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call_as(self.api_key(0), ("GET", path), None, None)
    }

    /// Posts with the hotel's key to any process; `None` when nobody answers there.
    pub(crate) fn try_post(
        &self,
        origin: &str,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Option<Answer> {
        let request = ureq::http::Request::post(format!("{origin}{path}"))
            .header("authorization", format!("Bearer {}", self.api_key(0)))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(body.to_string())
            .unwrap();
        agent().run(request).ok().and_then(answer)
    }

    /// Gives a card of the hotel to the vault, as a program does; its token.
    pub(crate) fn add_card(&self, booking: &str, number: &str) -> String {
        self.add_card_told(booking, number, &Value::Null)
    }

    /// The same, with what its channel tells of a virtual card.
    pub(crate) fn add_card_told(&self, booking: &str, number: &str, told: &Value) -> String {
        let merchant = self.merchant(0);
        let body = json!({
            "shop": merchant["shop"], "booking": booking, "customer": null,
            "card": { "number": number, "exp_month": 6, "exp_year": 2030, "holder": "A. Roy",
                "security_code": "123" },
            "virtual": told, "source": { "channel": "Example OTA", "entry": "api" },
        });
        let vault_key = merchant["vault_key"].as_str().unwrap();
        let request = ureq::http::Request::post(format!(
            "{}/v1/cards",
            self.about["vault"].as_str().unwrap()
        ))
        .header("authorization", format!("Bearer {vault_key}"))
        .header("content-type", "application/json")
        .header("idempotency-key", format!("{booking} {}", told["balance"]["amount"]))
        .body(body.to_string())
        .unwrap();
        let added = agent().run(request).ok().and_then(answer).unwrap();
        assert_eq!(added.status, 201, "{}", added.body);
        added.body["token"].as_str().unwrap().to_owned()
    }

    /// Whether the data lies on a server, where several processes may work on it.
    pub(crate) fn has_server(&self) -> bool {
        std::env::var_os(db::testing::SERVER_VARIABLE).is_some()
    }

    pub(crate) fn call_as(
        &self,
        api_key: &str,
        (method, path): (&str, &str),
        idempotency_key: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.app()))
            .header("authorization", format!("Bearer {api_key}"))
            .header("content-type", "application/json");
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let body = body.map_or_else(String::new, Value::to_string);
        let answer = answer(agent().run(request.body(body).unwrap()).unwrap()).unwrap();
        let seen = Seen { status: answer.status, kind: answer.kind.as_deref(), text: &answer.text };
        described::must_fit(Origin::App, (method, path), &seen);
        answer
    }

    /// A payment by API, without card: its page is where the payer goes.
    pub(crate) fn create_payment(&self, key: &str, amount: i64) -> Value {
        let merchant = self.merchant(0);
        let body = json!({
            "shop": merchant["shop"],
            "point_of_sale": merchant["point_of_sale"],
            "amount": amount,
            "currency": "EUR",
            "order_ref": format!("CMD-{key}"),
            "capture": "now",
            "payer": { "email": "anne@example.org", "language": "fr" },
        });
        let answer = self.post("/v1/payments", key, &body);
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body
    }

    pub(crate) fn payment(&self, id: &str) -> Value {
        let answer = self.get(&format!("/v1/payments/{id}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Waits until the payment has this status.
    pub(crate) fn wait_for_status(&self, id: &str, status: &str) -> Value {
        self.wait_for_one_of(id, &[status])
    }

    /// Waits until the payment was taken or refused.
    pub(crate) fn wait_for_end(&self, id: &str) -> Value {
        self.wait_for_one_of(id, &["captured", "refused"])
    }

    fn wait_for_one_of(&self, id: &str, statuses: &[&str]) -> Value {
        let start = Instant::now();
        loop {
            let payment = self.payment(id);
            if statuses.iter().any(|status| payment["status"] == *status) {
                return payment;
            }
            assert!(start.elapsed() < PATIENCE, "still {}: {payment}", payment["status"]);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn state(&self) -> Value {
        plain_get(&format!("{}/demo/state.json", self.app()))
    }

    /// The same, with a check of everything that began after the call.
    pub(crate) fn checked(&self) -> Value {
        let start = Instant::now();
        loop {
            let state = self.state();
            if state["fresh"] == true {
                return state;
            }
            assert!(start.elapsed() < Duration::from_secs(300), "no check ends: {state}");
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    pub(crate) fn inbox(&self) -> Vec<Value> {
        plain_get(&format!("{}/demo/inbox.json", self.app())).as_array().unwrap().clone()
    }

    /// What the bank really did.
    pub(crate) fn bank_operations(&self) -> Vec<Value> {
        plain_get(&format!("{}/operations.json", self.bank())).as_array().unwrap().clone()
    }

    pub(crate) fn fault(&self, next: &str) {
        let response = agent()
            .post(format!("{}/demo/fault", self.app()))
            .header("content-type", "application/json")
            .send(json!({ "next": next }).to_string())
            .unwrap();
        assert!(response.status().is_success(), "{next}");
    }

    pub(crate) fn move_clock(&self, to: &str) -> Value {
        let mut response = agent()
            .post(format!("{}/demo/clock", self.app()))
            .header("content-type", "application/json")
            .send(json!({ "to": to }).to_string())
            .unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        assert_eq!(response.status().as_u16(), 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Kills a part (`app`, `vault`, `bank`) with SIGKILL and waits until it is back.
    pub(crate) fn kill(&self, part: &str) {
        let pid = self.state()["pids"][part].as_u64().unwrap();
        assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
        let origin = self.about[part].as_str().unwrap();
        let start = Instant::now();
        std::thread::sleep(Duration::from_millis(50));
        while !agent().get(format!("{origin}/health")).call().is_ok_and(|r| r.status() == 200) {
            assert!(start.elapsed() < PATIENCE, "{part} is not back");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The books balance, nothing leaked: what must hold after every test.
    pub(crate) fn assert_sound(&self) {
        let state = self.checked();
        assert_eq!(state["ledger"], json!({ "sum": 0, "ok": true }), "{state}");
        assert_eq!(state["file_scan"], 0, "a card number lies in a file");
        for check in [&["admin", "ledger", "verify"] as &[&str], &["doctor", "stock"]] {
            let answer = Command::new(env!("CARGO_BIN_EXE_guichet"))
                .args(check)
                .args(["--json", "--config"])
                .arg(self.config())
                .output()
                .unwrap();
            let report: Value = serde_json::from_slice(&answer.stdout).unwrap();
            assert_eq!((answer.status.code(), &report["ok"]), (Some(0), &json!(true)), "{report}");
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(15) {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
    }
}

/// What was answered, if all of it came.
pub(crate) fn answer(mut response: ureq::http::Response<ureq::Body>) -> Option<Answer> {
    let replayed = response.headers().contains_key("idempotent-replayed");
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.map(str::to_owned);
    let text = response.body_mut().read_to_string().ok()?;
    Some(Answer {
        status: response.status().as_u16(),
        body: serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.clone())),
        replayed,
        kind,
        text,
    })
}

/// A client that follows no redirect and takes every status as an answer.
pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .new_agent()
}

fn plain_get(url: &str) -> Value {
    let mut response = agent().get(url).call().unwrap();
    let text = response.body_mut().read_to_string().unwrap();
    assert_eq!(response.status().as_u16(), 200, "{url}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// A schema of its own on the server for tests, when there is one.
fn server(folder: &Path, name: &str) -> Option<String> {
    std::fs::create_dir_all(folder).unwrap();
    match db::testing::scratch(folder, name).unwrap().place {
        Place::Server(url) => Some(url),
        Place::File(_) => None,
    }
}

/// Where tests listen: below the ports that the system lends to outgoing connections, one of which
/// may take a free port while a program is about to listen on it.
const PORTS: std::ops::Range<u32> = 12_000..20_000;

/// Three free neighbours on the three hosts.
pub(crate) fn free_port() -> u16 {
    let is_free = |host: u8, port: u16| {
        TcpListener::bind(std::net::SocketAddr::from(([127, 0, 0, host], port))).is_ok()
    };
    loop {
        let at = getrandom::u32().unwrap() % (PORTS.end - PORTS.start);
        let port = u16::try_from(PORTS.start + at).unwrap();
        if is_free(1, port) && is_free(2, port + 1) && is_free(3, port + 2) {
            return port;
        }
    }
}
