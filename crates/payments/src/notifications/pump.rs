//! Brings messages to endpoints.
//!
//! A try is claimed under a lease in one commit, made outside any transaction, and written down
//! in a second commit that counts only while the lease holds. A process that dies in between
//! loses nothing: the lease runs out and the try is made again, by this process or another one,
//! so a receiver may see an event twice and never not at all.
//!
//! Leases and waits are real time. In a test shop whose clock is moved, tries also fall due when
//! that clock reaches them, each at its own instant ([`Pump::timetable`]).
//!
//! One endpoint holds at most [`MAX_PER_ENDPOINT`] connections of a process, so a slow one keeps
//! nobody waiting but itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use db::outbox::{self, Event};
use db::{DbError, Route, Tx};
use http::outside::{Outside, Post};
use hyper::header::{self, HeaderName, HeaderValue};
use identity::secrets::AppKeys;
use kernel::{MerchantId, Mode, Scope, ShopId, Timestamp, WebhookEndpointId};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use web::{Context, Progress, Timetable};

use super::deliveries::store::End;
use super::deliveries::{self, Delivery, Outcome, Result as Brought, State, Try};
use super::endpoints::{self, Endpoint};
use super::{body, mails, plan, sign};

/// Longest wait for an answer, in seconds.
pub const TIMEOUT_SECONDS: u64 = 15;
/// A try that takes longer is taken for dead, in seconds: the time-out and some room.
const LEASE_SECONDS: i64 = 20;
/// Tries under way at the same time, per process and endpoint.
pub const MAX_PER_ENDPOINT: u32 = 4;
/// Tries under way at the same time, per process.
pub const MAX_IN_FLIGHT: usize = 64;
/// How often the pump looks for what is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After an event it looks sooner, a few times: the event's commit may still be on its way.
const LOOK_SOON: [Duration; 3] =
    [Duration::from_millis(5), Duration::from_millis(20), Duration::from_millis(60)];
/// Longest time that tries may hold up a move of a test clock: a receiver that does not answer
/// keeps its caller waiting once, not for every try that falls due on the way.
const MOVE_PATIENCE: Duration = Duration::from_secs(10);
/// Time for tries under way when the process ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// The pump of a process. Cheap to clone.
#[derive(Clone)]
pub struct Pump {
    ctx: Context,
    outside: Outside,
    keys: AppKeys,
    bell: Arc<Notify>,
    busy: Arc<Mutex<BTreeMap<WebhookEndpointId, u32>>>,
}

/// A claimed try with all that it needs.
struct Parcel {
    delivery: Delivery,
    endpoint: Endpoint,
    event: Option<Event>,
}

/// An endpoint that something is due for.
type Due = (MerchantId, Mode, WebhookEndpointId, ShopId);

impl Pump {
    /// A pump that reaches the network through `outside`.
    #[must_use]
    pub fn new(ctx: Context, outside: Outside) -> Self {
        let keys = AppKeys::from_root(ctx.app_key.expose());
        Self { ctx, outside, keys, bell: Arc::default(), busy: Arc::default() }
    }

