//! From the guest's form to the bank and back.

use serde_json::json;
use vault_wire::{CardGet, CodeState, CodeStatus, Keep, RelayCall, RelayCode, WireError};

use super::bank::Says;
use super::house::{APP, House, authorise, payment};

#[test]
fn v_17_a_card_is_typed_kept_and_charged_without_being_seen() {
    let house = House::open();
    let request = house.request(payment(1));
    let page = house.page(&request);
    let shown = house.get(&page);
    assert_eq!(shown.status, 200);
    assert!(shown.has("Payer 100,80") && shown.has("Chambre double, 2 nuits"));

    let sent = house.post(&page, "number=4242+4242+4242+4242&exp=12/30&code=123");
    assert_eq!(sent.status, 303);
    let location = sent.header("location");
    assert!(location.starts_with(&format!("{APP}/p/token/retour?capture=cap_")), "{location}");
    assert_eq!(house.post(&page, "number=4242").header("location"), location, "sent again");
    assert_eq!(house.get(&page).header("location"), location, "back button");

    let redeemed = house.redeem(&sent, request.payment).unwrap();
    assert_eq!(redeemed, house.redeem(&sent, request.payment).unwrap(), "repeatable");
    let card = redeemed.card;
    assert_eq!((card.bin.as_str(), card.last4.as_str()), ("42424242", "4242"));
    assert_eq!(card.security_code.status, CodeStatus::Transit);
    assert!(card.single_use && redeemed.consent_sha256.is_none());

    let asked = RelayCall {
        template: "sandbox.authenticate".into(),
        args: serde_json::from_value(json!({
            "ref": "op_1", "amount": 10_080, "currency": "EUR", "challenge": "none",
            "return_url": format!("{APP}/p/token/3ds"),
        }))
        .unwrap(),
        ..authorise(card.token, "op_1")
    };
    house.bank.says(Says::Json(json!({ "id": "a1", "result": "Y", "pan": "4242424242424242" })));
    let authenticated = house.ask(&asked).unwrap();
    assert_eq!(authenticated.code, RelayCode::Kept, "an authentication leaves the code");

    house.bank.says(Says::Json(json!({ "outcome": "approved", "code": "00" })));
    let paid = house.relay(card.token, "op_2").unwrap();
    assert_eq!((paid.http_status, paid.code), (200, RelayCode::Destroyed));
    assert_eq!(house.relay(card.token, "op_2").unwrap(), paid, "answered, not sent again");
    let state = house.ask(&CodeState { card: card.token }).unwrap();
    assert_eq!(state.status, CodeStatus::Destroyed);
    let code = house.ask(&CardGet { card: card.token }).unwrap().security_code;
    assert_eq!(code.destroyed_because.as_deref(), Some("authorised"));

    let heard = house.bank.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].1["exp"], "1230");
    assert_eq!(heard[1].0, "/api/authorisations");
    assert_eq!(heard[1].1["pan"], "4242424242424242");
    assert_eq!(heard[1].1["code"], "123");
    assert_eq!(heard[1].1["capture"], "now");
    assert_eq!(house.relay(card.token, "op_3").unwrap().code, RelayCode::None);
    assert_eq!(house.bank.heard()[2].1["code"], "", "the code is gone");
}

#[test]
fn v_94_v_95_answers_are_scanned_and_silence_is_unknown() {
    let house = House::open();
    let card = house.card("4242424242424242", |_| ()).card;
    house
        .bank
        .says(Says::Json(json!({ "echo": "4242 4242 4242 4242", "n": 4_242_424_242_424_242_u64 })));
    let answer = house.relay(card.token, "op_1").unwrap();
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.decode(answer.body_b64).unwrap();
    let body = String::from_utf8(body).unwrap();
    assert!(!body.contains("4242424242424242") && !body.contains("4242 4242"), "{body}");
    assert!(body.contains(&card.token.to_string()), "{body}");

    house.bank.says(Says::Html);
    let error = house.relay(card.token, "op_2").unwrap_err();
    assert_eq!(error.code(), Some("relay_bad_answer"));
    assert!(error.may_have_been_heard());

    house.bank.says(Says::Silence);
    let error = house.relay(card.token, "op_3").unwrap_err();
    assert_eq!(error.code(), Some("relay_unknown"));
    let count = house.bank.heard().len();
    house.bank.says(Says::Json(json!({})));
    assert_eq!(house.relay(card.token, "op_3").unwrap_err().code(), Some("relay_unknown"));
    assert_eq!(house.bank.heard().len(), count, "never sent again by itself");
}

