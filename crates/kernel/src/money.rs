//! Amounts: integer minor units with a currency, never a float, never an unchecked sum.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Largest amount of one payment or posting: 12 digits of minor units.
pub const MAX_MINOR: i64 = 999_999_999_999;

/// A currency by its ISO 4217 letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Currencies with other than two decimals (ISO 4217, list one).
const DECIMALS: &[(&[u8; 3], u32)] = &[
    (b"BIF", 0),
    (b"CLP", 0),
    (b"DJF", 0),
    (b"GNF", 0),
    (b"ISK", 0),
    (b"JPY", 0),
    (b"KMF", 0),
    (b"KRW", 0),
    (b"PYG", 0),
    (b"RWF", 0),
    (b"UGX", 0),
    (b"VND", 0),
    (b"VUV", 0),
    (b"XAF", 0),
    (b"XOF", 0),
    (b"XPF", 0),
    (b"BHD", 3),
    (b"IQD", 3),
    (b"JOD", 3),
    (b"KWD", 3),
    (b"LYD", 3),
    (b"OMR", 3),
    (b"TND", 3),
];

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals an amount of it is written with.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        DECIMALS.iter().find(|(code, _)| **code == self.0).map_or(2, |(_, decimals)| *decimals)
    }
}

/// A text that is not three upper-case letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three upper-case letters (ISO 4217)")]
pub struct BadCurrency;

impl FromStr for Currency {
    type Err = BadCurrency;
    fn from_str(text: &str) -> Result<Self, BadCurrency> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| BadCurrency)?;
        if letters.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(letters))
        } else {
            Err(BadCurrency)
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Why a computation with money was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies in one sum.
    #[error("two currencies in one computation")]
    Currency,
    /// Beyond what a 64-bit integer holds.
    #[error("amount out of range")]
    Range,
}

/// An amount in minor units of one currency. May be negative (a balance, a delta).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    #[serde(rename = "amount")]
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing of `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Cents of euro.
    #[must_use]
    pub const fn eur(cents: i64) -> Self {
        Self::new(cents, Currency::EUR)
    }

    /// Minor units.
    #[must_use]
    pub const fn minor(&self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// True for amounts below zero.
    #[must_use]
    pub const fn is_negative(&self) -> bool {
        self.minor < 0
    }

    /// True for nothing.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies or an overflow.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies or an overflow.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// `count` times the amount.
    ///
    /// # Errors
    /// [`MoneyError::Range`] on overflow.
    pub fn times(self, count: i64) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(count).ok_or(MoneyError::Range)?;
        Ok(Self::new(minor, self.currency))
    }

    /// A share in basis points (1/100 %), rounded half up: 30 % of 333.35 is 100.01.
    ///
    /// # Errors
    /// [`MoneyError::Range`] on overflow.
    pub fn share_basis_points(self, basis_points: i64) -> Result<Self, MoneyError> {
        let product = i128::from(self.minor) * i128::from(basis_points);
        let minor = (product + 5_000).div_euclid(10_000);
        Ok(Self::new(i64::try_from(minor).map_err(|_| MoneyError::Range)?, self.currency))
    }

    /// Splits into parts proportional to `weights` whose sum is exactly the amount: each share
    /// is cut down, left-over units go to the largest remainders, then to the first parts.
    ///
    /// # Errors
    /// [`MoneyError::Range`] when the weights are empty, negative or sum to zero.
    pub fn split(self, weights: &[u32]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        if total == 0 {
            return Err(MoneyError::Range);
        }
        let exact = |w: &u32| i128::from(self.minor) * i128::from(*w);
        let mut parts: Vec<i128> = weights.iter().map(|w| exact(w).div_euclid(total)).collect();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        let remainder = |i: &usize| weights.get(*i).map_or(0, |w| exact(w).rem_euclid(total));
        order.sort_by_key(|i| (std::cmp::Reverse(remainder(i)), *i));
        let left = i128::from(self.minor) - parts.iter().sum::<i128>();
        for index in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
            if let Some(part) = parts.get_mut(index) {
                *part += 1;
            }
        }
        parts
            .into_iter()
            .map(|p| Ok(Self::new(i64::try_from(p).map_err(|_| MoneyError::Range)?, self.currency)))
            .collect()
    }

    fn combine(
        self,
        other: Self,
        with: impl Fn(i64, i64) -> Option<i64>,
    ) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Currency);
        }
        let minor = with(self.minor, other.minor).ok_or(MoneyError::Range)?;
        Ok(Self::new(minor, self.currency))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn thirty_percent_rounds_half_up() {
        assert_eq!(Money::eur(33_335).share_basis_points(3_000), Ok(Money::eur(10_001)));
    }

    #[test]
    fn ten_thousand_in_three() {
        let parts: Vec<i64> =
            Money::eur(10_000).split(&[1, 1, 1]).unwrap().iter().map(Money::minor).collect();
        assert_eq!(parts, [3_334, 3_333, 3_333]);
    }

    #[test]
    fn currencies_do_not_mix() {
        let yen = Money::new(5_000, "JPY".parse().unwrap());
        assert_eq!(Money::eur(1).plus(yen), Err(MoneyError::Currency));
        assert_eq!(yen.currency().decimals(), 0);
        assert_eq!("KWD".parse::<Currency>().unwrap().decimals(), 3);
    }

    proptest! {
        #[test]
        fn a_split_conserves_the_sum(
            minor in 0..MAX_MINOR,
            weights in proptest::collection::vec(1_u32..1000, 1..12),
        ) {
            let parts = Money::eur(minor).split(&weights).unwrap();
            prop_assert_eq!(parts.iter().map(Money::minor).sum::<i64>(), minor);
        }
    }
}
