//! What the list of the cash desk shows: read from the address, written back to it.
//!
//! Every choice is a link, so it works without script and can be kept as a bookmark. A value
//! that is not known is ignored and named in a notice.

use kernel::{BookingId, Currency, Date, Money, PaymentId, Timestamp, Zone, format, time};

use crate::checkout::links::{decoded, encoded};
use crate::payment::{Group, Status};

/// Rows of a page when nobody says otherwise.
pub const PAGE_ROWS: u32 = 50;
/// Sizes a page may have.
pub const PAGE_SIZES: &[u32] = &[25, 50, 100, 200];
/// Longest search, in characters.
pub const MAX_SEARCH_CHARACTERS: usize = 80;
/// Brands offered as filters.
pub const BRANDS: &[&str] = &["cb", "visa", "mastercard", "amex"];

/// Days chosen by a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Today.
    Today,
    /// Yesterday.
    Yesterday,
    /// The last seven days with today.
    Week,
    /// The last thirty days with today.
    Month,
}

impl Preset {
    /// All of them, in the order shown.
    pub const ALL: &'static [Self] = &[Self::Today, Self::Yesterday, Self::Week, Self::Month];

    /// The word in the address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Today => "aujourdhui",
            Self::Yesterday => "hier",
            Self::Week => "7-jours",
            Self::Month => "30-jours",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|preset| preset.as_str() == text)
    }

    /// First and last day.
    #[must_use]
    pub fn days(self, today: Date) -> (Date, Date) {
        match self {
            Self::Today => (today, today),
            Self::Yesterday => (time::plus_days(today, -1), time::plus_days(today, -1)),
            Self::Week => (time::plus_days(today, -6), today),
            Self::Month => (time::plus_days(today, -29), today),
        }
    }
}

/// How a search is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Last four digits of the card.
    LastFour(String),
    /// Asked amount, in minor units.
    Amount(i64),
    /// E-mail address, or a part of it.
    Email(String),
    /// Our id of a payment.
    Payment(PaymentId),
    /// Our id of a booking.
    Booking(BookingId),
    /// One day.
    Day(Date),
    /// Reference of the order, or a name.
    Text(String),
}

impl Reading {
    /// Message key of its name.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::LastFour(_) => "desk-reading-last4",
            Self::Amount(_) => "desk-reading-amount",
            Self::Email(_) => "desk-reading-email",
            Self::Payment(_) | Self::Booking(_) => "desk-reading-id",
            Self::Day(_) => "desk-reading-day",
            Self::Text(_) => "desk-reading-text",
        }
    }
}

/// The filter of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Group of states.
    pub group: Option<Group>,
    /// Days by a word.
    pub preset: Option<Preset>,
    /// Brand, lower case.
    pub brand: Option<String>,
    /// What was typed.
    pub search: String,
    /// Whether four digits are read as a text rather than as the end of a card.
    pub as_text: bool,
    /// Rows of a page.
    pub size: Option<u32>,
    /// The last row of the page before.
    pub before: Option<PaymentId>,
    /// Names of parameters whose value is not known.
    pub ignored: Vec<String>,
}

