//! Moving the clock of a test shop, and telling the book of clocks at start.

use db::{DbError, Tx};
use kernel::{Mode, Scope, ShopId, Timestamp};
use web::{Context, ShopClock};

use super::model::{self, ClockError, Move};
use super::store;
use crate::merchants;

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
