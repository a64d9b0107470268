//! The operator's fee of one operation, in whole minor units.

use kernel::Money;
use kernel::money::MoneyError;

/// What becomes of the fee when money goes back to the payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRefund {
    /// It stays due.
    Kept,
    /// It is given back in proportion.
    Returned,
}

/// How the operator's fee is computed, per captured operation and never on a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeePlan {
    /// Share of the amount, in hundredths of a percent.
    pub fee_basis_points: i64,
    /// Fixed part in minor units.
    pub fixed_minor: i64,
    /// The fee is at least this.
    pub minimum_minor: Option<i64>,
    /// The fee is at most this.
    pub maximum_minor: Option<i64>,
    /// What a refund does to it.
    pub on_refund: OnRefund,
}

impl FeePlan {
    /// 1.8 % + 0.20 per operation, kept on refunds.
    pub const ONE_SHOT_PAY: Self = Self {
        fee_basis_points: 180,
        fixed_minor: 20,
        minimum_minor: None,
        maximum_minor: None,
        on_refund: OnRefund::Kept,
    };

    /// The fee of one captured operation: the share rounded half up, plus the fixed part, then
    /// the bounds; nothing for nothing.
    ///
    /// # Errors
    /// [`MoneyError::Range`] on overflow.
    pub fn fee_of(&self, captured: Money) -> Result<Money, MoneyError> {
        if captured.is_zero() {
            return Ok(captured);
        }
        let share = captured.share_basis_points(self.fee_basis_points)?.minor();
        let mut fee = share.checked_add(self.fixed_minor).ok_or(MoneyError::Range)?;
        fee = self.minimum_minor.map_or(fee, |least| fee.max(least));
        fee = self.maximum_minor.map_or(fee, |most| fee.min(most));
        Ok(Money::new(fee, captured.currency()))
    }

    /// What is given back of `fee` when refunds of `captured` grow from `before` to `after`:
    /// shares of the running total, so that a full refund in any steps gives back all of it.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies, an overflow, or refunds above the capture.
    pub fn returned(
        &self,
        fee: Money,
        captured: Money,
        before: Money,
        after: Money,
    ) -> Result<Money, MoneyError> {
        if self.on_refund == OnRefund::Kept {
            return Ok(Money::zero(fee.currency()));
        }
        share_of(fee, after, captured)?.minus(share_of(fee, before, captured)?)
    }
}

/// `fee × part / whole`, rounded half up.
fn share_of(fee: Money, part: Money, whole: Money) -> Result<Money, MoneyError> {
    let rest = whole.minus(part)?;
    if whole.minor() <= 0 || part.is_negative() || rest.is_negative() {
        return Err(MoneyError::Range);
    }
    let product = i128::from(fee.minor()) * i128::from(part.minor()) * 2;
    let whole = i128::from(whole.minor());
    let minor = (product + whole).div_euclid(whole * 2);
    Ok(Money::new(i64::try_from(minor).map_err(|_| MoneyError::Range)?, fee.currency()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fee(cents: i64) -> i64 {
        FeePlan::ONE_SHOT_PAY.fee_of(Money::eur(cents)).unwrap().minor()
    }

    #[test]
    fn s_34_fee_table_of_the_worked_example() {
        let table = [
            (100, 22),
            (150, 23),
            (250, 25),
            (1_000, 38),
            (3_420, 82),
            (6_000, 128),
            (8_400, 171),
            (9_999, 200),
            (12_345, 242),
            (16_800, 322),
            (123_456, 2_242),
        ];
        for (amount, expected) in table {
            assert_eq!(fee(amount), expected, "fee of {amount}");
        }
        assert_eq!(fee(0), 0);
    }

    #[test]
    fn s_34_fees_are_per_operation_not_on_a_total() {
        assert_eq!(fee(3_334) + fee(3_333) + fee(3_333), 240);
        assert_eq!((fee(5_040), fee(11_760)), (111, 232));
    }

    #[test]
    fn bounds_clamp() {
        let plan =
            FeePlan { minimum_minor: Some(30), maximum_minor: Some(200), ..FeePlan::ONE_SHOT_PAY };
        assert_eq!(plan.fee_of(Money::eur(100)), Ok(Money::eur(30)));
        assert_eq!(plan.fee_of(Money::eur(1_000_000)), Ok(Money::eur(200)));
    }

    #[test]
    fn kept_fees_stay_due() {
        let (fee, all) = (Money::eur(322), Money::eur(16_800));
        let plan = FeePlan::ONE_SHOT_PAY;
        assert_eq!(plan.returned(fee, all, Money::eur(0), all), Ok(Money::eur(0)));
    }

    proptest! {
        #[test]
        fn a_full_refund_in_steps_gives_back_the_whole_fee(
            captured in 1_i64..10_000_000,
            cut_percent in 0_i64..=100,
        ) {
            let plan = FeePlan { on_refund: OnRefund::Returned, ..FeePlan::ONE_SHOT_PAY };
            let first = captured * cut_percent / 100;
            let (all, part) = (Money::eur(captured), Money::eur(first));
            let fee = plan.fee_of(all).unwrap();
            let one = plan.returned(fee, all, Money::eur(0), part).unwrap();
            let two = plan.returned(fee, all, part, all).unwrap();
            prop_assert!(!one.is_negative() && !two.is_negative());
            prop_assert_eq!(one.plus(two).unwrap(), fee);
        }
    }
}
