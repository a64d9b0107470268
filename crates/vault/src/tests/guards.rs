//! What stands before a number however right the PIN is: limits, hours, networks.

use kernel::{CardToken, UserId};
use vault_wire::{CardGet, CardSettings, CardSettingsGet, CardSettingsPut, Hours, LogEntries};

use super::house::{House, Reply};
use super::reveal::{PIN, card_with_code, clock, key_of, link, open, reveal, send, viewer, wish};

const NUMBER: &str = "5207 0000 0000 0000";

pub(super) fn change(house: &House, how: impl FnOnce(&mut CardSettings)) {
    let answer = house.ask(&CardSettingsGet {}).unwrap();
    let (mut settings, version) = (answer.settings, answer.version);
    how(&mut settings);
    house.ask(&CardSettingsPut { settings, version }).unwrap();
}

fn count(house: &House, card: CardToken, event: &str) -> usize {
    let asked = LogEntries { from: 0, limit: 1000, card: Some(card) };
    let entries = house.ask(&asked).unwrap().entries;
    entries.iter().filter(|entry| entry.entry.contains(event)).count()
}

/// Links that are open, with the keys of their pages.
pub(super) fn opened(house: &House, cards: &[CardToken], user: UserId) -> Vec<(String, String)> {
    let open_one = |card: &CardToken| {
        let path = link(house, *card, user);
        let key = key_of(&open(house, &path));
        (path, key)
    };
    cards.iter().map(open_one).collect()
}

