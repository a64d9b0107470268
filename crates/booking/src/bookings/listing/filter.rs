//! What the list of bookings shows: read from the address, written back to it.

use kernel::{BookingId, Currency, Date, format};
use web::address::{decoded, encoded};
use web::list::search::{Reading, readings, typed};

use super::PATH;
use crate::bookings::model::{BookingState, Provenance};

/// Sizes a page may have.
pub(super) const SIZES: &[&str] = &["25", "50", "100", "200"];
/// Rows of a page when nobody says otherwise.
const PAGE_ROWS: u32 = 50;
/// Parameters in the order of the address.
const NAMES: [&str; 11] = [
    "q",
    "lire",
    "etat",
    "arrivee",
    "depart",
    "provenance",
    "min",
    "max",
    "taille",
    "avant",
    "totaux",
];
/// "Today" as a day of the filter.
pub(super) const TODAY: &str = "aujourdhui";

/// The filter: parameters whose values were understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(super) pairs: Vec<(&'static str, String)>,
    pub(super) ignored: Vec<String>,
}

/// A typed amount in minor units.
pub(super) fn amount(text: &str) -> Option<i64> {
    format::parse_amount(text, Currency::EUR).ok().map(|money| money.minor())
}

impl Filter {
    /// Reads the query of an address; what is not understood is named.
    pub(crate) fn parse(query: &str) -> Self {
        let mut filter = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value);
            if value.is_empty() || matches!(name, "lang" | "vu") {
                continue;
            }
            let known = NAMES.iter().find(|known| **known == name);
            match known.filter(|name| Self::understands(name, &value)) {
                Some(name) => filter.set(name, Some(value)),
                None => filter.ignored.push(decoded(name)),
            }
        }
        filter
    }

    fn understands(name: &str, value: &str) -> bool {
        match name {
            "etat" => BookingState::parse(value).is_some(),
            "arrivee" | "depart" => value == TODAY || value.parse::<Date>().is_ok(),
            "provenance" => Provenance::parse(value).is_some(),
            "min" | "max" => amount(value).is_some(),
            "lire" => matches!(value, "4chiffres" | "annee" | "texte"),
            "taille" => SIZES.contains(&value),
            "avant" => value.parse::<BookingId>().is_ok(),
            "totaux" => value == "oui",
            _ => true,
        }
    }

    pub(super) fn set(&mut self, name: &'static str, value: Option<String>) {
        self.pairs.retain(|(known, _)| *known != name);
        let value = value.map(|value| if name == "q" { typed(&value) } else { value });
        self.pairs.extend(value.map(|value| (name, value)));
        let place = |name: &str| NAMES.iter().position(|known| *known == name);
        self.pairs.sort_by_key(|(name, _)| place(name));
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The first page of the filter with one parameter changed.
    pub(super) fn with(&self, name: &'static str, value: Option<&str>) -> Self {
        let mut changed = self.without(&["avant", "totaux"]);
        changed.set(name, value.map(str::to_owned));
        changed
    }

    pub(super) fn without(&self, names: &[&str]) -> Self {
        let mut changed = Self { pairs: self.pairs.clone(), ignored: Vec::new() };
        changed.pairs.retain(|(name, _)| !names.contains(name));
        changed
    }

    /// Only what limits the list.
    pub(super) fn bare(&self) -> Self {
        self.without(&["avant", "totaux", "taille"])
    }

    pub(super) fn query(&self) -> String {
        let pairs = self.pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        pairs.collect::<Vec<String>>().join("&")
    }

    pub(super) fn href(&self) -> String {
        let query = self.query();
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
    }

    pub(super) fn state(&self) -> Option<BookingState> {
        self.value("etat").and_then(BookingState::parse)
    }

    pub(super) fn arrival(&self, today: Date) -> Option<Date> {
        self.value("arrivee")
            .and_then(|day| if day == TODAY { Some(today) } else { day.parse().ok() })
    }

    pub(super) fn departure(&self, today: Date) -> Option<Date> {
        self.value("depart")
            .and_then(|day| if day == TODAY { Some(today) } else { day.parse().ok() })
    }

    pub(super) fn before(&self) -> Option<BookingId> {
        self.value("avant").and_then(|id| id.parse().ok())
    }

    pub(super) fn rows(&self) -> u32 {
        self.value("taille").and_then(|size| size.parse().ok()).unwrap_or(PAGE_ROWS)
    }

    pub(super) fn readings(&self, today: Date) -> Vec<Reading> {
        let all = readings(self.value("q").unwrap_or_default(), today);
        let chosen = self.value("lire");
        let is_meant = |reading: &&Reading| chosen.is_none_or(|word| reading.word() == word);
        let meant: Vec<Reading> = all.iter().filter(is_meant).cloned().collect();
        if meant.is_empty() { all } else { meant }
    }
}
