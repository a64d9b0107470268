//! The payer's session on the page: opened, ended, given up.

use connectors::Input;
use db::{Route, Tx};
use kernel::{PaymentId, Scope, Timestamp};

use super::flow::{end, fail_open};
use super::{Engine, EngineError};
use crate::attempts::{AttemptState, store as attempts};
use crate::payment::{Payment, SESSION_MINUTES, Session, save, store};

/// How long a payer may be on his bank's page before the attempt is given up.
pub const CHALLENGE_MINUTES: i64 = 15;
/// How long the end of a session waits for an answer of the bank.
const WAIT_FOR_BANK_SECONDS: i64 = 60;

impl Engine {
    /// The payer opened the page: his session begins, once.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn open_session(&self, scope: &Scope, id: PaymentId) -> Result<Payment, EngineError> {
        let (engine, owned) = (self.clone(), scope.clone());
        let open = move |tx: &mut Tx<'_>| {
            let before = store::find(tx, &owned, id)?.ok_or(EngineError::NotFound)?;
            if before.session != Session::NotOpened || !before.may_attempt() {
                return Ok(before);
            }
            let pen = engine.pen(&owned, before.shop);
            let mut after = before.clone();
            after.session = Session::Open;
            after.session_ends = Some(pen.now.plus_minutes(SESSION_MINUTES));
            save::save(tx, &pen, &before, &mut after)?;
            Ok::<Payment, EngineError>(after)
        };
        self.ctx.db.write(Route::of(id.id()), open).await
    }

    /// The payer leaves his bank's page without an answer: the authentication did not come to its
    /// end, as if he had refused there, and he may try another card. Nothing happens while the bank is asked or after it accepted.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn cancel_challenge(
        &self,
        scope: &Scope,
        id: PaymentId,
    ) -> Result<Payment, EngineError> {
        let (engine, owned) = (self.clone(), scope.clone());
        let leave = move |tx: &mut Tx<'_>| {
            let before = store::find(tx, &owned, id)?.ok_or(EngineError::NotFound)?;
            let mut after = before.clone();
            if before.in_flight().is_none() && session_matters(&before) {
                end_attempt(tx, &owned, &mut after, "threeds_failed")?;
                let pen = engine.pen(&owned, before.shop);
                save::save(tx, &pen, &before, &mut after)?;
            }
            Ok::<Payment, EngineError>(after)
        };
        self.ctx.db.write(Route::of(id.id()), leave).await
    }

    /// The payer gives up. Refused silently while the bank is asked or after it accepted.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn abandon(&self, scope: &Scope, id: PaymentId) -> Result<Payment, EngineError> {
        let (engine, owned) = (self.clone(), scope.clone());
        let leave = move |tx: &mut Tx<'_>| {
            engine.end_session(tx, &owned, id, "cancelled_by_payer").map(drop)
        };
        self.ctx.db.write(Route::of(id.id()), leave).await?;
        self.payment(scope, id).await
    }

    /// The session's time is over. Gives the instant to look again when the bank is at work.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn time_out_session(
        &self,
        scope: &Scope,
        id: PaymentId,
    ) -> Result<Option<Timestamp>, EngineError> {
        let (engine, owned) = (self.clone(), scope.clone());
        let look = move |tx: &mut Tx<'_>| engine.challenge_until(tx, &owned, id);
        if let Some(later) = self.ctx.db.write(Route::of(id.id()), look).await? {
            return Ok(Some(later));
        }
        self.step_attempt(scope, id, Input::Ended).await?;
        let (engine, owned) = (self.clone(), scope.clone());
        let end = move |tx: &mut Tx<'_>| engine.end_session(tx, &owned, id, "threeds_timeout");
        if self.ctx.db.write(Route::of(id.id()), end).await? {
            return Ok(None);
        }
        let shop = self.payment(scope, id).await?.shop;
        Ok(Some(self.ctx.now(shop).plus_seconds(WAIT_FOR_BANK_SECONDS)))
    }

    /// Until when the payer is waited for: his session may have been made longer, or he is on his
    /// bank's page; `None` when nobody is there.
    fn challenge_until(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        id: PaymentId,
    ) -> Result<Option<Timestamp>, EngineError> {
        let payment = store::find(tx, scope, id)?.ok_or(EngineError::NotFound)?;
        let now = self.ctx.now(payment.shop);
        let attempt = attempts::latest(tx, scope, id)?;
        let waiting = attempt.filter(|a| a.state.is_challenged());
        let until = waiting
            .and_then(|a| a.challenged_at)
            .map(|since| since.plus_minutes(CHALLENGE_MINUTES));
        let session = payment.session_ends.filter(|_| payment.session == Session::Open);
        Ok(until.max(session).filter(|until| *until > now))
    }

    /// Ends the session unless the bank is at work. Tells whether nothing is left to do.
    fn end_session(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        id: PaymentId,
        code: &str,
    ) -> Result<bool, EngineError> {
        let before = store::find(tx, scope, id)?.ok_or(EngineError::NotFound)?;
        if before.in_flight().is_some() || before.unknown().is_some() {
            return Ok(false);
        }
        if before.session == Session::Ended || !session_matters(&before) {
            return Ok(true);
        }
        let mut after = before.clone();
        end_attempt(tx, scope, &mut after, code)?;
        after.session = Session::Ended;
        let pen = self.pen(scope, before.shop);
        save::save(tx, &pen, &before, &mut after)?;
        Ok(true)
    }
}

/// Ends the attempt that waits for the payer, if one does.
pub(crate) fn end_attempt(
    tx: &mut Tx<'_>,
    scope: &Scope,
    after: &mut Payment,
    code: &str,
) -> Result<(), EngineError> {
    let waiting = attempts::latest(tx, scope, after.id)?;
    if let Some(mut attempt) = waiting.filter(|a| a.state != AttemptState::Ended) {
        fail_open(after, attempt.number, code)?;
        end(tx, scope, &mut attempt)?;
    }
    Ok(())
}

fn session_matters(payment: &Payment) -> bool {
    use crate::payment::Status::{ActionRequired, Created};
    matches!(payment.status, Created | ActionRequired)
}
