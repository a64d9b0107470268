//! PIN, reveal and the code that is shown once: as people and browsers meet them.

use kernel::rng::OsRng;
use kernel::{Locale, Timestamp, UserId};
use serde_json::json;
use vault_wire::{
    CardGet, CardSettings, CardSettingsGet, CardSettingsPut, ClockSet, CodeStatus, LinkCreate,
    LinkGet, MessagesDone, MessagesTake, Pace, PinState, RelayCode, StorageStatus, ViewOnce,
    ViewerConfirm, ViewerEnrol, ViewerGet,
};

use super::house::{APP, House, Reply, VAULT_KEY};

pub(super) const PIN: &str = "47120938";
const NUMBER: &str = "5207000000000000";
const DOCUMENT: [(&str, &str); 2] = [("sec-fetch-dest", "document"), ("user-agent", "B")];

pub(super) fn clock(house: &House, to: &str) {
    let now = Some(Timestamp::parse_rfc3339(to).unwrap());
    house.ask(&ClockSet { shop: house.scope.shop, now, pace: Pace::Frozen }).unwrap();
}

fn settings(house: &House) -> (CardSettings, u32) {
    let answer = house.ask(&CardSettingsGet {}).unwrap();
    (answer.settings, answer.version)
}

/// Lets codes be seen once.
pub(super) fn view_once(house: &House) {
    let (mut settings, version) = settings(house);
    settings.view_code_once = Some(ViewOnce {
        reason: "Our acquirer allows it for guarantees.".into(),
        until: "2026-12-01".into(),
        approved_by: "usr_a".into(),
    });
    house.ask(&CardSettingsPut { settings, version }).unwrap();
}

pub(super) fn enrol(user: UserId) -> ViewerEnrol {
    ViewerEnrol {
        user,
        name: "Claire".into(),
        email: "claire@tuffeaux.example".into(),
        phone: "06 12 34 56 78".into(),
        lang: Locale::Fr,
        avoid: vec!["02 41 50 12 34".into()],
        return_url: None,
        owners: Vec::new(),
    }
}

/// Link and code of the newest enrolment, taken from the messages.
pub(super) fn invitation(house: &House) -> (String, String) {
    let messages = house.ask(&MessagesTake {}).unwrap().messages;
    let mail = messages.iter().rev().find(|m| !m.sms && m.text.contains("finissant par")).unwrap();
    let sms = messages.iter().rev().find(|m| m.text.contains("code est")).unwrap();
    let link = mail.link.as_ref().unwrap();
    let path = link.strip_prefix(&house.config.public_url).unwrap().to_owned();
    let digits: String = sms.text.chars().filter(char::is_ascii_digit).collect();
    assert!(mail.text.contains(" 78.") && !mail.text.contains(&digits));
    assert!(!sms.text.contains("/v/p/") && sms.link.is_none());
    let ids = messages.iter().map(|m| m.id).collect();
    house.ask(&MessagesDone { ids }).unwrap();
    (path, digits)
}

pub(super) fn key_of(reply: &Reply) -> String {
    let (_, rest) = reply.body.split_once("name=\"key\" value=\"").expect(&reply.body);
    rest.split('"').next().unwrap().to_owned()
}

/// A person with a PIN, whom another has vouched for.
pub(super) fn viewer(house: &House) -> UserId {
    let user = newcomer(house);
    house.ask(&ViewerConfirm { user: user.to_string(), recovery: None }).unwrap();
    user
}

/// A person with a PIN.
pub(super) fn newcomer(house: &House) -> UserId {
    let user = UserId::random(&OsRng);
    house.ask(&enrol(user)).unwrap();
    let done = choose(house, PIN);
    assert_eq!(done.status, 200, "{}", done.body);
    user
}

/// Opens the newest link, types the code of the text message, chooses this PIN.
pub(super) fn choose(house: &House, pin: &str) -> Reply {
    let (path, code) = invitation(house);
    let page = house.post(&path, &format!("code={code}"));
    let key = key_of(&page);
    house.post(&path, &format!("key={key}&pin={pin}&again={pin}"))
}

pub(super) fn card_with_code(house: &House, name: &str) -> kernel::CardToken {
    let body = json!({
        "shop": house.scope.shop, "booking": name, "customer": null,
        "card": { "number": NUMBER, "exp_month": 6, "exp_year": 2030,
            "holder": "Francois", "security_code": "123" },
        "virtual": null, "three_ds": null, "source": { "channel": "OTA", "entry": "feed" },
    });
    let bearer = format!("Bearer {VAULT_KEY}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", name)];
    let added = house.send("POST /v1/cards HTTP/1.1\r\n", &headers, &body.to_string());
    assert_eq!(added.status, 201, "{}", added.body);
    added.json()["token"].as_str().unwrap().parse().unwrap()
}

