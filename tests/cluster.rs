//! Several app processes on one PostgreSQL database; runs where the tests have a server.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::demo::{Answer, Demo, PATIENCE, agent, free_port};

/// Payments each caller makes.
const PAYMENTS_PER_CALLER: usize = 20;
const CALLERS: usize = 6;
/// Payments after which one process is killed.
const KILLED_AFTER: usize = 30;
/// A repeat of a request whose first hearer died waits for the lease of its key.
const REPEAT_FOR: Duration = Duration::from_secs(300);

/// One more app process on the database of a demo.
struct Further {
    child: Child,
    origin: String,
}

impl Further {
    fn beside(demo: &Demo) -> Self {
        let text = std::fs::read_to_string(demo.config()).unwrap();
        let mut config: toml::Table = text.parse().unwrap();
        let listen = format!("127.0.0.1:{}", free_port());
        config["app"]["listen"] = listen.clone().into();
        let path = demo.config().with_file_name(format!("{}.toml", listen.replace(':', "-")));
        std::fs::write(&path, config.to_string()).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_guichet"))
            .args(["app", "--config"])
            .arg(&path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let further = Self { child, origin: format!("http://{listen}") };
        let start = Instant::now();
        while agent().get(format!("{}/health", further.origin)).call().is_err() {
            assert!(start.elapsed() < PATIENCE, "the further process does not answer");
            std::thread::sleep(Duration::from_millis(30));
        }
        further
    }
}

impl Drop for Further {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a client behind a balancer does: another process when one does not answer, the same key.
fn insists(demo: &Demo, origins: &[String], first: usize, key: &str, body: &Value) -> Answer {
    let start = Instant::now();
    for turn in 0.. {
        let origin = &origins[(first + turn) % origins.len()];
        let answer = demo.try_post(origin, "/v1/payments", key, body);
        match answer {
            // 202: its process died while the bank was asked; the others ask again.
            Some(answer) if matches!(answer.status, 201 | 202) => return answer,
            Some(answer) if answer.body["code"] == "idempotency_in_flight" => {}
            // "Send the same request again": nothing was written, or it is not known.
            Some(answer) if answer.status == 503 => {}
            Some(answer) => panic!("{}: {}", answer.status, answer.body),
            None => {}
        }
        assert!(start.elapsed() < REPEAT_FOR, "no answer to {key}");
        std::thread::sleep(Duration::from_millis(200));
    }
    unreachable!()
}

#[test]
fn q_22_three_processes_share_a_database_and_one_may_die() {
    let demo = Demo::start();
    if !demo.has_server() {
        return;
    }
    let mut further = vec![Further::beside(&demo), Further::beside(&demo)];
    let origins: Vec<String> = std::iter::once(demo.app().to_owned())
        .chain(further.iter().map(|process| process.origin.clone()))
        .collect();
    let card = demo.add_card("cluster", "4970100000000154");
    let merchant = demo.merchant(0);
    let paid = Mutex::new(BTreeSet::new());
    let count = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for caller in 0..CALLERS {
            let (demo, origins, paid, count, card) = (&demo, &origins, &paid, &count, &card);
            threads.spawn(move || {
                for n in 0..PAYMENTS_PER_CALLER {
                    let key = format!("c{caller}-{n}");
                    let body = json!({
                        "shop": merchant["shop"], "amount": 1_000, "currency": "EUR",
                        "order_ref": key, "card": card,
                    });
                    let made = insists(demo, origins, caller + n, &key, &body);
                    assert_eq!(made.body["amount"], 1_000);
                    paid.lock().unwrap().insert(made.body["id"].as_str().unwrap().to_owned());
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let start = Instant::now();
        while count.load(Ordering::SeqCst) < KILLED_AFTER {
            assert!(start.elapsed() < REPEAT_FOR, "the first payments take too long");
            std::thread::sleep(Duration::from_millis(10));
        }
        // SIGKILL, in the middle of what it was doing.
        further[0].child.kill().unwrap();
    });
    let paid = paid.into_inner().unwrap();
    assert_eq!(paid.len(), CALLERS * PAYMENTS_PER_CALLER);
    // One whose process died before the bank was asked ends as refused, and may be tried again.
    let ended: Vec<Value> = paid.iter().map(|id| demo.wait_for_end(id)).collect();
    let (captured, refused): (Vec<_>, Vec<_>) =
        ended.iter().partition(|payment| payment["status"] == "captured");
    assert!(refused.len() <= CALLERS, "more were refused than can have been under way");
    for payment in refused {
        assert_eq!(payment["status"], "refused", "{payment}");
        assert_eq!(payment["decline"]["class"], "technical", "{payment}");
        assert_eq!(payment["decline"]["retry"], true, "{payment}");
    }
    let authorised = demo.bank_operations();
    let authorised = authorised.iter().filter(|o| o["kind"] == "authorise").count();
    assert_eq!(authorised, captured.len(), "each payment was asked for once");
    further.remove(0);
    demo.assert_sound();
}

#[test]
fn q_22_a_clock_turned_by_one_process_is_read_by_the_others() {
    let demo = Demo::start_with(&["--at", "2026-06-15T10:00:00+02:00"]);
    if !demo.has_server() {
        return;
    }
    let further = Further::beside(&demo);
    demo.move_clock("2026-06-16T08:00:00+02:00");
    let start = Instant::now();
    loop {
        let made = demo.try_post(
            &further.origin,
            "/v1/payments",
            &format!("k{}", start.elapsed().as_micros()),
            &json!({
                "shop": demo.merchant(0)["shop"], "amount": 1_000, "currency": "EUR",
                "order_ref": format!("CLOCK-{}", start.elapsed().as_micros()),
            }),
        );
        if made.unwrap().body["created_at"].as_str().unwrap().starts_with("2026-06-16") {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "the other process keeps its old clock");
        std::thread::sleep(Duration::from_millis(100));
    }
}
