//! An installation as its operator lives with it: made, looked at, started, watched; and logs that
//! tell nothing about people.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::{card, pay};
use crate::demo::{Demo, PATIENCE, agent, free_port};
use crate::described::{self, Origin, Seen};

/// A program that ends with this value.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

pub(crate) fn guichet(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_guichet")).args(arguments).output().unwrap()
}

pub(crate) fn said(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{output:?}"))
}

pub(crate) fn get(url: &str) -> Option<(u16, String)> {
    let mut answer = agent().get(url).call().ok()?;
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    Some((answer.status().as_u16(), text))
}

/// A new installation in a folder, on free ports; its configuration and first port.
pub(crate) fn install(folder: &Path) -> (String, u16) {
    let port = free_port();
    let made = guichet(&[
        "init",
        folder.to_str().unwrap(),
        "--app",
        &format!("http://127.0.0.1:{port}"),
        "--vault",
        &format!("http://127.0.0.2:{}", port + 1),
        "--app-listen",
        &format!("127.0.0.1:{port}"),
        "--vault-listen",
        &format!("127.0.0.2:{}", port + 1),
        "--metrics-listen",
        &format!("127.0.0.3:{}", port + 2),
        "--bank-listen",
        &format!("127.0.0.4:{}", port + 2),
        "--one-user",
        "a test on one machine",
    ]);
    assert!(made.status.success(), "{made:?}");
    (folder.join("guichet.toml").to_str().unwrap().to_owned(), port)
}

#[test]
fn q_50_an_installation_is_made_looked_at_started_and_watched() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let (config, port) = install(&home);
    let again = guichet(&["init", home.to_str().unwrap(), "--app", "a", "--vault", "b"]);
    assert!(!again.status.success(), "an installation is never overwritten");

    let plan = guichet(&["migrate", "--plan", "--json", "--config", &config]);
    assert_eq!(plan.status.code(), Some(1));
    assert!(said(&plan)["missing"].as_array().unwrap().contains(&json!("db/0001_base")));
    let applied = guichet(&["migrate", "--json", "--config", &config]);
    assert!(applied.status.success(), "{applied:?}");
    let plan = guichet(&["migrate", "--plan", "--json", "--config", &config]);
    assert_eq!((plan.status.code(), said(&plan)), (Some(0), json!({"missing": []})));

    let before = guichet(&["doctor", "--json", "--config", &config]);
    assert_eq!((before.status.code(), &said(&before)["ok"]), (Some(0), &json!(true)), "{before:?}");
    let _server = serve(&config, port);
    let after = said(&guichet(&["doctor", "--json", "--config", &config]));
    for name in
        ["app runs", "vault runs", "bank runs", "vault socket", "ledger", "database file", "schema"]
    {
        let check = after["checks"].as_array().unwrap().iter().find(|c| c["what"] == name);
        assert_eq!(check.unwrap()["state"], "ok", "{after}");
    }

    let figures = get(&format!("http://127.0.0.3:{}/metrics", port + 2)).unwrap();
    for line in [
        "guichet_vault_up{} 1",
        "guichet_database_up{} 1",
        "route=\"/ready\",status=\"200\"}",
        "vault_sweeper_lag_seconds{mode=\"live\"} 0",
        "vault_key_age_days{key=\"log\"} 0",
    ] {
        assert!(figures.1.contains(line), "{line}\n{}", figures.1);
    }
    for closed in ["/metrics", "/demo", "/demo/state.json"] {
        assert_eq!(get(&format!("http://127.0.0.1:{port}{closed}")).unwrap().0, 404, "{closed}");
    }
}

#[test]
fn p_160_a_new_merchant_has_a_test_shop_that_sells_and_a_live_one_that_does_not_yet() {
    let folder = tempfile::tempdir().unwrap();
    let (config, port) = install(&folder.path().join("home"));
    let _server = serve(&config, port);
    let create = ["admin", "merchant", "create", "--json", "--config", &config];
    let who = ["--name", "Hôtel des Tuffeaux", "--email", "claire@example.org"];
    let made = said(&guichet(&[&create[..], &who[..]].concat()));
    let modes: Vec<&Value> =
        made["shops"].as_array().unwrap().iter().map(|shop| &shop["mode"]).collect();
    assert_eq!(modes, [&json!("live"), &json!("test")], "{made}");
    let site = |slug: &str| get(&format!("http://127.0.0.1:{port}/s/{slug}")).unwrap();
    let (status, page) = site("hotel-des-tuffeaux-test");
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("MODE TEST") && page.contains("/s/hotel-des-tuffeaux-test"), "{page}");
    assert_eq!(site("hotel-des-tuffeaux").0, 404, "the live shop is not open");
    let bank = get(&format!("http://127.0.0.4:{}/health", port + 2)).unwrap();
    assert_eq!(bank.0, 200, "the bank of test shops runs");
    let shown = get(&format!("http://127.0.0.4:{}/operations.json", port + 2)).unwrap();
    assert_eq!(shown.0, 404, "its books are shown in the demo alone");
}