pub(super) fn link(house: &House, card: kernel::CardToken, user: UserId) -> String {
    let created = house.ask(&wish(card, user)).unwrap();
    created.url.strip_prefix(&house.config.public_url).unwrap().to_owned()
}

pub(super) fn wish(card: kernel::CardToken, user: UserId) -> LinkCreate {
    LinkCreate {
        card,
        user,
        purpose: "guarantee".into(),
        frame_origin: None,
        client_ip: None,
        lang: Locale::Fr,
        return_url: None,
    }
}

pub(super) fn open(house: &House, path: &str) -> Reply {
    house.send(&format!("GET {path} HTTP/1.1\r\n"), &DOCUMENT, "")
}

pub(super) fn send(house: &House, path: &str, form: &str) -> Reply {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("user-agent", "B")];
    house.send(&format!("POST {path} HTTP/1.1\r\n"), &headers, form)
}

/// Opens a link and sends a PIN.
pub(super) fn reveal(house: &House, path: &str, pin: &str, show: &str) -> Reply {
    let key = key_of(&open(house, path));
    send(house, path, &format!("key={key}&pin={pin}&show={show}"))
}

#[test]
fn v_55_v_57_a_person_enrols_by_link_and_code_and_chooses_a_pin() {
    let house = House::open();
    clock(&house, "2026-06-15T07:00:00Z");
    let user = UserId::random(&OsRng);
    let state = |house: &House| house.ask(&ViewerGet { user }).unwrap().pin;
    assert_eq!(state(&house), PinState::None);
    let without = ViewerEnrol { phone: String::new(), ..enrol(user) };
    let refused = house.ask(&without).unwrap_err();
    assert_eq!(refused.code(), Some("contact_missing"));
    assert!(house.ask(&MessagesTake {}).unwrap().messages.is_empty(), "nothing is sent");

    house.ask(&enrol(user)).unwrap();
    house.ask(&enrol(user)).unwrap();
    assert_eq!(house.ask(&MessagesTake {}).unwrap().messages.len(), 2, "one mail and one SMS");
    let (path, code) = invitation(&house);
    assert!(house.ask(&MessagesTake {}).unwrap().messages.is_empty(), "reported ones are wiped");
    assert!(house.get(&path).has("finissant par 78"));
    let choose = house.post(&path, &format!("code={code}"));
    let mut key = key_of(&choose);
    for (pin, said) in [
        ("1234567", "Le PIN compte 8 chiffres"),
        ("1234567a", "Le PIN compte 8 chiffres"),
        ("12345678", "Évitez les suites comme 12345678"),
        ("11111111", "Utilisez au moins 3 chiffres différents"),
        ("24121985", "Évitez une date"),
        ("24150123", "Évitez un numéro de téléphone"),
    ] {
        let refused = house.post(&path, &format!("key={key}&pin={pin}&again={pin}"));
        assert_eq!(refused.status, 422);
        assert!(refused.has(said) && refused.has("<title>Erreur"), "{pin}: {}", refused.body);
        key = key_of(&refused);
    }
    let differ = house.post(&path, &format!("key={key}&pin={PIN}&again=47120939"));
    assert!(differ.has("Les deux PIN diffèrent"));
    assert!(house.post(&path, "key=x&pin=47120938&again=47120938").has("Code reçu par SMS"));
    assert_eq!(state(&house), PinState::Invited);
    assert_eq!(house.ask(&CardSettingsGet {}).unwrap().storage, StorageStatus::AwaitingPin);
    let key = key_of(&house.post(&path, &format!("code={code}")));
    let done = house.post(&path, &format!("key={key}&pin={PIN}&again={PIN}"));
    assert!(done.has("Votre PIN est actif"), "{}", done.body);
    assert_eq!(state(&house), PinState::Active);
    let after = house.ask(&CardSettingsGet {}).unwrap();
    assert_eq!(after.storage, StorageStatus::On);
    assert_eq!(after.activated_at.unwrap().to_string(), "2026-06-15T07:00:00Z");
    let again = house.get(&path);
    assert_eq!((again.status, again.has("Ce lien a expiré")), (410, true));
    assert_eq!(house.files_with(PIN), Vec::<std::path::PathBuf>::new());
}

