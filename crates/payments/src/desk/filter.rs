//! What the list of the cash desk shows: read from the address, written back to it.
//!
//! Every choice is a link, so it works without script and can be kept as a bookmark. A value
//! that is not known is ignored and named in a notice.

use kernel::{Currency, CustomerId, Date, PaymentId, PointOfSaleId, ShopId, format, time};
pub use web::list::search::{Reading, folded};
use web::list::search::{readings, typed};

use crate::checkout::links::{decoded, encoded};
use crate::payment::listing::{Late, Sought, Totals};
use crate::payment::{Channel, Group, GuaranteeValue, Source, Status};

/// The list.
pub const PATH: &str = "/caisse";
/// Rows of a page when nobody says otherwise.
pub const PAGE_ROWS: u32 = 50;
/// Sizes a page may have.
pub const PAGE_SIZES: &[u32] = &[25, 50, 100, 200];
/// Brands offered as filters.
pub const BRANDS: &[&str] = &["cb", "visa", "mastercard", "amex"];
/// Results of strong authentication offered as filters.
pub const THREEDS: &[&str] = &["Y", "A", "N", "U", "R", "not_enrolled", "timeout"];
/// Longest key and value of the merchant's own data, in characters.
const MAX_METADATA_CHARACTERS: usize = 80;

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

/// The filter of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Group of states.
    pub group: Option<Group>,
    /// One state.
    pub status: Option<Status>,
    /// Days by a word.
    pub preset: Option<Preset>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// Brand, lower case.
    pub brand: Option<String>,
    /// Shop.
    pub shop: Option<ShopId>,
    /// Point of sale.
    pub point_of_sale: Option<PointOfSaleId>,
    /// Where the sale was made.
    pub channel: Option<Channel>,
    /// Least asked amount, in minor units.
    pub min: Option<i64>,
    /// Most asked amount, in minor units.
    pub max: Option<i64>,
    /// Result of strong authentication.
    pub threeds: Option<String>,
    /// Who bears a fraud.
    pub guarantee: Option<GuaranteeValue>,
    /// Through which door the card was charged.
    pub source: Option<Source>,
    /// Only payments accepted too late, or only the others.
    pub late: Option<Late>,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// A key of the merchant's own data and its value.
    pub metadata: Option<(String, String)>,
    /// What was typed.
    pub search: String,
    /// The one reading of the search that is meant, when a person chose.
    pub reading: Option<String>,
    /// Rows of a page.
    pub size: Option<u32>,
    /// The last row of the page before.
    pub before: Option<PaymentId>,
    /// Whether all totals are asked with the page.
    pub totals: Totals,
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
        let among = |known: &[&str]| known.contains(&value).then(|| value.to_owned());
        match name {
            "etat" => keep(&mut self.group, Group::parse(value)),
            "statut" => keep(&mut self.status, Status::parse(value)),
            "date" => keep(&mut self.preset, Preset::parse(value)),
            "du" => keep(&mut self.from, value.parse().ok()),
            "au" => keep(&mut self.to, value.parse().ok()),
            "marque" => keep(&mut self.brand, among(BRANDS)),
            "boutique" => keep(&mut self.shop, value.parse().ok()),
            "point" => keep(&mut self.point_of_sale, value.parse().ok()),
            "canal" => keep(&mut self.channel, Channel::parse(value)),
            "min" => keep(&mut self.min, amount(value)),
            "max" => keep(&mut self.max, amount(value)),
            "3ds" => keep(&mut self.threeds, among(THREEDS)),
            "garantie" => keep(&mut self.guarantee, GuaranteeValue::parse(value)),
            "source" => keep(&mut self.source, Source::parse(value)),
            "tard" => keep(&mut self.late, late(value)),
            "client" => keep(&mut self.customer, value.parse().ok()),
            "meta" => keep(&mut self.metadata, metadata(value)),
            "q" => {
                self.search = typed(value);
                true
            }
            "lire" => keep(&mut self.reading, among(&["4chiffres", "annee", "texte"])),
            "taille" => {
                keep(&mut self.size, value.parse().ok().filter(|size| PAGE_SIZES.contains(size)))
            }
            "avant" => keep(&mut self.before, value.parse().ok()),
            "totaux" => {
                self.totals = if value == "oui" { Totals::Always } else { Totals::IfFew };
                value == "oui"
            }
            "lang" => true,
            _ => false,
        }
    }

    /// Every parameter with its value, in the order of the address.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let text = |value: &str| Some(value.to_owned()).filter(|value| !value.is_empty());
        let all = [
            ("q", text(&self.search)),
            ("lire", self.reading.clone()),
            ("etat", self.group.map(|group| group.as_str().to_owned())),
            ("statut", self.status.map(|status| status.as_str().to_owned())),
            ("date", self.preset.map(|preset| preset.as_str().to_owned())),
            ("du", self.from.map(|date| date.to_string())),
            ("au", self.to.map(|date| date.to_string())),
            ("marque", self.brand.clone()),
            ("boutique", self.shop.map(|shop| shop.to_string())),
            ("point", self.point_of_sale.map(|point| point.to_string())),
            ("canal", self.channel.map(|channel| channel.as_str().to_owned())),
            ("min", self.min.map(decimal)),
            ("max", self.max.map(decimal)),
            ("3ds", self.threeds.clone()),
            ("garantie", self.guarantee.map(|value| value.as_str().to_owned())),
            ("source", self.source.map(|source| source.as_str().to_owned())),
            (
                "tard",
                self.late.map(|late| if late == Late::Yes { "oui" } else { "non" }.to_owned()),
            ),
            ("client", self.customer.map(|customer| customer.to_string())),
            ("meta", self.metadata.as_ref().map(|(key, value)| format!("{key}:{value}"))),
            ("taille", self.size.map(|size| size.to_string())),
            ("avant", self.before.map(|before| before.to_string())),
            ("totaux", (self.totals == Totals::Always).then(|| "oui".to_owned())),
        ];
        all.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
    }

    /// The query of the address of the list with this filter.
    #[must_use]
    pub fn query(&self) -> String {
        let pairs: Vec<String> =
            self.pairs().iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        pairs.join("&")
    }

    /// The address of the list with this filter.
    #[must_use]
    pub fn href(&self) -> String {
        let query = self.query();
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
    }

    /// The same filter changed, from its first page on.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.first_page();
        change(&mut changed);
        changed
    }

    /// The first page of the same filter.
    #[must_use]
    pub fn first_page(&self) -> Self {
        Self { before: None, ignored: Vec::new(), totals: Totals::IfFew, ..self.clone() }
    }

    /// Only what limits the list: neither page nor size.
    #[must_use]
    pub fn bare(&self) -> Self {
        self.with(|filter| filter.size = None)
    }

    /// Whether nothing is filtered.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.bare() == Self::default()
    }

    /// Rows of a page.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.size.unwrap_or(PAGE_ROWS)
    }

    /// How the search is understood: every reading that is meant.
    #[must_use]
    pub fn readings(&self, today: Date) -> Vec<Reading> {
        let all = readings(&self.search, today);
        match self.reading.as_deref() {
            Some("texte") => vec![Reading::Text(folded(&self.search))],
            Some(word) if all.iter().any(|reading| reading.word() == word) => {
                all.into_iter().filter(|reading| reading.word() == word).collect()
            }
            _ => all,
        }
    }

    /// States that are wanted; all when empty.
    #[must_use]
    pub fn statuses(&self) -> Vec<Status> {
        let of_group = |status: &Status| self.group.is_none_or(|group| status.group() == group);
        let is_one = |status: &Status| self.status.is_none_or(|one| *status == one);
        if self.group.is_none() && self.status.is_none() {
            return Vec::new();
        }
        Status::ALL.iter().copied().filter(|status| of_group(status) && is_one(status)).collect()
    }

    /// What the table is asked for.
    #[must_use]
    pub fn sought(&self, today: Date) -> Sought {
        Sought {
            readings: self.readings(today),
            statuses: self.statuses(),
            days: self.days(today),
            amounts: (self.min, self.max),
            brand: self.brand.clone(),
            shop: self.shop,
            point_of_sale: self.point_of_sale,
            channel: self.channel,
            threeds: self.threeds.clone(),
            guarantee: self.guarantee,
            source: self.source,
            late: self.late,
            customer: self.customer,
            metadata: self.metadata.clone(),
            ..Sought::default()
        }
    }

    /// First and last of the chosen days.
    fn days(&self, today: Date) -> (Option<Date>, Option<Date>) {
        let (first, last) = self.preset.map(|preset| preset.days(today)).unzip();
        let last = match (last, self.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        (first.max(self.from), last)
    }
}

