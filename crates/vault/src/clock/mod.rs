//! The machine's clock, which somebody may set: what is due is decided by a time that does not go
//! back, and a leap forward destroys nothing by itself.
//!
//! **What it is.** [`Watch`] is the clock of the whole vault. It remembers the highest time it has
//! believed, and how long the machine had been running then; by the machine's own count of seconds,
//! which nobody can set, it knows what the clock should show by now, across restarts too. It shows
//! the machine's time, but never less than that time less [`SLACK_SECONDS`], so that time goes on
//! while the clock is wrong. An hour in which the vault was stopped is told from an hour by which the
//! clock was set.
//!
//! **States.** *Safe*. *Back*: the clock was set back, at once or little by little; nothing is shown
//! to anybody, no PIN is chosen, no security code leaves, until it is set right again or an operator
//! accepts it. *Forward*: it was set forward by more than [`LEAP_SECONDS`]; the time that should be
//! is shown, and nothing of shops that follow the machine is purged until it is set right again or an
//! operator accepts it. Each change of state is in the log of the installation (PCI DSS 4.0.1, 10.6).
//! Clocks of test shops are their own.
//!
//! **Limits.** After the machine itself was off, how long nobody can tell: a pause of more than a day is
//! a leap that an operator accepts. A leap of less than a day goes unnoticed. Where the kernel names no
//! run of the machine, time stands still while the clock is wrong.

mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::{Db, DbError, Route};
use kernel::{Clock, Rng, Timestamp};
use rustix::time::ClockId;
use serde_json::json;
use vault_wire::{ClockState, ClockTold, Refused};

use crate::log::{self, Line};

/// By so much the clock may go back, as clocks that are steered do.
const SLACK_SECONDS: i64 = 60;
/// A leap longer than this is not believed.
const LEAP_SECONDS: i64 = 24 * 60 * 60;

/// What the machine says of its own run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Tells this run of the machine from any other.
    pub(crate) boot: String,
    /// How long it has been running, asleep or awake, in seconds.
    pub(crate) up_seconds: i64,
}

/// The machine, as far as its time goes.
#[derive(Clone)]
pub(crate) struct Machine {
    /// Its clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// The name of its run; empty where the kernel tells none.
    pub(crate) boot: String,
}

impl Machine {
    /// This machine. Asks the kernel for a file: before the sandbox is shut.
    pub(crate) fn here(clock: Arc<dyn Clock>) -> Self {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        let boot = boot.map_or_else(|_| String::new(), |text| text.trim().to_owned());
        Self { clock, boot }
    }

    fn run(&self) -> Run {
        let up_seconds = rustix::time::clock_gettime(ClockId::Boottime).tv_sec;
        Run { boot: self.boot.clone(), up_seconds }
    }
}

/// The highest time that was believed, and when in the run of which machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) seen: Timestamp,
    pub(crate) run: Run,
}

impl Marks {
    /// What the clock should show by now, at least.
    fn expected(&self, run: &Run) -> Timestamp {
        let same = !run.boot.is_empty() && run.boot == self.run.boot;
        let passed = run.up_seconds.saturating_sub(self.run.up_seconds);
        if same { self.seen.plus_seconds(passed.max(0)) } else { self.seen }
    }

    /// How far the clock is from what it should show; 0 while it is safe.
    fn judge(&self, wall: Timestamp, run: &Run) -> (ClockState, i64) {
        let off = wall.as_seconds().saturating_sub(self.expected(run).as_seconds());
        if off < -SLACK_SECONDS {
            (ClockState::Back, off)
        } else if off > LEAP_SECONDS {
            (ClockState::Forward, off)
        } else {
            (ClockState::Safe, 0)
        }
    }

    /// The time by which things are due.
    fn shown(&self, wall: Timestamp, run: &Run) -> Timestamp {
        let expected = self.expected(run);
        match self.judge(wall, run).0 {
            ClockState::Forward => expected,
            ClockState::Safe | ClockState::Back => wall.max(expected.plus_seconds(-SLACK_SECONDS)),
        }
    }

    /// Remembers the time that is believed: of a clock that is behind, what it should show, so that
    /// it cannot be set back little by little, and goes on in another run of the machine.
    fn see(&mut self, wall: Timestamp, run: Run) {
        let expected = self.expected(&run);
        let seen = match self.judge(wall, &run).0 {
            ClockState::Forward => expected,
            ClockState::Safe | ClockState::Back => wall.max(expected),
        };
        *self = Self { seen, run };
    }
}

