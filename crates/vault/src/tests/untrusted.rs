//! An app that somebody else has taken over: what it can ask, and what it never gets.

use kernel::rng::OsRng;
use kernel::{MerchantId, Mode, ShopId};
use serde_json::json;
use vault_wire::{
    BinLookup, CardDelete, CardGet, CodeState, FiguresGet, Hello, RelayCall, SettingsGet, Stats,
    WireScope,
};

use super::house::{APP, House, authorise, payment};

const NUMBER: &str = "4242424242424242";

#[test]
fn v_143_ve_19_a_hostile_app_gets_no_number_and_no_code() {
    let house = House::open();
    let card = house.card(NUMBER, |_| ()).card;
    let token = card.token;
    let all = WireScope {
        rights: kernel::Right::ALL.iter().map(|right| right.as_str().to_owned()).collect(),
        mfa_at: Some(kernel::Timestamp::from_micros(1_800_000_000_000_000)),
        ..house.scope.clone()
    };
    let answers = [
        json!(house.ask_as(&all, &CardGet { card: token }).unwrap()),
        json!(house.ask_as(&all, &CodeState { card: token }).unwrap()),
        json!(house.ask_as(&all, &SettingsGet {}).unwrap()),
        json!(house.ask_as(&all, &Stats {}).unwrap()),
        json!(house.ask_as(&all, &FiguresGet {}).unwrap()),
        json!(house.ask_as(&all, &Hello { versions: vec![1] }).unwrap()),
        json!(house.ask_as(&all, &BinLookup { bin: "424242".into() }).unwrap()),
        json!(house.relay(token, "op_1").unwrap()),
    ];
    for answer in answers {
        let text = answer.to_string();
        assert!(!text.contains(NUMBER) && !text.contains("\"123\""), "{text}");
        assert!(!kernel::card_text::holds_card_number(&text), "{text}");
    }

    let refused = |call: RelayCall| house.ask(&call).unwrap_err().code().unwrap().to_owned();
    let with = |name: &str, value: serde_json::Value| {
        let mut call = authorise(token, "op_2");
        call.args.insert(name.into(), value);
        call
    };
    assert_eq!(refused(with("host", json!("evil.example"))), "unknown_field");
    assert_eq!(refused(with("pan", json!("x"))), "unknown_field");
    assert_eq!(refused(with("ref", json!("\",\"host\":\"evil"))), "arg_invalid");
    let elsewhere = RelayCall { template: "evil".into(), ..authorise(token, "op_2") };
    assert_eq!(refused(elsewhere), "template_unknown");
    let mut away = authorise(token, "op_2");
    away.template = "sandbox.authenticate".into();
    away.args = serde_json::from_value(json!({
        "ref": "r", "amount": 1, "currency": "EUR", "challenge": "none",
        "return_url": "https://evil.example/",
    }))
    .unwrap();
    assert_eq!(refused(away), "arg_invalid");
    assert_eq!(house.bank.heard().len(), 1, "nothing more was sent");

    let mut request = house.request(payment(1));
    request.return_url = "https://evil.example/".into();
    assert_eq!(house.ask(&request).unwrap_err().code(), Some("return_url_not_registered"));
    request.return_url = format!("{APP}@evil.example/");
    assert_eq!(house.ask(&request).unwrap_err().code(), Some("return_url_not_registered"));
}

#[test]
fn v_132_another_merchant_finds_nothing() {
    let house = House::open();
    let mine = house.card(NUMBER, |_| ()).card;
    let other = WireScope::of_house(MerchantId::random(&OsRng), ShopId::random(&OsRng));
    let mut shop = house.shop();
    (shop.merchant, shop.shop) = (other.merchant, other.shop);
    house.ask_as(&other, &shop).unwrap();
    let none = Some("not_found");
    let card = mine.token;
    assert_eq!(house.ask_as(&other, &CardGet { card }).unwrap_err().code(), none);
    assert_eq!(house.ask_as(&other, &CardDelete { card }).unwrap_err().code(), none);
    assert_eq!(house.ask_as(&other, &CodeState { card }).unwrap_err().code(), none);
    assert_eq!(house.ask_as(&other, &authorise(card, "x")).unwrap_err().code(), none);
    let mixed = WireScope { merchant: other.merchant, ..house.scope.clone() };
    assert_eq!(house.ask_as(&mixed, &CardGet { card }).unwrap_err().code(), none);
    let request = house.request(payment(1));
    assert_eq!(house.ask_as(&mixed, &request).unwrap_err().code(), none);
    shop.shop = house.scope.shop;
    assert_eq!(house.ask_as(&mixed, &shop).unwrap_err().code(), none, "no shop is taken over");
    let mut live = house.shop();
    live.mode = Mode::Live;
    assert_eq!(house.ask(&live).unwrap_err().code(), Some("invalid_field"));

    let hers = {
        let mut request = house.request(payment(2));
        request.shop = other.shop;
        let url = house.ask_as(&other, &request).unwrap().url;
        let page = url.strip_prefix(&house.config.public_url).unwrap().to_owned();
        let sent = house.post(&page, &format!("number={NUMBER}&exp=12/30&code=123"));
        assert!(house.redeem(&sent, request.payment).is_err(), "her capture is not mine");
        let (_, id) = sent.header("location").split_once("capture=").unwrap();
        let id = id.parse().unwrap();
        let redeem = vault_wire::CaptureRedeem { id, payment: Some(payment(3)) };
        assert_eq!(house.ask_as(&other, &redeem).unwrap_err().code(), none, "another payment");
        let redeem = vault_wire::CaptureRedeem { id, payment: request.payment };
        house.ask_as(&other, &redeem).unwrap().card
    };
    assert_ne!(hers.fingerprint, mine.fingerprint, "one card, two merchants, two fingerprints");
}

#[test]
fn v_141_a_bad_frame_ends_the_connection_and_an_unknown_operation_does_not() {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    let house = House::open();
    let mut stream = UnixStream::connect(&house.config.socket).unwrap();
    let frame = br#"{"v":1,"id":"7","op":"link.create","deadline_ms":1,"body":{}}"#;
    let mut bytes = u32::try_from(frame.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(frame);
    stream.write_all(&bytes).unwrap();
    let mut answer = vec![0; 4];
    stream.read_exact(&mut answer).unwrap();
    let length = u32::from_be_bytes(answer.try_into().unwrap());
    let mut body = vec![0; length as usize];
    stream.read_exact(&mut body).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["err"]["code"], "scope_missing");
    stream.write_all(&[0xff; 8]).unwrap();
    assert!(matches!(stream.read(&mut [0; 1]), Ok(0) | Err(_)), "closed");
}