fn late(value: &str) -> Option<Late> {
    match value {
        "oui" => Some(Late::Yes),
        "non" => Some(Late::No),
        _ => None,
    }
}

fn keep<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

/// A typed amount in minor units.
fn amount(text: &str) -> Option<i64> {
    format::parse_amount(text, Currency::EUR).ok().map(|money| money.minor())
}

fn decimal(minor: i64) -> String {
    format!("{},{:02}", minor / 100, minor % 100)
}

fn metadata(text: &str) -> Option<(String, String)> {
    let text = kernel::card_text::mask(text);
    let (key, value) = text.split_once(':')?;
    let plain = |part: &str| {
        let part = part.trim();
        !part.is_empty() && part.chars().count() <= MAX_METADATA_CHARACTERS
    };
    (plain(key) && plain(value)).then(|| (key.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> Date {
        "2026-06-15".parse().unwrap()
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
    fn u_107_a_person_may_remove_one_of_two_readings() {
        let both = Filter::parse("q=2026");
        assert_eq!(both.readings(today()).len(), 2);
        let year = Filter::parse("q=2026&lire=annee");
        assert_eq!(year.readings(today()), [Reading::Year(2026)]);
        let text = Filter::parse("q=0154&lire=texte");
        assert_eq!(text.readings(today()), [Reading::Text("0154".into())]);
    }

    #[test]
    fn a_card_number_typed_into_the_search_is_cut() {
        assert_eq!(Filter::parse("q=4970+1000+0000+0154").search, "******0154");
        let metadata = Filter::parse("meta=note:4970100000000154").metadata;
        assert_eq!(metadata, Some(("note".into(), "******0154".into())));
    }

    #[test]
    fn words_and_dates_together_limit_the_days() {
        let days = |query: &str| {
            let (from, to) = Filter::parse(query).sought(today()).days;
            (from.map(|day| day.to_string()), to.map(|day| day.to_string()))
        };
        let on = |text: &str| Some(text.to_owned());
        assert_eq!(days("date=aujourdhui"), (on("2026-06-15"), on("2026-06-15")));
        assert_eq!(days("date=7-jours&du=2026-06-15"), (on("2026-06-15"), on("2026-06-15")));
        assert_eq!(days("au=2026-06-14"), (None, on("2026-06-14")));
    }

    proptest! {
        #[test]
        fn every_address_reads_back(text in "[ -~é]{0,30}", size in 0_usize..4, min in 0_i64..99_999) {
            let query = format!(
                "q={}&taille={}&etat=to_do&min={}&meta=a:b",
                encoded(&text), PAGE_SIZES[size], decimal(min),
            );
            let filter = Filter::parse(&query);
            let again = Filter::parse(filter.href().trim_start_matches("/caisse?"));
            prop_assert_eq!(filter, again);
        }
    }
}
