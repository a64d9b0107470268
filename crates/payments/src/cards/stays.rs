//! Cards follow their bookings: when a stay moves or is called off, the vault learns its new end, and
//! when one comes under the name that a program gave it, the card that waits for that name is its.

use db::jobs::Job;
use db::{DbError, Tx};
use kernel::{BookingId, Id, Scope, ShopId};
use vault_wire::{StayCards, StayPut, WireScope};
use web::worker::Subscriber;
use web::{Context, Next};

use crate::engine::Engine;
use crate::jobs;
use crate::subject::{Claim, keeper};

/// What happens to bookings that gives them cards, or moves the end of those they have.
const FOLLOWED: [&str; 3] = ["booking.created", "booking.cancelled", "booking.changed"];

/// Plans what the vault is told of each booking that comes or moves.
#[must_use]
pub fn subscribers(ctx: &Context) -> Vec<Subscriber> {
    let ctx = ctx.clone();
    Subscriber::each(&FOLLOWED, move |tx, event| {
        if event.kind == FOLLOWED[0] && event.body["reference"].is_null() {
            // Nobody knew the number of a new booking before: no card waits for it.
            return Ok(());
        }
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

    /// Gives a new booking the cards that wait for it, before the job does; safe to repeat.
    ///
    /// # Errors
    /// A sentence for the log.
    pub async fn give_waiting_cards(
        &self,
        scope: &Scope,
        (booking, shop): (BookingId, ShopId),
    ) -> Result<(), String> {
        self.stay_named(scope, (booking.to_string(), shop)).await.map(drop)
    }

    /// Tells the vault the end of the stay of that id, number or reference; nothing when this shop
    /// has none.
    ///
    /// # Errors
    /// A sentence for the log.
    pub(super) async fn stay_named(
        &self,
        house: &Scope,
        (name, shop): (String, ShopId),
    ) -> Result<Option<StayCards>, String> {
        let (engine, scope, asked) = (self.clone(), house.clone(), name.clone());
        let read = move |tx: &mut Tx<'_>| engine.stay_of(tx, &scope, (&asked, shop));
        let claim = self.ctx.db.read::<_, DbError, _>(read).await.map_err(|e| e.to_string())?;
        let Some(claim) = claim else { return Ok(None) };
        // A card waits under the name that it came with; a booking that comes knows its own.
        let known = name.parse::<BookingId>().is_ok();
        let reference = if known { claim.reference.unwrap_or(claim.number) } else { name };
        let stay = StayPut {
            booking: claim.booking,
            reference,
            check_out: claim.check_out,
            cancelled_on: claim.cancelled,
        };
        let told = self.vault.ask(&WireScope::of(house, shop), &stay).await;
        told.map(Some).map_err(|error| error.to_string())
    }

    /// A booking of a shop, without its reference where that is another's by now: a card that waits
    /// for it is not given to a booking that was called off.
    fn stay_of(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        (name, shop): (&str, ShopId),
    ) -> Result<Option<Claim>, DbError> {
        let Some(mut claim) = self.claim_in(tx, scope, (name, shop))? else { return Ok(None) };
        if claim.cancelled.is_some()
            && let Some(reference) = claim.reference.take()
        {
            let first = self.claim_in(tx, scope, (&reference, shop))?;
            let is_own = first.is_some_and(|first| first.booking == claim.booking);
            claim.reference = is_own.then_some(reference);
        }
        Ok(Some(claim))
    }

    /// What the booking of a shop of that id, number or reference owes, and until when it lasts.
    /// Of several of one reference it is the one that is not over, else the newest.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub fn claim_in(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        (name, shop): (&str, ShopId),
    ) -> Result<Option<Claim>, DbError> {
        let claim = self.claim_named(tx, scope, (name, Some(shop)))?;
        Ok(claim.filter(|claim| claim.shop == shop))
    }

    /// The same of whichever shop of the merchant, for who knows the id or the number: two shops
    /// may have one reference.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub fn claim_of(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        name: &str,
    ) -> Result<Option<Claim>, DbError> {
        self.claim_named(tx, scope, (name, None))
    }

    fn claim_named(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        (name, shop): (&str, Option<ShopId>),
    ) -> Result<Option<Claim>, DbError> {
        let (Some(keeper), false) = (keeper(&self.subjects), name.is_empty()) else {
            return Ok(None);
        };
        let id: Option<Id> = keeper.named(tx, scope, (name, shop))?;
        id.map_or(Ok(None), |id| keeper.claim(tx, scope, id))
    }
}
