use proptest::prelude::*;
use serde_json::{Value, json};
use vault_wire::ProxyProfile;

use super::{after, run};

fn paths() -> Value {
    json!({
        "number": "$.res[*].cc.number", "exp": "$.res[*].cc.exp", "code": "$.res[*].cc.cvv",
        "holder": "$.res[*].cc.name", "booking": "$.res[*].id",
    })
}

fn profile() -> ProxyProfile {
    super::profile("json", &paths(), &json!({}))
}

#[test]
fn ve_16_the_number_becomes_a_token_and_the_code_goes() {
    let before = r#"{"res":[{"id":"B1","cc":{"number":"5207000000000000","exp":"0630","cvv":"123"},"note":"late"}]}"#;
    let wanted = r#"{"res":[{"id":"B1","cc":{"number":"TOKEN","exp":"0630"},"note":"late"}]}"#;
    assert_eq!(after(&profile(), before), wanted);
    let told = run(&profile(), before).unwrap().cards.remove(0);
    assert_eq!((told.result, told.masked.as_deref()), ("stored", Some("******0000")));
    assert_eq!((told.booking.as_deref(), told.expiry.as_deref()), (Some("B1"), Some("06/2030")));
    assert!(told.code);
    let other = before.replace("late", "4111 1111 1111 1111");
    assert_eq!(run(&profile(), &other), Err("unmapped_number $.res[0].note".into()));
    let broken = before.replace("B1", "B\\n1");
    let wanted_fault = Err("document_invalid $.res[0].cc.number".into());
    assert_eq!(
        run(&profile(), &broken),
        wanted_fault,
        "a rehearsal refuses what the vault refuses"
    );
    let zeros = before.replace("5207000000000000", "0000000000000000");
    assert_eq!(run(&profile(), &zeros).unwrap().cards[0].result, "retrieval_failed");
    assert_eq!(after(&profile(), &zeros), wanted.replace("\"TOKEN\"", "null"));
}

#[test]
fn v_106_order_blanks_and_unknown_fields_survive() {
    let before = "\n{ \"x\" : 1.50e+3 ,\t\"res\":[ {\"cc\":{ \"cvv\" : \"123\" , \"number\":4111111111111111 }\r\n,\"id\":7, \"\\u00e9\":[ ] }, {} ] } ";
    let wanted = "\n{ \"x\" : 1.50e+3 ,\t\"res\":[ {\"cc\":{ \"number\":\"TOKEN\" }\r\n,\"id\":7, \"\\u00e9\":[ ] }, {} ] } ";
    assert_eq!(after(&profile(), before), wanted);
    assert_eq!(run(&profile(), before).unwrap().cards[0].booking.as_deref(), Some("7"));
    let again = after(&profile(), before).replace("TOKEN", "card_1wcytdt1b33ja1njr9782ax6zn");
    assert_eq!(run(&profile(), &again).unwrap().document, again, "a token stays what it is");
}

