//! Cards that are kept, for programs: listed by booking, read, destroyed.

use std::sync::Arc;

use db::{DbError, Tx};
use kernel::{CardToken, Timestamp};
use serde_json::json;
use vault_wire::{Card, CardFilter, MissingReason, PartnerScope};

use super::Cards;
use crate::card::listing::{Wanted, store::page};
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
    /// At most [`MOST_CARDS`].
    pub(crate) limit: Option<String>,
    /// Where the page before ended.
    pub(crate) cursor: Option<String>,
}

fn limit(text: Option<String>) -> Result<u32, Denied> {
    let Some(text) = text else { return Ok(MOST_CARDS) };
    let read = text.parse().ok().filter(|limit| (1..=MOST_CARDS).contains(limit));
    read.ok_or_else(|| Denied::Simple(422, "invalid_field", Some("$.limit".into())))
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
        let (after, limit) = (self.behind(&shop, wish.cursor).await?, limit(wish.limit)?);
        let bookings = wish.booking.into_iter().collect();
        let filter = CardFilter { bookings, ..CardFilter::default() };
        let today = shop.today(self.clock.now());
        let wanted = Wanted { filter, fingerprint: None, today };
        let one_more = limit.saturating_add(1);
        let read = move |tx: &mut Tx<'_>| page(tx, place, &wanted, (after, one_more));
        let rows = self.keeper.db.read::<_, DbError, _>(read).await.map_err(Denied::internal)?;
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let cards: Vec<Card> = rows.iter().take(size).map(|row| self.view(&shop, row)).collect();
        let next = cards.last().filter(|_| rows.len() > size).map(|card| card.token);
        let json = json!({ "data": cards, "next": next }).to_string();
        Ok(Answered { status: 200, json, again: false })
    }

    /// The place behind which a page begins.
    async fn behind(
        &self,
        shop: &Shop,
        cursor: Option<String>,
    ) -> Result<Option<(Timestamp, CardToken)>, Denied> {
        let Some(text) = cursor else { return Ok(None) };
        let wrong = || Denied::Simple(422, "invalid_field", Some("$.cursor".into()));
        let card: CardToken = text.parse().map_err(|_| wrong())?;
        let found = self.keeper.find(shop.settings.merchant, card).await;
        let found = found.map_err(Denied::internal)?.filter(|row| row.shop == shop.settings.shop);
        Ok(Some((found.ok_or_else(wrong)?.received_at, card)))
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
