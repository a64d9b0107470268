//! The address of a guest's page.

use db::{DbError, Tx};
use identity::locator;
use identity::secrets::AppKeys;
use kernel::{BookingId, Scope};
use web::Context;

/// Kind of the locator rows that lead from a guest's token to his booking.
pub const KIND: &str = "guest_booking";

/// The token of a booking's page.
#[must_use]
pub fn token(ctx: &Context, booking: BookingId) -> String {
    AppKeys::from_root(ctx.app_key.expose()).guest_page(booking.id())
}

/// The path of a booking's page.
#[must_use]
pub fn path(ctx: &Context, booking: BookingId) -> String {
    format!("/m/{}", token(ctx, booking))
}

/// The path of a booking's page, where it leads to one: bookings that no letter confirmed to a guest
/// have none.
///
/// # Errors
/// [`DbError`].
pub fn known(
    tx: &mut Tx<'_>,
    ctx: &Context,
    booking: BookingId,
) -> Result<Option<String>, DbError> {
    let led = locator::find(tx, KIND, &token(ctx, booking))?;
    Ok(led.map(|_| path(ctx, booking)))
}

/// Lets the token of a new booking lead to it.
///
/// # Errors
/// [`DbError`].
pub fn open(
    tx: &mut Tx,
    scope: &Scope,
    (ctx, booking): (&Context, BookingId),
) -> Result<(), DbError> {
    let hash = locator::hash(&token(ctx, booking));
    locator::put(tx, scope, KIND, hash, booking.id())
}
