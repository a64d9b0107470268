//! A writer: runs the units that queued during the previous commit in one transaction.
//!
//! Units of one aggregate never meet in a batch. When a unit spoils a batch (a key that exists, a
//! check, another transaction that came first), everything is rolled back and each unit runs
//! alone. When the connection dies during a commit, the mark that travelled with it tells
//! afterwards whether the commit happened: nothing is written twice, nothing is given up that was
//! written.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use kernel::Rng as _;
use kernel::rng::OsRng;
use tokio::sync::Notify;

use super::Way;
use super::session::{Claim, Purpose, Session};
use crate::tx::On;
use crate::unit::Queued;
use crate::{DbError, Route, Tx};

/// Most units that share one commit.
pub(crate) const MAX_BATCH_UNITS: usize = 64;
/// Tries of a unit that others come before; after them it stands in line with those of all
/// processes that fare alike, and they run one at a time.
const TRIES_IN_THE_CROWD: u32 = 3;
/// Longest time a unit is tried.
const PERSISTENCE: Duration = Duration::from_secs(20);
/// Longest wait for a server that is away; then callers are told so.
const PATIENCE: Duration = Duration::from_secs(10);
const BETWEEN_CONNECTS: Duration = Duration::from_millis(100);
/// Commits after which old marks are cleared away.
const COMMITS_PER_CLEARING: u32 = 5_000;
const CLEAR_MARKS: &str = "DELETE FROM commit_mark WHERE abs(at) < \
    CAST(EXTRACT(EPOCH FROM now()) AS BIGINT) - 3600";

/// How a batch ended.
enum Together {
    Committed,
    Spoiled,
    Lost(DbError),
}

pub(crate) struct Writer {
    way: Arc<Way>,
    session: Option<Session>,
    units: mpsc::Receiver<Queued>,
    /// Units whose aggregate was in the batch before.
    later: VecDeque<Queued>,
    bell: Arc<Notify>,
    commits: u32,
}

impl Writer {
    pub(crate) const fn new(
        way: Arc<Way>,
        session: Option<Session>,
        units: mpsc::Receiver<Queued>,
        bell: Arc<Notify>,
    ) -> Self {
        Self { way, session, units, later: VecDeque::new(), bell, commits: 0 }
    }

    /// Works until the last sender is gone.
    pub(crate) fn run(mut self) {
        while let Some(batch) = self.next_batch() {
            self.run_batch(batch);
            self.bell.notify_one();
            self.clear_marks();
        }
    }

    fn next_batch(&mut self) -> Option<Vec<Queued>> {
        let mut waiting = std::mem::take(&mut self.later);
        if waiting.is_empty() {
            waiting.push_back(self.units.recv().ok()?);
        }
        while waiting.len() < MAX_BATCH_UNITS
            && let Ok(next) = self.units.try_recv()
        {
            waiting.push_back(next);
        }
        let mut routes = HashSet::new();
        let mut batch = Vec::with_capacity(waiting.len());
        for unit in waiting {
            if unit.route == Route::any() || routes.insert(unit.route) {
                batch.push(unit);
            } else {
                self.later.push_back(unit);
            }
        }
        Some(batch)
    }

    fn run_batch(&mut self, mut batch: Vec<Queued>) {
        let ended = if batch.len() > 1 { self.together(&mut batch) } else { Together::Spoiled };
        for mut queued in batch {
            let failed = match &ended {
                Together::Committed => None,
                Together::Lost(error) => Some(error.clone()),
                Together::Spoiled => self.alone(&mut queued),
            };
            queued.unit.answer(failed);
        }
    }

    /// Runs all units in one transaction.
    fn together(&mut self, batch: &mut [Queued]) -> Together {
        let Ok(session) = self.session() else { return Together::Spoiled };
        for queued in batch {
            session.begin_unit();
            let keep = queued.unit.run(&mut Tx::new(On::Postgres(session)));
            if !keep && !session.forget_unit() {
                session.rollback();
                return Together::Spoiled;
            }
        }
        match self.commit() {
            Ok(()) => Together::Committed,
            Err(DbError::CommitUnknown) => Together::Lost(DbError::CommitUnknown),
            Err(_) => Together::Spoiled,
        }
    }

