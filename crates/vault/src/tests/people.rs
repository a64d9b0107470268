//! People and their PINs after the first day: a change, and the switch that shuts everything.

use kernel::UserId;
use kernel::rng::OsRng;
use vault_wire::{
    BlockGet, BlockSet, LinkGet, MessagesTake, PinChange, PinState, ViewerConfirm, ViewerGet,
    ViewerList, ViewerRevoke, WireError, WireScope,
};

use super::house::{House, Reply};
use super::reveal::{
    PIN, card_with_code, clock, key_of, link, newcomer, open, reveal, send, view_once, viewer, wish,
};

const OTHER_PIN: &str = "83052714";

pub(super) fn change_page(house: &House, user: UserId) -> String {
    let wish = PinChange { user, return_url: Some("https://tuffeaux.example/cartes".into()) };
    let page = house.ask(&wish).unwrap();
    page.url.strip_prefix(&house.config.public_url).unwrap().to_owned()
}

fn change(house: &House, path: &str, key: &str, (old, new): (&str, &str)) -> Reply {
    house.post(path, &format!("key={key}&old={old}&pin={new}&again={new}"))
}

/// Gives a person another PIN.
pub(super) fn change_pin(house: &House, user: UserId) {
    let path = change_page(house, user);
    let key = key_of(&house.get(&path));
    let done = change(house, &path, &key, (PIN, OTHER_PIN));
    assert!(done.has("Votre PIN est changé"), "{}", done.body);
}

#[test]
fn v_61_who_knows_his_pin_changes_it_without_a_message_code() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let user = viewer(&house);
    house.ask(&MessagesTake {}).unwrap();
    let stranger = PinChange { user: UserId::random(&OsRng), return_url: None };
    assert_eq!(house.ask(&stranger).unwrap_err().code(), Some("pin_not_set"));
    let away = PinChange { user, return_url: Some("https://evil.example/".into()) };
    assert_eq!(house.ask(&away).unwrap_err().code(), Some("return_url_not_registered"));

    let path = change_page(&house, user);
    let page = house.get(&path);
    assert!(page.has("PIN actuel") && !page.has("Code reçu par SMS"), "{}", page.body);
    let wrong = change(&house, &path, &key_of(&page), ("47120939", OTHER_PIN));
    assert_eq!(wrong.status, 422);
    assert!(wrong.has("PIN incorrect, il reste 4 essais"), "{}", wrong.body);
    let weak = change(&house, &path, &key_of(&wrong), (PIN, "12345678"));
    assert!(weak.has("Évitez les suites comme 12345678"), "{}", weak.body);
    let same = change(&house, &path, &key_of(&weak), (PIN, PIN));
    assert!(same.has("Évitez un ancien PIN"), "{}", same.body);
    let key = key_of(&same);
    let done = change(&house, &path, &key, (PIN, OTHER_PIN));
    assert!(done.has("Votre PIN est changé"), "{}", done.body);
    assert!(done.has("https://tuffeaux.example/cartes"), "the way back");
    let again = change(&house, &path, &key, (OTHER_PIN, "90417263"));
    assert_eq!(again.status, 410, "the page serves once");
    let news = house.ask(&MessagesTake {}).unwrap().messages;
    let told = |sms: bool| {
        news.iter().filter(|m| m.sms == sms && m.text.contains("vient d'être changé")).count()
    };
    assert_eq!((told(true), told(false)), (1, 1), "a mail and a text message say so");

    let card = card_with_code(&house, "HOP-1");
    let path = link(&house, card, user);
    assert!(reveal(&house, &path, PIN, "number").has("PIN incorrect"), "the old one is over");
    let path = link(&house, card, user);
    assert!(reveal(&house, &path, OTHER_PIN, "number").has("5207 0000 0000 0000"));
}

#[test]
fn v_61_wrong_present_pins_lock_as_they_do_for_a_card() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let user = viewer(&house);
    let path = change_page(&house, user);
    let mut page = house.get(&path);
    for _ in 0..5 {
        page = change(&house, &path, &key_of(&page), ("47120939", OTHER_PIN));
    }
    assert!(page.has("Bloqué jusqu&#39;à 10\u{a0}h\u{a0}30"), "{}", page.body);
    assert_eq!(house.ask(&ViewerGet { user }).unwrap().pin, PinState::Locked);
    let refused = house.ask(&PinChange { user, return_url: None }).unwrap_err();
    assert_eq!(refused.code(), Some("pin_locked"));
    clock(&house, "2026-06-15T08:11:00Z");
    assert_eq!(house.get(&path).status, 410, "ten minutes for a change");
}

fn by(house: &House, who: &str) -> WireScope {
    WireScope { user: who.into(), ..house.scope.clone() }
}

fn shut(relay: bool) -> BlockSet {
    BlockSet { on: true, relay, reason: "Ordinateur volé".into() }
}

fn lift() -> BlockSet {
    BlockSet { on: false, relay: false, reason: String::new() }
}

