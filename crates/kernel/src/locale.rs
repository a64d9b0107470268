//! The eight languages of payer pages.

use serde::{Deserialize, Serialize};

/// A language, by its two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// French, the default.
    Fr,
    /// British English.
    En,
    /// German.
    De,
    /// Spanish.
    Es,
    /// Italian.
    It,
    /// Dutch.
    Nl,
    /// Portuguese.
    Pt,
    /// Polish.
    Pl,
}

impl Locale {
    /// All eight, in the order of menus.
    pub const ALL: [Self; 8] =
        [Self::Fr, Self::En, Self::De, Self::Es, Self::It, Self::Nl, Self::Pt, Self::Pl];

    /// Two letters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
            Self::De => "de",
            Self::Es => "es",
            Self::It => "it",
            Self::Nl => "nl",
            Self::Pt => "pt",
            Self::Pl => "pl",
        }
    }

    /// The language's name in itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Es => "Español",
            Self::It => "Italiano",
            Self::Nl => "Nederlands",
            Self::Pt => "Português",
            Self::Pl => "Polski",
        }
    }

    /// Reads two letters, or a tag such as `fr-CA`.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let language = tag.get(..2)?.to_ascii_lowercase();
        let exact = tag.len() == 2 || tag.as_bytes().get(2) == Some(&b'-');
        Self::ALL.into_iter().find(|l| exact && l.code() == language)
    }

    /// The best of `offered` for an `Accept-Language` header.
    #[must_use]
    pub fn negotiate(header: &str, offered: &[Self]) -> Option<Self> {
        let mut wishes: Vec<(u32, Self)> = header
            .split(',')
            .take(32)
            .filter_map(|part| {
                let mut pieces = part.trim().split(';');
                let locale = Self::parse(pieces.next()?.trim())?;
                let weight = pieces.find_map(|p| p.trim().strip_prefix("q="));
                Some((weight_permille(weight), locale))
            })
            .collect();
        wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        wishes.into_iter().find(|(w, l)| *w > 0 && offered.contains(l)).map(|(_, locale)| locale)
    }
}

/// `0.8` as 800; absent is 1000, unreadable is 0.
fn weight_permille(text: Option<&str>) -> u32 {
    let Some(text) = text else { return 1000 };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths: u32 = digits.parse().unwrap_or(0);
    whole.parse::<u32>().map_or(0, |w| w.min(1) * 1000 + thousandths).min(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_offered_language_wins() {
        let offered = [Locale::Fr, Locale::En];
        let choose = |header| Locale::negotiate(header, &offered);
        assert_eq!(choose("de;q=0.9, en-GB;q=0.8, fr;q=0.7"), Some(Locale::En));
        assert_eq!(choose("fr-FR,fr;q=0.9,en;q=0.8"), Some(Locale::Fr));
        assert_eq!(choose("zh, en;q=0"), None);
        assert_eq!(Locale::parse("french"), None);
    }
}
