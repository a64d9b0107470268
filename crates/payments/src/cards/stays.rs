//! Cards follow their bookings: when a stay moves or is called off, the vault learns its new end.

use db::jobs::Job;
use db::{DbError, Tx};
use kernel::{Id, Scope, ShopId};
use vault_wire::{StayCards, StayPut, WireScope};
use web::worker::Subscriber;
use web::{Context, Next};

use crate::engine::Engine;
use crate::jobs;
use crate::subject::{Claim, keeper};

/// What happens to bookings that moves the end of their cards.
const FOLLOWED: [&str; 2] = ["booking.cancelled", "booking.changed"];

/// Plans the new end of the cards of each booking that moves.
#[must_use]
pub fn subscribers(ctx: &Context) -> Vec<Subscriber> {
    let ctx = ctx.clone();
    Subscriber::each(&FOLLOWED, move |tx, event| {
        let what = serde_json::json!({ "booking": event.object });
        db::jobs::enqueue(tx, &jobs::after(&ctx, event, (jobs::STAY_MOVED, what)))
    })
}

impl Engine {
    /// Tells the vault the end of a stay as it is now; safe to repeat.
    ///
    /// # Errors
    /// A sentence for the log; the job is tried again.
    pub(crate) async fn stay_moved(&self, house: &Scope, job: &Job) -> Result<Next, String> {
        let name = job.payload["booking"].as_str().ok_or("no booking")?.to_owned();
        let told = self.stay_named(house, (name, job.shop)).await?;
        for card in told.map(|told| told.cards).unwrap_or_default() {
            self.tell_need(house, (card, job.shop)).await?;
        }
        Ok(Next::Done)
    }

    /// Tells the vault the end of the stay of that id or number; nothing when this house has none.
    ///
    /// # Errors
    /// A sentence for the log.
    pub(super) async fn stay_named(
        &self,
        house: &Scope,
        (name, shop): (String, ShopId),
    ) -> Result<Option<StayCards>, String> {
        let (engine, scope) = (self.clone(), house.clone());
        let read = move |tx: &mut Tx<'_>| engine.claim_of(tx, &scope, &name);
        let claim = self.ctx.db.read::<_, DbError, _>(read).await.map_err(|e| e.to_string())?;
        let Some(claim) = claim else { return Ok(None) };
        let stay = StayPut {
            booking: claim.booking,
            reference: claim.number,
            check_out: claim.check_out,
            cancelled_on: claim.cancelled,
        };
        let told = self.vault.ask(&WireScope::of(house, shop), &stay).await;
        told.map(Some).map_err(|error| error.to_string())
    }

    /// What the booking of that id or number owes, and until when it lasts.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub fn claim_of(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        name: &str,
    ) -> Result<Option<Claim>, DbError> {
        let (Some(keeper), false) = (keeper(&self.subjects), name.is_empty()) else {
            return Ok(None);
        };
        let id: Option<Id> = keeper.named(tx, scope, name)?;
        id.map_or(Ok(None), |id| keeper.claim(tx, scope, id))
    }
}
