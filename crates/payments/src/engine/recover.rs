//! After a crash: what was sent and never answered becomes unknown, and the bank is asked.

use db::{DbError, Route, Tx};
use identity::scope;

use super::flow::fail_open;
use super::{Engine, EngineError};
use crate::attempts::{AttemptState, store as attempts};
use crate::payment::operations::store::Stranded;
use crate::payment::{Kind, OpState, Proof, operations, save, store};

/// Beyond the time-out, how long a living process may still be writing an answer.
const GRACE_SECONDS: i64 = 4;

impl Engine {
    /// Marks everything that was sent before the time-out and got no answer. Called at start-up
    /// and from time to time; an operation that another task still waits for is left alone.
    /// Gives the number of operations marked.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn recover(&self) -> Result<usize, EngineError> {
        let longest = i64::from(self.longest_answer_seconds());
        self.recover_older_than(longest.saturating_add(GRACE_SECONDS)).await
    }

    /// The longest time any answer is awaited, in seconds.
    pub(super) fn longest_answer_seconds(&self) -> u32 {
        let timeouts = self.capabilities().timeouts;
        let longest = timeouts.authorise_seconds.max(timeouts.refund_seconds);
        self.answer_seconds.unwrap_or(longest)
    }

    /// At the start of the only process: nobody waits for anything that was sent before.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn recover_at_start(&self) -> Result<usize, EngineError> {
        self.recover_older_than(0).await
    }

    /// Like [`Engine::recover`], with the age at which nobody waits any more.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn recover_older_than(&self, seconds: i64) -> Result<usize, EngineError> {
        let limit = self.ctx.real_now().plus_seconds(seconds.saturating_neg());
        let find = move |tx: &mut Tx<'_>| operations::store::sent_before(tx, limit);
        let stranded = self.ctx.db.read(find).await.map_err(|e: DbError| EngineError::from(e))?;
        let count = stranded.len();
        for one in stranded {
            let engine = self.clone();
            let mark = move |tx: &mut Tx<'_>| engine.strand(tx, one);
            self.ctx.db.write(Route::of(one.payment.id()), mark).await?;
        }
        Ok(count)
    }

    fn strand(&self, tx: &mut Tx<'_>, one: Stranded) -> Result<(), EngineError> {
        let house = scope::for_house(one.merchant, one.mode);
        let before = store::find(tx, &house, one.payment)?.ok_or(EngineError::NotFound)?;
        let mut after = before.clone();
        let Some(operation) = before.operation(one.operation) else { return Ok(()) };
        let (kind, number) = (operation.kind, operation.attempt);
        if kind == Kind::Authenticate {
            fail_open(&mut after, number, "threeds_timeout")?;
        } else {
            after.settle(one.operation, OpState::Unknown, Proof::Unproven)?;
        }
        if let Some(mut attempt) = attempts::latest(tx, &house, one.payment)?
            && attempt.number == number
            && attempt.state == AttemptState::Running
        {
            attempt.state = AttemptState::Ended;
            attempt.step = attempt.step.saturating_add(1);
            attempts::update(tx, &house, &attempt)?;
        }
        let pen = self.pen(&house, before.shop);
        Ok(save::save(tx, &pen, &before, &mut after)?)
    }
}
