//! A second person, and people whose right goes.

use kernel::rng::OsRng;
use kernel::{CardToken, Locale, UserId};
use vault_wire::{
    Hours, LinkAnswer, LinkApprove, LinkGet, LinkWaiting, LinkWaits, LogEntries, Manager,
    MessagesTake, PeoplePut, PinState, SecondPerson, Unusual, ViewerConfirm, ViewerEnrol,
    ViewerGet, WireError, WireScope,
};

use super::guards::{change, opened, rush};
use super::house::{House, Reply};
use super::people::change_page;
use super::reveal::{
    PIN, card_with_code, choose, clock, enrol, key_of, link, open, reveal, send, view_once, wish,
};

const NUMBER: &str = "5207 0000 0000 0000";
const WAITS: &str = "En attente d&#39;un accord";

/// A house in which Claire sees cards, and Anne and Paul manage users.
struct Team {
    house: House,
    claire: UserId,
    anne: UserId,
    paul: UserId,
    card: CardToken,
}

impl Team {
    fn begin() -> Self {
        let house = House::open();
        clock(&house, "2026-06-15T08:00:00Z");
        let [claire, anne, paul] = [(); 3].map(|()| UserId::random(&OsRng));
        let team = Self { card: card_with_code(&house, "HOP-1"), house, claire, anne, paul };
        team.enrols(claire, "B");
        team.tell(&[claire], &[anne, paul]);
        team
    }

    fn tell(&self, viewers: &[UserId], managers: &[UserId]) {
        let manager = |user: &UserId| Manager {
            user: *user,
            email: format!("{user}@tuffeaux.example"),
            lang: Locale::Fr,
        };
        let managers = managers.iter().map(manager).collect();
        self.house.ask(&PeoplePut { viewers: viewers.to_vec(), managers }).unwrap();
    }

    /// Chooses a PIN in this browser, and is vouched for.
    fn enrols(&self, user: UserId, browser: &str) {
        let house = &self.house;
        house.ask(&enrol(user)).unwrap();
        let (path, code) = super::reveal::invitation(house);
        let post = |form: &str| {
            let headers =
                [("content-type", "application/x-www-form-urlencoded"), ("user-agent", browser)];
            house.send(&format!("POST {path} HTTP/1.1\r\n"), &headers, form)
        };
        let key = key_of(&post(&format!("code={code}")));
        let done = post(&format!("key={key}&pin={PIN}&again={PIN}"));
        assert_eq!(done.status, 200, "{}", done.body);
        house.ask(&ViewerConfirm { user: user.to_string(), recovery: None }).unwrap();
    }

    fn see(&self) -> Reply {
        reveal(&self.house, &link(&self.house, self.card, self.claire), PIN, "number")
    }

    fn waiting(&self) -> Vec<LinkWaits> {
        self.house.ask(&LinkWaiting {}).unwrap().links
    }

    fn says(
        &self,
        who: UserId,
        id: kernel::RevealLinkId,
        yes: bool,
    ) -> Result<LinkAnswer, WireError> {
        let scope = WireScope { user: who.to_string(), ..self.house.scope.clone() };
        self.house.ask_as(&scope, &LinkApprove { id, approve: yes })
    }

    fn pin(&self) -> PinState {
        self.house.ask(&ViewerGet { user: self.claire }).unwrap().pin
    }
}

fn visit(house: &House, path: &str, browser: &str) -> Reply {
    let headers = [("sec-fetch-dest", "document"), ("user-agent", browser)];
    house.send(&format!("GET {path} HTTP/1.1\r\n"), &headers, "")
}

fn submit(house: &House, path: &str, (browser, form): (&str, &str)) -> Reply {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("user-agent", browser)];
    house.send(&format!("POST {path} HTTP/1.1\r\n"), &headers, form)
}

