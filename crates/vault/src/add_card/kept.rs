//! Cards that are kept, for programs: listed by booking, read, destroyed.

use std::sync::Arc;

use db::{DbError, Tx};
use kernel::CardToken;
use serde_json::json;
use vault_wire::{Card, MissingReason, PartnerScope};

use super::Cards;
use crate::card::{self, CardRow};
use crate::core::codes::Moment;
use crate::log::Line;
use crate::partner::{Answered, Denied, Knock};
use crate::shop::Shop;

/// Cards of one answer.
const MOST_CARDS: u32 = 100;

/// Which cards.
pub(crate) struct Wish {
    /// A property's own program may leave it out.
    pub(crate) shop: Option<String>,
    pub(crate) booking: Option<String>,
}

impl Cards {
    /// A card of a shop in which the caller may do what he came for; elsewhere there is none.
    pub(crate) async fn found(
        &self,
        shops: Vec<Arc<Shop>>,
        token: CardToken,
    ) -> Result<(Arc<Shop>, CardRow), Denied> {
        let merchants: Vec<_> = shops.iter().map(|shop| shop.settings.merchant).collect();
        let read = move |tx: &mut Tx<'_>| {
            for merchant in &merchants {
                let card = card::store::card(tx, *merchant, token)?;
                if card.is_some() {
                    return Ok(card);
                }
            }
            Ok(None)
        };
        let card = self.keeper.db.read::<_, DbError, _>(read).await.map_err(Denied::internal)?;
        let card = card.ok_or_else(|| Denied::new(404, "not_found"))?;
        let shop = shops.into_iter().find(|shop| shop.settings.shop == card.shop);
        Ok((shop.ok_or_else(|| Denied::new(404, "not_found"))?, card))
    }

    /// A card that is not destroyed.
    pub(crate) async fn look(&self, knock: Knock, token: CardToken) -> Result<Answered, Denied> {
        let caller = self.doors.enter(&knock, PartnerScope::CardsRead)?;
        let (shop, card) = self.found(self.doors.shops(&caller), token).await?;
        if card.purged.is_some() {
            return Err(Denied::new(410, "gone"));
        }
        self.doors.shop(&caller, &shop.settings.shop.to_string()).await?;
        let json = serde_json::to_string(&self.view(&shop, &card)).map_err(Denied::internal)?;
        Ok(Answered { status: 200, json, again: false })
    }

    fn view(&self, shop: &Shop, card: &CardRow) -> Card {
        let real = self.clock.now();
        let moment = Moment { shop: shop.now(real), real };
        let held = self.codes.has(card.token, moment);
        card::view(card, shop.today(real), held)
    }

    /// The kept cards of a shop, those of one booking if one is named; newest first.
    pub(crate) async fn list(&self, knock: Knock, wish: Wish) -> Result<Answered, Denied> {
        let caller = self.doors.enter(&knock, PartnerScope::CardsRead)?;
        let own = caller.property().map(|shop| shop.settings.shop.to_string());
        let named = wish.shop.or(own).unwrap_or_default();
        let shop = self.doors.shop(&caller, &named).await?;
        let place = shop.place();
        let read = move |tx: &mut Tx<'_>| {
            card::store::kept_cards(tx, place, (wish.booking.as_deref(), MOST_CARDS))
        };
        let rows = self.keeper.db.read::<_, DbError, _>(read).await.map_err(Denied::internal)?;
        let cards: Vec<Card> = rows.iter().map(|row| self.view(&shop, row)).collect();
        let json = json!({ "data": cards, "next": null }).to_string();
        Ok(Answered { status: 200, json, again: false })
    }

    /// Destroys a card; once more is the same.
    pub(crate) async fn delete(&self, knock: Knock, token: CardToken) -> Result<Answered, Denied> {
        let caller = self.doors.enter(&knock, PartnerScope::CardsDelete)?;
        let (shop, card) = self.found(self.doors.shops(&caller), token).await?;
        if card.purged != Some(MissingReason::Purged) {
            self.codes.destroy(token);
            let place = shop.place();
            let now = shop.now(self.clock.now());
            let line = Line::new("card.deleted", place, &caller.actor(), now, &*self.keeper.rng)
                .card(token);
            let destroyed = self.keeper.destroy(&card, "deleted", line).await;
            destroyed.map_err(Denied::internal)?;
        }
        Ok(Answered { status: 204, json: String::new(), again: false })
    }
}
