//! How often somebody may call: a bucket per caller that refills evenly (token bucket).
//!
//! Buckets live in memory: a restart forgives, which is right for a limit that protects the
//! machine. What must survive a restart (guesses at passwords and codes) is counted in the
//! database, by whoever guards the secret.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

const MICROS_PER_SECOND: i64 = 1_000_000;
/// Above this number of callers, those that have been quiet are forgotten.
const MAX_REMEMBERED: usize = 10_000;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Calls per second that may be kept up.
    pub per_second: u32,
    /// Calls that may come at once after a quiet time.
    pub at_once: u32,
}

impl Limit {
    /// So many a second, so many at once.
    #[must_use]
    pub const fn new(per_second: u32, at_once: u32) -> Self {
        Self { per_second, at_once }
    }

    /// Seconds in which an empty bucket fills up, rounded up.
    #[must_use]
    pub fn window_seconds(self) -> i64 {
        i64::from(self.at_once.div_ceil(self.per_second.max(1)))
    }

    fn micros_per_call(self) -> i64 {
        MICROS_PER_SECOND / i64::from(self.per_second.max(1)).min(MICROS_PER_SECOND)
    }

    fn full_micros(self) -> i64 {
        self.micros_per_call().saturating_mul(i64::from(self.at_once))
    }
}

/// Counters of all callers of one sort, in this process.
#[derive(Debug)]
pub struct Limiter<K> {
    limit: Limit,
    /// Instant at which each caller's bucket is full again.
    full_at: Mutex<HashMap<K, i64>>,
}

/// What the limiter says about one call, for the `RateLimit` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Whether the call may go on.
    pub passes: Passes,
    /// Calls left at once.
    pub remaining: i64,
    /// Seconds until the bucket is full, rounded up.
    pub reset_seconds: i64,
}

/// Whether a call may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passes {
    /// It may.
    Yes,
    /// Too many calls.
    No,
}

impl<K: Eq + Hash> Limiter<K> {
    /// A limiter of this measure.
    #[must_use]
    pub fn new(limit: Limit) -> Self {
        Self { limit, full_at: Mutex::default() }
    }

    /// Its measure.
    #[must_use]
    pub const fn limit(&self) -> Limit {
        self.limit
    }

    /// Counts a call.
    pub fn count(&self, caller: K, now: Timestamp) -> Allowance {
        let (now, one) = (now.as_micros(), self.limit.micros_per_call());
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() > MAX_REMEMBERED {
            full_at.retain(|_, full| *full > now);
        }
        let full = full_at.entry(caller).or_insert(now);
        let debt = full.saturating_sub(now).max(0);
        let next = debt.saturating_add(one);
        let (passes, debt) =
            if next <= self.limit.full_micros() { (Passes::Yes, next) } else { (Passes::No, debt) };
        *full = now.saturating_add(debt);
        Allowance {
            passes,
            remaining: self.limit.full_micros().saturating_sub(debt) / one,
            reset_seconds: debt.saturating_add(MICROS_PER_SECOND - 1) / MICROS_PER_SECOND,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_159_a_burst_then_fifty_each_second() {
        let limiter = Limiter::new(Limit::new(50, 100));
        let start = Timestamp::from_micros(1_000_000_000);
        let passed = |key: &'static str, at: Timestamp, calls: usize| {
            (0..calls).filter(|_| limiter.count(key, at).passes == Passes::Yes).count()
        };
        assert_eq!(limiter.count("one", start).remaining, 99);
        assert_eq!(passed("one", start, 200), 99);
        assert_eq!(passed("two", start, 200), 100);
        assert_eq!(passed("one", start.plus_millis(1000), 200), 50);
        assert_eq!(passed("one", start.plus_seconds(60), 200), 100);
        assert_eq!(limiter.limit().window_seconds(), 2);
    }
}
