//! Working on the lines of a lot, one after another.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use identity::runs::{Errand, Run, Turn, store as runs};
use identity::scope::for_promise;
use kernel::{JobId, Scope, Timestamp};
use web::worker::Work;

use super::model::{Left, Line, Lot, what};
use super::{ops, store};
use crate::desk::offers::right_of;
use crate::engine::desk::{Ask, DeskError, Planned};
use crate::engine::{Dispatch, Engine};
use crate::grace;
use crate::payment::Source;

/// Its name in runs.
pub(super) const NAME: &str = "payments.lot";

/// The errand of lots.
#[must_use]
pub fn errand(engine: &Engine) -> Arc<dyn Errand> {
    Arc::new(Lots { engine: engine.clone() })
}

#[derive(Debug)]
struct Lots {
    engine: Engine,
}

impl Errand for Lots {
    fn name(&self) -> &'static str {
        NAME
    }

    fn next(&self, run: Run) -> Work<Result<Turn, DbError>> {
        let engine = self.engine.clone();
        Box::pin(async move { next(&engine, &run).await })
    }

    fn forget(&self, tx: &mut Tx<'_>, scope: &Scope, run: JobId) -> Result<(), DbError> {
        store::forget(tx, scope, run)
    }
}

/// Why a line was not done in the transaction that tried it.
enum Halt {
    /// The run was stopped, or another process has the line.
    Stopped,
    /// The payment cannot be done.
    Refused(DeskError),
}

impl From<DbError> for Halt {
    fn from(error: DbError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<DeskError> for Halt {
    fn from(error: DeskError) -> Self {
        Self::Refused(error)
    }
}

async fn next(engine: &Engine, run: &Run) -> Result<Turn, DbError> {
    let (house, id) = (identity::scope::for_house(run.merchant, run.mode), run.id);
    let read = move |tx: &mut Tx<'_>| {
        let lot = store::find(tx, &house, id)?;
        Ok::<_, DbError>(lot.zip(store::next(tx, &house, id)?))
    };
    let Some((lot, line)) = engine.ctx.db.read(read).await? else { return Ok(Turn::End) };
    let rights = vec![right_of(lot.action)];
    let scope = for_promise(run.merchant, run.mode, lot.user, rights);
    let began = engine.ctx.real_now();
    match ask(engine, &scope, (&lot, &line), began).await {
        Ok(Some(dispatch)) => {
            if let Err(error) = engine.run(&scope, *dispatch).await {
                tracing::error!(%error, payment = %line.payment, "a line of a lot");
            }
            Ok(Turn::More)
        }
        Ok(None) => Ok(Turn::More),
        Err(Halt::Stopped) => Ok(Turn::Stopped),
        Err(Halt::Refused(error)) => {
            let why = ops::word(&error).ok_or_else(|| ops::cause(error))?;
            leave_out(engine, &scope, (&lot, &line), (why, began)).await
        }
    }
}

/// One commit: the line is done or its operation stored as sent, and it waits no longer.
async fn ask(
    engine: &Engine,
    scope: &Scope,
    (lot, line): (&Lot, &Line),
    began: Timestamp,
) -> Result<Option<Box<Dispatch>>, Halt> {
    let (own, scope, lot, line) = (engine.clone(), scope.clone(), lot.clone(), line.clone());
    let route = Route::of(line.payment.id());
    let unit = move |tx: &mut Tx<'_>| {
        if grace::waiting(tx, &scope, line.payment)?.is_some() {
            return leave(tx, &own, (&scope, &lot, &line), (Left::Refused(ops::WAITING), began))
                .map(|()| None);
        }
        let ask = Ask {
            payment: line.payment,
            version: Some(line.version),
            source: Source::Desk,
            reason: lot.reason.clone(),
            origin: lot.origin.clone(),
            ceiling: None,
            quiet: false,
        };
        let planned = match what(lot.action, line.amount) {
            Some(what) => Some(own.plan_operation(tx, &scope, &ask, &what)?),
            None => None,
        };
        let (left, dispatch) = match planned {
            None => (Left::Refused(ops::ONE_BY_ONE), None),
            Some(Planned::Done(_)) => (Left::Done, None),
            Some(Planned::Go(dispatch)) => match dispatch.operation {
                Some(operation) => (Left::Asked(operation), Some(dispatch)),
                None => (Left::Done, Some(dispatch)),
            },
        };
        leave(tx, &own, (&scope, &lot, &line), (left, began))?;
        Ok(dispatch)
    };
    engine.ctx.db.write(route, unit).await
}

async fn leave_out(
    engine: &Engine,
    scope: &Scope,
    (lot, line): (&Lot, &Line),
    (why, began): (&'static str, Timestamp),
) -> Result<Turn, DbError> {
    let (own, scope, lot, line) = (engine.clone(), scope.clone(), lot.clone(), line.clone());
    let route = Route::of(line.payment.id());
    let unit =
        move |tx: &mut Tx<'_>| leave(tx, &own, (&scope, &lot, &line), (Left::Refused(why), began));
    match engine.ctx.db.write(route, unit).await {
        Ok(()) => Ok(Turn::More),
        Err(Halt::Stopped) => Ok(Turn::Stopped),
        Err(Halt::Refused(error)) => Err(ops::cause(error)),
    }
}

/// The line waits no longer and the run counts it; undone when the run was stopped.
fn leave(
    tx: &mut Tx<'_>,
    engine: &Engine,
    (scope, lot, line): (&Scope, &Lot, &Line),
    (left, began): (Left, Timestamp),
) -> Result<(), Halt> {
    let now = engine.ctx.real_now();
    let taken = store::leave(tx, scope, (lot.id, line.position), left)?;
    if taken && runs::advance(tx, scope, lot.id, (began, now))? {
        Ok(())
    } else {
        Err(Halt::Stopped)
    }
}
