//! A lost PIN: its successor waits, may be agreed to, comes into use by itself, or is stopped.

use kernel::rng::OsRng;
use kernel::{Locale, UserId};
use vault_wire::{
    MessagesTake, Owner, PinState, PinWaits, VaultMessage, ViewerConfirm, ViewerEnrol, ViewerGet,
    ViewerRevoke, WireScope,
};

use super::house::House;
use super::reveal::{
    PIN, card_with_code, choose, clock, enrol, invitation, link, newcomer, reveal, wish,
};

const NEW_PIN: &str = "83052714";
const NUMBER: &str = "5207 0000 0000 0000";

#[test]
fn u_60_the_pages_of_a_pin_keep_the_language_that_was_asked_for() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    house.ask(&enrol(UserId::random(&OsRng))).unwrap();
    let (path, code) = invitation(&house);
    let page = house.get(&format!("{path}?lang=pl"));
    assert!(page.has("<html lang=\"pl\">") && page.has("Kod z SMS-a"), "{}", page.body);
    assert!(page.has(&format!("href=\"{path}?lang=de\"")), "the menu of languages");
    let there = format!("{path}?lang=pl");
    assert!(page.has(&format!("action=\"{there}\"")));
    assert!(house.post(&there, "code=0").has("Błędny kod, pozostały 4 próby"));
    assert!(house.post(&there, &format!("code={code}")).has("Nowy PIN"));
}

/// A shop with a viewer who has a PIN, and a card.
struct Lost {
    house: House,
    claire: UserId,
    card: kernel::CardToken,
}

impl Lost {
    fn open() -> Self {
        let house = House::open();
        clock(&house, "2026-06-15T08:00:00Z");
        let claire = newcomer(&house);
        let card = card_with_code(&house, "HOP-1");
        clock(&house, "2026-06-15T08:02:00Z");
        Self { house, claire, card }
    }

    /// She asks for another PIN; gives what the last page says.
    fn replace(&self, change: impl FnOnce(&mut ViewerEnrol)) -> String {
        let mut request = enrol(self.claire);
        request.owners = vec![Owner { email: "paul@tuffeaux.example".into(), lang: Locale::En }];
        change(&mut request);
        self.house.ask(&request).unwrap();
        let said = choose(&self.house, NEW_PIN);
        assert_eq!(said.status, 200, "{}", said.body);
        said.body
    }

    fn shows_with(&self, pin: &str) -> bool {
        let path = link(&self.house, self.card, self.claire);
        reveal(&self.house, &path, pin, "number").has(NUMBER)
    }

    fn stands(&self) -> PinState {
        self.house.ask(&ViewerGet { user: self.claire }).unwrap().pin
    }

    fn waits(&self) -> Option<PinWaits> {
        self.house.ask(&ViewerGet { user: self.claire }).unwrap().waits
    }

    fn confirmed_by(&self, who: UserId) -> Result<(), String> {
        let by = WireScope { user: who.to_string(), ..self.house.scope.clone() };
        let recovery = self.waits().map(|waits| waits.recovery);
        let asked =
            self.house.ask_as(&by, &ViewerConfirm { user: self.claire.to_string(), recovery });
        asked.map(drop).map_err(|error| error.code().unwrap_or_default().to_owned())
    }

    fn messages(&self) -> Vec<VaultMessage> {
        self.house.ask(&MessagesTake {}).unwrap().messages
    }
}

#[test]
fn v_62_a_lost_pin_is_replaced_at_once_when_another_person_agrees() {
    let lost = Lost::open();
    let said = lost.replace(|_| ());
    assert!(said.contains("Il servira à partir du 17/06/2026 10:02"), "{said}");
    assert_eq!(lost.stands(), PinState::Active, "the old one");
    let first = lost.waits().unwrap();
    assert!(!lost.shows_with(NEW_PIN), "it waits");
    assert!(lost.shows_with(PIN), "the old one is what it was");
    assert_eq!(lost.confirmed_by(lost.claire), Err("self_approval".into()));
    let paul = newcomer(&lost.house);
    clock(&lost.house, "2026-06-15T08:10:00Z");
    lost.replace(|_| ());
    let by = WireScope { user: paul.to_string(), ..lost.house.scope.clone() };
    let seen = ViewerConfirm { user: lost.claire.to_string(), recovery: Some(first.recovery) };
    let late = lost.house.ask_as(&by, &seen).unwrap_err();
    assert_eq!(late.code(), Some("recovery_over"), "another one waits than Paul has seen");
    lost.confirmed_by(paul).unwrap();
    assert_eq!((lost.stands(), lost.waits()), (PinState::Active, None));
    assert!(lost.shows_with(NEW_PIN) && !lost.shows_with(PIN));
}

#[test]
fn v_62_after_48_hours_it_is_used_though_nobody_agreed_and_a_blocked_pin_opens() {
    let lost = Lost::open();
    for _ in 0..2 {
        for _ in 0..5 {
            let path = link(&lost.house, lost.card, lost.claire);
            reveal(&lost.house, &path, "47120939", "number");
        }
        clock(&lost.house, "2026-06-15T08:40:00Z");
    }
    assert_eq!(lost.stands(), PinState::Blocked);
    lost.replace(|_| ());
    clock(&lost.house, "2026-06-17T08:39:59Z");
    assert_eq!(lost.stands(), PinState::Blocked);
    assert!(lost.house.ask(&wish(lost.card, lost.claire)).is_err(), "still blocked");
    clock(&lost.house, "2026-06-17T08:40:00Z");
    assert_eq!(lost.stands(), PinState::Active);
    assert!(lost.shows_with(NEW_PIN));
}

