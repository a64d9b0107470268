//! Messages of sales channels: stored, tokenised, forwarded, and told what became of them.

use kernel::CardToken;
use serde_json::{Value, json};
use vault_wire::{
    BookingCards, CardGet, CardList, CardStatus, FiguresGet, LogEntries, MissingReason, ProfileAdd,
    ProfileAdded, ProfileList,
};

use super::bank::Says;
use super::house::{House, Reply, VAULT_KEY};

const CHANNEL: &str = r#"{"res":[{"id":"B1", "cc":{"number":"5207000000000000","exp":"0630","cvv":"123"},"note":"late"}]}"#;

fn wish(house: &House, more: &Value) -> ProfileAdd {
    let mut profile = json!({
        "shop": house.scope.shop, "channel": "Example OTA", "direction": "in", "format": "json",
        "paths": {
            "number": "$.res[*].cc.number", "exp": "$.res[*].cc.exp", "code": "$.res[*].cc.cvv",
            "booking": "$.res[*].id",
        },
        "placeholders": { "number": ["", "0000000000000000"], "code": ["000"], "exp": ["0000"] },
        "forward_to": "http://sandbox/in?from=ota", "ips": ["127.0.0.0/24"],
    });
    for (name, value) in more.as_object().unwrap() {
        profile[name] = value.clone();
    }
    ProfileAdd { profile: serde_json::from_value(profile).unwrap() }
}

fn add(house: &House, more: &Value) -> (ProfileAdded, String) {
    let added = house.ask(&wish(house, more)).unwrap();
    let url = added.url.clone().unwrap();
    let path = url.strip_prefix(&house.config.public_url).unwrap().to_owned();
    (added, path)
}

