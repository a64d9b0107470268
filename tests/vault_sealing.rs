//! Sealing and the custodians as an operator lives with them: the real program, its files, its
//! standard input.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::browser::{open, pay_and_approve};
use crate::demo::{Demo, PATIENCE};
use crate::operations::{get, guichet, install, said, serve, started};

/// Runs a command that asks for one line.
fn typed(words: &[&str], line: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
    child.wait_with_output().unwrap()
}

/// The custodians sit down; what each of them takes home.
fn ceremony(config: &str, names: &[&str]) -> Vec<String> {
    let of = names.len().to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["vault", "share", "--needed", "2", "--of", &of, "--config", config])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keys = child.stdin.take().unwrap();
    let mut screen = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut shares = Vec::new();
    for name in names {
        // Slips are asked for again.
        write!(keys, "x\n{name}\nj'accepte\nJ'ACCEPTE\n").unwrap();
        let mut before = String::new();
        let share = loop {
            let line = screen.next().unwrap().unwrap();
            if line.starts_with("gs1-") {
                break line;
            }
            before.push_str(&line);
        };
        assert!(before.contains("RESPONSABILITÉ DU DÉPOSITAIRE"), "{before}");
        writeln!(keys, "00000000\n{}", &share[share.len() - 8..]).unwrap();
        shares.push(share);
    }
    drop(keys);
    let ended = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && told.contains("root = \"shares\""), "{ended:?}");
    assert!(!told.contains("gs1-"), "no share on standard output: {told}");
    shares
}

#[test]
fn v_126_v_127_v_154_the_operator_seals_and_the_custodians_open() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let (config, port) = install(&home);
    let words = |command: &'static str| ["vault", command, "--json", "--config", &config];
    let vault = |command| guichet(&words(command));
    let metric = |line: &str| {
        let figures = get(&format!("http://127.0.0.3:{}/metrics", port + 2)).unwrap().1;
        assert!(figures.contains(line), "{line}\n{figures}");
    };
    {
        let _server = serve(&config, port);
        metric("vault_sealed{} 0");
        assert_eq!(said(&vault("unseal")), json!({ "open": true }), "it was never sealed");
        let sealed = vault("seal");
        assert_eq!(said(&sealed), json!({ "sealed": true, "answers": true }), "{sealed:?}");
        let status = vault("status");
        assert_eq!(status.status.code(), Some(1), "{status:?}");
        assert_eq!(said(&status)["sealed"]["root"], "file");
        metric("vault_sealed{} 1");
        metric("guichet_vault_up{} 0");
        let page = get(&format!("http://127.0.0.2:{}/v/c/x", port + 1)).unwrap();
        assert_eq!(page.0, 503);
        assert_eq!(get(&format!("http://127.0.0.1:{port}/health")).unwrap().0, 200);
        let opened = vault("unseal");
        assert_eq!((opened.status.code(), said(&opened)), (Some(0), json!({ "open": true })));
        metric("vault_sealed{} 0");
    }
    let screen = folder.path().join("screen");
    let recorded = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["vault", "share", "--needed", "2", "--of", "3", "--config", &config])
        .stdin(Stdio::null())
        .stderr(std::fs::File::create(&screen).unwrap())
        .status()
        .unwrap();
    let recorded = (recorded.success(), std::fs::read_to_string(&screen).unwrap());
    assert!(!recorded.0 && recorded.1.contains("standard error is a file"), "{recorded:?}");
    let shares = ceremony(&config, &["Anne Martin", "Paul Durand", "Léa Petit"]);
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replacen("[vault]\n", "[vault]\nroot = \"shares\"\n", 1)).unwrap();
    let root = |told: &Value| {
        let checks = told["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["what"] == "root key").unwrap()["state"].clone()
    };
    let doctor = || said(&guichet(&["doctor", "--json", "--config", &config]));
    assert_eq!(root(&doctor()), "wrong", "the file is still there");
    std::fs::remove_file(home.join("vault-root.key")).unwrap();
    assert_eq!(root(&doctor()), "ok");
    let _server = started(&config);
    let limit = Instant::now() + PATIENCE;
    while vault("status").status.code() != Some(1) {
        assert!(Instant::now() < limit, "{:?}", vault("status"));
    }
    let wrong = typed(&words("unseal"), "gs1-nothing");
    assert_eq!((wrong.status.code(), &said(&wrong)["code"]), (Some(1), &json!("share_invalid")));
    let first = typed(&words("unseal"), &shares[2]);
    assert_eq!((first.status.code(), &said(&first)["shares"]["given"]), (Some(0), &json!(1)));
    let twice = typed(&words("unseal"), &shares[2]);
    assert_eq!((twice.status.code(), &said(&twice)["code"]), (Some(1), &json!("share_duplicate")));
    let last = typed(&words("unseal"), &shares[0]);
    assert_eq!((last.status.code(), said(&last)), (Some(0), json!({ "open": true })), "{last:?}");
    let custodians = said(&vault("crypto-inventory"))["custodians"].clone();
    assert!(custodians[2].as_str().unwrap().starts_with("Léa Petit: share 3 of 3"), "{custodians}");
}

#[test]
fn v_127_a_payer_meets_a_sealed_vault_loses_nothing_and_pays_once_it_is_open() {
    let demo = Demo::start();
    let config = demo.config();
    let vault = |command| guichet(&["vault", command, "--config", config.to_str().unwrap()]);
    let payment = demo.create_payment("sealed", 5_000);
    let (id, url) = (payment["id"].as_str().unwrap(), payment["page_url"].as_str().unwrap());
    let card_page = open(url);
    assert!(card_page.html.contains("name=\"number\""), "{}", card_page.html);
    assert!(vault("seal").status.success());
    let lost = crate::browser::type_card(&card_page, &crate::browser::card("4970100100001003"));
    assert!(lost.says("momentanément indisponible"), "{}", lost.html);
    assert!(lost.says("rien n'a été débité"), "{}", lost.html);
    let away = open(url);
    assert!(!away.html.contains("name=\"number\""), "{}", away.html);
    assert!(demo.bank_operations().is_empty(), "the bank has heard nothing");
    let asked = demo.get("/v1/cards/card_01k9zzzzzzzzzzzzzzzzzzzzzz");
    assert_eq!((asked.status, &asked.body["code"]), (503, &json!("vault_sealed")), "{asked:?}");
    assert!(vault("unseal").status.success());
    let end = pay_and_approve(&demo, url, "4970100100001003");
    assert!(end.url.contains("/r/"), "{}\n{}", end.url, end.html);
    assert_eq!(demo.payment(id)["status"], "captured");
    demo.assert_sound();
}
