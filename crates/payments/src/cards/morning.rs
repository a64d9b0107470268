//! What the house looks at by itself for a shop that keeps cards, each day at nine of its clock.
//!
//! **Always true.** A morning that fails is never given up, since nobody else would plan the next
//! one: while the vault is away it is tried again every ten minutes of that clock, and what the vault
//! refuses for good waits for the next day.
//!
//! **Limits.** The mornings of a shop are planned when somebody sets that codes are shown once, or
//! that cards are checked before their guests arrive. A shop that had its settings from elsewhere
//! has none until they are saved here.

use db::jobs::{Job, NewJob};
use db::{DbError, Route, Tx};
use kernel::time::plus_days;
use kernel::{Date, JobId, Scope, ShopId, Timestamp, Zone};
use vault_wire::{CardSettings, CardSettingsGet, WireError, WireScope};
use web::Next;

use super::news::FollowError;
use super::reminders;
use crate::engine::Engine;
use crate::jobs;
use crate::payment::save::{Pen, zone};

const HOUR: i8 = 9;
/// Minutes after which a morning that failed is tried again.
const AGAIN_MINUTES: i64 = 10;

/// The next nine o'clock.
fn next(zone: &Zone, now: Timestamp) -> Timestamp {
    let today = zone.date(now);
    let first = zone.at(today, HOUR, 0);
    if now < first { first } else { zone.at(plus_days(today, 1), HOUR, 0) }
}

/// Plans the next morning of a shop.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn plan(tx: &mut Tx<'_>, pen: &Pen<'_>, shop: ShopId) -> Result<(), DbError> {
    let zone = zone(tx, pen.scope)?;
    let job = NewJob {
        id: JobId::new(pen.now, pen.rng),
        merchant: pen.scope.merchant(),
        mode: pen.scope.mode(),
        shop,
        kind: jobs::CARD_MORNING,
        dedupe: Some(shop.to_string()),
        run_at: next(&zone, pen.now),
        payload: serde_json::Value::Null,
    };
    db::jobs::enqueue(tx, &job)
}

fn last_day(settings: &CardSettings) -> Option<Date> {
    settings.view_code_once.as_ref()?.until.parse().ok()
}

impl Engine {
    /// Plans the mornings of a shop before its settings are written: whatever dies in between, and
    /// whatever the vault says of the settings, a morning that finds nothing to do does no harm.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub(super) async fn plan_mornings(
        &self,
        scope: &Scope,
        (shop, settings): (ShopId, &CardSettings),
    ) -> Result<(), DbError> {
        if last_day(settings).is_none() {
            return Ok(());
        }
        let (engine, scope) = (self.clone(), scope.clone());
        let write = move |tx: &mut Tx<'_>| plan(tx, &engine.pen(&scope, shop), shop);
        self.ctx.db.write::<_, DbError, _>(Route::of(shop.id()), write).await
    }

    /// A morning of a shop; safe to repeat.
    ///
    /// # Errors
    /// None: what fails is logged, and the morning comes again.
    pub(crate) async fn card_morning(&self, house: &Scope, job: &Job) -> Result<Next, String> {
        let shop = job.shop;
        let again = self.morning_of(house, shop).await.unwrap_or_else(|error| {
            tracing::warn!(%error, %shop, "a morning of cards is tried again in minutes");
            self.ctx.now(shop).plus_minutes(AGAIN_MINUTES)
        });
        Ok(Next::Again(again))
    }

    /// Does what a morning is for; gives the next one.
    async fn morning_of(&self, house: &Scope, shop: ShopId) -> Result<Timestamp, FollowError> {
        match self.remind_and_check(house, shop).await {
            Err(FollowError::Vault(WireError::Refused(why))) if why.is_final() => {
                tracing::error!(code = why.code, %shop, "the vault refuses a morning of cards");
            }
            done => done?,
        }
        let scope = house.clone();
        let read = move |tx: &mut Tx<'_>| zone(tx, &scope);
        let zone = self.ctx.db.read::<_, DbError, _>(read).await?;
        Ok(next(&zone, self.ctx.now(shop)))
    }

    async fn remind_and_check(&self, house: &Scope, shop: ShopId) -> Result<(), FollowError> {
        let asked = self.vault.ask(&WireScope::of(house, shop), &CardSettingsGet {}).await;
        let until = last_day(&asked?.settings);
        let (engine, scope) = (self.clone(), house.clone());
        let remind = move |tx: &mut Tx<'_>| {
            let (pen, zone) = (engine.pen(&scope, shop), zone(tx, &scope)?);
            reminders::remind(tx, (&engine.ctx, &pen), (shop, &zone, until))
        };
        self.ctx.db.write::<_, DbError, _>(Route::of(shop.id()), remind).await?;
        self.check_arrivals(house, shop).await
    }
}
