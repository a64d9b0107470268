//! What stands before a number however right the PIN is: hours, and a second person.

use std::fmt;
use std::str::FromStr;

use kernel::{CardToken, Locale, RevealLinkId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::Brand;

const HOUR_MINUTES: u16 = 60;

/// A time of day, to the minute, on the shop's own clock: `07:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// The time of a clock; nothing for 24:00 and beyond.
    #[must_use]
    pub fn new(hour: u8, minute: u8) -> Option<Self> {
        let fits = hour < 24 && minute < 60;
        fits.then(|| Self { minutes: u16::from(hour) * HOUR_MINUTES + u16::from(minute) })
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub const fn hour(self) -> u16 {
        self.minutes / HOUR_MINUTES
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u16 {
        self.minutes % HOUR_MINUTES
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour(), self.minute())
    }
}

/// The text is not like `07:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is like 07:00")]
pub struct NotATime;

impl FromStr for TimeOfDay {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let (hour, minute) = text.split_once(':').ok_or(NotATime)?;
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(hour) || !digits(minute) {
            return Err(NotATime);
        }
        let parsed = hour.parse().ok().zip(minute.parse().ok());
        parsed.and_then(|(hour, minute)| Self::new(hour, minute)).ok_or(NotATime)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// Cards are shown from one time of day until another; through midnight when that is earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The first minute.
    pub from: TimeOfDay,
    /// The first minute after; never the same as `from`.
    pub to: TimeOfDay,
}

impl Hours {
    /// Whether a time of day is within.
    #[must_use]
    pub fn hold(&self, time: TimeOfDay) -> bool {
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }
}

/// Whether another person must agree before a number is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondPerson {
    /// Never.
    Off,
    /// To what is out of the ordinary.
    Outliers,
    /// Every time.
    Always,
}

/// Why a showing is out of the ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unusual {
    /// The person has seen more than ten numbers within the hour.
    ManyShown,
    /// The card is shown for the fourth time within a day.
    SameCard,
    /// From a browser in which the person saw nothing for 90 days.
    NewBrowser,
    /// From a network in which the person saw nothing for 90 days.
    NewNetwork,
    /// Outside the hours of the shop.
    OutsideHours,
    /// Nothing: the shop wants a second person every time.
    EveryTime,
}

/// Tells who may see cards of the scope's shop and who manages its users. Viewers of the app who
/// are not among them lose their PIN at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeoplePut {
    /// Those who may see cards here.
    pub viewers: Vec<UserId>,
    /// Those who manage the users.
    pub managers: Vec<Manager>,
}

/// Somebody who manages the users of a shop, and how he is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manager {
    /// Who.
    pub user: UserId,
    /// His address.
    pub email: String,
    /// Language of what he is sent.
    pub lang: Locale,
}

/// Asks for the links of the scope's shop that wait for a second person.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkWaiting {}

/// Answer to [`LinkWaiting`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinksWaiting {
    /// Oldest first, at most 100.
    pub links: Vec<LinkWaits>,
}

/// A link whose person waits in front of its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkWaits {
    /// Its name.
    pub id: RevealLinkId,
    /// Who wants to look, as viewers are named; he never agrees to it himself.
    pub user: String,
    /// How others call him.
    pub name: String,
    /// The card.
    pub card: CardToken,
    /// Its scheme.
    pub brand: Brand,
    /// Its last four digits.
    pub last4: String,
    /// The booking it is kept for.
    pub booking: Option<String>,
    /// `guarantee`, `terminal`, `dispute`, `check_in` or `other`.
    pub purpose: String,
    /// The address the person comes from.
    pub ip: String,
    /// What is out of the ordinary.
    pub why: Vec<Unusual>,
    /// Since when he waits.
    pub asked_at: Timestamp,
    /// When it is too late.
    pub until: Timestamp,
}

/// A second person agrees to a showing, or refuses it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkApprove {
    /// Which link.
    pub id: RevealLinkId,
    /// Agrees.
    pub approve: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> TimeOfDay {
        text.parse().unwrap()
    }

    #[test]
    fn v_75_hours_hold_their_first_minute_and_not_their_last_also_through_midnight() {
        let day = Hours { from: at("07:00"), to: at("22:30") };
        assert!(day.hold(at("07:00")) && day.hold(at("22:29")));
        assert!(!day.hold(at("06:59")) && !day.hold(at("22:30")) && !day.hold(at("00:00")));
        let night = Hours { from: at("22:00"), to: at("06:00") };
        assert!(night.hold(at("22:00")) && night.hold(at("00:00")) && night.hold(at("05:59")));
        assert!(!night.hold(at("06:00")) && !night.hold(at("21:59")));
        for text in ["7:00", "24:00", "07:60", "07-00", "", "+7:00", "07:0"] {
            assert_eq!(text.parse::<TimeOfDay>(), Err(NotATime), "{text}");
        }
        assert_eq!(at("07:05").to_string(), "07:05");
    }
}
