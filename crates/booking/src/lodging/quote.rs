//! A price with its explanation: cover, adjustments, deposit.

use kernel::{Date, Money, TariffId, money::MoneyError};
use serde::{Deserialize, Serialize};

use super::model::{AdjustmentRule, Formula, Lodging};
use super::pricing::{self, Cover, Policy, Step};

/// One displayed line that changes the price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Which rule: `long_stay`, `non_refundable`, `promotion`.
    pub code: String,
    /// Its share in hundredths of a percent.
    pub basis_points: i64,
    /// What it adds, rounded half up to the minor unit.
    pub amount: i64,
}

/// A part of the stay, as explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedSegment {
    /// First night.
    pub arrival: Date,
    /// How many.
    pub nights: u32,
    /// The tariff used.
    pub tariff: TariffId,
    /// Its price.
    pub amount: i64,
}

/// A number of the three steps, or the word `cheapest`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StepWord {
    /// 1 exact, 2 single nights, 3 other covers.
    Number(u8),
    /// `cheapest`.
    Word(String),
}

impl From<Step> for StepWord {
    fn from(step: Step) -> Self {
        match step {
            Step::Exact => Self::Number(1),
            Step::SingleNights => Self::Number(2),
            Step::Cover => Self::Number(3),
            Step::Cheapest => Self::Word("cheapest".into()),
        }
    }
}

/// The price of a stay and why; frozen as it is in a basket and its booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// What is asked.
    pub total: Money,
    /// The lodging's policy.
    pub policy: String,
    /// The rule that gave the price.
    pub step: StepWord,
    /// The parts.
    pub segments: Vec<QuotedSegment>,
    /// The changes, in order.
    pub adjustments: Vec<Adjustment>,
    /// What is asked at booking.
    pub deposit: Money,
    /// The cheapest cover after the same adjustments.
    pub cheapest: Option<Money>,
    /// The nights of its parts, in order; empty in quotes that were frozen without them.
    #[serde(default)]
    pub cheapest_nights: Vec<u32>,
}

impl Quote {
    /// What is left after the deposit, so that both always sum to the total.
    ///
    /// # Errors
    /// [`MoneyError`] when the two are of two currencies.
    pub fn balance(&self) -> Result<Money, MoneyError> {
        self.total.minus(self.deposit)
    }

    /// A cover that costs less and that the policy did not look at: the nights of its parts, and
    /// its price.
    #[must_use]
    pub fn left_out(&self) -> Option<(&[u32], Money)> {
        let cheapest = self.cheapest.filter(|least| least.minor() < self.total.minor())?;
        (!self.cheapest_nights.is_empty()).then_some((&self.cheapest_nights, cheapest))
    }
}

/// The quote of a lodging under a formula, `None` when the nights cannot be covered or the
/// amounts are out of range.
#[must_use]
pub fn quote(lodging: &Lodging, formula: &Formula, offers: &pricing::Offers) -> Option<Quote> {
    let cover = pricing::price(offers, lodging.policy)?;
    let nights = u32::try_from(offers.nights()).ok()?;
    let (total, adjustments) = adjust(cover.total, &formula.adjustments, nights).ok()?;
    let least = pricing::price(offers, Policy::Cheapest)?;
    let (cheapest, _) = adjust(least.total, &formula.adjustments, nights).ok()?;
    Some(Quote {
        total,
        policy: lodging.policy.as_str().into(),
        step: cover.step.into(),
        segments: explained(&cover)?,
        adjustments,
        deposit: total.share_basis_points(i64::from(formula.deposit_basis_points)).ok()?,
        cheapest: Some(cheapest),
        cheapest_nights: explained(&least)?.iter().map(|segment| segment.nights).collect(),
    })
}

fn explained(cover: &Cover) -> Option<Vec<QuotedSegment>> {
    cover
        .segments
        .iter()
        .map(|segment| {
            Some(QuotedSegment {
                arrival: segment.arrival,
                nights: u32::try_from(segment.nights).ok()?,
                tariff: segment.tariff,
                amount: segment.amount.minor(),
            })
        })
        .collect()
}

/// Applies rules in their order to the running amount; each line is rounded half up once, the
/// sum of segments never.
///
/// # Errors
/// [`MoneyError`] when an amount is out of range.
pub fn adjust(
    base: Money,
    rules: &[AdjustmentRule],
    nights: u32,
) -> Result<(Money, Vec<Adjustment>), MoneyError> {
    let mut running = base;
    let mut lines = Vec::new();
    for rule in rules.iter().filter(|rule| nights >= rule.min_nights) {
        let size = running.share_basis_points(rule.basis_points.checked_abs().unwrap_or(0))?;
        let change = if rule.basis_points < 0 { size.times(-1)? } else { size };
        let code = rule.code.clone();
        lines.push(Adjustment { code, basis_points: rule.basis_points, amount: change.minor() });
        running = running.plus(change)?;
    }
    if running.is_negative() { Err(MoneyError::Range) } else { Ok((running, lines)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(code: &str, basis_points: i64, min_nights: u32) -> AdjustmentRule {
        AdjustmentRule { code: code.into(), basis_points, min_nights }
    }

    #[test]
    fn e_14_adjustments_apply_in_order_on_the_running_amount() {
        let rules = [rule("long_stay", -1_200, 5), rule("non_refundable", -1_000, 1)];
        let (total, lines) = adjust(Money::eur(5 * 9_800), &rules, 5).unwrap();
        let amounts: Vec<i64> = lines.iter().map(|line| line.amount).collect();
        assert_eq!((total, amounts), (Money::eur(38_808), vec![-5_880, -4_312]));
        let (short, lines) = adjust(Money::eur(4 * 9_800), &rules, 4).unwrap();
        assert_eq!((short, lines.len()), (Money::eur(35_280), 1));
        // A season is applied when the tariff entry of a night is made, rounded once.
        assert_eq!(Money::eur(9_800).share_basis_points(12_500), Ok(Money::eur(12_250)));
    }

    #[test]
    fn l_41_deposit_and_balance_are_always_the_total() {
        for minor in [1, 33_335, 49_000, 52_001] {
            let total = Money::eur(minor);
            let deposit = total.share_basis_points(3_000).unwrap();
            assert_eq!(deposit.plus(total.minus(deposit).unwrap()), Ok(total));
        }
    }
}
