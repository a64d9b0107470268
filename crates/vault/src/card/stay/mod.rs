//! How long a card stays.
//!
//! **Life.** A card of a stay is kept through the day of departure and the days of retention, or
//! through those after a cancellation if they end earlier; a guest who did not come counts as one
//! who did. A card that waits for its booking is kept [`super::keep::UNCLAIMED_HOURS`]. A saved
//! card is kept a year after its expiry month, or [`UNUSED_MONTHS`] without use, whichever ends
//! first; [`WARNING_DAYS`] before, its end is announced. A card that is needed longer, as a virtual
//! one while it can be charged, is kept until then. A person may keep a card longer once.
//!
//! **Always true.** What goes, goes at a local midnight of the shop. A booking that moves takes its
//! cards along, both ways, until they are destroyed. An earlier end that somebody asked for holds
//! whatever else happens. No extension keeps a security code: it goes at
//! the date that the card had without it, and a year after receipt at the latest.
//!
//! **Limits.** A change of a shop's days of retention holds for cards whose booking moves after it.

pub(crate) mod store;

use db::{DbError, Tx};
use kernel::time::{plus_days, plus_months};
use kernel::{Date, Timestamp};

use super::keep::{first_purge, stay_purge};
use super::{CardKind, CardRow};
use crate::shop::Shop;

/// Months that a saved card stays without being used.
const UNUSED_MONTHS: i64 = 15;
/// Days before the end of a saved card at which it is announced.
pub(crate) const WARNING_DAYS: i64 = 30;
/// Days after receipt for which a security code is held at most.
const CODE_DAYS: i64 = 365;
const DAY_MINUTES: i64 = 24 * 60;

/// What decides when a card goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Calendar {
    /// Local day of departure.
    pub(crate) check_out: Option<Date>,
    /// Local day of cancellation.
    pub(crate) cancelled_on: Option<Date>,
    /// Last local day on which it is needed beyond its stay.
    pub(crate) needed_until: Option<Date>,
    /// Last local day of an extension.
    pub(crate) extended_until: Option<Date>,
    /// When it goes at the latest, by the word of somebody; nothing keeps it longer.
    pub(crate) purge_by: Option<Timestamp>,
    /// When it was last sent to a bank.
    pub(crate) used_at: Option<Timestamp>,
}

/// Notes the use of a saved card: it stays longer by that.
pub(crate) fn used(
    tx: &mut Tx<'_>,
    (shop, card): (&Shop, &CardRow),
    at: Timestamp,
) -> Result<(), DbError> {
    if card.kind != CardKind::Saved {
        return Ok(());
    }
    let owner = (card.merchant, card.token);
    let Some(kept) = store::kept(tx, owner)? else { return Ok(()) };
    let calendar = Calendar { used_at: Some(at), ..kept.calendar };
    store::used(tx, owner, (at, calendar.purge_at(shop, &kept.card)))
}

impl Calendar {
    /// When the card goes; nothing for one whose date cannot be told.
    pub(crate) fn purge_at(&self, shop: &Shop, card: &CardRow) -> Option<Timestamp> {
        let usual = self.usual(shop, card)?;
        let end = |day: Date| shop.zone.start_of(plus_days(day, 1));
        let planned = self.extended_until.map_or(usual, |day| usual.max(end(day)));
        Some(self.purge_by.map_or(planned, |latest| planned.min(latest)))
    }

    /// When its security code goes, if that is before the card.
    pub(crate) fn code_until(&self, shop: &Shop, card: &CardRow) -> Option<Timestamp> {
        let latest = card.received_at.plus_minutes(CODE_DAYS * DAY_MINUTES);
        let code = self.usual(shop, card)?.min(latest);
        (code < self.purge_at(shop, card)?).then_some(code)
    }

    fn usual(&self, shop: &Shop, card: &CardRow) -> Option<Timestamp> {
        let first = first_purge(shop, card.kind, card.expiry, card.received_at);
        let end = match (card.kind, self.check_out) {
            (CardKind::Booking, Some(day)) => Some(stay_purge(shop, day, self.cancelled_on)),
            (CardKind::Saved, _) => {
                let used = shop.zone.date(self.used_at.unwrap_or(card.received_at));
                let unused = shop.zone.start_of(plus_months(used, UNUSED_MONTHS));
                Some(first.map_or(unused, |expired| expired.min(unused)))
            }
            // Given to its stay before departures were noted: its date is not taken back.
            (CardKind::Booking, None) if card.booking.is_some() => first.max(card.purge_at),
            _ => first,
        }?;
        let needed = self.needed_until.map(|day| shop.zone.start_of(plus_days(day, 1)));
        Some(needed.map_or(end, |needed| end.max(needed)))
    }
}
