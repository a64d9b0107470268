//! What a payment is found by, written with it: search columns in the same commit as the payment.
//!
//! Each is the folded text as bytes, so that every engine orders it alike and "begins with" is a
//! stretch of an index: the reference, the long number inside it, the payer's name from its last
//! name and from its first, and the address.

use web::list::folded;

use crate::payment::{Payer, Payment};

/// Shortest number inside a reference that is worth finding.
const NUMBER_DIGITS: usize = 4;
/// Longest text kept for the search, in bytes.
const MAX_BYTES: usize = 120;
/// Words that people leave out when they type a name.
const PARTICLES: [&str; 10] = ["de", "du", "des", "la", "le", "les", "d'", "l'", "van", "von"];

/// What a payment is found by, in the order of the columns.
#[must_use]
pub(crate) fn keys(payment: &Payment) -> [Option<Vec<u8>>; 5] {
    let reference = folded(&payment.order_ref);
    let number = number(&reference).map(str::to_owned);
    let Payer { first_name, last_name, email, .. } = &payment.payer;
    let (first, last) = (folded(first_name), folded(last_name));
    let email = email.as_ref().map(|email| email.as_str().to_lowercase());
    [
        Some(reference),
        number,
        Some(format!("{} {first}", without_particles(&last))),
        Some(format!("{first} {last}")),
        email,
    ]
    .map(|text| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(cut))
}

fn cut(text: &str) -> Vec<u8> {
    text.as_bytes().iter().copied().take(MAX_BYTES).collect()
}

/// The last long number of a reference, which people read out: `000123` of `dos-2026-000123/1`.
/// A reference that is one number needs no second entry.
#[must_use]
pub(crate) fn number(reference: &str) -> Option<&str> {
    let mut numbers = reference
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|digits| digits.len() >= NUMBER_DIGITS);
    numbers.next_back().filter(|digits| !reference.starts_with(digits))
}

/// A name without the particles at its beginning, unless nothing else is left.
#[must_use]
pub(crate) fn without_particles(name: &str) -> &str {
    let mut rest = name.trim();
    while let Some(shorter) = PARTICLES.iter().find_map(|particle| {
        let after = rest.strip_prefix(particle)?;
        if particle.ends_with('\'') { Some(after) } else { after.strip_prefix(' ') }
    }) {
        if shorter.trim().is_empty() {
            break;
        }
        rest = shorter.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_out_the_number_and_leave_out_particles() {
        assert_eq!(number("dos-2026-000123/1"), Some("000123"));
        assert_eq!(number("caution-7"), None);
        assert_eq!(number("20260001"), None);
        assert_eq!(without_particles("de la tour"), "tour");
        assert_eq!(without_particles("d'ormesson"), "ormesson");
        assert_eq!(without_particles("le"), "le");
        assert_eq!(without_particles("dupont"), "dupont");
    }
}