#[test]
fn v_55_five_wrong_codes_end_the_enrolment_for_half_an_hour() {
    let house = House::open();
    clock(&house, "2026-06-15T07:00:00Z");
    let user = UserId::random(&OsRng);
    house.ask(&enrol(user)).unwrap();
    let (path, code) = invitation(&house);
    for left in (1..5).rev() {
        let wrong = house.post(&path, "code=00000000");
        assert!(wrong.has(&format!("il reste {left} essai")), "{}", wrong.body);
    }
    let shut = house.post(&path, "code=00000000");
    assert!(shut.has("Bloqué jusqu&#39;à 9\u{a0}h\u{a0}30"), "{}", shut.body);
    assert!(house.post(&path, &format!("code={code}")).status >= 400, "the right one too");
    let messages = house.ask(&MessagesTake {}).unwrap().messages;
    assert_eq!(messages[0].subject, "Essais de code refusés");
    assert_eq!(house.ask(&enrol(user)).unwrap_err().code(), Some("pin_locked"));
    clock(&house, "2026-06-15T07:30:00Z");
    house.ask(&enrol(user)).unwrap();
    let (fresh, new_code) = invitation(&house);
    assert!(house.post(&fresh, &format!("code={code}")).has("il reste 4 essais"), "the first code");
    assert_eq!(house.post(&fresh, &format!("code={new_code}")).status, 200);
}

#[test]
fn u_96_only_the_demo_shows_a_card_in_its_own_frame() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let (user, card) = (viewer(&house), card_with_code(&house, "HOP-1"));
    let path = link(&house, card, user);
    let framed = [("sec-fetch-dest", "iframe"), ("user-agent", "B")];
    let elsewhere = [framed[0], framed[1], ("referer", "http://127.0.0.4:8000/")];
    let refused = house.send(&format!("GET {path} HTTP/1.1\r\n"), &elsewhere, "");
    assert_eq!(refused.status, 403, "another page says that it frames it");
    let page = house.send(&format!("GET {path} HTTP/1.1\r\n"), &framed, "");
    assert_eq!(page.status, 200, "{}", page.body);
    let csp = page.header("content-security-policy");
    assert!(csp.ends_with(&format!("frame-ancestors {APP}")), "{csp}");
}

#[test]
fn ve_09_a_link_is_opened_once_and_shows_the_code_once() {
    let mut house = House::open();
    house.kill();
    house.config.demo = false;
    house.config.same_user = Some("accepted: test".into());
    house.start();
    clock(&house, "2026-06-15T08:00:00Z");
    view_once(&house);
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    let status = |house: &House| house.ask(&CardGet { card }).unwrap().security_code;
    assert_eq!(status(&house).status, CodeStatus::Available);

    let path = link(&house, card, user);
    clock(&house, "2026-06-15T08:01:59Z");
    let ahead = [("sec-fetch-dest", "document"), ("sec-purpose", "prefetch")];
    assert_eq!(house.send(&format!("GET {path} HTTP/1.1\r\n"), &ahead, "").status, 403);
    assert_eq!(house.send(&format!("HEAD {path} HTTP/1.1\r\n"), &DOCUMENT, "").status, 403);
    assert!(house.get(&path).has("Navigateur trop ancien"), "no Sec-Fetch-Dest");
    let framed = [("sec-fetch-dest", "iframe"), ("user-agent", "B")];
    assert_eq!(house.send(&format!("GET {path} HTTP/1.1\r\n"), &framed, "").status, 403);
    let page = open(&house, &path);
    assert_eq!(page.status, 200, "none of them has opened it: {}", page.body);
    let once = "Le code de sécurité ne s&#39;affichera qu&#39;une seule fois, puis sera détruit.";
    assert!(page.has(once), "{}", page.body);
    assert!(!page.has("<script") && !page.has(NUMBER));
    let csp = page.header("content-security-policy");
    assert!(csp.contains("frame-ancestors 'none'") && !csp.contains("script-src"), "{csp}");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cache-control"), "no-store");
    let key = key_of(&page);
    assert_eq!(open(&house, &path).status, 410, "a second look");
    clock(&house, "2026-06-15T08:03:00Z");
    let other = [("user-agent", "C")];
    let form = format!("key={key}&pin={PIN}&show=code");
    let stolen = house.send(&format!("POST {path} HTTP/1.1\r\n"), &other, &form);
    assert_eq!(stolen.status, 403, "another browser");
    let shown = send(&house, &path, &form);
    assert!(shown.has("5207 0000 0000 0000") && shown.has("06/30") && shown.has("Francois"));
    assert!(shown.has(">123<") && shown.has("Claire") && !shown.has("<script"));
    assert!(shown.header("refresh").starts_with("60;url=/v/r/"));
    let repeat = send(&house, &path, &form);
    assert!(repeat.status == 410 && !repeat.has("5207 0000"), "the same form again");
    clock(&house, "2026-06-15T08:04:00Z");
    assert!(open(&house, &path).has("Affichage terminé"));
    assert!(open(&house, &path).has("Ce lien a expiré"), "whoever comes later");

    let code = status(&house);
    assert_eq!(code.status, CodeStatus::Destroyed);
    assert_eq!(code.destroyed_because.as_deref(), Some("viewed"));
    assert_eq!(code.actor.as_deref(), Some("Claire"));
    let slots = std::fs::read(house.config.data_dir.join("slots.code")).unwrap();
    assert!(slots[4096..].iter().all(|byte| *byte == 0), "its key is overwritten");
    let path = link(&house, card, user);
    let shown = reveal(&house, &path, PIN, "number");
    assert!(shown.has("5207 0000 0000 0000") && !shown.has(">123<"));
    assert!(shown.has("CVV vu/utilisé le") && shown.has("par Claire"), "{}", shown.body);

    let late = link(&house, card, user);
    clock(&house, "2026-06-15T08:06:00Z");
    let gone = open(&house, &late);
    assert_eq!((gone.status, gone.has("Ce lien a expiré")), (410, true));
    let evil = LinkCreate { frame_origin: Some("https://evil.example".into()), ..wish(card, user) };
    assert_eq!(house.ask(&evil).unwrap_err().code(), Some("frame_origin_not_registered"));
    let stranger = wish(card, UserId::random(&OsRng));
    assert_eq!(house.ask(&stranger).unwrap_err().code(), Some("pin_not_set"));
    assert_eq!(house.files_with(NUMBER), Vec::<std::path::PathBuf>::new());
}

