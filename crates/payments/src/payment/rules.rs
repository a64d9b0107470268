//! Which action is allowed when, with the reason when it is not: one table for desk and API.

use super::model::{Payment, Validation};
use super::status::Status;
use super::words::words;

words! {
    /// What staff or a program may ask of a payment.
    Action {
        /// A person validates the capture.
        Validate => "validate",
        /// Debit what is authorised.
        Capture => "capture",
        /// Release what is not debited.
        Cancel => "cancel",
        /// Give back what is debited.
        Refund => "refund",
    }
}

words! {
    /// Why an action is not possible now; pages have a sentence for each.
    Why {
        /// The bank's answer is not known yet.
        ResultUnknown => "result_unknown",
        /// The bank is being asked at this moment.
        AtTheBank => "at_the_bank",
        /// A chargeback is open.
        Disputed => "disputed",
        /// Nothing was debited.
        NothingCaptured => "nothing_captured",
        /// Everything went back already.
        NothingRefundable => "nothing_refundable",
        /// Nothing is authorised that could still be debited.
        NothingCapturable => "nothing_capturable",
        /// Already debited: give it back instead.
        AlreadyCaptured => "already_captured",
        /// Part went back; the rest of the authorisation lapses by itself.
        RestLapses => "rest_lapses",
        /// The payment ended without money.
        AlreadyEnded => "already_ended",
        /// No validation is asked for.
        NothingToValidate => "nothing_to_validate",
        /// A refund is on its way.
        RefundPending => "refund_pending",
    }
}

impl Why {
    /// The reason as a sentence for programs.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ResultUnknown => "The bank's answer is not known yet; the bank is being asked.",
            Self::AtTheBank => "The bank is being asked at this moment.",
            Self::Disputed => "A chargeback is open on this payment.",
            Self::NothingCaptured => "Nothing was debited; cancel instead of refunding.",
            Self::NothingRefundable => "Everything that was debited has been given back.",
            Self::NothingCapturable => "Nothing is authorised that could still be debited.",
            Self::AlreadyCaptured => "The amount is debited already; refund instead.",
            Self::RestLapses => {
                "Part was given back; what is still authorised lapses by itself and is not debited."
            }
            Self::AlreadyEnded => "The payment ended without money.",
            Self::NothingToValidate => "No validation is asked for.",
            Self::RefundPending => "A refund is on its way; wait for its answer.",
        }
    }
}

/// Whether an action is allowed now.
///
/// # Errors
/// The reason why not.
pub fn check(payment: &Payment, action: Action) -> Result<(), Why> {
    if payment.unknown().is_some() {
        return Err(Why::ResultUnknown);
    }
    if payment.counters.disputed > 0 {
        return Err(Why::Disputed);
    }
    if payment.in_flight().is_some() {
        return Err(Why::AtTheBank);
    }
    match action {
        Action::Refund => may_refund(payment),
        Action::Capture => may_capture(payment),
        Action::Cancel => may_cancel(payment),
        Action::Validate if payment.capture.validation == Validation::Pending => {
            may_capture(payment)
        }
        Action::Validate => Err(Why::NothingToValidate),
    }
}

/// The actions allowed now, in the order of the table.
#[must_use]
pub fn allowed(payment: &Payment) -> Vec<Action> {
    Action::ALL.iter().copied().filter(|action| check(payment, *action).is_ok()).collect()
}

fn may_refund(payment: &Payment) -> Result<(), Why> {
    match payment.status {
        Status::Captured
        | Status::Settled
        | Status::PartiallyCaptured
        | Status::PartiallyRefunded
            if payment.counters.refundable() > 0 =>
        {
            Ok(())
        }
        Status::Refunding => Err(Why::RefundPending),
        _ if payment.counters.captured == 0 => Err(Why::NothingCaptured),
        _ => Err(Why::NothingRefundable),
    }
}

const fn may_capture(payment: &Payment) -> Result<(), Why> {
    match payment.status {
        Status::ToValidate | Status::Authorised | Status::PartiallyCaptured
            if payment.counters.capturable() > 0 =>
        {
            Ok(())
        }
        Status::Captured | Status::Settled => Err(Why::AlreadyCaptured),
        _ => Err(Why::NothingCapturable),
    }
}

const fn may_cancel(payment: &Payment) -> Result<(), Why> {
    match payment.status {
        Status::Created
        | Status::ActionRequired
        | Status::Scheduled
        | Status::ToValidate
        | Status::Review
        | Status::Authorised
        | Status::PartiallyCaptured => Ok(()),
        Status::PartiallyRefunded | Status::Refunding if payment.counters.capturable() > 0 => {
            Err(Why::RestLapses)
        }
        Status::Captured | Status::Settled | Status::PartiallyRefunded | Status::Refunding => {
            Err(Why::AlreadyCaptured)
        }
        Status::Authorising | Status::Capturing => Err(Why::AtTheBank),
        _ => Err(Why::AlreadyEnded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::{Movement, ops};

    #[test]
    fn p_106_the_rest_of_a_payment_refunded_in_part_lapses_and_is_not_said_to_be_debited() {
        let mut payment = ops::sample(&kernel::rng::OsRng);
        for movement in [
            Movement::Authorised(10_000),
            Movement::Captured(4_000),
            Movement::RefundAsked(1_000),
            Movement::RefundAccepted(1_000),
        ] {
            payment.apply(movement).unwrap();
        }
        payment.derive();
        assert_eq!(payment.status, Status::PartiallyRefunded);
        assert_eq!(check(&payment, Action::Cancel), Err(Why::RestLapses));
        assert!(!Why::RestLapses.sentence().contains("refund instead"));
    }
}
