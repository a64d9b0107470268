//! The checks themselves: on receipt, and on the mornings before arrival.

use connectors::CodeUse;
use db::{DbError, Route, Tx};
use kernel::time::nights_between;
use kernel::{CardToken, Scope, ShopId};
use vault_wire::{
    Card, CardFilter, CardKept, CardList, CardOfBooking, CardStatus, CodeStatus, WireError,
    WireScope,
};

use super::{Policy, When, store};
use crate::cards::news::FollowError;
use crate::engine::{Asked, Engine, VerifyAsk, VerifyError};
use crate::payment::save::zone;
use crate::verifications::{self, State, Wish};

/// Cards that the vault lists at once.
const PAGE_CARDS: u32 = 200;

/// Whether a card can be asked about now, whoever keeps it.
const fn stands(card: &Card) -> bool {
    matches!(card.status, CardStatus::Active | CardStatus::Pending)
}

impl Engine {
    /// How a shop has its cards checked.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub(in crate::cards) async fn check_policy(
        &self,
        scope: &Scope,
        shop: ShopId,
    ) -> Result<Policy, DbError> {
        let scope = scope.clone();
        self.ctx.db.read(move |tx| store::policy(tx, &scope, shop)).await
    }

    /// Checks a card that has come, where the property wants that: as soon as it comes, or because
    /// its guest arrives within the days on whose mornings it would be checked. Safe to repeat.
    ///
    /// # Errors
    /// A sentence for the log.
    pub(in crate::cards) async fn check_on_receipt(
        &self,
        house: &Scope,
        (card, shop): (&Card, ShopId),
    ) -> Result<(), String> {
        let policy = self.check_policy(house, shop).await.map_err(|error| error.to_string())?;
        if policy.auto == When::Off || !stands(card) {
            return Ok(());
        }
        if policy.auto == When::DaysBefore {
            let soon = self.arrives_soon((house, shop), card.token, policy.days_before).await;
            if !soon.map_err(|error| error.to_string())? {
                return Ok(());
            }
        }
        self.check_by_itself(house, (card, shop), &policy).await.map_err(|error| error.to_string())
    }

    /// Checks the cards whose guests arrive soon, where the property wants that; safe to repeat. One
    /// that could not be asked about is asked about on the next morning, up to that of the arrival.
    ///
    /// # Errors
    /// [`FollowError`]: not all were looked at.
    pub(in crate::cards) async fn check_arrivals(
        &self,
        house: &Scope,
        shop: ShopId,
    ) -> Result<(), FollowError> {
        let policy = self.check_policy(house, shop).await?;
        if policy.auto != When::DaysBefore {
            return Ok(());
        }
        let mut after = None;
        loop {
            let filter = CardFilter { state: Some(CardStatus::Active), ..CardFilter::default() };
            let list = CardList { limit: PAGE_CARDS, filter, after };
            let listed = self.vault.ask(&WireScope::of(house, shop), &list).await;
            let cards = listed?.cards;
            let full = cards.len() >= usize::try_from(PAGE_CARDS).unwrap_or(usize::MAX);
            after = cards.last().map(|last| last.card.token);
            for card in self.arriving((house, shop), cards, policy.days_before).await? {
                if let Err(error) = self.check_by_itself(house, (&card, shop), &policy).await {
                    tracing::warn!(%error, card = %card.token, "card not checked by itself");
                }
            }
            if !full {
                return Ok(());
            }
        }
    }

    /// Whether a card's guest arrives within so many days, today included.
    async fn arrives_soon(
        &self,
        (house, shop): (&Scope, ShopId),
        card: CardToken,
        days: i64,
    ) -> Result<bool, FollowError> {
        let asked = self.vault.ask(&WireScope::of(house, shop), &CardKept { card }).await;
        match asked {
            Err(WireError::Refused(why)) if why.is_final() => Ok(false),
            kept => Ok(!self.arriving((house, shop), vec![kept?], days).await?.is_empty()),
        }
    }

    /// Those whose guests arrive within so many days, today included.
    async fn arriving(
        &self,
        (house, shop): (&Scope, ShopId),
        cards: Vec<CardOfBooking>,
        days: i64,
    ) -> Result<Vec<Card>, DbError> {
        let (engine, scope) = (self.clone(), house.clone());
        let read = move |tx: &mut Tx<'_>| {
            let today = zone(tx, &scope)?.date(engine.ctx.now(shop));
            let mut due = Vec::new();
            for one in &cards {
                let Some(name) = one.booking.as_deref() else { continue };
                let Some(stay) = engine.claim_in(tx, &scope, (name, shop))? else { continue };
                let left = nights_between(today, stay.check_in);
                if stay.cancelled.is_none() && (0..=days).contains(&left) {
                    due.push(one.card.clone());
                }
            }
            Ok(due)
        };
        self.ctx.db.read(read).await
    }

    /// Checks a card of which neither a check nor a payment has told anything yet; what forbids it
    /// is no fault.
    async fn check_by_itself(
        &self,
        house: &Scope,
        (card, shop): (&Card, ShopId),
        policy: &Policy,
    ) -> Result<(), VerifyError> {
        let held = matches!(card.security_code.status, CodeStatus::Available | CodeStatus::Transit);
        let code = if policy.with_code && held { CodeUse::WithCode } else { CodeUse::WithoutCode };
        let (token, origin) = (card.token, identity::audit::Origin::default());
        let ask = VerifyAsk { shop, card: token, wish: Wish::Auto, code, origin };
        let ready = match self.look_at_card(house, &ask).await {
            Ok(ready) => ready,
            Err(error) => return not_now(error, token),
        };
        let (engine, scope) = (self.clone(), house.clone());
        let write = move |tx: &mut Tx<'_>| {
            let before = verifications::store::of_card(tx, &scope, token)?;
            let checked = before.iter().any(|one| one.state != State::NotSent);
            if checked || store::is_accepted(tx, &scope, token)? {
                return Ok(None);
            }
            engine.store_verification(tx, &scope, (&ask, &ready)).map(Some)
        };
        match self.ctx.db.write(Route::of(token.id()), write).await {
            Ok(Some(Asked::Go(checking))) => self.verify(house, *checking).await.map(|_| ()),
            Ok(Some(Asked::Running(_)) | None) => Ok(()),
            Err(error) => not_now(error, token),
        }
    }
}

/// A card that may not be checked is left to people.
fn not_now(error: VerifyError, card: CardToken) -> Result<(), VerifyError> {
    match error {
        VerifyError::Refused(why) => {
            tracing::info!(%card, ?why, "a card is not checked by itself");
            Ok(())
        }
        VerifyError::Vault(WireError::Refused(why)) if why.is_final() => Ok(()),
        error => Err(error),
    }
}
