//! A refused card of a channel: to whom it is reported, and until when.

use db::{DbError, Tx};
use kernel::time::plus_days;
use kernel::{Scope, ShopId, Timestamp, Zone};
use vault_wire::CardOfBooking;

use crate::engine::Engine;

/// Where channels take reports of invalid cards: how their name begins, in lower case, and the
/// page of their own for properties.
const PAGES: [(&str, &str); 3] = [
    ("booking.com", "https://admin.booking.com/"),
    ("expedia", "https://apps.expediapartnercentral.com/"),
    ("airbnb", "https://www.airbnb.com/hosting"),
];

/// What is to be told of a refused card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The channel's name; empty for a card that came on another way.
    pub channel: String,
    /// The booking's reference; empty when there is none.
    pub booking: String,
    /// Until when channels take the report: the midnight that ends the day of arrival.
    pub until: Option<Timestamp>,
    /// The channel's page for properties, where it is known.
    pub href: Option<&'static str>,
}

impl Report {
    /// The words beside a task, the same in all languages.
    #[must_use]
    pub fn note(&self, zone: &Zone) -> String {
        let until = self.until.map(|until| {
            // The minute before: its date is the day people know.
            format!("≤ {} 24:00", zone.date(until.plus_seconds(-60)))
        });
        let parts = [self.channel.clone(), self.booking.clone(), until.unwrap_or_default()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

impl Engine {
    /// To whom a card would be reported.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub(crate) fn report_of(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        (kept, shop, zone): (&CardOfBooking, ShopId, &Zone),
    ) -> Result<Report, DbError> {
        let channel = kept.card.channel.clone().unwrap_or_default();
        let booking = kept.booking.clone().unwrap_or_default();
        let stay = self.claim_in(tx, scope, (&booking, shop))?;
        let until = stay.as_ref().map(|stay| zone.start_of(plus_days(stay.check_in, 1)));
        let booking = stay.map_or(booking, |stay| stay.number);
        let known = channel.to_lowercase();
        let page = PAGES.iter().find(|(name, _)| known.starts_with(name));
        Ok(Report { channel, booking, until, href: page.map(|(_, href)| *href) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_46_a_report_names_channel_booking_and_the_midnight_that_ends_the_day_of_arrival() {
        let zone = Zone::paris();
        let until = zone.start_of(plus_days("2026-06-20".parse().unwrap(), 1));
        let whole = Report {
            channel: "Booking.com".into(),
            booking: "HOP-7".into(),
            until: Some(until),
            href: None,
        };
        assert_eq!(whole.note(&zone), "Booking.com · HOP-7 · ≤ 2026-06-20 24:00");
        let bare = Report { channel: String::new(), until: None, ..whole };
        assert_eq!(bare.note(&zone), "HOP-7");
    }
}
