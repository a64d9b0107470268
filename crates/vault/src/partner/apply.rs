//! An application: what it must say, checked field by field.

use std::net::IpAddr;

use kernel::card_text::holds_card_number;
use kernel::{Date, Email, FieldError, Mode};
use vault_wire::{PartnerApplication, PartnerContact};

use crate::origin::Origin;
use crate::shop::network;

const COMPANY_CHARACTERS: usize = 128;
const PURPOSE_CHARACTERS: std::ops::RangeInclusive<usize> = 20..=1_000;
pub(super) const MAX_NETWORKS: usize = 32;
const MAX_FRAME_ORIGINS: usize = 10;
const EVIDENCE_DAYS: i64 = 366;
const SIREN_DIGITS: usize = 9;

/// Everything that is wrong with an application.
pub(super) fn faults(application: &PartnerApplication, today: Date) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut note = |path: &str, why: &str| {
        faults.push(FieldError::new(path, "invalid_field", why));
    };
    let named = |text: &str, most: usize| {
        !text.trim().is_empty() && text.chars().count() <= most && !holds_card_number(text)
    };
    if !named(&application.company, COMPANY_CHARACTERS) {
        note("$.company", "The name of the company, at most 128 characters.");
    }
    match (&application.siren, &application.vat) {
        (None, None) => note("$.siren", "A SIREN or a VAT number."),
        (Some(siren), _) if !is_siren(siren) => note("$.siren", "Nine digits with a check digit."),
        (_, Some(vat)) if !is_vat(vat) => note("$.vat", "Two letters and 2 to 13 more."),
        _ => {}
    }
    for (contact, path) in [
        (&application.security_contact, "$.security_contact"),
        (&application.technical_contact, "$.technical_contact"),
    ] {
        contact_faults(contact, |member, why| note(&format!("{path}.{member}"), why));
    }
    if application.security_contact.email == application.technical_contact.email {
        note("$.technical_contact.email", "Two different people.");
    }
    let purpose = application.purpose.trim();
    if !PURPOSE_CHARACTERS.contains(&purpose.chars().count()) || holds_card_number(purpose) {
        note("$.purpose", "20 to 1,000 characters.");
    }
    if application.scopes.is_empty() {
        note("$.scopes", "At least one.");
    }
    if !(1..=MAX_NETWORKS).contains(&application.ips.len()) {
        note("$.ips", "1 to 32 networks.");
    }
    for (at, text) in application.ips.iter().enumerate() {
        if !is_narrow(text) {
            note(&format!("$.ips[{at}]"), "IPv4 /24 to /32, or IPv6 /48 to /128.");
        }
    }
    if application.frame_origins.len() > MAX_FRAME_ORIGINS {
        note("$.frame_origins", "At most 10 origins.");
    }
    for (at, text) in application.frame_origins.iter().enumerate() {
        let exact = !text.contains('*')
            && Origin::of_url(text).is_some_and(|origin| origin.text() == *text);
        if !exact {
            note(&format!("$.frame_origins[{at}]"), "An origin such as https://pms.example.com.");
        }
    }
    let evidence = &application.evidence;
    if !["aoc", "saq"].contains(&evidence.kind.as_str()) {
        note("$.evidence.kind", "aoc or saq.");
    }
    if !named(&evidence.level, 40) {
        note("$.evidence.level", "Which one, at most 40 characters.");
    }
    if evidence.until < today || evidence.until > kernel::time::plus_days(today, EVIDENCE_DAYS) {
        note("$.evidence.until", "A day within the next twelve months.");
    }
    faults
}

fn contact_faults(contact: &PartnerContact, mut note: impl FnMut(&str, &str)) {
    if contact.name.trim().is_empty() || contact.name.chars().count() > 64 {
        note("name", "1 to 64 characters.");
    }
    if contact.email.parse::<Email>().is_err() {
        note("email", "An address such as name@example.com.");
    }
    let digits = contact.phone.chars().filter(char::is_ascii_digit).count();
    let fine = contact.phone.chars().all(|c| c.is_ascii_digit() || " +.-()".contains(c));
    if !(8..=15).contains(&digits) || !fine {
        note("phone", "8 to 15 digits.");
    }
}

/// Nine digits with the check digit of ISO/IEC 7812-1 (INSEE, SIRENE register).
fn is_siren(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b' ').collect();
    digits.len() == SIREN_DIGITS && digits.iter().all(u8::is_ascii_digit) && {
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

/// A network narrow enough to be somebody's own.
pub(super) fn is_narrow(text: &str) -> bool {
    match network(text) {
        Some((IpAddr::V4(_), length)) => length >= 24,
        Some((IpAddr::V6(_), length)) => length >= 48,
        None => false,
    }
}

/// Whether a network counts for keys of this mode: live ones are not used from private, reserved
/// or documentation ranges (IANA special-purpose registries).
pub(super) fn counts_for(text: &str, mode: Mode) -> bool {
    let Some((address, _)) = network(text) else { return false };
    mode == Mode::Test || is_public(address)
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let special = matches!((a, b, c), (192, 0, 0) | (198, 18..=19, _))
                || (a == 100 && (64..=127).contains(&b))
                || a == 0
                || a >= 224;
            !(special
                || ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_documentation())
        }
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            (0x2000..=0x3fff).contains(&first) && !(first == 0x2001 && second == 0x0db8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_111_networks_are_narrow_and_public_ones_alone_count_for_live_keys() {
        for text in ["203.0.114.0/24", "8.8.8.8", "2a01:e0a::/48", "127.0.0.1/32"] {
            assert!(is_narrow(text), "{text}");
        }
        for text in ["10.0.0.0/8", "203.0.114.0/23", "2a01::/47", "0.0.0.0/0", "x", ""] {
            assert!(!is_narrow(text), "{text}");
        }
        for text in ["8.8.8.0/24", "2a01:e0a::/48"] {
            assert!(counts_for(text, Mode::Live), "{text}");
        }
        let reserved = [
            "10.1.2.0/24",
            "127.0.0.1",
            "192.168.1.0/24",
            "169.254.0.0/24",
            "203.0.113.0/24",
            "100.64.0.0/24",
            "224.0.0.0/24",
            "fe80::/64",
            "fc00::/64",
            "2001:db8::/48",
            "::1",
        ];
        for text in reserved {
            assert!(!counts_for(text, Mode::Live) && counts_for(text, Mode::Test), "{text}");
        }
    }

    #[test]
    fn v_110_company_numbers_have_their_check_digit() {
        assert!(is_siren("732 829 320") && !is_siren("732829321") && !is_siren("73282932"));
        assert!(is_vat("FR40303265045") && !is_vat("40303265045") && !is_vat("fr40303265045"));
    }
}
