//! A pause for addresses from which many cards are refused: somebody may be trying stolen
//! numbers.
//!
//! Counted per merchant and address, in memory and in real time: a restart forgives. Test shops
//! have a much higher limit, because test numbers exist to be refused.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{MerchantId, Mode, Timestamp};

/// Refused cards an address may have within [`WINDOW_SECONDS`] in live shops.
pub const REFUSALS_LIVE: usize = 10;
/// The same in test shops.
pub const REFUSALS_TEST: usize = 200;
/// The time over which refusals are counted, in seconds.
pub const WINDOW_SECONDS: i64 = 3_600;
/// How long the pause lasts, in seconds.
pub const PAUSE_SECONDS: i64 = 900;
/// Addresses remembered at the same time.
const MAX_ADDRESSES: usize = 10_000;

type Place = (MerchantId, IpAddr);

/// Remembers refusals. Cheap to clone; clones share the memory.
#[derive(Debug, Clone, Default)]
pub struct Pauses(Arc<Mutex<BTreeMap<Place, Vec<Timestamp>>>>);

impl Pauses {
    /// Notes a refused card.
    pub fn note(&self, place: Place, now: Timestamp) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= MAX_ADDRESSES {
            places.retain(|_, times| times.last().is_some_and(|last| counts(*last, now)));
        }
        let times = places.entry(place).or_default();
        times.retain(|at| counts(*at, now));
        times.push(now);
    }

    /// Whether no card is taken from the place now.
    #[must_use]
    pub fn is_paused(&self, place: Place, mode: Mode, now: Timestamp) -> bool {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(times) = places.get(&place) else { return false };
        let most = match mode {
            Mode::Live => REFUSALS_LIVE,
            Mode::Test => REFUSALS_TEST,
        };
        let recent = times.iter().filter(|at| counts(**at, now)).count();
        let fresh = times.last().is_some_and(|last| last.plus_seconds(PAUSE_SECONDS) > now);
        recent >= most && fresh
    }
}

fn counts(at: Timestamp, now: Timestamp) -> bool {
    at.plus_seconds(WINDOW_SECONDS) > now
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn p_76_ten_refused_cards_make_a_pause_of_a_quarter_of_an_hour() {
        let now = Timestamp::from_micros(1_000_000_000);
        let place = (MerchantId::new(now, &SeededRng::new(1)), IpAddr::from([127, 0, 0, 1]));
        let other = (place.0, IpAddr::from([127, 0, 0, 2]));
        let pauses = Pauses::default();
        for _ in 1..REFUSALS_LIVE {
            pauses.note(place, now);
        }
        assert!(!pauses.is_paused(place, Mode::Live, now));
        pauses.note(place, now);
        assert!(pauses.is_paused(place, Mode::Live, now));
        assert!(!pauses.is_paused(place, Mode::Test, now));
        assert!(!pauses.is_paused(other, Mode::Live, now));
        assert!(!pauses.is_paused(place, Mode::Live, now.plus_seconds(PAUSE_SECONDS)));
    }
}
