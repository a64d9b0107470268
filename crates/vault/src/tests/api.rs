//! `POST /v1/cards`, for programs.

use serde_json::{Value, json};
use vault_wire::CodeStatus;

use super::house::{House, Reply, VAULT_KEY};

fn body(house: &House) -> Value {
    json!({
        "shop": house.scope.shop, "booking": "HOP-2026-118", "customer": null,
        "card": { "number": "5207000000000000", "exp_month": 6, "exp_year": 2030,
            "holder": "Francois", "security_code": "123" },
        "virtual": null,
        "three_ds": { "version": "2.2.0", "eci": "05", "cavv": "x", "ds_trans_id": "y" },
        "source": { "channel": "Example OTA", "entry": "api" },
    })
}

fn add(house: &House, key: &str, body: &Value) -> Reply {
    let bearer = format!("Bearer {VAULT_KEY}");
    let mut headers = vec![("authorization", bearer.as_str())];
    if !key.is_empty() {
        headers.push(("idempotency-key", key));
    }
    house.send("POST /v1/cards HTTP/1.1\r\n", &headers, &body.to_string())
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.json()["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn v_24_ve_14_add_card() {
    let house = House::open();
    let good = body(&house);
    let first = add(&house, "k1", &good);
    assert_eq!(first.status, 201, "{}", first.body);
    let card = first.json();
    assert!(card["token"].as_str().unwrap().starts_with("card_"));
    assert_eq!(card["cardVirtual"], false);
    assert_eq!(card["masked"], "******0000");
    assert_eq!(card["bin"], "52070000");
    assert_eq!(card["holder_initials"], "F.");
    assert_eq!(card["security_code"]["status"], "transit");
    assert!(!first.has("5207000000000000"));
    let again = add(&house, "k1", &good);
    assert_eq!(again.json(), card, "one card for one key");
    assert_eq!(
        (first.header("idempotent-replayed"), again.header("idempotent-replayed")),
        ("", "true")
    );

    let mut other = good.clone();
    other["card"]["exp_month"] = 7.into();
    assert_eq!(code(&add(&house, "k1", &other)), (422, "idempotency_mismatch".into()));
    assert_eq!(code(&add(&house, "", &good)), (400, "idempotency_key_required".into()));

    let mut shop = house.shop();
    shop.brands = vec![vault_wire::Brand::Visa];
    house.ask(&shop).unwrap();
    let refused = add(&house, "k2", &good);
    assert_eq!(code(&refused), (422, "brand_not_accepted".into()));
    assert_eq!(refused.json()["errors"][0]["path"], "$.card.number");

    let mut named = good.clone();
    named["card"]["holder"] = "5207000000000000".into();
    named["card"]["number"] = "4242424242424242".into();
    let refused = add(&house, "k3", &named);
    assert_eq!(code(&refused), (422, "pan_in_wrong_field".into()));
    assert!(!refused.has("5207000000000000"), "input is never echoed");

    shop.vault_keys[0].ips = vec!["192.0.2.0/24".into()];
    house.ask(&shop).unwrap();
    assert_eq!(code(&add(&house, "k4", &good)), (403, "ip_not_allowed".into()));
    let stranger = [("authorization", "Bearer vk_test_x"), ("idempotency-key", "k")];
    let refused = house.send("POST /v1/cards HTTP/1.1\r\n", &stranger, &good.to_string());
    assert_eq!(code(&refused), (401, "unauthorized".into()));
}

#[test]
fn v_27_bodies_are_read_strictly() {
    let house = House::open();
    let good = body(&house);
    let post = |key: &str, text: &str| {
        let bearer = format!("Bearer {VAULT_KEY}");
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        house.send("POST /v1/cards HTTP/1.1\r\n", &headers, text)
    };
    for torn in ["{", "{\"a\":", "{\"shop\":\"x\"", "[", "", "{} {}"] {
        assert_eq!(code(&post("a", torn)), (400, "json_invalid".into()), "{torn}");
    }
    let doubled = good.to_string().replacen('{', "{\"shop\":\"x\",", 1);
    assert_eq!(code(&post("b", &doubled)), (400, "duplicate_key".into()));
    let mut unknown = good.clone();
    unknown["card"]["pin"] = "1234".into();
    let refused = post("c", &unknown.to_string());
    assert_eq!(code(&refused), (422, "unknown_field".into()));
    assert_eq!(refused.json()["errors"][0]["path"], "$.card.pin");
    assert!(!refused.has("1234"), "nothing of it is repeated");
    let mut wrong = good.clone();
    wrong["card"]["exp_month"] = "June".into();
    let path = |text: &Value| post("c", &text.to_string()).json()["errors"][0]["path"].clone();
    assert_eq!(path(&wrong), "$.card.exp_month");
    wrong["card"].as_object_mut().unwrap().remove("exp_month");
    assert_eq!(path(&wrong), "$.card.exp_month", "a missing one is named too");
    wrong["secret_pan"] = "x".into();
    assert!(post("c", "[[[[[[[[[[1]]]]]]]]]]").status >= 400);
    let mut several = good.clone();
    several["card"]["number"] = "5207000000000001".into();
    several["card"]["exp_year"] = 2020.into();
    several["card"]["security_code"] = "1".into();
    let refused = post("d", &several.to_string());
    let codes: Vec<String> = refused.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes, ["card_number_luhn", "card_expired", "code_format"]);
    assert_eq!(post("d", &good.to_string()).status, 201, "a refused request leaves its key free");
    let big = format!("{{\"x\":\"{}\"}}", "x".repeat(40_000));
    assert_eq!(code(&post("e", &big)), (413, "too_large".into()));
}

