//! Cards that the vault stores become known here: an event of its log is followed by a planned
//! look at the card. One that waits for a booking of this house is given to it, a virtual one is
//! registered and kept while it can be charged.

use db::{DbError, Route, Tx};
use kernel::{CardToken, Date, Scope, ShopId};
use vault_wire::{CardKept, CardNeed, CardOfBooking, WireError, WireScope};
use web::worker::Subscriber;
use web::{Context, Next};

use crate::engine::Engine;
use crate::jobs;
use crate::virtual_cards::{self, ops};

/// The kinds of event that are followed: a card was stored, or its window is another.
const FOLLOWED: [&str; 2] = ["card.stored", "card.virtual_updated"];

/// Plans a look at each card that the vault stores, or whose window changes.
#[must_use]
pub fn subscribers(ctx: &Context) -> Vec<Subscriber> {
    let ctx = ctx.clone();
    Subscriber::each(&FOLLOWED, move |tx, event| {
        // A card that a payer typed is his own, whatever its number says, and stays as long as his
        // payment's booking says; one that he was asked for has no payment.
        if event.body["source"] == "page" && event.body["reason"] != "guarantee" {
            return Ok(());
        }
        let what = serde_json::json!({ "card": event.object });
        db::jobs::enqueue(tx, &jobs::after(&ctx, event, (jobs::CARD_STORED, what)))
    })
}

impl Engine {
    /// Looks at a card that was stored.
    ///
    /// # Errors
    /// A sentence for the log; the job is tried again.
    pub(crate) async fn card_stored(
        &self,
        house: &Scope,
        job: &db::jobs::Job,
    ) -> Result<Next, String> {
        let token = job.payload["card"].as_str().and_then(|text| text.parse().ok());
        self.meet(house, (token.ok_or("no card")?, job.shop)).await?;
        Ok(Next::Done)
    }

    /// Gives a card to the booking of this house that it names, registers it when it is virtual,
    /// tells the vault until when it is needed, and has it checked where the property wants that;
    /// safe to repeat.
    ///
    /// # Errors
    /// A sentence for the log.
    pub(super) async fn meet(
        &self,
        house: &Scope,
        place: (CardToken, ShopId),
    ) -> Result<(), String> {
        let (token, shop) = place;
        let Some(given) = self.kept(house, place).await? else { return Ok(()) };
        let name = given.booking.clone().unwrap_or_default();
        let given = match self.stay_named(house, (name, shop)).await? {
            Some(_) => self.kept(house, place).await?.unwrap_or(given),
            None => given,
        };
        if given.card.card_virtual {
            let (engine, scope) = (self.clone(), house.clone());
            let take =
                move |tx: &mut Tx<'_>| ops::register(tx, &engine.pen(&scope, shop), shop, &given);
            let done = self.ctx.db.write::<_, DbError, _>(Route::of(token.id()), take).await;
            done.map_err(|error| error.to_string())?;
        }
        self.tell_need(house, place).await?;
        match self.kept(house, place).await? {
            Some(kept) => self.check_on_receipt(house, (&kept.card, shop)).await,
            None => Ok(()),
        }
    }

    /// A card with its booking; nothing for one that is destroyed or unknown.
    async fn kept(
        &self,
        house: &Scope,
        (card, shop): (CardToken, ShopId),
    ) -> Result<Option<CardOfBooking>, String> {
        match self.vault.ask(&WireScope::of(house, shop), &CardKept { card }).await {
            Ok(kept) => Ok(Some(kept).filter(|kept| kept.gone.is_none())),
            Err(WireError::Refused(refused)) if refused.is_final() => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Tells the vault until when a virtual card can be charged; nothing for other cards.
    ///
    /// # Errors
    /// A sentence for the log.
    pub(crate) async fn tell_need(
        &self,
        house: &Scope,
        (card, shop): (CardToken, ShopId),
    ) -> Result<(), String> {
        let (engine, scope) = (self.clone(), house.clone());
        let look = move |tx: &mut Tx<'_>| ops::look(tx, &engine.pen(&scope, shop), card);
        let seen = self.ctx.db.read::<_, DbError, _>(look).await.map_err(|e| e.to_string())?;
        match seen {
            Some(seen) => self.say_need(house, (card, shop), virtual_cards::needed(&seen)).await,
            None => Ok(()),
        }
    }

    /// Tells the vault until which day a card is needed.
    ///
    /// # Errors
    /// A sentence for the log.
    pub(crate) async fn say_need(
        &self,
        house: &Scope,
        (card, shop): (CardToken, ShopId),
        until: Option<Date>,
    ) -> Result<(), String> {
        match self.vault.ask(&WireScope::of(house, shop), &CardNeed { card, until }).await {
            // Of a card that is destroyed, or of one payment alone, nothing is needed.
            Ok(_) => Ok(()),
            Err(WireError::Refused(refused)) if refused.is_final() => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}
