//! What this process counts, for the operator's monitoring (OpenMetrics, as Prometheus reads it).
//!
//! Counts carry the template of an address, never the address itself: no token, id or name of a
//! person can come into a label, and the number of series is bounded by the code.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Content type of [`text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds of the classes of durations, in seconds.
const SECONDS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    to: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Limited {
    by: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Host {
    host: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Relayed {
    result: &'static str,
}

type Durations<L> = Family<L, Histogram, fn() -> Histogram>;

struct Counted {
    requests: Durations<Request>,
    calls: Durations<Call>,
    limited: Family<Limited, Counter>,
    relay: Durations<Host>,
    relayed: Family<Relayed, Counter>,
}

static COUNTED: LazyLock<Counted> = LazyLock::new(|| {
    let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
    Counted {
        requests: Family::new_with_constructor(histogram),
        calls: Family::new_with_constructor(histogram),
        limited: Family::default(),
        relay: Family::new_with_constructor(histogram),
        relayed: Family::default(),
    }
});

/// Times that something took in another process, in classes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// Upper bound of each class in microseconds, and how many are in it and in none before.
    pub classes: Vec<(u64, u64)>,
    /// How many took longer than the last bound.
    pub longer: u64,
    /// All together, in microseconds.
    pub sum_micros: u64,
}

impl EncodeMetric for Times {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        let seconds = |micros: u64| Duration::from_micros(micros).as_secs_f64();
        let counts = self.classes.iter().map(|(_, count)| *count);
        let all = counts.fold(self.longer, u64::saturating_add);
        let bounds = self.classes.iter().map(|(bound, count)| (seconds(*bound), *count));
        let classes: Vec<(f64, u64)> = bounds.chain([(f64::INFINITY, self.longer)]).collect();
        encoder.encode_histogram::<NoLabelSet>(seconds(self.sum_micros), all, &classes, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// Whether a figure goes up and down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It does.
    Gauge,
    /// It only grows; `_total` is added to its name.
    Counter,
    /// It is these times; there are no series.
    Times(Times),
}

/// Labels and value of one series.
pub type Series = (Vec<(&'static str, String)>, i64);

/// A figure that was read for one scrape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Name, with its unit last.
    pub name: &'static str,
    /// A sentence without a full stop.
    pub help: &'static str,
    /// Whether it may fall.
    pub kind: Kind,
    /// Labels and value of each series.
    pub series: Vec<Series>,
}

impl Figure {
    /// A figure without labels.
    #[must_use]
    pub fn one(name: &'static str, help: &'static str, value: i64) -> Self {
        Self { name, help, kind: Kind::Gauge, series: vec![(Vec::new(), value)] }
    }

    fn register(&self, registry: &mut Registry) {
        let named = self.series.iter().map(|(labels, value)| {
            let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
            (labels.collect::<Vec<(String, String)>>(), *value)
        });
        match &self.kind {
            Kind::Times(times) => registry.register(self.name, self.help, times.clone()),
            Kind::Gauge => {
                let family: Family<Vec<(String, String)>, Gauge> = Family::default();
                named.for_each(|(labels, value)| {
                    family.get_or_create(&labels).set(value);
                });
                registry.register(self.name, self.help, family);
            }
            Kind::Counter => {
                let family: Family<Vec<(String, String)>, Counter> = Family::default();
                named.for_each(|(labels, value)| {
                    family.get_or_create(&labels).inc_by(u64::try_from(value).unwrap_or(0));
                });
                registry.register(self.name, self.help, family);
            }
        }
    }
}

/// Counts a request that was answered.
pub fn request(method: &str, route: &str, status: u16, took: Duration) {
    let labels = Request { method: known(method).to_owned(), route: route.to_owned(), status };
    COUNTED.requests.get_or_create(&labels).observe(took.as_secs_f64());
}

/// Counts a call of ours to another machine, such as `bank`.
pub fn call(to: &'static str, outcome: &'static str, took: Duration) {
    COUNTED.calls.get_or_create(&Call { to, outcome }).observe(took.as_secs_f64());
}

/// Counts a call that the vault was asked to send to a host of its list; `took` is the host's time.
pub fn relay(host: &'static str, result: &'static str, took: Option<Duration>) {
    COUNTED.relayed.get_or_create(&Relayed { result }).inc();
    if let Some(took) = took {
        COUNTED.relay.get_or_create(&Host { host }).observe(took.as_secs_f64());
    }
}

/// Counts a request that came too often: `address`, `key`, `merchant`.
pub fn limited(by: &'static str) {
    COUNTED.limited.get_or_create(&Limited { by }).inc();
}

/// A method anybody may invent would be a label without end.
fn known(method: &str) -> &str {
    let all = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    if all.contains(&method) { method } else { "OTHER" }
}

/// Everything counted so far, and the figures read now.
#[must_use]
pub fn text(figures: &[Figure]) -> String {
    let mut registry = Registry::default();
    let counted = &*COUNTED;
    let seconds = || prometheus_client::registry::Unit::Seconds;
    registry.register_with_unit(
        "guichet_http_request_duration",
        "Time to answer, by template of the address",
        seconds(),
        counted.requests.clone(),
    );
    registry.register_with_unit(
        "guichet_call_duration",
        "Time until another machine answered",
        seconds(),
        counted.calls.clone(),
    );
    registry.register(
        "guichet_http_requests_limited",
        "Requests refused because they came too often",
        counted.limited.clone(),
    );
    registry.register_with_unit(
        "vault_relay",
        "Time until a host answered the vault",
        seconds(),
        counted.relay.clone(),
    );
    registry.register("vault_relay", "Calls sent through the vault", counted.relayed.clone());
    for figure in figures {
        figure.register(&mut registry);
    }
    let mut text = String::new();
    if encode(&mut text, &registry).is_err() {
        let _ = write!(text, "# EOF");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_51_figures_are_told_as_prometheus_reads_them() {
        request("GET", "/v1/payments/{id}", 200, Duration::from_millis(3));
        request("SURPRISE", "-", 405, Duration::from_millis(1));
        call("bank", "answered", Duration::from_millis(120));
        let jobs = Figure {
            name: "guichet_jobs",
            help: "Jobs",
            kind: Kind::Gauge,
            series: vec![(vec![("state", "waiting".into())], 7)],
        };
        let told = text(&[jobs, Figure::one("guichet_vault_up", "Vault", 1)]);
        for line in [
            "guichet_jobs{state=\"waiting\"} 7",
            "guichet_vault_up{} 1",
            "# UNIT guichet_http_request_duration_seconds seconds",
            "guichet_http_request_duration_seconds_bucket{le=\"0.005\",method=\"GET\",\
             route=\"/v1/payments/{id}\",status=\"200\"} 1",
            "method=\"OTHER\"",
        ] {
            assert!(told.contains(line), "{line}\n{told}");
        }
        assert!(told.ends_with("# EOF\n"), "{told}");
    }
}
