//! A million payments in the hotel's books, for lists, exports and figures: captured and refused
//! ones over two years, each with its operations and its entries, written in bulk.
//!
//! What nobody looks at in bulk is left out: mails, jobs, addresses of payer pages, most events,
//! and the bank's own books. From one seed and one instant come the same rows.

use std::sync::Arc;

use db::{Route, Tx};
use identity::merchants;
use identity::merchants::model::Shop;
use kernel::rng::SeededRng;
use kernel::{
    Date, EventId, Id, LedgerTxId, Mode, Money, OperationId, PaymentId, Rng, Scope, Timestamp, Zone,
};
use ledger::{Collected, Fee, Movement, Settlement, Stamp};
use web::Context;

use super::super::keys::{Keys, MerchantKeys};
use super::store::{self, Row};
use super::{Fault, fault, text};
use crate::config::Demo;

/// Payments written in one transaction.
const PER_TRANSACTION: u32 = 4_000;
/// The time over which they are spread, in seconds.
const SPAN_SECONDS: i64 = 730 * 24 * 3_600;
/// One in so many is refused.
const REFUSED_ONE_IN: u64 = 16;
const STREAM: u64 = 0x4c41_5247_4521_2121;

struct Bulk {
    scope: Scope,
    merchant: MerchantKeys,
    shop: Shop,
    rng: SeededRng,
    zone: Zone,
    now: Timestamp,
    count: u32,
}

/// Writes them, once. Gives how many there are.
///
/// # Errors
/// A sentence with the cause.
pub(super) async fn write(
    ctx: &Context,
    keys: &Keys,
    (settings, count): (&Demo, u32),
) -> Result<u64, String> {
    let Some(hotel) = keys.merchants.first() else { return Ok(0) };
    let scope = identity::scope::for_house(hotel.id, Mode::Test);
    let (merchant, shop, read) = (hotel.id, hotel.shop, scope.clone());
    let found = ctx.db.read(move |tx| {
        let begun = store::has_payments(tx, merchant)?;
        Ok::<_, db::DbError>((begun, merchants::store::shop(tx, &read, shop)?))
    });
    let (begun, shop) = found.await.map_err(text)?;
    let Some(shop) = shop.filter(|_| !begun) else { return Ok(0) };
    let bulk = Arc::new(Bulk {
        scope,
        merchant: hotel.clone(),
        shop,
        rng: SeededRng::new(settings.seed ^ STREAM),
        zone: Zone::paris(),
        now: ctx.now(hotel.shop),
        count,
    });
    let opener = Arc::clone(&bulk);
    let route = Route::of(hotel.id.id());
    ctx.db.write(route, move |tx| opener.open(tx)).await?;
    let mut first = 0;
    while first < count {
        let end = first.saturating_add(PER_TRANSACTION).min(count);
        let part = Arc::clone(&bulk);
        let write = move |tx: &mut Tx<'_>| (first..end).try_for_each(|n| part.payment(tx, n));
        ctx.db.write(route, write).await?;
        first = end;
    }
    Ok(u64::from(count))
}

impl Bulk {
    fn open(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let operation = OperationId::from(Id::from_bytes([0; 16]));
        let payment = PaymentId::from(Id::from_bytes([0; 16]));
        let told = self.told(payment, operation, Money::eur(100))?;
        ledger::open_for_import(tx, &self.scope, (&told.0, &told.1), self.zone.date(self.now))
            .map_err(fault)
    }

    fn told(
        &self,
        payment: PaymentId,
        operation: OperationId,
        amount: Money,
    ) -> Result<(Movement, Fee), Fault> {
        let (shop, collected) = (self.shop.id, Collected::Payment(payment));
        let settlement = Settlement::Custody(shop);
        let movement = Movement { operation, settlement, collected, amount };
        let fee = self.shop.fee.fee_of(amount).map_err(fault)?;
        Ok((movement, Fee { operation, shop, collected, amount: fee }))
    }

    fn draw(&self) -> u64 {
        let mut bytes = [0; 8];
        self.rng.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }

    fn payment(&self, tx: &mut Tx<'_>, n: u32) -> Result<(), Fault> {
        let left = i64::from(self.count.saturating_sub(n));
        let ago = left.saturating_mul(SPAN_SECONDS) / i64::from(self.count).max(1);
        let at = self.now.plus_seconds(-ago);
        let drawn = self.draw();
        let cents = i64::try_from(500 + drawn % 40_000).unwrap_or(500);
        let refused = (drawn >> 20).is_multiple_of(REFUSED_ONE_IN);
        let rng = &self.rng;
        let operation = OperationId::new(at, rng);
        let row = Row {
            id: PaymentId::new(at, rng),
            shop: self.merchant.shop,
            point_of_sale: self.merchant.point_of_sale,
            number: n,
            cents,
            refused,
            drawn,
            token: Id::random(rng).text(),
            card: kernel::CardToken::random(rng),
            day: self.zone.date(at),
            at,
        };
        store::payment(tx, &self.scope, &row)?;
        let authorise = OperationId::new(at, rng);
        store::operation(tx, &self.scope, &row, (authorise, "authorise", 1))?;
        if refused {
            return Ok(());
        }
        store::operation(tx, &self.scope, &row, (operation, "capture", 2))?;
        store::event(tx, &self.scope, &row, EventId::new(at, rng))?;
        self.entries(tx, &row, operation)
    }

    fn entries(&self, tx: &mut Tx<'_>, row: &Row, operation: OperationId) -> Result<(), Fault> {
        let (movement, fee) = self.told(row.id, operation, Money::eur(row.cents))?;
        let stamp = |on: Date| Stamp { id: LedgerTxId::new(row.at, &self.rng), on, now: row.at };
        let stamps = (stamp(row.day), stamp(row.day));
        ledger::import_capture(tx, &self.scope, (&movement, &fee), stamps).map_err(fault)
    }
}
