//! Forgetting deliveries that ended long ago, with their tries.
//!
//! Only what waits for nothing goes: a message under way is kept however old it is. Rounds are
//! short, so that a large backlog holds nobody up.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use db::{DbError, Route, Tx};
use web::worker::Work;
use web::{Context, Sweeper};

use super::deliveries::store;

/// Days after which an ended delivery is forgotten when the configuration does not say.
pub const KEPT_DAYS: u16 = 90;
/// Deliveries of one transaction.
const ROUND_ROWS: u32 = 200;
/// Seconds between two looks while nothing is old enough.
const LOOK_SECONDS: i64 = 600;

/// Forgets what ended more than so many days ago, in real time.
#[must_use]
pub fn sweeper(ctx: &Context, kept_days: u16) -> Sweeper {
    let (ctx, looked) = (ctx.clone(), Arc::new(AtomicI64::new(0)));
    let run = move || -> Work<Result<(), String>> {
        let (ctx, looked) = (ctx.clone(), Arc::clone(&looked));
        Box::pin(async move {
            let now = ctx.real_now().as_seconds();
            if now.saturating_sub(looked.load(Ordering::Relaxed)) < LOOK_SECONDS {
                return Ok(());
            }
            let gone = round(&ctx, kept_days).await.map_err(|error| error.to_string())?;
            if gone < ROUND_ROWS {
                looked.store(now, Ordering::Relaxed);
            }
            Ok(())
        })
    };
    Sweeper { name: "old deliveries", run: Arc::new(run) }
}

/// One round; tells how many went.
///
/// # Errors
/// [`DbError`] of the engine.
pub async fn round(ctx: &Context, kept_days: u16) -> Result<u32, DbError> {
    let kept = i64::from(kept_days).saturating_mul(86_400);
    let before = ctx.real_now().plus_seconds(kept.saturating_neg());
    let forget = move |tx: &mut Tx<'_>| store::forget(tx, before, ROUND_ROWS);
    ctx.db.write(Route::any(), forget).await
}
