//! All cards of a shop are destroyed when two people have asked.

use std::time::Duration;

use db::{DbError, Route, Tx};
use kernel::UserId;
use serde_json::json;
use vault_wire::{
    CardsDestroy, DESTRUCTION_HOURS, Destruction, DestructionAsked, DestructionDone, Refused,
    WireScope,
};

use super::Core;
use crate::capture::internal;
use crate::card::destruction::store;
use crate::log;

/// For so long the answer waits for the numbers to be written over; the sweeper does the rest.
const PATIENCE: Duration = Duration::from_secs(2);

impl Core {
    pub(super) async fn destruction(&self, scope: &WireScope) -> Result<Destruction, Refused> {
        let shop = self.shop(scope)?;
        let (place, now) = (shop.place(), self.moment(&shop).shop);
        let read = move |tx: &mut Tx<'_>| Ok((store::said(tx, place)?, store::count(tx, place)?));
        let read = self.keeper.db.read::<_, DbError, _>(read).await;
        let (said, (cards, going)) = read.map_err(internal)?;
        let asked = said.asked.map(|(by, at)| {
            let until = at.plus_minutes(DESTRUCTION_HOURS * 60);
            DestructionAsked { by, until }
        });
        let asked = asked.filter(|asked| now < asked.until);
        Ok(Destruction { name: shop.settings.name.clone(), cards, going, asked, done: said.done })
    }

    pub(super) async fn destroy_all(
        &self,
        scope: &WireScope,
        request: CardsDestroy,
    ) -> Result<Destruction, Refused> {
        let shop = self.shop(scope)?;
        if scope.user.parse::<UserId>().is_err() {
            let why = "Two people ask for it, each for himself.";
            return Err(Refused::new("approval_required", why));
        }
        if request.name.trim() != shop.settings.name {
            let why = "This is not the name of the property.";
            return Err(Refused::new("invalid_field", why).at("$.name"));
        }
        let asked = self.destruction(scope).await?.asked;
        let first = match asked {
            Some(asked) if asked.by == scope.user => {
                let why = "Another person must agree.";
                return Err(Refused::new("self_approval", why));
            }
            asked => asked.map(|asked| asked.by),
        };
        let event = if first.is_some() { "cards.destroyed" } else { "cards.destruction_asked" };
        let line = self.line(scope, event)?;
        let (place, by) = (shop.place(), scope.user.clone());
        let write = move |tx: &mut Tx<'_>| {
            let at = line.at;
            let said = store::said(tx, place)?.asked.map(|(by, _)| by);
            match &first {
                // Somebody else has agreed, or asked, at this very moment.
                Some(first) if said.as_ref() != Some(first) => return Ok(()),
                Some(first) => {
                    let cards = store::end_all(tx, place)?;
                    let (asked_by, agreed_by) = (first.clone(), by.clone());
                    let done = DestructionDone { asked_by, agreed_by, at, cards };
                    store::done(tx, place, &done)?;
                    let line = line.clone().details(json!({ "cards": cards, "asked_by": first }));
                    log::append(tx, &line)?;
                }
                None => {
                    store::ask(tx, place, (&by, at))?;
                    log::append(tx, &line)?;
                }
            }
            Ok(())
        };
        let route = Route::of(place.1.id());
        self.keeper.db.write::<_, DbError, _>(route, write).await.map_err(internal)?;
        // Cut off anywhere it is gone on with by the sweeper, as after a crash.
        if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, self.sweep_shop(&shop)).await {
            tracing::error!(%error, "all cards of a shop end; the sweeper goes on");
        }
        self.destruction(scope).await
    }
}
