//! Runs what is due: hands events to subscribers, runs jobs on their shop's clock, lets sweepers
//! go ([`crate::sweeps`]).
//!
//! One worker per process. Where several processes share a database, each runs jobs, and the one
//! that holds the lease hands events over and sweeps. It wakes after every commit and every half
//! second. Events reach all subscribers in one transaction. A job runs under a lease of real time
//! and may run again after a crash. Moving a test clock runs its due jobs in order, each at its
//! own instant.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use db::jobs::{self, ClockGroup, Job};
use db::outbox::{self, Event};
use db::{DbError, Route, Tx, lease};
use kernel::{ShopId, Timestamp};
use tokio::sync::Mutex;

use crate::sweeps;
pub use crate::sweeps::Sweeper;
use crate::tasks::{self, NewTask, Owner};
use crate::{Context, ShopClock};

/// Events handed over per transaction.
const EVENTS_PER_ROUND: u32 = 100;
/// A job that runs longer is taken for dead, in seconds of real time.
const LEASE_SECONDS: i64 = 120;
/// Wait after the first failure of a job; doubles with each further one up to an hour.
const FIRST_RETRY_SECONDS: i64 = 5;
const LONGEST_RETRY_SECONDS: i64 = 3_600;
/// The lease of what one process of many does, and how long it holds without renewal, in seconds.
const LEADING: &str = "worker";
const LEADING_SECONDS: i64 = 8;
const ROUND_EVERY: Duration = Duration::from_millis(500);

/// A future of a handler.
pub type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a subscriber does with an event, inside the transaction that marks it as handed over.
pub type Take = dyn Fn(&mut Tx<'_>, &Event) -> Result<(), DbError> + Send + Sync;

/// What follows a job that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the job is done.
    Done,
    /// The same job again at this instant of the shop's clock.
    Again(Timestamp),
}

/// A job that ran because a clock was moved.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ran {
    /// Whose clock.
    pub shop: ShopId,
    /// What ran: `holds.expire`…
    pub kind: String,
    /// At which instant of that clock.
    pub at: Timestamp,
}

/// A handler of jobs.
#[derive(Clone)]
pub struct JobKind {
    /// The kind it handles.
    pub kind: &'static str,
    /// Runs one job; an error means "try again later".
    pub run: Arc<dyn Fn(Job) -> Work<Result<Next, String>> + Send + Sync>,
}

/// Takes events.
#[derive(Clone)]
pub struct Subscriber {
    /// Kinds that begin with this word.
    pub prefix: &'static str,
    /// Writes what follows from the event.
    pub take: Arc<Take>,
}

