//! Writing how cards are checked.

use db::{DbError, Route, Tx};
use identity::audit::{self, Line};
use kernel::{AuditId, Scope, ShopId};
use serde_json::json;

use super::{Policy, When, store};
use crate::cards::morning;
use crate::engine::Engine;

impl Engine {
    /// Writes a wish over the version that it was read with, and plans the mornings that it needs;
    /// false when somebody else wrote since.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub(in crate::cards) fn write_check_policy(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        (shop, wish): (ShopId, &Policy),
    ) -> Result<bool, DbError> {
        let after = Policy { version: wish.version.saturating_add(1), ..wish.clone() };
        if !store::put(tx, scope, (shop, &after))? {
            return Ok(false);
        }
        if after.auto == When::DaysBefore {
            morning::plan(tx, &self.pen(scope, shop), shop)?;
        }
        Ok(true)
    }

    /// The same with its line in the journal, as one unit of work.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub(super) async fn put_check_policy(
        &self,
        scope: &Scope,
        (shop, wish): (ShopId, &Policy),
        line: Line,
    ) -> Result<bool, DbError> {
        let real_now = self.ctx.real_now();
        let id = AuditId::new(real_now, self.ctx.rng.as_ref());
        let line = line.after(wish.shown());
        let (engine, scope, wish) = (self.clone(), scope.clone(), wish.clone());
        let write = move |tx: &mut Tx<'_>| {
            let done = engine.write_check_policy(tx, &scope, (shop, &wish))?;
            if done {
                audit::record(tx, &scope, &line, real_now, id)?;
            }
            Ok(done)
        };
        self.ctx.db.write::<_, DbError, _>(Route::of(shop.id()), write).await
    }
}

impl Policy {
    /// As programs read it.
    pub(in crate::cards) fn shown(&self) -> serde_json::Value {
        json!({
            "auto": self.auto,
            "days_before": self.days_before,
            "with_code": self.with_code,
            "amount_fallback": self.amount_fallback,
        })
    }
}
