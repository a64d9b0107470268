//! A hold and its times, without storage.

use kernel::{CartId, HoldId, ShopId, Timestamp};

use crate::stock::{Line, Lines};

/// How long a hold lasts, from the contact and from each pay click.
pub const HOLD_MINUTES: i64 = 60;
/// How long the holds of one basket may live in all.
pub const LIFETIME_MINUTES: i64 = 240;
/// What is left at least when the bank is asked.
pub const BANK_MINUTES: i64 = 15;

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldState {
    /// Blocks its rows until its end.
    Active,
    /// Became a sale.
    Confirmed,
    /// Given back by the payer or staff.
    Released,
    /// Given back by the clock.
    Expired,
}

impl HoldState {
    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Confirmed => "confirmed",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Confirmed, Self::Released, Self::Expired]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// Whether the payer used the one prolongation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prolonged {
    /// The button is still there.
    NotYet,
    /// Used.
    Once,
}

/// Stock blocked for one buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Where it is sold, and whose clock ends it.
    pub shop: ShopId,
    /// The basket, if it is one's.
    pub cart: Option<CartId>,
    /// Where it stands.
    pub state: HoldState,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When the first hold of its basket was placed.
    pub life_from: Timestamp,
    /// The first instant at which it is over.
    pub expires_at: Timestamp,
    /// The one prolongation.
    pub prolonged: Prolonged,
    /// The rows and quantities.
    pub lines: Vec<Line>,
    /// 1, and one more with each change of its end or state.
    pub version: i64,
}

impl Hold {
    /// Whether it blocks its rows at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state == HoldState::Active && now < self.expires_at
    }

    /// When its basket's time is used up.
    #[must_use]
    pub const fn life_ends(&self) -> Timestamp {
        self.life_from.plus_minutes(LIFETIME_MINUTES)
    }

    /// Whether it blocks exactly these rows.
    #[must_use]
    pub fn has(&self, lines: &Lines) -> bool {
        self.lines == lines.rows()
    }
}

/// The end after a placement or a pay click at `now`, `None` when the basket's life is over.
#[must_use]
pub fn end_of_term(life_from: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let life_ends = life_from.plus_minutes(LIFETIME_MINUTES);
    (now < life_ends).then(|| now.plus_minutes(HOLD_MINUTES).min(life_ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn e_18_an_hour_is_sixty_minutes_of_real_time_on_clock_changes() {
        let end = |text: &str| end_of_term(at(text), at(text)).unwrap().to_string();
        assert_eq!(end("2026-10-25T02:30:00+02:00"), "2026-10-25T01:30:00Z");
        let paris = kernel::Zone::paris();
        let spring = at("2027-03-28T01:30:00+01:00");
        let shown = kernel::format::time(end_of_term(spring, spring).unwrap(), &paris);
        assert_eq!(shown, "03:30");
    }

    #[test]
    fn l_21_the_life_of_a_basket_is_four_hours() {
        let start = at("2026-07-01T10:00:00Z");
        let late = start.plus_minutes(210);
        assert_eq!(end_of_term(start, late), Some(start.plus_minutes(240)));
        assert_eq!(end_of_term(start, start.plus_minutes(240)), None);
    }
}
