//! The whole path of a partner: a person is enrolled, vouched for, and sees a card in the partner's
//! frame behind PIN and time code.

use kernel::{Clock as _, PartnerId, Timestamp};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use vault_wire::{
    CardSettingsGet, GrantEnd, PartnerDecide, PartnerDecision, PartnerScope, StorageStatus,
    ViewerConfirm, ViewerGet, ViewerList,
};

use super::house::{House, Reply};
use super::partners::{call, code, grant, partner};
use super::reveal::{PIN, card_with_code, choose, clock, invitation, key_of, newcomer, send};

const FRAMED: [(&str, &str); 2] = [("sec-fetch-dest", "iframe"), ("user-agent", "B")];

struct Path {
    house: House,
    id: PartnerId,
    key: String,
    card: kernel::CardToken,
}

impl Path {
    fn begin() -> Self {
        let house = House::open();
        clock(&house, "2026-06-15T08:00:00Z");
        let (id, key) = partner(&house);
        grant(
            &house,
            id,
            &[PartnerScope::CardsRead, PartnerScope::RevealLink, PartnerScope::Viewers],
        );
        let card = card_with_code(&house, "HOP-1");
        Self { house, id, key, card }
    }

    fn call(&self, line: &str, body: &Value) -> Reply {
        call(&self.house, &self.key, line, body)
    }

    fn invite(&self, name: &str) -> Reply {
        let body = json!({
            "shop": self.house.scope.shop, "external_ref": name, "name": "Claire D.",
            "email": "claire@hotel.example", "phone": "+33 6 12 34 56 78", "lang": "fr",
        });
        self.call("POST /v1/viewers", &body)
    }

    /// Types the code of the text message, and connects the authenticator: its seed.
    fn enrol(&self) -> Vec<u8> {
        let (path, sms) = invitation(&self.house);
        let page = self.house.post(&path, &format!("code={sms}"));
        let seed = seed_of(&page);
        let key = key_of(&page);
        let wrong = format!("key={key}&pin={PIN}&again={PIN}&factor=000000");
        let asked = self.house.post(&path, &wrong);
        assert!(asked.has("Le code de l&#39;application ne convient pas"), "{}", asked.body);
        let (key, now) = (key_of(&asked), time_code(&seed, 0));
        let right = format!("key={key}&pin={PIN}&again={PIN}&factor={now}");
        let done = self.house.post(&path, &right);
        assert!(done.has("Votre PIN est actif"), "{}", done.body);
        seed
    }

    fn vouch(&self, name: &str) {
        let user = format!("{}:{name}", self.id);
        self.house.ask(&ViewerConfirm { user, recovery: None }).unwrap();
    }

    fn wish(&self, viewer: &str, change: impl FnOnce(&mut Value)) -> Reply {
        let mut body = json!({
            "viewer": viewer, "purpose": "guarantee",
            "frame_origin": "https://pms.example.com", "client_ip": null, "lang": "fr",
            "return_url": null,
        });
        change(&mut body);
        self.call(&format!("POST /v1/cards/{}/reveal_links", self.card), &body)
    }

