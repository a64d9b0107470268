//! Replays: an endpoint gets again what happened since an instant, all of it, some kinds, or
//! only what had been given up.
//!
//! A job walks the events page by page. It may be cut off and begin again: a delivery remembers
//! the replay that planned it and is not planned twice by the same one.

use std::sync::Arc;

use db::jobs::{Job, NewJob};
use db::outbox;
use db::{DbError, Route, Tx, jobs};
use kernel::{DeliveryId, EventId, JobId, Rng, Scope, ShopId, Timestamp, WebhookEndpointId};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use web::{Context, JobKind, Next};

use super::deliveries::store::Plan;
use super::rules::{self, Events, Target};
use super::{deliveries, endpoints};

/// Name of the job.
pub const JOB: &str = "notifications.replay";
/// Events of one transaction.
const EVENTS_PER_UNIT: u32 = 200;

/// Which of the deliveries are wanted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// Every event that the rules send there, delivered before or not.
    All,
    /// Only what was given up.
    Failed,
}

/// What is wanted again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// From this instant on, by the shop's clock, in microseconds since 1970.
    pub since_micros: i64,
    /// Patterns of kinds; empty for all that the rules name.
    pub kinds: Vec<String>,
    /// All or what was given up.
    pub which: Which,
}

/// Plans a replay.
///
/// # Errors
/// [`DbError`].
pub fn plan(
    tx: &mut Tx<'_>,
    ctx: &Context,
    scope: &Scope,
    (shop, replay): (ShopId, &Replay),
) -> Result<JobId, DbError> {
    let now = ctx.now(shop);
    let job = NewJob {
        id: JobId::new(now, ctx.rng.as_ref()),
        merchant: scope.merchant(),
        mode: scope.mode(),
        shop,
        kind: JOB,
        dedupe: None,
        run_at: now,
        payload: serde_json::to_value(replay).map_err(|e| DbError::Corrupt(e.to_string()))?,
    };
    jobs::enqueue(tx, &job)?;
    Ok(job.id)
}

/// The handler of the job.
#[must_use]
pub fn job_kind(ctx: &Context, bell: Arc<Notify>) -> JobKind {
    let ctx = ctx.clone();
    JobKind {
        kind: JOB,
        run: Arc::new(move |job| {
            let (ctx, bell) = (ctx.clone(), Arc::clone(&bell));
            Box::pin(async move {
                let done = run(&ctx, &job).await.map_err(|error| error.to_string());
                bell.notify_one();
                done.map(|()| Next::Done)
            })
        }),
    }
}

async fn run(ctx: &Context, job: &Job) -> Result<(), DbError> {
    let read = serde_json::from_value::<Replay>(job.payload.clone());
    let replay = read.map_err(|e| DbError::Corrupt(e.to_string()))?;
    let mut after = floor(Timestamp::from_micros(replay.since_micros));
    loop {
        let (ctx, scope) = (ctx.clone(), identity::scope::for_house(job.merchant, job.mode));
        let (replay, shop, id) = (replay.clone(), job.shop, job.id);
        let db = ctx.db.clone();
        let unit = move |tx: &mut Tx<'_>| {
            let events = outbox::after(tx, &scope, shop, after, EVENTS_PER_UNIT)?;
            page(tx, &ctx, &scope, (&events, &replay, id))?;
            Ok::<Option<EventId>, DbError>(events.last().map(|event| event.id))
        };
        match db.write(Route::of(id.id()), unit).await? {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

fn page(
    tx: &mut Tx<'_>,
    ctx: &Context,
    scope: &Scope,
    (events, replay, job): (&[outbox::Event], &Replay, JobId),
) -> Result<(), DbError> {
    let Some(endpoint) = endpoints::store::find(tx, scope, replay.endpoint)? else {
        return Ok(());
    };
    let rules = rules::store::of_shop(tx, scope, endpoint.shop)?;
    let target = Target::Webhook(endpoint.id);
    let wanted = Events::stored(&replay.kinds.join(" "));
    let (now, shop_now) = (ctx.real_now(), ctx.now(endpoint.shop));
    for event in events {
        let named = replay.kinds.is_empty() || wanted.holds(&event.kind);
        let ruled = || rules.iter().any(|rule| rule.target == target && rule.takes(event));
        if event.at < Timestamp::from_micros(replay.since_micros) || !named {
            continue;
        }
        let id = DeliveryId::new(now, ctx.rng.as_ref());
        let plan = Plan { id, endpoint: endpoint.id, event, now, shop_now };
        match replay.which {
            Which::Failed => deliveries::store::replay_failed(tx, scope, &plan)?,
            Which::All if ruled() => deliveries::store::replay(tx, scope, &plan, job)?,
            Which::All => {}
        }
    }
    Ok(())
}

/// The id that no event from this instant on comes before.
fn floor(since: Timestamp) -> EventId {
    EventId::new(since, &Zeros)
}

/// No chance at all: the smallest id of a millisecond.
struct Zeros;

impl Rng for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}
