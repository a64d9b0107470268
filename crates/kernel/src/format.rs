//! Amounts and dates as people of each language write them (CLDR 48 patterns).

use crate::time::Date;
use crate::{Currency, Locale, Money, Timestamp, Zone};

const NBSP: char = '\u{a0}';
const NARROW: char = '\u{202f}';

struct Pattern {
    decimal: char,
    group: char,
    /// Fewest digits before the decimal sign from which groups are made.
    group_from: usize,
}

const fn pattern(locale: Locale) -> Pattern {
    match locale {
        Locale::Fr => Pattern { decimal: ',', group: NARROW, group_from: 4 },
        Locale::En => Pattern { decimal: '.', group: ',', group_from: 4 },
        Locale::De | Locale::It | Locale::Nl => Pattern {
            decimal: ',',
            group: '.',
            group_from: if matches!(locale, Locale::It) { 5 } else { 4 },
        },
        Locale::Es => Pattern { decimal: ',', group: '.', group_from: 5 },
        Locale::Pt | Locale::Pl => Pattern { decimal: ',', group: NBSP, group_from: 5 },
    }
}

/// An amount with its currency: `1 234,50 €`, `€1,234.50`, `1 234 JPY`.
#[must_use]
pub fn money(amount: Money, locale: Locale) -> String {
    let number = number(amount, locale);
    let minus = if amount.is_negative() { "−" } else { "" };
    let is_euro = amount.currency() == Currency::EUR;
    match (is_euro, locale) {
        (true, Locale::En) => format!("{minus}€{number}"),
        (true, Locale::Nl) => format!("€{NBSP}{minus}{number}"),
        (true, _) => format!("{minus}{number}{NBSP}€"),
        (false, _) => format!("{minus}{number}{NBSP}{}", amount.currency()),
    }
}

/// The digits alone, without sign or currency.
#[must_use]
pub fn number(amount: Money, locale: Locale) -> String {
    let decimals = usize::try_from(amount.currency().decimals()).unwrap_or(2);
    let digits = format!("{:0>width$}", amount.minor().unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let mut text = grouped(whole, locale);
    if decimals > 0 {
        text.push(pattern(locale).decimal);
        text.push_str(fraction);
    }
    text
}

/// A whole number: `1 000 000`, `1,000,000`.
#[must_use]
pub fn count(number: i64, locale: Locale) -> String {
    let minus = if number < 0 { "−" } else { "" };
    format!("{minus}{}", grouped(&number.unsigned_abs().to_string(), locale))
}

fn grouped(whole: &str, locale: Locale) -> String {
    let Pattern { group, group_from, .. } = pattern(locale);
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        if place > 0 && left.is_multiple_of(3) && whole.len() >= group_from {
            text.push(group);
        }
        text.push(digit);
    }
    text
}

/// A share in basis points: `1,8 %`.
#[must_use]
pub fn percent(basis_points: i64, locale: Locale) -> String {
    let decimal = pattern(locale).decimal;
    let size = basis_points.unsigned_abs();
    let (whole, hundredths) = (size / 100, size % 100);
    let minus = if basis_points < 0 { "−" } else { "" };
    let mut text = format!("{minus}{whole}");
    if hundredths != 0 {
        let fraction = format!("{hundredths:02}");
        text.push(decimal);
        text.push_str(fraction.trim_end_matches('0'));
    }
    match locale {
        Locale::En | Locale::It | Locale::Nl | Locale::Pt | Locale::Pl => text.push('%'),
        Locale::Fr | Locale::De | Locale::Es => {
            text.push(NBSP);
            text.push('%');
        }
    }
    text
}

/// `24/10/2026`, with the separators of the language.
#[must_use]
pub fn date(day: Date, locale: Locale) -> String {
    let separator = match locale {
        Locale::De | Locale::Pl => '.',
        Locale::Nl => '-',
        _ => '/',
    };
    format!("{:02}{separator}{:02}{separator}{:04}", day.day(), day.month(), day.year())
}

