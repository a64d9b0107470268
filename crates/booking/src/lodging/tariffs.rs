//! Tariffs as entered: periods of arrival days, lengths and a price.

use std::collections::BTreeMap;

use kernel::{Currency, Date, FormulaId, LodgingId, Money, ShopId, TariffId};
use serde::{Deserialize, Serialize};

use super::model::Party;
use super::pricing::{MAX_LENGTHS, MAX_NIGHTS, Offer, Offers};

/// What a tariff costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Price {
    /// One amount whoever comes.
    PerStay(i64),
    /// An amount for each person, by age bracket.
    PerPerson(BTreeMap<String, i64>),
}

impl Price {
    /// What the party pays, `None` when a bracket has no price.
    #[must_use]
    pub fn for_party(&self, party: &Party, currency: Currency) -> Option<Money> {
        match self {
            Self::PerStay(minor) => Some(Money::new(*minor, currency)),
            Self::PerPerson(prices) => {
                let mut total = Money::zero(currency);
                for group in party.groups() {
                    let price = Money::new(*prices.get(&group.bracket)?, currency);
                    total = total.plus(price.times(i64::from(group.count)).ok()?).ok()?;
                }
                Some(total)
            }
        }
    }

    /// The price of the dearest bracket.
    #[must_use]
    pub fn dearest(&self) -> Option<i64> {
        match self {
            Self::PerStay(minor) => Some(*minor),
            Self::PerPerson(prices) => prices.values().copied().max(),
        }
    }

    /// Whether every party that `other` prices has a price here too.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::PerStay(_), _) => true,
            (Self::PerPerson(_), Self::PerStay(_)) => false,
            (Self::PerPerson(here), Self::PerPerson(there)) => {
                there.keys().all(|bracket| here.contains_key(bracket))
            }
        }
    }

    fn is_sound(&self) -> bool {
        let fine = |minor: &i64| (0..=kernel::money::MAX_MINOR).contains(minor);
        match self {
            Self::PerStay(minor) => fine(minor),
            Self::PerPerson(prices) => !prices.is_empty() && prices.values().all(fine),
        }
    }
}

/// The weekdays on which a stay may begin; Monday is bit 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays(u8);

/// Weekdays in the API, Monday first.
pub(crate) const WEEKDAY_WORDS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);

    /// Reads the stored bits.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits == 0 || bits > Self::ALL.0 { None } else { Some(Self(bits)) }
    }

    /// The bits as stored.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Reads words such as `sa`; none means every day.
    #[must_use]
    pub fn from_words(words: &[String]) -> Option<Self> {
        if words.is_empty() {
            return Some(Self::ALL);
        }
        let bit = |word: &String| WEEKDAY_WORDS.iter().position(|known| known == word);
        let bits = words.iter().map(bit).try_fold(0_u8, |all, place| Some(all | (1 << place?)))?;
        Self::from_bits(bits)
    }

    /// Whether a stay may begin on that date.
    #[must_use]
    pub fn has(self, date: Date) -> bool {
        let place = u32::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.0.checked_shr(place).is_some_and(|bits| bits & 1 == 1)
    }
}

/// One price for arrival days of a period and some lengths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffPeriod {
    /// Its id.
    pub id: TariffId,
    /// Where it is sold.
    pub shop: ShopId,
    /// Of which lodging.
    pub lodging: LodgingId,
    /// Under which formula.
    pub formula: FormulaId,
    /// First arrival day.
    pub first_day: Date,
    /// Last arrival day.
    pub last_day: Date,
    /// Lengths in nights.
    pub lengths: Vec<u16>,
    /// Weekdays of arrival.
    pub arrival_days: Weekdays,
    /// The price.
    pub price: Price,
    /// Where two speak, the higher rank is right.
    pub rank: i64,
}

