//! The calendar file of a stay (RFC 5545).

use icalendar::{Calendar, Component as _, Event, EventLike as _, Property};
use kernel::{Date, Locale};

use super::model::Booking;

/// What a calendar entry says beside the booking itself.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// Name of the property.
    pub name: &'a str,
    /// Its postal address.
    pub address: &'a str,
    /// Host of the installation, for an id that never changes.
    pub host: &'a str,
}

/// The stay as whole days: the day of leaving is the first day after.
#[must_use]
pub fn calendar(booking: &Booking, place: &Place<'_>, locale: Locale) -> String {
    let rooms: Vec<&str> =
        booking.lines.iter().map(|line| line.names.lodging.get(locale)).collect();
    let mut event = Event::new();
    event
        .uid(&format!("{}@{}", booking.number, place.host))
        .append_property(stamp("DTSTAMP", booking))
        .append_property(day("DTSTART", booking.starts))
        .append_property(day("DTEND", booking.ends))
        .summary(&format!("{} · {}", place.name, rooms.join(", ")))
        .description(&booking.number)
        .location(&place.address.replace('\n', ", "));
    let property = |name: &str, value: &str| Property::new(name, value).done();
    Calendar::empty()
        .append_property(property("VERSION", "2.0"))
        .append_property(property("PRODID", "-//Guichet//Guichet//FR"))
        .append_property(property("CALSCALE", "GREGORIAN"))
        .push(event.done())
        .done()
        .to_string()
}

fn day(name: &str, date: Date) -> Property {
    let text = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
    Property::new(name, text).add_parameter("VALUE", "DATE").done()
}

fn stamp(name: &str, booking: &Booking) -> Property {
    let at = booking.created_at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string();
    Property::new(name, at)
}

/// The host of an address, without its port.
#[must_use]
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest)
}
