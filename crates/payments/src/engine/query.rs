//! Asking the bank what became of an operation: the only cure for an unknown result.
//!
//! Questions are planned work on the shop's clock, so that a test clock that is moved shows what
//! hours of silence would bring. The line to the bank lives in real time all the same: while a
//! test clock stands still, nothing planned on it ever falls due, so [`Engine::ask_by_real_time`]
//! asks on the same plan counted in real seconds. Both count in one column of the operation.

use connectors::{Asked, Op, Step};
use db::{DbError, Route, Tx};
use identity::scope;
use kernel::{OperationId, PaymentId, Scope, ShopId};
use web::ShopClock;

use super::learn::{self, asked_of};
use super::outgoing::{Dispatch, Purpose, Wire};
use super::{Engine, EngineError, desk};
use crate::jobs::QUERY_PLAN_SECONDS;
use crate::payment::operations::store::Owed;
use crate::payment::{Operation, Payment, operations, store};

impl Engine {
    /// Asks about one operation once. Returns it as it then stands.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn query(
        &self,
        scope: &Scope,
        payment: PaymentId,
        operation: OperationId,
    ) -> Result<Option<Operation>, EngineError> {
        let (engine, owned) = (self.clone(), scope.clone());
        let ask = move |tx: &mut Tx<'_>| engine.plan_query(tx, &owned, payment, operation);
        let dispatch = self.ctx.db.write(Route::of(payment.id()), ask).await?;
        let now = match dispatch {
            Some(dispatch) => self.run(scope, dispatch).await?,
            None => self.payment(scope, payment).await?,
        };
        Ok(now.operation(operation).cloned())
    }

    /// Asks what is due by real time in shops whose test clock stands still. Gives the number of
    /// questions.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn ask_by_real_time(&self) -> Result<usize, EngineError> {
        let still =
            |shop: &ShopId| matches!(self.ctx.clocks.state(*shop), Some(ShopClock::Frozen(_)));
        let mut asked = 0_usize;
        for shop in self.ctx.clocks.test_shops().into_iter().filter(still) {
            let read = move |tx: &mut Tx<'_>| operations::store::open_of_shop(tx, shop);
            let owed: Vec<Owed> = self.ctx.db.read(read).await.map_err(|e: DbError| e)?;
            for one in owed.into_iter().filter(|one| self.is_due(one)) {
                let of = one.operation;
                let house = scope::for_house(of.merchant, of.mode);
                self.query(&house, of.payment, of.operation).await?;
                asked = asked.saturating_add(1);
            }
        }
        Ok(asked)
    }

    /// Whether the next question of the plan is due by real time.
    fn is_due(&self, one: &Owed) -> bool {
        let position = usize::try_from(one.queries).unwrap_or(usize::MAX);
        let Some(after_timeout) = QUERY_PLAN_SECONDS.get(position) else { return false };
        let wait = after_timeout.saturating_add(i64::from(self.longest_answer_seconds()));
        one.sent_at.plus_seconds(wait) <= self.ctx.real_now()
    }

    /// Counts the question and prepares it; nothing when the result is known.
    pub(super) fn plan_query(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        id: PaymentId,
        operation: OperationId,
    ) -> Result<Option<Dispatch>, EngineError> {
        let payment = store::find(tx, scope, id)?.ok_or(EngineError::NotFound)?;
        let Some(asked) = payment.operation(operation).filter(|o| o.state.is_open()) else {
            return Ok(None);
        };
        let wire = self.question(&payment, asked);
        let Some(wire) = wire else { return Ok(None) };
        let mut counted = asked.clone();
        counted.queries = counted.queries.saturating_add(1);
        operations::store::update(tx, scope, &counted, asked.state)?;
        Ok(Some(Dispatch {
            payment: payment.id,
            shop: payment.shop,
            operation: Some(operation),
            purpose: Purpose::Query,
            wire,
        }))
    }

    fn question(&self, payment: &Payment, asked: &Operation) -> Option<Wire> {
        let kind = asked_of(asked.kind)?;
        let at = self.ctx.now(payment.shop);
        let age_seconds = learn::age_seconds(asked, &self.learning(at));
        let reference = asked.id.to_string();
        let op = Op { reference, asked: Asked::Query { kind, age_seconds }, at };
        match self.connector().operate(&self.settings(), &desk::refs(payment), &op) {
            Step::Call(call) => Some(Wire::Plain(call)),
            _ => None,
        }
    }

    /// The operations of a payment whose result is unknown or pending.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub async fn open_operations(
        &self,
        scope: &Scope,
        payment: PaymentId,
    ) -> Result<Vec<Operation>, DbError> {
        let owned = scope.clone();
        let read = move |tx: &mut Tx<'_>| operations::store::of_payment(tx, &owned, payment);
        let all = self.ctx.db.read(read).await?;
        Ok(all.into_iter().filter(|operation| operation.state.is_open()).collect())
    }
}
