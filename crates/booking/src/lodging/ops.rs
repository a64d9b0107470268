//! Entering lodgings and tariffs, and reading what a search needs.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use kernel::{Date, FormulaId, Invariant, LodgingId, Problem, Scope, ShopId, Timestamp};

use super::model::{self, AgeBracket, BracketsError, Formula, Lodging, LodgingError};
use super::pricing::Policy;
use super::quote::Quote;
use super::search::{self, Entry, Found, Room, StayQuery};
use super::store;
use super::tariffs::{TariffError, TariffPeriod, TwoPrices};
use crate::holds::store as hold_store;
use crate::stock::ops::StockError;
use crate::stock::{Line, Lines, LinesError, Resource, Slot};

/// Why something was not entered.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// No such lodging here.
    #[error("no such lodging")]
    NotFound,
    /// A wrong lodging or formula.
    #[error(transparent)]
    Lodging(#[from] LodgingError),
    /// Wrong age brackets.
    #[error(transparent)]
    Brackets(#[from] BracketsError),
    /// A wrong tariff, and its place in the list entered.
    #[error("{1}")]
    Tariff(usize, TariffError),
    /// The period at this place names a formula that the lodging does not have.
    #[error("no such formula of this lodging")]
    UnknownFormula(usize),
    /// Too many nights at once.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// A refused change of stock.
    #[error(transparent)]
    Stock(#[from] StockError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule did not hold.
    #[error(transparent)]
    Invariant(#[from] Invariant),
}

impl From<EntryError> for Problem {
    fn from(error: EntryError) -> Self {
        let text = error.to_string();
        match error {
            EntryError::NotFound => Self::not_found(),
            EntryError::Stock(error) => error.into(),
            EntryError::Tariff(_, TariffError::TwoPrices { existing, prices, day, nights }) => {
                let TwoPrices { there, entered } = *prices;
                Self::new(409, "two_prices", text)
                    .with("existing", existing.to_string())
                    .with("existing_price", serde_json::json!(there))
                    .with("entered_price", serde_json::json!(entered))
                    .with("day", day.to_string())
                    .with("nights", nights)
            }
            EntryError::Tariff(at, error) => {
                let path = format!("$.periods[{at}].{}", error.field());
                Self::field(path, "invalid_field", text)
            }
            EntryError::UnknownFormula(at) => {
                Self::field(format!("$.periods[{at}].formula"), "invalid_field", text)
            }
            EntryError::Lodging(error) => {
                Self::field(format!("$.{}", error.field()), "invalid_field", text)
            }
            EntryError::Brackets(_) => Self::field("$.age_brackets", "invalid_field", text),
            EntryError::Lines(_) => Self::field("$.nights", "invalid_field", text),
            EntryError::Db(error) => Self::from(&error),
            EntryError::Invariant(_) => Self::internal(),
        }
    }
}

/// Creates a lodging type.
///
/// # Errors
/// [`EntryError::Lodging`] for what a person entered wrong.
pub fn create(tx: &mut Tx, scope: &Scope, lodging: &Lodging) -> Result<(), EntryError> {
    lodging.check()?;
    Ok(store::insert(tx, scope, lodging)?)
}

/// Adds a formula to a lodging.
///
/// # Errors
/// [`EntryError`].
pub fn add_formula(tx: &mut Tx, scope: &Scope, formula: &Formula) -> Result<(), EntryError> {
    formula.check()?;
    store::find(tx, scope, formula.lodging)?.ok_or(EntryError::NotFound)?;
    Ok(store::insert_formula(tx, scope, formula)?)
}

/// Replaces the merchant's age brackets.
///
/// # Errors
/// [`EntryError::Brackets`] when they leave a hole or overlap.
pub fn set_brackets(tx: &mut Tx, scope: &Scope, brackets: &[AgeBracket]) -> Result<(), EntryError> {
    model::check_brackets(brackets)?;
    Ok(store::replace_brackets(tx, scope, brackets)?)
}

/// What happens when a period speaks of a day and length that have a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// Refused, with both shown.
    Refuse,
    /// The new price is right from now on.
    Replace,
}

/// Enters tariff periods, all or none. Their rank is given here: later entries rank higher.
///
/// # Errors
/// [`EntryError::Tariff`] for the first wrong one.
pub fn add_tariffs(
    tx: &mut Tx,
    scope: &Scope,
    periods: &[TariffPeriod],
    overlap: Overlap,
) -> Result<(), EntryError> {
    for (at, period) in periods.iter().enumerate() {
        period.check().map_err(|error| EntryError::Tariff(at, error))?;
        let formula = store::find_formula(tx, scope, period.formula)?;
        if formula.is_none_or(|formula| formula.lodging != period.lodging) {
            return Err(EntryError::UnknownFormula(at));
        }
        let known = store::tariffs_of(tx, scope, (period.lodging, period.formula))?;
        let quarrel = known.iter().find_map(|other| period.quarrel(other));
        if let Some(quarrel) = quarrel.filter(|_| overlap == Overlap::Refuse) {
            return Err(EntryError::Tariff(at, quarrel));
        }
        let highest = known.iter().map(|other| other.rank).max().unwrap_or(0);
        let rank = highest.saturating_add(1);
        store::insert_tariff(tx, scope, &TariffPeriod { rank, ..period.clone() })?;
    }
    Ok(())
}

/// Opens the nights from `first` to the one before `end` with all units of the lodging.
///
/// # Errors
/// [`EntryError`].
pub fn open_nights(
    tx: &mut Tx,
    scope: &Scope,
    lodging: &Lodging,
    (first, end): (Date, Date),
) -> Result<(), EntryError> {
    let lines = Lines::nights(Resource::Lodging(lodging.id), first, end, lodging.units)?;
    Ok(crate::stock::ops::set_capacity(tx, scope, &lines)?)
}

/// Changes how prices of a lodging are found; baskets keep the price they were shown. Gives the
/// policy before, `None` for an unknown lodging.
///
/// # Errors
/// [`DbError`].
pub fn set_policy(
    tx: &mut Tx,
    scope: &Scope,
    id: LodgingId,
    policy: Policy,
) -> Result<Option<Policy>, DbError> {
    let Some(lodging) = store::find(tx, scope, id)? else { return Ok(None) };
    store::set_policy(tx, scope, id, policy)?;
    Ok(Some(lodging.policy))
}

/// Everything a search of a shop needs, read in a handful of statements.
///
/// # Errors
/// [`DbError`].
pub fn catalogue(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
    (query, now): (&StayQuery, Timestamp),
) -> Result<Vec<Entry>, DbError> {
    let mut formulas: BTreeMap<LodgingId, Vec<Formula>> = BTreeMap::new();
    for formula in store::formulas(tx, scope, shop)? {
        formulas.entry(formula.lodging).or_default().push(formula);
    }
    let mut tariffs: BTreeMap<LodgingId, Vec<TariffPeriod>> = BTreeMap::new();
    for period in store::tariffs(tx, scope, shop, query.arrival)? {
        tariffs.entry(period.lodging).or_default().push(period);
    }
    let asked = (query.arrival, query.departure);
    let nights = i64::try_from(query.nights()).unwrap_or(i64::MAX);
    let mut open = store::nights_open(tx, scope, shop, asked)?;
    let mut entries = Vec::new();
    for lodging in store::of_shop(tx, scope, shop)? {
        let room = open.remove(&lodging.id).filter(|all| all.open == nights && all.free > 0);
        let mut entry = Entry {
            formulas: formulas.remove(&lodging.id).unwrap_or_default(),
            tariffs: tariffs.remove(&lodging.id).unwrap_or_default(),
            room: room.map_or_else(|| Room::Nights(Vec::new()), |all| Room::Free(all.free)),
            blocked: BTreeMap::new(),
            lodging,
        };
        if room.is_none() {
            read_nights(tx, scope, &mut entry, (query, now))?;
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Searches a shop.
///
/// # Errors
/// [`DbError`].
pub fn find_stays(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
    (query, now): (&StayQuery, Timestamp),
) -> Result<Vec<Found>, DbError> {
    Ok(search::search(&catalogue(tx, scope, shop, (query, now))?, query))
}

/// What a search says of one lodging under one formula; `None` when there is no such thing here.
///
/// # Errors
/// [`DbError`].
pub fn quote_one(
    tx: &mut Tx,
    scope: &Scope,
    what: (LodgingId, FormulaId),
    (query, now): (&StayQuery, Timestamp),
) -> Result<Option<Found>, DbError> {
    let Some(mut entry) = entry_of(tx, scope, what)? else { return Ok(None) };
    read_nights(tx, scope, &mut entry, (query, now))?;
    Ok(Some(search::evaluate(&entry, query)))
}

/// The price of a stay as it is now, whether or not there is room; `None` when it has none.
///
/// # Errors
/// [`DbError`].
pub fn price_one(
    tx: &mut Tx,
    scope: &Scope,
    what: (LodgingId, FormulaId),
    query: &StayQuery,
) -> Result<Option<Quote>, DbError> {
    let Some(entry) = entry_of(tx, scope, what)? else { return Ok(None) };
    Ok(search::priced(&entry, query).0.into_iter().next().map(|offered| offered.quote))
}

fn entry_of(
    tx: &mut Tx,
    scope: &Scope,
    (lodging, formula): (LodgingId, FormulaId),
) -> Result<Option<Entry>, DbError> {
    let Some(lodging) = store::find(tx, scope, lodging)? else { return Ok(None) };
    let formula = store::find_formula(tx, scope, formula)?;
    let Some(formula) = formula.filter(|formula| formula.lodging == lodging.id) else {
        return Ok(None);
    };
    let tariffs = store::tariffs_of(tx, scope, (lodging.id, formula.id))?;
    let (room, blocked) = (Room::Nights(Vec::new()), BTreeMap::new());
    Ok(Some(Entry { lodging, formulas: vec![formula], tariffs, room, blocked }))
}

/// Reads the nights one by one, and when other buyers' holds on full ones end.
fn read_nights(
    tx: &mut Tx,
    scope: &Scope,
    entry: &mut Entry,
    (query, now): (&StayQuery, Timestamp),
) -> Result<(), DbError> {
    let asked = (query.arrival, query.departure);
    let nights = crate::stock::store::nights(tx, scope, entry.lodging.id.id(), asked)?;
    for date in search::blocked_nights(&nights) {
        let resource = Resource::Lodging(entry.lodging.id);
        let line = Line { resource, slot: Slot::night(date), quantity: 1 };
        if let Some(until) = hold_store::blocked_until(tx, scope, &line, now)? {
            entry.blocked.insert(date, until);
        }
    }
    entry.room = Room::Nights(nights);
    Ok(())
}