#[test]
fn v_95_a_host_that_is_not_there_was_not_asked() {
    let mut house = House::open();
    let card = house.card("4242424242424242", |_| ()).card;
    house.kill();
    house.config.sandbox_addr = "127.0.0.1:1".parse().unwrap();
    house.start();
    let charge = RelayCall { use_code: false, ..authorise(card.token, "op_1") };
    let error = house.ask(&charge).unwrap_err();
    assert_eq!(error.code(), Some("relay_not_sent"));
    assert!(!error.may_have_been_heard());
    house.kill();
    house.config.sandbox_addr = house.bank.address;
    house.start();
    assert!(house.ask(&charge).is_ok(), "it may be sent now");
}

#[test]
fn v_84_a_kill_loses_no_card_and_every_code() {
    let mut house = House::open();
    let redeemed = house.card("4970100000000154", |request| {
        request.keep = Keep::Booking;
        request.booking = Some(kernel::BookingId::random(&kernel::rng::OsRng));
    });
    let card = redeemed.card;
    assert!(redeemed.consent_sha256.is_some() && !card.single_use);
    let open = house.page(&house.request(payment(9)));
    house.kill();
    assert!(matches!(house.ask(&CardGet { card: card.token }), Err(WireError::Unreachable { .. })));
    house.start();
    let again = house.ask(&CardGet { card: card.token }).unwrap();
    assert_eq!(again.fingerprint, card.fingerprint);
    assert_eq!(again.security_code.status, CodeStatus::None, "codes live in memory only");
    assert_eq!(house.get(&open).status, 200, "the open page is still there");
    assert_eq!(house.relay(card.token, "op_1").unwrap_err().code(), Some("code_none"));
    let later = RelayCall { use_code: false, ..authorise(card.token, "op_2") };
    assert_eq!(house.ask(&later).unwrap().code, RelayCode::None, "the merchant's charge has none");
    assert_eq!(house.bank.heard()[0].1["pan"], "4970100000000154");
    assert_eq!(house.bank.heard()[0].1["code"], "");

    let mut request = house.request(payment(2));
    request.card = Some(card.token);
    let page = house.page(&request);
    let shown = house.get(&page);
    assert!(shown.has("•••• 0154") && !shown.has("name=\"number\""));
    let sent = house.post(&page, "code=123&brand=visa");
    assert_eq!(sent.status, 303, "{}", sent.body);
    let same = house.redeem(&sent, request.payment).unwrap().card;
    assert_eq!(same.token, card.token, "the same card, with its code again");
    assert_eq!(same.preferred_brand, Some(vault_wire::Brand::Visa));
    assert_eq!(same.security_code.status, CodeStatus::Transit);
}

#[test]
fn v_03_q_40_no_file_holds_a_number() {
    let mut house = House::open();
    for number in ["4242424242424242", "4970100000000154", "5100010100000006"] {
        let card = house.card(number, |_| ()).card;
        house.relay(card.token, "op").unwrap();
        house.post(&house.page(&house.request(payment(3))), &format!("number={number}&exp=01/20"));
    }
    for number in ["4242424242424242", "4970100000000154", "5100010100000006"] {
        assert_eq!(house.files_with(number), Vec::<std::path::PathBuf>::new());
    }
    house.kill();
    for number in ["4242424242424242", "4970100000000154", "5100010100000006"] {
        assert_eq!(house.files_with(number), Vec::<std::path::PathBuf>::new());
    }
    assert!(!house.files_with("guichet-slots").is_empty(), "the search does find things");
}

