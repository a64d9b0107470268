//! A million payments in the hotel's books, for lists, exports and figures: captured and refused
//! ones over two years, each with its operations and its entries, written in bulk.
//!
//! What nobody looks at in bulk is left out: mails, jobs, addresses of payer pages, and the bank's
//! own books. From one seed and one instant come the same rows. One thread makes the
//! rows while the database writes what is made, with its indexes set aside: until all is there,
//! lists are slow.

use std::collections::VecDeque;
use std::sync::Arc;

use connectors::{Decline as Meaning, Network, Settings};
use db::{Route, Rows, Tx};
use identity::merchants;
use identity::merchants::model::Shop;
use kernel::rng::SeededRng;
use kernel::{
    EventId, Id, LedgerTxId, Locale, Mode, Money, OperationId, PaymentId, Rng, Scope, Timestamp,
    Zone,
};
use ledger::{Collected, Fee, Movement, Settlement, Stamp};
use payments::account;
use payments::engine::learn;
use payments::payment::model::{Decline, ThreedsWish};
use payments::payment::{
    Card, Counters, Kind, OpState, Operation, Proof, Raw, Session, Source, import,
};
use payments::{CapturePlan, Channel, Initiator, KeepCard, Payer, Payment, Purpose, Status};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use web::Context;

use super::super::keys::{Keys, MerchantKeys};
use super::{Fault, Progress, fault, text};
use crate::config::Demo;

/// Payments of one unit of work. What a unit may have to undo is a list that the database walks
/// with every statement, so many small ones that share a commit are quicker than a large one.
const PER_UNIT: u32 = 50;
/// The time over which they are spread, in seconds.
const SPAN_SECONDS: i64 = 730 * 24 * 3_600;
/// Units that wait for the database: as many as share a commit, and as many again to go on with
/// while they are flushed.
const UNITS_AT_ONCE: usize = 512;
/// Units that may be made ahead.
const UNITS_AHEAD: usize = 64;
/// No more than these are made and not written.
const UNITS_ON_THEIR_WAY: usize = UNITS_AT_ONCE + UNITS_AHEAD + 2;
/// The tables that grow.
const TABLES: &[&str] =
    &["payment", "payment_operation", "event", "ledger_tx", "ledger_posting", "ledger_item"];
/// One in so many is refused.
const REFUSED_ONE_IN: u64 = 16;
const BRANDS: [(&str, &str); 4] =
    [("cb", "49701000"), ("visa", "42424242"), ("mastercard", "51000101"), ("amex", "375900")];
const CHANNELS: [Channel; 4] =
    [Channel::Ecommerce, Channel::Counter, Channel::Ecommerce, Channel::MotoTerminal];
