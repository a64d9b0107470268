//! A booking, its states and its number, without storage.

use kernel::{BookingId, CartId, Date, HoldId, Money, PointOfSaleId, ShopId, Timestamp};

use crate::carts::{CartLine, Contact};

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingState {
    /// Stock is blocked until a date, without payment.
    PreBooked,
    /// Waits for the merchant.
    ToValidate,
    /// Firm.
    Confirmed,
    /// The merchant said no.
    Refused,
    /// Called off.
    Cancelled,
    /// The pre-booking ran out.
    Expired,
    /// The guest did not come.
    NoShow,
    /// The guest came and left.
    Done,
}

impl BookingState {
    /// All of them, in the order of filters.
    pub const ALL: [Self; 8] = [
        Self::PreBooked,
        Self::ToValidate,
        Self::Confirmed,
        Self::Done,
        Self::NoShow,
        Self::Cancelled,
        Self::Refused,
        Self::Expired,
    ];

    /// Whether a card can still be of use: the stay is to come or under way.
    #[must_use]
    pub const fn takes_cards(self) -> bool {
        matches!(self, Self::PreBooked | Self::ToValidate | Self::Confirmed)
    }

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreBooked => "pre_booked",
            Self::ToValidate => "to_validate",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::NoShow => "no_show",
            Self::Done => "done",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the table of moves has this one; time and rights are checked apart.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::PreBooked => {
                matches!(next, Self::ToValidate | Self::Confirmed | Self::Cancelled | Self::Expired)
            }
            Self::ToValidate => {
                matches!(next, Self::Confirmed | Self::Refused | Self::Cancelled)
            }
            Self::Confirmed => matches!(next, Self::Cancelled | Self::NoShow | Self::Done),
            Self::NoShow => matches!(next, Self::Done),
            Self::Done => matches!(next, Self::NoShow),
            Self::Refused | Self::Cancelled | Self::Expired => false,
        }
    }

    /// Whether its stock is taken.
    #[must_use]
    pub const fn is_firm(self) -> bool {
        matches!(self, Self::Confirmed | Self::NoShow | Self::Done)
    }
}

/// A move that the table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a booking that is {} cannot become {}", from.as_str(), to.as_str())]
pub struct IllegalTransition {
    /// Where it stands.
    pub from: BookingState,
    /// Where it should go.
    pub to: BookingState,
}

/// Where a booking came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// The merchant's own page or API.
    OwnWeb,
    /// Entered by staff.
    Local,
    /// Sent by a program: a hotel system, a sales channel.
    Api,
}

impl Provenance {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OwnWeb, Self::Local, Self::Api];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnWeb => "own_web",
            Self::Local => "local",
            Self::Api => "api",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|from| from.as_str() == text)
    }
}

/// Where a booking came from, and what it is called there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The door.
    pub provenance: Provenance,
    /// The name that a program gave it.
    pub reference: Option<String>,
}

impl Source {
    /// The merchant's own page, where a booking has no name but its number.
    pub const OWN_WEB: Self = Self { provenance: Provenance::OwnWeb, reference: None };
}

/// What was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// The number people use: `DOS-2026-000123`.
    pub number: String,
    /// What the program that sent it calls it: `HOP-2026-118`.
    pub reference: Option<String>,
    /// Where it is sold.
    pub shop: ShopId,
    /// Through which channel.
    pub point_of_sale: PointOfSaleId,
    /// Where it stands.
    pub state: BookingState,
    /// Where it came from.
    pub provenance: Provenance,
    /// The cart it was.
    pub cart: Option<CartId>,
    /// The hold whose stock it has.
    pub hold: Option<HoldId>,
    /// First night.
    pub starts: Date,
    /// Day of leaving.
    pub ends: Date,
    /// Its price.
    pub total: Money,
    /// Who booked.
    pub contact: Contact,
    /// What staff note, for staff alone.
    pub note: String,
    /// Goes up by one with each change.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// What was booked; empty in lists.
    pub lines: Vec<CartLine>,
}

/// The number of a booking: per merchant and year, six digits or more.
#[must_use]
pub fn number(year: i16, count: i64) -> String {
    format!("{NUMBER_PREFIX}{year:04}-{count:06}")
}

/// How every number begins.
pub const NUMBER_PREFIX: &str = "DOS-";

/// What people type to find a booking, without accents, in small letters.
#[must_use]
pub fn folded(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .flat_map(|c| {
            let plain = match c {
                'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' => "a",
                'ç' | 'č' | 'ć' => "c",
                'è' | 'é' | 'ê' | 'ë' | 'ę' => "e",
                'ì' | 'í' | 'î' | 'ï' => "i",
                'ñ' | 'ń' => "n",
                'ò' | 'ó' | 'ô' | 'ö' | 'õ' | 'ø' => "o",
                'ù' | 'ú' | 'û' | 'ü' => "u",
                'ý' | 'ÿ' => "y",
                'œ' => "oe",
                'æ' => "ae",
                'ß' => "ss",
                'ł' => "l",
                'ś' | 'š' => "s",
                'ź' | 'ż' | 'ž' => "z",
                _ => return vec![c],
            };
            plain.chars().collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l_31_moves_are_exactly_those_of_the_table() {
        use BookingState as S;
        let allowed: Vec<(S, S)> = S::ALL
            .into_iter()
            .flat_map(|from| S::ALL.into_iter().map(move |to| (from, to)))
            .filter(|(from, to)| from.may_become(*to))
            .collect();
        let expected = [
            (S::PreBooked, S::ToValidate),
            (S::PreBooked, S::Confirmed),
            (S::PreBooked, S::Cancelled),
            (S::PreBooked, S::Expired),
            (S::ToValidate, S::Confirmed),
            (S::ToValidate, S::Cancelled),
            (S::ToValidate, S::Refused),
            (S::Confirmed, S::Done),
            (S::Confirmed, S::NoShow),
            (S::Confirmed, S::Cancelled),
            (S::Done, S::NoShow),
            (S::NoShow, S::Done),
        ];
        assert_eq!(allowed, expected);
    }

    #[test]
    fn l_30_numbers_are_read_easily() {
        assert_eq!(number(2026, 123), "DOS-2026-000123");
        assert_eq!(number(2026, 1_234_567), "DOS-2026-1234567");
    }

    #[test]
    fn u_19_accents_do_not_matter() {
        assert_eq!(folded("Hélène L'Œuvre-Straße"), "helene l'oeuvre-strasse");
    }
}