/// The clock of the vault.
pub(crate) struct Watch {
    machine: Machine,
    db: Db,
    rng: Arc<dyn Rng>,
    marks: Mutex<Marks>,
    /// The state that the log knows; who holds it is alone in writing down what was seen.
    known: tokio::sync::Mutex<ClockState>,
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        self.told().shown
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    /// The clock with what it remembers; one that remembers nothing believes the machine.
    pub(crate) async fn open(
        db: &Db,
        machine: Machine,
        rng: &Arc<dyn Rng>,
    ) -> Result<Self, DbError> {
        let known = db.read::<_, DbError, _>(store::marks).await?;
        let fresh = || Marks { seen: machine.clock.now(), run: machine.run() };
        let marks = known.unwrap_or_else(fresh);
        let known = tokio::sync::Mutex::new(ClockState::Safe);
        let (marks, rng) = (Mutex::new(marks), Arc::clone(rng));
        Ok(Self { machine, db: db.clone(), rng, marks, known })
    }

    /// Where it stands: one look at the machine.
    pub(crate) fn told(&self) -> ClockTold {
        let mut marks = locked(&self.marks);
        let (wall, run) = (self.machine.clock.now(), self.machine.run());
        let (state, offset_seconds) = marks.judge(wall, &run);
        let shown = marks.shown(wall, &run);
        marks.see(wall, run);
        ClockTold { state, offset_seconds, wall, seen: marks.seen, shown }
    }

    /// Whether something may be shown, chosen or sent whose time must be certain.
    pub(crate) fn is_back(&self) -> bool {
        self.told().state == ClockState::Back
    }

    /// The refusal of what needs a certain time.
    pub(crate) fn must_be_safe(&self) -> Result<(), Refused> {
        if self.is_back() {
            let why = "The machine's clock was set back: nothing is shown until it is right again.";
            return Err(Refused::new("clock_unsafe", why));
        }
        Ok(())
    }

    /// Whether the machine's time may decide that something is purged.
    pub(crate) fn may_purge(&self) -> bool {
        self.told().state != ClockState::Forward
    }

    /// Writes down what was seen, and a change of state in the log; alarms while it is not safe.
    pub(crate) async fn keep(&self) -> Result<(), DbError> {
        let mut known = self.known.lock().await;
        let told = self.told();
        let line = (told.state != *known).then(|| self.line("clock.changed", &told));
        if told.state != ClockState::Safe {
            let (state, offset) = (told.state.as_str(), told.offset_seconds);
            tracing::error!(state, offset, "ALARM: the machine's clock is not safe");
        }
        let marks = locked(&self.marks).clone();
        self.write(marks, line).await?;
        *known = told.state;
        Ok(())
    }

    /// An operator says that the machine's clock is right as it is.
    pub(crate) async fn accept(&self) -> Result<ClockTold, DbError> {
        let mut known = self.known.lock().await;
        let line = self.line("clock.accepted", &self.told());
        let marks = Marks { seen: self.machine.clock.now(), run: self.machine.run() };
        self.write(marks.clone(), Some(line)).await?;
        *locked(&self.marks) = marks;
        *known = ClockState::Safe;
        Ok(self.told())
    }

    fn line(&self, event: &'static str, told: &ClockTold) -> Line {
        let by = if event == "clock.accepted" { "operator" } else { "clock" };
        Line::new(event, log::installation(), by, told.shown, &*self.rng)
            .purpose(told.state.as_str())
            .details(json!({
                "offset_seconds": told.offset_seconds, "wall": told.wall, "seen": told.seen,
            }))
    }

    async fn write(&self, marks: Marks, line: Option<Line>) -> Result<(), DbError> {
        let write = move |tx: &mut db::Tx<'_>| {
            store::put_marks(tx, &marks)?;
            if let Some(line) = &line {
                log::append(tx, line)?;
            }
            Ok(())
        };
        self.db.write::<_, DbError, _>(Route::any(), write).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn run(boot: &str, up_seconds: i64) -> Run {
        Run { boot: boot.into(), up_seconds }
    }

    fn marks() -> Marks {
        Marks { seen: at(1_000_000), run: run("a", 500) }
    }

