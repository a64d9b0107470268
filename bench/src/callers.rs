//! Callers, and the window in which they are measured.
//!
//! In a closed loop each caller asks again as soon as it is answered: that finds the rate. In an
//! open loop requests are due at instants fixed beforehand, and an answer's time counts from that
//! instant: a request that had to wait for a free caller has waited, so that a stalled server
//! cannot hide behind callers that stall with it (coordinated omission).

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Outcome;
use crate::machine::{Meter, Use};
use crate::samples::{Samples, median, micros, millis, per_second};

/// Somebody who asks, one thing at a time.
pub(crate) trait Caller: Send + 'static {
    /// Asks once and waits for the answer.
    fn call(&mut self) -> impl Future<Output = Outcome<()>> + Send;
}

/// When callers begin and what of it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    start: Instant,
    from: Instant,
    to: Instant,
}

impl Window {
    /// Begins now; what is answered in the `measured` time after the `warm_up` counts.
    pub(crate) fn begin(warm_up: Duration, measured: Duration) -> Self {
        let start = Instant::now();
        Self { start, from: start + warm_up, to: start + warm_up + measured }
    }

    fn counts(&self, end: Instant) -> bool {
        end >= self.from && end < self.to
    }
}

/// What callers saw.
#[derive(Debug)]
pub(crate) struct Round {
    /// Latencies of what was answered in the measured time.
    pub(crate) latencies: Samples,
    /// How many were asked in all, before and in the measured time.
    pub(crate) asked: u64,
    /// The measured time.
    pub(crate) micros: u64,
    /// What processors did in it.
    pub(crate) used: Use,
}

/// The medians of some rounds.
#[derive(Debug)]
pub(crate) struct Medians {
    /// Answers per second.
    pub(crate) rate: u64,
    slowest: u64,
    fastest: u64,
    p50: u64,
    p99: u64,
    processor_nanos: u64,
    others: u64,
}

/// Heads of [`Medians::line`].
pub(crate) const HEADS: &str = "units/s  (slowest-fastest)   p50 ms   p99 ms   cpu µs  others";

impl Medians {
    /// Of these rounds.
    pub(crate) fn of(rounds: &[&Round]) -> Self {
        let all = |of: &dyn Fn(&Round) -> u64| median(rounds.iter().map(|r| of(r)).collect());
        let rate = |round: &Round| per_second(round.latencies.count(), round.micros);
        let nanos = |round: &Round| {
            round.used.own_micros.saturating_mul(1_000) / round.latencies.count().max(1)
        };
        Self {
            rate: all(&rate),
            slowest: rounds.iter().map(|round| rate(round)).min().unwrap_or(0),
            fastest: rounds.iter().map(|round| rate(round)).max().unwrap_or(0),
            p50: all(&|round| round.latencies.permille(500)),
            p99: all(&|round| round.latencies.permille(990)),
            processor_nanos: all(&nanos),
            others: all(&|round| round.used.others_percent),
        }
    }

    /// For people.
    pub(crate) fn line(&self) -> String {
        let range = format!("({}-{})", self.slowest, self.fastest);
        format!(
            "{:>7}  {range:<18} {:>8} {:>8} {:>8}  {:>5}%",
            self.rate,
            millis(self.p50),
            millis(self.p99),
            millis(self.processor_nanos),
            self.others,
        )
    }

    /// For programs, beside what was measured.
    pub(crate) fn json(&self, mut beside: Value) -> Value {
        let figures = [
            ("units_per_second", self.rate),
            ("slowest_round", self.slowest),
            ("fastest_round", self.fastest),
            ("p50_micros", self.p50),
            ("p99_micros", self.p99),
            ("processor_nanos_per_unit", self.processor_nanos),
            ("others_percent", self.others),
        ];
        for (name, figure) in figures {
            beside[name] = figure.into();
        }
        beside
    }
}

/// What one caller saw.
#[derive(Debug, Default)]
struct Own {
    latencies: Vec<u64>,
    asked: u64,
}

impl Own {
    /// One more answer, with its latency when it counts.
    fn saw(&mut self, latency: Option<u64>) {
        self.asked += 1;
        self.latencies.extend(latency);
    }
}

/// Each caller asks again when it is answered.
pub(crate) async fn closed<C: Caller>(callers: Vec<C>, window: Window) -> Outcome<Round> {
    let tasks = callers.into_iter().map(|mut caller| async move {
        let mut own = Own::default();
        while Instant::now() < window.to {
            let start = Instant::now();
            caller.call().await?;
            let end = Instant::now();
            own.saw(window.counts(end).then(|| micros(end - start)));
        }
        Ok(own)
    });
    measured(tasks, window).await
}

/// `per_second` requests are due each second, whoever is free takes the next.
pub(crate) async fn open<C: Caller>(
    callers: Vec<C>,
    per_second: u32,
    window: Window,
) -> Outcome<Round> {
    let numbers = Arc::new(AtomicU64::new(0));
    let tasks = callers.into_iter().map(|mut caller| {
        let numbers = Arc::clone(&numbers);
        async move {
            let mut own = Own::default();
            loop {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                let after = number.saturating_mul(1_000_000) / u64::from(per_second.max(1));
                let due = window.start + Duration::from_micros(after);
                if due >= window.to {
                    return Ok(own);
                }
                tokio::time::sleep_until(due.into()).await;
                caller.call().await?;
                own.saw((due >= window.from).then(|| micros(due.elapsed())));
            }
        }
    });
    measured(tasks, window).await
}

async fn measured<T>(tasks: impl Iterator<Item = T>, window: Window) -> Outcome<Round>
where
    T: Future<Output = Outcome<Own>> + Send + 'static,
{
    let tasks: Vec<_> = tasks.map(tokio::spawn).collect();
    tokio::time::sleep_until(window.from.into()).await;
    let meter = Meter::start();
    tokio::time::sleep_until(window.to.into()).await;
    let used = meter.used();
    let (mut latencies, mut asked) = (Vec::new(), 0);
    for task in tasks {
        let own = task.await??;
        latencies.extend(own.latencies);
        asked += own.asked;
    }
    let latencies = Samples::new(latencies);
    Ok(Round { latencies, asked, micros: micros(window.to - window.from), used })
}

/// A runtime that waits for callers.
pub(crate) fn runtime(cores: usize) -> Outcome<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.worker_threads(cores).enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sleeper(Duration);

    impl Caller for Sleeper {
        async fn call(&mut self) -> Outcome<()> {
            tokio::time::sleep(self.0).await;
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_request_that_waits_for_a_free_caller_has_waited() {
        let window = || Window::begin(Duration::ZERO, Duration::from_millis(60));
        let slow = || vec![Sleeper(Duration::from_millis(10))];
        // One caller that needs 10 ms cannot serve 500 requests a second: the line grows.
        let open = open(slow(), 500, window()).await.unwrap();
        assert_eq!(open.latencies.count(), 30, "each request that was due is in the figures");
        assert!(open.latencies.permille(990) > 200_000, "{open:?}");
        let closed = closed(slow(), window()).await.unwrap();
        assert!(closed.latencies.count() <= 6 && closed.latencies.permille(500) >= 10_000);
    }
}