impl Subscriber {
    /// One for each of these beginnings, all doing the same.
    #[must_use]
    pub fn each<F>(prefixes: &[&'static str], take: F) -> Vec<Self>
    where
        F: Fn(&mut Tx<'_>, &Event) -> Result<(), DbError> + Send + Sync + 'static,
    {
        let take: Arc<Take> = Arc::new(take);
        prefixes.iter().map(|prefix| Self { prefix, take: Arc::clone(&take) }).collect()
    }
}

/// Work that has a plan of its own on the clocks of test shops, beside the jobs. In the course
/// of real time it looks after itself; when a test clock is moved, it does what falls due on the
/// way.
#[derive(Clone)]
pub struct Timetable {
    /// The next instant of a shop's clock at which something is due.
    pub next: Arc<NextOf>,
    /// Does what is due at an instant of the shop's clock.
    pub run: Arc<dyn Fn(ShopId, Timestamp) -> Work<Progress> + Send + Sync>,
    /// Longest time that it may hold up one move of clocks, all its runs together; what is left
    /// then is done in the course of real time.
    pub patience: Duration,
}

/// Looks up the next instant of a timetable.
pub type NextOf = dyn Fn(&mut Tx<'_>, ShopId) -> Result<Option<Timestamp>, DbError> + Send + Sync;

/// How far a timetable came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// All that was due is done.
    Done,
    /// It gave up for now; the rest is done in the course of real time.
    Later,
}

/// A timetable during one move of clocks.
struct UntilLate {
    table: Timetable,
    end: tokio::time::Instant,
}

impl UntilLate {
    fn new(table: Timetable) -> Self {
        Self { end: tokio::time::Instant::now() + table.patience, table }
    }
}

/// The worker of a process. Cheap to clone; clones share one round at a time.
#[derive(Clone)]
pub struct Worker {
    ctx: Context,
    jobs: Arc<[JobKind]>,
    subscribers: Arc<[Subscriber]>,
    sweepers: Arc<[Sweeper]>,
    timetable: Option<Timetable>,
    turn: Arc<Mutex<()>>,
    leads_until: Arc<std::sync::Mutex<Timestamp>>,
}

impl Worker {
    /// A worker with everything the slices bring.
    #[must_use]
    pub fn new(
        ctx: Context,
        jobs: Vec<JobKind>,
        subscribers: Vec<Subscriber>,
        sweepers: Vec<Sweeper>,
    ) -> Self {
        let (jobs, subscribers, sweepers) = (jobs.into(), subscribers.into(), sweepers.into());
        let leads_until = Arc::new(std::sync::Mutex::new(Timestamp::from_micros(0)));
        let (timetable, turn) = (None, Arc::default());
        Self { ctx, jobs, subscribers, sweepers, timetable, turn, leads_until }
    }

    /// The same worker, with work that keeps its own plan.
    #[must_use]
    pub fn with_timetable(self, timetable: Timetable) -> Self {
        Self { timetable: Some(timetable), ..self }
    }

    /// Works until `end` completes.
    pub async fn run(self, end: impl Future<Output = ()>) {
        let mut end = std::pin::pin!(end);
        let mut sweeping = sweeps::start(&self, &self.sweepers);
        loop {
            self.round().await;
            tokio::select! {
                () = &mut end => break,
                () = self.ctx.db.woken() => {}
                () = tokio::time::sleep(ROUND_EVERY) => {}
            }
        }
        sweeping.shutdown().await;
        self.give_up_lead().await;
    }

    /// Hands over all events and runs all jobs that are due now.
    pub async fn round(&self) {
        let _turn = self.turn.lock().await;
        self.hand_over().await;
        self.run_group(ClockGroup::Live, None).await;
        for shop in self.ctx.clocks.test_shops() {
            self.run_group(ClockGroup::Test(shop), Some(shop)).await;
        }
        self.hand_over().await;
    }

    /// Moves clocks of test shops forward and freezes them there, running what falls due on the
    /// way: in due order over all of them, each at its own instant. Gives what ran, in order.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub async fn move_clocks(&self, moves: &[(ShopId, Timestamp)]) -> Result<Vec<Ran>, DbError> {
        let turn = self.turn.lock().await;
        let mut ran = Vec::new();
        let mut timetable = self.timetable.clone().map(UntilLate::new);
        let mut open = moves.to_vec();
        loop {
            self.hand_over().await;
            let Some((shop, due)) = self.next_due(timetable.as_ref(), &open).await? else { break };
            let at = due.max(self.ctx.clocks.now(shop));
            self.ctx.clocks.set(shop, ShopClock::Frozen(at));
            let kinds = self.run_group(ClockGroup::Test(shop), Some(shop)).await;
            let came_forward = self.run_table(&mut timetable, shop, at).await;
            if kinds.is_empty() && !came_forward {
                // Another process has it under a lease; this shop's later jobs wait for it.
                open.retain(|(other, _)| *other != shop);
            }
            ran.extend(kinds.into_iter().map(|kind| Ran { shop, kind, at }));
        }
        for (shop, to) in moves {
            self.ctx.clocks.set(*shop, ShopClock::Frozen(*to));
        }
        drop(turn);
        if self.leads().await {
            sweeps::once(&self.sweepers).await;
        }
        self.round().await;
        for (shop, to) in moves {
            self.run_table(&mut timetable, *shop, *to).await;
        }
        Ok(ran)
    }

    /// Whether this process does what only one may do.
    pub(crate) async fn leads(&self) -> bool {
        if !self.ctx.db.is_shared() {
            return true;
        }
        let now = self.ctx.real_now();
        let until = *self.leads_until.lock().unwrap_or_else(PoisonError::into_inner);
        if now.plus_seconds(LEADING_SECONDS / 2) < until {
            return true;
        }
        let led = self.take_lead(now).await.unwrap_or_else(|error| {
            tracing::error!(%error, "lease not taken");
            None
        });
        *self.leads_until.lock().unwrap_or_else(PoisonError::into_inner) = led.unwrap_or(now);
        led.is_some()
    }

    /// Until when this process leads; a look comes before the write, which others would wait for.
    async fn take_lead(&self, now: Timestamp) -> Result<Option<Timestamp>, DbError> {
        let (holder, until) = (self.ctx.db.holder(), now.plus_seconds(LEADING_SECONDS));
        let open = self.ctx.db.read(move |tx| lease::is_open(tx, LEADING, &holder, now)).await?;
        let take = move |tx: &mut Tx<'_>| lease::take(tx, LEADING, &holder, now, until);
        let taken = open && self.ctx.db.write(Route::any(), take).await?;
        Ok(taken.then_some(until))
    }

    /// The shop where a job or the timetable is due first, among those where something is due
    /// before their clock stops.
    async fn next_due(
        &self,
        timetable: Option<&UntilLate>,
        moves: &[(ShopId, Timestamp)],
    ) -> Result<Option<(ShopId, Timestamp)>, DbError> {
        let mut first: Option<(ShopId, Timestamp)> = None;
        for (shop, to) in moves.iter().copied() {
            let job = self.ctx.db.read(move |tx| jobs::next_due(tx, shop)).await?;
            let planned = self.next_of(timetable, shop).await?;
            let next = [job, planned].into_iter().flatten().min();
            if let Some(due) = next.filter(|due| due <= &to)
                && first.is_none_or(|(_, known)| due < known)
            {
                first = Some((shop, due));
            }
        }
        Ok(first)
    }

    async fn next_of(
        &self,
        timetable: Option<&UntilLate>,
        shop: ShopId,
    ) -> Result<Option<Timestamp>, DbError> {
        let Some(next) = timetable.map(|late| Arc::clone(&late.table.next)) else {
            return Ok(None);
        };
        self.ctx.db.read(move |tx| next(tx, shop)).await
    }

    /// Runs what the timetable has for an instant; forgets a timetable that gave up or whose
    /// patience is at its end. False when there is none.
    async fn run_table(
        &self,
        timetable: &mut Option<UntilLate>,
        shop: ShopId,
        at: Timestamp,
    ) -> bool {
        let Some(UntilLate { table, end }) = timetable.as_ref() else { return false };
        let progress = tokio::time::timeout_at(*end, (table.run)(shop, at)).await;
        if progress != Ok(Progress::Done) {
            *timetable = None;
        }
        true
    }

    async fn give_up_lead(&self) {
        if !self.ctx.db.is_shared() {
            return;
        }
        let holder = self.ctx.db.holder();
        let give_back = move |tx: &mut Tx<'_>| lease::give_back(tx, LEADING, &holder);
        if let Err(error) = self.ctx.db.write(Route::any(), give_back).await {
            tracing::warn!(%error, "lease not given back; it runs out by itself");
        }
    }

    async fn hand_over(&self) {
        if !self.leads().await {
            return;
        }
        loop {
            let events = self.ctx.db.read(|tx| outbox::waiting(tx, EVENTS_PER_ROUND)).await;
            let events = events.unwrap_or_else(|error| {
                tracing::error!(%error, "events not read");
                Vec::new()
            });
            let mut moved = 0;
            for event in events {
                let id = event.id;
                match self.hand_over_one(event).await {
                    Ok(()) => moved += 1,
                    // The others go on; this one is tried again in the next round.
                    Err(error) => tracing::error!(%error, %id, "event not handed over"),
                }
            }
            if moved == 0 {
                return;
            }
        }
    }

    async fn hand_over_one(&self, event: Event) -> Result<(), DbError> {
        let subscribers = Arc::clone(&self.subscribers);
        let route = Route::of(event.id.id());
        let write = move |tx: &mut Tx<'_>| {
            if outbox::mark_handled(tx, event.merchant, event.id)? {
                let wants = |s: &&Subscriber| event.kind.starts_with(s.prefix);
                for subscriber in subscribers.iter().filter(wants) {
                    (subscriber.take)(tx, &event)?;
                }
            }
            Ok::<(), DbError>(())
        };
        self.ctx.db.write(route, write).await
    }

    /// Runs the due jobs of one clock; gives their kinds.
    async fn run_group(&self, group: ClockGroup, shop: Option<ShopId>) -> Vec<String> {
        let mut ran = Vec::new();
        loop {
            let real = self.ctx.real_now();
            let now = shop.map_or(real, |shop| self.ctx.now(shop));
            let lease = real.plus_seconds(LEASE_SECONDS);
            let claim = move |tx: &mut Tx<'_>| jobs::claim(tx, group, now, real, lease);
            match self.claim(group, now, claim).await {
                Ok(Some(job)) => {
                    ran.push(job.kind.clone());
                    self.run_job(job, now).await;
                }
                Ok(None) => return ran,
                Err(error) => {
                    tracing::error!(%error, "jobs not claimed");
                    return ran;
                }
            }
        }
    }

    /// Claims under the writer only when a reader saw something due.
    async fn claim(
        &self,
        group: ClockGroup,
        now: Timestamp,
        claim: impl FnMut(&mut Tx<'_>) -> Result<Option<Job>, DbError> + Send + 'static,
    ) -> Result<Option<Job>, DbError> {
        let due = self.ctx.db.read(move |tx| jobs::any_due(tx, group, now)).await?;
        if due { self.ctx.db.write(Route::any(), claim).await } else { Ok(None) }
    }

    async fn run_job(&self, job: Job, now: Timestamp) {
        let handler = self.jobs.iter().find(|handler| handler.kind == job.kind);
        let outcome = match handler {
            Some(handler) => (handler.run)(job.clone()).await,
            None => Err("no handler of this kind".to_owned()),
        };
        let kind = job.kind.clone();
        let end = move |tx: &mut Tx<'_>| match &outcome {
            Ok(Next::Done) => jobs::done(tx, job.merchant, job.id),
            Ok(Next::Again(at)) => jobs::again(tx, job.merchant, job.id, *at),
            Err(error) => {
                jobs::retry(tx, &job, retry_at(&job, now), error)?;
                if job.attempts < jobs::MAX_ATTEMPTS {
                    return Ok(());
                }
                let owner = Owner { merchant: job.merchant, mode: job.mode };
                tasks::raise(tx, owner, &given_up(&job), now)
            }
        };
        if let Err(error) = self.ctx.db.write(Route::any(), end).await {
            tracing::error!(kind, %error, "job not ended");
        }
    }
}

/// The task about a job that was given up.
fn given_up(job: &Job) -> NewTask {
    NewTask {
        id: job.id.id(),
        kind: tasks::JOB_FAILED,
        object: job.id.to_string(),
        note: job.kind.clone(),
        person: None,
        amount: None,
    }
}

fn retry_at(job: &Job, now: Timestamp) -> Timestamp {
    let doublings = job.attempts.saturating_sub(1).min(12);
    let wait = FIRST_RETRY_SECONDS.saturating_mul(1 << doublings).min(LONGEST_RETRY_SECONDS);
    now.plus_seconds(wait)
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Worker({} kinds of job)", self.jobs.len())
    }
}