    fn open(&self, link: &Reply) -> (String, Reply) {
        assert_eq!(link.status, 201, "{}", link.body);
        let url = link.json()["url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix(&self.house.config.public_url).unwrap().to_owned();
        let page = self.house.send(&format!("GET {path} HTTP/1.1\r\n"), &FRAMED, "");
        (path, page)
    }
}

/// The seed on the page, as an authenticator reads it.
fn seed_of(page: &Reply) -> Vec<u8> {
    let (_, rest) = page.body.split_once("<p class=\"pan\">").expect(&page.body);
    let text: String = rest.split('<').next().unwrap().split(' ').collect();
    Secret::try_from_base32(&text).unwrap().as_bytes().to_vec()
}

/// The code that the authenticator shows so many steps from now.
fn time_code(seed: &[u8], steps: i64) -> String {
    let at: Timestamp = kernel::time::SystemClock.now().plus_seconds(steps * 30);
    let seconds = u64::try_from(at.as_seconds()).unwrap();
    Builder::new().with_secret(seed.to_vec()).build().unwrap().generate(seconds).to_string()
}

#[test]
fn ve_22_v_65_v_67_v_74_a_person_of_a_partner_sees_a_card_behind_pin_and_time_code() {
    let path = Path::begin();
    let invited = path.invite("u-17");
    assert_eq!(invited.status, 201, "{}", invited.body);
    let viewer = invited.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(invited.json()["pin"], "invited");
    assert_eq!(code(&path.wish(&viewer, |_| ())), (403, "pin_not_set".into()));
    let seed = path.enrol();
    assert_eq!(code(&path.wish(&viewer, |_| ())), (403, "awaiting_approval".into()));
    let waits = path.house.ask(&ViewerList {}).unwrap().viewers;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].user, format!("{}:u-17", path.id));
    path.vouch("u-17");

    let evil = path.wish(&viewer, |body| body["frame_origin"] = "https://evil.example".into());
    assert_eq!(code(&evil), (422, "frame_origin_not_registered".into()));
    let made = path.wish(&viewer, |_| ());
    let (at, page) = path.open(&made);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-ancestors https://pms.example.com"), "{policy}");
    assert!(page.has("Code de l&#39;application"), "{}", page.body);
    let bare = send(&path.house, &at, &format!("key={}&pin={PIN}&show=number", key_of(&page)));
    assert!(bare.has("PIN ou code incorrect, il reste 4 essais"), "{}", bare.body);
    let now = time_code(&seed, 1);
    let form = format!("key={}&pin={PIN}&factor={now}&show=number", key_of(&bare));
    let shown = send(&path.house, &at, &form);
    assert!(shown.has("5207 0000 0000 0000"), "{}", shown.body);

    let link = format!("/v1/reveal_links/{}", made.json()["id"].as_str().unwrap());
    let told = path.call(&format!("GET {link}"), &Value::Null).json();
    assert_eq!(told["status"], "unlocked");
    clock(&path.house, "2026-06-15T08:01:00Z");
    assert_eq!(path.call(&format!("GET {link}"), &Value::Null).json()["status"], "closed");
    let about = path.call(&format!("GET /v1/viewers/{viewer}"), &Value::Null).json();
    assert_eq!((&about["pin"], &about["confirmed"]), (&json!("active"), &json!(true)));
    assert!(about["last_reveal"].is_string());

    let (at, page) = path.open(&path.wish(&viewer, |_| ()));
    let again = format!("key={}&pin={PIN}&factor={now}&show=number", key_of(&page));
    assert!(send(&path.house, &at, &again).has("PIN ou code incorrect"), "a code serves once");

    path.house.ask(&GrantEnd { partner: path.id }).unwrap();
    assert_eq!(code(&path.wish(&viewer, |_| ())), (404, "not_found".into()));
    assert_eq!(path.call(&format!("GET {link}"), &Value::Null).status, 404);
}

#[test]
fn v_65_people_are_shown_enrolled_again_and_shut_out_by_who_brought_them() {
    let path = Path::begin();
    let viewer = path.invite("u-17").json()["id"].as_str().unwrap().to_owned();
    let line = |method: &str, end: &str| format!("{method} /v1/viewers/{viewer}{end}");
    assert_eq!(path.invite("u-17").json()["id"], viewer.as_str(), "one account per person");
    for (change, wrong, why) in [
        ("external_ref", "", "invalid_field"),
        ("name", "", "invalid_field"),
        ("name", "Claire\u{202e}D.", "invalid_field"),
        ("phone", "12", "contact_missing"),
        ("email", "x", "contact_missing"),
        ("external_ref", "4242424242424242", "pan_in_wrong_field"),
        ("name", "4242 4242 4242 4242", "pan_in_wrong_field"),
        ("phone", "4242424242424242", "pan_in_wrong_field"),
        ("email", "4242424242424242@x.example", "pan_in_wrong_field"),
    ] {
        let mut body = json!({
            "shop": path.house.scope.shop, "external_ref": "u", "name": "C",
            "email": "c@hotel.example", "phone": "+33612345678",
        });
        body[change] = wrong.into();
        let refused = path.call("POST /v1/viewers", &body);
        assert_eq!(code(&refused), (422, why.into()), "{change}");
        assert_eq!(refused.json()["errors"][0]["path"], format!("$.{change}"));
    }
    let (other, other_key) = partner(&path.house);
    grant(&path.house, other, &[PartnerScope::Viewers, PartnerScope::RevealLink]);
    let foreign = call(&path.house, &other_key, &line("GET", ""), &Value::Null);
    assert_eq!(code(&foreign), (404, "not_found".into()), "another partner's people");
    clock(&path.house, "2026-06-15T08:02:00Z");
    assert_eq!(path.call(&line("POST", "/enrolment"), &Value::Null).status, 202);
    let wrong = choose(&path.house, PIN);
    assert!(wrong.has("Le code de l&#39;application ne convient pas"), "never a PIN alone");
    assert_eq!(path.call(&line("DELETE", ""), &Value::Null).status, 204);
    assert_eq!(path.call(&line("GET", ""), &Value::Null).json()["pin"], "revoked");
    assert_eq!(code(&path.wish(&viewer, |_| ())), (403, "pin_not_set".into()));
}

