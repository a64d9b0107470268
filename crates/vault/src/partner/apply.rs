//! An application: what it must say, checked field by field.

use std::ops::RangeInclusive;

use kernel::card_text::holds_card_number;
use kernel::{Date, Email, FieldError};
use vault_wire::{PartnerApplication, PartnerContact};

use super::networks;
use crate::origin::Origin;
use crate::strict::is_plain_line;

const COMPANY_CHARACTERS: usize = 128;
const NAME_CHARACTERS: usize = 64;
/// RFC 5321, 4.5.3.1.3, without the angle brackets.
const EMAIL_CHARACTERS: usize = 254;
const PHONE_CHARACTERS: usize = 30;
const LEVEL_CHARACTERS: usize = 40;
/// A host name has at most 253 (RFC 1035, 3.1); scheme and port are around it.
const ORIGIN_CHARACTERS: usize = 270;
const PURPOSE_CHARACTERS: RangeInclusive<usize> = 20..=1_000;
const MAX_FRAME_ORIGINS: usize = 10;
const EVIDENCE_DAYS: i64 = 366;
const SIREN_DIGITS: usize = 9;
/// In groups of three.
const SIREN_CHARACTERS: usize = 11;

/// Everything that is wrong with an application.
pub(super) fn faults(application: &PartnerApplication, today: Date) -> Vec<FieldError> {
    let mut faults = Faults(Vec::new());
    let company = (1..=COMPANY_CHARACTERS, "1 to 128 characters in one line.");
    faults.text("$.company", &application.company, company);
    numbers(application, &mut faults);
    for (contact, path) in [
        (&application.security_contact, "$.security_contact"),
        (&application.technical_contact, "$.technical_contact"),
    ] {
        contact_faults(contact, path, &mut faults);
    }
    if application.security_contact.email == application.technical_contact.email {
        faults.note("$.technical_contact.email", "Two different people.");
    }
    let purpose = (PURPOSE_CHARACTERS, "20 to 1,000 characters in one line.");
    faults.text("$.purpose", &application.purpose, purpose);
    let mut once = application.scopes.clone();
    once.sort_unstable();
    once.dedup();
    if once.is_empty() || once.len() < application.scopes.len() {
        faults.note("$.scopes", "At least one, each once.");
    }
    addresses(application, &mut faults);
    let evidence = &application.evidence;
    if !["aoc", "saq"].contains(&evidence.kind.as_str()) {
        faults.note("$.evidence.kind", "aoc or saq.");
    }
    let level = (1..=LEVEL_CHARACTERS, "Which one, at most 40 characters in one line.");
    faults.text("$.evidence.level", &evidence.level, level);
    if evidence.until < today || evidence.until > kernel::time::plus_days(today, EVIDENCE_DAYS) {
        faults.note("$.evidence.until", "A day within the next twelve months.");
    }
    faults.0
}

/// What was found so far.
struct Faults(Vec<FieldError>);

impl Faults {
    fn note(&mut self, path: &str, why: &str) {
        self.0.push(FieldError::new(path, "invalid_field", why));
    }

    /// A text of so many characters, blanks around it apart, that the operator can read as it
    /// stands; whether it is one.
    fn text(
        &mut self,
        path: &str,
        text: &str,
        (characters, why): (RangeInclusive<usize>, &str),
    ) -> bool {
        let is_long_enough = text.trim().chars().count() >= *characters.start();
        if !is_long_enough || text.chars().count() > *characters.end() || !is_plain_line(text) {
            self.note(path, why);
            return false;
        }
        if holds_card_number(text) {
            let why = "A card number stands in another field.";
            self.0.push(FieldError::new(path, "pan_in_wrong_field", why));
            return false;
        }
        true
    }
}

fn numbers(application: &PartnerApplication, faults: &mut Faults) {
    if application.siren.is_none() && application.vat.is_none() {
        faults.note("$.siren", "A SIREN or a VAT number.");
    }
    if application.siren.as_ref().is_some_and(|siren| !is_siren(siren)) {
        faults.note("$.siren", "Nine digits with a check digit.");
    }
    if application.vat.as_ref().is_some_and(|vat| !is_vat(vat)) {
        faults.note("$.vat", "Two letters and 2 to 13 more.");
    }
}

fn contact_faults(contact: &PartnerContact, path: &str, faults: &mut Faults) {
    let name = (1..=NAME_CHARACTERS, "1 to 64 characters in one line.");
    faults.text(&format!("{path}.name"), &contact.name, name);
    let (at, why) = (format!("{path}.email"), "An address such as name@example.com.");
    let plain = faults.text(&at, &contact.email, (1..=EMAIL_CHARACTERS, why));
    if plain && contact.email.parse::<Email>().is_err() {
        faults.note(&at, why);
    }
    let (at, why) = (format!("{path}.phone"), "8 to 15 digits, at most 30 characters.");
    let plain = faults.text(&at, &contact.phone, (8..=PHONE_CHARACTERS, why));
    let digits = contact.phone.chars().filter(char::is_ascii_digit).count();
    let fine = contact.phone.chars().all(|c| c.is_ascii_digit() || " +.-()".contains(c));
    if plain && (!(8..=15).contains(&digits) || !fine) {
        faults.note(&at, why);
    }
}

/// Where he calls from, and whose pages frame ours.
fn addresses(application: &PartnerApplication, faults: &mut Faults) {
    for (path, why) in networks::faults(&application.ips) {
        faults.note(&path, why);
    }
    if application.frame_origins.len() > MAX_FRAME_ORIGINS {
        faults.note("$.frame_origins", "At most 10 origins.");
    }
    for (at, text) in application.frame_origins.iter().enumerate() {
        let exact = !text.contains('*')
            && text.chars().count() <= ORIGIN_CHARACTERS
            && Origin::of_url(text).is_some_and(|origin| origin.text() == *text);
        if !exact {
            let path = format!("$.frame_origins[{at}]");
            faults.note(&path, "An origin such as https://pms.example.com.");
        }
    }
}

/// Nine digits with the check digit of ISO/IEC 7812-1 (INSEE, SIRENE register).
fn is_siren(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b' ').collect();
    let written = text.len() <= SIREN_CHARACTERS && digits.len() == SIREN_DIGITS;
    written && digits.iter().all(u8::is_ascii_digit) && {
        let values: Vec<u8> = digits.iter().map(|b| b & 0x0f).collect();
        kernel::card_text::luhn_valid(&values)
    }
}

fn is_vat(text: &str) -> bool {
    let bytes = text.as_bytes();
    (4..=15).contains(&bytes.len())
        && bytes.iter().take(2).all(u8::is_ascii_uppercase)
        && bytes.iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_110_company_numbers_have_their_check_digit() {
        assert!(is_siren("732 829 320") && !is_siren("732829321") && !is_siren("73282932"));
        assert!(is_vat("FR40303265045") && !is_vat("40303265045") && !is_vat("fr40303265045"));
    }
}
