//! A season in the middle: what happened at the hotel and the gîte in the last 90 days, and the
//! stays to come.
//!
//! Everything goes through the same operations as real sales, each at its own instant: baskets
//! are priced and held, payments are accepted or refused, entries are posted, stays end. Only the
//! bank is not asked; it is told afterwards what it did ([`bank`]), so that refunds work. From
//! one seed and one instant comes one history.

mod bank;
mod money;
mod plan;
mod stays;

use std::sync::Arc;

use booking::bookings::CartSubject;
use db::Route;
use kernel::rng::SeededRng;
use kernel::{Mode, Scope, Timestamp, Zone};
use payments::Subject;
use payments::payment::import;
use sandbox::history::Past;
use web::Context;

use super::super::keys::{Keys, MerchantKeys};
use super::{BEFORE_CARDS, Fault, Progress, text};
use crate::config::Demo;

/// Stays or sales written in one transaction: other work goes on in between.
const PER_TRANSACTION: usize = 12;
/// Sets the history's random numbers apart from the catalogue's.
const STREAM: u64 = 0x5641_4c2d_5355_522d;

/// What a piece of history is written with.
struct House {
    ctx: Context,
    scope: Scope,
    merchant: MerchantKeys,
    subjects: Vec<Arc<dyn Subject>>,
    rng: Arc<SeededRng>,
    zone: Zone,
    now: Timestamp,
}

/// Writes the history of the hotel, once. Gives how many bookings and payments there are.
///
/// # Errors
/// A sentence with the cause.
pub(super) async fn write(
    ctx: &Context,
    keys: &Keys,
    settings: &Demo,
    progress: &Progress,
) -> Result<u64, String> {
    let Some(hotel) = keys.merchants.first() else { return Ok(0) };
    let scope = identity::scope::for_house(hotel.id, Mode::Test);
    let own = scope.clone();
    let begun = ctx.db.read(move |tx| import::has_any(tx, &own)).await.map_err(text)?;
    if begun {
        return Ok(0);
    }
    let rng = Arc::new(SeededRng::new(settings.seed ^ STREAM));
    let seeded = Context { rng: rng.clone(), ..ctx.clone() };
    let subject: Arc<dyn Subject> = Arc::new(CartSubject { ctx: seeded.clone() });
    let house = Arc::new(House {
        scope,
        merchant: hotel.clone(),
        subjects: vec![subject],
        now: ctx.now(hotel.shop),
        zone: Zone::paris(),
        ctx: seeded,
        rng,
    });
    let lodgings = house.lodgings().await?;
    let today = house.zone.date(house.now);
    let plan = plan::make(house.rng.as_ref(), today);
    let whole = (plan.stays.len() + plan.sales.len()) * 100 / BEFORE_CARDS;
    let (mut rows, mut done) = (0, 0);
    for wishes in plan.stays.chunks(PER_TRANSACTION) {
        done += wishes.len();
        progress.tell(done, whole);
        let (house, lodgings, wishes) = (Arc::clone(&house), lodgings.clone(), wishes.to_vec());
        rows += write_part(&house.clone(), move |tx| {
            let mut lines = Vec::new();
            for wish in &wishes {
                stays::write(tx, &house, (&lodgings, wish), &mut lines)?;
            }
            Ok(lines)
        })
        .await?;
    }
    for sales in plan.sales.chunks(PER_TRANSACTION) {
        done += sales.len();
        progress.tell(done, whole);
        let (house, sales) = (Arc::clone(&house), sales.to_vec());
        rows += write_part(&house.clone(), move |tx| {
            let mut lines = Vec::new();
            for sale in &sales {
                money::sale(tx, &house, sale, &mut lines)?;
            }
            Ok(lines)
        })
        .await?;
    }
    Ok(rows)
}

/// One transaction of history, then what the bank knows of it.
async fn write_part(
    house: &House,
    mut part: impl FnMut(&mut db::Tx<'_>) -> Result<Vec<Past>, Fault> + Send + 'static,
) -> Result<u64, String> {
    let route = Route::of(house.merchant.id.id());
    let lines = house.ctx.db.write(route, move |tx| part(tx)).await?;
    bank::tell(&house.ctx, &lines).await?;
    Ok(lines.len() as u64)
}
