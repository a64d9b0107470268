//! The verification of every night.

use db::jobs::{self, Job, NewJob};
use db::{DbError, Route, Tx};
use identity::{merchants, scope};
use kernel::{JobId, Mode, Timestamp, Zone};
use serde_json::json;
use web::{Context, Next};

use crate::attempts;
use crate::attempts::limits::BLOCKED_DAYS;
use crate::inbox;

/// Verifies the books of a merchant, each night.
pub const VERIFY: &str = "payments.verify_books";
/// Local hour at which it runs.
const NIGHT_HOUR: i8 = 3;
const DAY_SECONDS: i64 = 86_400;

/// Plans the next verification of every merchant; those planned already stay. Called when the app
/// starts. The job is of the live kind whatever the shop's mode, so that it follows real time.
///
/// # Errors
/// [`DbError`] of the engine.
pub async fn plan_nights(ctx: &Context) -> Result<(), DbError> {
    let ctx_of_unit = ctx.clone();
    let plan = move |tx: &mut Tx<'_>| {
        let now = ctx_of_unit.real_now();
        for merchant in merchants::store::all_ids(tx)? {
            let house = scope::for_house(merchant, Mode::Live);
            let mut shops = merchants::store::shops(tx, &house)?;
            shops.extend(merchants::store::shops(tx, &scope::for_house(merchant, Mode::Test))?);
            let Some(shop) = shops.first() else { continue };
            let zone = crate::payment::save::zone(tx, &house)?;
            let job = NewJob {
                id: JobId::new(now, ctx_of_unit.rng.as_ref()),
                merchant,
                mode: Mode::Live,
                shop: shop.id,
                kind: VERIFY,
                dedupe: Some("nightly".into()),
                run_at: next_night(now, &zone),
                payload: json!({}),
            };
            jobs::enqueue(tx, &job)?;
        }
        Ok::<(), DbError>(())
    };
    ctx.db.write(Route::any(), plan).await
}

/// Verifies the books of the job's merchant, forgets fingerprints and messages that nobody needs
/// any more, and plans the next night.
pub(crate) async fn verify_books(ctx: &Context, job: &Job) -> Result<Next, String> {
    let merchant = job.merchant;
    let verify = move |tx: &mut Tx<'_>| super::verify(tx, &[merchant], ledger::FIRST);
    let report = ctx.db.read(verify).await.map_err(|error| error.to_string())?;
    for book in report.books.iter().filter(|book| !book.broken.is_empty()) {
        tracing::error!(
            %merchant, mode = book.mode.as_str(), currency = %book.currency, broken = ?book.broken,
            "ALARM: the books do not hold"
        );
    }
    let now = ctx.real_now();
    let before = now.plus_seconds(BLOCKED_DAYS.saturating_mul(-DAY_SECONDS));
    let old = now.plus_seconds(inbox::KEPT_DAYS.saturating_mul(-DAY_SECONDS));
    let forget = move |tx: &mut Tx<'_>| {
        inbox::store::forget_before(tx, merchant, old)?;
        attempts::store::forget_before(tx, merchant, before)
    };
    ctx.db.write(Route::any(), forget).await.map_err(|error: DbError| error.to_string())?;
    let house = scope::for_house(merchant, job.mode);
    let zone = move |tx: &mut Tx<'_>| crate::payment::save::zone(tx, &house);
    let zone = ctx.db.read(zone).await.map_err(|error: DbError| error.to_string())?;
    Ok(Next::Again(next_night(now, &zone)))
}

/// The next instant at which it is [`NIGHT_HOUR`] where the merchant is.
fn next_night(now: Timestamp, zone: &Zone) -> Timestamp {
    let tonight = zone.at(zone.date(now), NIGHT_HOUR, 0);
    if tonight > now {
        return tonight;
    }
    zone.at(zone.date(now.plus_seconds(DAY_SECONDS)), NIGHT_HOUR, 0)
}
