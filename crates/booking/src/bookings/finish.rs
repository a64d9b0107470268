//! The job that ends a firm booking after its last day.

use std::sync::Arc;

use db::jobs::Job;
use db::{Route, Tx};
use kernel::BookingId;
use web::{Context, JobKind, Next};

use super::ops;
use crate::moment::Moment;

/// Kind of the job.
pub const FINISH: &str = "booking.finish";

/// The handler of the job.
#[must_use]
pub fn finish_kind(ctx: &Context) -> JobKind {
    let ctx = ctx.clone();
    JobKind { kind: FINISH, run: Arc::new(move |job| Box::pin(run(ctx.clone(), job))) }
}

async fn run(ctx: Context, job: Job) -> Result<Next, String> {
    let booking = job.payload.get("booking").and_then(serde_json::Value::as_str);
    let id: BookingId =
        booking.and_then(|text| text.parse().ok()).ok_or("no booking in the job")?;
    let scope = identity::scope::for_house(job.merchant, job.mode);
    let (now, rng) = (ctx.now(job.shop), Arc::clone(&ctx.rng));
    let unit = move |tx: &mut Tx<'_>| ops::finish(tx, &scope, id, Moment::new(now, rng.as_ref()));
    ctx.db.write(Route::of(id.id()), unit).await.map_err(|error| error.to_string())?;
    Ok(Next::Done)
}
