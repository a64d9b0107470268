//! The price of a stay: exact covers of its nights by tariffs of one or more nights.
//!
//! A tariff is a price for (arrival day, length). The policy [`Policy::OpenPro`] takes the tariff
//! of exactly the asked length, else the sum of one-night tariffs, else the best of all other
//! covers; the first of the three that succeeds wins even when a later one would be cheaper.
//! [`Policy::Cheapest`] takes the cheapest cover of all. Each segment uses the tariff of its own
//! first day. Work is one backward pass over the nights, bounded by [`MAX_NIGHTS`] nights and
//! [`MAX_LENGTHS`] lengths a day.

use kernel::{Currency, Date, Money, TariffId};

/// Longest stay that is ever priced.
pub const MAX_NIGHTS: usize = 366;
/// Most distinct lengths of tariffs of one lodging.
pub const MAX_LENGTHS: usize = 60;

/// How the price of a stay is chosen among covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Exact length, else single nights, else the best other cover.
    OpenPro,
    /// The cheapest cover of all.
    Cheapest,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::OpenPro, Self::Cheapest];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenPro => "open_pro",
            Self::Cheapest => "cheapest",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text)
    }
}

/// Which rule gave the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A tariff for exactly these nights.
    Exact,
    /// The sum of one-night tariffs.
    SingleNights,
    /// Another exact cover.
    Cover,
    /// The cheapest cover of all.
    Cheapest,
}

/// What one tariff costs this party from one day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Nights it covers.
    pub nights: usize,
    /// Its price for the whole party, zero included.
    pub amount: Money,
    /// Where the price was entered.
    pub tariff: TariffId,
}

/// Offers by day of the stay: index 0 is the arrival day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    arrival: Date,
    currency: Currency,
    days: Vec<Vec<Offer>>,
}

/// A part of a stay paid by one tariff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its first night.
    pub arrival: Date,
    /// How many nights.
    pub nights: usize,
    /// What it costs.
    pub amount: Money,
    /// The tariff used.
    pub tariff: TariffId,
}

/// A price with the way it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// The rule that gave it.
    pub step: Step,
    /// The parts, in order, covering each night once.
    pub segments: Vec<Segment>,
    /// The sum of the parts.
    pub total: Money,
}

impl Offers {
    /// No offers yet for a stay of `nights` nights from `arrival` on; more than [`MAX_NIGHTS`]
    /// nights are cut.
    #[must_use]
    pub fn new(arrival: Date, nights: usize, currency: Currency) -> Self {
        Self { arrival, currency, days: vec![Vec::new(); nights.min(MAX_NIGHTS)] }
    }

    /// Nights of the stay.
    #[must_use]
    pub const fn nights(&self) -> usize {
        self.days.len()
    }

    /// Adds what a tariff costs from day `day` on. An offer of another currency, a negative one,
    /// one beyond the stay or beyond [`MAX_LENGTHS`] cannot be part of a price and is left out.
    pub fn add(&mut self, day: usize, offer: Offer) {
        let fits = offer.nights > 0 && day.saturating_add(offer.nights) <= self.days.len();
        let sound = offer.amount.currency() == self.currency && !offer.amount.is_negative();
        if let Some(offers) = self.days.get_mut(day).filter(|_| fits && sound) {
            let known = offers.iter().any(|known| known.nights == offer.nights);
            if !known && offers.len() < MAX_LENGTHS {
                offers.push(offer);
            }
        }
    }

    fn offer(&self, day: usize, nights: usize) -> Option<Offer> {
        self.days.get(day)?.iter().find(|offer| offer.nights == nights).copied()
    }

    fn cover(&self, step: Step, offers: &[Offer]) -> Option<Cover> {
        let mut day = 0_usize;
        let mut total = Money::zero(self.currency);
        let mut segments = Vec::with_capacity(offers.len());
        for offer in offers {
            let offset = i64::try_from(day).ok()?;
            segments.push(Segment {
                arrival: kernel::time::plus_days(self.arrival, offset),
                nights: offer.nights,
                amount: offer.amount,
                tariff: offer.tariff,
            });
            total = total.plus(offer.amount).ok()?;
            day = day.checked_add(offer.nights)?;
        }
        (day == self.days.len()).then_some(Cover { step, segments, total })
    }
}

/// The price of the stay under a policy; `None` when the nights cannot be covered.
#[must_use]
pub fn price(offers: &Offers, policy: Policy) -> Option<Cover> {
    if offers.nights() == 0 {
        return None;
    }
    match policy {
        Policy::OpenPro => {
            exact(offers).or_else(|| singles(offers)).or_else(|| best(offers, Step::Cover))
        }
        Policy::Cheapest => best(offers, Step::Cheapest),
    }
}

fn exact(offers: &Offers) -> Option<Cover> {
    let offer = offers.offer(0, offers.nights())?;
    offers.cover(Step::Exact, &[offer])
}

fn singles(offers: &Offers) -> Option<Cover> {
    let nights: Option<Vec<Offer>> = (0..offers.nights()).map(|day| offers.offer(day, 1)).collect();
    offers.cover(Step::SingleNights, &nights?)
}

/// What it costs at least to reach the end from a day, with how many segments, beginning how.
#[derive(Clone, Copy)]
struct Rest {
    amount: i64,
    segments: usize,
    first: Offer,
}

/// Cheapest total, then fewest segments, then the longer segment first from the arrival on.
fn best(offers: &Offers, step: Step) -> Option<Cover> {
    let end = offers.nights();
    let mut rests: Vec<Option<Rest>> = vec![None; end];
    for day in (0..end).rev() {
        let here = offers.days.get(day)?;
        let chosen = here
            .iter()
            .filter_map(|offer| reach(&rests, day, end, *offer))
            .min_by_key(|rest| (rest.amount, rest.segments, std::cmp::Reverse(rest.first.nights)));
        if let Some(slot) = rests.get_mut(day) {
            *slot = chosen;
        }
    }
    let mut path = Vec::new();
    let mut day = 0_usize;
    while day < end {
        let rest = (*rests.get(day)?)?;
        path.push(rest.first);
        day = day.checked_add(rest.first.nights)?;
    }
    offers.cover(step, &path)
}

fn reach(rests: &[Option<Rest>], day: usize, end: usize, offer: Offer) -> Option<Rest> {
    let next = day.checked_add(offer.nights)?;
    let (amount, segments) = if next == end {
        (0, 0)
    } else {
        let rest = (*rests.get(next)?)?;
        (rest.amount, rest.segments)
    };
    let amount = offer.amount.minor().checked_add(amount)?;
    Some(Rest { amount, segments: segments.checked_add(1)?, first: offer })
}

#[cfg(test)]
#[path = "pricing_tests.rs"]
mod tests;
