//! Statuses form a lattice, so that the order of arrival of notifications does not matter.
//!
//! captured > authorised > pending > {refused, cancelled, expired} > created. A late capture
//! after a refusal is taken (the payer tried again on the provider's page); a late refusal after
//! a capture is recorded and changes nothing. This orders *notifications*; the answer to our own
//! request or query about one operation ends that operation directly.

use crate::event::Status;

/// What to do with news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// The state becomes this.
    Becomes(Status),
    /// Recorded, changes nothing.
    Ignored,
    /// Needs a capture first: kept 24 hours and tried again.
    TooEarly,
    /// Says nothing: ask the provider.
    Ask,
}

/// Hours that news which came too early are kept.
pub const TOO_EARLY_HOURS: i64 = 24;

/// What news mean, given what is known.
#[must_use]
pub fn merge(known: Status, news: Status) -> Merge {
    match news {
        Status::Unknown | Status::NotFound => return Merge::Ask,
        Status::RefundPending
        | Status::PartiallyRefunded
        | Status::Refunded
        | Status::RefundRefused
        | Status::Disputed
            if height(known) < height(Status::Captured) =>
        {
            return Merge::TooEarly;
        }
        _ => {}
    }
    if height(news) > height(known) { Merge::Becomes(news) } else { Merge::Ignored }
}

/// How high a status stands; news only lift.
const fn height(status: Status) -> u8 {
    match status {
        Status::Unknown | Status::NotFound | Status::Created => 0,
        Status::ActionRequired => 1,
        Status::Refused | Status::Cancelled | Status::Expired => 2,
        Status::Pending => 3,
        Status::PartiallyAuthorised => 4,
        Status::Authorised => 5,
        Status::Voided => 6,
        Status::PartiallyCaptured => 7,
        Status::Captured => 8,
        Status::RefundRefused => 9,
        Status::RefundPending => 10,
        Status::PartiallyRefunded => 11,
        Status::Refunded => 12,
        Status::Disputed => 13,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn end_of(news: &[Status]) -> (Status, usize) {
        let mut captures = 0;
        let end = news.iter().fold(Status::Created, |known, piece| match merge(known, *piece) {
            Merge::Becomes(status) => {
                captures += usize::from(status == Status::Captured);
                status
            }
            _ => known,
        });
        (end, captures)
    }

    proptest! {
        #[test]
        fn c_07_any_order_ends_captured_once(
            news in Just(vec![
                Status::Pending, Status::Refused, Status::Captured, Status::Captured,
                Status::Unknown, Status::Cancelled,
            ]).prop_shuffle(),
        ) {
            prop_assert_eq!(end_of(&news), (Status::Captured, 1));
        }
    }

    #[test]
    fn c_07_a_refund_waits_for_its_capture() {
        assert_eq!(merge(Status::Authorised, Status::Refunded), Merge::TooEarly);
        assert_eq!(merge(Status::Captured, Status::Refunded), Merge::Becomes(Status::Refunded));
        assert_eq!(merge(Status::Captured, Status::Cancelled), Merge::Ignored);
        assert_eq!(merge(Status::Captured, Status::Unknown), Merge::Ask);
    }
}
