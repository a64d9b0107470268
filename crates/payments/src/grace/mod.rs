//! The moment in which a member of staff may take back what he asked for.
//!
//! **What it is.** A cancellation or a validation moves no money, so nothing is lost by waiting:
//! it is written down, checked, and done [`SECONDS`] later. Until then one button takes it back.
//!
//! **Life.** [`plan`] (a row) → taken back ([`take_back`]: the row is gone, nothing was done), or
//! carried out ([`carry_out`]: the row is removed in the transaction that does it, under the name
//! of whoever asked). A process may die between any two lines: the row waits for the next one.
//!
//! **Always true.** One row per payment at most. The payment is done as it was seen: when it
//! changed meanwhile, what was asked for is dropped and the journal says so.
//!
//! **Limits.** Programs are not given the moment: they decide before they ask. Time is real also
//! in test shops, because it is a person who thinks again.

mod store;

use std::sync::Arc;

use db::{DbError, Route, Tx};
use identity::{audit, scope};
use kernel::{Actor, AuditId, PaymentId, Right, Scope, Timestamp, UserId};
use web::worker::{Sweeper, Work};

use crate::engine::desk::{Ask, DeskError, Planned, What};
use crate::engine::{Dispatch, Engine};
use crate::payment::rules::Action;

pub use store::waiting;

/// The table.
pub const MIGRATION: db::Migration =
    db::Migration { name: "payments/grace/0001_grace", sql: include_str!("schema/0001_grace.sql") };

/// How long one may think again, in seconds of real time.
pub const SECONDS: i64 = 10;

/// What waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Whose payment.
    pub scope: Scope,
    /// What was asked, as it will be asked of the payment.
    pub ask: Ask,
    /// Cancel or validate.
    pub action: Action,
    /// When it is done.
    pub due_at: Timestamp,
}

/// What an action that can wait comes to; `None` for one that moves money.
#[must_use]
pub const fn what(action: Action) -> Option<What> {
    match action {
        Action::Cancel => Some(What::Cancel),
        Action::Validate => Some(What::Validate),
        Action::Capture | Action::Refund | Action::Record => None,
    }
}

/// Checks what a member of staff asks for and writes it down for later.
///
/// # Errors
/// [`DeskError`] as if it were done now; nothing is written then.
pub fn plan(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (ask, action): (&Ask, Action),
) -> Result<(), DeskError> {
    let what = what(action).ok_or(DeskError::BadAmount)?;
    let payment = engine.admit(tx, scope, ask, &what)?;
    let ask = Ask { version: Some(payment.version), ..ask.clone() };
    let due_at = engine.ctx.real_now().plus_seconds(SECONDS);
    store::add(tx, &Waiting { scope: scope.clone(), ask, action, due_at })?;
    Ok(())
}

/// Takes back what waits. False when it was done already or nothing waited.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn take_back(tx: &mut Tx<'_>, scope: &Scope, payment: PaymentId) -> Result<bool, DbError> {
    store::remove(tx, scope, payment)
}

/// Does what is due, about once a second.
#[must_use]
pub fn sweeper(engine: &Engine) -> Sweeper {
    let engine = engine.clone();
    let run = move || -> Work<Result<(), String>> {
        let engine = engine.clone();
        Box::pin(async move { carry_out(&engine).await.map_err(|error| error.to_string()) })
    };
    Sweeper { name: "second thoughts", run: Arc::new(run) }
}

/// Does everything that is due.
///
/// # Errors
/// [`DbError`]; what was not done stays.
pub async fn carry_out(engine: &Engine) -> Result<(), DbError> {
    let now = engine.ctx.real_now();
    let due = engine.ctx.db.read(move |tx: &mut Tx<'_>| store::due(tx, now)).await?;
    for waiting in due {
        let (scope, id) = (waiting.scope.clone(), waiting.ask.payment);
        let own = engine.clone();
        let work = move |tx: &mut Tx<'_>| carry_out_one(tx, &own, &waiting);
        let dispatch = engine.ctx.db.write(Route::of(id.id()), work).await?;
        if let Some(dispatch) = dispatch
            && let Err(error) = engine.run(&scope, dispatch).await
        {
            tracing::error!(%error, payment = %id, "an operation of the cash desk");
        }
    }
    Ok(())
}

/// Removes the row and does the work, or says in the journal why not.
fn carry_out_one(
    tx: &mut Tx<'_>,
    engine: &Engine,
    waiting: &Waiting,
) -> Result<Option<Dispatch>, DbError> {
    let Waiting { scope, ask, action, .. } = waiting;
    if !store::remove(tx, scope, ask.payment)? {
        return Ok(None);
    }
    let Some(what) = what(*action) else { return Ok(None) };
    match engine.admit(tx, scope, ask, &what) {
        Ok(_) => {}
        Err(DeskError::Save(crate::payment::save::SaveError::Db(error))) => return Err(error),
        Err(refused) => return drop_it(tx, engine, waiting, &refused).map(|()| None),
    }
    match engine.plan_operation(tx, scope, ask, &what) {
        Ok(Planned::Go(dispatch)) => Ok(Some(*dispatch)),
        Ok(Planned::Done(_)) => Ok(None),
        Err(DeskError::Save(crate::payment::save::SaveError::Db(error))) => Err(error),
        Err(error) => {
            tracing::error!(%error, payment = %ask.payment, "an operation of the cash desk");
            Err(DbError::Engine(error.to_string()))
        }
    }
}

/// The payment changed while one could think again: it is left as it is.
fn drop_it(
    tx: &mut Tx<'_>,
    engine: &Engine,
    waiting: &Waiting,
    refused: &DeskError,
) -> Result<(), DbError> {
    let now = engine.ctx.real_now();
    let after = serde_json::json!({ "asked": waiting.action, "why": refused.to_string() });
    let line = audit::Line::new("payment.not_done", waiting.ask.payment, &waiting.ask.origin);
    let id = AuditId::new(now, engine.ctx.rng.as_ref());
    audit::record(tx, &waiting.scope, &line.after(after), now, id)
}

/// Whoever asked, with the right that was checked when he did.
fn asker((merchant, mode): (kernel::MerchantId, kernel::Mode), user: UserId) -> Scope {
    let rights = vec![Right::PaymentsCancel, Right::PaymentsValidate];
    scope::for_promise(merchant, mode, user, rights)
}

/// The member of staff behind a scope.
const fn user_of(scope: &Scope) -> Option<UserId> {
    match scope.actor() {
        Actor::User(user) => Some(user),
        Actor::ApiKey(_) | Actor::Payer | Actor::Clock => None,
    }
}
