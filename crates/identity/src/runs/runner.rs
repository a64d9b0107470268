//! Doing the runs: one at a time, step by step, under a lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use db::{DbError, Route, Tx};
use documents::{Format, TextSheet, Workbook};
use kernel::{MessageId, Scope, Timestamp};
use web::{Context, Sweeper};

use super::LEASE_SECONDS;
use super::ending::{self, End};
use super::errand::{Errand, Turn};
use super::model::{Kind, Payload, Run, State};
use super::store::{self, Step};
use crate::lists::export::{ExportError, for_each_piece, zone};
use crate::lists::{List, Wanted};
use crate::scope::for_house;

/// Rows of one part of a text file.
const PART_ROWS: usize = 10_000;
/// Seconds between two looks for files that are too old.
const SWEEP_SECONDS: i64 = 3_600;

/// Does runs. Cheap to clone; clones share one turn.
#[derive(Clone)]
pub struct Runner {
    ctx: Context,
    lists: Arc<[Arc<dyn List>]>,
    errands: Arc<[Arc<dyn Errand>]>,
    busy: Arc<AtomicBool>,
}

/// Looks once a second for a run, and does it beside everything else.
#[must_use]
pub fn sweeper(runner: &Runner) -> Sweeper {
    let (runner, swept) = (runner.clone(), Arc::new(AtomicI64::new(0)));
    Sweeper {
        name: "runs",
        run: Arc::new(move || {
            let (runner, swept) = (runner.clone(), Arc::clone(&swept));
            Box::pin(async move {
                runner.sweep(&swept).await.map_err(|error| error.to_string())?;
                tokio::spawn(async move { runner.run_waiting().await });
                Ok(())
            })
        }),
    }
}

/// How a run came to its end.
enum Ended {
    Well,
    /// Stopped, or another process has it.
    Elsewhere,
}

impl Runner {
    /// A runner of the exports of these lists.
    #[must_use]
    pub fn new(ctx: Context, lists: Vec<Arc<dyn List>>) -> Self {
        Self { ctx, lists: lists.into(), errands: Arc::new([]), busy: Arc::default() }
    }

    /// The same that also goes on these errands.
    #[must_use]
    pub fn with_errands(self, errands: Vec<Arc<dyn Errand>>) -> Self {
        Self { errands: errands.into(), ..self }
    }

    /// Does what waits, unless this process is at it already.
    pub async fn run_waiting(&self) {
        if self.busy.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Err(error) = self.run_all().await {
            tracing::error!(%error, "runs");
        }
        self.busy.store(false, Ordering::Release);
    }

    async fn run_all(&self) -> Result<(), DbError> {
        loop {
            let now = self.ctx.real_now();
            if !self.ctx.db.read(move |tx| store::any_waiting(tx, now)).await? {
                return Ok(());
            }
            let lease = now.plus_seconds(LEASE_SECONDS);
            let claim = move |tx: &mut Tx<'_>| store::claim(tx, now, lease);
            let Some(run) = self.ctx.db.write(Route::any(), claim).await? else { return Ok(()) };
            let runner = self.clone();
            if let Err(error) = tokio::spawn(async move { runner.work(run).await }).await {
                tracing::error!(%error, "a run broke");
            }
        }
    }

