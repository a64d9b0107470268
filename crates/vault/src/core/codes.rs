//! Security codes: in memory only, for minutes, and wiped at the first authorisation answer.
//!
//! Nothing here is ever written to a file. A restart loses all codes; the guest is then asked to
//! type his again (PCI DSS 4.0.1, 3.3.2: never stored after authorisation).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::{CardToken, Timestamp};
use zeroize::Zeroizing;

use crate::card::{Code, Cvv};

const KEPT_MINUTES: i64 = 15;
const MAX_CODES: usize = 4_096;

/// An instant of the shop's clock and of the machine's: whichever passes first ends a code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Of the shop.
    pub(crate) shop: Timestamp,
    /// Of the machine.
    pub(crate) real: Timestamp,
}

impl Moment {
    /// The same moment, minutes later.
    pub(crate) const fn plus_minutes(self, minutes: i64) -> Self {
        Self { shop: self.shop.plus_minutes(minutes), real: self.real.plus_minutes(minutes) }
    }

    /// Whether both clocks are before `other`.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        self.shop < other.shop && self.real < other.real
    }
}

struct Held {
    code: Cvv,
    until: Moment,
}

/// The codes in memory.
#[derive(Default)]
pub(crate) struct Codes(Mutex<HashMap<CardToken, Held>>);

impl Codes {
    fn lock(&self) -> MutexGuard<'_, HashMap<CardToken, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a code; the oldest gives way when there are too many.
    pub(crate) fn hold(&self, card: CardToken, code: Cvv, now: Moment) {
        let mut held = self.lock();
        held.retain(|_, one| now.real < one.until.real);
        if held.len() >= MAX_CODES {
            let oldest = held.iter().min_by_key(|(_, one)| one.until.real).map(|(card, _)| *card);
            oldest.map(|card| held.remove(&card));
        }
        held.insert(card, Held { code, until: now.plus_minutes(KEPT_MINUTES) });
    }

    /// A copy for one use, wiped after it.
    pub(crate) fn lend(&self, card: CardToken, now: Moment) -> Option<Zeroizing<String>> {
        let mut held = self.lock();
        let alive = held.get(&card).is_some_and(|one| now.is_before(&one.until));
        if !alive {
            held.remove(&card);
        }
        held.get(&card).map(|one| Zeroizing::new(one.code.expose().to_owned()))
    }

    /// Whether a code is at hand.
    pub(crate) fn has(&self, card: CardToken, now: Moment) -> Code {
        let held = self.lock().get(&card).is_some_and(|one| now.is_before(&one.until));
        if held { Code::Held } else { Code::Absent }
    }

    /// Wipes a code; whether there was one.
    pub(crate) fn destroy(&self, card: CardToken) -> bool {
        self.lock().remove(&card).is_some()
    }

    /// Wipes what is past its minutes on the machine's clock.
    pub(crate) fn sweep(&self, real: Timestamp) {
        self.lock().retain(|_, one| real < one.until.real);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use crate::card::read_code;

    use super::*;

    fn moment(shop: i64, real: i64) -> Moment {
        let at = |minutes: i64| Timestamp::from_micros(0).plus_minutes(minutes);
        Moment { shop: at(shop), real: at(real) }
    }

    fn code() -> Cvv {
        read_code("123", 3).ok().flatten().unwrap()
    }

    #[test]
    fn v_84_a_code_lives_fifteen_minutes_of_either_clock() {
        let card = CardToken::random(&SeededRng::new(1));
        let codes = Codes::default();
        codes.hold(card, code(), moment(0, 0));
        assert_eq!(codes.lend(card, moment(14, 14)).unwrap().as_str(), "123");
        assert_eq!(codes.has(card, moment(14, 14)), Code::Held);
        assert_eq!(codes.has(card, moment(15, 1)), Code::Absent);
        assert_eq!(codes.has(card, moment(1, 15)), Code::Absent);
        assert!(codes.lend(card, moment(15, 1)).is_none());
        assert_eq!(codes.count(), 0);
    }

    #[test]
    fn v_84_there_are_never_more_than_the_limit() {
        let rng = SeededRng::new(1);
        let codes = Codes::default();
        for at in 0..MAX_CODES + 10 {
            let micros = i64::try_from(at).unwrap();
            let real = Timestamp::from_micros(micros);
            codes.hold(CardToken::random(&rng), code(), Moment { shop: real, real });
        }
        assert_eq!(codes.count(), MAX_CODES);
    }
}
