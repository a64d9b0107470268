//! Which lodgings can be sold for a stay, at what price, and why not the others.

use std::collections::{BTreeMap, BTreeSet};

use kernel::time::{nights_between, plus_days};
use kernel::{Date, FormulaId, LodgingId, Problem, Timestamp};

use super::model::{Formula, Lodging, Party};
use super::pricing::MAX_NIGHTS;
use super::quote::{self, Quote};
use super::tariffs::{self, TariffPeriod};
use crate::stock::store::Level;

/// A stay somebody asks for, with sound dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayQuery {
    /// First night.
    pub arrival: Date,
    /// Day of leaving.
    pub departure: Date,
    /// Who comes.
    pub party: Party,
}

/// Dates nobody can sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Departure on or before arrival.
    #[error("the departure must be after the arrival")]
    InvalidDates,
    /// Arrival before the merchant's today.
    #[error("the arrival is in the past")]
    PastDate,
    /// More than 366 nights.
    #[error("a stay has at most 366 nights")]
    StayTooLong,
}

impl QueryError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidDates => "invalid_dates",
            Self::PastDate => "past_date",
            Self::StayTooLong => "stay_too_long",
        }
    }

    /// The field to be corrected.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::PastDate => "arrival",
            Self::InvalidDates | Self::StayTooLong => "departure",
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        Self::field(format!("$.{}", error.field()), error.code(), error.to_string())
    }
}

impl StayQuery {
    /// Checks the dates against the merchant's today.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn new(
        (arrival, departure): (Date, Date),
        party: Party,
        today: Date,
    ) -> Result<Self, QueryError> {
        if departure <= arrival {
            return Err(QueryError::InvalidDates);
        }
        if arrival < today {
            return Err(QueryError::PastDate);
        }
        let query = Self { arrival, departure, party };
        if query.nights() > MAX_NIGHTS { Err(QueryError::StayTooLong) } else { Ok(query) }
    }

    /// How many nights.
    #[must_use]
    pub fn nights(&self) -> usize {
        usize::try_from(nights_between(self.arrival, self.departure)).unwrap_or(0)
    }

    /// The dates of the nights.
    pub fn dates(&self) -> impl Iterator<Item = Date> + '_ {
        (0..nights_between(self.arrival, self.departure)).map(|n| plus_days(self.arrival, n))
    }
}

/// Everything known of a lodging for a search.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The lodging.
    pub lodging: Lodging,
    /// Its formulas, in their order.
    pub formulas: Vec<Formula>,
    /// Its tariffs from today on.
    pub tariffs: Vec<TariffPeriod>,
    /// Whether there is room on the nights asked.
    pub room: Room,
    /// When holds on full nights end.
    pub blocked: BTreeMap<Date, Timestamp>,
}

/// What is known of the nights asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Room {
    /// So many units are free on every one of them, at least.
    Free(u32),
    /// Their rows of stock; nights without a row are missing.
    Nights(Vec<Level>),
}

/// Why a lodging cannot be sold for a stay; all reasons are told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The night was never opened.
    NotOpen(Date),
    /// Sales of the night are closed.
    SalesClosed(Date),
    /// All units of the night are sold.
    SoldOut(Date),
    /// The last units of the night are held by other buyers, until then at the earliest.
    HeldByOther(Date, Option<Timestamp>),
    /// No tariff or sum of tariffs covers the nights.
    NoPrice,
    /// More persons than the lodging takes.
    CapacityExceeded(u32),
    /// A bracket of the party has no price.
    BracketNotPriced,
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotOpen(_) => "not_open",
            Self::SalesClosed(_) => "sales_closed",
            Self::SoldOut(_) => "sold_out",
            Self::HeldByOther(..) => "held_by_other",
            Self::NoPrice => "no_price",
            Self::CapacityExceeded(_) => "capacity_exceeded",
            Self::BracketNotPriced => "bracket_not_priced",
        }
    }

    /// The night it is about, if it is about one.
    #[must_use]
    pub const fn date(&self) -> Option<Date> {
        match self {
            Self::NotOpen(date)
            | Self::SalesClosed(date)
            | Self::SoldOut(date)
            | Self::HeldByOther(date, _) => Some(*date),
            Self::NoPrice | Self::CapacityExceeded(_) | Self::BracketNotPriced => None,
        }
    }
}

/// A stay that can be sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Under this formula.
    pub formula: Formula,
    /// At this price.
    pub quote: Quote,
}