#[test]
fn v_159_u_27_an_address_that_is_not_there_tells_a_program_and_a_person() {
    let house = House::open();
    for (line, status, name) in [
        ("GET /v1/nothing HTTP/1.1\r\n", 404, "not_found"),
        ("GET /nothing HTTP/1.1\r\n", 404, "not_found"),
        ("GET /theme/x/y HTTP/1.1\r\n", 400, "bad_request"),
        ("DELETE /v1/cards HTTP/1.1\r\n", 405, "method_not_allowed"),
    ] {
        let answer = house.send(line, &[], "");
        assert_eq!(code(&answer), (status, name.into()), "{line}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{line}");
        assert_eq!(answer.json()["request_id"], answer.header("x-request-id"), "{line}");
    }
    let kinds = [("accept", "text/html,*/*"), ("accept-language", "fr")];
    let form = [kinds[0], kinds[1], ("content-type", "application/x-www-form-urlencoded")];
    let big = "x".repeat(40_000);
    for (line, headers, body, status) in [
        ("GET /nothing HTTP/1.1\r\n", &kinds[..], "", 404),
        ("GET /v/c/nothing HTTP/1.1\r\n", &kinds[..], "", 404),
        ("GET /v/p/nothing HTTP/1.1\r\n", &kinds[..], "", 404),
        ("GET /v/r/nothing HTTP/1.1\r\n", &kinds[..], "", 404),
        ("DELETE /v/c/nothing HTTP/1.1\r\n", &kinds[..], "", 405),
        ("POST /v/c/nothing HTTP/1.1\r\n", &form[..], big.as_str(), 413),
    ] {
        let page = house.send(line, headers, body);
        assert_eq!(page.status, status, "{line}");
        assert!(page.has("Référence à communiquer") && page.has(page.header("x-request-id")));
        assert!(!page.has("débité"), "what became of a payment is not known here: {line}");
        assert!(page.header("content-security-policy").contains("default-src 'none'"), "{line}");
    }
}

#[test]
fn v_25_the_same_number_of_a_customer_is_one_card() {
    let house = House::open();
    let mut saved = body(&house);
    saved["customer"] = "cus_1".into();
    saved["booking"] = Value::Null;
    let first = add(&house, "k1", &saved);
    assert_eq!(first.status, 201);
    saved["card"]["exp_year"] = 2031.into();
    let second = add(&house, "k2", &saved);
    assert_eq!(second.status, 200);
    assert_eq!(second.json()["token"], first.json()["token"]);
    assert_eq!(second.json()["exp_year"], 2031);
    saved["customer"] = "cus_2".into();
    let third = add(&house, "k3", &saved);
    assert_ne!(third.json()["token"], first.json()["token"]);
    assert_eq!(third.json()["fingerprint"], first.json()["fingerprint"]);
    let token = second.json()["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {VAULT_KEY}");
    let line = format!("GET /v1/cards/{token} HTTP/1.1\r\n");
    let seen = house.send(&line, &[("authorization", bearer.as_str())], "");
    assert_eq!(seen.json()["version"], 2);
    let card = house.ask(&vault_wire::CardGet { card: token.parse().unwrap() }).unwrap();
    assert_eq!(card.security_code.status, CodeStatus::Transit);
    assert!(house.relay(card.token, "op").is_ok());
    assert_eq!(house.bank.heard()[0].1["exp"], "0631");
}

