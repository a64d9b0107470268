//! Answers of hosts, before the app sees them: no card number comes back.
//!
//! The number of the card becomes its token, the code beside it and every other run of 13 to 19
//! digits with a valid check digit become `******`.

use kernel::card_text::luhn_valid;
use serde_json::Value;

const SHORTEST: usize = 13;
const LONGEST: usize = 19;
const MASK: &str = "******";
/// Numbers of one answer whose nesting is deeper are not looked for: the answer is refused.
const MAX_DEPTH: usize = 64;

/// The card whose data must not come back.
pub(crate) struct Seen<'s> {
    /// Digits of the number.
    pub(crate) number: &'s str,
    /// The code, if it went along; looked for only beside the number.
    pub(crate) code: Option<&'s str>,
    /// The card's outside name.
    pub(crate) token: &'s str,
}

/// The answer without card data; `None` when it is no JSON that can be searched.
pub(crate) fn scan(body: &[u8], seen: &Seen<'_>) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    let came_back = body.windows(seen.number.len()).any(|w| w == seen.number.as_bytes());
    let beside = seen.code.filter(|_| came_back);
    clean(&mut value, &Seen { code: beside, ..*seen }, MAX_DEPTH)?;
    serde_json::to_vec(&value).ok()
}

fn clean(value: &mut Value, seen: &Seen<'_>, depth: usize) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            let text = number.to_string();
            let cleaned = clean_text(&text, seen);
            if cleaned != text {
                *value = Value::String(cleaned);
            }
        }
        Value::String(text) => *text = clean_text(text, seen),
        Value::Array(items) => {
            for item in items {
                clean(item, seen, depth)?;
            }
        }
        Value::Object(members) => {
            let old = std::mem::take(members);
            for (key, mut member) in old {
                clean(&mut member, seen, depth)?;
                members.insert(clean_text(&key, seen), member);
            }
        }
    }
    Some(())
}

fn clean_text(text: &str, seen: &Seen<'_>) -> String {
    if seen.code == Some(text) {
        return MASK.to_owned();
    }
    let mut cleaned = text.replace(seen.number, seen.token);
    if kernel::card_text::holds_card_number(&cleaned) {
        cleaned = kernel::card_text::mask(&cleaned);
    }
    mask_runs(&cleaned)
}

/// Masks unbroken runs of digits that could be card numbers of any scheme.
fn mask_runs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(c) if c.is_ascii_digit() => run.push(c),
            other => {
                let digits: Vec<u8> = run.bytes().map(|b| b & 0x0f).collect();
                let hit = (SHORTEST..=LONGEST).contains(&digits.len()) && luhn_valid(&digits);
                out.push_str(if hit { MASK } else { &run });
                run.clear();
                out.extend(other);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(body: &str) -> String {
        let token = "card_1wcytdt1b33ja1njr9782ax6zn";
        let seen = Seen { number: "5207000000000000", code: Some("123"), token };
        String::from_utf8(scan(body.as_bytes(), &seen).unwrap()).unwrap()
    }

    #[test]
    fn ve_15_v_94_a_number_that_comes_back_is_replaced() {
        assert_eq!(
            scanned(r#"{"pan":"5207000000000000","cvc":"123","code":"00"}"#),
            r#"{"code":"00","cvc":"******","pan":"card_1wcytdt1b33ja1njr9782ax6zn"}"#
        );
        assert_eq!(scanned(r#"{"id":"123"}"#), r#"{"id":"123"}"#, "no number beside it");
        let other =
            scanned(r#"{"a":4242424242424242,"b":"x 4111 1111 1111 1111","c":"9000000000006"}"#);
        assert!(!other.contains("4242424242424242") && !other.contains("4111 1111"), "{other}");
        assert_eq!(scanned(r#"{"a":"497010****0154"}"#), r#"{"a":"497010****0154"}"#);
    }

    #[test]
    fn what_cannot_be_searched_is_refused() {
        let seen = Seen { number: "5207000000000000", code: None, token: "card_x" };
        assert!(scan(b"<html>", &seen).is_none());
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert!(scan(deep.as_bytes(), &seen).is_none());
    }
}