/// What a search says of one lodging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The lodging.
    pub lodging: Lodging,
    /// Units free on every night.
    pub units_left: u32,
    /// One price for each formula that has one; empty when there are reasons.
    pub offers: Vec<Offered>,
    /// Why it cannot be sold.
    pub reasons: Vec<Reason>,
    /// The price shown as "from".
    pub indicative: Option<i64>,
}

/// Evaluates all lodgings, smallest capacity first, then by indicative price, then by id. The
/// order that a merchant arranges for himself plays no part.
#[must_use]
pub fn search(entries: &[Entry], query: &StayQuery) -> Vec<Found> {
    let mut found: Vec<Found> = entries.iter().map(|entry| evaluate(entry, query)).collect();
    found.sort_by_key(|found| public_order(&found.lodging, found.indicative));
    found
}

/// The key of the public order of lodgings.
#[must_use]
pub fn public_order(lodging: &Lodging, indicative: Option<i64>) -> (u32, i64, LodgingId) {
    (lodging.capacity.max, indicative.unwrap_or(i64::MAX), lodging.id)
}

/// What a search says of one lodging.
#[must_use]
pub fn evaluate(entry: &Entry, query: &StayQuery) -> Found {
    let lodging = &entry.lodging;
    let mut reasons = Vec::new();
    if query.party.persons() > lodging.capacity.max {
        reasons.push(Reason::CapacityExceeded(lodging.capacity.max));
    }
    let units_left = nights_free(entry, query, &mut reasons);
    let (mut offers, bracket_not_priced) = priced(entry, query);
    if offers.is_empty() {
        let reason = if bracket_not_priced { Reason::BracketNotPriced } else { Reason::NoPrice };
        reasons.push(reason);
    }
    if !reasons.is_empty() {
        offers.clear();
    }
    let formulas: Vec<FormulaId> = entry.formulas.iter().map(|formula| formula.id).collect();
    let periods: Vec<&TariffPeriod> = entry.tariffs.iter().collect();
    let indicative = tariffs::indicative(&periods, &formulas);
    Found { lodging: lodging.clone(), units_left, offers, reasons, indicative }
}

/// The prices of a stay under each formula, whether or not there is room; and whether a bracket
/// without price stood in the way.
#[must_use]
pub fn priced(entry: &Entry, query: &StayQuery) -> (Vec<Offered>, bool) {
    let (mut offers, mut bracket_not_priced) = (Vec::new(), false);
    for formula in &entry.formulas {
        let own: Vec<&TariffPeriod> =
            entry.tariffs.iter().filter(|period| period.formula == formula.id).collect();
        let stay = (query.arrival, query.nights());
        let priced = tariffs::offers(&own, &query.party, stay, entry.lodging.currency);
        bracket_not_priced |= priced.bracket_not_priced;
        if let Some(quote) = quote::quote(&entry.lodging, formula, &priced.offers) {
            offers.push(Offered { formula: formula.clone(), quote });
        }
    }
    (offers, bracket_not_priced)
}

fn nights_free(entry: &Entry, query: &StayQuery, reasons: &mut Vec<Reason>) -> u32 {
    let nights = match &entry.room {
        Room::Free(units) => return *units,
        Room::Nights(nights) => nights,
    };
    let levels: BTreeMap<Date, &Level> =
        nights.iter().filter_map(|level| Some((level.slot.date()?, level))).collect();
    let mut least = u32::MAX;
    for date in query.dates() {
        let free = levels.get(&date).map_or(0, |level| level.free());
        least = least.min(free);
        if free > 0 {
            continue;
        }
        reasons.push(match levels.get(&date) {
            None => Reason::NotOpen(date),
            Some(level) if level.closed => Reason::SalesClosed(date),
            Some(level) if level.taken < level.cap => {
                Reason::HeldByOther(date, entry.blocked.get(&date).copied())
            }
            Some(_) => Reason::SoldOut(date),
        });
    }
    if least == u32::MAX { 0 } else { least }
}

/// Nights on which another buyer's hold takes the last unit.
#[must_use]
pub fn blocked_nights(nights: &[Level]) -> BTreeSet<Date> {
    let blocked = |level: &&Level| level.free() == 0 && !level.closed && level.taken < level.cap;
    nights.iter().filter(blocked).filter_map(|level| level.slot.date()).collect()
}