/// What is wrong with a period as entered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffError {
    /// Ends before it begins.
    #[error("the period ends before it begins")]
    Dates,
    /// No length, more than sixty, or one outside 1 to 366 nights.
    #[error("between 1 and 60 lengths of 1 to 366 nights")]
    Lengths,
    /// The price of the stay is negative or beyond all measure.
    #[error("a price is zero or more")]
    StayPrice,
    /// The price of a person is negative, or no bracket is priced.
    #[error("each bracket has a price of zero or more")]
    PersonPrice,
    /// Another period gives a different price for this day and length.
    #[error(
        "two prices for an arrival on {day} and {nights} nights: change days or lengths, or say \
         `replace` so that the new one is right"
    )]
    TwoPrices {
        /// The period that exists.
        existing: TariffId,
        /// Its price and the one that was entered.
        prices: Box<TwoPrices>,
        /// A day both speak of.
        day: Date,
        /// A length both speak of.
        nights: u16,
    },
}

/// Two prices for the same arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoPrices {
    /// Of the period that exists.
    pub there: Price,
    /// Of the period that was entered.
    pub entered: Price,
}

impl TariffError {
    /// The field to be corrected, as the API names it.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Dates => "to",
            Self::Lengths | Self::TwoPrices { .. } => "nights",
            Self::StayPrice => "per_stay",
            Self::PersonPrice => "per_person",
        }
    }
}

impl TariffPeriod {
    /// Checks what a person entered.
    ///
    /// # Errors
    /// [`TariffError`].
    pub fn check(&self) -> Result<(), TariffError> {
        let allowed = 1..=u16::try_from(MAX_NIGHTS).unwrap_or(u16::MAX);
        let lengths_fine = (1..=MAX_LENGTHS).contains(&self.lengths.len())
            && self.lengths.iter().all(|nights| allowed.contains(nights));
        if self.last_day < self.first_day {
            return Err(TariffError::Dates);
        }
        if !lengths_fine {
            return Err(TariffError::Lengths);
        }
        match &self.price {
            price if price.is_sound() => Ok(()),
            Price::PerStay(_) => Err(TariffError::StayPrice),
            Price::PerPerson(_) => Err(TariffError::PersonPrice),
        }
    }

    /// Whether it prices arrivals on `day`.
    #[must_use]
    pub fn serves(&self, day: Date) -> bool {
        self.first_day <= day && day <= self.last_day && self.arrival_days.has(day)
    }

    /// Whether a day from `today` on and a length have no price yet in `above`.
    fn speaks_beside(&self, above: &[Self], today: Date) -> bool {
        let above: Vec<&Self> = above.iter().filter(|one| one.price.covers(&self.price)).collect();
        let mut day = self.first_day.max(today);
        while day <= self.last_day {
            let said =
                |nights| above.iter().any(|one| one.lengths.contains(nights) && one.serves(day));
            if self.serves(day) && !self.lengths.iter().all(said) {
                return true;
            }
            day = kernel::time::plus_days(day, 1);
        }
        false
    }

    /// A day and length for which both give a price, and not the same one.
    #[must_use]
    pub fn quarrel(&self, other: &Self) -> Option<TariffError> {
        let same_thing = self.lodging == other.lodging && self.formula == other.formula;
        if !same_thing || self.price == other.price {
            return None;
        }
        let nights = self.lengths.iter().find(|nights| other.lengths.contains(nights))?;
        let mut day = self.first_day.max(other.first_day);
        let last = self.last_day.min(other.last_day);
        // A week is enough to meet every weekday both have.
        for _ in 0..7 {
            if day <= last && self.serves(day) && other.serves(day) {
                let (there, entered) = (other.price.clone(), self.price.clone());
                let prices = Box::new(TwoPrices { there, entered });
                let (existing, nights) = (other.id, *nights);
                return Some(TariffError::TwoPrices { existing, prices, day, nights });
            }
            day = kernel::time::plus_days(day, 1);
        }
        None
    }
}

/// The periods of one formula that still give somebody a price from `today` on: a period of which
/// every day and length to come has a price of higher rank is replaced and says nothing any more.
#[must_use]
pub fn in_force(mut periods: Vec<TariffPeriod>, today: Date) -> Vec<TariffPeriod> {
    periods.sort_by_key(|period| std::cmp::Reverse((period.rank, period.id)));
    let mut right: Vec<TariffPeriod> = Vec::with_capacity(periods.len());
    for period in periods {
        if period.speaks_beside(&right, today) {
            right.push(period);
        }
    }
    right
}

