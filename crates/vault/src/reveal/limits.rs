//! How often, when and from where numbers are shown: whatever the person types, not beyond this.
//!
//! One person sees 20 numbers within an hour and 60 within a day, a shop 200 within a day, one card
//! is shown as often as its shop says. The windows slide: each showing frees its place again exactly
//! an hour, or a day, after it was. All of it is pure, over the instants that the links keep.

use std::net::IpAddr;

use kernel::{Timestamp, Zone};
use vault_wire::{Hours, Refused, TimeOfDay};

use crate::shop::{Shop, in_network};

const HOUR_MINUTES: i64 = 60;
pub(super) const DAY_MINUTES: i64 = 24 * HOUR_MINUTES;
const OF_PERSON: [Window; 2] =
    [Window { most: 20, minutes: HOUR_MINUTES }, Window { most: 60, minutes: DAY_MINUTES }];
const OF_SHOP: [Window; 1] = [Window { most: 200, minutes: DAY_MINUTES }];
/// So many of the newest showings of a person tell whether he may see one more.
pub(super) const LOOKED_AT_OF_PERSON: u32 = 60;
/// The same of a shop.
pub(super) const LOOKED_AT_OF_SHOP: u32 = 200;

/// So many showings within so long.
struct Window {
    most: usize,
    minutes: i64,
}

impl Window {
    /// When there is a place again; nothing while there is one. `seen`: newest first.
    fn opens(&self, seen: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
        let oldest = seen.get(self.most.checked_sub(1)?)?;
        let opens = oldest.plus_minutes(self.minutes);
        (now < opens).then_some(opens)
    }
}

/// When a person may see one more number in his shop; nothing when he may now. Both lists are the
/// showings of the last day, newest first.
pub(super) fn opens(
    by_person: &[Timestamp],
    in_shop: &[Timestamp],
    now: Timestamp,
) -> Option<Timestamp> {
    let person = OF_PERSON.iter().filter_map(|window| window.opens(by_person, now));
    let shop = OF_SHOP.iter().filter_map(|window| window.opens(in_shop, now));
    person.chain(shop).max()
}

/// Whether numbers are shown at this time of the shop's day.
pub(super) fn is_open(shop: &Shop, now: Timestamp) -> bool {
    holds(shop.cards.hours, &shop.zone, now)
}

fn holds(hours: Option<Hours>, zone: &Zone, now: Timestamp) -> bool {
    let local = zone.local(now);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let time = TimeOfDay::new(part(local.hour()), part(local.minute()));
    hours.is_none_or(|hours| time.is_some_and(|time| hours.hold(time)))
}

/// Whether numbers are shown to this address.
pub(super) fn is_listed(networks: &[String], from: IpAddr) -> bool {
    networks.is_empty() || networks.iter().any(|network| in_network(from, network))
}

/// Why no number is shown, whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Too many were shown; one more from then on.
    Until(Timestamp),
    /// This card was shown so often as it may be.
    OfCard(u16),
    /// Outside the hours of the shop.
    Hours(Hours),
    /// From an address that is in none of the shop's networks.
    Network,
    /// The card is blocked.
    Suspended,
}

