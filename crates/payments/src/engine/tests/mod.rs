//! The engine against a bank on paper, on a real database file: each exchange may be answered,
//! lost, cut, repeated, or interrupted by a crash.

mod aftermath;
mod examples;
mod limits;
mod make_believe;
mod places;
mod simulator;
mod tasks;
mod told;

use std::sync::Arc;

use db::{Route, Tx};
use identity::fixtures::House;
use kernel::{CardToken, Locale, Money, PaymentId, Scope, Timestamp};
use web::{ShopClock, Slice};

use super::attempt::Begun;
use super::outgoing::{Dispatch, Heard, Wire};
use super::{CardOffer, DeskError, Engine, EngineError, What, desk};
use crate::paper::bank::Bank;
use crate::payment::{
    CapturePlan, Card, Channel, Initiator, KeepCard, NewPayment, Parallel, Payer, Payment, Purpose,
    Source, ops,
};
use crate::subject::{Subject, SubjectRef};

const SLICES: &[Slice] = &[
    Slice { name: "ledger", migrations: ledger::MIGRATIONS, messages: &[], menu: &[] },
    Slice { name: "payments", migrations: crate::MIGRATIONS, messages: &[], menu: &[] },
];

/// What becomes of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Done and heard.
    Answered,
    /// Done, the answer is lost.
    Lost,
    /// Nothing done, nothing heard.
    Cut,
    /// It never left.
    NotSent,
    /// Done, and the house dies before it writes the answer.
    CrashAfter,
    /// The house dies before it sends.
    CrashBefore,
    /// Done, and the answer is taken in twice.
    Repeated,
}

struct World {
    house: House,
    engine: Engine,
    scope: Scope,
    bank: Bank,
    orders: u32,
}

impl World {
    async fn new() -> Self {
        Self::with(Vec::new()).await
    }

    async fn with(subjects: Vec<Arc<dyn Subject>>) -> Self {
        let house = House::new(&[SLICES]).await.unwrap();
        let nowhere = std::path::PathBuf::from("/nonexistent/vault.sock");
        let vault = vault_wire::VaultClient::connect(nowhere);
        let engine = Engine::new(house.ctx.clone(), vault, subjects);
        let scope = house.hotel.scope.clone();
        let mut world = Self { house, engine, scope, bank: Bank::default(), orders: 0 };
        world.set_clock("2026-11-23T09:00:00Z");
        world
    }

    fn set_clock(&mut self, at: &str) {
        let at = Timestamp::parse_rfc3339(at).unwrap();
        self.house.ctx.clocks.set(self.house.hotel.shop.id, ShopClock::Frozen(at));
    }

    fn wait(&mut self, seconds: i64) {
        let shop = self.house.hotel.shop.id;
        let at = self.house.ctx.now(shop).plus_seconds(seconds);
        self.house.ctx.clocks.set(shop, ShopClock::Frozen(at));
        self.house.clock.go_on(seconds);
    }

    fn new_payment(&mut self, minor: i64, capture: CapturePlan) -> NewPayment {
        self.orders += 1;
        let hotel = &self.house.hotel;
        let now = self.house.ctx.now(hotel.shop.id);
        NewPayment {
            ids: ops::NewIds::new(now, self.house.ctx.rng.as_ref()),
            shop: hotel.shop.id,
            point_of_sale: hotel.point,
            channel: Channel::Ecommerce,
            amount: Money::eur(minor),
            order_ref: format!("CMD-{}", self.orders),
            parallel: Parallel::Refuse,
            purpose: Purpose::Plain,
            subject: None,
            booking: None,
            capture,
            initiator: Initiator::Payer,
            reason: None,
            keep_card: KeepCard::None,
            payer: Payer::unknown(Locale::Fr),
            customer: None,
            lines: Vec::new(),
            terms: crate::payment::Terms::default(),
            return_url: None,
            metadata: serde_json::Map::new(),
        }
    }

    async fn create(&mut self, minor: i64, capture: CapturePlan) -> PaymentId {
        let new = self.new_payment(minor, capture);
        self.store(new).await
    }

    async fn create_for(&mut self, subject: SubjectRef) -> PaymentId {
        let mut new = self.new_payment(5_040, CapturePlan::NOW);
        new.subject = Some(subject);
        new.purpose = Purpose::Deposit;
        self.store(new).await
    }

    async fn store(&self, new: NewPayment) -> PaymentId {
        let (engine, scope, id) = (self.engine.clone(), self.scope.clone(), new.ids.payment);
        let origin = identity::audit::Origin::default();
        let wish = crate::payment::ThreedsWish::Auto;
        let create = move |tx: &mut Tx<'_>| engine.create(tx, &scope, (&new, wish), &origin);
        self.house.ctx.db.write(Route::any(), create).await.unwrap();
        self.engine.open_session(&self.scope, id).await.unwrap();
        id
    }

    fn card(&self) -> CardOffer {
        CardOffer {
            card: Card {
                id: CardToken::random(self.house.ctx.rng.as_ref()),
                brand: "cb".into(),
                co_brands: vec!["visa".into()],
                preferred_brand: None,
                only: None,
                bin: "49701000".into(),
                last4: "0154".into(),
                exp_month: 3,
                exp_year: 2029,
                country: Some("FR".into()),
                funding: Some("debit".into()),
                kept: false,
                single_use: true,
            },
            fingerprint: None,
            capture: None,
            source: Source::Page,
            code: connectors::CodeUse::WithCode,
            email: None,
            language: None,
            from: None,
        }
    }

