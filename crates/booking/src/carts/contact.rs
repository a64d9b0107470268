//! Who books: checked once, stored as checked.

use kernel::{Email, FieldError, Locale, card_text};
use serde::{Deserialize, Serialize};

/// Longest name, in characters.
pub const MAX_NAME_CHARACTERS: usize = 80;
/// Longest address or company, in characters.
pub const MAX_TEXT_CHARACTERS: usize = 300;
/// Fewest and most digits of an international number (ITU-T E.164).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Contact details as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContactDraft {
    /// Form of address, never required.
    pub title: String,
    /// Family name.
    pub last_name: String,
    /// First name.
    pub first_name: String,
    /// Where papers go.
    pub email: String,
    /// However typed.
    pub phone: String,
    /// Postal address.
    pub address: String,
    /// Two letters; the shop's language when empty.
    pub language: String,
    /// Name of a business buyer.
    pub company: String,
    /// Registration number of a business buyer.
    pub registration_number: String,
}

/// Contact details that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Form of address; may be empty.
    pub title: String,
    /// Family name.
    pub last_name: String,
    /// First name.
    pub first_name: String,
    /// Where papers go.
    pub email: Email,
    /// International form, or empty.
    pub phone: String,
    /// Postal address; may be empty.
    pub address: String,
    /// Language of pages and papers.
    pub language: Locale,
    /// Name of a business buyer; may be empty.
    pub company: String,
    /// Registration number of a business buyer; may be empty.
    pub registration_number: String,
}

impl Contact {
    /// First name, then family name.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

impl ContactDraft {
    /// Checks every field and tells all faults at once. A field that holds a card number is
    /// refused: card numbers belong in the vault alone.
    ///
    /// # Errors
    /// One [`FieldError`] per wrong field, path `$.{field}`.
    pub fn check(&self, default: Locale) -> Result<Contact, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut text = |field: &str, value: &str, most: usize| {
            let value = value.trim();
            if card_text::holds_card_number(value) {
                faults.push(fault(field, "pan_in_wrong_field", "Do not enter a card number here."));
            } else if value.chars().count() > most {
                faults.push(fault(field, "too_long", "This text is too long."));
            } else if value
                .chars()
                .any(|c| c.is_control() && !(field == "address" && "\r\n".contains(c)))
            {
                faults.push(fault(field, "invalid_field", "Write this on one line."));
            }
            value.to_owned()
        };
        let title = text("title", &self.title, MAX_NAME_CHARACTERS);
        let last_name = text("last_name", &self.last_name, MAX_NAME_CHARACTERS);
        let first_name = text("first_name", &self.first_name, MAX_NAME_CHARACTERS);
        let address = text("address", &self.address, MAX_TEXT_CHARACTERS);
        let company = text("company", &self.company, MAX_TEXT_CHARACTERS);
        text("email", &self.email, usize::MAX);
        for (field, value) in [("last_name", &last_name), ("first_name", &first_name)] {
            if value.is_empty() {
                faults.push(fault(field, "missing", "Enter this name."));
            }
        }
        let email = self.email.parse::<Email>();
        if email.is_err() && !faults.iter().any(|fault| fault.path == "$.email") {
            let message = "Enter an e-mail address, for example name@example.com.";
            faults.push(fault("email", "email_format", message));
        }
        let phone = phone(&self.phone);
        if phone.is_none() {
            let message = "Enter a phone number, for example +33 6 12 34 56 78.";
            faults.push(fault("phone", "phone_format", message));
        }
        let language = match self.language.trim() {
            "" => Some(default),
            tag => Locale::parse(tag),
        };
        if language.is_none() {
            faults.push(fault(
                "language",
                "invalid_field",
                "A language is two letters, such as fr.",
            ));
        }
        let registration_number = self.registration_number.trim().chars().take(40).collect();
        match (email, phone, language) {
            (Ok(email), Some(phone), Some(language)) if faults.is_empty() => Ok(Contact {
                title,
                last_name,
                first_name,
                email,
                phone,
                address,
                language,
                company,
                registration_number,
            }),
            _ => Err(faults),
        }
    }
}

fn fault(field: &str, code: &str, message: &str) -> FieldError {
    FieldError::new(format!("$.{field}"), code, message)
}

/// A phone number in international form (ITU-T E.164): `06 12 34 56 78` is French. Nothing typed
/// is fine and stays nothing.
fn phone(typed: &str) -> Option<String> {
    let plain: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !"().-/\u{a0}\u{202f}".contains(*c))
        .collect();
    if plain.is_empty() {
        return Some(plain);
    }
    let international = match (plain.strip_prefix('+'), plain.strip_prefix("00")) {
        (Some(digits), _) | (None, Some(digits)) => digits.to_owned(),
        (None, None) => format!("33{}", plain.strip_prefix('0')?),
    };
    let fine = international.bytes().all(|b| b.is_ascii_digit())
        && !international.starts_with('0')
        && PHONE_DIGITS.contains(&international.len());
    fine.then(|| format!("+{international}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> ContactDraft {
        ContactDraft {
            last_name: "Weber".into(),
            first_name: "Anna".into(),
            email: "anna@example.org".into(),
            phone: "+49 30 1234567".into(),
            language: "de".into(),
            ..ContactDraft::default()
        }
    }

    #[test]
    fn l_39_a_contact_is_kept_as_checked() {
        let contact = anna().check(Locale::Fr).unwrap();
        assert_eq!((contact.phone.as_str(), contact.language), ("+49301234567", Locale::De));
        assert_eq!(contact.full_name(), "Anna Weber");
    }

    #[test]
    fn l_39_all_wrong_fields_are_told_at_once() {
        let draft = ContactDraft {
            email: "anna@".into(),
            phone: "call me".into(),
            last_name: String::new(),
            ..anna()
        };
        let faults = draft.check(Locale::Fr).unwrap_err();
        let codes: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(codes, ["$.last_name", "$.email", "$.phone"]);
    }

    #[test]
    fn v_05_a_card_number_typed_in_a_name_is_refused() {
        for number in ["5207 0000 0000 0000", "4242-4242-4242-4242"] {
            let draft = ContactDraft { last_name: number.into(), ..anna() };
            let faults = draft.check(Locale::Fr).unwrap_err();
            assert_eq!(faults[0].code, "pan_in_wrong_field");
            assert!(!format!("{faults:?}").contains("4242"));
        }
    }

    #[test]
    fn u_26_only_an_address_has_several_lines() {
        let draft = ContactDraft { address: "12 quai de Loire\r\n49000 Val".into(), ..anna() };
        assert!(draft.check(Locale::Fr).is_ok());
        for name in ["An\r\nna", "An\u{7}na"] {
            let draft = ContactDraft { first_name: name.into(), ..anna() };
            let faults = draft.check(Locale::Fr).unwrap_err();
            let told: Vec<_> = faults.iter().map(|f| (f.path.as_str(), f.code.as_str())).collect();
            assert_eq!(told, [("$.first_name", "invalid_field")]);
        }
    }

    #[test]
    fn u_66_phones_are_stored_in_international_form() {
        assert_eq!(phone("06 12 34 56 78").as_deref(), Some("+33612345678"));
        assert_eq!(phone("0049 30 1234567").as_deref(), Some("+49301234567"));
        assert_eq!(phone("").as_deref(), Some(""));
        for bad in ["12", "+", "abc", "+12 34", "4242424242424242"] {
            assert_eq!(phone(bad), None, "{bad}");
        }
    }
}
