//! How a person is reached.

use serde::{Deserialize, Serialize};

const MAX_EMAIL_CHARACTERS: usize = 254;

/// An e-mail address whose form was checked (something, `@`, a domain with a dot).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text that is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address, for example name@example.com")]
pub struct BadEmail;

impl Email {
    /// The address as typed, without blanks around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Email {
    type Err = BadEmail;
    fn from_str(text: &str) -> Result<Self, BadEmail> {
        let text = text.trim();
        let (name, domain) = text.rsplit_once('@').ok_or(BadEmail)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>(),;:\"[]\\".contains(c);
        let labels_fine = domain.split('.').count() >= 2
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        let fine = !name.is_empty()
            && text.len() <= MAX_EMAIL_CHARACTERS
            && text.chars().all(plain)
            && !name.contains('@')
            && labels_fine;
        if fine { Ok(Self(text.to_owned())) } else { Err(BadEmail) }
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_or_refused() {
        for good in ["anna@example.org", " o'neil+x@mail.example.co.uk ", "é@exemple.fr"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        for bad in ["anna", "a@b", "a b@example.org", "a@-x.org", "@example.org", "a@b@c.org"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }
}