fn push(house: &House, path: &str, message: &str) -> Reply {
    let kind = ("content-type", "application/vnd.ota+json");
    house.send(&format!("POST {path} HTTP/1.1\r\n"), &[kind], message)
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn cards(house: &House) -> Vec<vault_wire::CardOfBooking> {
    house.ask(&CardList { limit: 200, ..CardList::default() }).unwrap().cards
}

/// The token in the last message that the property heard.
fn last_token(house: &House) -> CardToken {
    let (_, heard) = house.bank.raw().pop().unwrap();
    let at = heard.find("card_").unwrap();
    heard[at..at + 31].parse().unwrap()
}

fn entries(house: &House, event: &str) -> usize {
    let page = house.ask(&LogEntries { from: 0, limit: 200, card: None }).unwrap();
    let wanted = format!("\"event\":\"{event}\"");
    page.entries.iter().filter(|one| one.entry.contains(&wanted)).count()
}

#[test]
fn ve_16_v_104_a_channel_s_card_is_stored_and_the_property_hears_a_token() {
    let mut house = House::open();
    let (added, path) = add(&house, &json!({}));
    house.bank.says(Says::Text(202, "text/x-ack", "taken".into()));
    let reply = push(&house, &path, CHANNEL);
    assert_eq!((reply.status, reply.body.as_str()), (202, "taken"), "{}", reply.body);
    assert_eq!(reply.header("content-type"), "text/x-ack");
    let token = last_token(&house);
    let wanted =
        CHANNEL.replace("5207000000000000", &token.to_string()).replace(",\"cvv\":\"123\"", "");
    let heard = house.bank.raw().pop().unwrap();
    assert_eq!(heard, ("application/vnd.ota+json".to_owned(), wanted), "byte for byte");
    assert_eq!(house.bank.heard().pop().unwrap().0, "/in?from=ota");
    let card = house.ask(&CardGet { card: token }).unwrap();
    assert_eq!((card.entry.as_str(), card.last4.as_str()), ("feed", "0000"));
    assert_eq!((card.exp_month, card.exp_year), (6, 2030));
    assert_eq!((card.channel.as_deref(), card.status), (Some("Example OTA"), CardStatus::Pending));
    assert_eq!(cards(&house)[0].booking.as_deref(), Some("B1"));

    // The channel sends it again, also after a restart: the same card, with what is new of it.
    house.kill();
    house.start();
    let listed = house.ask(&ProfileList {}).unwrap().profiles;
    assert_eq!(listed, std::slice::from_ref(&added.profile));
    let later = CHANNEL.replace("0630", "0731").replace("late", "later");
    assert_eq!(push(&house, &path, &later).status, 202);
    assert_eq!((last_token(&house), cards(&house).len()), (token, 1));
    assert_eq!(house.ask(&CardGet { card: token }).unwrap().exp_year, 2031);
    let other = CHANNEL.replace("B1", "B2");
    assert_eq!(push(&house, &path, &other).status, 202);
    assert_ne!(last_token(&house), token, "cards of two bookings are two");
    for digits in ["5207000000000000", path.rsplit('/').next().unwrap()] {
        let found = house.files_with(digits);
        assert!(found.is_empty(), "{digits} is nowhere: {found:?}");
    }
    let figures = house.ask(&FiguresGet {}).unwrap().proxy_cards;
    let id = added.profile.id.unwrap();
    let count = |result: &str| {
        figures.iter().find(|one| one.profile == id && one.result == result).unwrap().count
    };
    assert_eq!((count("stored"), count("known")), (2, 1));
}

#[test]
fn v_105_a_channel_hears_when_the_property_did_not_and_nothing_doubles() {
    let house = House::open();
    let (_, path) = add(&house, &json!({}));
    house.bank.says(Says::Text(500, "text/plain", "5207000000000000".into()));
    let failed = push(&house, &path, CHANNEL);
    assert_eq!(code(&failed), (502, "relay_bad_answer".into()));
    assert!(!failed.has("5207"), "what a broken program says is not passed on");
    house.bank.says(Says::Text(404, "text/plain", "no such booking".into()));
    let told = push(&house, &path, CHANNEL);
    assert_eq!((told.status, told.body.as_str()), (404, "no such booking"));
    assert_eq!(cards(&house).len(), 1);
    let both = format!("{{\"res\":[{0},{0}]}}", &CHANNEL[8..CHANNEL.len() - 2]);
    assert_eq!(push(&house, &path, &both).status, 404);
    assert_eq!(cards(&house).len(), 1, "twice in one message is once");
    house.ask(&vault_wire::CardDelete { card: last_token(&house) }).unwrap();
    assert_eq!(push(&house, &path, CHANNEL).status, 404);
    assert_eq!(cards(&house).len(), 1, "a destroyed card does not come back: it is a new one");
}

#[test]
fn v_105_the_same_message_twice_at_once_is_one_card() {
    let house = House::open();
    let (_, path) = add(&house, &json!({}));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(push(&house, &path, CHANNEL).status, 200));
        }
    });
    assert_eq!(cards(&house).len(), 1);
    assert_eq!(entries(&house, "card.stored"), 1);
}

#[test]
fn v_106_an_unmapped_number_stops_the_message_before_anything_is_stored() {
    let house = House::open();
    let (_, path) = add(&house, &json!({}));
    let message = CHANNEL.replace("late", "4111 1111 1111 1111");
    let refused = push(&house, &path, &message);
    assert_eq!(code(&refused), (422, "unmapped_number".into()));
    assert_eq!(refused.json()["errors"][0]["path"], "$.res[0].note");
    assert!(!refused.has("4111") && house.bank.raw().is_empty() && cards(&house).is_empty());
    let (_, masking) = add(&house, &json!({ "on_unmapped": "mask" }));
    assert_eq!(push(&house, &masking, &message).status, 200);
    let heard = house.bank.raw().pop().unwrap().1;
    assert!(heard.contains("\"note\":\"******1111\"") && !heard.contains("4111"), "{heard}");
    assert_eq!(entries(&house, "proxy.masked"), 1);
    let cards_before = cards(&house).len();
    for (booking, wanted) in [
        ("4111 1111 1111 1111", (422, "unmapped_number")),
        ("B\\u0000", (400, "document_invalid")),
        ("B\\n1", (400, "document_invalid")),
    ] {
        let refused = push(&house, &masking, &CHANNEL.replace("B1", booking));
        assert_eq!(code(&refused), (wanted.0, wanted.1.into()), "{booking}");
    }
    assert_eq!(cards(&house).len(), cards_before);
    assert!(house.files_with("4111 1111 1111 1111").is_empty());
    for (message, status) in [("{", 400), ("\"\\ud800\"", 400), ("<a/>", 400)] {
        assert_eq!(code(&push(&house, &path, message)), (status, "document_invalid".into()));
    }
    let long = format!("\"{}\"", "x".repeat(5 * 1024 * 1024));
    assert_eq!(code(&push(&house, &path, &long)), (413, "body_too_large".into()));
    assert_eq!(push(&house, &path, &long[..5 * 1024 * 1024 - 1]).status, 400);
}

