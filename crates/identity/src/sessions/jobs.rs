//! Removing what can no longer let anyone in, once an hour.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use db::Route;
use web::{Context, Sweeper};

use super::ops;

const EVERY_MICROS: i64 = 3_600 * 1_000_000;

/// The sweeper of sessions and tries.
#[must_use]
pub fn sweeper(ctx: &Context) -> Sweeper {
    let (ctx, last) = (ctx.clone(), Arc::new(AtomicI64::new(0)));
    Sweeper {
        name: "sessions",
        run: Arc::new(move || {
            let (ctx, now) = (ctx.clone(), ctx.real_now());
            let before = last.load(Ordering::Relaxed);
            let is_due = now.as_micros().saturating_sub(before) >= EVERY_MICROS;
            if is_due {
                last.store(now.as_micros(), Ordering::Relaxed);
            }
            Box::pin(async move {
                if !is_due {
                    return Ok(());
                }
                let swept = ctx.db.write(Route::any(), move |tx| ops::sweep(tx, now)).await;
                swept.map(|_| ()).map_err(|error| error.to_string())
            })
        }),
    }
}