#[test]
fn ve_11_a_declined_code_is_destroyed_as_declined() {
    let house = House::open();
    let card = house.card("4242424242424242", |_| {}).card.token;
    house.bank.says(Says::Json(json!({ "outcome": "declined", "code": "51" })));
    assert_eq!(house.relay(card, "op_1").unwrap().code, RelayCode::Destroyed);
    let code = house.ask(&CardGet { card }).unwrap().security_code;
    assert_eq!(code.destroyed_because.as_deref(), Some("declined"));
}

#[test]
fn v_84_a_code_that_a_restart_has_erased_is_typed_again_and_nothing_is_sent_before() {
    let mut house = House::open();
    let card = house.card("4242424242424242", |_| {}).card.token;
    house.kill();
    house.start();
    let refused = house.relay(card, "op_1").unwrap_err();
    assert_eq!(refused.code(), Some("code_none"));
    assert!(!refused.may_have_been_heard());
    let ask_holder = RelayCall { code_follows: true, ..authenticate(card, "op_2") };
    assert_eq!(house.ask(&ask_holder).unwrap_err().code(), Some("code_none"), "no proof in vain");
    assert_eq!(house.bank.heard().len(), 0, "the bank was not asked");

    let mut again = house.request(payment(2));
    again.card = Some(card);
    again.ask = vec![vault_wire::AskAgain::Code];
    let page = house.page(&again);
    let shown = house.get(&page);
    assert!(shown.has("•••• 4242") && !shown.has("name=\"number\"") && shown.has("name=\"code\""));
    let sent = house.post(&page, "code=123&exp=");
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert_eq!(house.redeem(&sent, again.payment).unwrap().card.token, card, "the same card");
    house.bank.says(Says::Json(json!({ "outcome": "declined", "code": "1A" })));
    assert_eq!(house.relay(card, "op_3").unwrap().code, RelayCode::Destroyed);
    house.bank.says(Says::Json(json!({ "outcome": "approved", "code": "00" })));
    let replay = RelayCall { use_code: false, ..authorise(card, "op_4") };
    assert_eq!(house.ask(&replay).unwrap().http_status, 200, "an answered code is owed no more");
    assert_eq!(house.bank.heard()[0].1["code"], "123");
}

#[test]
fn v_84_a_code_that_was_never_answered_does_not_bar_a_later_charge_without_one() {
    let mut house = House::open();
    let card = house.card("4242424242424242", |request| {
        request.keep = Keep::Booking;
        request.booking = Some(kernel::BookingId::random(&kernel::rng::OsRng));
    });
    let card = card.card.token;
    house.kill();
    house.start();
    let mandate = RelayCall { code_follows: true, ..authenticate(card, "op_1") };
    assert_eq!(house.ask(&mandate).unwrap_err().code(), Some("code_none"), "his own attempt");
    assert_eq!(house.bank.heard().len(), 0);
    assert_eq!(house.ask(&authenticate(card, "op_2")).unwrap().http_status, 200);
    let charge = RelayCall { use_code: false, ..authorise(card, "op_3") };
    assert_eq!(house.ask(&charge).unwrap().http_status, 200);
    let heard = house.bank.heard();
    assert_eq!((heard.len(), heard[1].1["code"].as_str()), (2, Some("")));
}

/// The question to the holder before an authorisation without a code.
fn authenticate(card: kernel::CardToken, name: &str) -> RelayCall {
    let args = json!({
        "ref": name, "amount": 10_080, "currency": "EUR", "challenge": "none",
        "return_url": format!("{APP}/p/token/3ds"),
    });
    RelayCall {
        template: "sandbox.authenticate".into(),
        args: serde_json::from_value(args).unwrap(),
        use_code: false,
        ..authorise(card, name)
    }
}
