//! Finds card numbers typed where they do not belong.
//!
//! A run of 14 to 19 digits (blanks, dots and hyphens ignored) with a valid Luhn check digit
//! (ISO/IEC 7812-1) that starts like a card of a known brand must never be stored outside
//! the vault.

const SHORTEST: usize = 14;
const LONGEST: usize = 19;

/// Whether the text holds a card number.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    find(text).is_some()
}

/// The text with every card number reduced to `******` and its last four digits.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(range) = find(&text) {
        let digits: Vec<char> =
            text.get(range.clone()).unwrap_or("").chars().filter(char::is_ascii_digit).collect();
        let last4: String = digits.iter().skip(digits.len().saturating_sub(4)).collect();
        text.replace_range(range, &format!("******{last4}"));
    }
    text
}

/// Luhn check digit (ISO/IEC 7812-1, annex B).
#[must_use]
pub fn luhn_valid(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(*digit);
            if place.is_multiple_of(2) { value } else { value * 2 / 10 + value * 2 % 10 }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// Byte range of the first card number: whole groups of digits that follow each other, so that
/// a part of a longer number never counts.
fn find(text: &str) -> Option<std::ops::Range<usize>> {
    let groups = digit_groups(text);
    (0..groups.len()).find_map(|first| {
        let mut digits: Vec<u8> = Vec::new();
        for (place, group) in groups.iter().enumerate().skip(first) {
            if place > first && !joined(text, groups.get(place - 1)?, group) {
                break;
            }
            digits.extend(text.get(group.clone())?.bytes().map(|b| b - b'0'));
            if digits.len() > LONGEST {
                break;
            }
            if digits.len() >= SHORTEST && known_brand(&digits) && luhn_valid(&digits) {
                return Some(groups.get(first)?.start..group.end);
            }
        }
        None
    })
}

fn digit_groups(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, _) in text.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()) {
        match groups.last_mut() {
            Some(group) if group.end == at => group.end = at + 1,
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

/// Whether nothing but blanks, dots and hyphens stands between two groups.
fn joined(text: &str, left: &std::ops::Range<usize>, right: &std::ops::Range<usize>) -> bool {
    let between = text.get(left.end..right.start).unwrap_or("x");
    between.chars().all(|c| matches!(c, ' ' | '.' | '-' | '\u{a0}' | '\u{202f}'))
}

/// First digits of Visa, Mastercard, Amex, Diners, Discover, JCB, `UnionPay` and Maestro.
fn known_brand(digits: &[u8]) -> bool {
    let lead = |n: usize| digits.iter().take(n).fold(0_u32, |all, d| all * 10 + u32::from(*d));
    matches!(lead(1), 4 | 6)
        || matches!(lead(2), 50..=55 | 34 | 37 | 36 | 38 | 39 | 56..=59)
        || matches!(lead(3), 300..=305 | 309)
        || matches!(lead(4), 2221..=2720 | 3528..=3589)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_found_however_written() {
        for text in [
            "4242424242424242",
            "carte 4242 4242-4242.4242 merci",
            "5207\u{202f}0000\u{a0}0000 0000",
            "378282246310005",
            "tel 02 41 50 12 34, 36227206271667",
        ] {
            assert!(holds_card_number(text), "{text}");
        }
        for text in ["4242424242424241", "0123456789", "+33 2 41 50 12 34", "DOS-2026-000123"] {
            assert!(!holds_card_number(text), "{text}");
        }
    }

    #[test]
    fn masks_keep_the_last_four() {
        assert_eq!(mask("a 4242 4242 4242 4242 b"), "a ******4242 b");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            prop_assert!(!holds_card_number(&mask(&text)));
        }
    }
}