#[test]
fn v_76_a_new_browser_waits_for_another_person_and_goes_on_by_itself() {
    let mut team = Team::begin();
    assert!(team.see().has(NUMBER), "where the PIN was chosen nothing is unusual");
    let created = team.house.ask(&wish(team.card, team.claire)).unwrap();
    assert_eq!(created.status, "created", "nobody knows the browser yet");
    let path = created.url.strip_prefix(&team.house.config.public_url).unwrap().to_owned();
    let page = visit(&team.house, &path, "New");
    assert_eq!((page.status, page.has(WAITS)), (202, true), "{}", page.body);
    assert_eq!(page.header("refresh"), format!("5;url={path}"));
    assert!(!page.has("name=\"pin\"") && !page.has("<script") && page.has("10\u{a0}h\u{a0}15"));
    let waits = team.waiting().remove(0);
    assert_eq!((waits.name.as_str(), waits.last4.as_str()), ("Claire", "0000"));
    assert_eq!((waits.purpose.as_str(), waits.ip.as_str()), ("guarantee", "127.0.0.1"));
    assert_eq!(waits.why, [Unusual::NewBrowser]);
    assert_eq!(waits.until.to_string(), "2026-06-15T08:15:00Z");
    let messages = team.house.ask(&MessagesTake {}).unwrap().messages;
    let asked =
        messages.iter().filter(|m| m.subject == "Accord demandé\u{a0}: Claire veut voir une carte");
    let asked: Vec<_> = asked.collect();
    assert_eq!(asked.len(), 2, "Anne and Paul, and only once: {messages:?}");
    assert!(asked[0].link.as_ref().unwrap().ends_with("/cartes/accords"));
    assert!(asked[0].text.contains("0000") && asked[0].text.contains("127.0.0.1"));

    let code = |said: Result<LinkAnswer, WireError>| said.unwrap_err().code().unwrap().to_owned();
    assert_eq!(code(team.says(team.claire, waits.id, true)), "self_approval");
    let stranger = UserId::random(&OsRng);
    assert_eq!(code(team.says(stranger, waits.id, true)), "not_granted");
    assert_eq!(visit(&team.house, &path, "Thief").status, 403, "bound to who waits");
    team.house.kill();
    team.house.start();
    assert!(visit(&team.house, &path, "New").has(WAITS), "it waits through a restart");
    assert_eq!(team.says(team.anne, waits.id, true).unwrap().status, "created");
    assert_eq!(code(team.says(team.paul, waits.id, false)), "link_expired", "one word is enough");
    assert!(team.waiting().is_empty());
    assert_eq!(visit(&team.house, &path, "Thief").status, 403, "still");
    let page = visit(&team.house, &path, "New");
    let key = key_of(&page);
    let shown = submit(&team.house, &path, ("New", &format!("key={key}&pin={PIN}&show=number")));
    assert!(shown.has(NUMBER), "{}", shown.body);
    let path = link(&team.house, team.card, team.claire);
    assert_eq!(visit(&team.house, &path, "New").status, 200, "it is known now");
    let asked = LogEntries { from: 0, limit: 1000, card: Some(team.card) };
    let log = team.house.ask(&asked).unwrap().entries;
    let entry = log.iter().find(|entry| entry.entry.contains("\"link.decided\"")).unwrap();
    assert!(entry.entry.contains(&team.anne.to_string()), "{}", entry.entry);
}

#[test]
fn v_76_who_is_refused_or_hears_nothing_in_fifteen_minutes_sees_nothing() {
    let team = Team::begin();
    let path = link(&team.house, team.card, team.claire);
    visit(&team.house, &path, "New");
    let id = team.waiting()[0].id;
    assert_eq!(team.says(team.paul, id, false).unwrap().status, "refused");
    let page = visit(&team.house, &path, "New");
    assert_eq!((page.status, page.has("Affichage refusé")), (403, true), "{}", page.body);

    let path = link(&team.house, team.card, team.claire);
    visit(&team.house, &path, "New");
    let id = team.waiting()[0].id;
    clock(&team.house, "2026-06-15T08:14:59Z");
    assert!(visit(&team.house, &path, "New").has(WAITS));
    clock(&team.house, "2026-06-15T08:15:00Z");
    let page = visit(&team.house, &path, "New");
    assert_eq!((page.status, page.has("Personne n&#39;a répondu")), (410, true), "{}", page.body);
    assert!(team.waiting().is_empty());
    assert_eq!(team.says(team.anne, id, true).unwrap_err().code(), Some("link_expired"));
    assert_eq!(team.house.ask(&LinkGet { id }).unwrap().status, "expired");
}