impl Limit {
    /// The status of its page.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Until(_) | Self::OfCard(_) => 429,
            Self::Hours(_) | Self::Network => 403,
            Self::Suspended => 409,
        }
    }

    /// Seconds until another try makes sense, where time is the cure.
    pub(crate) fn retry_after(self, now: Timestamp) -> Option<u32> {
        const SECOND_MICROS: i64 = 1_000_000;
        let Self::Until(until) = self else { return None };
        let left = until.micros_since(now).saturating_add(SECOND_MICROS - 1) / SECOND_MICROS;
        Some(u32::try_from(left).unwrap_or(u32::MAX))
    }

    /// The same to a program.
    pub(super) fn refused(self, now: Timestamp) -> Refused {
        let refused = match self {
            Self::Until(until) => {
                let why = format!("Too many cards were shown; one more from {until} on.");
                Refused::new("reveal_limit", why)
            }
            Self::OfCard(most) => {
                let why = format!("The card was shown {most} times, as often as it may be.");
                Refused::new("reveal_limit", why)
            }
            Self::Hours(Hours { from, to }) => {
                let why = format!("Cards of this shop are shown from {from} to {to}.");
                Refused::new("outside_hours", why)
            }
            Self::Network => {
                let why = "Cards of this shop are not shown to this network.";
                Refused::new("network_not_allowed", why)
            }
            Self::Suspended => Refused::new("card_suspended", "The card is blocked."),
        };
        match self.retry_after(now) {
            Some(seconds) => refused.retry_after(seconds),
            None => refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_minutes(minutes)
    }

    fn since(seen: &[Timestamp], from: Timestamp) -> usize {
        seen.iter().filter(|shown| **shown > from).count()
    }

    proptest! {
        /// Whatever the pace of three people of one shop: never more than allowed in any window,
        /// the told time is the first at which it goes, and nobody waits without need.
        #[test]
        fn v_75_no_window_ever_holds_more_than_allowed_and_the_next_time_is_exact(
            tries in prop::collection::vec((0_usize..3, 0_i64..8), 1..700)
        ) {
            let mut of: [Vec<Timestamp>; 3] = Default::default();
            let mut all: Vec<Timestamp> = Vec::new();
            let mut minute = 0;
            for (who, pause) in tries {
                minute += pause;
                let now = at(minute);
                let (hour, day) = (at(minute - 60), at(minute - DAY_MINUTES));
                let full = since(&of[who], hour) >= 20
                    || since(&of[who], day) >= 60
                    || since(&all, day) >= 200;
                let told = opens(&of[who], &all, now);
                prop_assert_eq!(told.is_some(), full);
                if let Some(until) = told {
                    prop_assert!(now < until && until <= now.plus_minutes(DAY_MINUTES));
                    prop_assert_eq!(opens(&of[who], &all, until), None);
                    prop_assert!(opens(&of[who], &all, until.plus_seconds(-1)).is_some());
                    continue;
                }
                of[who].insert(0, now);
                all.insert(0, now);
                prop_assert!(since(&of[who], hour) <= 20 && since(&of[who], day) <= 60);
                prop_assert!(since(&all, day) <= 200);
            }
        }

        /// A list of networks is a list of what is let in: what none of them holds stays outside.
        #[test]
        fn v_75_an_address_is_let_in_by_a_network_that_holds_it_and_by_no_other(
            bytes in prop::array::uniform4(0_u8..), length in 0_u32..=32, other in 0_u32..
        ) {
            let own = IpAddr::from(bytes);
            let networks = [format!("{own}/{length}")];
            prop_assert!(is_listed(&networks, own) && is_listed(&[], own));
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            let same = (u32::from_be_bytes(bytes) ^ other) & mask == 0;
            prop_assert_eq!(is_listed(&networks, IpAddr::from(other.to_be_bytes())), same);
        }
    }

    #[test]
    fn v_75_a_limit_says_in_whole_seconds_when_to_come_back() {
        let now = Timestamp::from_micros(0);
        let until = Limit::Until(Timestamp::from_micros(1_500_000));
        assert_eq!(until.retry_after(now), Some(2), "never too early");
        assert_eq!(Limit::OfCard(10).retry_after(now), None, "time is no cure");
        assert_eq!(Limit::Network.refused(now).retry_after_seconds, None);
    }

    #[test]
    fn v_75_hours_are_those_of_the_shops_own_zone() {
        let hours = Hours { from: "07:00".parse().unwrap(), to: "22:00".parse().unwrap() };
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let open = |text: &str| holds(Some(hours), &Zone::paris(), at(text));
        assert!(open("2026-06-15T05:00:00Z") && !open("2026-06-15T04:59:59Z"), "summer");
        assert!(!open("2026-12-15T05:00:00Z") && open("2026-12-15T06:00:00Z"), "winter");
        assert!(holds(None, &Zone::paris(), at("2026-06-15T00:00:00Z")));
    }
}
