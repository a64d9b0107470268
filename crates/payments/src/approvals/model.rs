//! A request for an agreement.

use kernel::{ApprovalId, Money, PaymentId, Right, Timestamp, UserId};

use crate::engine::desk::{DeskError, What};
use crate::payment::words::words;

words! {
    /// Where a request stands.
    State {
        /// Somebody with a higher ceiling is asked.
        Awaiting => "awaiting_approval",
        /// Somebody agreed, and it was done.
        Granted => "granted",
        /// Somebody declined; nothing was done.
        Declined => "declined",
        /// The payment changed before an answer; nothing was done.
        Overtaken => "overtaken",
        /// Nobody answered in time; nothing was done.
        Expired => "expired",
    }
}

/// What is answered to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is to be done.
    Grant,
    /// It is not.
    Decline,
}

/// The right whose ceiling is meant.
pub(crate) const RIGHT: Right = Right::PaymentsRefund;

/// A request for an agreement.
#[derive(Debug, Clone)]
pub struct Approval {
    /// Its name.
    pub id: ApprovalId,
    /// The payment.
    pub payment: PaymentId,
    /// What is to be done, as it was typed.
    pub what: What,
    /// Why, in the words of whoever asked.
    pub reason: Option<String>,
    /// Who asked.
    pub asked_by: UserId,
    /// When, by the shop's clock.
    pub asked_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Who answered.
    pub decided_by: Option<UserId>,
    /// When it ended.
    pub decided_at: Option<Timestamp>,
    /// Why nothing was done, as a word.
    pub why: Option<String>,
}

impl Approval {
    /// How much is to be given back.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        self.what.amount()
    }

    /// Where it stands at an instant of the shop's clock.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        match self.state {
            State::Awaiting if self.expires_at <= now => State::Expired,
            state => state,
        }
    }

    /// Whether somebody with this ceiling may answer it; no ceiling is no limit.
    #[must_use]
    pub fn is_within(&self, ceiling: Option<i64>) -> bool {
        self.amount().is_some_and(|amount| ceiling.is_none_or(|most| amount.minor() <= most))
    }
}

/// What a refusal at the moment of the answer does to the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// It passes: the request stays.
    ForNow,
    /// The payment is not what it was: the request ends, and this word says why.
    ForGood(&'static str),
}

/// Reads a refusal.
pub(super) fn read_refusal(error: &DeskError) -> Refused {
    use crate::payment::rules::Why;
    match error {
        DeskError::RefundableChanged(_) | DeskError::AboveRefundable(_) => {
            Refused::ForGood("refundable_changed")
        }
        DeskError::WindowOver => Refused::ForGood("window_over"),
        DeskError::NotAllowed { why, .. } => match why {
            Why::ResultUnknown | Why::AtTheBank | Why::RefundPending => Refused::ForNow,
            why => Refused::ForGood(why.as_str()),
        },
        _ => Refused::ForNow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_109_a_request_waits_two_days_and_what_passes_does_not_end_it() {
        let money = Money::eur(6_000);
        let start = Timestamp::from_micros(0);
        let approval = Approval {
            id: ApprovalId::random(&kernel::rng::OsRng),
            payment: PaymentId::random(&kernel::rng::OsRng),
            what: What::Refund { amount: money, expected: money },
            reason: None,
            asked_by: UserId::random(&kernel::rng::OsRng),
            asked_at: start,
            expires_at: start.plus_minutes(super::super::HOURS * 60),
            state: State::Awaiting,
            decided_by: None,
            decided_at: None,
            why: None,
        };
        assert_eq!(approval.state_at(start.plus_minutes(48 * 60 - 1)), State::Awaiting);
        assert_eq!(approval.state_at(start.plus_minutes(48 * 60)), State::Expired);
        assert!(approval.is_within(None) && approval.is_within(Some(6_000)));
        assert!(!approval.is_within(Some(5_999)));
        let changed = DeskError::RefundableChanged(money);
        assert_eq!(read_refusal(&changed), Refused::ForGood("refundable_changed"));
        assert_eq!(read_refusal(&DeskError::AboveCeiling(money)), Refused::ForNow);
    }
}