#[test]
fn v_76_of_two_pages_opened_before_the_fourth_showing_only_one_is_shown_unasked() {
    let team = Team::begin();
    assert!(team.see().has(NUMBER) && team.see().has(NUMBER));
    let pages = opened(&team.house, &[team.card, team.card], team.claire);
    let replies = rush(&team.house, &pages);
    assert_eq!(replies.iter().filter(|reply| reply.has(NUMBER)).count(), 1, "the third");
    let late = replies.iter().position(|reply| !reply.has(NUMBER)).unwrap();
    assert!(replies[late].status == 202 && replies[late].has(WAITS), "{}", replies[late].body);
    let waits = team.waiting().remove(0);
    assert_eq!(waits.why, [Unusual::SameCard]);
    team.says(team.anne, waits.id, true).unwrap();
    let path = &pages[late].0;
    let key = key_of(&open(&team.house, path));
    let shown = send(&team.house, path, &format!("key={key}&pin={PIN}&show=number"));
    assert!(shown.has(NUMBER), "{}", shown.body);
    // The next one is known to be unusual from the start.
    let created = team.house.ask(&wish(team.card, team.claire)).unwrap();
    assert_eq!(created.status, "awaiting_approval");
    let early = team.says(team.anne, created.id, true).unwrap_err();
    assert_eq!(early.code(), Some("link_expired"), "nobody is there yet");
    let path = created.url.strip_prefix(&team.house.config.public_url).unwrap().to_owned();
    assert!(open(&team.house, &path).has(WAITS));
}

#[test]
fn v_76_a_shop_asks_every_time_or_never_and_outside_its_hours_instead_of_shutting() {
    let team = Team::begin();
    change(&team.house, |settings| settings.second_person = Some(SecondPerson::Always));
    let path = link(&team.house, team.card, team.claire);
    assert!(open(&team.house, &path).has(WAITS));
    assert_eq!(team.waiting()[0].why, [Unusual::EveryTime]);
    change(&team.house, |settings| {
        settings.second_person = None;
        settings.hours =
            Some(Hours { from: "12:00".parse().unwrap(), to: "13:00".parse().unwrap() });
    });
    let path = link(&team.house, team.card, team.claire);
    assert!(open(&team.house, &path).has(WAITS));
    let why: Vec<_> = team.waiting().into_iter().map(|waits| waits.why).collect();
    assert!(why.contains(&vec![Unusual::OutsideHours]), "{why:?}");
    change(&team.house, |settings| settings.second_person = Some(SecondPerson::Off));
    let shut = team.house.ask(&wish(team.card, team.claire)).unwrap_err();
    assert_eq!(shut.code(), Some("outside_hours"), "without a second person they shut");

    change(&team.house, |settings| {
        settings.hours = None;
        settings.second_person = Some(SecondPerson::Always);
    });
    team.tell(&[team.claire], &[team.claire]);
    let alone = team.house.ask(&wish(team.card, team.claire)).unwrap_err();
    assert_eq!(alone.code(), Some("approval_refused"), "nobody agrees to his own");
    change(&team.house, |settings| settings.second_person = None);
    let path = link(&team.house, team.card, team.claire);
    assert_eq!(visit(&team.house, &path, "Never seen").status, 200, "one who manages is no two");
}

#[test]
fn v_60_who_is_no_longer_named_loses_pin_and_open_pages_at_once() {
    let team = Team::begin();
    view_once(&team.house);
    let card = card_with_code(&team.house, "HOP-2");
    let before = opened(&team.house, &[card, card], team.claire);
    let (path, key) = &before[0];
    let shown = send(&team.house, path, &format!("key={key}&pin={PIN}&show=number"));
    assert!(shown.has(NUMBER) && shown.has("Afficher le code"), "{}", shown.body);
    team.tell(&[team.anne], &[team.anne, team.paul]);
    assert_eq!(team.pin(), PinState::Revoked);
    let code = send(&team.house, path, &format!("key={}&show=code", key_of(&shown)));
    assert_eq!((code.status, code.has(">123<")), (410, false), "{}", code.body);
    let (path, key) = &before[1];
    let late = send(&team.house, path, &format!("key={key}&pin={PIN}&show=code"));
    assert_eq!((late.status, late.has(NUMBER)), (410, false), "{}", late.body);
    let refused = team.house.ask(&wish(card, team.claire)).unwrap_err();
    assert_eq!(refused.code(), Some("pin_not_set"));
    // With the right again he chooses a PIN, and somebody vouches for him.
    team.tell(&[team.claire], &[team.anne, team.paul]);
    assert_eq!(team.pin(), PinState::Revoked, "the right alone opens nothing");
    clock(&team.house, "2026-06-15T08:02:00Z");
    team.house.ask(&enrol(team.claire)).unwrap();
    assert_eq!(choose(&team.house, PIN).status, 200);
    assert_eq!(team.pin(), PinState::Active);
    let unknown = team.house.ask(&wish(card, team.claire)).unwrap_err();
    assert_eq!(unknown.code(), Some("awaiting_approval"));
}

