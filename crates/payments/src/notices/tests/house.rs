//! A house whose payments change as the engine would change them.

use std::sync::Arc;

use db::{DbError, Route, Tx, outbox};
use http::Catalogue;
use http::words::Messages;
use identity::merchants::{self, Merchant};
use kernel::{CardToken, EventId, Id, Locale, Money, OperationId, PaymentId, Scope, Timestamp};
use web::mail::{self, Sent};
use web::{Context, Slice, Subscriber, Worker};

use crate::payment::save::{self, Pen, SaveError};
use crate::payment::{
    CapturePlan, Card, Channel, Initiator, KeepCard, Kind, Line, Movement, NewPayment, OpState,
    Operation, Parallel, Payer, Payment, Proof, Purpose, Raw, Session, Source, ops, store,
};
use crate::subject::{Occasion, Served, Subject, SubjectError, SubjectRef, SubjectRefusal};
use crate::{NewIds, notices};

/// Phone of the merchants of the house.
pub(super) const PHONE: &str = "02 41 50 12 34";
const AMOUNT: i64 = 5_040;
const LOST_PLACE: &str = "lost-place";

const fn slice(
    name: &'static str,
    migrations: &'static [db::Migration],
    messages: &'static [Messages],
) -> Slice {
    Slice { name, migrations, messages, menu: &[] }
}

const SLICES: &[Slice] = &[
    slice("ledger", ledger::MIGRATIONS, &[]),
    slice("payments", crate::MIGRATIONS, &[]),
    crate::checkout::SLICE,
    slice("notices", &[], notices::MESSAGES),
];

/// A place that somebody else took meanwhile.
struct LostPlace;

impl Subject for LostPlace {
    fn kind(&self) -> &'static str {
        LOST_PLACE
    }

    fn before_authorise(
        &self,
        _: &mut Tx<'_>,
        _: &Scope,
        _: &Payment,
        _: Timestamp,
    ) -> Result<(), SubjectRefusal> {
        Ok(())
    }

    fn on_paid(
        &self,
        _: &mut Tx<'_>,
        _: &Scope,
        _: &Payment,
        _: Occasion<'_>,
    ) -> Result<Served, SubjectError> {
        Ok(Served::PlaceGone)
    }

    fn on_lost(
        &self,
        _: &mut Tx<'_>,
        _: &Scope,
        _: &Payment,
        _: Occasion<'_>,
    ) -> Result<(), SubjectError> {
        Ok(())
    }
}

/// Makes a payment one for a place that will be gone.
pub(super) fn about_a_lost_place(new: &mut NewPayment) {
    let id = Id::from_bytes([7; 16]);
    new.subject = Some(SubjectRef { kind: LOST_PLACE.into(), id });
}

pub(super) struct House {
    inner: identity::fixtures::House,
    subjects: Vec<Arc<dyn Subject>>,
}

impl House {
    pub(super) async fn new() -> Self {
        let inner = identity::fixtures::House::new(&[SLICES]).await.unwrap();
        Self { inner, subjects: vec![Arc::new(LostPlace)] }
    }

    fn ctx(&self) -> &Context {
        &self.inner.ctx
    }

    pub(super) fn catalogue(&self) -> Catalogue {
        self.ctx().catalogue.clone()
    }

    pub(super) fn worker(&self, more: Vec<Subscriber>) -> Worker {
        let subscribers = [notices::subscribers(self.ctx()), more].concat();
        Worker::new(self.ctx().clone(), Vec::new(), subscribers, Vec::new())
    }

    pub(super) async fn hand_over(&self) {
        self.worker(Vec::new()).round().await;
    }

    /// Hands everything over again in a program that was started anew.
    pub(super) async fn after_a_restart(&self) {
        let ctx = self.inner.restarted().await.unwrap();
        let subscribers = notices::subscribers(&ctx);
        Worker::new(ctx, Vec::new(), subscribers, Vec::new()).round().await;
    }

    pub(super) async fn payment(&self, change: impl FnOnce(&mut NewPayment)) -> PaymentId {
        let ctx = self.ctx();
        let hotel = &self.inner.hotel;
        let now = ctx.now(hotel.shop.id);
        let mut new = NewPayment {
            ids: NewIds::new(now, ctx.rng.as_ref()),
            shop: hotel.shop.id,
            point_of_sale: hotel.point,
            channel: Channel::Ecommerce,
            amount: Money::eur(AMOUNT),
            order_ref: "HT-2026-000123/1".into(),
            parallel: Parallel::Refuse,
            purpose: Purpose::Plain,
            subject: None,
            booking: None,
            capture: CapturePlan::NOW,
            initiator: Initiator::Payer,
            reason: None,
            keep_card: KeepCard::None,
            payer: Payer {
                email: Some("anne@exemple.fr".parse().unwrap()),
                first_name: "Anne".into(),
                last_name: "Exemple".into(),
                ..Payer::unknown(Locale::Fr)
            },
            customer: None,
            terms: crate::payment::Terms::default(),
            lines: vec![Line { label: "Acompte".into(), amount: None }],
            return_url: None,
            metadata: serde_json::Map::new(),
        };
        change(&mut new);
        let (id, scope) = (new.ids.payment, hotel.scope.clone());
        let create = move |tx: &mut Tx<'_>| ops::create(tx, &scope, &new, now).map(|_| ());
        ctx.db.write(Route::any(), create).await.unwrap();
        id
    }

    pub(super) async fn read(&self, id: PaymentId) -> Payment {
        let scope = self.inner.hotel.scope.clone();
        let read = move |tx: &mut Tx<'_>| store::find(tx, &scope, id);
        self.ctx().db.read(read).await.unwrap().unwrap()
    }

