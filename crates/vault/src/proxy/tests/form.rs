use proptest::prelude::*;
use serde_json::json;
use vault_wire::ProxyProfile;

use super::{after, run};

fn profile() -> ProxyProfile {
    super::profile(
        "form",
        &json!({ "number": "cc_number", "exp": "cc_exp", "code": "cvv", "booking": "ref" }),
        &json!({}),
    )
}

#[test]
fn v_103_a_form_keeps_its_fields_in_order() {
    let form = "ref=B+1&cvv=123&cc%5Fnumber=5207%200000+0000-0000&x=%e9&cc_exp=0630&&y";
    assert_eq!(after(&profile(), form), "ref=B+1&cc%5Fnumber=TOKEN&x=%e9&cc_exp=0630&&y");
    let card = run(&profile(), form).unwrap().cards.remove(0);
    assert_eq!((card.booking.as_deref(), card.expiry.as_deref()), (Some("B 1"), Some("06/2030")));
    assert_eq!(after(&profile(), "cvv=1&cvv=2&a=b"), "a=b");
    assert_eq!(after(&profile(), "a=b&cvv=1"), "a=b");
    assert_eq!(after(&profile(), "cvv=1"), "");
    let other = run(&profile(), "a=%34111111111111111");
    assert_eq!(other, Err("unmapped_number a".into()));
    assert_eq!(run(&profile(), "4111111111111111=a"), Err("unmapped_number ".into()));
}

proptest! {
    #[test]
    fn v_104_a_form_without_cards_leaves_as_it_came(text in "[a-z=&%+é]{0,40}") {
        prop_assert_eq!(run(&profile(), &text).map(|told| told.document), Ok(text));
    }
}