    /// Rung when something may have become due.
    #[must_use]
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.bell)
    }

    /// Works until `end` completes.
    pub async fn run(self, end: impl Future<Output = ()>) {
        let mut end = std::pin::pin!(end);
        let mut under_way = JoinSet::new();
        let mut soon = 0_usize;
        loop {
            self.begin(None, &mut under_way).await;
            let wait = LOOK_SOON.get(soon).copied().unwrap_or(LOOK_EVERY);
            soon = soon.saturating_add(1);
            tokio::select! {
                () = &mut end => break,
                () = self.bell.notified() => soon = 0,
                _ = under_way.join_next(), if !under_way.is_empty() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        // Whoever has not answered by now is asked again after the restart.
        let rest = async { while under_way.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(FAREWELL, rest).await;
    }

    /// Makes every try that is due now and waits for its end.
    pub async fn round(&self) {
        let mut under_way = JoinSet::new();
        loop {
            self.begin(None, &mut under_way).await;
            if under_way.join_next().await.is_none() {
                return;
            }
        }
    }

    /// The tries of test shops, for when their clocks are moved.
    #[must_use]
    pub fn timetable(&self) -> Timetable {
        let (looking, working) = (self.clone(), self.clone());
        Timetable {
            next: Arc::new(move |tx, shop| {
                deliveries::store::next_due(tx, shop, looking.ctx.real_now())
            }),
            run: Arc::new(move |shop, at| {
                let pump = working.clone();
                Box::pin(async move { pump.run_until(shop, at).await })
            }),
            patience: MOVE_PATIENCE,
        }
    }

    /// Makes the tries of a shop that its clock has reached. Tries that the ordinary course has
    /// in hand are waited for.
    async fn run_until(&self, shop: ShopId, at: Timestamp) -> Progress {
        let now = self.ctx.real_now();
        let forward = move |tx: &mut Tx<'_>| deliveries::store::bring_forward(tx, shop, (at, now));
        if let Err(error) = self.ctx.db.write(Route::of(shop.id()), forward).await {
            tracing::error!(%error, "tries not brought forward");
            return Progress::Later;
        }
        let mut under_way = JoinSet::new();
        loop {
            self.begin(Some(shop), &mut under_way).await;
            if under_way.join_next().await.is_some() {
                continue;
            }
            let real = self.ctx.real_now();
            let left = move |tx: &mut Tx<'_>| deliveries::store::next_due(tx, shop, real);
            match self.ctx.db.read(left).await {
                Ok(Some(due)) if due <= at => tokio::time::sleep(LOOK_SOON[1]).await,
                Ok(_) => return Progress::Done,
                Err(_) => return Progress::Later,
            }
        }
    }

    /// Begins as many tries as there is room for.
    async fn begin(&self, only: Option<ShopId>, under_way: &mut JoinSet<()>) {
        while under_way.try_join_next().is_some() {}
        let now = self.ctx.real_now();
        let due = self.ctx.db.read(move |tx| endpoints::store::due(tx, now)).await;
        let due = due.unwrap_or_else(|error| {
            tracing::error!(%error, "deliveries not read");
            Vec::new()
        });
        for one in due.into_iter().filter(|(.., shop)| only.is_none_or(|only| only == *shop)) {
            let total = MAX_IN_FLIGHT.saturating_sub(under_way.len());
            let room = self.room(one.2).min(u32::try_from(total).unwrap_or(0));
            if room == 0 {
                continue;
            }
            match self.claim(one, room).await {
                Ok(parcels) => {
                    for parcel in parcels {
                        let seat = Seat::take(&self.busy, parcel.endpoint.id);
                        let pump = self.clone();
                        under_way.spawn(async move {
                            pump.deliver(parcel).await;
                            drop(seat);
                        });
                    }
                }
                Err(error) => tracing::error!(%error, "deliveries not claimed"),
            }
        }
    }

    fn room(&self, endpoint: WebhookEndpointId) -> u32 {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        MAX_PER_ENDPOINT.saturating_sub(busy.get(&endpoint).copied().unwrap_or(0))
    }

    async fn claim(&self, due: Due, most: u32) -> Result<Vec<Parcel>, DbError> {
        let (merchant, mode, id, _) = due;
        let now = self.ctx.real_now();
        let lease = now.plus_seconds(LEASE_SECONDS);
        let scope = identity::scope::for_house(merchant, mode);
        let unit = move |tx: &mut Tx<'_>| {
            let Some(endpoint) = endpoints::store::find(tx, &scope, id)? else {
                return Ok(Vec::new());
            };
            let claimed = deliveries::store::claim(tx, &scope, id, (now, lease), most)?;
            let mut parcels = Vec::with_capacity(claimed.len());
            for delivery in claimed {
                let event = outbox::find(tx, &scope, delivery.event)?;
                parcels.push(Parcel { delivery, endpoint: endpoint.clone(), event });
            }
            Ok::<Vec<Parcel>, DbError>(parcels)
        };
        self.ctx.db.write(Route::of(id.id()), unit).await
    }

    async fn deliver(&self, parcel: Parcel) {
        let began = (self.ctx.real_now(), self.ctx.now(parcel.delivery.shop));
        let clock = tokio::time::Instant::now();
        let brought = self.send(&parcel, began).await;
        let took_ms = i64::try_from(clock.elapsed().as_millis()).unwrap_or(i64::MAX);
        let done = Try {
            number: parcel.delivery.tries,
            at: began.1,
            took_ms,
            outcome: brought.outcome,
            answer: brought.answer,
        };
        let id = parcel.delivery.id;
        if let Err(error) = self.write_down(parcel, done, brought.retry_after).await {
            // The lease runs out and the try is made again.
            tracing::error!(%error, %id, "a try was not written down");
        }
    }

    /// `now` is real time, which the seal is made for, and the shop's.
    async fn send(&self, parcel: &Parcel, (now, shop_now): (Timestamp, Timestamp)) -> Brought {
        let Parcel { endpoint, event, .. } = parcel;
        let Some(event) = event else { return Brought::not_begun(Outcome::Broken) };
        let Ok(keys) = endpoint.keys(&self.keys, shop_now) else {
            return Brought::not_begun(Outcome::Secret);
        };
        let address = match endpoints::address(&endpoint.url, endpoint.mode) {
            Ok(address) => address,
            Err(bad) => return Brought::not_begun(Outcome::from(bad)),
        };
        let (id, seconds) = (event.id.to_string(), now.as_seconds());
        let (body, media_type) = match endpoint.format {
            endpoints::Format::Json => (body::of(event), "application/json"),
            endpoints::Format::Form => (body::form(event), "application/x-www-form-urlencoded"),
        };
        let signature = sign::header(&keys, &id, seconds, body.as_bytes());
        let Some(headers) = headers(media_type, (&id, seconds), &signature) else {
            return Brought::not_begun(Outcome::Broken);
        };
        let timeout = Duration::from_secs(TIMEOUT_SECONDS);
        let post = Post { address, headers, body: Bytes::from(body), timeout };
        Brought::of(&self.outside.post(post, endpoints::reach(endpoint.mode)).await)
    }

    async fn write_down(
        &self,
        parcel: Parcel,
        done: Try,
        retry_after: Option<String>,
    ) -> Result<(), DbError> {
        let Parcel { delivery, endpoint, event } = parcel;
        let ctx = self.ctx.clone();
        let (now, shop_now) = (ctx.real_now(), ctx.now(delivery.shop));
        let step = delivery.step.saturating_add(1);
        let asked = retry_after.and_then(|text| plan::retry_after(&text, now));
        let wait = plan::seconds_to_next(step, asked, ctx.rng.as_ref());
        let success = done.outcome.is_success();
        let (state, wait) = match wait {
            _ if success => (State::Delivered, 0),
            Some(wait) => (State::Waiting, wait),
            None => (State::Failed, 0),
        };
        let due = (now.plus_seconds(wait), shop_now.plus_seconds(wait));
        let scope = identity::scope::for_house(delivery.merchant, delivery.mode);
        let route = Route::of(delivery.endpoint.id());
        let news = mails::News { delivery, endpoint, event, done, shop_now };
        let unit = move |tx: &mut Tx<'_>| {
            let end = End { done: &news.done, state, step, due };
            let holds = deliveries::store::finish(tx, &scope, &news.delivery, &end)?;
            if success {
                return endpoints::store::note_success(tx, &scope, news.endpoint.id);
            }
            let left = if holds { state } else { State::Waiting };
            failed(tx, &ctx, &scope, &news, left)
        };
        self.ctx.db.write(route, unit).await
    }
}

