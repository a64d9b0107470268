//! SQL of the shops' clocks.

use db::{DbError, Row, Tx, params};
use kernel::{Scope, ShopId, Timestamp};
use web::ShopClock;

/// A clock that nobody moved.
const UNMOVED: ShopClock = ShopClock::Follows { ahead_micros: 0 };

/// How a shop's clock runs.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<ShopClock, DbError> {
    let row = tx.query_opt(
        "SELECT kind, micros FROM shop_clock WHERE shop_id = $1 AND merchant_id = $2",
        &params![shop, scope.merchant()],
    )?;
    row.as_ref().map_or(Ok(UNMOVED), time_of)
}

/// Stores how a shop's clock runs.
///
/// # Errors
/// [`DbError`].
pub fn set(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    clock: ShopClock,
    moved_at: Timestamp,
) -> Result<(), DbError> {
    let (kind, micros) = match clock {
        ShopClock::Frozen(at) => ("frozen", at.as_micros()),
        ShopClock::Follows { ahead_micros } => ("follows", ahead_micros),
    };
    tx.exec(
        "INSERT INTO shop_clock (shop_id, merchant_id, kind, micros, moved_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (shop_id, merchant_id)
         DO UPDATE SET kind = $3, micros = $4, moved_at = $5",
        &params![shop, scope.merchant(), kind, micros, moved_at],
    )?;
    Ok(())
}

/// All test shops of the installation with their clocks, to fill the book in memory at start;
/// tells nothing else of any merchant.
///
/// # Errors
/// [`DbError`].
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<(ShopId, ShopClock)>, DbError> {
    let rows = tx.query(
        "SELECT s.id, c.kind, c.micros FROM shop s
         LEFT JOIN shop_clock c ON c.shop_id = s.id AND c.merchant_id = s.merchant_id
         WHERE s.mode = 'test'",
        &[],
    )?;
    let clock =
        |row: &Row| row.get::<Option<String>>("kind")?.map_or(Ok(UNMOVED), |_| time_of(row));
    rows.iter().map(|row| Ok((row.get("id")?, clock(row)?))).collect()
}

fn time_of(row: &Row) -> Result<ShopClock, DbError> {
    let micros: i64 = row.get("micros")?;
    match row.get::<String>("kind")?.as_str() {
        "frozen" => Ok(ShopClock::Frozen(Timestamp::from_micros(micros))),
        "follows" => Ok(ShopClock::Follows { ahead_micros: micros }),
        _ => Err(DbError::Corrupt("clock kind".into())),
    }
}
