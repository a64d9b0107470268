//! Working on the lines of a lot, one after another.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use kernel::{JobId, Right, Scope, UserId};
use web::worker::Work;

use super::model::{Halt, Stand, Turn};
use super::{Lots, store};
use crate::runs::{Errand, Run, Turn as Step};
use crate::scope::{for_house, for_promise};
use crate::{merchants, users};

/// Its name in runs.
pub(super) const NAME: &str = "lot";
/// Why a line is left out whose owner lost his right before its turn came.
const RIGHT_WITHDRAWN: &str = "right_withdrawn";

impl Lots {
    /// The errand that works on lots.
    #[must_use]
    pub fn errand(&self) -> Arc<dyn Errand> {
        Arc::new(self.clone())
    }

    async fn step(&self, run: &Run) -> Result<Step, DbError> {
        let (house, id, right) = (for_house(run.merchant, run.mode), run.id, run.right);
        let read = move |tx: &mut Tx<'_>| {
            let lot = store::find(tx, &house, id)?;
            let Some((lot, line)) = lot.zip(store::next(tx, &house, id)?) else { return Ok(None) };
            let may = still_may(tx, &house, (lot.user, right))?;
            Ok::<_, DbError>(Some((lot, line, may)))
        };
        let found = self.ctx.db.read(read).await?;
        let Some((lot, line, may)) = found else { return Ok(Step::End) };
        let rights = right.into_iter().collect();
        let turn = Turn {
            scope: for_promise(run.merchant, run.mode, lot.user, rights),
            began: self.ctx.real_now(),
            lot,
            line,
        };
        let deed = self.deed(&turn.lot.deed)?;
        let tried = match may {
            true => deed.carry_out(turn.clone()).await,
            false => Err(Halt::Refused(RIGHT_WITHDRAWN)),
        };
        let done = match tried {
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

/// Whether a person who asked for something may still do it now.
fn still_may(
    tx: &mut Tx<'_>,
    house: &Scope,
    (user, right): (UserId, Option<Right>),
) -> Result<bool, DbError> {
    let user = users::store::find(tx, user)?.filter(|user| user.disabled_at.is_none());
    let Some((user, right)) = user.zip(right) else { return Ok(false) };
    let shops = merchants::store::shops(tx, house)?;
    let powers = users::ops::powers_at(tx, house.merchant(), (user.id, &shops))?;
    Ok(powers.rights.contains(&right))
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
