//! Which cards a booking has, and how long they stay.

use db::{DbError, Route, Tx};
use kernel::{Date, Timestamp};
use serde_json::{Value, json};
use vault_wire::{
    BookingCards, Card, CardAttach, CardExtend, CardKept, CardNeed, CardOfBooking, CardsDue,
    CardsListed, DestructionGet, Gone, MOST_BOOKINGS, MOST_EXTENSION_DAYS, Refused, StayCards,
    StayPut, WireScope,
};

use super::Core;
use super::codes::Moment;
use super::dispatch::{Outcome, answer, read};
use crate::capture::{internal, not_found};
use crate::card::listing::MOST_CARDS;
use crate::card::stay::store::{self, Kept};
use crate::card::{self, CardKind};
use crate::log::{self, Line};
use crate::shop::Shop;

impl Core {
    /// The operations of this file.
    pub(super) async fn stays(&self, op: &str, scope: &WireScope, body: Value) -> Outcome {
        match op {
            "card.list" => answer(&self.list(scope, read(body)?).await?),
            "card.patch" => answer(&self.patch(scope, read(body)?).await?),
            "card.destroy_all" => answer(&self.destroy_all(scope, read(body)?).await?),
            "card.destruction" => {
                let DestructionGet {} = read(body)?;
                answer(&self.destruction(scope).await?)
            }
            "card.attach" => answer(&self.attach(scope, read(body)?).await?),
            "card.kept" => answer(&self.one(scope, read(body)?).await?),
            "card.due" => answer(&self.due(scope, read(body)?).await?),
            "card.need" => answer(&self.need(scope, read(body)?).await?),
            "card.extend" => answer(&self.extend(scope, read(body)?).await?),
            "booking.cards" => answer(&self.of_bookings(scope, read(body)?).await?),
            "booking.stay" => answer(&self.put_stay(scope, &read(body)?).await?),
            _ => Err(super::unknown_op()),
        }
    }

    async fn due(&self, scope: &WireScope, request: CardsDue) -> Result<CardsListed, Refused> {
        let shop = self.shop(scope)?;
        let (place, limit) = ((scope.merchant, scope.shop), request.limit.clamp(1, MOST_CARDS));
        let read = move |tx: &mut Tx<'_>| store::going(tx, place, (request.before, limit));
        let kept = self.keeper.db.read::<_, DbError, _>(read).await.map_err(internal)?;
        Ok(self.listed(&shop, kept))
    }