#[test]
fn v_62_one_press_stops_it_and_blocks_the_viewer() {
    let lost = Lost::open();
    lost.replace(|_| ());
    let told = lost.messages();
    let to = |address: &str| told.iter().find(|m| m.to == address && m.link.is_some()).unwrap();
    let (hers, owners) = (to("claire@tuffeaux.example"), to("paul@tuffeaux.example"));
    assert!(hers.text.contains("17/06/2026 10:02"), "{hers:?}");
    assert!(owners.subject.contains("Lost PIN: Claire"), "{owners:?}");
    let url = owners.link.as_ref().unwrap();
    assert!(told.iter().any(|m| m.sms && m.text.contains(url)), "{told:?}");
    let path = url.strip_prefix(&lost.house.config.public_url).unwrap();
    let page = lost.house.get(path);
    assert!(page.has("bloquer</button>"), "{}", page.body);
    assert!(lost.waits().is_some(), "a visit alone stops nothing");
    let stopped = lost.house.post(path, "");
    assert!(stopped.has("est bloqué</h1>"), "{}", stopped.body);
    assert_eq!(lost.stands(), PinState::Blocked);
    clock(&lost.house, "2026-06-18T08:00:00Z");
    assert_eq!(lost.stands(), PinState::Blocked, "nothing waits any more");
    assert!(lost.messages().iter().any(|m| m.sms && m.text.contains("PIN bloqué")));
    assert!(lost.house.post(path, "").has("est bloqué</h1>"), "twice is once");
}

#[test]
fn v_62_any_of_the_links_stops_even_after_the_new_pin_is_used() {
    let lost = Lost::open();
    lost.replace(|_| ());
    let link = |messages: &[VaultMessage]| {
        let mail = messages.iter().find(|m| m.to == "paul@tuffeaux.example").unwrap();
        let url = mail.link.clone().unwrap();
        url.strip_prefix(&lost.house.config.public_url).unwrap().to_owned()
    };
    let first = link(&lost.messages());
    clock(&lost.house, "2026-06-15T09:00:00Z");
    lost.replace(|_| ());
    clock(&lost.house, "2026-06-17T09:00:00Z");
    assert!(lost.shows_with(NEW_PIN), "the second has come into use");
    assert!(lost.house.post(&first, "").has("est bloqué</h1>"), "by the link of the first");
    assert_eq!(lost.stands(), PinState::Blocked);
}

#[test]
fn v_60_a_right_that_is_taken_away_takes_what_waits_with_it() {
    let lost = Lost::open();
    lost.replace(|_| ());
    lost.house.ask(&ViewerRevoke { user: lost.claire.to_string() }).unwrap();
    clock(&lost.house, "2026-06-18T08:00:00Z");
    assert_eq!((lost.stands(), lost.waits()), (PinState::Revoked, None));
}

#[test]
fn v_63_after_a_new_telephone_another_person_must_agree_for_sixty_days() {
    let lost = Lost::open();
    let paul = newcomer(&lost.house);
    clock(&lost.house, "2026-06-15T08:04:00Z");
    lost.replace(|_| ());
    clock(&lost.house, "2026-06-15T08:08:00Z");
    let old = "06 12 34 56 78";
    let mut moved = enrol(lost.claire);
    moved.phone = "07 00 00 00 78".into();
    moved.owners = vec![Owner { email: "paul@tuffeaux.example".into(), lang: Locale::En }];
    lost.house.ask(&moved).unwrap();
    assert_eq!(lost.waits(), None, "what was asked for before does not come into use");
    let told = lost.messages();
    assert!(told.iter().any(|m| m.sms && m.to == old && m.text.contains("autre téléphone")));
    assert!(told.iter().any(|m| !m.sms && m.subject.starts_with("Votre adresse ou")));
    let said = choose(&lost.house, NEW_PIN);
    assert!(said.has("Il servira à partir du 14/08/2026 10:08"), "{}", said.body);
    let told = lost.messages();
    assert!(told.iter().any(|m| m.sms && m.to == old && m.text.contains("/v/p/")), "{told:?}");
    assert!(told.iter().any(|m| m.subject.starts_with("Lost PIN, changed contact")), "{told:?}");
    clock(&lost.house, "2026-06-30T08:00:00Z");
    assert!(lost.waits().is_some(), "two days are not enough");
    lost.confirmed_by(paul).unwrap();
    assert_eq!((lost.stands(), lost.waits()), (PinState::Active, None));
    clock(&lost.house, "2026-08-20T08:00:00Z");
    let request = ViewerEnrol { phone: moved.phone, ..enrol(lost.claire) };
    lost.house.ask(&request).unwrap();
    let said = choose(&lost.house, "90417263");
    assert!(said.has("Il servira à partir du 22/08/2026 10:00"), "{}", said.body);
}
