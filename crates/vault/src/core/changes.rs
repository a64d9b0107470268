//! Which cards there are, and what may change of one: its scheme, its end, and whether it is blocked.

use db::{DbError, Tx};
use kernel::card_text::holds_card_number;
use serde_json::json;
use vault_wire::{
    Card, CardList, CardPatch, CardsListed, Refused, SUSPENSION_REASON_CHARACTERS, Suspension,
    SuspensionCause, WireScope,
};

use super::Core;
use crate::capture::internal;
use crate::card::listing::{self, MOST_CARDS, Wanted};
use crate::card::stay::Calendar;
use crate::card::stay::store::Kept;
use crate::log::Line;

impl Core {
    pub(super) async fn list(
        &self,
        scope: &WireScope,
        request: CardList,
    ) -> Result<CardsListed, Refused> {
        let shop = self.shop(scope)?;
        let wanted = Wanted::read(request.filter, shop.today(self.clock.now()))?;
        let after = match request.after {
            None => None,
            Some(card) => {
                let last = self.kept(scope, card).await.map_err(|_| {
                    Refused::new("invalid_field", "No list goes on behind it.").at("$.after")
                })?;
                Some((last.card.received_at, card))
            }
        };
        let (place, limit) = (shop.place(), request.limit.clamp(1, MOST_CARDS));
        let read = move |tx: &mut Tx<'_>| listing::store::page(tx, place, &wanted, (after, limit));
        let rows = self.keeper.db.read::<_, DbError, _>(read).await.map_err(internal)?;
        let kept = |card| Kept { card, calendar: Calendar::default(), gone: (None, None) };
        Ok(self.listed(&shop, rows.into_iter().map(kept).collect()))
    }

    /// Changes what may change of a card; all of the request or nothing.
    pub(super) async fn patch(
        &self,
        scope: &WireScope,
        request: CardPatch,
    ) -> Result<Card, Refused> {
        let kept = self.staying(scope, request.card).await?;
        if request.version.is_some_and(|version| version != kept.card.version) {
            let why = "The card changed since it was read; look again.";
            return Err(Refused::new("precondition_failed", why));
        }
        let mut after = kept.clone();
        let mut lines = Vec::new();
        lines.extend(self.choose_brand(scope, &request, &mut after)?);
        lines.extend(self.end_earlier(scope, &request, &mut after)?);
        lines.extend(self.suspend(scope, &request, &mut after)?);
        self.change(scope, (kept, after), lines).await?;
        self.look(scope, request.card).await
    }

    fn choose_brand(
        &self,
        scope: &WireScope,
        request: &CardPatch,
        after: &mut Kept,
    ) -> Result<Option<Line>, Refused> {
        let Some(brand) = request.preferred_brand else { return Ok(None) };
        let card = &mut after.card;
        if brand != card.brand && Some(brand) != card.co_brand {
            let why = "The card does not carry this scheme.";
            return Err(Refused::new("invalid_field", why).at("$.preferred_brand"));
        }
        if card.preferred == Some(brand) {
            return Ok(None);
        }
        card.preferred = Some(brand);
        let line = self.line(scope, "card.changed")?.card(card.token).purpose("preferred_brand");
        Ok(Some(line.details(json!({ "brand": brand }))))
    }

    fn end_earlier(
        &self,
        scope: &WireScope,
        request: &CardPatch,
        after: &mut Kept,
    ) -> Result<Option<Line>, Refused> {
        let Some(end) = request.purge_at else { return Ok(None) };
        let at = |code: &str, why: &str| Err(Refused::new(code, why).at("$.purge_at"));
        if Some(end) == after.card.purge_at {
            return Ok(None);
        }
        if after.card.purge_at.is_some_and(|planned| planned < end) {
            return at("until_too_far", "The end of a card is only moved to an earlier instant.");
        }
        if end <= self.moment(&*self.shop(scope)?).shop {
            return at("invalid_field", "This instant is over: delete the card instead.");
        }
        after.calendar.purge_by = Some(end);
        let line = self.line(scope, "card.changed")?.card(after.card.token).purpose("purge_at");
        Ok(Some(line.details(json!({ "purge_at": end }))))
    }

    fn suspend(
        &self,
        scope: &WireScope,
        request: &CardPatch,
        after: &mut Kept,
    ) -> Result<Option<Line>, Refused> {
        let Some(on) = request.suspended else { return Ok(None) };
        let reason = request.reason.as_deref().unwrap_or_default().trim().to_owned();
        if !SUSPENSION_REASON_CHARACTERS.contains(&reason.chars().count()) {
            let why = "A reason of 3 to 200 characters.";
            return Err(Refused::new("reason_too_short", why).at("$.reason"));
        }
        if holds_card_number(&reason) {
            let why = "Do not write a card number in a reason.";
            return Err(Refused::new("pan_in_wrong_field", why).at("$.reason"));
        }
        if on == after.card.suspension.is_some() {
            return Ok(None);
        }
        let event = if on { "card.suspended" } else { "card.resumed" };
        let line = self.line(scope, event)?.card(after.card.token);
        let at = line.at;
        let line = line.purpose(SuspensionCause::Blocked.as_str());
        let line = line.details(json!({ "reason": reason }));
        let cause = SuspensionCause::Blocked;
        after.card.suspension = on.then_some(Suspension { cause, reason, at });
        Ok(Some(line))
    }
}
