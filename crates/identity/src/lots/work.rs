//! Working on the lines of a lot, one after another.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use kernel::{JobId, Scope};
use web::worker::Work;

use super::model::{Halt, Stand, Turn};
use super::{Lots, store};
use crate::runs::{Errand, Run, Turn as Step};
use crate::scope::{for_house, for_promise};

/// Its name in runs.
pub(super) const NAME: &str = "lot";

impl Lots {
    /// The errand that works on lots.
    #[must_use]
    pub fn errand(&self) -> Arc<dyn Errand> {
        Arc::new(self.clone())
    }

    async fn step(&self, run: &Run) -> Result<Step, DbError> {
        let (house, id) = (for_house(run.merchant, run.mode), run.id);
        let read = move |tx: &mut Tx<'_>| {
            let lot = store::find(tx, &house, id)?;
            Ok::<_, DbError>(lot.zip(store::next(tx, &house, id)?))
        };
        let Some((lot, line)) = self.ctx.db.read(read).await? else { return Ok(Step::End) };
        let rights = run.right.into_iter().collect();
        let turn = Turn {
            scope: for_promise(run.merchant, run.mode, lot.user, rights),
            began: self.ctx.real_now(),
            lot,
            line,
        };
        let done = match self.deed(&turn.lot.deed)?.carry_out(turn.clone()).await {
            Err(Halt::Refused(why)) => self.leave_out(turn, why).await,
            done => done,
        };
        match done {
            Ok(()) => Ok(Step::More),
            Err(Halt::Stopped) => Ok(Step::Stopped),
            Err(Halt::Refused(why)) => Err(DbError::Engine(why.into())),
            Err(Halt::Db(error)) => Err(error),
        }
    }

    async fn leave_out(&self, turn: Turn, why: &'static str) -> Result<(), Halt> {
        let (ctx, route) = (self.ctx.clone(), Route::of(turn.line.thing));
        let unit = move |tx: &mut Tx<'_>| turn.leave(tx, &ctx, &Stand::Refused(why.into()));
        self.ctx.db.write(route, unit).await
    }
}

impl Errand for Lots {
    fn name(&self) -> &'static str {
        NAME
    }

    fn next(&self, run: Run) -> Work<Result<Step, DbError>> {
        let lots = self.clone();
        Box::pin(async move { lots.step(&run).await })
    }

    fn forget(&self, tx: &mut Tx<'_>, scope: &Scope, run: JobId) -> Result<(), DbError> {
        store::forget(tx, scope, run)
    }
}
