//! Finds card numbers typed where they do not belong.
//!
//! A run of 14 to 19 digits (blanks, dots and hyphens ignored) with a valid Luhn check digit
//! (ISO/IEC 7812-1) that starts like a card of a known brand must never be stored outside
//! the vault.

use std::ops::Range;

const SHORTEST: usize = 14;
const LONGEST: usize = 19;

/// Whether the text holds a card number.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    let groups = digit_groups(text);
    (0..groups.len()).any(|first| number_from(text, &groups, (first, &[])).is_some())
}

/// The text with every card number reduced to `******` and its last four digits.
#[must_use]
pub fn mask(text: &str) -> String {
    mask_and_count(text).0
}

/// The same, and how many numbers there were. Time grows as the text does.
#[must_use]
pub fn mask_and_count(text: &str) -> (String, usize) {
    let hits = hits(text);
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for hit in &hits {
        masked.push_str(text.get(at..hit.span.start).unwrap_or_default());
        masked.push_str("******");
        masked.extend(hit.last4.iter().map(|digit| char::from(b'0' + digit)));
        at = hit.span.end;
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    (masked, hits.len())
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

/// A number in a text.
struct Hit {
    span: Range<usize>,
    last4: Vec<u8>,
}

/// All numbers, first to last. The last four digits of one that are part of another one once it
/// is masked make both one.
fn hits(text: &str) -> Vec<Hit> {
    let groups = digit_groups(text);
    let mut hits: Vec<Hit> = Vec::new();
    let (mut first, mut lead) = (0, Vec::new());
    while let Some(group) = groups.get(first) {
        let Some((last, digits)) = number_from(text, &groups, (first, &lead)) else {
            (first, lead) = (first + 1, Vec::new());
            continue;
        };
        let end = groups.get(last).map_or(group.end, |group| group.end);
        let last4 = digits.get(digits.len().saturating_sub(4)..).unwrap_or_default().to_vec();
        let start = match hits.pop_if(|_| !lead.is_empty()) {
            Some(before) => before.span.start,
            None => group.start,
        };
        hits.push(Hit { span: start..end, last4: last4.clone() });
        (first, lead) = (last, last4);
    }
    hits
}

/// The card number that begins with a group, and the group it ends with: whole groups of digits
/// that follow each other, so that a part of a longer number never counts. `lead`, if any, stands
/// for the digits of the first group.
fn number_from(
    text: &str,
    groups: &[Range<usize>],
    (first, lead): (usize, &[u8]),
) -> Option<(usize, Vec<u8>)> {
    let mut digits = lead.to_vec();
    for (place, group) in groups.iter().enumerate().skip(first) {
        if place > first && !joined(text, groups.get(place - 1)?, group) {
            break;
        }
        if place > first || lead.is_empty() {
            if digits.len().saturating_add(group.len()) > LONGEST {
                break;
            }
            digits.extend(text.get(group.clone())?.bytes().map(|b| b - b'0'));
        }
        if digits.len() >= SHORTEST && known_brand(&digits) && luhn_valid(&digits) {
            return Some((place, digits));
        }
    }
    None
}

fn digit_groups(text: &str) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()) {
        match groups.last_mut() {
            Some(group) if group.end == at => group.end = at + 1,
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

/// Whether nothing but blanks, dots and hyphens stands between two groups.
fn joined(text: &str, left: &Range<usize>, right: &Range<usize>) -> bool {
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
        assert_eq!(mask("4242 4242 4242 4242 4242 4242 4242"), "******4242");
        let two = mask_and_count("x 4242424242424242, 378282246310005.");
        assert_eq!(two, ("x ******4242, ******0005.".to_owned(), 2));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            prop_assert!(!holds_card_number(&mask(&text)));
        }

        #[test]
        fn no_number_stays_beside_another(text in "(4242|4|2| |-|,|378282246310005){0,40}") {
            prop_assert!(!holds_card_number(&mask(&text)));
        }
    }
}
