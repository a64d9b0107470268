//! How often a key may call: a bucket per key that refills evenly (token bucket).

use std::collections::HashMap;
use std::sync::Mutex;

use kernel::Timestamp;

/// Calls per second that one key may keep up.
pub const CALLS_PER_SECOND: i64 = 50;
/// Calls that may come at once after a quiet time.
pub const CALLS_AT_ONCE: i64 = 100;
/// Seconds in which an empty bucket fills up.
pub const WINDOW_SECONDS: i64 = CALLS_AT_ONCE / CALLS_PER_SECOND;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_CALL: i64 = MICROS_PER_SECOND / CALLS_PER_SECOND;
const FULL_MICROS: i64 = WINDOW_SECONDS * MICROS_PER_SECOND;
/// Above this number of keys, those that have been quiet are forgotten.
const MAX_REMEMBERED_KEYS: usize = 10_000;

/// Counters of all keys of this process, by the hash of the key.
#[derive(Debug, Default)]
pub struct Limiter {
    /// Instant at which each key's bucket is full again.
    full_at: Mutex<HashMap<[u8; 32], i64>>,
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

impl Limiter {
    /// Counts a call of a key.
    pub fn count(&self, key: [u8; 32], now: Timestamp) -> Allowance {
        let now = now.as_micros();
        let mut full_at = self.full_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if full_at.len() > MAX_REMEMBERED_KEYS {
            full_at.retain(|_, full| *full > now);
        }
        let full = full_at.entry(key).or_insert(now);
        let debt = full.saturating_sub(now).max(0);
        let next = debt.saturating_add(MICROS_PER_CALL);
        let (passes, debt) =
            if next <= FULL_MICROS { (Passes::Yes, next) } else { (Passes::No, debt) };
        *full = now.saturating_add(debt);
        Allowance {
            passes,
            remaining: (FULL_MICROS - debt) / MICROS_PER_CALL,
            reset_seconds: (debt + MICROS_PER_SECOND - 1) / MICROS_PER_SECOND,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_159_a_burst_then_fifty_each_second() {
        let limiter = Limiter::default();
        let (one, two) = ([1; 32], [2; 32]);
        let start = Timestamp::from_micros(1_000_000_000);
        let passed = |key, at: Timestamp, calls: usize| {
            (0..calls).filter(|_| limiter.count(key, at).passes == Passes::Yes).count()
        };
        assert_eq!(limiter.count(one, start).remaining, 99);
        assert_eq!(passed(one, start, 200), 99);
        assert_eq!(passed(two, start, 200), 100);
        assert_eq!(passed(one, start.plus_millis(1000), 200), 50);
        assert_eq!(passed(one, start.plus_seconds(60), 200), 100);
    }
}
