//! Why a card is charged without its holder, as the booking itself suggests it.

use kernel::Date;
use payments::Payment;
use payments::payment::{Purpose, Reason};

use crate::bookings::model::{Booking, BookingState};

/// The reasons that staff may give, in the order of the form.
pub const REASONS: [Reason; 5] = [
    Reason::Instalment,
    Reason::NoShow,
    Reason::DelayedCharge,
    Reason::Incremental,
    Reason::Unscheduled,
];

/// The reason that follows from what happened to the booking: the guest did not come, he has left,
/// he stays longer than what was charged, or this is the rest of the price.
#[must_use]
pub fn proposed(booking: &Booking, payments: &[Payment], today: Date) -> Reason {
    let charged =
        |payment: &Payment| payment.purpose == Purpose::Balance && payment.counters.captured > 0;
    match booking.state {
        BookingState::NoShow => Reason::NoShow,
        BookingState::Done => Reason::DelayedCharge,
        _ if today > booking.ends => Reason::DelayedCharge,
        _ if payments.iter().any(charged) => Reason::Incremental,
        _ => Reason::Instalment,
    }
}

/// The key of a reason's words.
#[must_use]
pub fn key(reason: Reason) -> String {
    format!("booking-charge-reason-{}", reason.as_str().replace('_', "-"))
}