#[test]
fn v_159_every_fault_of_a_field_has_its_code_and_its_place() {
    let house = House::open();
    let number = |text: &str| ("number", Value::from(text), "$.card.number");
    let year = |year: i64| ("exp_year", Value::from(year), "$.card.exp_month");
    let holder = |text: &str| ("holder", Value::from(text), "$.card.holder");
    let cases = [
        (number(""), "card_number_missing"),
        (number("4242 4242 4242 424x"), "card_number_format"),
        (number("4242424242422"), "test_card_required"),
        (number("42424242424242"), "card_number_length"),
        (number("4242424242424241"), "card_number_luhn"),
        (number("1234567890123452"), "brand_unknown"),
        (number("36227206271667"), "brand_not_accepted"),
        (number("4012888888881881"), "test_card_required"),
        (("exp_month", 13.into(), "$.card.exp_month"), "expiry_format"),
        (year(2020), "card_expired"),
        (year(2090), "expiry_too_far"),
        (("security_code", "12".into(), "$.card.security_code"), "code_format"),
        (holder(""), "holder_format"),
        (holder("Anne 2"), "holder_format"),
        (holder("4242 4242 4242 4242"), "pan_in_wrong_field"),
    ];
    for (at, ((member, value, path), wanted)) in cases.into_iter().enumerate() {
        let mut asked = body(&house);
        asked["card"][member] = value;
        let refused = add(&house, &format!("k{at}"), &asked);
        assert_eq!(code(&refused), (422, wanted.into()), "{}", refused.body);
        let error = &refused.json()["errors"][0];
        assert_eq!((&error["path"], &error["code"]), (&path.into(), &wanted.into()));
        assert!(refused.json()["type"] == format!("/problems/{wanted}"), "{}", refused.body);
        assert!(refused.json()["request_id"].is_string());
    }
    for path in ["booking", "customer"] {
        let mut asked = body(&house);
        asked[path] = "4242 4242 4242 4242".into();
        let refused = add(&house, path, &asked);
        assert_eq!(code(&refused), (422, "pan_in_wrong_field".into()));
        assert_eq!(refused.json()["errors"][0]["path"], format!("$.{path}"));
        assert!(!refused.has("4242"), "input is never echoed");
    }
    let stored = house.files_with("5207000000000000");
    assert!(stored.is_empty(), "{stored:?}");
}

#[test]
fn v_159_unknown_foreign_and_destroyed_cards() {
    let house = House::open();
    let bearer = format!("Bearer {VAULT_KEY}");
    let look = |token: &str, key: &str| {
        let line = format!("GET /v1/cards/{token} HTTP/1.1\r\n");
        code(&house.send(&line, &[("authorization", key)], ""))
    };
    let card = add(&house, "k1", &body(&house)).json();
    let token = card["token"].as_str().unwrap();
    assert_eq!(look("card_1wcytdt1b33ja1njr9782ax6zn", &bearer), (404, "not_found".into()));
    assert_eq!(look("nonsense", &bearer), (404, "not_found".into()));
    assert_eq!(look(token, "Bearer gk_test_x"), (401, "unauthorized".into()));
    house.ask(&vault_wire::CardDelete { card: token.parse().unwrap() }).unwrap();
    assert_eq!(look(token, &bearer), (410, "gone".into()));
}

#[test]
fn v_06_a_live_shop_takes_no_test_card() {
    let house = House::open();
    let key = "vk_live_0123456789abcdefghjkmnpqrs";
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    let mut shop = house.shop();
    shop.shop = kernel::ShopId::random(&kernel::rng::OsRng);
    shop.mode = kernel::Mode::Live;
    shop.vault_keys[0].hash = crate::keys::bytes::hex(hash.as_ref());
    house.ask_as(&vault_wire::WireScope { shop: shop.shop, ..house.scope.clone() }, &shop).unwrap();
    let mut asked = body(&house);
    asked["shop"] = serde_json::to_value(shop.shop).unwrap();
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k1")];
    let refused = house.send("POST /v1/cards HTTP/1.1\r\n", &headers, &asked.to_string());
    assert_eq!(code(&refused), (422, "test_card_in_live".into()), "{}", refused.body);
}