/// `14:30` in the merchant's zone.
#[must_use]
pub fn time(at: Timestamp, zone: &Zone) -> String {
    let local = zone.local(at);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// A time within a sentence: `14 h 30` in French, `14:30` elsewhere.
#[must_use]
pub fn time_in_prose(at: Timestamp, zone: &Zone, locale: Locale) -> String {
    if locale != Locale::Fr {
        return time(at, zone);
    }
    let local = zone.local(at);
    format!("{}\u{a0}h\u{a0}{:02}", local.hour(), local.minute())
}

/// Date and time in the merchant's zone: `24/10/2026 14:30`.
#[must_use]
pub fn date_time(at: Timestamp, zone: &Zone, locale: Locale) -> String {
    format!("{} {}", date(zone.date(at), locale), time(at, zone))
}

/// `samedi 24 octobre 2026`.
#[must_use]
pub fn long_date(day: Date, locale: Locale) -> String {
    let names = names(locale);
    let weekday = names.0.get(usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0));
    let month = names.1.get(usize::try_from(day.month() - 1).unwrap_or(0));
    let (weekday, month) = (weekday.unwrap_or(&""), month.unwrap_or(&""));
    let (number, year) = (day.day(), day.year());
    match locale {
        Locale::En => format!("{weekday}, {number} {month} {year}"),
        Locale::De => format!("{weekday}, {number}. {month} {year}"),
        Locale::Es | Locale::Pt => format!("{weekday}, {number} de {month} de {year}"),
        Locale::Pl => format!("{weekday}, {number} {month} {year}"),
        Locale::Fr | Locale::It | Locale::Nl => format!("{weekday} {number} {month} {year}"),
    }
}

type Names = ([&'static str; 7], [&'static str; 12]);

const fn names(locale: Locale) -> Names {
    match locale {
        Locale::Fr => (
            ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
            [
                "janvier",
                "février",
                "mars",
                "avril",
                "mai",
                "juin",
                "juillet",
                "août",
                "septembre",
                "octobre",
                "novembre",
                "décembre",
            ],
        ),
        Locale::En => (
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
            [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
        ),
        Locale::De => (
            ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
            [
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ],
        ),
        Locale::Es => (
            ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
            [
                "enero",
                "febrero",
                "marzo",
                "abril",
                "mayo",
                "junio",
                "julio",
                "agosto",
                "septiembre",
                "octubre",
                "noviembre",
                "diciembre",
            ],
        ),
        Locale::It => (
            ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
            [
                "gennaio",
                "febbraio",
                "marzo",
                "aprile",
                "maggio",
                "giugno",
                "luglio",
                "agosto",
                "settembre",
                "ottobre",
                "novembre",
                "dicembre",
            ],
        ),
        Locale::Nl => (
            ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
            [
                "januari",
                "februari",
                "maart",
                "april",
                "mei",
                "juni",
                "juli",
                "augustus",
                "september",
                "oktober",
                "november",
                "december",
            ],
        ),
        Locale::Pt => (
            [
                "segunda-feira",
                "terça-feira",
                "quarta-feira",
                "quinta-feira",
                "sexta-feira",
                "sábado",
                "domingo",
            ],
            [
                "janeiro",
                "fevereiro",
                "março",
                "abril",
                "maio",
                "junho",
                "julho",
                "agosto",
                "setembro",
                "outubro",
                "novembro",
                "dezembro",
            ],
        ),
        Locale::Pl => (
            ["poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"],
            [
                "stycznia",
                "lutego",
                "marca",
                "kwietnia",
                "maja",
                "czerwca",
                "lipca",
                "sierpnia",
                "września",
                "października",
                "listopada",
                "grudnia",
            ],
        ),
    }
}

/// Why a typed amount was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a number.
    #[error("not an amount")]
    Format,
    /// `1.234`: thousands or decimals?
    #[error("thousands or decimals?")]
    Ambiguous,
    /// More decimals than the currency has.
    #[error("too many decimals")]
    TooManyDecimals,
}

