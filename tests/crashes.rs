//! kill -9 of any part at any step: nothing lost, nothing charged twice, the story resumes.

use crate::browser::{Page, card, decide_at_bank, open, pay, pay_and_approve};
use crate::demo::Demo;

const CHALLENGE: &str = "4970100100001003";

/// Pays a payment of which a part was killed after `step`, and checks that the bank charged once.
fn pays_once_although_killed(part: &str) {
    let demo = Demo::start();
    for step in 0..4 {
        let payment = demo.create_payment(&format!("{part}{step}"), 5_000);
        let (id, url) = (payment["id"].as_str().unwrap(), payment["page_url"].as_str().unwrap());
        let kill_at = |here: u32| {
            if here == step {
                demo.kill(part);
            }
        };
        kill_at(0);
        let card_page = open(url);
        assert!(card_page.html.contains("name=\"number\""), "{}", card_page.html);
        kill_at(1);
        let to_bank = crate::browser::type_card(&card_page, &card(CHALLENGE));
        kill_at(2);
        let mut end = decide_at_bank(&to_bank, "Valider");
        kill_at(3);
        if part == "vault" && step == 2 {
            assert!(end.says("ressaisissez le code"), "{}\n{}", end.url, end.html);
        }
        end = carry_on(&demo, end, url);
        assert!(end.url.contains("/r/"), "{part} killed at {step}: {}\n{}", end.url, end.html);
        assert_eq!(demo.payment(id)["status"], "captured", "{part} killed at {step}");
    }
    let authorised = demo.bank_operations();
    let authorised =
        authorised.iter().filter(|o| o["kind"] == "authorise" && o["state"] == "approved");
    assert_eq!(authorised.count(), 4, "{:?}", demo.bank_operations());
    demo.assert_sound();
}

/// What a payer does who is not at the receipt yet: opens his payment again, types what is asked.
fn carry_on(demo: &Demo, page: Page, url: &str) -> Page {
    if page.url.contains("/r/") {
        return page;
    }
    let mut again = open(url);
    if again.url.contains("/r/") {
        return again;
    }
    if again.says("Ressaisir le code") {
        again = crate::browser::go(&again, "Ressaisir le code");
        assert!(!again.html.contains("name=\"number\""), "only the code is asked for");
    }
    if again.html.contains("name=\"code\"") && !again.html.contains("name=\"number\"") {
        let form = again.form_with("code");
        let next = crate::browser::submit(&again, &form, &[("code", "123")]);
        return if next.url.contains("/3ds") { decide_at_bank(&next, "Valider") } else { next };
    }
    pay_and_approve(demo, url, CHALLENGE)
}

#[test]
fn q_30_the_app_killed_at_any_step_charges_once() {
    pays_once_although_killed("app");
}

#[test]
fn q_30_the_vault_killed_at_any_step_charges_once() {
    pays_once_although_killed("vault");
}

#[test]
fn q_30_the_bank_killed_at_any_step_charges_once() {
    pays_once_although_killed("bank");
}

#[test]
fn q_30_a_kept_folder_resumes_with_its_keys_and_payments() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("demo");
    let args = ["--keep", keep.to_str().unwrap()];
    let demo = Demo::start_with(&args);
    let payment = demo.create_payment("a", 5_000);
    let id = payment["id"].as_str().unwrap().to_owned();
    pay_and_approve(&demo, payment["page_url"].as_str().unwrap(), "4970100000000154");
    let key = demo.api_key(0).to_owned();
    drop(demo);
    let demo = Demo::start_with(&args);
    assert_eq!(demo.api_key(0), key);
    assert_eq!(demo.payment(&id)["status"], "captured");
    assert!(!demo.bank_operations().is_empty(), "the bank remembers");
    demo.assert_sound();
}

#[test]
fn q_30_the_app_killed_while_the_bank_is_silent_asks_after_restart() {
    let demo = Demo::start();
    let payment = demo.create_payment("a", 5_000);
    let (id, url) = (payment["id"].as_str().unwrap(), payment["page_url"].as_str().unwrap());
    let card_page = open(url);
    let killer = std::thread::scope(|threads| {
        let paying =
            threads.spawn(|| std::panic::catch_unwind(|| pay(url, &card("4970100100000989"))));
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        demo.kill("app");
        paying.join().unwrap().is_err()
    });
    let _ = (killer, card_page);
    demo.wait_for_status(id, "captured");
    let authorised = demo.bank_operations();
    assert_eq!(authorised.iter().filter(|o| o["kind"] == "authorise").count(), 1);
    demo.assert_sound();
}