    async fn of_bookings(
        &self,
        scope: &WireScope,
        request: BookingCards,
    ) -> Result<CardsListed, Refused> {
        let shop = self.shop(scope)?;
        if request.bookings.len() > MOST_BOOKINGS {
            let why = "Ask for fewer bookings at once.";
            return Err(Refused::new("invalid_field", why).at("$.bookings"));
        }
        let place = (scope.merchant, scope.shop);
        let read = move |tx: &mut Tx<'_>| {
            let names = &request.bookings;
            Ok((store::of_bookings(tx, place, names)?, store::missing(tx, place, names)?))
        };
        let read = self.keeper.db.read::<_, DbError, _>(read).await;
        let (kept, missing) = read.map_err(internal)?;
        Ok(CardsListed { missing, ..self.listed(&shop, kept) })
    }

    async fn one(
        &self,
        scope: &WireScope,
        CardKept { card }: CardKept,
    ) -> Result<CardOfBooking, Refused> {
        let shop = self.shop(scope)?;
        let kept = self.kept(scope, card).await?;
        Ok(self.seen(kept, (&shop, self.moment(&shop))))
    }

    pub(super) fn listed(&self, shop: &Shop, kept: Vec<Kept>) -> CardsListed {
        let moment = self.moment(shop);
        let cards = kept.into_iter().map(|one| self.seen(one, (shop, moment))).collect();
        CardsListed { cards, missing: Vec::new() }
    }

    fn seen(&self, kept: Kept, (shop, moment): (&Shop, Moment)) -> CardOfBooking {
        let row = kept.card;
        let held = self.codes.has(row.token, moment);
        let (at, by) = kept.gone;
        CardOfBooking {
            card: card::view(&row, shop.zone.date(moment.shop), held),
            booking: row.booking,
            gone: row.purged.map(|why| Gone { why, at, by }),
            extended_until: kept.calendar.extended_until,
        }
    }

    pub(super) async fn kept(
        &self,
        scope: &WireScope,
        card: kernel::CardToken,
    ) -> Result<Kept, Refused> {
        let owner = (scope.merchant, card);
        let read = move |tx: &mut Tx<'_>| store::kept(tx, owner);
        let found = self.keeper.db.read::<_, DbError, _>(read).await.map_err(internal)?;
        found.filter(|kept| kept.card.shop == scope.shop).ok_or_else(not_found)
    }

    /// A card that is kept for longer than one payment, and not destroyed.
    pub(super) async fn staying(
        &self,
        scope: &WireScope,
        card: kernel::CardToken,
    ) -> Result<Kept, Refused> {
        let kept = self.kept(scope, card).await?;
        if kept.card.purged.is_some() {
            return Err(Refused::new("gone", "The card is destroyed."));
        }
        if kept.card.kind == CardKind::SingleUse {
            let why = "The card was not given for a booking: its holder did not agree to that.";
            return Err(Refused::new("card_not_kept", why));
        }
        Ok(kept)
    }

    async fn attach(&self, scope: &WireScope, request: CardAttach) -> Result<Card, Refused> {
        let kept = self.staying(scope, request.card).await?;
        let booking = request.booking.to_string();
        if kept.card.kind == CardKind::Saved {
            let why = "The card was not given for a booking: its holder did not agree to that.";
            return Err(Refused::new("card_not_kept", why));
        }
        let other = kept.card.booking.as_ref().is_some_and(|known| *known != booking);
        if other && kept.card.kind == CardKind::Booking {
            return Err(Refused::new("card_in_use", "The card belongs to another booking."));
        }
        self.give(scope, kept, (booking, request.check_out, request.cancelled_on)).await?;
        self.look(scope, request.card).await
    }

    async fn put_stay(&self, scope: &WireScope, request: &StayPut) -> Result<StayCards, Refused> {
        self.shop(scope)?;
        let booking = request.booking.to_string();
        let place = (scope.merchant, scope.shop);
        let names = [booking.clone(), request.reference.clone()];
        let read = move |tx: &mut Tx<'_>| store::of_bookings(tx, place, &names);
        let found = self.keeper.db.read::<_, DbError, _>(read).await.map_err(internal)?;
        let mut cards = Vec::new();
        for kept in found.into_iter().filter(|kept| kept.card.purged.is_none()) {
            // A reference may be that of something else, unless the card waits for it.
            let named = kept.card.booking.as_ref() == Some(&booking);
            let kind = kept.card.kind;
            if kind == CardKind::Pending || (kind == CardKind::Booking && named) {
                cards.push(kept.card.token);
                let stay = (booking.clone(), request.check_out, request.cancelled_on);
                self.give(scope, kept, stay).await?;
            }
        }
        Ok(StayCards { cards })
    }

    /// Gives a card to a booking with its days; what it has already is not written again.
    async fn give(
        &self,
        scope: &WireScope,
        kept: Kept,
        (booking, check_out, cancelled_on): (String, Date, Option<Date>),
    ) -> Result<(), Refused> {
        let mut after = kept.clone();
        after.card.kind = CardKind::Booking;
        after.card.booking = Some(booking.clone());
        after.calendar.check_out = Some(check_out);
        after.calendar.cancelled_on = cancelled_on;
        let is_new = kept.card.kind != CardKind::Booking || kept.card.booking != after.card.booking;
        let line = self.line(scope, "card.attached")?.card(kept.card.token);
        let line = line.details(json!({ "booking": booking }));
        self.change(scope, (kept, after), is_new.then_some(line).into_iter().collect()).await
    }

    async fn need(&self, scope: &WireScope, request: CardNeed) -> Result<Card, Refused> {
        let kept = self.staying(scope, request.card).await?;
        let mut after = kept.clone();
        after.calendar.needed_until = request.until;
        self.change(scope, (kept, after), Vec::new()).await?;
        self.look(scope, request.card).await
    }

    async fn extend(&self, scope: &WireScope, request: CardExtend) -> Result<Card, Refused> {
        let shop = self.shop(scope)?;
        let kept = self.staying(scope, request.card).await?;
        if !(1..=MOST_EXTENSION_DAYS).contains(&request.days) {
            let why = "A card is kept 1 to 30 days longer.";
            return Err(Refused::new("until_too_far", why).at("$.days"));
        }
        if kept.calendar.extended_until.is_some() {
            let why = "The card was kept longer once already.";
            return Err(Refused::new("extended_before", why));
        }
        if kept.calendar.purge_by.is_some() {
            let why = "An earlier end was set for this card by hand: it is not kept longer.";
            return Err(Refused::new("ends_earlier", why));
        }
        let Some(ends) = kept.card.purge_at else {
            return Err(Refused::new("until_too_far", "The card has no date to be moved."));
        };
        let last = shop.zone.date(ends.plus_seconds(-1));
        let mut after = kept.clone();
        after.calendar.extended_until =
            Some(kernel::time::plus_days(last, i64::from(request.days)));
        let line = self.line(scope, "card.extended")?.card(request.card);
        let line = line.purpose(request.reason.as_str());
        let line = line.details(json!({ "until": after.calendar.extended_until }));
        self.change(scope, (kept, after), vec![line]).await?;
        self.look(scope, request.card).await
    }

    /// Writes a card's new days with the end that follows from them.
    pub(super) async fn change(
        &self,
        scope: &WireScope,
        (before, mut after): (Kept, Kept),
        lines: Vec<Line>,
    ) -> Result<(), Refused> {
        let shop = self.shop(scope)?;
        after.card.purge_at = after.calendar.purge_at(&shop, &after.card);
        let same_booking = before.card.booking == after.card.booking;
        let same_end = before.card.purge_at == after.card.purge_at;
        if same_booking && same_end && before.calendar == after.calendar && lines.is_empty() {
            return Ok(());
        }
        let code_until: Option<Timestamp> = after.calendar.code_until(&shop, &after.card);
        after.card.version = after.card.version.saturating_add(1);
        let route = Route::of(after.card.token.id());
        let write = move |tx: &mut Tx<'_>| {
            store::save(tx, (&after, code_until))?;
            for line in &lines {
                log::append(tx, line)?;
            }
            Ok(())
        };
        self.keeper.db.write::<_, DbError, _>(route, write).await.map_err(internal)
    }
}
