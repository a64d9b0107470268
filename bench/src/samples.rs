//! Latencies and medians, in whole microseconds.

use std::time::Duration;

/// Microseconds of a duration.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Latencies in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<u64>);

impl Samples {
    /// From latencies in any order.
    pub(crate) fn new(mut latencies: Vec<u64>) -> Self {
        latencies.sort_unstable();
        Self(latencies)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// The latency that `permille` of all do not exceed.
    pub(crate) fn permille(&self, permille: usize) -> u64 {
        let last = self.0.len().saturating_sub(1);
        let place = self.0.len().saturating_mul(permille) / 1_000;
        self.0.get(place.min(last)).copied().unwrap_or(0)
    }
}

/// The middle value.
pub(crate) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// Events per second.
pub(crate) fn per_second(events: u64, micros: u64) -> u64 {
    let wide = u128::from(events) * 1_000_000 / u128::from(micros.max(1));
    u64::try_from(wide).unwrap_or(u64::MAX)
}

/// Microseconds as milliseconds with two decimals.
pub(crate) fn millis(micros: u64) -> String {
    format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_rates() {
        let samples = Samples::new((1..=100).rev().collect());
        assert_eq!((samples.permille(500), samples.permille(990)), (51, 100));
        assert_eq!(Samples::default().permille(500), 0);
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(per_second(3_000, 1_500_000), 2_000);
        assert_eq!(millis(12_345), "12.34");
    }
}