    #[test]
    fn v_121_what_is_due_is_never_decided_by_less_than_was_seen_but_a_minute() {
        let marks = marks();
        let shown = |wall: i64, up: i64| marks.shown(at(wall), &run("a", up));
        assert_eq!(shown(1_000_500, 500), at(1_000_500));
        assert_eq!(shown(999_990, 500), at(999_990), "clocks are steered");
        assert_eq!(shown(0, 500), at(999_940));
        assert_eq!(shown(0, 4_100), at(1_003_540), "time goes on while the clock is wrong");
    }

    #[test]
    fn v_121_ve_20_set_back_by_more_than_a_minute_is_unsafe_until_the_time_is_reached_again() {
        let marks = marks();
        let state = |wall: i64| marks.judge(at(wall), &run("a", 600)).0;
        assert_eq!(state(1_000_040), ClockState::Safe);
        assert_eq!(state(1_000_039), ClockState::Back);
        assert_eq!(marks.judge(at(1_000_000 - 7_200), &run("b", 3)), (ClockState::Back, -7_200));
        assert_eq!(state(1_000_100), ClockState::Safe);
    }

    #[test]
    fn v_121_ve_20_set_back_little_by_little_is_set_back() {
        let mut marks = marks();
        let mut found = Vec::new();
        for minute in 1..=3 {
            // Each minute it is set back by 59 seconds.
            let (wall, run) = (at(1_000_000 + minute), run("a", 500 + 60 * minute));
            found.push(marks.judge(wall, &run).0);
            marks.see(wall, run);
        }
        assert_eq!(found, [ClockState::Safe, ClockState::Back, ClockState::Back]);
        assert_eq!(marks.shown(at(1_000_003), &run("a", 680)), at(1_000_120), "time goes on");
    }

    #[test]
    fn v_121_in_another_run_of_the_machine_time_goes_on_from_what_was_believed() {
        let mut marks = marks();
        marks.see(at(0), run("b", 10));
        assert_eq!(marks, Marks { seen: at(1_000_000), run: run("b", 10) });
        assert_eq!(marks.judge(at(90), &run("b", 100)).0, ClockState::Back);
        assert_eq!(marks.shown(at(90), &run("b", 100)), at(1_000_030));
        assert_eq!(marks.judge(at(1_000_090), &run("b", 100)).0, ClockState::Safe, "set right");
    }

    #[test]
    fn v_121_a_leap_of_more_than_a_day_is_told_from_a_vault_that_was_stopped() {
        let marks = marks();
        let wall = at(1_000_000 + 3 * DAY);
        assert_eq!(marks.judge(wall, &run("a", 500 + 3 * DAY)).0, ClockState::Safe, "it was off");
        assert_eq!(marks.judge(wall, &run("a", 510)).0, ClockState::Forward);
        assert_eq!(marks.judge(wall, &run("b", 10)).0, ClockState::Forward, "nobody can tell");
        assert_eq!(marks.judge(wall, &run("", 10)).0, ClockState::Forward, "no name of the run");
        assert_eq!(marks.judge(at(1_000_000 + DAY), &run("b", 10)).0, ClockState::Safe);
    }

    #[test]
    fn v_121_after_a_leap_the_time_that_should_be_goes_on() {
        let mut marks = marks();
        let wall = at(1_000_000 + 3 * DAY);
        assert_eq!(marks.shown(wall, &run("a", 510)), at(1_000_010));
        marks.see(wall, run("a", 510));
        assert_eq!(marks.seen, at(1_000_010), "the leap is not believed");
        assert_eq!(marks.judge(wall, &run("a", 520)).0, ClockState::Forward);
        assert_eq!(marks.judge(at(1_000_020), &run("a", 520)).0, ClockState::Safe, "set right");
    }

    #[test]
    fn v_121_what_was_seen_only_grows() {
        let mut marks = marks();
        marks.see(at(999_950), run("a", 500));
        assert_eq!(marks, self::marks());
        marks.see(at(1_000_100), run("a", 600));
        assert_eq!((marks.seen, marks.run.up_seconds), (at(1_000_100), 600));
        marks.see(at(1_000_150), run("a", 700));
        assert_eq!((marks.seen, marks.run.up_seconds), (at(1_000_200), 700));
    }
}
