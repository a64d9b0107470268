//! Messages before and after, without a vault.

mod form;
mod json;
mod xml;

use kernel::rng::SeededRng;
use serde_json::{Value, json};
use vault_wire::ProxyProfile;

use super::{Rehearsed, rehearse};

/// A profile with these paths and a few fields more.
fn profile(format: &str, paths: &Value, more: &Value) -> ProxyProfile {
    let mut whole = json!({
        "shop": "shop_00000000000000000000000000", "direction": "in", "format": format,
        "paths": paths, "forward_to": "http://sandbox/in", "ips": ["127.0.0.1"],
        "placeholders": {
            "number": ["0000000000000000"], "code": ["000"], "exp": ["0000"], "holder": ["-"],
        },
    });
    for (name, value) in more.as_object().unwrap() {
        whole[name] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

fn run(profile: &ProxyProfile, message: &str) -> Result<Rehearsed, String> {
    rehearse(profile.clone(), message.as_bytes(), &SeededRng::new(1))
}

/// The message afterwards, with `TOKEN` for every token.
fn after(profile: &ProxyProfile, message: &str) -> String {
    let mut text = run(profile, message).unwrap().document;
    while let Some(at) = text.find("card_") {
        text.replace_range(at..at + 31, "TOKEN");
    }
    text
}

#[test]
fn v_108_ready_profiles_are_profiles() {
    for name in super::READY_PROFILES {
        let ready = super::ready_profile(name).unwrap();
        assert!(super::profile::Profile::read(ready).is_ok(), "{name}");
    }
    assert!(super::ready_profile("x").is_none());
}
