//! Transcripts without secrets: what may be stored of an exchange.

use kernel::card_text;
use serde_json::Value;

/// What stands for a secret.
const HIDDEN: &str = "•••";
/// Longest transcript kept of one message, in characters.
const MAX_CHARACTERS: usize = 16_384;

/// The text of a message with the named fields hidden and card numbers reduced to their last
/// four digits. Reads JSON and forms; anything else is only searched for card numbers.
#[must_use]
pub fn transcript(message: &[u8], fields: &[&str]) -> String {
    let text = String::from_utf8_lossy(message);
    let hidden = match serde_json::from_slice::<Value>(message) {
        Ok(mut document) if document.is_object() || document.is_array() => {
            hide(&mut document, fields);
            document.to_string()
        }
        _ if text.contains('=') && !text.contains(['<', '{']) => hide_form(&text, fields),
        _ => text.into_owned(),
    };
    card_text::mask(&hidden.chars().take(MAX_CHARACTERS).collect::<String>())
}

fn hide(value: &mut Value, fields: &[&str]) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if fields.iter().any(|field| field.eq_ignore_ascii_case(name)) {
                    *member = Value::String(HIDDEN.into());
                } else {
                    hide(member, fields);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, fields)),
        _ => {}
    }
}

fn hide_form(text: &str, fields: &[&str]) -> String {
    let pairs = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if fields.iter().any(|field| field.eq_ignore_ascii_case(name)) => {
            format!("{name}={HIDDEN}")
        }
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn c_12_secrets_and_numbers_do_not_stay() {
        let json =
            br#"{"pan":"4970100000000154","list":[{"Code":"123"}],"note":"4242 4242 4242 4242"}"#;
        let kept = transcript(json, &["code"]);
        assert!(!kept.contains("123\"") && !kept.contains("0000000154"), "{kept}");
        assert!(kept.contains("******4242") && kept.contains("******0154"), "{kept}");
        assert_eq!(transcript(b"a=1&HMAC=zz&b=2", &["hmac"]), "a=1&HMAC=•••&b=2");
    }

    proptest! {
        #[test]
        fn c_12_no_message_makes_it_panic(
            message in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let kept = transcript(&message, &["code"]);
            prop_assert!(!card_text::holds_card_number(&kept));
        }
    }
}
