//! Lines of a table: work that was measured over connections, with what each process used for it.

use serde_json::{Value, json};

use crate::Outcome;
use crate::callers::Round;
use crate::samples::{millis, per_second};

/// One line of the table.
pub(crate) struct Level {
    name: String,
    round: Round,
    /// Processor time of each part per piece of work, in microseconds.
    parts: Vec<(&'static str, u64)>,
}

impl Level {
    /// Waits for the work and prints its line; `used` tells what each part has used so far.
    pub(crate) async fn measure(
        name: String,
        used: impl Fn() -> Vec<(&'static str, u64)>,
        work: impl Future<Output = Outcome<Round>>,
    ) -> Outcome<Self> {
        let before = used();
        let round = work.await?;
        // The warm-up is in the processor time, so its pieces of work are counted in.
        let all = round.asked.max(1);
        let of_each = |((part, after), (_, before)): ((&'static str, u64), (&'static str, u64))| {
            (part, after.saturating_sub(before) / all)
        };
        let parts = used().into_iter().zip(before).map(of_each).collect();
        let level = Self { name, round, parts };
        level.print();
        Ok(level)
    }

    /// Answers per second.
    pub(crate) fn rate(&self) -> u64 {
        per_second(self.round.latencies.count(), self.round.micros)
    }

    /// Heads of the lines.
    pub(crate) fn heads(what: &str, parts: &[&str]) -> String {
        let parts = parts.join(", ");
        format!("{what:<30} per second   p50 ms   p99 ms  others  cpu µs each: {parts}")
    }

    #[expect(clippy::print_stdout, reason = "for people at a terminal")]
    fn print(&self) {
        let times = |permille| millis(self.round.latencies.permille(permille));
        let parts: Vec<String> = self.parts.iter().map(|(_, used)| used.to_string()).collect();
        let (p50, p99, rate, parts) = (times(500), times(990), self.rate(), parts.join(", "));
        println!("{:<30} {rate:>10} {p50:>8} {p99:>8} {:>6}%  {parts}", self.name, self.others());
    }

    /// What others than this program and the parts used of the machine meanwhile, in percent.
    fn others(&self) -> u64 {
        let all = self.round.micros.saturating_mul(self.round.used.cores).max(1);
        let each: u64 = self.parts.iter().map(|(_, used)| used).sum();
        let of_parts = each.saturating_mul(self.round.latencies.count()).saturating_mul(100) / all;
        self.round.used.others_percent.saturating_sub(of_parts)
    }

    /// For programs.
    pub(crate) fn told(&self) -> Value {
        let parts: serde_json::Map<String, Value> =
            self.parts.iter().map(|(part, used)| ((*part).to_owned(), (*used).into())).collect();
        json!({
            "level": self.name,
            "per_second": self.rate(),
            "p50_micros": self.round.latencies.permille(500),
            "p99_micros": self.round.latencies.permille(990),
            "others_percent": self.others(),
            "processor_micros_each": parts,
        })
    }
}
