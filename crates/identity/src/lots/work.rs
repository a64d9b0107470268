//! Working on the lines of a lot, one after another.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use kernel::{JobId, Money, Right, Scope, UserId};
use web::worker::Work;

use super::model::{Halt, Stand, Turn};
use super::{Lots, store};
use crate::runs::{Errand, Run, Turn as Step};
use crate::scope::{for_house, for_promise};
use crate::users::model::Powers;
use crate::{merchants, users};

/// Its name in runs.
pub(super) const NAME: &str = "lot";
/// Why a line is left out whose owner lost his right before its turn came.
const RIGHT_WITHDRAWN: &str = "right_withdrawn";
/// Why a line is left out that is more than its owner may move.
const ABOVE_CEILING: &str = "above_ceiling";
/// Why a line is left out that could not be done, for a reason that is ours.
const FAILED: &str = "failed";

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
            let powers = powers_now(tx, &house, lot.user)?;
            Ok::<_, DbError>(Some((lot, line, powers)))
        };
        let found = self.ctx.db.read(read).await?;
        let Some((lot, line, powers)) = found else { return Ok(Step::End) };
        let rights = right.into_iter().collect();
        let turn = Turn {
            scope: for_promise(run.merchant, run.mode, lot.user, rights),
            began: self.ctx.real_now(),
            lot,
            line,
        };
        let Ok(deed) = self.deed(&turn.lot.deed) else {
            tracing::warn!(deed = turn.lot.deed, lot = %turn.lot.id, "an unknown deed");
            return Ok(Step::Elsewhere);
        };
        let ceiling = deed.about().ceiling;
        let tried = match barred(powers.as_ref(), (right, ceiling), turn.line.amount) {
            None => deed.carry_out(turn.clone()).await,
            Some(why) => Err(Halt::Refused(why)),
        };
        let done = match tried {
            Err(Halt::Refused(why)) => self.leave_out(turn, why).await,
            // What would fail again and again does not keep the other lines waiting.
            Err(Halt::Db(error)) if !error.may_pass() => {
                tracing::error!(%error, lot = %turn.lot.id, "a line of a lot");
                self.leave_out(turn, FAILED).await
            }
            done => done,
        };
        match done {
            Ok(()) => Ok(Step::More),
            Err(Halt::Stopped) => Ok(Step::Elsewhere),
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

/// What the person who asked may do now; nothing once he has no account here.
fn powers_now(tx: &mut Tx<'_>, house: &Scope, user: UserId) -> Result<Option<Powers>, DbError> {
    let user = users::store::find(tx, user)?.filter(|user| user.disabled_at.is_none());
    let Some(user) = user else { return Ok(None) };
    let shops = merchants::store::shops(tx, house)?;
    users::ops::powers_at(tx, house.merchant(), (user.id, &shops)).map(Some)
}

/// Why a line is left out before its turn: its person may no longer do it, or not as much.
fn barred(
    powers: Option<&Powers>,
    (right, ceiling): (Option<Right>, Option<Right>),
    amount: Money,
) -> Option<&'static str> {
    let Some((powers, right)) = powers.zip(right) else { return Some(RIGHT_WITHDRAWN) };
    if !powers.rights.contains(&right) {
        return Some(RIGHT_WITHDRAWN);
    }
    let most = ceiling.and_then(|right| powers.ceiling(right));
    most.is_some_and(|most| amount.minor() > most).then_some(ABOVE_CEILING)
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