#[test]
fn v_77_one_person_shuts_everything_and_two_lift_it() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    view_once(&house);
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    let (unopened, asked) = (house.ask(&wish(card, user)).unwrap(), link(&house, card, user));
    let page = open(&house, &asked);
    let shown_at = link(&house, card, user);
    let shown = reveal(&house, &shown_at, PIN, "number");
    assert!(shown.has("Afficher le code"), "{}", shown.body);

    let short = BlockSet { reason: " a ".into(), ..shut(false) };
    assert_eq!(house.ask(&short).unwrap_err().code(), Some("reason_too_short"));
    let answer = house.ask_as(&by(&house, "usr_a"), &shut(false)).unwrap();
    assert!(answer.on && !answer.relay);
    assert_eq!((answer.cancelled_links, answer.set_by.as_deref()), (3, Some("usr_a")));
    assert_eq!(house.ask(&LinkGet { id: unopened.id }).unwrap().status, "cancelled");
    let late = send(&house, &asked, &format!("key={}&pin={PIN}&show=number", key_of(&page)));
    assert!(late.status == 410 && late.has("Affichage bloqué"), "{}", late.body);
    let code = send(&house, &shown_at, &format!("key={}&show=code", key_of(&shown)));
    assert!(code.status == 410 && !code.has(">123<"), "{}", code.body);
    let refused = |answer: Result<_, WireError>| answer.unwrap_err().code().map(str::to_owned);
    assert_eq!(refused(house.ask(&wish(card, user)).map(drop)).as_deref(), Some("reveals_blocked"));
    house.relay(card, "op_1").unwrap();

    let half = house.ask_as(&by(&house, "usr_a"), &lift()).unwrap();
    assert!(half.on && half.lift_asked_by.as_deref() == Some("usr_a"));
    assert!(house.ask_as(&by(&house, "usr_a"), &lift()).unwrap().on, "not by one person twice");
    assert!(!house.ask_as(&by(&house, "usr_b"), &lift()).unwrap().on);
    let path = link(&house, card, user);
    assert!(reveal(&house, &path, PIN, "number").has("5207 0000 0000 0000"));
}

#[test]
fn v_77_charges_stop_only_when_that_is_ticked_and_survive_a_restart() {
    let mut house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let card = card_with_code(&house, "HOP-1");
    let before = house.relay(card, "op_1").unwrap();
    house.ask_as(&by(&house, "usr_a"), &shut(true)).unwrap();
    house.kill();
    house.start();
    let answer = house.ask(&BlockGet {}).unwrap();
    assert!(answer.on && answer.relay && answer.reason == "Ordinateur volé");
    assert_eq!(house.relay(card, "op_2").unwrap_err().code(), Some("relay_blocked"));
    assert_eq!(house.relay(card, "op_1").unwrap().attempt, before.attempt, "what was, is told");
    assert_eq!(house.bank.heard().len(), 1);
    for who in ["usr_a", "usr_b"] {
        house.ask_as(&by(&house, who), &lift()).unwrap();
    }
    house.relay(card, "op_2").unwrap();
}

#[test]
fn v_66_a_new_viewer_waits_until_another_person_vouches_for_him() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let first = newcomer(&house);
    let card = card_with_code(&house, "HOP-1");
    let path = link(&house, card, first);
    assert!(
        reveal(&house, &path, PIN, "number").has("5207 0000 0000 0000"),
        "the first is trusted"
    );
    let second = newcomer(&house);
    let code = |answer: Result<(), WireError>| answer.unwrap_err().code().map(str::to_owned);
    let asks = || code(house.ask(&wish(card, second)).map(drop));
    assert_eq!(asks().as_deref(), Some("awaiting_approval"));
    let himself = house.ask_as(
        &by(&house, &second.to_string()),
        &ViewerConfirm { user: second.to_string(), recovery: None },
    );
    assert_eq!(code(himself.map(drop)).as_deref(), Some("self_approval"));
    let listed = house.ask(&ViewerList {}).unwrap().viewers;
    let waits: Vec<String> =
        listed.iter().filter(|one| !one.viewer.confirmed).map(|one| one.user.clone()).collect();
    assert_eq!((listed.len(), waits), (2, vec![second.to_string()]));
    house
        .ask_as(
            &by(&house, &first.to_string()),
            &ViewerConfirm { user: second.to_string(), recovery: None },
        )
        .unwrap();
    let news = house.ask(&MessagesTake {}).unwrap().messages;
    assert!(news.iter().any(|m| m.subject == "Vous pouvez voir les cartes"));
    let path = link(&house, card, second);
    assert!(reveal(&house, &path, PIN, "number").has("5207 0000 0000 0000"));
    house.ask(&ViewerRevoke { user: second.to_string() }).unwrap();
    assert_eq!(asks().as_deref(), Some("pin_not_set"), "taken away, at once");
    assert!(!house.ask(&ViewerGet { user: second }).unwrap().confirmed);
}