#[test]
fn v_70_a_listed_origin_may_frame_the_page_and_no_other() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    let (mut settings, version) = settings(&house);
    settings.frame_origins = vec!["https://pms.example.com".into()];
    house.ask(&CardSettingsPut { settings: settings.clone(), version }).unwrap();
    let stale = house.ask(&CardSettingsPut { settings, version }).unwrap_err();
    assert_eq!(stale.code(), Some("precondition_failed"));
    let wish =
        LinkCreate { frame_origin: Some("https://pms.example.com".into()), ..wish(card, user) };
    let created = house.ask(&wish).unwrap();
    let path = created.url.strip_prefix(&house.config.public_url).unwrap().to_owned();
    assert_eq!(open(&house, &path).status, 403, "not as a page of its own");
    let framed = [("sec-fetch-dest", "iframe"), ("user-agent", "B")];
    let page = house.send(&format!("GET {path} HTTP/1.1\r\n"), &framed, "");
    assert_eq!(page.status, 200);
    let csp = page.header("content-security-policy");
    assert!(csp.contains("frame-ancestors https://pms.example.com"), "{csp}");
    assert_eq!(page.header("x-frame-options"), "");
    assert_eq!(house.ask(&LinkGet { id: created.id }).unwrap().status, "opened");
}

#[test]
fn ve_08_wrong_pins_lock_and_a_kill_forgives_none() {
    let mut house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    let path = link(&house, card, user);
    let first = reveal(&house, &path, "47120939", "number");
    assert_eq!(first.status, 422);
    assert!(first.has("PIN incorrect, il reste 4 essais"), "{}", first.body);
    let key = key_of(&first);
    let second = send(&house, &path, &format!("key={key}&pin=47120939&show=number"));
    assert!(second.has("il reste 3 essais"));
    house.kill();
    house.start();
    let path = link(&house, card, user);
    assert!(reveal(&house, &path, "47120939", "number").has("il reste 2 essais"));
    for _ in 0..2 {
        let path = link(&house, card, user);
        reveal(&house, &path, "47120939", "number");
    }
    let state = house.ask(&ViewerGet { user }).unwrap();
    assert_eq!(state.pin, PinState::Locked);
    assert_eq!(state.locked_until.unwrap().to_string(), "2026-06-15T08:30:00Z");
    assert_eq!(house.ask(&wish(card, user)).unwrap_err().code(), Some("pin_locked"));
    let news = house.ask(&MessagesTake {}).unwrap().messages;
    assert!(news.iter().any(|m| m.subject == "PIN bloqué"));
    clock(&house, "2026-06-15T08:30:00Z");
    let path = link(&house, card, user);
    assert!(reveal(&house, &path, PIN, "number").has("5207 0000 0000 0000"));
    clock(&house, "2026-06-15T09:00:00Z");
    for _ in 0..5 {
        let path = link(&house, card, user);
        reveal(&house, &path, "47120939", "number");
    }
    assert_eq!(house.ask(&ViewerGet { user }).unwrap().pin, PinState::Blocked);
    assert_eq!(house.ask(&wish(card, user)).unwrap_err().code(), Some("pin_blocked"));
}

