//! Cards that the vault stores become known here: an event of its log is followed by a planned
//! look at the card.

use db::outbox::Event;
use db::{DbError, Route, Tx};
use kernel::{CardToken, JobId, Scope};
use vault_wire::{Card, CardGet, CardList, CardOfBooking, WireError, WireScope};
use web::worker::Subscriber;
use web::{Context, Next};

use super::ops;
use crate::engine::Engine;
use crate::jobs;

/// The kind of event that is followed.
const STORED: &str = "card.stored";
/// Most cards that the vault lists; an older one is not a new one.
const LISTED: u32 = 200;

/// Plans a look at each card that the vault stores.
#[must_use]
pub fn subscriber(ctx: &Context) -> Subscriber {
    let ctx = ctx.clone();
    let take = move |tx: &mut Tx<'_>, event: &Event| plan(tx, &ctx, event);
    Subscriber { prefix: STORED, take: std::sync::Arc::new(take) }
}

fn plan(tx: &mut Tx<'_>, ctx: &Context, event: &Event) -> Result<(), DbError> {
    // A card that a payer typed is his own, whatever its number says.
    if event.body["source"] == "page" {
        return Ok(());
    }
    let now = ctx.now(event.shop);
    let job = db::jobs::NewJob {
        id: JobId::new(now, ctx.rng.as_ref()),
        merchant: event.merchant,
        mode: event.mode,
        shop: event.shop,
        kind: jobs::CARD_STORED,
        dedupe: Some(event.object.clone()),
        run_at: now,
        payload: serde_json::json!({ "card": event.object }),
    };
    db::jobs::enqueue(tx, &job)
}

impl Engine {
    /// Looks at a card that was stored; a virtual one is registered.
    ///
    /// # Errors
    /// A sentence for the log; the job is tried again.
    pub(crate) async fn card_stored(
        &self,
        house: &Scope,
        job: &db::jobs::Job,
    ) -> Result<Next, String> {
        let token = job.payload["card"].as_str().and_then(|text| text.parse().ok());
        let token: CardToken = token.ok_or("no card")?;
        let shop = job.shop;
        let wire = WireScope::of(house, shop);
        let card = match self.vault.ask(&wire, &CardGet { card: token }).await {
            Ok(card) => card,
            Err(WireError::Refused(_)) => return Ok(Next::Done),
            Err(error) => return Err(error.to_string()),
        };
        if card.card_virtual {
            let given = self.with_booking(&wire, card).await.map_err(|e| e.to_string())?;
            let (engine, scope) = (self.clone(), house.clone());
            let take =
                move |tx: &mut Tx<'_>| ops::register(tx, &engine.pen(&scope, shop), shop, &given);
            let done = self.ctx.db.write::<_, DbError, _>(Route::of(token.id()), take).await;
            done.map_err(|error| error.to_string())?;
        }
        Ok(Next::Done)
    }

    /// A card with the booking for which it came.
    async fn with_booking(&self, wire: &WireScope, card: Card) -> Result<CardOfBooking, WireError> {
        let listed = self.vault.ask(wire, &CardList { limit: LISTED }).await?;
        let found = listed.cards.into_iter().find(|one| one.card.token == card.token);
        Ok(CardOfBooking { card, booking: found.and_then(|one| one.booking) })
    }
}
