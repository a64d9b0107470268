//! When a delivery is tried again. Pure.

use kernel::{Rng, Timestamp};

/// Wait before each try after the one before it, in seconds: at once, then 5 s, 5 min, 30 min,
/// 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; 75 h 35 min 5 s in all (the plan that the Standard Webhooks
/// specification recommends).
pub const WAITS_SECONDS: [i64; 10] =
    [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Each wait is made longer or shorter by at most this share, so that those who fail together
/// do not come back together.
pub const JITTER_PERCENT: i64 = 10;
/// Longest wait that a receiver may ask for with `Retry-After`, in seconds.
pub const MAX_RETRY_AFTER_SECONDS: i64 = 86_400;
/// Failures only for so many days disable an endpoint.
pub const DISABLED_AFTER_DAYS: i64 = 5;

/// Seconds from a failed try to the next; `done` tries of the plan were made. `None` after the
/// last. A receiver that asks for more time gets it, up to a limit.
#[must_use]
pub fn seconds_to_next(done: u32, asked: Option<i64>, rng: &dyn Rng) -> Option<i64> {
    let wait = *WAITS_SECONDS.get(usize::try_from(done).ok()?)?;
    let asked = asked.unwrap_or(0).clamp(0, MAX_RETRY_AFTER_SECONDS);
    Some(jittered(wait, rng).max(asked))
}

fn jittered(wait: i64, rng: &dyn Rng) -> i64 {
    let most = wait.saturating_mul(JITTER_PERCENT) / 100;
    let span = most.saturating_mul(2).saturating_add(1);
    let mut bytes = [0; 4];
    rng.fill(&mut bytes);
    let chance = i64::from(u32::from_be_bytes(bytes)) % span;
    wait.saturating_sub(most).saturating_add(chance)
}

/// The seconds that `Retry-After` asks for: a number, or an HTTP date (RFC 9110, section 10.2.3).
#[must_use]
pub fn retry_after(header: &str, now: Timestamp) -> Option<i64> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return Some(i64::from(seconds));
    }
    let at = Timestamp::parse_http_date(header)?;
    Some(at.as_seconds().saturating_sub(now.as_seconds()).max(0))
}

/// Whether an endpoint has failed for so long that it is disabled.
#[must_use]
pub fn is_given_up(failing_since: Timestamp, now: Timestamp) -> bool {
    now >= failing_since.plus_seconds(DISABLED_AFTER_DAYS.saturating_mul(86_400))
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    /// Always the same byte: the ends and the middle of the chance.
    struct Always(u8);
    impl Rng for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn p_128_ten_tries_in_75_h_35_min_5_s() {
        assert_eq!(WAITS_SECONDS.iter().sum::<i64>(), 75 * 3_600 + 35 * 60 + 5);
        let rng = SeededRng::new(1);
        let waits: Vec<i64> = (0..).map_while(|done| seconds_to_next(done, None, &rng)).collect();
        assert_eq!(waits.len(), 10);
        for (wait, planned) in waits.iter().zip(WAITS_SECONDS) {
            assert!((wait - planned).abs() * 10 <= planned, "{wait} for {planned}");
        }
    }

    #[test]
    fn p_128_jitter_stays_within_ten_percent_and_uses_all_of_it() {
        let rng = SeededRng::new(2);
        let waits: Vec<i64> = (0..2_000).filter_map(|_| seconds_to_next(2, None, &rng)).collect();
        assert_eq!((waits.iter().min(), waits.iter().max()), (Some(&270), Some(&330)));
        assert_eq!(seconds_to_next(2, None, &Always(0)), Some(270));
    }

    #[test]
    fn p_128_a_receiver_may_ask_for_more_time_up_to_a_day() {
        let rng = SeededRng::new(3);
        assert_eq!(seconds_to_next(1, Some(120), &rng), Some(120));
        assert_eq!(seconds_to_next(1, Some(900_000), &rng), Some(86_400));
        assert!(seconds_to_next(9, Some(1), &rng).unwrap() > 70_000);
        assert_eq!(seconds_to_next(10, Some(1), &rng), None);
        let now = Timestamp::parse_rfc3339("2026-11-23T22:05:00Z").unwrap();
        assert_eq!(retry_after("120", now), Some(120));
        assert_eq!(retry_after("Mon, 23 Nov 2026 22:07:00 GMT", now), Some(120));
        assert_eq!(retry_after("Mon, 23 Nov 2026 21:07:00 GMT", now), Some(0));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn p_128_five_days_of_failures_only() {
        let since = Timestamp::parse_rfc3339("2026-11-23T10:00:00Z").unwrap();
        assert!(!is_given_up(since, since.plus_seconds(5 * 86_400 - 1)));
        assert!(is_given_up(since, since.plus_seconds(5 * 86_400)));
    }
}
