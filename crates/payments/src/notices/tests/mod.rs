//! Mails of payments written by the one writer, on a real file, through the real worker.

mod house;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use db::{DbError, Tx, outbox::Event};
use kernel::Locale;
use proptest::prelude::*;
use web::{Subscriber, mail};

use self::house::{House, PHONE};
use super::compose::{Letter, compose};
use super::model::Notice;
use crate::payment::{Decline, Kind, OpState, Purpose};

const NBSP: char = '\u{a0}';

#[tokio::test]
async fn u_85_a_receipt_follows_the_first_capture_once() {
    let house = House::new().await;
    let payment = house.payment(|new| new.purpose = Purpose::Deposit).await;
    house.captured(payment).await;
    house.hand_over().await;
    house.hand_over().await;
    let [receipt] = house.mails(payment).await.try_into().unwrap();
    assert_eq!(receipt.subject, format!("Reçu de 50,40{NBSP}€ — Hôtel des Tuffeaux"));
    assert_eq!(receipt.to, "anne@exemple.fr");
    let token = house.read(payment).await.page_token;
    assert_eq!(receipt.link, Some(format!("http://127.0.0.1:7700/r/{token}")));
    for part in [
        "Bonjour Anne Exemple,",
        "Hôtel des Tuffeaux a bien reçu votre acompte.",
        "Carte CB •••• 0154",
        "HT-2026-000123/1",
        PHONE,
        "bonjour@exemple.fr",
    ] {
        assert!(receipt.text.contains(part), "{part} in {}", receipt.text);
    }
    assert!(!receipt.text.contains("{"), "{}", receipt.text);
    // A refund that the bank refuses leads back to "captured": no second receipt.
    let refund = house.ask_refund(payment, 1_000).await;
    house.settle(payment, refund, OpState::Failed).await;
    house.hand_over().await;
    assert_eq!(house.mails(payment).await.len(), 1);
}

#[tokio::test]
async fn u_85_each_refund_is_told_with_its_own_amount() {
    let house = House::new().await;
    let payment = house.payment(|new| new.payer.language = Locale::En).await;
    house.captured(payment).await;
    for minor in [1_000, 4_040] {
        let refund = house.ask_refund(payment, minor).await;
        house.settle(payment, refund, OpState::Success).await;
    }
    house.hand_over().await;
    let subjects: Vec<String> =
        house.mails(payment).await.into_iter().map(|mail| mail.subject).collect();
    let mut expected = vec![
        "Receipt for €50.40 — Hôtel des Tuffeaux".to_owned(),
        "Refund of €10.00".to_owned(),
        "Refund of €40.40".to_owned(),
    ];
    // Events of one instant of a frozen clock have no order of ids.
    let mut found = subjects;
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn u_57_a_silent_bank_is_told_and_then_its_answer() {
    let house = House::new().await;
    let payment = house.payment(|_| {}).await;
    let tried = house.authorising(payment).await;
    house.settle(payment, tried, OpState::Unknown).await;
    house.hand_over().await;
    let [checking] = house.mails(payment).await.try_into().unwrap();
    assert_eq!(checking.subject, "Nous vérifions votre paiement");
    let sentence =
        "Nous vérifions votre paiement auprès de la banque. Ne payez pas une seconde fois.";
    assert!(checking.text.contains(sentence), "{}", checking.text);
    assert!(!checking.text.contains("Rien n'a été débité"), "{}", checking.text);
    house.change(payment, |p| p.decline = Some(refused("A"))).await;
    house.settle(payment, tried, OpState::Failed).await;
    house.hand_over().await;
    let answers = house.mails(payment).await;
    let answer = answers.iter().find(|m| m.subject.starts_with("Paiement refusé")).unwrap();
    assert_eq!(answers.len(), 2);
    assert_eq!(answer.subject, format!("Paiement refusé{NBSP}: 50,40{NBSP}€"));
    assert!(answer.text.contains("Votre banque a refusé le paiement. Rien n'a été débité."));
    // A second try that works is a receipt like any other.
    house.captured(payment).await;
    house.hand_over().await;
    assert_eq!(house.mails(payment).await.len(), 3);
}

#[tokio::test]
async fn a_refusal_that_the_page_showed_is_not_told_again() {
    let house = House::new().await;
    let payment = house.payment(|_| {}).await;
    let tried = house.authorising(payment).await;
    house.settle(payment, tried, OpState::Failed).await;
    house.hand_over().await;
    assert!(house.mails(payment).await.is_empty());
}

#[tokio::test]
async fn u_56_money_that_came_too_late_is_told_as_cancelled_and_not_as_received() {
    let house = House::new().await;
    let payment = house.payment(house::about_a_lost_place).await;
    house.captured(payment).await;
    house.hand_over().await;
    assert!(house.mails(payment).await.is_empty(), "no receipt for what is given back");
    let refund = house.ask_refund(payment, 5_040).await;
    house.settle(payment, refund, OpState::Success).await;
    house.hand_over().await;
    let [gone] = house.mails(payment).await.try_into().unwrap();
    assert_eq!(gone.subject, format!("Paiement annulé{NBSP}: 50,40{NBSP}€"));
    let sentence = format!(
        "La place n'était plus libre. Votre paiement de 50,40{NBSP}€ est annulé ; votre \
         banque l'efface sous quelques jours."
    );
    assert!(plain(&gone.text).contains(&plain(&sentence)), "{}", gone.text);
}

#[tokio::test]
async fn u_56_a_late_authorisation_that_is_released_is_told_too() {
    let house = House::new().await;
    let payment = house.payment(house::about_a_lost_place).await;
    house.authorised(payment).await;
    let void = house.operation(payment, Kind::Void, 5_040).await;
    house.settle(payment, void, OpState::Success).await;
    house.hand_over().await;
    let [gone] = house.mails(payment).await.try_into().unwrap();
    assert_eq!(gone.subject, format!("Paiement annulé{NBSP}: 50,40{NBSP}€"));
}

#[tokio::test]
async fn a_crash_while_events_are_handed_over_loses_and_doubles_nothing() {
    let house = House::new().await;
    let payment = house.payment(|_| {}).await;
    house.captured(payment).await;
    let dies = Arc::new(AtomicBool::new(true));
    let fuse = Arc::clone(&dies);
    let take = move |_: &mut Tx<'_>, _: &Event| -> Result<(), DbError> {
        assert!(!fuse.load(Ordering::SeqCst), "dies after the mail was written");
        Ok(())
    };
    let last = Subscriber { prefix: "payment.captured", take: Arc::new(take) };
    let worker = house.worker(vec![last]);
    worker.round().await;
    assert!(house.mails(payment).await.is_empty());
    dies.store(false, Ordering::SeqCst);
    worker.round().await;
    house.after_a_restart().await;
    assert_eq!(house.mails(payment).await.len(), 1);
}