impl Filter {
    /// Reads the query of an address.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut filter = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value);
            if !value.is_empty() && !filter.take(name, &value) {
                filter.ignored.push(decoded(name));
            }
        }
        filter
    }

    fn take(&mut self, name: &str, value: &str) -> bool {
        match name {
            "etat" => {
                self.group = Group::parse(value);
                self.group.is_some()
            }
            "date" => {
                self.preset = Preset::parse(value);
                self.preset.is_some()
            }
            "marque" => {
                self.brand =
                    Some(value.to_owned()).filter(|brand| BRANDS.contains(&brand.as_str()));
                self.brand.is_some()
            }
            "q" => {
                let masked = kernel::card_text::mask(value.trim());
                self.search = masked.chars().take(MAX_SEARCH_CHARACTERS).collect();
                true
            }
            "lire" => {
                self.as_text = value == "texte";
                self.as_text
            }
            "taille" => {
                self.size = value.parse().ok().filter(|size| PAGE_SIZES.contains(size));
                self.size.is_some()
            }
            "avant" => {
                self.before = value.parse().ok();
                self.before.is_some()
            }
            "lang" => true,
            _ => false,
        }
    }

    /// The address of the list with this filter.
    #[must_use]
    pub fn href(&self) -> String {
        let mut pairs: Vec<String> = Vec::new();
        let mut add = |name: &str, value: &str| pairs.push(format!("{name}={}", encoded(value)));
        if !self.search.is_empty() {
            add("q", &self.search);
        }
        if self.as_text {
            add("lire", "texte");
        }
        if let Some(group) = self.group {
            add("etat", group.as_str());
        }
        if let Some(preset) = self.preset {
            add("date", preset.as_str());
        }
        if let Some(brand) = &self.brand {
            add("marque", brand);
        }
        if let Some(size) = self.size {
            add("taille", &size.to_string());
        }
        if let Some(before) = self.before {
            add("avant", &before.to_string());
        }
        if pairs.is_empty() { "/caisse".to_owned() } else { format!("/caisse?{}", pairs.join("&")) }
    }

    /// The same filter changed, from its first page on.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = Self { before: None, ignored: Vec::new(), ..self.clone() };
        change(&mut changed);
        changed
    }

    /// Whether nothing is filtered.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.group.is_none()
            && self.preset.is_none()
            && self.brand.is_none()
            && self.search.is_empty()
    }

    /// Rows of a page.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.size.unwrap_or(PAGE_ROWS)
    }

    /// How the search is understood; none when nothing was typed.
    #[must_use]
    pub fn reading(&self, today: Date) -> Option<Reading> {
        let text = self.search.as_str();
        if text.is_empty() {
            return None;
        }
        if self.as_text {
            return Some(Reading::Text(folded(text)));
        }
        if let Some(digits) = last_four(text) {
            return Some(Reading::LastFour(digits.to_owned()));
        }
        if let Ok(id) = text.parse() {
            return Some(Reading::Payment(id));
        }
        if let Ok(id) = text.parse() {
            return Some(Reading::Booking(id));
        }
        if text.contains('@') {
            return Some(Reading::Email(text.to_lowercase()));
        }
        if let Some(day) = day(text, today) {
            return Some(Reading::Day(day));
        }
        amount(text).map(Reading::Amount).or_else(|| Some(Reading::Text(folded(text))))
    }

    /// Whether four digits could also be a part of a reference.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.search.len() == 4 && self.search.bytes().all(|b| b.is_ascii_digit())
    }

    /// States of the chosen group.
    #[must_use]
    pub fn statuses(&self) -> Vec<Status> {
        let Some(group) = self.group else { return Vec::new() };
        Status::ALL.iter().copied().filter(|status| status.group() == group).collect()
    }

    /// First instant and first instant after the last day, when days are chosen.
    #[must_use]
    pub fn span(&self, now: Timestamp, zone: &Zone) -> Option<(Timestamp, Timestamp)> {
        let today = zone.date(now);
        let chosen = self.preset.map(|preset| preset.days(today));
        let typed = match self.reading(today) {
            Some(Reading::Day(day)) => Some((day, day)),
            _ => None,
        };
        let (first, last) = match (chosen, typed) {
            (Some((a, b)), Some((c, d))) => (a.max(c), b.min(d)),
            (Some(days), None) | (None, Some(days)) => days,
            (None, None) => return None,
        };
        Some((zone.start_of(first), zone.start_of(time::plus_days(last, 1))))
    }
}