    async fn work(&self, run: Run) {
        let scope = for_house(run.merchant, run.mode);
        let id = run.id;
        let made = match run.kind.clone() {
            Kind::Errand { name, .. } => self.go(&name, &run).await,
            Kind::Export(payload) => self.make(&scope, &run, payload).await,
        };
        let to = match made {
            Ok(Ended::Elsewhere) => return,
            Ok(Ended::Well) => State::Done,
            Err(error) => {
                tracing::error!(%error, %id, "run failed");
                State::Failed
            }
        };
        let (ctx, now) = (self.ctx.clone(), self.ctx.real_now());
        let end = End { state: to, at: now, mail: MessageId::new(now, ctx.rng.as_ref()) };
        let turn = move |tx: &mut Tx<'_>| -> Result<(), DbError> {
            if store::turn(tx, &scope, id, (State::Running, to, now))? {
                ending::tell(tx, &ctx, (&scope, &run), end)?;
            }
            Ok(())
        };
        if let Err(error) = self.ctx.db.write::<_, DbError, _>(Route::of(id.id()), turn).await {
            tracing::error!(%error, %id, "the end of a run was not written");
        }
    }

    /// Goes on an errand until nothing is left of it.
    async fn go(&self, name: &str, run: &Run) -> Result<Ended, ExportError> {
        let errand = self.errands.iter().find(|errand| errand.name() == name);
        let Some(errand) = errand else {
            // A process of another release asked for it, and takes it up again.
            tracing::warn!(name, id = %run.id, "an unknown errand");
            return Ok(Ended::Elsewhere);
        };
        loop {
            match errand.next(run.clone()).await {
                Ok(Turn::More) => {}
                Ok(Turn::End) => return Ok(Ended::Well),
                Ok(Turn::Elsewhere) => return Ok(Ended::Elsewhere),
                // Its lease runs out, and somebody takes it up again.
                Err(error) if error.may_pass() => {
                    tracing::warn!(%error, id = %run.id, "an errand waits");
                    return Ok(Ended::Elsewhere);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn make(&self, scope: &Scope, run: &Run, payload: Payload) -> Result<Ended, ExportError> {
        let (runner, scope, mut run) = (self.clone(), scope.clone(), run.clone());
        let make = move || runner.make_file(&scope, &mut run, payload);
        let broke = |error: tokio::task::JoinError| DbError::Engine(error.to_string());
        tokio::task::spawn_blocking(make).await.map_err(broke)?
    }

    fn make_file(
        &self,
        scope: &Scope,
        run: &mut Run,
        payload: Payload,
    ) -> Result<Ended, ExportError> {
        let missing = || DbError::Corrupt(format!("no list {}", payload.list));
        let list = self.lists.iter().find(|list| list.name() == payload.list);
        let list = Arc::clone(list.ok_or_else(missing)?);
        let format = Format::parse(&payload.format).unwrap_or(Format::Xlsx);
        let wanted = Wanted {
            query: payload.query,
            columns: payload.columns,
            words: self.ctx.words(payload.locale),
            zone: zone(&payload.zone),
            now: payload.now,
        };
        let columns = list.sheet(&wanted);
        match TextSheet::new(format, columns.clone()) {
            Some(sheet) => self.text((scope, run), (list.as_ref(), &wanted), &sheet),
            None => {
                let book = Workbook::new(&list.title(&wanted.words), columns)?;
                self.book((scope, run), (list.as_ref(), &wanted), book)
            }
        }
    }

    /// Each step is a part of the file and the place it came to, in one commit.
    fn text(
        &self,
        (scope, run): (&Scope, &mut Run),
        (list, wanted): (&dyn List, &Wanted),
        sheet: &TextSheet,
    ) -> Result<Ended, ExportError> {
        if run.parts > 0 && run.place.is_none() {
            return Ok(Ended::Well);
        }
        loop {
            let began = self.ctx.real_now();
            let mut part = if run.parts == 0 { sheet.head() } else { Vec::new() };
            let (mut rows_done, mut place) = (0_usize, run.place);
            loop {
                let (rows, next) =
                    self.ctx.db.read_blocking(|tx| list.chunk(tx, scope, wanted, place))?;
                part.extend(sheet.rows(&rows));
                rows_done = rows_done.saturating_add(rows.len());
                place = next;
                if place.is_none() || rows_done >= PART_ROWS {
                    break;
                }
            }
            let done = run.done.saturating_add(i64::try_from(rows_done).unwrap_or(0));
            let step = self.step_from(began, (done, place), Some(part));
            if !self.write(scope, run, step)? {
                return Ok(Ended::Elsewhere);
            }
            if place.is_none() {
                return Ok(Ended::Well);
            }
        }
    }

    /// A workbook is one piece of work: rows are gathered, then the file is written.
    fn book(
        &self,
        (scope, run): (&Scope, &mut Run),
        (list, wanted): (&dyn List, &Wanted),
        mut book: Workbook,
    ) -> Result<Ended, ExportError> {
        let id = run.id;
        let house = scope.clone();
        let anew = move |tx: &mut Tx<'_>| store::drop_parts(tx, &house, id);
        self.ctx.db.write_blocking::<_, DbError, _>(Route::of(id.id()), anew)?;
        run.parts = 0;
        let (mut place, mut gathered, mut written) = (None, 0_i64, 0_usize);
        let mut began = self.ctx.real_now();
        loop {
            let (rows, next) =
                self.ctx.db.read_blocking(|tx| list.chunk(tx, scope, wanted, place))?;
            rows.iter().try_for_each(|row| book.add(row))?;
            gathered = gathered.saturating_add(i64::try_from(rows.len()).unwrap_or(0));
            written = written.saturating_add(rows.len());
            place = next;
            if place.is_none() || written >= PART_ROWS {
                let step = self.step_from(began, (gathered, None), None);
                if !self.write(scope, run, step)? {
                    return Ok(Ended::Elsewhere);
                }
                (written, began) = (0, self.ctx.real_now());
            }
            if place.is_none() {
                break;
            }
        }
        let mut taken = false;
        for_each_piece(book, |piece| {
            let step = self.step_from(self.ctx.real_now(), (gathered, None), Some(piece));
            taken = taken || !self.write(scope, run, step)?;
            if taken { Err(ExportError::Gone) } else { Ok(()) }
        })
        .map(|()| Ended::Well)
        .or_else(|error| if taken { Ok(Ended::Elsewhere) } else { Err(error) })
    }

    fn step_from(
        &self,
        began: Timestamp,
        (done, place): (i64, Option<kernel::Id>),
        part: Option<Vec<u8>>,
    ) -> Step {
        let now = self.ctx.real_now();
        let took = now.micros_since(began).max(0);
        Step { done, place, part, took, lease_until: now.plus_seconds(LEASE_SECONDS) }
    }

    fn write(&self, scope: &Scope, run: &mut Run, step: Step) -> Result<bool, DbError> {
        let (house, before) = (scope.clone(), run.clone());
        let (done, place) = (step.done, step.place);
        let parts = i64::from(step.part.is_some());
        let write = move |tx: &mut Tx<'_>| store::step(tx, &house, &before, &step);
        let kept = self.ctx.db.write_blocking(Route::of(run.id.id()), write)?;
        run.done = run.done.max(done);
        run.place = place;
        run.parts = run.parts.saturating_add(parts);
        Ok(kept)
    }

    async fn sweep(&self, swept: &AtomicI64) -> Result<(), DbError> {
        let now = self.ctx.real_now();
        if now.as_seconds().saturating_sub(swept.load(Ordering::Relaxed)) < SWEEP_SECONDS {
            return Ok(());
        }
        swept.store(now.as_seconds(), Ordering::Relaxed);
        let before = now.plus_seconds(super::FILE_DAYS.saturating_mul(-86_400));
        let errands = Arc::clone(&self.errands);
        let forget = move |tx: &mut Tx<'_>| {
            for (owner, id) in store::sweep(tx, (before, now))? {
                let scope = for_house(owner.merchant, owner.mode);
                errands.iter().try_for_each(|errand| errand.forget(tx, &scope, id))?;
            }
            Ok(())
        };
        self.ctx.db.write(Route::any(), forget).await
    }
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Runner({} lists)", self.lists.len())
    }
}