    pub(super) async fn merchant(&self) -> Merchant {
        let scope = self.inner.hotel.scope.clone();
        let read = move |tx: &mut Tx<'_>| merchants::store::merchant(tx, &scope);
        self.ctx().db.read(read).await.unwrap().unwrap()
    }

    pub(super) async fn mails(&self, id: PaymentId) -> Vec<Sent> {
        let scope = self.inner.hotel.scope.clone();
        let read = move |tx: &mut Tx<'_>| mail::of_object(tx, &scope, &id.to_string());
        self.ctx().db.read(read).await.unwrap()
    }

    /// Changes a payment through its one writer.
    pub(super) async fn change(
        &self,
        id: PaymentId,
        mut change: impl FnMut(&mut Payment) + Send + 'static,
    ) {
        let (ctx, scope) = (self.ctx().clone(), self.inner.hotel.scope.clone());
        let subjects = self.subjects.clone();
        let write = move |tx: &mut Tx<'_>| {
            let before = store::find(tx, &scope, id)?.unwrap();
            let mut after = before.clone();
            change(&mut after);
            let pen = Pen {
                scope: &scope,
                now: ctx.now(before.shop),
                real_now: ctx.real_now(),
                rng: ctx.rng.as_ref(),
                from: "",
                subjects: &subjects,
            };
            save::save(tx, &pen, &before, &mut after)
        };
        self.ctx().db.write::<(), SaveError, _>(Route::any(), write).await.unwrap();
    }

    /// Stores an operation as sent.
    pub(super) async fn operation(&self, id: PaymentId, kind: Kind, minor: i64) -> OperationId {
        let now = self.ctx().now(self.inner.hotel.shop.id);
        let operation = OperationId::new(now, self.ctx().rng.as_ref());
        let card = CardToken::new(now, self.ctx().rng.as_ref());
        self.change(id, move |payment| {
            if kind == Kind::Authorise {
                payment.attempts += 1;
                payment.session = Session::Open;
                payment.card = Some(cb(card));
            }
            payment.operations.push(sent(operation, kind, minor, now));
        })
        .await;
        operation
    }

    /// The bank's answer to an operation.
    pub(super) async fn settle(&self, id: PaymentId, operation: OperationId, news: OpState) {
        let change = move |payment: &mut Payment| {
            payment.settle(operation, news, Proof::Proven).unwrap();
        };
        self.change(id, change).await;
    }

    pub(super) async fn authorising(&self, id: PaymentId) -> OperationId {
        self.operation(id, Kind::Authorise, AMOUNT).await
    }

    pub(super) async fn authorised(&self, id: PaymentId) {
        let operation = self.authorising(id).await;
        self.settle(id, operation, OpState::Success).await;
    }

    /// Authorised and captured in one answer.
    pub(super) async fn captured(&self, id: PaymentId) {
        let operation = self.authorising(id).await;
        let now = self.ctx().now(self.inner.hotel.shop.id);
        let capture = OperationId::new(now, self.ctx().rng.as_ref());
        let change = move |payment: &mut Payment| {
            payment.settle(operation, OpState::Success, Proof::Proven).unwrap();
            payment.operations.push(sent(capture, Kind::Capture, AMOUNT, now));
            payment.settle(capture, OpState::Success, Proof::Proven).unwrap();
        };
        self.change(id, change).await;
    }

    pub(super) async fn ask_refund(&self, id: PaymentId, minor: i64) -> OperationId {
        let now = self.ctx().now(self.inner.hotel.shop.id);
        let operation = OperationId::new(now, self.ctx().rng.as_ref());
        let change = move |payment: &mut Payment| {
            payment.operations.push(sent(operation, Kind::Refund, minor, now));
            payment.apply(Movement::RefundAsked(minor)).unwrap();
        };
        self.change(id, change).await;
        operation
    }

    /// An event of the right kind that tells of no payment.
    pub(super) async fn emit_nonsense(&self) {
        let hotel = &self.inner.hotel;
        let now = self.ctx().now(hotel.shop.id);
        let event = outbox::NewEvent {
            id: EventId::new(now, self.ctx().rng.as_ref()),
            kind: "payment.captured",
            object: "nothing".into(),
            shop: hotel.shop.id,
            body: serde_json::json!({"version": "x"}),
        };
        let scope = hotel.scope.clone();
        let emit = move |tx: &mut Tx<'_>| outbox::emit(tx, &scope, &event, now);
        self.ctx().db.write::<(), DbError, _>(Route::any(), emit).await.unwrap();
    }
}

fn cb(id: CardToken) -> Card {
    Card {
        id,
        brand: "cb".into(),
        co_brands: Vec::new(),
        preferred_brand: None,
        only: None,
        bin: "49701000".into(),
        last4: "0154".into(),
        exp_month: 3,
        exp_year: 2029,
        country: Some("FR".into()),
        funding: None,
        kept: false,
        single_use: true,
    }
}

fn sent(id: OperationId, kind: Kind, minor: i64, now: Timestamp) -> Operation {
    Operation {
        id,
        kind,
        state: OpState::Sent,
        amount: Money::eur(minor),
        attempt: 1,
        code: None,
        raw: Raw::default(),
        authorisation: None,
        provider_id: None,
        guarantee: None,
        author: "payer".into(),
        source: Source::Page,
        reason: None,
        at: now,
        sent_at: Some(now),
        queries: 0,
        elsewhere: None,
        quiet: false,
    }
}
