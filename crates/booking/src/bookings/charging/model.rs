//! Why a card is charged without its holder, as the booking itself suggests it.

use kernel::{CardToken, Date};
use payments::Payment;
use payments::payment::{Purpose, Reason};
use vault_wire::{Card, CardStatus};

use crate::bookings::balance::WhyNot;
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
/// everything was charged and more came since, or this is the rest of the price.
#[must_use]
pub fn proposed(booking: &Booking, payments: &[Payment], today: Date) -> Reason {
    let charged =
        |payment: &Payment| payment.purpose == Purpose::Balance && payment.counters.captured > 0;
    match booking.state {
        BookingState::NoShow => Reason::NoShow,
        BookingState::Done => Reason::DelayedCharge,
        _ if today > booking.ends => Reason::DelayedCharge,
        _ if payments.iter().any(charged) && was_all_charged(booking, payments) => {
            Reason::Incremental
        }
        _ => Reason::Instalment,
    }
}

/// Whether the price itself was debited in full: what is due then came on top of it.
fn was_all_charged(booking: &Booking, payments: &[Payment]) -> bool {
    let captured = payments.iter().map(|payment| payment.counters.captured);
    captured.fold(0_i64, i64::saturating_add) >= booking.total.minor()
}

/// Whether the newest card of a booking is one that its guest gave on the vault's page beside the
/// one he paid with: he was asked for it, and it is charged instead.
#[must_use]
pub fn was_given(newest: &Card, kept: CardToken) -> bool {
    let kept_for_stay = !newest.single_use && !newest.card_virtual;
    newest.token != kept && newest.entry == "page" && kept_for_stay
}

/// Why the vault lends a card to no charge.
#[must_use]
pub const fn stopped(card: &Card) -> Option<WhyNot> {
    match card.status {
        CardStatus::Suspended => Some(WhyNot::CardBlocked),
        CardStatus::Expired if !card.card_virtual => Some(WhyNot::CardExpired),
        _ => None,
    }
}

/// The key of a reason's words.
#[must_use]
pub fn key(reason: Reason) -> String {
    format!("booking-charge-reason-{}", reason.as_str().replace('_', "-"))
}
