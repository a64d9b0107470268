//! What an operator watches: whether the process can serve (`/ready`), and figures (`/metrics`).
//!
//! `/ready` answers everybody, because load balancers ask it, and names what is wrong without
//! details. `/metrics` is served only on a listener of its own (`app.metrics_listen`), which
//! belongs on a private network: figures tell how much is sold.

pub(crate) mod api;
mod store;
mod vault;

use std::time::Duration;

use db::DbError;
use http::metrics::{Figure, Kind};
use kernel::{Mode, Timestamp};
use vault_wire::{FiguresGet, Health, VaultClient};
use web::Context;

/// A job that is due for longer means that nobody works.
const STUCK_SECONDS: i64 = 600;
/// Longest wait for the vault's word.
const VAULT_WAIT: Duration = Duration::from_secs(2);

/// What is looked at.
#[derive(Clone)]
pub(crate) struct Watch {
    /// Database and clocks.
    pub(crate) ctx: Context,
    /// The vault, by its socket.
    pub(crate) vault: VaultClient,
}

/// Jobs and events of one mode that have not been dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backlog {
    mode: Mode,
    /// Number of jobs by kind and state.
    jobs: Vec<(String, String, i64)>,
    /// Events that no subscriber has taken.
    events: i64,
    /// When the oldest of them happened, on its shop's clock.
    oldest_event: Option<Timestamp>,
    /// When the live job was due that has waited longest.
    oldest_job: Option<Timestamp>,
}

/// What one look found.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Nothing when the database could not be read.
    backlog: Option<Vec<Backlog>>,
    vault: bool,
    now: Timestamp,
}

impl Watch {
    /// Looks once.
    pub(crate) async fn look(&self) -> Seen {
        let ask = self.vault.ask_within(None, &Health {}, VAULT_WAIT);
        let read = self.ctx.db.read(|tx| {
            [Mode::Live, Mode::Test]
                .into_iter()
                .map(|mode| store::backlog(tx, mode))
                .collect::<Result<Vec<Backlog>, DbError>>()
        });
        let (backlog, vault) = tokio::join!(read, ask);
        let backlog = backlog.inspect_err(|error| tracing::error!(%error, "backlog not read"));
        let vault = vault.is_ok_and(|vault| vault.status == "ok");
        Seen { backlog: backlog.ok(), vault, now: self.ctx.real_now() }
    }

    /// What the vault tells of itself; nothing while it does not answer.
    pub(crate) async fn vault_figures(&self) -> Vec<Figure> {
        let told = self.vault.ask_within(None, &FiguresGet {}, VAULT_WAIT).await;
        told.map(|told| vault::figures(&told)).unwrap_or_default()
    }
}

impl Seen {
    /// What must hold for this process to be given work, by name.
    fn checks(&self) -> [(&'static str, bool); 3] {
        let stuck = |backlog: &Backlog| self.waited(backlog.oldest_job) > STUCK_SECONDS;
        let jobs = self.backlog.as_ref().is_some_and(|all| !all.iter().any(stuck));
        [("database", self.backlog.is_some()), ("vault", self.vault), ("jobs", jobs)]
    }

    /// Whole seconds since an instant of real time.
    fn waited(&self, since: Option<Timestamp>) -> i64 {
        since.map_or(0, |since| self.now.as_seconds().saturating_sub(since.as_seconds()).max(0))
    }

    /// As figures for monitoring.
    fn figures(&self) -> Vec<Figure> {
        let number = |is: bool| i64::from(is);
        let backlog = self.backlog.as_deref().unwrap_or_default();
        let mode = |backlog: &Backlog| ("mode", backlog.mode.as_str().to_owned());
        let of = |name, help, value: &dyn Fn(&Backlog) -> i64| Figure {
            name,
            help,
            kind: Kind::Gauge,
            series: backlog.iter().map(|one| (vec![mode(one)], value(one))).collect(),
        };
        let jobs = backlog.iter().flat_map(|one| {
            one.jobs.iter().map(move |(kind, state, count)| {
                let labels = vec![mode(one), ("kind", kind.clone()), ("state", state.clone())];
                (labels, *count)
            })
        });
        vec![
            Figure::one(
                "guichet_database_up",
                "Whether the database answers",
                number(self.backlog.is_some()),
            ),
            Figure::one("guichet_vault_up", "Whether the vault answers", number(self.vault)),
            Figure {
                name: "guichet_jobs",
                help: "Planned and failed work, by kind; payments.query are operations that the \
                       bank has not answered",
                kind: Kind::Gauge,
                series: jobs.collect(),
            },
            of("guichet_events_waiting", "Events not yet handed over", &|one| one.events),
            of("guichet_event_oldest_seconds", "Age of the oldest of them, live shops", &|one| {
                if one.mode == Mode::Live { self.waited(one.oldest_event) } else { 0 }
            }),
            of("guichet_job_overdue_seconds", "How long the oldest live job is due", &|one| {
                self.waited(one.oldest_job)
            }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(due_seconds_ago: i64, vault: bool) -> Seen {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let backlog = Backlog {
            mode: Mode::Live,
            jobs: vec![("payments.query".into(), "waiting".into(), 2)],
            events: 3,
            oldest_event: Some(now.plus_seconds(-5)),
            oldest_job: Some(now.plus_seconds(-due_seconds_ago)),
        };
        Seen { backlog: Some(vec![backlog]), vault, now }
    }

    #[test]
    fn q_51_work_that_nobody_does_and_a_silent_vault_make_a_process_unready() {
        let fine = [("database", true), ("vault", true), ("jobs", true)];
        assert_eq!(seen(30, true).checks(), fine);
        assert_eq!(seen(601, true).checks()[2], ("jobs", false));
        assert_eq!(seen(30, false).checks()[1], ("vault", false));
        let dark = Seen { backlog: None, ..seen(0, true) };
        assert_eq!(dark.checks()[0], ("database", false));
    }

    #[test]
    fn figures_tell_the_backlog() {
        let told = http::metrics::text(&seen(30, true).figures());
        for line in [
            "guichet_vault_up{} 1",
            "guichet_jobs{mode=\"live\",kind=\"payments.query\",state=\"waiting\"} 2",
            "guichet_events_waiting{mode=\"live\"} 3",
            "guichet_event_oldest_seconds{mode=\"live\"} 5",
            "guichet_job_overdue_seconds{mode=\"live\"} 30",
        ] {
            assert!(told.contains(line), "{line}\n{told}");
        }
    }
}
