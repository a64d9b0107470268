//! The virtual cards of a shop by what is to be done: for programs, the page and files.

use std::collections::BTreeMap;

use db::{DbError, Route, Tx};
use kernel::time::plus_days;
use kernel::{Date, Money, Scope, ShopId};
use vault_wire::{Card, CardOfBooking};

use super::model::{Tab, VirtualCard};
use super::ops::{self, Seen};
use super::{LOSING_DAYS, MOST_CARDS, Refusal, SOON_DAYS, store};
use crate::engine::Engine;
use crate::payment::save::Pen;

/// One virtual card with everything a list shows.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The card.
    pub seen: Seen,
    /// The lists it stands in.
    pub tabs: Vec<Tab>,
    /// What one press would charge; nothing when nobody knows how much.
    pub offer: Option<Money>,
    /// Why it cannot be charged now.
    pub shut: Option<Shut>,
}

/// Why there is nothing to press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shut {
    /// The card does not take it.
    Card(Refusal),
    /// Nothing is owed, or nothing is left on it.
    NothingDue,
}

impl Entry {
    fn of(seen: Seen, now: kernel::Timestamp) -> Self {
        let today = seen.zone.date(now);
        let offer = seen.possible();
        let asked = offer.unwrap_or_else(|| Money::zero(seen.currency()));
        let shut = match (seen.admit(asked, now), offer) {
            (Err(refusal), _) => Some(Shut::Card(refusal)),
            (Ok(()), Some(offer)) if offer.minor() <= 0 => Some(Shut::NothingDue),
            (Ok(()), _) => None,
        };
        Self { tabs: tabs(&seen, today), offer, shut, seen }
    }

    /// What can still be charged on the card, where the balance is known.
    #[must_use]
    pub fn left(&self) -> Option<Money> {
        self.seen.card.left(&self.seen.used)
    }

    /// Charged in all.
    #[must_use]
    pub fn charged(&self) -> Money {
        Money::new(self.seen.used.captured, self.seen.currency())
    }

    /// What a list adds up of it.
    fn counts_for(&self, tab: Tab) -> Option<Money> {
        let used = &self.seen.used;
        match tab {
            Tab::Charged => Some(self.charged()),
            Tab::Refund => {
                let kept = used.captured.saturating_sub(used.refunded);
                Some(Money::new(kept, self.seen.currency()))
            }
            _ => self.offer,
        }
    }

    /// The next day on which something happens to it.
    #[must_use]
    pub fn next_day(&self, today: Date) -> Option<Date> {
        let facts = &self.seen.card.facts;
        let days = [facts.active_from, facts.last_day(), facts.refund_before];
        days.into_iter().flatten().filter(|day| *day >= today).min()
    }
}

/// The lists that a card stands in on a day.
#[must_use]
pub fn tabs(seen: &Seen, today: Date) -> Vec<Tab> {
    let (facts, used) = (&seen.card.facts, &seen.used);
    let first = seen.card.first_day(&seen.zone);
    let more = seen.possible().is_none_or(|possible| possible.minor() > 0);
    let over = facts.last_day().is_some_and(|last| last < today);
    let (charged, open) = (used.captured > 0, more && !over);
    let waits = open && !charged;
    let losing = |last: Date| last <= plus_days(today, LOSING_DAYS);
    let kept = used.captured > used.refunded;
    let stands = |tab: &Tab| match tab {
        Tab::Today => waits && first == today,
        Tab::Soon => waits && first > today && first <= plus_days(today, SOON_DAYS),
        Tab::Late => waits && first < today,
        Tab::Left => charged && open,
        Tab::Refund => kept && facts.refund_before.is_some(),
        Tab::Losing => open && facts.last_day().is_some_and(losing),
        Tab::Charged => charged && !more,
    };
    Tab::ALL.iter().copied().filter(stands).collect()
}

/// How many cards a list has, and what it comes to per currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Cards.
    pub cards: usize,
    /// What can be charged on those of which it is known, by currency; of charged ones what was,
    /// of those to refund what is to go back.
    pub sums: BTreeMap<String, i64>,
}

/// Counts and sums of every list.
#[must_use]
pub fn counts(all: &[Entry]) -> Vec<(Tab, Count)> {
    let count = |tab: Tab| {
        let mut count = Count::default();
        for entry in all.iter().filter(|entry| entry.tabs.contains(&tab)) {
            count.cards = count.cards.saturating_add(1);
            let Some(money) = entry.counts_for(tab) else { continue };
            let sum = count.sums.entry(money.currency().code().to_owned()).or_default();
            *sum = sum.saturating_add(money.minor());
        }
        (tab, count)
    };
    Tab::ALL.iter().copied().map(count).collect()
}

/// The virtual cards of a shop, those that open first before.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn entries(tx: &mut Tx<'_>, pen: &Pen<'_>, shop: ShopId) -> Result<Vec<Entry>, DbError> {
    let known = store::of_shop(tx, pen.scope, shop, MOST_CARDS)?;
    let mut all = Vec::with_capacity(known.len());
    for told in known {
        all.push(Entry::of(ops::consider(tx, pen, told)?, pen.now));
    }
    all.sort_by_key(|entry| (entry.seen.card.first_day(&entry.seen.zone), entry.seen.card.card));
    Ok(all)
}

/// One of them.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn entry(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    card: kernel::CardToken,
) -> Result<Option<Entry>, DbError> {
    Ok(ops::look(tx, pen, card)?.map(|seen| Entry::of(seen, pen.now)))
}

impl Engine {
    /// A card of the vault with window and balance, if it is virtual; one that is met here for the
    /// first time is registered.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub async fn with_virtual(
        &self,
        scope: &Scope,
        shop: ShopId,
        card: &mut Card,
    ) -> Result<Option<Seen>, DbError> {
        let (engine, owned, token) = (self.clone(), scope.clone(), card.token);
        let look = move |tx: &mut Tx<'_>| ops::look(tx, &engine.pen(&owned, shop), token);
        let mut found = self.ctx.db.read::<_, DbError, _>(look).await?;
        if found.is_none() && card.card_virtual {
            let (engine, owned) = (self.clone(), scope.clone());
            let given = CardOfBooking::from(card.clone());
            let take = move |tx: &mut Tx<'_>| {
                let pen = engine.pen(&owned, shop);
                ops::register(tx, &pen, shop, &given)?;
                ops::look(tx, &pen, token)
            };
            found = self.ctx.db.write::<_, DbError, _>(Route::of(token.id()), take).await?;
        }
        if let Some(seen) = &found {
            card.card_virtual = true;
            card.virtual_card = Some(seen.shown());
            card.version = version(card.version, &seen.told);
        }
        Ok(found)
    }

    /// The virtual cards that a shop keeps, those that open first before.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub async fn virtual_cards(&self, scope: &Scope, shop: ShopId) -> Result<Vec<Entry>, DbError> {
        let (engine, owned) = (self.clone(), scope.clone());
        let read = move |tx: &mut Tx<'_>| entries(tx, &engine.pen(&owned, shop), shop);
        self.ctx.db.read(read).await
    }
}

/// The version of a card counts the changes of both its halves.
fn version(vault: u32, told: &VirtualCard) -> u32 {
    vault.saturating_add(u32::try_from(told.version).unwrap_or(u32::MAX))
}