#[test]
fn v_67_a_link_is_cancelled_by_who_asked_for_it() {
    let path = Path::begin();
    let viewer = path.invite("u-17").json()["id"].as_str().unwrap().to_owned();
    path.enrol();
    path.vouch("u-17");
    let made = path.wish(&viewer, |_| ());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let line = |method: &str| format!("{method} /v1/reveal_links/{id}");
    let (other, other_key) = partner(&path.house);
    grant(&path.house, other, &[PartnerScope::RevealLink]);
    assert_eq!(call(&path.house, &other_key, &line("GET"), &Value::Null).status, 404);
    assert_eq!(path.call(&line("DELETE"), &Value::Null).status, 204);
    assert_eq!(path.call(&line("GET"), &Value::Null).json()["status"], "cancelled");
    assert_eq!(path.open(&made).1.status, 410);
    let unknown = path.wish("vwr_01k9zzzzzzzzzzzzzzzzzzzzzz", |_| ());
    assert_eq!(code(&unknown), (422, "invalid_field".into()));
    let number = "https://pms.example.com/4242424242424242";
    let back = path.wish(&viewer, |body| body["return_url"] = number.into());
    assert_eq!(code(&back), (422, "pan_in_wrong_field".into()));
    let from = path.wish(&viewer, |body| body["client_ip"] = "4242424242424242".into());
    assert_eq!(code(&from), (422, "invalid_field".into()));
    assert_eq!(from.json()["errors"][0]["path"], "$.client_ip");
    let purpose = path.wish(&viewer, |body| body["purpose"] = "curiosity".into());
    assert_eq!(code(&purpose), (422, "invalid_field".into()));
}

#[test]
fn ve_22_v_67_v_115_links_that_are_made_stop_with_the_grant_and_with_the_partner() {
    let path = Path::begin();
    let viewer = path.invite("u-17").json()["id"].as_str().unwrap().to_owned();
    path.enrol();
    path.vouch("u-17");
    let opened = path.open(&path.wish(&viewer, |_| ()));
    let (first, second) = (path.wish(&viewer, |_| ()), path.wish(&viewer, |_| ()));
    path.house.ask(&GrantEnd { partner: path.id }).unwrap();
    let stopped = |page: &Reply| {
        assert_eq!(page.status, 410, "{}", page.body);
        assert!(page.has("Ce lien est annulé"), "{}", page.body);
    };
    let wrong = |(at, page): &(String, Reply)| {
        send(&path.house, at, &format!("key={}&pin=00000000&factor=1&show=number", key_of(page)))
    };
    stopped(&wrong(&opened));
    stopped(&path.open(&first).1);

    grant(&path.house, path.id, &[PartnerScope::RevealLink, PartnerScope::Viewers]);
    let left = wrong(&opened);
    assert!(left.has("il reste 4 essais"), "no PIN was tried while it was stopped: {}", left.body);
    let decision = PartnerDecision::Revoke { reason: "Contract ended".into() };
    path.house.ask(&PartnerDecide { partner: path.id, decision, by: "usr_o".into() }).unwrap();
    stopped(&path.open(&second).1);
    stopped(&wrong(&(opened.0, left)));
}

#[test]
fn v_65_v_57_a_person_of_a_partner_neither_opens_the_storage_nor_shuts_the_owner_out() {
    let path = Path::begin();
    let viewer = path.invite("u-17").json()["id"].as_str().unwrap().to_owned();
    path.enrol();
    let storage = || path.house.ask(&CardSettingsGet {}).unwrap().storage;
    assert_eq!(storage(), StorageStatus::AwaitingPin, "nobody vouches for him yet");
    path.vouch("u-17");
    assert_eq!(storage(), StorageStatus::On);
    let owner = newcomer(&path.house);
    let told = path.house.ask(&ViewerGet { user: owner }).unwrap();
    assert!(told.confirmed, "the first person of the house needs nobody to vouch for him");
    let second = newcomer(&path.house);
    assert!(!path.house.ask(&ViewerGet { user: second }).unwrap().confirmed);

    let confirmed = || {
        let about = path.call(&format!("GET /v1/viewers/{viewer}"), &Value::Null);
        about.json()["confirmed"].as_bool().unwrap()
    };
    assert_eq!(path.invite("u-17").status, 201);
    assert!(confirmed(), "the same person");
    clock(&path.house, "2026-06-15T08:02:00Z");
    let body = json!({
        "shop": path.house.scope.shop, "external_ref": "u-17", "name": "Paul E.",
        "email": "claire@hotel.example", "phone": "+33 6 12 34 56 78",
    });
    assert_eq!(path.call("POST /v1/viewers", &body).status, 201);
    assert!(!confirmed(), "another name is vouched for anew");
    assert_eq!(code(&path.wish(&viewer, |_| ())), (403, "awaiting_approval".into()));
}
