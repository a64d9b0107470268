//! Charging the cards of a lot, one after another.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use identity::runs::{Errand, Run, Turn, store as runs};
use identity::scope::for_promise;
use kernel::{JobId, Right, Scope, Timestamp};
use web::worker::Work;

use super::store::{self, Left, Lot, Waiting};
use crate::engine::charge::ChargeError;
use crate::engine::{CardOffer, Dispatch, Engine};
use crate::payment::CreateError;
use crate::virtual_cards::charge::{self, NotCharged, Order};

/// Its name in runs.
pub(super) const NAME: &str = "payments.virtual_lot";

/// The errand of lots of virtual cards.
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

/// Why a line was not charged in the transaction that tried it.
enum Halt {
    /// The run was stopped, or another process has the line.
    Stopped,
    /// The card cannot be charged.
    Not(NotCharged),
}

impl From<DbError> for Halt {
    fn from(error: DbError) -> Self {
        Self::Not(error.into())
    }
}

impl From<NotCharged> for Halt {
    fn from(error: NotCharged) -> Self {
        Self::Not(error)
    }
}

async fn next(engine: &Engine, run: &Run) -> Result<Turn, DbError> {
    let (house, id) = (identity::scope::for_house(run.merchant, run.mode), run.id);
    let read = move |tx: &mut Tx<'_>| {
        let lot = store::find(tx, &house, id)?;
        Ok::<_, DbError>(lot.zip(store::next(tx, &house, id)?))
    };
    let Some((lot, line)) = engine.ctx.db.read(read).await? else { return Ok(Turn::End) };
    let scope = for_promise(run.merchant, run.mode, lot.user, vec![Right::CardUse]);
    let began = engine.ctx.real_now();
    let began_charge = match engine.virtual_offer(&scope, (line.card, lot.shop)).await {
        Ok(offer) => ask(engine, &scope, (&lot, &line, &offer), began).await,
        Err(error) => Err(Halt::Not(error.into())),
    };
    match began_charge {
        Ok(dispatch) => {
            if let Err(error) = engine.run(&scope, dispatch).await {
                tracing::error!(%error, card = %line.card, "a line of a lot");
            }
            Ok(Turn::More)
        }
        Err(Halt::Stopped) => Ok(Turn::Stopped),
        Err(Halt::Not(error)) => {
            let why = word(error)?;
            let (own, lot, line) = (engine.clone(), lot.clone(), line.clone());
            let unit = move |tx: &mut Tx<'_>| {
                leave(tx, &own, (&scope, &lot, &line), (Left::Refused(why), began))
            };
            match engine.ctx.db.write(Route::of(run.id.id()), unit).await {
                Ok(()) => Ok(Turn::More),
                Err(Halt::Stopped) => Ok(Turn::Stopped),
                Err(Halt::Not(error)) => Err(word(error).err().unwrap_or(DbError::Busy)),
            }
        }
    }
}

/// One commit: the payment is made, its first request stored as sent, the line waits no longer.
async fn ask(
    engine: &Engine,
    scope: &Scope,
    (lot, line, offer): (&Lot, &Waiting, &CardOffer),
    began: Timestamp,
) -> Result<Dispatch, Halt> {
    let order = Order::new(engine, (line.card, lot.shop), line.amount, lot.origin.clone());
    let route = Route::of(order.ids.payment.id());
    let (own, scope) = (engine.clone(), scope.clone());
    let (lot, line, offer) = (lot.clone(), line.clone(), offer.clone());
    let unit = move |tx: &mut Tx<'_>| {
        let dispatch = charge::begin(tx, &own, &scope, (&order, &offer))?;
        let left = Left::Asked(order.ids.payment);
        leave(tx, &own, (&scope, &lot, &line), (left, began))?;
        Ok(dispatch)
    };
    engine.ctx.db.write(route, unit).await
}

/// The line waits no longer and the run counts it; undone when the run was stopped.
fn leave(
    tx: &mut Tx<'_>,
    engine: &Engine,
    (scope, lot, line): (&Scope, &Lot, &Waiting),
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

/// The word of why a card was not charged; the cause when the database failed.
fn word(error: NotCharged) -> Result<&'static str, DbError> {
    Ok(match error {
        NotCharged::Unknown => "unknown",
        NotCharged::Card(refusal) => refusal.code(),
        NotCharged::NoPlace => "no_moto",
        NotCharged::Vault(_) => "vault",
        NotCharged::Charge(ChargeError::Create(CreateError::OrderHasLivePayment(_))) => "under_way",
        NotCharged::Charge(ChargeError::Create(CreateError::Db(error))) => return Err(error),
        NotCharged::Charge(_) => "refused",
    })
}