/// Starts an installation; it may not be ready yet.
pub(crate) fn started(config: &str) -> Running {
    let server = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["serve", "--config", config])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    Running(server)
}

/// Starts an installation and waits until it is ready.
pub(crate) fn serve(config: &str, port: u16) -> Running {
    let server = started(config);
    let start = Instant::now();
    let ready = format!("http://127.0.0.1:{port}/ready");
    loop {
        if let Some((200, text)) = get(&ready) {
            let kind = Some("application/json");
            let seen = Seen { status: 200, kind, text: &text };
            described::must_fit(Origin::App, ("GET", "/ready"), &seen);
            return server;
        }
        assert!(start.elapsed() < PATIENCE, "not ready: {:?}", get(&ready));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn v_154_v_155_the_operator_proves_that_what_was_destroyed_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (config, port) = install(&folder.path().join("home"));
    let vault = |command: &str, more: &[&str]| {
        guichet(&[&["vault", command, "--json", "--config", &config], more].concat())
    };
    assert_eq!(vault("prove-shred", &[]).status.code(), Some(2), "nobody answers");
    assert_eq!(vault("prove-shred", &["--drill", "4"]).status.code(), Some(64));
    assert_eq!(vault("no-such-command", &[]).status.code(), Some(64));
    assert_eq!(guichet(&["vault", "--help"]).status.code(), Some(0));
    let _server = serve(&config, port);
    let logs = folder.path().join("logs");
    std::fs::write(&logs, "nothing").unwrap();
    let also = ["--drill", "5", "--also", logs.to_str().unwrap()];
    let proved = vault("prove-shred", &also);
    let told = said(&proved);
    assert_eq!((proved.status.code(), &told["verdict"]), (Some(0), &json!("good")), "{told}");
    let places: Vec<&str> =
        told["places"].as_array().unwrap().iter().map(|p| p["place"].as_str().unwrap()).collect();
    for place in ["data directory", "memory of the vault", "data of the app"] {
        assert!(places.contains(&place), "{told}");
    }
    assert!(places.contains(&logs.canonicalize().unwrap().to_str().unwrap()), "{told}");
    let gone = vault("prove-shred", &["--also", "/no/such/place", "--drill", "5"]);
    assert_eq!(gone.status.code(), Some(2), "what cannot be read is not judged");
    let status = vault("status", &[]);
    assert!(matches!(status.status.code(), Some(0 | 1)), "a kernel may lack a part: {status:?}");
    assert!(said(&status)["figures"].is_object());
    let keys = vault("crypto-inventory", &[]);
    assert_eq!(keys.status.code(), Some(0), "{keys:?}");
    assert!(said(&keys)["keys"].as_array().unwrap().len() >= 4);
    let pages = vault("pages", &[]);
    assert_eq!(
        (pages.status.code(), said(&pages)["files"].as_array().unwrap().len()),
        (Some(0), 2)
    );
    let audit = vault("audit", &["--pci"]);
    assert_eq!(audit.status.code(), Some(2), "nothing is wrong, not all can be judged: {audit:?}");
    assert_eq!(vault("audit", &[]).status.code(), Some(64));
    let log = guichet(&["vault", "log", "verify", "--json", "--config", &config]);
    assert_eq!((log.status.code(), &said(&log)["sound"]), (Some(0), &json!(true)), "{log:?}");
    let receipt = folder.path().join("receipt.json");
    std::fs::write(&receipt, r#"{"signature":"ed25519:00"}"#).unwrap();
    let receipt = [receipt.to_str().unwrap(), "--key", "a+b+AQ=="];
    let checked = guichet(&[&["vault", "receipt", "verify"], &receipt[..]].concat());
    assert_eq!(checked.status.code(), Some(1), "with the key it asks nobody: {checked:?}");
    let changed = guichet(&["vault", "rotate", "epoch", "--json", "--config", &config]);
    assert_eq!((changed.status.code(), &said(&changed)["left"]), (Some(0), &json!(0)));
    let card = vault("prove-shred", &["--card", "card_00000000000000000000000000"]);
    assert_eq!(card.status.code(), Some(2), "{card:?}");
}

#[test]
fn q_31_a_process_without_its_vault_says_that_it_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let (config, port) = install(&folder.path().join("home"));
    let alone = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["app", "--config", &config])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _alone = Running(alone);
    let start = Instant::now();
    let (status, text) = loop {
        if let Some(answer) = get(&format!("http://127.0.0.1:{port}/ready")) {
            break answer;
        }
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(50));
    };
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &told["status"]), (503, &json!("not_ready")), "{text}");
    assert_eq!(told["checks"], json!({"database": "ok", "vault": "failed", "jobs": "ok"}));
    let seen = Seen { status, kind: Some("application/json"), text: &text };
    described::must_fit(Origin::App, ("GET", "/ready"), &seen);
}