/// What a party could be offered, and whether a bracket without price stood in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyOffers {
    /// The offers.
    pub offers: Offers,
    /// A tariff was left out because it has no price for a bracket of the party.
    pub bracket_not_priced: bool,
}

/// What the tariffs of one formula offer a party for the nights from `arrival` on.
#[must_use]
pub fn offers(
    periods: &[&TariffPeriod],
    party: &Party,
    (arrival, nights): (Date, usize),
    currency: Currency,
) -> PartyOffers {
    let mut by_rank: Vec<&TariffPeriod> = periods.to_vec();
    by_rank.sort_by_key(|period| (std::cmp::Reverse(period.rank), std::cmp::Reverse(period.id)));
    let priced: Vec<(&TariffPeriod, Option<Money>)> = by_rank
        .into_iter()
        .map(|period| (period, period.price.for_party(party, currency)))
        .collect();
    let mut found =
        PartyOffers { offers: Offers::new(arrival, nights, currency), bracket_not_priced: false };
    let mut day = arrival;
    for offset in 0..found.offers.nights() {
        for (period, amount) in priced.iter().filter(|(period, _)| period.serves(day)) {
            let Some(amount) = amount else {
                found.bracket_not_priced = true;
                continue;
            };
            for length in &period.lengths {
                let offer =
                    Offer { nights: usize::from(*length), amount: *amount, tariff: period.id };
                found.offers.add(offset, offer);
            }
        }
        day = kernel::time::plus_days(day, 1);
    }
    found
}

/// The price shown as "from": for each formula its dearest bracket, of these the least.
#[must_use]
pub fn indicative(periods: &[&TariffPeriod], formulas: &[FormulaId]) -> Option<i64> {
    let of_formula = |formula: &FormulaId| {
        let nights = |period: &TariffPeriod| period.lengths.iter().copied().min().map(i64::from);
        periods
            .iter()
            .filter(|period| period.formula == *formula)
            .filter_map(|period| period.price.dearest()?.checked_div(nights(period)?))
            .min()
    };
    formulas.iter().filter_map(of_formula).min()
}

#[cfg(test)]
mod tests {
    use kernel::Id;

    use super::super::model::Guests;
    use super::*;

    fn period(price: Price, lengths: &[u16]) -> TariffPeriod {
        let id = Id::from_bytes([7; 16]);
        TariffPeriod {
            id: id.into(),
            shop: id.into(),
            lodging: id.into(),
            formula: id.into(),
            first_day: "2026-07-01".parse().unwrap(),
            last_day: "2026-08-31".parse().unwrap(),
            lengths: lengths.to_vec(),
            arrival_days: Weekdays::ALL,
            price,
            rank: 1,
        }
    }

    fn persons(prices: &[(&str, i64)]) -> Price {
        Price::PerPerson(prices.iter().map(|(code, minor)| ((*code).into(), *minor)).collect())
    }

    #[test]
    fn l_51_two_prices_for_one_day_and_length_are_seen() {
        let old = period(Price::PerStay(100), &[1, 7]);
        let mut new = period(Price::PerStay(120), &[7]);
        let quarrel = new.quarrel(&old);
        let day = "2026-07-01".parse().unwrap();
        let (there, entered) = (Price::PerStay(100), Price::PerStay(120));
        let prices = Box::new(TwoPrices { there, entered });
        let both = TariffError::TwoPrices { existing: old.id, prices, day, nights: 7 };
        assert_eq!(quarrel, Some(both));
        new.lengths = vec![2];
        assert_eq!(new.quarrel(&old), None);
        let mut saturdays = period(Price::PerStay(120), &[1]);
        saturdays.arrival_days = Weekdays::from_words(&["sa".into()]).unwrap();
        let mut sundays = period(Price::PerStay(90), &[1]);
        sundays.arrival_days = Weekdays::from_words(&["su".into()]).unwrap();
        assert_eq!(saturdays.quarrel(&sundays), None);
        assert!(saturdays.quarrel(&old).is_some());
    }

