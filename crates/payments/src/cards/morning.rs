//! What the house looks at by itself for a shop that keeps cards, each day at nine of its clock.

use db::jobs::{Job, NewJob};
use db::{DbError, Route, Tx};
use kernel::time::plus_days;
use kernel::{Date, JobId, Scope, ShopId, Timestamp, Zone};
use vault_wire::{CardSettings, CardSettingsGet, WireScope};
use web::Next;

use super::reminders;
use crate::engine::Engine;
use crate::jobs;
use crate::payment::save::{Pen, zone};

const HOUR: i8 = 9;

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
    /// Plans the mornings of a shop before its settings are written: whatever dies in between, a
    /// morning that finds nothing to do does no harm.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub(super) async fn plan_mornings(
        &self,
        scope: &Scope,
        (shop, settings): (ShopId, &CardSettings),
    ) -> Result<(), DbError> {
        let (engine, scope, until) = (self.clone(), scope.clone(), last_day(settings));
        let Some(until) = until else { return Ok(()) };
        let write = move |tx: &mut Tx<'_>| {
            let (pen, zone) = (engine.pen(&scope, shop), zone(tx, &scope)?);
            reminders::begin(tx, &pen, (shop, &zone, until))?;
            plan(tx, &pen, shop)
        };
        self.ctx.db.write::<_, DbError, _>(Route::of(shop.id()), write).await
    }

    /// A morning of a shop; safe to repeat.
    ///
    /// # Errors
    /// A sentence for the log; the job is tried again.
    pub(crate) async fn card_morning(&self, house: &Scope, job: &Job) -> Result<Next, String> {
        let asked = self.vault.ask(&WireScope::of(house, job.shop), &CardSettingsGet {}).await;
        let until = last_day(&asked.map_err(|error| error.to_string())?.settings);
        let (engine, scope, shop) = (self.clone(), house.clone(), job.shop);
        let remind = move |tx: &mut Tx<'_>| {
            let (pen, zone) = (engine.pen(&scope, shop), zone(tx, &scope)?);
            reminders::remind(tx, (&engine.ctx, &pen), (shop, &zone, until))?;
            Ok(zone)
        };
        let zone = self.ctx.db.write::<_, DbError, _>(Route::of(shop.id()), remind).await;
        let zone = zone.map_err(|error| error.to_string())?;
        let today = zone.date(self.ctx.now(shop));
        self.check_arrivals(house, (shop, today)).await?;
        Ok(Next::Again(next(&zone, self.ctx.now(shop))))
    }
}