#[test]
fn v_30_the_operator_imports_a_table_by_command_and_by_api() {
    let demo = Demo::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bins.csv");
    let header = "bin_start;bin_end;brand;co_brand;funding;product;issuer;country;currency;\
                  virtual;commercial;lengths;valid_from";
    let french = "497010;497010;visa;cb;debit;Classic;Banque de Loire;FR;EUR;0;0;16;2026-01-01";
    let write = |line: &str| std::fs::write(&file, format!("{header}\n{line}\n")).unwrap();
    let config = demo.config();
    let import = || {
        let (file, config) = (file.to_str().unwrap(), config.to_str().unwrap());
        guichet(&["admin", "bin", "import", file, "--json", "--config", config])
    };
    write(french);
    let taken = import();
    assert!(taken.status.success(), "{taken:?}");
    assert_eq!((&said(&taken)["applied"], &said(&taken)["added"]), (&json!(true), &json!(1)));
    write("497010;49701;visa;;;;;;;;;;");
    let refused = import();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(said(&refused)["faults"][0]["column"], "bin_end");
    let found = demo.get("/v1/bins/497010");
    assert_eq!(found.status, 200);
    assert_eq!((&found.body["funding"], &found.body["country"]), (&json!("debit"), &json!("FR")));
    let card = demo.add_card("HOP-1", "4970100000000154");
    let card = demo.get(&format!("/v1/cards/{card}")).body;
    assert_eq!(card["issuer"], json!({"name": "Banque de Loire", "country": "FR"}));

    let put = |key: &str, line: &str| {
        let operator = demo.merchant(0)[key].as_str().unwrap();
        let mut answer = agent()
            .put(format!("{}/v1/bin_table", demo.app()))
            .header("authorization", format!("Bearer {operator}"))
            .header("content-type", "text/csv")
            .send(format!("{header}\n{line}\n"))
            .unwrap();
        let status = answer.status().as_u16();
        let kind = answer.body().mime_type().map(str::to_owned);
        let text = answer.body_mut().read_to_string().unwrap();
        let seen = Seen { status, kind: kind.as_deref(), text: &text };
        described::must_fit(Origin::App, ("PUT", "/v1/bin_table"), &seen);
        (status, serde_json::from_str::<Value>(&text).unwrap())
    };
    assert_eq!(put("api_key", french).0, 403, "no merchant's own key changes the table");
    let (status, problem) = put("api_key_vault", "x;x;visa;;;;;;;;;;");
    assert_eq!((status, &problem["code"]), (422, &json!("bin_table_invalid")));
    assert_eq!(problem["faults"][0]["line"], 2, "{problem}");
    let (status, report) = put("api_key_vault", &french.replace(";FR;", ";BE;"));
    let moved = &report["cards_changing_country"];
    assert_eq!((status, &report["changed"], moved), (200, &json!(1), &json!(1)), "{report}");
}

#[test]
fn q_40_logs_are_lines_of_json_and_name_no_person_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let demo = Demo::start_logged(File::create(&path).unwrap());
    let payment = demo.create_payment("a", 3_420);
    let page = payment["page_url"].as_str().unwrap();
    let end = pay(page, &card("4970100000000154"));
    assert!(end.url.contains("/r/"), "{}", end.url);
    let typed = json!({"amount": 1, "currency": "EUR", "order_ref": "4970100000000154"});
    assert_eq!(demo.post("/v1/payments", "typed", &typed).status, 422);
    let email = demo.merchant(0)["users"][0]["email"].as_str().unwrap().to_owned();
    let password = demo.merchant(0)["users"][0]["password"].as_str().unwrap().to_owned();
    let form = format!("email={email}&password={password}&code=");
    let signing_in = agent()
        .post(format!("{}/connexion", demo.app()))
        .header("content-type", "application/x-www-form-urlencoded")
        .send(form);
    assert!(signing_in.is_ok());
    let token = page.rsplit('/').next().unwrap().to_owned();
    let key = demo.api_key(0).to_owned();
    drop(demo);

    let log = std::fs::read_to_string(&path).unwrap();
    let mut requests = 0;
    for line in log.lines() {
        let told: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(told["timestamp"].is_string() && told["level"].is_string(), "{line}");
        if told["message"] == "request" {
            requests += 1;
            assert!(told["id"].as_str().unwrap().starts_with("req_"), "{line}");
            assert!(told["route"].is_string() && told["status"].is_u64(), "{line}");
        }
    }
    assert!(requests > 10, "{requests} requests in the log");
    let secrets =
        ["anne@example.org", "4970100000000154", "4970 1000", &email, &password, &token, &key];
    for secret in secrets {
        assert!(!log.contains(secret), "the log tells {secret}");
    }
}
