//! Which action is allowed when, with the reason when it is not: one table for desk and API.

use connectors::capabilities::{CaptureSupport, RefundSupport};

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
        /// Write down what was given back without Guichet.
        Record => "record_refund",
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
        /// Already debited, and the contract takes no refunds: give it back elsewhere.
        AlreadyCapturedElsewhere => "already_captured_elsewhere",
        /// Part went back; the rest of the authorisation lapses by itself.
        RestLapses => "rest_lapses",
        /// The payment ended without money.
        AlreadyEnded => "already_ended",
        /// No validation is asked for.
        NothingToValidate => "nothing_to_validate",
        /// A refund is on its way.
        RefundPending => "refund_pending",
        /// The contract takes no refunds.
        RefundElsewhere => "refund_elsewhere",
        /// The contract takes one refund per payment, and it was made.
        RefundOnce => "refund_once",
        /// The contract debits with the authorisation only.
        CaptureWithAuthorisation => "capture_with_authorisation",
        /// The contract takes one capture per payment, and it was made.
        CaptureOnce => "capture_once",
        /// The contract takes the whole amount and no part of it.
        WholeOnly => "whole_only",
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
            Self::AlreadyCapturedElsewhere => {
                "The amount is debited already; give it back elsewhere and record it."
            }
            Self::RestLapses => {
                "Part was given back; what is still authorised lapses by itself and is not debited."
            }
            Self::AlreadyEnded => "The payment ended without money.",
            Self::NothingToValidate => "No validation is asked for.",
            Self::RefundPending => "A refund is on its way; wait for its answer.",
            Self::RefundElsewhere => {
                "The contract takes no refunds; give the money back elsewhere and record it."
            }
            Self::RefundOnce => {
                "The contract takes one refund of a payment; give the rest back elsewhere and \
                 record it."
            }
            Self::CaptureWithAuthorisation => {
                "The contract debits with the authorisation only, never later."
            }
            Self::CaptureOnce => {
                "The contract takes one capture of a payment; cancel what is left."
            }
            Self::WholeOnly => "The contract takes the whole amount only, no part of it.",
        }
    }

    /// Whether the contract's provider cannot do it, whatever the payment's state.
    #[must_use]
    pub const fn is_of_contract(self) -> bool {
        matches!(
            self,
            Self::RefundElsewhere
                | Self::RefundOnce
                | Self::CaptureWithAuthorisation
                | Self::CaptureOnce
                | Self::WholeOnly
        )
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
    let checked = match action {
        Action::Refund => may_refund(payment).and_then(|()| contract_refunds(payment)),
        Action::Record => may_refund(payment),
        Action::Capture => may_capture(payment).and_then(|()| contract_captures(payment)),
        Action::Cancel => may_cancel(payment),
        Action::Validate if payment.capture.validation == Validation::Pending => {
            may_capture(payment).and_then(|()| contract_captures(payment))
        }
        Action::Validate => Err(Why::NothingToValidate),
    };
    checked.map_err(|why| match why {
        Why::AlreadyCaptured if !is_offered(payment, Action::Refund) => {
            Why::AlreadyCapturedElsewhere
        }
        why => why,
    })
}

/// The actions allowed now, in the order of the table.
#[must_use]
pub fn allowed(payment: &Payment) -> Vec<Action> {
    Action::ALL.iter().copied().filter(|action| check(payment, *action).is_ok()).collect()
}

/// Whether the contract knows an action at all: what it does not know has no button.
#[must_use]
pub fn is_offered(payment: &Payment, action: Action) -> bool {
    match action {
        Action::Refund => payment.caps.refund != RefundSupport::None,
        Action::Capture => payment.caps.capture != CaptureSupport::ImmediateOnly,
        Action::Cancel | Action::Validate | Action::Record => true,
    }
}

/// Whether an action takes the whole amount and no part of it.
#[must_use]
pub fn is_whole(payment: &Payment, action: Action) -> bool {
    match action {
        Action::Refund => payment.caps.refund == RefundSupport::Full,
        Action::Capture => payment.caps.capture == CaptureSupport::WholeOnce,
        Action::Cancel | Action::Validate => true,
        Action::Record => false,
    }
}

fn contract_refunds(payment: &Payment) -> Result<(), Why> {
    let counters = &payment.counters;
    match payment.caps.refund {
        RefundSupport::None => Err(Why::RefundElsewhere),
        RefundSupport::Full | RefundSupport::Partial
            if counters.refunded > 0 || counters.refund_pending > 0 =>
        {
            Err(Why::RefundOnce)
        }
        _ => Ok(()),
    }
}

const fn contract_captures(payment: &Payment) -> Result<(), Why> {
    let counters = &payment.counters;
    match payment.caps.capture {
        CaptureSupport::ImmediateOnly => Err(Why::CaptureWithAuthorisation),
        CaptureSupport::WholeOnce | CaptureSupport::PartOnce if counters.captured > 0 => {
            Err(Why::CaptureOnce)
        }
        _ => Ok(()),
    }
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
        _ if payment.counters.captured == 0 => {
            Err(may_cancel(payment).err().unwrap_or(Why::NothingCaptured))
        }
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
        Status::Refunded => Err(Why::NothingRefundable),
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

    #[test]
    fn c_10_the_contract_decides_what_is_offered_and_how_often() {
        let mut payment = ops::sample(&kernel::rng::OsRng);
        for movement in [Movement::Authorised(10_000), Movement::Captured(4_000)] {
            payment.apply(movement).unwrap();
        }
        payment.derive();
        assert_eq!(allowed(&payment).len(), 4);
        payment.caps.refund = RefundSupport::None;
        payment.caps.capture = CaptureSupport::PartOnce;
        assert_eq!(check(&payment, Action::Refund), Err(Why::RefundElsewhere));
        assert_eq!(check(&payment, Action::Capture), Err(Why::CaptureOnce));
        assert_eq!(allowed(&payment), [Action::Cancel, Action::Record]);
        assert!(!is_offered(&payment, Action::Refund) && is_offered(&payment, Action::Capture));
        let mut whole = payment.clone();
        whole.apply(Movement::Captured(6_000)).unwrap();
        whole.derive();
        assert_eq!(check(&whole, Action::Cancel), Err(Why::AlreadyCapturedElsewhere));
        assert!(!Why::AlreadyCapturedElsewhere.sentence().contains("refund"));
        payment.caps.refund = RefundSupport::Partial;
        assert_eq!(check(&payment, Action::Refund), Ok(()));
        payment.apply(Movement::RefundRecorded(1_000)).unwrap();
        payment.derive();
        assert_eq!(check(&payment, Action::Refund), Err(Why::RefundOnce));
        assert_eq!(check(&payment, Action::Record), Ok(()));
        assert!([Why::RefundOnce, Why::CaptureOnce].into_iter().all(Why::is_of_contract));
    }
}
