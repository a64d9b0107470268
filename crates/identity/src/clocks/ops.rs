//! Moving the clock of a test shop, and telling the book of clocks at start.

use std::time::Duration;

use db::outbox::{self, NewEvent};
use db::{DbError, Route, Tx};
use kernel::{AuditId, EventId, Mode, Scope, ShopId, Timestamp};
use serde_json::json;
use tokio::sync::Mutex;
use web::worker::Ran;
use web::{Context, ShopClock, Worker};

use super::model::{self, ClockError, Move};
use super::store;
use crate::audit::{self, Line, Origin};
use crate::merchants;

/// How often the moves that other processes stored are read.
const FOLLOW_EVERY: Duration = Duration::from_millis(250);

/// One clock is turned at a time, so that two moves never end in the wrong order.
static TURN: Mutex<()> = Mutex::const_new(());

/// Why a clock was not moved or read.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// No such shop, or a live one.
    #[error("no test shop of this name")]
    UnknownShop,
    /// Not that way.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Now for the people of a merchant, whatever shop is meant: the clock of the first one.
///
/// # Errors
/// [`DbError`].
pub fn merchant_now(tx: &mut Tx<'_>, ctx: &Context, scope: &Scope) -> Result<Timestamp, DbError> {
    let shops = merchants::store::shops(tx, scope)?;
    Ok(shops.first().map_or_else(|| ctx.real_now(), |shop| ctx.now(shop.id)))
}

/// How a test shop's clock runs.
///
/// # Errors
/// [`MoveError::UnknownShop`].
pub fn read(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<ShopClock, MoveError> {
    if scope.mode() != Mode::Test || merchants::store::shop(tx, scope, shop)?.is_none() {
        return Err(MoveError::UnknownShop);
    }
    Ok(store::find(tx, scope, shop)?)
}

/// Moves a test shop's clock and stores how it runs from now on.
///
/// # Errors
/// [`MoveError`].
pub fn move_clock(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    wish: Move,
    real: Timestamp,
) -> Result<ShopClock, MoveError> {
    let before = read(tx, scope, shop)?;
    let merchant = merchants::store::merchant(tx, scope)?.ok_or(MoveError::UnknownShop)?;
    let clock = model::moved(before, wish, real, &merchant.zone)?;
    store::set(tx, scope, shop, clock, real)?;
    Ok(clock)
}

/// What a move did.
#[derive(Debug, Clone)]
pub struct Moved {
    /// How the clocks run now, in the order of the shops asked for.
    pub clocks: Vec<ShopClock>,
    /// The jobs that ran on the way, in due order.
    pub ran: Vec<Ran>,
}

/// Moves clocks of test shops, stores them, writes them into the journal and runs what falls due
/// on the way, in due order over all of them, before it returns.
///
/// # Errors
/// [`MoveError`]: the first shop that cannot be moved stops those after it.
pub async fn turn(
    ctx: &Context,
    worker: &Worker,
    shops: &[(Scope, ShopId)],
    wish: Move,
    origin: &Origin,
) -> Result<Moved, MoveError> {
    let _turn = TURN.lock().await;
    let real = ctx.real_now();
    let (mut clocks, mut moves) = (Vec::new(), Vec::new());
    for (scope, shop) in shops {
        let clock = store_move(ctx, (scope.clone(), *shop), (wish, real), origin).await?;
        match clock {
            ShopClock::Frozen(to) => moves.push((*shop, to)),
            ShopClock::Follows { .. } => ctx.clocks.set(*shop, clock),
        }
        clocks.push(clock);
    }
    let ran = if moves.is_empty() { Vec::new() } else { worker.move_clocks(&moves).await? };
    Ok(Moved { clocks, ran })
}

async fn store_move(
    ctx: &Context,
    (scope, shop): (Scope, ShopId),
    (wish, real): (Move, Timestamp),
    origin: &Origin,
) -> Result<ShopClock, MoveError> {
    let id = AuditId::new(real, ctx.rng.as_ref());
    let event = EventId::new(ctx.now(shop), ctx.rng.as_ref());
    let line = Line::new("clock.moved", shop, origin);
    let write = move |tx: &mut Tx<'_>| {
        let before = read(tx, &scope, shop)?;
        let after = move_clock(tx, &scope, shop, wish, real)?;
        let time = |clock| model::time_of(clock, real).to_string();
        let line = line.clone().before(time(before)).after(time(after));
        audit::record(tx, &scope, &line, real, id)?;
        tell(tx, &scope, (shop, event), (time(before), model::time_of(after, real)))?;
        Ok::<ShopClock, MoveError>(after)
    };
    ctx.db.write(Route::of(shop.id()), write).await
}

/// Keeps the book of clocks as other processes on the same database turn them; never ends.
pub async fn follow(ctx: Context) {
    loop {
        tokio::time::sleep(FOLLOW_EVERY).await;
        // Whoever turns a clock here knows better until he is done.
        let Ok(_turn) = TURN.try_lock() else { continue };
        match ctx.db.read(store::all).await {
            Ok(all) => {
                let turned =
                    all.into_iter().filter(|(shop, to)| ctx.clocks.state(*shop) != Some(*to));
                turned.for_each(|(shop, to)| ctx.clocks.set(shop, to));
            }
            Err(error) => tracing::warn!(%error, "clocks not read"),
        }
    }
}

/// Tells that the clock was moved, at the instant that it shows now. A clock only goes forward, so
/// its instant is its version.
fn tell(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (shop, id): (ShopId, EventId),
    (before, now): (String, Timestamp),
) -> Result<(), DbError> {
    let body = json!({
        "id": shop, "object": "clock", "version": now.as_micros(),
        "source": scope.actor().door(), "before": before, "now": now,
    });
    let event = NewEvent { id, kind: "clock.moved", object: shop.to_string(), shop, body };
    outbox::emit(tx, scope, &event, now)
}

/// Enters every test shop into the book of clocks; called at start, and after shops were added.
///
/// # Errors
/// [`DbError`].
pub async fn load(ctx: &Context) -> Result<(), DbError> {
    for (shop, clock) in ctx.db.read(store::all).await? {
        ctx.clocks.set(shop, clock);
    }
    Ok(())
}
