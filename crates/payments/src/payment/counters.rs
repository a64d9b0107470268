//! The ten amounts of a payment, in minor units of its currency, and the rules between them.

use kernel::Invariant;
use serde::Serialize;

/// Everything that happened to the money of one payment; all are ≥ 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Accepted by the bank.
    pub authorised: i64,
    /// Authorised, then released.
    pub voided: i64,
    /// Authorised, then lapsed.
    pub expired: i64,
    /// In a remittance that is not answered yet.
    pub capture_requested: i64,
    /// Debited from the payer.
    pub captured: i64,
    /// Seen on the bank statement.
    pub settled: i64,
    /// Refund asked, not answered.
    pub refund_pending: i64,
    /// Given back.
    pub refunded: i64,
    /// Under an open chargeback.
    pub disputed: i64,
    /// Lost by chargeback.
    pub charged_back: i64,
}

/// One change of the amounts. Each is the effect of exactly one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// The bank accepted an authorisation.
    Authorised(i64),
    /// Part of the authorisation is released.
    Voided(i64),
    /// What was left of the authorisation lapsed.
    Expired(i64),
    /// Debited.
    Captured(i64),
    /// A refund was asked.
    RefundAsked(i64),
    /// The asked refund was accepted.
    RefundAccepted(i64),
    /// The asked refund was refused.
    RefundRefused(i64),
    /// A refund was made without Guichet.
    RefundRecorded(i64),
    /// The bank took money back that the payer contests.
    Disputed(i64),
    /// It gave it back.
    DisputeWon(i64),
    /// It keeps it with the payer.
    DisputeLost(i64),
    /// It gave back what had been lost.
    DisputeRecovered(i64),
}

impl Counters {
    /// What may still be captured (or voided).
    #[must_use]
    pub const fn capturable(&self) -> i64 {
        self.authorised
            .saturating_sub(self.voided)
            .saturating_sub(self.expired)
            .saturating_sub(self.captured)
            .saturating_sub(self.capture_requested)
    }

    /// What may still be given back.
    #[must_use]
    pub const fn refundable(&self) -> i64 {
        self.captured
            .saturating_sub(self.refunded)
            .saturating_sub(self.refund_pending)
            .saturating_sub(self.disputed)
            .saturating_sub(self.charged_back)
    }

    /// The amounts after a movement; the rules hold on both sides of it.
    ///
    /// # Errors
    /// [`Invariant`] when a rule would break: nothing is ever clamped.
    pub fn after(self, movement: Movement) -> Result<Self, Invariant> {
        self.check()?;
        let mut next = self;
        match movement {
            Movement::Authorised(amount) => next.authorised = plus(self.authorised, amount)?,
            Movement::Voided(amount) => next.voided = plus(self.voided, amount)?,
            Movement::Expired(amount) => next.expired = plus(self.expired, amount)?,
            Movement::Captured(amount) => next.captured = plus(self.captured, amount)?,
            Movement::RefundAsked(amount) => {
                next.refund_pending = plus(self.refund_pending, amount)?;
            }
            Movement::RefundAccepted(amount) => {
                next.refund_pending = minus(self.refund_pending, amount)?;
                next.refunded = plus(self.refunded, amount)?;
            }
            Movement::RefundRecorded(amount) => next.refunded = plus(self.refunded, amount)?,
            Movement::RefundRefused(amount) => {
                next.refund_pending = minus(self.refund_pending, amount)?;
            }
            Movement::Disputed(amount) => next.disputed = plus(self.disputed, amount)?,
            Movement::DisputeWon(amount) => next.disputed = minus(self.disputed, amount)?,
            Movement::DisputeLost(amount) => {
                next.disputed = minus(self.disputed, amount)?;
                next.charged_back = plus(self.charged_back, amount)?;
            }
            Movement::DisputeRecovered(amount) => {
                next.charged_back = minus(self.charged_back, amount)?;
            }
        }
        next.check()?;
        Ok(next)
    }

    /// The rules between the amounts.
    ///
    /// # Errors
    /// [`Invariant`] naming the broken rule.
    pub fn check(&self) -> Result<(), Invariant> {
        kernel::ensure!(self.all().iter().all(|amount| *amount >= 0))?;
        kernel::ensure!(
            sum(&[self.voided, self.expired, self.captured, self.capture_requested])
                <= i128::from(self.authorised)
        )?;
        kernel::ensure!(
            sum(&[self.refunded, self.refund_pending, self.disputed, self.charged_back])
                <= i128::from(self.captured)
        )?;
        kernel::ensure!(self.settled <= self.captured)
    }

    /// The amounts in the order in which they are stored and shown.
    #[must_use]
    pub const fn all(&self) -> [i64; 10] {
        [
            self.authorised,
            self.voided,
            self.expired,
            self.capture_requested,
            self.captured,
            self.settled,
            self.refund_pending,
            self.refunded,
            self.disputed,
            self.charged_back,
        ]
    }
}

fn sum(amounts: &[i64]) -> i128 {
    amounts.iter().map(|amount| i128::from(*amount)).sum()
}

fn plus(have: i64, amount: i64) -> Result<i64, Invariant> {
    kernel::ensure!(amount > 0)?;
    have.checked_add(amount).ok_or(Invariant { rule: "an amount fits in 64 bits" })
}

fn minus(have: i64, amount: i64) -> Result<i64, Invariant> {
    kernel::ensure!(amount > 0)?;
    have.checked_sub(amount).ok_or(Invariant { rule: "an amount fits in 64 bits" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_movement() -> impl Strategy<Value = Movement> {
        let amount = prop_oneof![Just(0_i64), -5..10_000_i64, Just(i64::MAX)];
        (0..12_u8, amount).prop_map(|(kind, amount)| match kind {
            0 => Movement::Authorised(amount),
            1 => Movement::Voided(amount),
            2 => Movement::Expired(amount),
            3 => Movement::Captured(amount),
            4 => Movement::RefundAsked(amount),
            5 => Movement::RefundAccepted(amount),
            6 => Movement::RefundRecorded(amount),
            7 => Movement::Disputed(amount),
            8 => Movement::DisputeWon(amount),
            9 => Movement::DisputeLost(amount),
            10 => Movement::DisputeRecovered(amount),
            _ => Movement::RefundRefused(amount),
        })
    }

    proptest! {
        #[test]
        fn p_03_no_sequence_of_movements_breaks_the_rules(
            movements in proptest::collection::vec(any_movement(), 0..40),
        ) {
            let mut counters = Counters::default();
            for movement in movements {
                if let Ok(next) = counters.after(movement) {
                    counters = next;
                }
                prop_assert!(counters.check().is_ok());
                prop_assert!(counters.capturable() >= 0 && counters.refundable() >= 0);
            }
        }
    }

    #[test]
    fn p_02_part_captured_part_voided() {
        let counters = Counters::default()
            .after(Movement::Authorised(8_400))
            .and_then(|c| c.after(Movement::Voided(1_400)))
            .and_then(|c| c.after(Movement::Captured(5_000)))
            .unwrap();
        assert_eq!((counters.capturable(), counters.refundable()), (2_000, 5_000));
        assert!(counters.after(Movement::Captured(2_001)).is_err());
        assert!(counters.after(Movement::RefundAsked(5_001)).is_err());
    }
}
