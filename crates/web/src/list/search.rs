//! What a person may type into the search field of a list, and how it is understood.

use kernel::{Currency, Date, Money, format, time};

/// Longest search, in characters.
pub const MAX_SEARCH_CHARACTERS: usize = 80;
/// Years that four digits may mean.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2099;

/// One way to understand what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Last four digits of a card.
    LastFour(String),
    /// Everything of a year.
    Year(i16),
    /// An amount, in minor units.
    Amount(i64),
    /// E-mail address, its beginning or its domain, in small letters.
    Email(String),
    /// One of our ids, as typed.
    Id(String),
    /// One day.
    Day(Date),
    /// A reference or a name, folded.
    Text(String),
}

impl Reading {
    /// The word in addresses that chooses this reading among several.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::LastFour(_) => "4chiffres",
            Self::Year(_) => "annee",
            Self::Amount(_) => "montant",
            Self::Email(_) => "email",
            Self::Id(_) => "identifiant",
            Self::Day(_) => "jour",
            Self::Text(_) => "texte",
        }
    }

    /// Message key of its chip.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::LastFour(_) => "list-reading-last4",
            Self::Year(_) => "list-reading-year",
            Self::Amount(_) => "list-reading-amount",
            Self::Email(_) => "list-reading-email",
            Self::Id(_) => "list-reading-id",
            Self::Day(_) => "list-reading-day",
            Self::Text(_) => "list-reading-text",
        }
    }
}

/// What was typed, as kept: card numbers cut, length limited.
#[must_use]
pub fn typed(text: &str) -> String {
    kernel::card_text::mask(text.trim()).chars().take(MAX_SEARCH_CHARACTERS).collect()
}

/// The ways to understand a search; none when nothing was typed. With two, both are meant until
/// the person removes one.
#[must_use]
pub fn readings(text: &str, today: Date) -> Vec<Reading> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    if let Some(digits) = last_four(text) {
        let year = text.parse().ok().filter(|year| YEARS.contains(year));
        let four = Reading::LastFour(digits.to_owned());
        return std::iter::once(four).chain(year.map(Reading::Year)).collect();
    }
    let one = if is_id(text) {
        Reading::Id(text.to_owned())
    } else if text.contains('@') {
        Reading::Email(text.to_lowercase())
    } else if let Some(day) = day(text, today) {
        Reading::Day(day)
    } else if let Some(minor) = amount(text) {
        Reading::Amount(minor)
    } else {
        Reading::Text(folded(text))
    };
    vec![one]
}

fn last_four(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('*').unwrap_or(text);
    (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

fn is_id(text: &str) -> bool {
    let parts = text.split_once('_');
    parts.is_some_and(|(prefix, rest)| {
        prefix.bytes().all(|b| b.is_ascii_lowercase()) && kernel::Id::parse(rest).is_ok()
    })
}

/// An amount is written with its decimals or its sign; bare digits are a reference.
fn amount(text: &str) -> Option<i64> {
    let written = text.contains(',') || text.contains('.') || text.contains('€');
    let money: Option<Money> = format::parse_amount(text, Currency::EUR).ok();
    money.filter(|_| written).map(|money| money.minor())
}

fn day(text: &str, today: Date) -> Option<Date> {
    let words = folded(text);
    match words.as_str() {
        "hier" | "yesterday" => return Some(time::plus_days(today, -1)),
        "avant-hier" => return Some(time::plus_days(today, -2)),
        "aujourd'hui" | "today" => return Some(today),
        "demain" | "tomorrow" => return Some(time::plus_days(today, 1)),
        _ => {}
    }
    last_weekday(&words, today).or_else(|| written_day(text))
}

/// `mercredi dernier`, `last wednesday`: the last such day before today.
fn last_weekday(words: &str, today: Date) -> Option<Date> {
    const DAYS: [(&str, &str); 7] = [
        ("lundi", "monday"),
        ("mardi", "tuesday"),
        ("mercredi", "wednesday"),
        ("jeudi", "thursday"),
        ("vendredi", "friday"),
        ("samedi", "saturday"),
        ("dimanche", "sunday"),
    ];
    let name = words.strip_suffix(" dernier").or_else(|| words.strip_prefix("last "))?;
    let wanted = DAYS.iter().position(|(french, english)| name == *french || name == *english)?;
    let wanted = i64::try_from(wanted).ok()?;
    let present = i64::from(today.weekday().to_monday_zero_offset());
    let back = (present - wanted + 6).rem_euclid(7) + 1;
    Some(time::plus_days(today, -back))
}

/// `15/07/2026` or `2026-07-15`.
fn written_day(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse::<Date>() {
        return (text.len() == 10).then_some(date);
    }
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = parts.next().is_none() && year.len() == 4;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok().filter(|_| plain)
}

/// Lower case without accents, as names are searched.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match unaccented(letter) {
            Some(base) => plain.push_str(base),
            None => plain.push(letter),
        }
    }
    plain
}

const fn unaccented(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'è' | 'é' | 'ê' | 'ë' | 'ę' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ł' => "l",
        'ñ' | 'ń' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ý' | 'ÿ' => "y",
        'ś' | 'š' => "s",
        'ź' | 'ż' | 'ž' => "z",
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        '’' => "'",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Reading> {
        readings(text, "2026-06-15".parse().unwrap())
    }

    fn on(date: &str) -> Vec<Reading> {
        vec![Reading::Day(date.parse().unwrap())]
    }

    #[test]
    fn u_19_a_search_is_understood() {
        assert_eq!(read("34,20"), [Reading::Amount(3_420)]);
        assert_eq!(read("34.20 €"), [Reading::Amount(3_420)]);
        assert_eq!(read("0154"), [Reading::LastFour("0154".into())]);
        assert_eq!(read("*0154"), [Reading::LastFour("0154".into())]);
        assert_eq!(read("Anne@Exemple.fr"), [Reading::Email("anne@exemple.fr".into())]);
        assert_eq!(read("DOS-2026-000123/1"), [Reading::Text("dos-2026-000123/1".into())]);
        assert_eq!(read("PAYOUT-20260000012"), [Reading::Text("payout-20260000012".into())]);
        assert_eq!(read("Éléonore Œillet"), [Reading::Text("eleonore oeillet".into())]);
        let id = "pay_01h4nqzt3x7q8r9s0t1v2w3x4y";
        assert_eq!(read(id), [Reading::Id(id.into())]);
        assert_eq!(read("  "), []);
    }

    #[test]
    fn u_19_days_are_said_as_people_say_them() {
        assert_eq!(read("15/07/2026"), on("2026-07-15"));
        assert_eq!(read("2026-07-15"), on("2026-07-15"));
        assert_eq!(read("hier"), on("2026-06-14"));
        // 15 June 2026 is a Monday.
        assert_eq!(read("mercredi dernier"), on("2026-06-10"));
        assert_eq!(read("Lundi dernier"), on("2026-06-08"));
        assert_eq!(read("dimanche dernier"), on("2026-06-14"));
        assert_eq!(read("last tuesday"), on("2026-06-09"));
        assert_eq!(read("32/07/2026"), [Reading::Text("32/07/2026".into())]);
    }

    #[test]
    fn u_107_four_digits_that_are_a_year_have_two_readings() {
        assert_eq!(read("2026"), [Reading::LastFour("2026".into()), Reading::Year(2026)]);
    }

    #[test]
    fn a_card_number_typed_into_the_search_is_cut() {
        assert_eq!(typed(" 4970 1000 0000 0154"), "******0154");
    }
}