#[test]
fn v_36_v_107_what_the_channel_has_not_stops_no_booking() {
    let house = House::open();
    let (_, path) = add(&house, &json!({}));
    let after = |change: &dyn Fn(&str) -> String| {
        let reply = push(&house, &path, &change(CHANNEL));
        assert_eq!(reply.status, 200, "{}", reply.body);
        let heard: Value = serde_json::from_str(&house.bank.raw().pop().unwrap().1).unwrap();
        heard["res"][0]["cc"]["number"].clone()
    };
    let why = || {
        let told = house.ask(&BookingCards { bookings: vec!["B1".into()] }).unwrap();
        told.missing.first().map(|one| one.why)
    };
    assert_eq!(after(&|text| text.replace("5207000000000000", "0000000000000000")), Value::Null);
    assert_eq!(why(), Some(MissingReason::RetrievalFailed), "the booking's own page says so");
    assert_eq!(after(&|text| text.replace("5207000000000000", "5207000000000001")), Value::Null);
    assert_eq!(after(&|text| text.replace("5207000000000000", "378282246310005")), Value::Null);
    assert_eq!(why(), Some(MissingReason::BrandNotAccepted), "the latest message counts");
    assert_eq!(after(&|text| text.replace("5207000000000000", "4539578763621486")), Value::Null);
    assert_eq!((cards(&house).len(), entries(&house, "card.missing")), (0, 4));
    let expired = after(&|text| text.replace("0630", "0120"));
    let unknown = after(&|text| text.replace("0630", "1330").replace("B1", "B2"));
    let look = |token: &Value| {
        let card = token.as_str().unwrap().parse().unwrap();
        house.ask(&CardGet { card }).unwrap()
    };
    assert_eq!(look(&expired).status, CardStatus::Expired);
    let unknown = look(&unknown);
    assert_eq!((unknown.status, unknown.exp_month), (CardStatus::Pending, 0));
    let refused = house.relay(unknown.token, "1").unwrap_err();
    assert_eq!(refused.code(), Some("card_expired"), "nothing is charged without an expiry");
    let renewed = after(&|text| text.replace("B1", "B2"));
    assert_eq!(look(&renewed).exp_month, 6, "the channel told it later");
}

#[test]
fn v_103_v_111_a_profile_is_used_with_its_key_from_its_networks_for_its_shop() {
    let house = House::open();
    let (added, path) = add(&house, &json!({}));
    let id = added.profile.id.unwrap();
    let unauthorized = (401, "unauthorized".to_owned());
    let wrong = format!("/v1/in/{id}/vk_in_{}", "0".repeat(52));
    assert_eq!(code(&push(&house, &wrong, CHANNEL)), unauthorized);
    assert_eq!(code(&push(&house, "/v1/in/prf_x/vk_in_x", CHANNEL)), unauthorized);
    assert_eq!(code(&push(&house, &format!("/v1/in/{id}"), CHANNEL)), unauthorized);
    let by_key = |key: &str, id: &str| {
        let bearer = format!("Bearer {key}");
        let line = format!("POST /v1/in/{id} HTTP/1.1\r\n");
        house.send(&line, &[("authorization", &bearer)], CHANNEL)
    };
    assert_eq!(by_key(VAULT_KEY, &id.to_string()).status, 200, "the property's own key");
    let other = kernel::ProxyProfileId::random(&kernel::rng::OsRng).to_string();
    assert_eq!(code(&by_key(VAULT_KEY, &other)), (404, "not_found".into()));
    let own = path.rsplit('/').next().unwrap();
    assert_eq!(by_key(own, &id.to_string()).status, 200, "its own key in the header");
    let (_, elsewhere) = add(&house, &json!({ "ips": ["192.0.2.7"] }));
    assert_eq!(code(&push(&house, &elsewhere, CHANNEL)), (403, "ip_not_allowed".into()));
    assert_eq!(cards(&house).len(), 1);
}