/// Reads an amount typed by a person, in any language: `34,20`, `34.20`, `1 234,50`,
/// `1.234,50 €`.
///
/// # Errors
/// [`AmountError`]; nothing is ever rounded.
pub fn parse_amount(text: &str, currency: Currency) -> Result<Money, AmountError> {
    let text: String = text
        .trim()
        .trim_start_matches('€')
        .trim_end_matches('€')
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\''))
        .collect();
    let decimals = usize::try_from(currency.decimals()).unwrap_or(2);
    let last = text.rfind([',', '.']);
    let (whole, fraction) = match last {
        None => (text.as_str(), ""),
        Some(at) => (&text[..at], &text[at + 1..]),
    };
    let separators = text.matches([',', '.']).count();
    let mixed = text.contains(',') && text.contains('.');
    let (whole, fraction) = match (separators, fraction.len()) {
        (1, 3) if decimals != 3 && (1..=3).contains(&whole.len()) => {
            return Err(AmountError::Ambiguous);
        }
        (n, 3) if n > 1 && !mixed => (text.as_str(), ""),
        _ => (whole, fraction),
    };
    let whole: String = whole.chars().filter(|c| !matches!(c, ',' | '.')).collect();
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(&whole) || !all_digits(fraction) {
        return Err(AmountError::Format);
    }
    if fraction.len() > decimals {
        return Err(AmountError::TooManyDecimals);
    }
    let minor = format!("{whole}{fraction:0<decimals$}");
    minor.parse().map(|m| Money::new(m, currency)).map_err(|_| AmountError::Format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_each_language_does() {
        let plain = |locale, minor| {
            money(Money::eur(minor), locale).replace(NBSP, "␣").replace(NARROW, "·")
        };
        let expected = [
            (Locale::Fr, "1·234,50␣€", "12·345,50␣€", "−12,00␣€"),
            (Locale::En, "€1,234.50", "€12,345.50", "−€12.00"),
            (Locale::De, "1.234,50␣€", "12.345,50␣€", "−12,00␣€"),
            (Locale::Es, "1234,50␣€", "12.345,50␣€", "−12,00␣€"),
            (Locale::It, "1234,50␣€", "12.345,50␣€", "−12,00␣€"),
            (Locale::Nl, "€␣1.234,50", "€␣12.345,50", "€␣−12,00"),
            (Locale::Pt, "1234,50␣€", "12␣345,50␣€", "−12,00␣€"),
            (Locale::Pl, "1234,50␣€", "12␣345,50␣€", "−12,00␣€"),
        ];
        for (locale, a, b, c) in expected {
            assert_eq!(plain(locale, 123_450), a);
            assert_eq!(plain(locale, 1_234_550), b);
            assert_eq!(plain(locale, -1_200), c);
        }
        let yen = Money::new(5_000, "JPY".parse().unwrap());
        assert_eq!(money(yen, Locale::Fr).replace([NBSP, NARROW], " "), "5 000 JPY");
    }

    #[test]
    fn amounts_are_read_in_every_language() {
        let read = |text| parse_amount(text, Currency::EUR).map(|m| m.minor());
        for text in ["1234,50", "1 234,50", "1.234,50 €", "1,234.50", "€1234.50", "1234.5"] {
            assert_eq!(read(text), Ok(123_450), "{text}");
        }
        assert_eq!(read("1.234.567"), Ok(123_456_700));
        assert_eq!(read("1.234"), Err(AmountError::Ambiguous));
        assert_eq!(read("12,3456"), Err(AmountError::TooManyDecimals));
        assert_eq!(read("12,3x"), Err(AmountError::Format));
        assert_eq!(read(""), Err(AmountError::Format));
    }

    #[test]
    fn u_63_dates_and_shares_are_written_as_each_language_does() {
        let day = "2026-10-24".parse().unwrap();
        let expected = [
            (Locale::Fr, "1,8␣%", "24/10/2026", "samedi 24 octobre 2026"),
            (Locale::En, "1.8%", "24/10/2026", "Saturday, 24 October 2026"),
            (Locale::De, "1,8␣%", "24.10.2026", "Samstag, 24. Oktober 2026"),
            (Locale::Es, "1,8␣%", "24/10/2026", "sábado, 24 de octubre de 2026"),
            (Locale::It, "1,8%", "24/10/2026", "sabato 24 ottobre 2026"),
            (Locale::Nl, "1,8%", "24-10-2026", "zaterdag 24 oktober 2026"),
            (Locale::Pt, "1,8%", "24/10/2026", "sábado, 24 de outubro de 2026"),
            (Locale::Pl, "1,8%", "24.10.2026", "sobota, 24 października 2026"),
        ];
        for (locale, share, short, long) in expected {
            assert_eq!(percent(180, locale).replace(NBSP, "␣"), share);
            assert_eq!(
                (date(day, locale).as_str(), long_date(day, locale).as_str()),
                (short, long)
            );
        }
        assert_eq!(percent(3_000, Locale::En), "30%");
    }
}
