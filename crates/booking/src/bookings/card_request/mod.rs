//! Asking a guest for a card: a link by mail or text message that leads to the vault's card page.
//!
//! A request is `open` until a card came for its booking after it was made (`given`), its 14 days
//! are over, a later request took its place or the booking ended (`over`). Nothing of that is a
//! stored state: the vault knows which cards it has, so a guest who closes his browser on the way
//! back has given his card all the same. The card is kept for the stay; nothing is debited, and no
//! security code is asked for, since nobody would use it soon.
//!
//! Limits: three requests of one booking within 24 hours; only for stays that are still to come or
//! under way. The guest agrees on the vault's page to be charged later, but his bank is not asked:
//! such a card is charged as an order by telephone. A card that he pays with after he was asked
//! answers the request too. Messages of live shops wait for a gateway, like all others.

pub mod api;
pub mod describe;
pub(crate) mod guest;
mod ops;
pub(super) mod pages;
mod store;

use kernel::{BookingId, CardRequestId, CardToken, Timestamp};
use payments::cards::of_booking::Found;
use vault_wire::Card;

/// The table of the slice.
pub const MIGRATION: db::Migration = db::Migration {
    name: "bookings/0006_card_request",
    sql: include_str!("../schema/0006_card_request.sql"),
};

/// How long a guest may follow the link.
pub(super) const OPEN_DAYS: i64 = 14;
/// Most requests of one booking within a day.
pub(super) const MOST_A_DAY: usize = 3;

/// A guest was asked for a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CardRequest {
    /// Its id.
    pub(super) id: CardRequestId,
    /// The stay.
    pub(super) booking: BookingId,
    /// Who asked, as actors are written.
    pub(super) asked_by: String,
    /// The card that counted then, which is not the one that is asked for.
    pub(super) before: Option<CardToken>,
    /// When, by the shop's clock.
    pub(super) created_at: Timestamp,
    /// When the link ends by itself.
    pub(super) expires_at: Timestamp,
    /// When another request took its place.
    pub(super) closed_at: Option<Timestamp>,
}

impl CardRequest {
    /// Whether its link still leads to the card page.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        self.closed_at.is_none() && now < self.expires_at
    }

    /// The card that its guest has given since: typed by himself, neither a channel's nor the one
    /// that was there.
    pub(super) fn answer<'c>(&self, found: &'c Found) -> Option<&'c Card> {
        let Found::Card(one, None) = found else { return None };
        let card = &one.card;
        let is_new = Some(card.token) != self.before && card.received_at >= self.created_at;
        (is_new && card.entry == "page").then_some(card)
    }
}

pub(super) use ops::latest;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_40_a_link_ends_after_its_days_or_when_another_takes_its_place() {
        let now = Timestamp::from_micros(1_795_251_600_000_000);
        let rng = kernel::rng::SeededRng::new(1);
        let request = CardRequest {
            id: CardRequestId::new(now, &rng),
            booking: BookingId::new(now, &rng),
            asked_by: "clock".into(),
            before: None,
            created_at: now,
            expires_at: now.plus_days(OPEN_DAYS),
            closed_at: None,
        };
        assert!(request.is_open(request.expires_at.plus_seconds(-1)));
        assert!(!request.is_open(request.expires_at));
        assert!(!CardRequest { closed_at: Some(now), ..request }.is_open(now));
    }
}