#[test]
fn v_60_a_pin_that_is_of_no_use_for_ninety_days_is_disabled_until_it_is_chosen_anew() {
    let team = Team::begin();
    clock(&team.house, "2026-06-20T08:00:00Z");
    let again = card_with_code(&team.house, "HOP-2");
    assert!(reveal(&team.house, &link(&team.house, again, team.claire), PIN, "number").has(NUMBER));
    clock(&team.house, "2026-09-18T07:59:59Z");
    assert_eq!(team.pin(), PinState::Active, "a day of use counts anew");
    let late = card_with_code(&team.house, "HOP-3");
    let path = link(&team.house, late, team.claire);
    let key = key_of(&open(&team.house, &path));
    clock(&team.house, "2026-09-18T08:00:00Z");
    assert_eq!(team.pin(), PinState::Disabled);
    let shut = send(&team.house, &path, &format!("key={key}&pin={PIN}&show=number"));
    assert_eq!((shut.status, shut.has(NUMBER)), (410, false), "{}", shut.body);
    let refused = team.house.ask(&wish(late, team.claire)).unwrap_err();
    assert_eq!(refused.code(), Some("pin_disabled"));
    let told = team.house.ask(&MessagesTake {}).unwrap().messages;
    assert_eq!(told.iter().filter(|m| m.text.contains("90 jours")).count(), 2, "{told:?}");

    team.house.ask(&enrol(team.claire)).unwrap();
    let same = choose(&team.house, PIN);
    assert!(same.status == 422 && same.has("Évitez un ancien PIN"), "{}", same.body);
    clock(&team.house, "2026-09-18T08:02:00Z");
    team.house.ask(&enrol(team.claire)).unwrap();
    assert_eq!(choose(&team.house, "83052714").status, 200);
    assert_eq!(team.pin(), PinState::Active, "at once");
}

#[test]
fn v_60_v_63_who_is_reached_elsewhere_since_waits_although_his_pin_was_disabled() {
    for clicks in [1, 2] {
        waits_after(clicks);
    }
}

/// The last click names another telephone; those before it are the old one's.
fn waits_after(clicks: usize) {
    let team = Team::begin();
    clock(&team.house, "2026-09-13T08:00:00Z");
    assert_eq!(team.pin(), PinState::Disabled);
    for _ in 1..clicks {
        team.house.ask(&enrol(team.claire)).unwrap();
    }
    let earlier = team.house.ask(&MessagesTake {}).unwrap().messages;
    let moved = ViewerEnrol { phone: "06 99 88 77 66".into(), ..enrol(team.claire) };
    team.house.ask(&moved).unwrap();
    let mut messages = team.house.ask(&MessagesTake {}).unwrap().messages;
    messages.retain(|message| earlier.iter().all(|old| old.id != message.id));
    let code = messages.iter().rev().find(|m| m.text.contains("code est")).unwrap();
    let digits: String = code.text.chars().filter(char::is_ascii_digit).collect();
    let mail = messages.iter().rev().find(|m| m.link.is_some()).unwrap();
    let path = mail.link.as_ref().unwrap();
    let path = path.strip_prefix(&team.house.config.public_url).unwrap();
    let key = key_of(&team.house.post(path, &format!("code={digits}")));
    let form = format!("key={key}&pin=83052714&again=83052714");
    assert!(team.house.post(path, &form).has("Votre nouveau PIN est choisi"));
    assert_ne!(team.pin(), PinState::Active, "after {clicks} clicks");
}

#[test]
fn v_76_who_changes_his_pin_in_a_browser_is_not_known_there_by_that() {
    let team = Team::begin();
    let path = change_page(&team.house, team.claire);
    let key = key_of(&visit(&team.house, &path, "Foreign"));
    let form = format!("key={key}&old={PIN}&pin=83052714&again=83052714");
    let done = submit(&team.house, &path, ("Foreign", &form));
    assert!(done.has("Votre PIN est changé"), "{}", done.body);
    let page = link(&team.house, team.card, team.claire);
    let waits = visit(&team.house, &page, "Foreign");
    assert_eq!((waits.status, waits.has(WAITS)), (202, true), "{}", waits.body);
}
