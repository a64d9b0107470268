//! The status of a payment: a pure function of its amounts, operations and facts.
//!
//! First matching line wins; every combination has exactly one status. The value is stored in a
//! column beside the facts, written in the same commit, and never set by hand.

use super::model::{MAX_ATTEMPTS, Payment, Session, Validation};
use super::operation::{Kind, OpState};
use super::words::words;

words! {
    /// Where a payment stands.
    Status {
        /// A chargeback is open.
        Disputed => "disputed",
        /// Lost by chargeback.
        ChargedBack => "charged_back",
        /// A refund is on its way.
        Refunding => "refunding",
        /// Given back in full.
        Refunded => "refunded",
        /// Given back in part.
        PartiallyRefunded => "partially_refunded",
        /// The bank's answer is not known.
        Unknown => "unknown",
        /// Debited in part, the rest may follow.
        PartiallyCaptured => "partially_captured",
        /// On the bank account.
        Settled => "settled",
        /// Debited.
        Captured => "captured",
        /// In a remittance.
        Capturing => "capturing",
        /// The debit failed and may not be tried again.
        CaptureFailed => "capture_failed",
        /// A person must look at the risk.
        Review => "review",
        /// A person must validate.
        ToValidate => "to_validate",
        /// Accepted, not debited yet.
        Authorised => "authorised",
        /// At the bank.
        Authorising => "authorising",
        /// Planned for a later day.
        Scheduled => "scheduled",
        /// Lapsed.
        Expired => "expired",
        /// Released or given up by the merchant.
        Cancelled => "cancelled",
        /// The card was checked, nothing else is planned.
        Verified => "verified",
        /// Waits for the payer.
        ActionRequired => "action_required",
        /// The bank said no.
        Refused => "refused",
        /// The payer went away.
        Abandoned => "abandoned",
        /// Nothing happened yet.
        Created => "created",
    }
}

words! {
    /// Five groups for filters and colours.
    Group {
        /// Money is there or on its way.
        Done => "done",
        /// Somebody must act.
        ToDo => "to_do",
        /// Not decided yet.
        InProgress => "in_progress",
        /// No money.
        NotPaid => "not_paid",
        /// Money went back.
        Returned => "returned",
    }
}

impl Status {
    /// The group for filters and colours.
    #[must_use]
    pub const fn group(self) -> Group {
        match self {
            Self::Authorised
            | Self::Capturing
            | Self::Captured
            | Self::PartiallyCaptured
            | Self::Settled
            | Self::Verified => Group::Done,
            Self::ToValidate | Self::Review | Self::CaptureFailed | Self::Disputed => Group::ToDo,
            Self::Created
            | Self::ActionRequired
            | Self::Authorising
            | Self::Unknown
            | Self::Scheduled
            | Self::Refunding => Group::InProgress,
            Self::Refused | Self::Abandoned | Self::Cancelled | Self::Expired => Group::NotPaid,
            Self::PartiallyRefunded | Self::Refunded | Self::ChargedBack => Group::Returned,
        }
    }

    /// Whether a second payment of the same order would charge twice.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self.group(), Group::Done | Group::ToDo | Group::InProgress)
    }
}

/// The status of a payment as its facts stand.
#[must_use]
pub fn of(payment: &Payment) -> Status {
    after_money(payment)
        .or_else(|| with_authorisation(payment))
        .unwrap_or_else(|| without_money(payment))
}

fn after_money(payment: &Payment) -> Option<Status> {
    let c = &payment.counters;
    let given_back = i128::from(c.charged_back) + i128::from(c.refunded);
    Some(match () {
        () if c.disputed > 0 => Status::Disputed,
        () if c.charged_back > 0 && given_back == i128::from(c.captured) => Status::ChargedBack,
        () if c.refund_pending > 0 => Status::Refunding,
        () if c.captured > 0 && c.refunded == c.captured => Status::Refunded,
        () if c.refunded > 0 => Status::PartiallyRefunded,
        () if any(payment, &[Kind::Authorise, Kind::Capture], &[OpState::Unknown]) => {
            Status::Unknown
        }
        () if c.captured > 0 && (c.capturable() > 0 || c.capture_requested > 0) => {
            Status::PartiallyCaptured
        }
        () if c.captured > 0 && c.settled == c.captured => Status::Settled,
        () if c.captured > 0 => Status::Captured,
        () => return None,
    })
}

fn with_authorisation(payment: &Payment) -> Option<Status> {
    let c = &payment.counters;
    let capture_failed = payment.last(Kind::Capture).is_some_and(|o| o.state == OpState::Failed);
    Some(match () {
        () if c.capture_requested > 0 => Status::Capturing,
        () if capture_failed && c.expired > 0 => Status::CaptureFailed,
        () if c.capturable() > 0 && payment.capture.validation == Validation::Pending => {
            Status::ToValidate
        }
        () if c.capturable() > 0 => Status::Authorised,
        () if any(payment, &[Kind::Authorise], &[OpState::Sent, OpState::Pending]) => {
            Status::Authorising
        }
        () if c.expired > 0 => Status::Expired,
        () if c.authorised > 0 && c.voided == c.authorised => Status::Cancelled,
        () if payment.closed.is_some() => Status::Cancelled,
        () => return None,
    })
}

fn without_money(payment: &Payment) -> Status {
    let tried = payment
        .operations
        .iter()
        .rev()
        .find(|o| matches!(o.kind, Kind::Authorise | Kind::Authenticate));
    let failed = tried.is_some_and(|o| o.state == OpState::Failed);
    let waiting = tried.is_some_and(|o| {
        o.kind == Kind::Authenticate && (o.state.is_open() || o.state == OpState::Success)
    });
    match payment.session {
        Session::Open if waiting || payment.attempts < MAX_ATTEMPTS => Status::ActionRequired,
        Session::NotOpened if waiting => Status::ActionRequired,
        _ if failed => Status::Refused,
        Session::Ended => Status::Abandoned,
        Session::Open | Session::NotOpened => Status::Created,
    }
}

fn any(payment: &Payment, kinds: &[Kind], states: &[OpState]) -> bool {
    payment.operations.iter().any(|o| kinds.contains(&o.kind) && states.contains(&o.state))
}
