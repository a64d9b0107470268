//! Asking the bank what became of an operation: the only cure for an unknown result.

use connectors::{Asked, Op, Step};
use db::{DbError, Route, Tx};
use kernel::{OperationId, PaymentId, Scope};

use super::learn::asked_of;
use super::outgoing::{Dispatch, Purpose, Wire};
use super::{Engine, EngineError, desk};
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
        let now = self.ctx.now(payment.shop);
        let age_seconds = now.as_seconds().saturating_sub(asked.at.as_seconds());
        let op = Op { reference: asked.id.to_string(), asked: Asked::Query { kind, age_seconds } };
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
