//! The sweeper: holds that are over are expired within a second of the shop's clock.

use db::jobs::{self, NewJob};
use db::{Db, DbError, Route, Tx};
use kernel::{JobId, Scope, ShopId, Timestamp};
use serde_json::json;
use std::sync::Arc;

use super::model::Hold;
use super::ops::{self, EXPIRY_ROUND, HoldError};
use crate::moment::Moment;

/// Kind of the job.
pub const SWEEP: &str = "booking.sweep_holds";

/// Plans a sweep of the shop at the first full second at which the hold is over; one job serves
/// all holds of that second.
///
/// # Errors
/// [`DbError`].
pub fn plan_sweep(tx: &mut Tx, scope: &Scope, hold: &Hold, moment: Moment) -> Result<(), DbError> {
    let second = hold.expires_at.plus_millis(999).as_seconds();
    let run_at = Timestamp::from_micros(second.saturating_mul(1_000_000));
    let job = NewJob {
        id: JobId::new(moment.now, moment.rng),
        merchant: scope.merchant(),
        mode: scope.mode(),
        shop: hold.shop,
        kind: SWEEP,
        dedupe: Some(format!("{}:{second}", hold.shop)),
        run_at,
        payload: json!({}),
    };
    jobs::enqueue(tx, &job)
}

/// Expires all holds of a shop that are over, round by round.
///
/// # Errors
/// [`HoldError`].
pub async fn sweep(
    db: &Db,
    scope: &Scope,
    shop: ShopId,
    (now, rng): (Timestamp, Arc<dyn kernel::Rng>),
) -> Result<u32, HoldError> {
    let mut all = 0_u32;
    loop {
        let (scope, rng) = (scope.clone(), Arc::clone(&rng));
        let unit = move |tx: &mut Tx<'_>| {
            ops::expire_due(tx, &scope, shop, Moment::new(now, rng.as_ref()))
        };
        let expired = db.write(Route::of(shop.id()), unit).await?;
        all = all.saturating_add(expired);
        if expired < EXPIRY_ROUND {
            return Ok(all);
        }
    }
}

/// The handler of the sweep.
#[must_use]
pub fn sweep_kind(ctx: &web::Context) -> web::JobKind {
    let ctx = ctx.clone();
    let run = move |job: jobs::Job| -> web::worker::Work<Result<web::Next, String>> {
        let ctx = ctx.clone();
        Box::pin(async move {
            let scope = identity::scope::for_house(job.merchant, job.mode);
            let moment = (ctx.now(job.shop), Arc::clone(&ctx.rng));
            let swept = sweep(&ctx.db, &scope, job.shop, moment).await;
            swept.map(|_| web::Next::Done).map_err(|error| error.to_string())
        })
    };
    web::JobKind { kind: SWEEP, run: Arc::new(run) }
}