/// What a failure means for the endpoint, and what the merchant is told.
fn failed(
    tx: &mut Tx<'_>,
    ctx: &Context,
    scope: &Scope,
    news: &mails::News,
    state: State,
) -> Result<(), DbError> {
    let id = news.endpoint.id;
    let since = endpoints::store::note_failure(tx, scope, id, news.shop_now)?;
    let given_up = since.is_some_and(|since| plan::is_given_up(since, news.shop_now));
    let stop = match () {
        () if news.done.outcome.is_gone() => Some(endpoints::State::Gone),
        () if given_up => Some(endpoints::State::Failing),
        () => None,
    };
    if let Some(stop) = stop
        && endpoints::store::stop(tx, scope, id, stop)?
    {
        return mails::stopped(tx, ctx, scope, news, stop);
    }
    if state == State::Failed { mails::given_up(tx, ctx, scope, news) } else { Ok(()) }
}

fn headers(
    media_type: &'static str,
    (id, seconds): (&str, i64),
    signature: &str,
) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let value = |text: &str| HeaderValue::from_str(text).ok();
    Some(vec![
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::USER_AGENT, HeaderValue::from_static("Guichet-Webhooks/1")),
        (HeaderName::from_static("webhook-id"), value(id)?),
        (HeaderName::from_static("webhook-timestamp"), value(&seconds.to_string())?),
        (HeaderName::from_static("webhook-signature"), value(signature)?),
    ])
}

/// A place among the tries under way to an endpoint, given back when it is dropped.
struct Seat {
    busy: Arc<Mutex<BTreeMap<WebhookEndpointId, u32>>>,
    endpoint: WebhookEndpointId,
}

impl Seat {
    fn take(
        busy: &Arc<Mutex<BTreeMap<WebhookEndpointId, u32>>>,
        endpoint: WebhookEndpointId,
    ) -> Self {
        let mut seats = busy.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(endpoint).or_default();
        *taken = taken.saturating_add(1);
        Self { busy: Arc::clone(busy), endpoint }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = seats.get_mut(&self.endpoint) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                seats.remove(&self.endpoint);
            }
        }
    }
}

impl std::fmt::Debug for Pump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pump")
    }
}
