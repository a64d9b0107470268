//! How often: a bucket per caller that refills evenly (token bucket). Pure, but for its memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use kernel::Timestamp;

const MICROS_PER_SECOND: i64 = 1_000_000;
/// Above this number of callers, those that have been quiet are forgotten.
const MAX_REMEMBERED: usize = 10_000;

/// So many in so many seconds, and so many at once after a quiet time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) calls: u32,
    pub(crate) seconds: i64,
    pub(crate) at_once: u32,
}

impl Rate {
    /// Twice as many at once as a minute brings.
    pub(crate) const fn a_minute(calls: u32) -> Self {
        Self { calls, seconds: 60, at_once: calls.saturating_mul(2) }
    }

    /// As many at once as a day brings.
    pub(crate) const fn a_day(calls: u32) -> Self {
        Self { calls, seconds: 24 * 60 * 60, at_once: calls }
    }

    fn micros_per_call(self) -> i64 {
        let seconds = self.seconds.saturating_mul(MICROS_PER_SECOND);
        seconds.checked_div(i64::from(self.calls.max(1))).unwrap_or(seconds).max(1)
    }
}

/// A call that was too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany {
    /// Which quota.
    pub(crate) by: &'static str,
    pub(crate) rate: Rate,
    /// Seconds until the next one may come, at least 1.
    pub(crate) wait_seconds: u32,
}

/// Buckets of all callers.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    /// When each bucket is full again.
    full_at: Mutex<HashMap<K, i64>>,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self { full_at: Mutex::default() }
    }
}

impl<K: Eq + Hash> Buckets<K> {
    /// Counts a call, unless it is too many.
    pub(crate) fn take(
        &self,
        caller: K,
        (by, rate): (&'static str, Rate),
        now: Timestamp,
    ) -> Result<(), TooMany> {
        let (now, one) = (now.as_micros(), rate.micros_per_call());
        let room = one.saturating_mul(i64::from(rate.at_once.max(1)));
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() > MAX_REMEMBERED {
            full_at.retain(|_, full| *full > now);
        }
        let full = full_at.entry(caller).or_insert(now);
        let next = full.saturating_sub(now).max(0).saturating_add(one);
        if next <= room {
            *full = now.saturating_add(next);
            return Ok(());
        }
        let wait = next.saturating_sub(room).saturating_add(MICROS_PER_SECOND - 1);
        let seconds = wait.checked_div(MICROS_PER_SECOND).unwrap_or(1).max(1);
        Err(TooMany { by, rate, wait_seconds: u32::try_from(seconds).unwrap_or(u32::MAX) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_114_twice_a_minutes_calls_at_once_and_then_one_after_the_other() {
        let buckets = Buckets::default();
        let rate = ("cards", Rate::a_minute(60));
        let start = Timestamp::from_micros(1_000_000_000);
        let passed = (0..200).filter(|_| buckets.take("a", rate, start).is_ok()).count();
        assert_eq!(passed, 120);
        let too_many = buckets.take("a", rate, start).unwrap_err();
        assert_eq!((too_many.by, too_many.wait_seconds), ("cards", 1));
        assert!(buckets.take("b", rate, start).is_ok(), "another's bucket is full");
        assert!(buckets.take("a", rate, start.plus_seconds(1)).is_ok());
        assert!(buckets.take("a", rate, start.plus_seconds(1)).is_err());
    }

    #[test]
    fn v_114_a_day_has_its_number_and_says_how_long_to_wait() {
        let buckets = Buckets::default();
        let rate = ("links", Rate::a_day(200));
        let start = Timestamp::from_micros(1_000_000_000);
        let passed = (0..300).filter(|_| buckets.take(1, rate, start).is_ok()).count();
        assert_eq!(passed, 200);
        assert_eq!(buckets.take(1, rate, start).unwrap_err().wait_seconds, 432);
    }
}