/// Sends the right PIN to all of them at once.
pub(super) fn rush(house: &House, pages: &[(String, String)]) -> Vec<Reply> {
    std::thread::scope(|scope| {
        let tries: Vec<_> = pages
            .iter()
            .map(|(path, key)| {
                scope.spawn(move || send(house, path, &format!("key={key}&pin={PIN}&show=number")))
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn v_75_at_the_limit_of_an_hour_one_of_two_is_shown_and_the_other_is_told_when() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let user = viewer(&house);
    let cards: Vec<CardToken> =
        (0..7).map(|n| card_with_code(&house, &format!("HOP-{n}"))).collect();
    for n in 0..19 {
        clock(&house, &format!("2026-06-15T08:{n:02}:00Z"));
        let path = link(&house, cards[n % 6], user);
        assert!(reveal(&house, &path, PIN, "number").has(NUMBER), "the {n}th");
    }
    let pages = opened(&house, &[cards[6], cards[6]], user);
    let replies = rush(&house, &pages);
    assert_eq!(replies.iter().filter(|reply| reply.has(NUMBER)).count(), 1, "one place was left");
    let late = replies.iter().find(|reply| !reply.has(NUMBER)).unwrap();
    assert_eq!(late.status, 429, "{}", late.body);
    assert!(late.has("à partir du 15/06/2026 11:00"), "{}", late.body);
    assert_eq!(late.header("retry-after"), (42 * 60).to_string());
    assert_eq!(count(&house, cards[6], "\"card.revealed\""), 1);
    let refused = house.ask(&wish(cards[6], user)).unwrap_err();
    assert_eq!(refused.code(), Some("reveal_limit"));
    assert!(refused.to_string().contains("2026-06-15T09:00:00Z"), "{refused}");

    clock(&house, "2026-06-15T08:59:59Z");
    assert_eq!(house.ask(&wish(cards[6], user)).unwrap_err().code(), Some("reveal_limit"));
    clock(&house, "2026-06-15T09:00:00Z");
    let path = link(&house, cards[6], user);
    assert!(reveal(&house, &path, PIN, "number").has(NUMBER), "the told time is the right one");
}

#[test]
fn v_75_a_card_is_shown_as_often_as_its_shop_says_also_in_a_race() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    change(&house, |settings| settings.max_per_card = 1);
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    let pages = opened(&house, &[card, card], user);
    let left = opened(&house, &[card], user).remove(0);
    let replies = rush(&house, &pages);
    assert_eq!(replies.iter().filter(|reply| reply.has(NUMBER)).count(), 1);
    let late = replies.iter().find(|reply| !reply.has(NUMBER)).unwrap();
    assert!(late.status == 429 && late.has("affichée 1 fois"), "{}", late.body);
    assert_eq!(late.header("retry-after"), "", "time is no cure");
    assert_eq!(house.ask(&CardGet { card }).unwrap().reveals.count, 1);
    let (path, key) = left;
    let wrong = send(&house, &path, &format!("key={key}&pin=47120939&show=number"));
    assert_eq!((wrong.status, wrong.has("il reste")), (429, false), "no try is counted");
    let refused = house.ask(&wish(card, user)).unwrap_err();
    assert_eq!(refused.code(), Some("reveal_limit"));
    change(&house, |settings| settings.max_per_card = 2);
    assert!(reveal(&house, &link(&house, card, user), PIN, "number").has(NUMBER));
}

#[test]
fn v_75_outside_the_hours_nothing_is_shown_and_the_page_names_them() {
    let house = House::open();
    clock(&house, "2026-06-15T19:59:00Z");
    let hours = Hours { from: "07:00".parse().unwrap(), to: "22:00".parse().unwrap() };
    change(&house, |settings| settings.hours = Some(hours));
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    let (in_time, late) = (link(&house, card, user), link(&house, card, user));
    let key = key_of(&open(&house, &late));
    assert!(reveal(&house, &in_time, PIN, "number").has(NUMBER), "21:59 in Paris");
    clock(&house, "2026-06-15T20:00:00Z");
    let refused = send(&house, &late, &format!("key={key}&pin={PIN}&show=number"));
    assert_eq!(refused.status, 403);
    assert!(refused.has("de 07:00 à 22:00") && !refused.has(NUMBER), "{}", refused.body);
    assert_eq!(house.ask(&wish(card, user)).unwrap_err().code(), Some("outside_hours"));
    clock(&house, "2026-06-16T05:00:00Z");
    assert!(reveal(&house, &link(&house, card, user), PIN, "number").has(NUMBER));
}

#[test]
fn v_75_only_the_shops_networks_see_a_card_and_no_header_says_who_calls() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    change(&house, |settings| settings.networks = vec!["203.0.113.0/24".into()]);
    let path = link(&house, card, user);
    let told = [
        ("sec-fetch-dest", "document"),
        ("user-agent", "B"),
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
    ];
    let refused = house.send(&format!("GET {path} HTTP/1.1\r\n"), &told, "");
    assert_eq!(refused.status, 403, "the address is the connection's");
    assert!(refused.has("Réseau non autorisé"), "{}", refused.body);
    let opened = house.ask(&LogEntries { from: 0, limit: 1000, card: Some(card) }).unwrap().entries;
    let noted = opened.iter().find(|entry| entry.entry.contains("\"link.opened\"")).unwrap();
    assert!(noted.entry.contains("\"ok\":false"), "{}", noted.entry);
    change(&house, |settings| settings.networks = vec!["127.0.0.0/8".into(), "::1".into()]);
    assert!(reveal(&house, &path, PIN, "number").has(NUMBER), "that visit had not opened it");
}

#[test]
fn v_75_settings_that_make_no_sense_are_refused_with_their_place() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let answer = house.ask(&CardSettingsGet {}).unwrap();
    let put = |how: &dyn Fn(&mut CardSettings)| {
        let mut settings = answer.settings.clone();
        how(&mut settings);
        house.ask(&CardSettingsPut { settings, version: answer.version }).unwrap_err().to_string()
    };
    let noon = "12:00".parse().unwrap();
    let never = put(&|settings| settings.hours = Some(Hours { from: noon, to: noon }));
    assert!(never.contains("Two different times"), "{never}");
    let wrong = put(&|s| s.networks = vec!["127.0.0.1".into(), "10.0.0.0/33".into()]);
    assert!(wrong.contains("like 203.0.113.0/24"), "{wrong}");
    let many = put(&|s| s.networks = (0..33).map(|n| format!("10.0.0.{n}")).collect());
    assert!(many.contains("At most 32"), "{many}");
}