#[test]
fn ve_10_two_people_and_a_debit_race_for_one_code() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    view_once(&house);
    let (anne, claire) = (viewer(&house), viewer(&house));
    let card = card_with_code(&house, "HOP-1");
    let pages: Vec<(String, String)> = [anne, claire]
        .into_iter()
        .map(|user| {
            let path = link(&house, card, user);
            let key = key_of(&open(&house, &path));
            (path, key)
        })
        .collect();
    let (shown, debit) = std::thread::scope(|scope| {
        let house = &house;
        let looks: Vec<_> = pages
            .iter()
            .map(|(path, key)| {
                scope.spawn(move || send(house, path, &format!("key={key}&pin={PIN}&show=code")))
            })
            .collect();
        let debit = scope.spawn(move || house.relay(card, "op_1"));
        let shown: Vec<Reply> = looks.into_iter().map(|look| look.join().unwrap()).collect();
        (shown, debit.join().unwrap())
    });
    let seen = shown.iter().filter(|reply| reply.has(">123<")).count();
    let used = match &debit {
        Ok(relayed) => usize::from(relayed.code == RelayCode::Destroyed),
        Err(refused) => {
            assert_eq!(refused.code(), Some("code_taken"));
            0
        }
    };
    assert_eq!(seen + used, 1, "exactly one has it");
    assert!(shown.iter().all(|reply| reply.has("5207 0000 0000 0000")), "the number always");
    let log =
        house.ask(&vault_wire::LogEntries { from: 0, limit: 1000, card: Some(card) }).unwrap();
    let count = |event: &str| log.entries.iter().filter(|e| e.entry.contains(event)).count();
    assert_eq!(count("\"code.destroyed\""), 1);
    assert_eq!(house.bank.heard().iter().filter(|(_, body)| body["code"] == "123").count(), used);
}

#[test]
fn ve_11_a_held_code_is_destroyed_by_the_first_answer_and_by_nothing_less() {
    let mut house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    view_once(&house);
    let card = card_with_code(&house, "HOP-1");
    let status = |house: &House| house.ask(&CardGet { card }).unwrap().security_code.status;
    house.kill();
    house.config.sandbox_addr = "127.0.0.1:1".parse().unwrap();
    house.start();
    assert_eq!(status(&house), CodeStatus::Available, "held through a restart");
    assert_eq!(house.relay(card, "op_1").unwrap_err().code(), Some("relay_not_sent"));
    assert_eq!(status(&house), CodeStatus::Available, "nothing was sent");
    house.kill();
    house.config.sandbox_addr = house.bank.address;
    house.start();
    house.bank.says(super::bank::Says::Json(json!({ "outcome": "declined", "code": "51" })));
    assert_eq!(house.relay(card, "op_1").unwrap().code, RelayCode::Destroyed);
    assert_eq!(house.bank.heard()[0].1["code"], "123");
    let code = house.ask(&CardGet { card }).unwrap().security_code;
    assert_eq!(code.status, CodeStatus::Destroyed);
    assert_eq!(code.destroyed_because.as_deref(), Some("declined"));
}

#[test]
fn ve_21_settings_that_are_refused_say_why() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    let (good, version) = settings(&house);
    let put = |change: &dyn Fn(&mut CardSettings)| {
        let mut settings = good.clone();
        change(&mut settings);
        house.ask(&CardSettingsPut { settings, version }).unwrap_err().code().unwrap().to_owned()
    };
    let once = |reason: &str, until: &str| ViewOnce {
        reason: reason.into(),
        until: until.into(),
        approved_by: "usr_a".into(),
    };
    let long = "Our acquirer allows it for guarantees.";
    assert_eq!(put(&|s| s.view_code_once = Some(once("ok", "2026-12-01"))), "reason_too_short");
    assert_eq!(put(&|s| s.view_code_once = Some(once(long, "2028-12-01"))), "until_too_far");
    assert_eq!(put(&|s| s.retention_days = 8), "retention_range");
    assert_eq!(put(&|s| s.brands.clear()), "invalid_field");
    assert_eq!(put(&|s| s.frame_origins = vec!["https://*.example".into()]), "invalid_field");
    // After its end no new code is kept.
    view_once(&house);
    clock(&house, "2026-12-02T08:00:00Z");
    let card = card_with_code(&house, "HOP-2");
    let code = house.ask(&CardGet { card }).unwrap().security_code.status;
    assert_eq!(code, CodeStatus::Transit);
}