fn last_four(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('*').unwrap_or(text);
    (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// An amount is written with its decimals or its sign; bare digits are a reference.
fn amount(text: &str) -> Option<i64> {
    let written = text.contains(',') || text.contains('.') || text.contains('€');
    let money: Option<Money> = format::parse_amount(text, Currency::EUR).ok();
    money.filter(|_| written).map(|money| money.minor())
}

fn day(text: &str, today: Date) -> Option<Date> {
    match folded(text).as_str() {
        "hier" | "yesterday" => return Some(time::plus_days(today, -1)),
        "aujourd'hui" | "today" => return Some(today),
        _ => {}
    }
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = parts.next().is_none() && year.len() == 4;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok().filter(|_| plain)
}

/// Lower case without accents, as names are searched.
#[must_use]
pub fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).flat_map(|c| plain(c).chars()).collect()
}

/// A letter without its accent.
fn plain(letter: char) -> Plain {
    Plain(
        match letter {
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
            _ => "",
        },
        letter,
    )
}

struct Plain(&'static str, char);

impl Plain {
    fn chars(&self) -> Vec<char> {
        if self.0.is_empty() { vec![self.1] } else { self.0.chars().collect() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> Date {
        "2026-06-15".parse().unwrap()
    }

    fn read(text: &str) -> Reading {
        Filter { search: text.into(), ..Filter::default() }.reading(today()).unwrap()
    }

    #[test]
    fn u_19_a_search_is_understood() {
        assert_eq!(read("34,20"), Reading::Amount(3_420));
        assert_eq!(read("34.20 €"), Reading::Amount(3_420));
        assert_eq!(read("0154"), Reading::LastFour("0154".into()));
        assert_eq!(read("*0154"), Reading::LastFour("0154".into()));
        assert_eq!(read("Anne@Exemple.fr"), Reading::Email("anne@exemple.fr".into()));
        assert_eq!(read("15/07/2026"), Reading::Day("2026-07-15".parse().unwrap()));
        assert_eq!(read("hier"), Reading::Day("2026-06-14".parse().unwrap()));
        assert_eq!(read("DOS-2026-000123/1"), Reading::Text("dos-2026-000123/1".into()));
        assert_eq!(read("Éléonore Œillet"), Reading::Text("eleonore oeillet".into()));
        let id = "pay_01h4nqzt3x7q8r9s0t1v2w3x4y".parse().unwrap();
        assert_eq!(read("pay_01h4nqzt3x7q8r9s0t1v2w3x4y"), Reading::Payment(id));
    }

    #[test]
    fn u_20_an_unknown_value_is_ignored_and_named() {
        let filter = Filter::parse("etat=done&date=demain&q=Anne%20B&marque=visa&couleur=bleu");
        assert_eq!(filter.group, Some(Group::Done));
        assert_eq!(filter.ignored, ["date", "couleur"]);
        assert_eq!(filter.href(), "/caisse?q=Anne%20B&etat=done&marque=visa");
        assert!(Filter::parse("lang=en").is_open());
    }

    #[test]
    fn a_card_number_typed_into_the_search_is_cut() {
        assert_eq!(Filter::parse("q=4970+1000+0000+0154").search, "******0154");
    }

    #[test]
    fn days_begin_and_end_in_the_merchants_zone() {
        let zone = Zone::paris();
        let now = Timestamp::parse_rfc3339("2026-06-15T23:30:00+02:00").unwrap();
        let filter = Filter { preset: Some(Preset::Today), ..Filter::default() };
        let (from, to) = filter.span(now, &zone).unwrap();
        assert_eq!(from.to_string(), "2026-06-14T22:00:00Z");
        assert_eq!(to.to_string(), "2026-06-15T22:00:00Z");
    }

    proptest! {
        #[test]
        fn every_address_reads_back(text in "[ -~é]{0,30}", size in 0_usize..4) {
            let query = format!("q={}&taille={}&etat=to_do", encoded(&text), PAGE_SIZES[size]);
            let filter = Filter::parse(&query);
            let again = Filter::parse(filter.href().trim_start_matches("/caisse?"));
            prop_assert_eq!(filter, again);
        }
    }
}
