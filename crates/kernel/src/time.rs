//! Instants in microseconds UTC, dates without a clock, and the merchant's zone.

use std::sync::Arc;

pub use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Timestamp {
    /// The instant `micros` after the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch, as stored.
    #[must_use]
    pub const fn as_micros(&self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, zero before it.
    #[must_use]
    pub fn as_millis(&self) -> u64 {
        u64::try_from(self.0 / 1_000).unwrap_or(0)
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn as_seconds(&self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// The instant `seconds` later (earlier when negative); stops at the ends of time.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)))
    }

    /// Later by so many times 24 hours; earlier when negative.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_minutes(days.saturating_mul(24 * 60))
    }

    /// The instant `minutes` later.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_seconds(minutes.saturating_mul(60))
    }

    /// The instant `millis` milliseconds later.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// Microseconds from `earlier` to this instant.
    #[must_use]
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same instant for the calendar library; the epoch if out of its range.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// Reads RFC 3339, with `Z` or an offset.
    ///
    /// # Errors
    /// A sentence from the calendar library.
    pub fn parse_rfc3339(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_microsecond()))
    }

    /// An instant as HTTP headers write it, `Mon, 23 Nov 2026 22:07:00 GMT` (RFC 9110).
    #[must_use]
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(Self(at.as_microsecond()))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl std::fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text).map_err(serde::de::Error::custom)
    }
}

/// Where "now" comes from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }
}

/// A merchant's zone, in which dates begin and end.
#[derive(Clone)]
pub struct Zone(Arc<jiff::tz::TimeZone>);

impl Zone {
    /// The zone by its IANA name.
    ///
    /// # Errors
    /// A sentence from the calendar library for an unknown name.
    pub fn named(name: &str) -> Result<Self, jiff::Error> {
        jiff::tz::TimeZone::get(name).map(|zone| Self(Arc::new(zone)))
    }

    /// Europe/Paris, the default of every merchant.
    #[must_use]
    pub fn paris() -> Self {
        Self::named("Europe/Paris").unwrap_or(Self(Arc::new(jiff::tz::TimeZone::UTC)))
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The local date of an instant.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    /// The local date and clock of an instant.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> jiff::Zoned {
        at.to_jiff().to_zoned((*self.0).clone())
    }

    /// The instant at which the local date begins.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Timestamp {
        self.at(date, 0, 0)
    }

    /// The last second (23:59:59 local) of the date.
    #[must_use]
    pub fn last_second_of(&self, date: Date) -> Timestamp {
        let next = date.tomorrow().unwrap_or(date);
        self.start_of(next).plus_seconds(-1)
    }

    /// The instant of a local clock time on a date; a missing hour is moved forward.
    #[must_use]
    pub fn at(&self, date: Date, hour: i8, minute: i8) -> Timestamp {
        date.at(hour, minute, 0, 0)
            .to_zoned((*self.0).clone())
            .map_or(Timestamp(0), |zoned| Timestamp(zoned.timestamp().as_microsecond()))
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The date `days` later (earlier when negative).
#[must_use]
pub fn plus_days(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days.clamp(-3_000_000, 3_000_000)))
}

/// The same day `months` later; the last day of a shorter month.
#[must_use]
pub fn plus_months(date: Date, months: i64) -> Date {
    date.saturating_add(jiff::Span::new().months(months.clamp(-100_000, 100_000)))
}

/// Nights from `arrival` to `departure`; negative when they are the wrong way round.
#[must_use]
pub fn nights_between(arrival: Date, departure: Date) -> i64 {
    (departure - arrival).get_days().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_follows_the_clock_change() {
        let paris = Zone::paris();
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(paris.start_of(date("2026-10-28")).to_string(), "2026-10-27T23:00:00Z");
        assert_eq!(paris.start_of(date("2027-03-30")).to_string(), "2027-03-29T22:00:00Z");
        assert_eq!(paris.last_second_of(date("2026-11-30")).to_string(), "2026-11-30T22:59:59Z");
    }

    #[test]
    fn nights_are_dates_without_clock() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(nights_between(date("2026-12-30"), date("2027-01-02")), 3);
        assert_eq!(nights_between(date("2026-07-04"), date("2026-07-01")), -3);
        assert_eq!(plus_days(date("2028-02-28"), 1), date("2028-02-29"));
    }
}