    /// Runs one unit until it stands by itself; gives what replaces its own answer.
    fn alone(&mut self, queued: &mut Queued) -> Option<DbError> {
        let began = Instant::now();
        for round in 0.. {
            let in_line = round >= TRIES_IN_THE_CROWD
                && self.session().is_ok_and(|session| session.take_turn());
            let outcome = self.once(queued);
            if in_line && let Some(session) = &self.session {
                session.leave_turn();
            }
            match outcome {
                Ok(()) => return None,
                Err(error) if error.may_pass() && began.elapsed() < PERSISTENCE => {
                    std::thread::sleep(pause(round));
                }
                Err(error) => return Some(error),
            }
        }
        None
    }

    /// One try of one unit. An error takes the place of the unit's own answer.
    fn once(&mut self, queued: &mut Queued) -> Result<(), DbError> {
        let session = self.session()?;
        session.begin_unit();
        if queued.unit.run(&mut Tx::new(On::Postgres(session))) {
            return self.commit();
        }
        let failure = session.failure().cloned();
        session.rollback();
        // The unit's own answer stands, unless a further try can help.
        failure.filter(DbError::may_pass).map_or(Ok(()), Err)
    }

    /// Commits, and finds out what happened when the answer is lost.
    fn commit(&mut self) -> Result<(), DbError> {
        let mut id = [0; 16];
        OsRng.fill(&mut id);
        let session = self.session.as_mut().ok_or(DbError::Closed)?;
        self.commits = self.commits.saturating_add(1);
        match session.commit(id, epoch_seconds()) {
            Ok(()) => Ok(()),
            Err(DbError::Unavailable(_)) => self.settle(id),
            Err(error) => {
                session.rollback();
                Err(error)
            }
        }
    }

    /// Claims the mark: where the commit had left it, the commit happened; where it was free, the
    /// lost transaction can never be committed any more, because its own mark will be refused.
    fn settle(&mut self, id: [u8; 16]) -> Result<(), DbError> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            self.session = None;
            match self.session().and_then(|session| session.claim(id, epoch_seconds())) {
                Ok(Claim::Committed) => return Ok(()),
                Ok(Claim::Aborted) => return Err(DbError::Busy),
                Err(error) => tracing::warn!(%error, "a commit is not settled yet"),
            }
            std::thread::sleep(BETWEEN_CONNECTS);
        }
        Err(DbError::CommitUnknown)
    }

    /// The connection, made anew when the server went away.
    fn session(&mut self) -> Result<&mut Session, DbError> {
        if self.session.as_ref().is_some_and(Session::is_closed) {
            self.session = None;
        }
        if self.session.is_none() {
            self.session = Some(connect_patiently(&self.way, Purpose::Write)?);
        }
        self.session.as_mut().ok_or(DbError::Closed)
    }

    fn clear_marks(&mut self) {
        if self.commits < COMMITS_PER_CLEARING {
            return;
        }
        self.commits = 0;
        if let Ok(session) = self.session()
            && let Err(error) = session.script(CLEAR_MARKS)
        {
            tracing::warn!(%error, "old commit marks not cleared");
        }
    }
}

/// Connects, waiting a while for a server that starts again.
pub(crate) fn connect_patiently(way: &Way, purpose: Purpose) -> Result<Session, DbError> {
    let began = Instant::now();
    loop {
        match Session::connect(way, purpose) {
            Err(DbError::Unavailable(_)) if began.elapsed() < PATIENCE => {
                std::thread::sleep(BETWEEN_CONNECTS);
            }
            outcome => return outcome,
        }
    }
}

/// Wait before the next try: longer each time, never the same for two writers.
fn pause(round: u32) -> Duration {
    let mut byte = [0];
    OsRng.fill(&mut byte);
    let most = 1_u64 << round.min(7);
    Duration::from_micros(200 + most * 8 * u64::from(byte[0]))
}

fn epoch_seconds() -> i64 {
    let now = kernel::Clock::now(&kernel::time::SystemClock);
    now.as_micros() / 1_000_000
}