#[tokio::test]
async fn nobody_to_write_to_and_foreign_bodies_hold_nothing_up() {
    let house = House::new().await;
    let silent = house.payment(|new| new.payer.email = None).await;
    house.captured(silent).await;
    house.emit_nonsense().await;
    let payment = house.payment(|new| new.order_ref = "HT-2026-000124/1".into()).await;
    house.captured(payment).await;
    house.hand_over().await;
    assert!(house.mails(silent).await.is_empty());
    assert_eq!(house.mails(payment).await.len(), 1);
}

fn refused(letter: &str) -> Decline {
    Decline {
        code: "do_not_honour".into(),
        class: "other_card".into(),
        raw: "05".into(),
        retry: false,
        payer_text: letter.into(),
    }
}

/// Whatever blank a text uses.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

#[tokio::test]
async fn u_87_every_mail_in_every_language_keeps_the_rules_of_mails() {
    let house = House::new().await;
    let id = house.payment(|_| {}).await;
    house.captured(id).await;
    let sample = (house.read(id).await, house.merchant().await);
    let catalogue = house.catalogue();
    assert_eq!(catalogue.missing(), []);
    let notices =
        (0..6_usize, 1..99_999_999_999_i64, "[^\\pC{}\\[\\]]{1,120}", "[ABEHI]", 0..8_usize);
    proptest!(|((which, amount, name, letter, language) in notices)| {
        let (mut payment, mut merchant) = sample.clone();
        merchant.name.clone_from(&name);
        payment.order_ref = "4970 1000 0000 0154".into();
        payment.decline = Some(refused(&letter));
        let notice = [
            Notice::Receipt { amount },
            Notice::Checking,
            Notice::Accepted,
            Notice::Refused,
            Notice::CancelledLate { amount },
            Notice::Refund { amount },
        ][which];
        let words = catalogue.words(Locale::ALL[language]);
        let at = payment.created_at;
        let letter = Letter { payment: &payment, merchant: &merchant, at, words: &words };
        let mail = compose(notice, &letter, "http://127.0.0.1:7700");
        prop_assert!(mail.subject.chars().count() <= mail::MAX_SUBJECT_CHARACTERS);
        let holes = ["{$", "[notices", "[checkout"];
        let whole = |text: &str| !holes.iter().any(|hole| text.contains(hole));
        prop_assert!(whole(&mail.subject) && whole(&mail.text), "{}", mail.text);
        prop_assert!(!kernel::card_text::holds_card_number(&mail.text));
        for cause in ["do_not_honour", "other_card", "05)"] {
            prop_assert!(name.contains(cause) || !mail.text.contains(cause));
        }
        let link = mail.link.unwrap_or_default();
        prop_assert!(link.is_empty() || link.starts_with("http://127.0.0.1:7700/"));
    });
}