    #[test]
    fn l_51_a_replaced_price_is_no_longer_in_force() {
        let ranked = |rank: u8, price: Price, lengths: &[u16]| TariffPeriod {
            id: Id::from_bytes([rank; 16]).into(),
            rank: i64::from(rank),
            ..period(price, lengths)
        };
        let old = ranked(1, Price::PerStay(100), &[1, 7]);
        let ranks = |periods: &[&TariffPeriod], today: &str| -> Vec<i64> {
            let all = periods.iter().map(|one| (*one).clone()).collect();
            in_force(all, today.parse().unwrap()).iter().map(|one| one.rank).collect()
        };
        let week = ranked(2, Price::PerStay(120), &[7]);
        assert_eq!(ranks(&[&old, &week], "2026-07-01"), [2, 1], "one night still speaks");
        let night = ranked(3, Price::PerStay(20), &[1]);
        assert_eq!(ranks(&[&old, &week, &night], "2026-07-01"), [3, 2], "both together replace");
        let mut august = ranked(4, Price::PerStay(30), &[1, 7]);
        august.first_day = "2026-08-01".parse().unwrap();
        assert_eq!(ranks(&[&old, &august], "2026-07-31"), [4, 1]);
        assert_eq!(ranks(&[&old, &august], "2026-08-01"), [4]);
        let children = ranked(5, persons(&[("child", 10)]), &[1, 7]);
        assert_eq!(ranks(&[&old, &children], "2026-07-01"), [5, 1], "adults still need the old");
        assert_eq!(ranks(&[&old], "2026-09-01"), [0; 0], "over");
    }

    #[test]
    fn l_61_negative_prices_are_refused_and_zero_is_not() {
        assert_eq!(period(Price::PerStay(-1), &[1]).check(), Err(TariffError::StayPrice));
        assert_eq!(period(Price::PerStay(0), &[1]).check(), Ok(()));
        assert_eq!(period(Price::PerStay(0), &[0]).check(), Err(TariffError::Lengths));
        assert_eq!(period(Price::PerStay(0), &[367]).check(), Err(TariffError::Lengths));
    }

    #[test]
    fn l_58_persons_add_up_and_a_missing_bracket_is_told() {
        let price = persons(&[("adult", 5_000), ("child", 2_500)]);
        let party = |groups: &[(&str, u32)]| {
            let guests = groups.iter().map(|(b, n)| Guests { bracket: (*b).into(), count: *n });
            Party::new(guests.collect()).unwrap()
        };
        let family = party(&[("adult", 2), ("child", 1)]);
        assert_eq!(price.for_party(&family, Currency::EUR), Some(Money::eur(12_500)));
        let with_dog = party(&[("adult", 2), ("dog", 1)]);
        let tariff = period(price, &[1]);
        let arrival = ("2026-07-04".parse().unwrap(), 2);
        let found = offers(&[&tariff], &with_dog, arrival, Currency::EUR);
        assert!(found.bracket_not_priced);
    }

    #[test]
    fn e_15_the_indicative_price_is_the_least_of_the_dearest() {
        let formula = |n: u8| FormulaId::from(Id::from_bytes([n; 16]));
        let with = |n: u8, prices: &[(&str, i64)]| TariffPeriod {
            formula: formula(n),
            ..period(persons(prices), &[1])
        };
        let room = with(1, &[("adult", 6_200), ("child", 3_100)]);
        let breakfast = with(2, &[("adult", 7_450), ("child", 3_700)]);
        let both = [formula(1), formula(2)];
        assert_eq!(indicative(&[&room, &breakfast], &both), Some(6_200));
        let a = with(1, &[("adult", 5_000), ("child", 6_000)]);
        let b = with(2, &[("adult", 5_500), ("child", 5_800)]);
        assert_eq!(indicative(&[&a, &b], &both), Some(5_800));
    }

    #[test]
    fn weekdays_are_words_or_every_day() {
        let saturday = Weekdays::from_words(&["sa".into()]).unwrap();
        assert!(saturday.has("2026-07-04".parse().unwrap()));
        assert!(!saturday.has("2026-07-05".parse().unwrap()));
        assert_eq!(Weekdays::from_words(&[]), Some(Weekdays::ALL));
        assert_eq!(Weekdays::from_words(&["xx".into()]), None);
    }
}