#[test]
fn v_104_a_code_goes_wherever_it_stands_among_its_neighbours() {
    let one = |cc: &str| after(&profile(), &format!("{{\"res\":[{{\"cc\":{cc}}}]}}"));
    let bare = |cc: &str| format!("{{\"res\":[{{\"cc\":{cc}}}]}}");
    assert_eq!(one(r#"{"cvv":"1"}"#), bare("{}"));
    assert_eq!(one(r#"{"a":1, "cvv":"1"}"#), bare(r#"{"a":1}"#));
    assert_eq!(one(r#"{"cvv":"1" , "a":1}"#), bare(r#"{"a":1}"#));
    assert_eq!(one(r#"{"a":1,"cvv":"1", "b":2}"#), bare(r#"{"a":1, "b":2}"#));
    assert_eq!(one(r#"{"cvv":"1","cvv":"2","b":2}"#), bare(r#"{"b":2}"#));
    assert_eq!(one(r#"{"a":0,"cvv":"1","cvv":"2"}"#), bare(r#"{"a":0}"#));
    let empty = super::profile("json", &paths(), &json!({ "replace": { "code": "empty" } }));
    assert_eq!(after(&empty, &bare(r#"{"cvv":123}"#)), bare(r#"{"cvv":""}"#));
}

#[test]
fn v_106_a_number_hides_in_no_other_place() {
    let refused = |message: &str, path: &str| {
        let code = if path.ends_with('!') { "document_invalid" } else { "unmapped_number" };
        let path = path.trim_end_matches('!');
        assert_eq!(run(&profile(), message), Err(format!("{code} {path}")), "{message}");
    };
    refused(r#"{"res":4111111111111111}"#, "$.res");
    refused(r#"{"a":["\u0034111-1111-1111-1111"]}"#, "$.a[0]");
    refused(r#"{"a":{"x 4111111111111111":1}}"#, "$.a");
    refused(r#"{"res":[{"cc":{"name":"4111111111111111"}}]}"#, "$.res[0].cc.name");
    refused(r#"{"res":[{"cc":{"cvv":{"value":"123"}}}]}"#, "$.res[0].cc.cvv.value!");
    refused(r#"{"res":[{"cc":{"number":["4111","1111"]}}]}"#, "$.res[0].cc.number[0]!");
    assert!(run(&profile(), "{\"a\":1").unwrap_err().starts_with("document_invalid"));
    assert!(run(&profile(), "{} {}").unwrap_err().starts_with("document_invalid"));
    assert!(run(&profile(), &"[".repeat(60)).unwrap_err().starts_with("document_invalid"));
    let deep = "[".repeat(60) + &"]".repeat(60);
    assert!(run(&profile(), &deep).unwrap_err().starts_with("document_invalid"));
    let mask = super::profile("json", &paths(), &json!({ "on_unmapped": "mask" }));
    let told = run(&mask, r#"{"note": "\u00e9 4111 1111 1111 1111"}"#).unwrap();
    assert_eq!((told.document.as_str(), told.masked), ("{\"note\": \"é ******1111\"}", 1));
    assert!(run(&mask, r#"{"4111111111111111":1}"#).is_err(), "a name is not written over");
    for kept in [
        r#"{"res":[{"id":"4111 1111 1111 1111","cc":{"number":"5207000000000000"}}]}"#,
        r#"{"res":[{"id":"B1","cc":{"number":"5207000000000000","name":"4111111111111111"}}]}"#,
    ] {
        let refused = run(&mask, kept).unwrap_err();
        assert!(refused.starts_with("unmapped_number"), "kept in clear, so never taken: {refused}");
    }
}

#[test]
fn v_106_a_message_can_not_exhaust_the_vault() {
    let mask = super::profile("json", &paths(), &json!({ "on_unmapped": "mask" }));
    let numbers = "4111111111111111,".repeat(100_000);
    let refused = run(&mask, &json!([numbers]).to_string());
    assert_eq!(refused, Err("too_many_cards $[0]".into()));
    let name = |length: usize| format!("{{\"{}\":1}}", "n".repeat(length));
    assert!(run(&profile(), &name(200)).is_ok());
    assert_eq!(run(&profile(), &name(201)), Err("document_invalid $".into()));
}

#[test]
fn v_104_what_looks_like_a_code_goes_on_nowhere() {
    for (message, path) in [
        (r#"{"res":[{"card":{"CVV":"123"}}]}"#, "$.res[0].card.CVV"),
        (r#"{"series_code":[1234]}"#, "$.series_code[0]"),
    ] {
        assert_eq!(run(&profile(), message), Err(format!("unmapped_code {path}")));
    }
    assert!(run(&profile(), r#"{"cvv":"none","cid":"12345"}"#).is_ok());
    let both = super::profile(
        "json",
        &json!({ "number": "$.n", "holder": "$.a.cvv", "code": "$..cvv", "booking": "$.id" }),
        &json!({}),
    );
    let told = run(&both, r#"{"n":"5207000000000000","a":{"cvv":"123"}}"#).unwrap();
    assert!(!told.document.contains("123"), "{}", told.document);
}

#[test]
fn v_103_two_numbers_never_share_an_expiry_or_a_code() {
    let flat = super::profile(
        "json",
        &json!({ "number": "$..number", "exp": "$..exp", "booking": "$..id" }),
        &json!({}),
    );
    let doubled = r#"{"number":"5207000000000000","number":"4111111111111111","exp":"0330"}"#;
    assert_eq!(run(&flat, doubled), Err("document_invalid $.number".into()));
    let apart = r#"[{"number":"5207000000000000","exp":"0330"},{"number":"4111111111111111"}]"#;
    assert!(run(&flat, apart).is_ok());
}

#[test]
fn v_107_a_brand_may_say_that_there_is_no_number() {
    let branded = super::profile(
        "json",
        &json!({ "number": "$.n", "brand": "$.b", "booking": "$.id" }),
        &json!({ "placeholders": { "brand": ["XX"] } }),
    );
    let told = run(&branded, r#"{"n":"5207000000000000","b":"XX"}"#).unwrap();
    assert_eq!(told.cards[0].result, "retrieval_failed");
    assert_eq!(told.document, r#"{"n":null,"b":"XX"}"#);
}

#[test]
fn v_107_null_is_nothing() {
    let message = r#"{"res":[{"id":null,"cc":{"number":null,"name":null}}]}"#;
    let told = run(&profile(), message).unwrap();
    assert_eq!((told.cards[0].result, told.cards[0].booking.as_deref()), ("not_sent", None));
    assert_eq!(told.document, message);
}

#[test]
fn v_103_parts_belong_to_the_number_beside_them() {
    let message = r#"{"res":[
        {"id":"A","cc":{"exp":"0130"}},
        {"id":"B","cc":{"number":"5207000000000000"}},
        {"cc":{"number":"5207000000000000","exp":"02/30"}},
        {"id":"D","cc":{"number":"4111111111111111","exp":"0000"}}]}"#;
    let cards = run(&profile(), message).unwrap().cards;
    let told: Vec<_> =
        cards.iter().map(|card| (card.booking.as_deref(), card.expiry.as_deref())).collect();
    let nothing = [(Some("B"), None), (None, None), (Some("D"), None)];
    assert_eq!(told, nothing, "another's expiry, another format, a placeholder");
    let down = super::profile(
        "json",
        &json!({ "number": "$..number", "exp": "$..exp", "booking": "$..id" }),
        &json!({}),
    );
    let message = r#"{"id":"A","rooms":[{"number":"5207000000000000"},{"number":"4111111111111111","exp":"0330"}],
        "more":{"exp":"0430"}}"#;
    let cards = run(&down, message).unwrap().cards;
    let told: Vec<_> =
        cards.iter().map(|card| (card.booking.as_deref(), card.expiry.as_deref())).collect();
    assert_eq!(told, [(Some("A"), None), (Some("A"), Some("03/2030"))]);
}

#[test]
fn v_105_no_more_cards_than_a_message_may_have() {
    let many = |count: usize| {
        let one = r#"{"cc":{"number":"5207000000000000"}}"#;
        format!("{{\"res\":[{}]}}", vec![one; count].join(","))
    };
    assert_eq!(run(&profile(), &many(200)).unwrap().cards.len(), 200);
    let refused = run(&profile(), &many(201)).unwrap_err();
    assert_eq!(refused, "too_many_cards $.res[200].cc.number");
}

/// Any JSON without a number of a card in it.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z\\\\\"é \\n]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("(res|cc|exp|id|[a-z]{1,3})", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn v_104_a_message_without_cards_leaves_as_it_came(
        value in any_json(), pretty in any::<bool>(),
    ) {
        let text = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        if let Ok(told) = run(&profile(), &text) {
            prop_assert_eq!(told.document, text);
        }
    }

    #[test]
    fn v_104_only_mapped_values_differ(around in any_json(), count in 0_usize..4) {
        let code = |at: usize| if at.is_multiple_of(2) { json!("123") } else { Value::Null };
        let one = |at: usize| json!({ "a": around, "id": at, "cc": {
            "a": around, "cvv": code(at), "exp": "0630", "number": "5207000000000000", "z": 1,
        } });
        let mut message = json!({ "z": around, "res": (0..count).map(one).collect::<Vec<_>>() });
        let Ok(told) = run(&profile(), &message.to_string()) else { return Ok(()) };
        let read: Value = serde_json::from_str(&told.document).unwrap();
        for (at, res) in message["res"].as_array_mut().unwrap().iter_mut().enumerate() {
            let token = read["res"][at]["cc"]["number"].clone();
            prop_assert!(token.as_str().unwrap().starts_with("card_"));
            res["cc"]["number"] = token;
            res["cc"].as_object_mut().unwrap().remove("cvv");
        }
        prop_assert_eq!(told.document, message.to_string());
    }

    #[test]
    fn q_42_no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let rng = kernel::rng::SeededRng::new(1);
        let _ = super::rehearse(profile(), &bytes, &rng);
    }

    #[test]
    fn q_42_no_broken_json_makes_it_panic(text in "[\\[\\]{}:,\"\\\\0-9a-c ]{0,60}") {
        let _ = run(&profile(), &text);
    }
}