    async fn begin(&self, id: PaymentId) -> Result<Dispatch, super::AttemptError> {
        self.begin_with(id, self.card()).await
    }

    async fn begin_with(
        &self,
        id: PaymentId,
        offer: CardOffer,
    ) -> Result<Dispatch, super::AttemptError> {
        let (engine, scope) = (self.engine.clone(), self.scope.clone());
        let begin = move |tx: &mut Tx<'_>| engine.begin_attempt(tx, &scope, id, &offer);
        match self.house.ctx.db.write(Route::any(), begin).await? {
            Begun::Go(dispatch) => Ok(*dispatch),
            Begun::Already(_) => unreachable!("no capture is used here"),
        }
    }

    /// One exchange with the bank; gives what must be sent next.
    async fn exchange(&mut self, dispatch: &Dispatch, fate: Fate) -> Option<Dispatch> {
        let heard = match fate {
            Fate::Answered | Fate::Repeated => Heard::Answer(self.answer(dispatch)),
            Fate::Lost => {
                let _ = self.answer(dispatch);
                Heard::Silence
            }
            Fate::Cut => Heard::Silence,
            Fate::NotSent => Heard::NotSent("connector_unreachable".into()),
            Fate::CrashAfter => {
                let _ = self.answer(dispatch);
                return None;
            }
            Fate::CrashBefore => return None,
        };
        let next = self.take_in(dispatch, &heard).await.unwrap();
        if fate == Fate::Repeated {
            assert!(self.take_in(dispatch, &heard).await.unwrap().is_none());
        }
        next
    }

    fn answer(&mut self, dispatch: &Dispatch) -> connectors::Reply {
        match &dispatch.wire {
            Wire::Card(_, call) => {
                self.bank.card(call.template, &serde_json::Value::Object(call.args.clone()))
            }
            Wire::Plain(call) => {
                let body = call.request.body.clone().unwrap_or_default();
                self.bank.plain(call.request.method, &call.request.url, &body)
            }
        }
    }

    async fn take_in(
        &self,
        dispatch: &Dispatch,
        heard: &Heard,
    ) -> Result<Option<Dispatch>, EngineError> {
        let (engine, scope) = (self.engine.clone(), self.scope.clone());
        let exchange = engine.transcript(dispatch, heard, self.house.ctx.real_now());
        let (dispatch, heard) = (dispatch.clone(), heard.clone());
        let apply = move |tx: &mut Tx<'_>| engine.apply(tx, &scope, &dispatch, (&heard, &exchange));
        self.house.ctx.db.write(Route::any(), apply).await
    }

    /// Pays with answers at each step.
    async fn pay(&mut self, id: PaymentId) -> Payment {
        let first = self.begin(id).await.unwrap();
        self.follow(first).await
    }

    async fn follow(&mut self, first: Dispatch) -> Payment {
        let id = first.payment;
        let mut next = Some(first);
        while let Some(dispatch) = next {
            next = self.exchange(&dispatch, Fate::Answered).await;
        }
        self.payment(id).await
    }

    async fn payment(&self, id: PaymentId) -> Payment {
        self.engine.payment(&self.scope, id).await.unwrap()
    }

    async fn plan(&self, id: PaymentId, what: What) -> Result<desk::Planned, DeskError> {
        let (engine, scope) = (self.engine.clone(), self.scope.clone());
        let ask = desk::Ask::by_clock(id, "test");
        let plan = move |tx: &mut Tx<'_>| engine.plan_operation(tx, &scope, &ask, &what);
        self.house.ctx.db.write(Route::any(), plan).await
    }

    async fn operate(&mut self, id: PaymentId, what: What) -> Result<Payment, DeskError> {
        match self.plan(id, what).await? {
            desk::Planned::Done(payment) => Ok(*payment),
            desk::Planned::Go(dispatch) => Ok(self.follow(*dispatch).await),
        }
    }

    /// Asks the bank about every open operation of a payment, once.
    async fn query_all(&mut self, id: PaymentId) {
        for operation in self.engine.open_operations(&self.scope, id).await.unwrap() {
            let (engine, scope) = (self.engine.clone(), self.scope.clone());
            let plan = move |tx: &mut Tx<'_>| engine.plan_query(tx, &scope, id, operation.id);
            let dispatch = self.house.ctx.db.write(Route::any(), plan).await.unwrap();
            if let Some(dispatch) = dispatch {
                self.exchange(&dispatch, Fate::Answered).await;
            }
        }
    }

    async fn ledger_is_whole(&self) {
        let merchant = self.scope.merchant();
        let verify = move |tx: &mut Tx<'_>| crate::books::verify(tx, &[merchant], ledger::FIRST);
        let report = self.house.ctx.db.read(verify).await.unwrap();
        let broken: Vec<_> = report.books.iter().flat_map(|book| &book.broken).collect();
        assert!(report.ok, "{broken:?}");
    }

    async fn wallet(&self) -> i64 {
        let (scope, shop) = (self.scope.clone(), self.house.hotel.shop.id);
        let read =
            move |tx: &mut Tx<'_>| ledger::reading::wallet(tx, &scope, shop, kernel::Currency::EUR);
        // An asset account: what came in, less what went out.
        self.house.ctx.db.read(read).await.unwrap().balance().unwrap().minor()
    }
}