const NAMES: [&str; 8] =
    ["Roy", "Garnier", "Diallo", "Weber", "Moreau", "Benali", "Rossi", "Petit"];
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
    progress: &Progress,
) -> Result<u64, String> {
    let Some(hotel) = keys.merchants.first() else { return Ok(0) };
    let scope = identity::scope::for_house(hotel.id, Mode::Test);
    let (shop, read) = (hotel.shop, scope.clone());
    let found = ctx.db.read(move |tx| {
        let begun = import::has_any(tx, &read)?;
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
    ctx.db.set_indexes_aside(TABLES).await.map_err(text)?;
    let written = write_all(ctx, &bulk, progress).await;
    ctx.db.index_again().await.map_err(text)?;
    written.map(|()| u64::from(count))
}

/// Makes payments on a thread of its own and writes them in the order of their time.
async fn write_all(ctx: &Context, bulk: &Arc<Bulk>, progress: &Progress) -> Result<(), String> {
    let (send, mut made) = mpsc::channel(UNITS_AHEAD);
    let maker = Arc::clone(bulk);
    let making = tokio::task::spawn_blocking(move || {
        let firsts = (0..maker.count).step_by(PER_UNIT as usize);
        // Memory is given back where it was taken: two threads that free what the other took stand
        // in each other's way.
        let mut written = VecDeque::with_capacity(UNITS_ON_THEIR_WAY);
        for first in firsts {
            let unit = maker.unit(first).map(Arc::new);
            if written.len() >= UNITS_ON_THEIR_WAY {
                written.pop_front();
            }
            written.extend(unit.as_ref().ok().map(Arc::clone));
            // Nobody takes any more once a unit has failed.
            if send.blocking_send(unit).is_err() {
                break;
            }
        }
    });
    let route = Route::of(bulk.merchant.id.id());
    let mut writing: JoinSet<Result<(), Fault>> = JoinSet::new();
    let mut units = 0_usize;
    while let Some(unit) = made.recv().await {
        let unit = unit?;
        units += 1;
        progress.tell(units * PER_UNIT as usize, bulk.count as usize);
        if writing.len() >= UNITS_AT_ONCE {
            writing.join_next().await.transpose().map_err(text)?.transpose()?;
        }
        let db = ctx.db.clone();
        let write = move |tx: &mut Tx<'_>| tx.insert_rows(&unit).map_err(Fault::from);
        writing.spawn(async move { db.write(route, write).await });
    }
    while let Some(written) = writing.join_next().await {
        written.map_err(text)??;
    }
    making.await.map_err(text)
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

    /// What one unit of work adds.
    fn unit(&self, first: u32) -> Result<Rows, Fault> {
        let end = first.saturating_add(PER_UNIT).min(self.count);
        Rows::of(|tx| (first..end).try_for_each(|n| self.payment(tx, n)))
    }

    /// A payment that ended, with what is written beside it.
    fn payment(&self, tx: &mut Tx<'_>, n: u32) -> Result<(), Fault> {
        let left = i64::from(self.count.saturating_sub(n));
        let ago = left.saturating_mul(SPAN_SECONDS) / i64::from(self.count).max(1);
        let at = self.now.plus_seconds(-ago);
        let mut payment = self.asked(n, at, self.draw());
        let refused = self.draw().is_multiple_of(REFUSED_ONE_IN);
        let answer = if refused { OpState::Failed } else { OpState::Success };
        self.asked_of_the_bank(&mut payment, Kind::Authorise, answer)?;
        let capture = match refused {
            true => None,
            false => Some(self.asked_of_the_bank(&mut payment, Kind::Capture, answer)?),
        };
        payment.session = Session::Ended;
        payment.served = !refused;
        payment.version = 2;
        payment.derive();
        let told = capture.map(|_| EventId::new(at, &self.rng));
        import::add(tx, &self.scope, &payment, told)?;
        capture.map_or(Ok(()), |operation| self.enter(tx, &payment, operation))
    }

    /// What was asked for, as the drawn number says.
    fn asked(&self, n: u32, at: Timestamp, drawn: u64) -> Payment {
        let id = PaymentId::new(at, &self.rng);
        let name = pick(NAMES, drawn >> 40);
        let channel = pick(CHANNELS, drawn >> 16);
        let point_of_sale = match channel {
            Channel::Counter => self.merchant.counter,
            Channel::MotoTerminal => self.merchant.telephone,
            _ => self.merchant.point_of_sale,
        };
        Payment {
            id,
            mode: Mode::Test,
            shop: self.merchant.shop,
            point_of_sale,
            channel,
            purpose: Purpose::Plain,
            order_ref: format!("CMD-{n:07}"),
            amount: Money::eur(i64::try_from(500 + drawn % 40_000).unwrap_or(500)),
            counters: Counters::default(),
            status: Status::Created,
            capture: CapturePlan::NOW,
            capture_on: Some(self.zone.date(at)),
            capture_before: None,
            validity_line: None,
            subject: None,
            booking: None,
            initiator: Initiator::Payer,
            reason: None,
            keep_card: KeepCard::None,
            card: Some(self.card(drawn)),
            chain: None,
            threeds_wish: ThreedsWish::Auto,
            threeds: None,
            guarantee: None,
            decline: None,
            attempts: 1,
            session: Session::Open,
            session_ends: None,
            closed: None,
            late: false,
            served: false,
            payer: Payer {
                email: format!("{}@exemple.fr", name.to_lowercase()).parse().ok(),
                last_name: name.into(),
                ..Payer::unknown(Locale::Fr)
            },
            customer: None,
            lines: Vec::new(),
            terms: payments::payment::Terms::default(),
            return_url: None,
            metadata: serde_json::Map::new(),
            page_token: Id::random(&self.rng).text(),
            version: 1,
            created_at: at,
            updated_at: at,
            caps: account::capabilities(&Settings::default()),
            operations: Vec::with_capacity(2),
        }
    }

    /// A card that no vault holds.
    fn card(&self, drawn: u64) -> Card {
        let (brand, bin) = pick(BRANDS, drawn >> 8);
        Card {
            id: kernel::CardToken::random(&self.rng),
            brand: brand.into(),
            co_brands: Vec::new(),
            preferred_brand: None,
            only: None,
            bin: bin.into(),
            last4: format!("{:04}", (drawn >> 24) % 10_000),
            exp_month: 3,
            exp_year: 2029,
            country: Some("FR".into()),
            funding: None,
            kept: false,
            single_use: true,
        }
    }

    /// An operation with the bank's answer.
    fn asked_of_the_bank(
        &self,
        payment: &mut Payment,
        kind: Kind,
        answer: OpState,
    ) -> Result<OperationId, Fault> {
        let (at, id) = (payment.created_at, OperationId::new(payment.created_at, &self.rng));
        let network = payment.card.as_ref().map(|card| card.network().to_owned());
        let (code, raw, text) = match answer {
            OpState::Success => ("approved", "00", "approved"),
            _ => ("insufficient_funds", "51", "refused"),
        };
        payment.operations.push(Operation {
            id,
            kind,
            state: OpState::Sent,
            amount: payment.amount,
            attempt: 1,
            code: Some(code.into()),
            raw: Raw { code: raw.into(), network: network.unwrap_or_default(), text: text.into() },
            authorisation: None,
            provider_id: None,
            guarantee: None,
            author: "payer".into(),
            source: Source::Page,
            reason: None,
            at,
            sent_at: Some(at),
            queries: 0,
            elsewhere: None,
            quiet: false,
        });
        payment.settle(id, answer, Proof::Proven).map_err(fault)?;
        if answer == OpState::Failed {
            let meaning = Meaning::of(Network::Cb, raw);
            payment.decline = Some(Decline { raw: raw.into(), ..learn::decline_of(meaning) });
        }
        Ok(id)
    }

    /// The entries of a captured payment.
    fn enter(
        &self,
        tx: &mut Tx<'_>,
        payment: &Payment,
        operation: OperationId,
    ) -> Result<(), Fault> {
        let (movement, fee) = self.told(payment.id, operation, payment.amount)?;
        let (now, on) = (payment.created_at, self.zone.date(payment.created_at));
        let stamp = || Stamp { id: LedgerTxId::new(now, &self.rng), on, now };
        let stamps = (stamp(), stamp());
        ledger::import_capture(tx, &self.scope, (&movement, &fee), stamps).map_err(fault)
    }
}

fn pick<T: Copy, const N: usize>(list: [T; N], number: u64) -> T {
    let at = usize::try_from(number % N.max(1) as u64).unwrap_or(0);
    list[at.min(N - 1)]
}