#[test]
fn v_103_a_faulty_profile_is_refused_with_the_path_of_its_fault() {
    let house = House::open();
    let fault = |more: Value| {
        let refused = house.ask(&wish(&house, &more)).unwrap_err();
        refused.code().unwrap().to_owned()
    };
    for bad in [
        json!({ "paths": { "number": "res", "booking": "$.id" } }),
        json!({ "paths": { "number": "$.id", "booking": "$.id" } }),
        json!({ "paths": { "number": "$.n", "code": "$.c[*]", "booking": "$.id" } }),
        json!({ "ips": [] }),
        json!({ "ips": ["10.0.0.0/8"] }),
        json!({ "forward_to": null }),
        json!({ "upstream": { "host": "sandbox" } }),
        json!({ "channel": "4111111111111111" }),
        json!({ "placeholders": { "number": ["4111111111111111"] } }),
    ] {
        assert_eq!(fault(bad.clone()), "profile_invalid", "{bad}");
    }
    for url in ["https://evil.example/in", "http://127.0.0.1:22/", "http://169.254.169.254/"] {
        assert_eq!(fault(json!({ "forward_to": url })), "host_not_allowed", "{url}");
    }
}

#[test]
fn v_104_the_property_asks_the_channel_and_is_answered_with_tokens() {
    let house = House::open();
    let pulled = json!({
        "direction": "out", "forward_to": null, "upstream": { "host": "sandbox" }, "ips": [],
    });
    let id = house.ask(&wish(&house, &pulled)).unwrap().profile.id.unwrap();
    let ask = |question: &Value| {
        let bearer = format!("Bearer {VAULT_KEY}");
        let line = format!("POST /v1/out/{id} HTTP/1.1\r\n");
        house.send(&line, &[("authorization", &bearer)], &question.to_string())
    };
    let question = json!({ "path": "/res", "query": "since=1", "method": "POST", "body": "{}" });
    house.bank.says(Says::Text(200, "application/json", CHANNEL.into()));
    let reply = ask(&question);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let (kind, heard) = house.bank.raw().pop().unwrap();
    assert_eq!((kind.as_str(), heard.as_str()), ("application/json", "{}"));
    assert_eq!(house.bank.heard().pop().unwrap().0, "/res?since=1");
    let token = cards(&house)[0].card.token.to_string();
    let wanted = CHANNEL.replace("5207000000000000", &token).replace(",\"cvv\":\"123\"", "");
    assert_eq!(reply.body, wanted);
    assert_eq!(ask(&question).body, wanted, "asked again, the same card");

    for (status, text, code_wanted) in [
        (200, CHANNEL.replace("late", "4111111111111111"), (422, "unmapped_number")),
        (200, "<p>4111111111111111</p>".to_owned(), (502, "relay_bad_answer")),
        (404, "4111111111111111 is unknown".to_owned(), (502, "relay_bad_answer")),
        (500, CHANNEL.to_owned(), (502, "relay_bad_answer")),
    ] {
        house.bank.says(Says::Text(status, "text/plain", text));
        let reply = ask(&question);
        assert_eq!(code(&reply), (code_wanted.0, code_wanted.1.into()));
        assert!(!reply.has("4111"), "{}", reply.body);
    }
    let fault = |more: Value| {
        let mut question = question.clone();
        for (name, value) in more.as_object().unwrap() {
            question[name] = value.clone();
        }
        ask(&question).json()["errors"][0]["path"].as_str().unwrap().to_owned()
    };
    assert_eq!(fault(json!({ "path": "//evil.example/" , "query": "a#b" })), "$.query");
    assert_eq!(fault(json!({ "path": "res" })), "$.path");
    assert_eq!(fault(json!({ "body": "4111111111111111" })), "$.body");
    assert_eq!(fault(json!({ "host": "evil.example" })), "$.host");
    assert_eq!(cards(&house).len(), 1);
}
