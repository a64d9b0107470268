//! A house with payments in every state, made through the one writer of payments.

use db::{Route, Tx};
use identity::fixtures::pages::{Answer, As, get, post, sign_in};
use identity::fixtures::{House, Seller};
use identity::merchants;
use kernel::{CardToken, Locale, Money, OperationId, Timestamp};
use vault_wire::VaultClient;
use web::{Slice, Worker};

use crate::checkout::links::Links;
use crate::checkout::view::{self, Visit};
use crate::checkout::{self, SubjectPage};
use crate::payment::save::{self, SaveError};
use crate::payment::{
    CapturePlan, Card, Channel, Initiator, KeepCard, Kind, Line, NewPayment, OpState, Operation,
    Parallel, Payer, Payment, Proof, Purpose, Raw, Session, Source, store,
};
use crate::{CreateError, Engine, NewIds};

const SLICES: &[Slice] = &[
    Slice { name: "ledger", migrations: ledger::MIGRATIONS, messages: &[], menu: &[] },
    Slice { name: "payments", migrations: crate::MIGRATIONS, messages: &[], menu: &[] },
    checkout::SLICE,
    crate::desk::SLICE,
    crate::lots::SLICE,
    crate::means::SLICE,
    crate::production::SLICE,
    crate::approvals::SLICE,
    crate::chargebacks::SLICE,
    crate::virtual_cards::SLICE,
];

/// A house with an engine whose vault and bank nobody started.
pub(crate) struct Shop {
    pub(crate) house: House,
    pub(crate) engine: Engine,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let house = House::new(&[SLICES]).await.unwrap();
        let nowhere = VaultClient::connect("/nonexistent/vault.sock".into());
        let engine = Engine::new(house.ctx.clone(), nowhere, Vec::new());
        Self { house, engine }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.house.ctx.now(self.house.hotel.shop.id)
    }

    /// The payer's pages as the app serves them.
    pub(crate) fn payer_pages(&self) -> axum::Router {
        let routes = web::csrf::guard(checkout::routes(self.engine.clone()), &self.house.ctx)
            .merge(checkout::return_routes(self.engine.clone()));
        http::security::secure(routes, http::security::Policy::Api)
    }

    /// The cash desk and the sign-in page.
    pub(crate) fn staff_pages(&self) -> axum::Router {
        let ctx = self.house.ctx.clone();
        let worker = Worker::new(ctx.clone(), Vec::new(), Vec::new(), Vec::new());
        let menu = identity::extract::Menu(crate::desk::SLICE.menu.into());
        identity::pages::routes()
            .merge(crate::means::pages::routes())
            .merge(crate::production::pages::routes())
            .with_state(ctx)
            .merge(self.lots().routes())
            .merge(crate::desk::routes(self.engine.clone()))
            .merge(crate::virtual_cards::routes(self.engine.clone()))
            .layer(axum::Extension(menu))
            .layer(axum::Extension(worker))
    }

    /// What is done to several payments at once.
    pub(crate) fn lots(&self) -> identity::lots::Lots {
        identity::lots::Lots::new(&self.house.ctx, crate::lots::deeds(&self.engine))
    }

    /// A payment nobody has tried.
    pub(crate) async fn created(&self, order_ref: &str, minor: i64) -> Payment {
        self.create_for(&self.house.hotel, order_ref, minor).await.unwrap()
    }

    /// A payment of a seller, if his shop takes it.
    pub(crate) async fn create_for(
        &self,
        hotel: &Seller,
        order_ref: &str,
        minor: i64,
    ) -> Result<Payment, CreateError> {
        let ctx = &self.house.ctx;
        let new = NewPayment {
            ids: NewIds::new(self.now(), ctx.rng.as_ref()),
            shop: hotel.shop.id,
            point_of_sale: hotel.point,
            channel: Channel::Ecommerce,
            amount: Money::eur(minor),
            order_ref: order_ref.to_owned(),
            parallel: Parallel::Refuse,
            purpose: Purpose::Deposit,
            subject: None,
            booking: None,
            capture: CapturePlan::NOW,
            initiator: Initiator::Payer,
            reason: None,
            keep_card: KeepCard::Booking,
            payer: Payer {
                email: Some("anne@exemple.fr".parse().unwrap()),
                first_name: "Anne-Éléonore".into(),
                last_name: "Exemple".into(),
                ..Payer::unknown(Locale::Fr)
            },
            customer: None,
            terms: crate::payment::Terms::default(),
            lines: vec![Line { label: "Suite".into(), amount: Some(Money::eur(minor)) }],
            return_url: Some("http://127.0.0.1:9000/merci?a=1".into()),
            metadata: serde_json::Map::new(),
        };
        let (now, scope) = (self.now(), hotel.scope.clone());
        let create = move |tx: &mut Tx<'_>| crate::ops::create(tx, &scope, &new, now);
        ctx.db.write(Route::any(), create).await
    }

    /// Changes a payment through its one writer.
    pub(crate) async fn change(
        &self,
        payment: &Payment,
        mut change: impl FnMut(&mut Payment) + Send + 'static,
    ) -> Payment {
        let (engine, scope, id) = (self.engine.clone(), self.house.hotel.scope.clone(), payment.id);
        let write = move |tx: &mut Tx<'_>| {
            let before = store::find(tx, &scope, id)?.unwrap();
            let mut after = before.clone();
            change(&mut after);
            save::save(tx, &engine.pen(&scope, before.shop), &before, &mut after)?;
            Ok::<Payment, SaveError>(after)
        };
        self.house.ctx.db.write(Route::any(), write).await.unwrap()
    }

    /// A payment whose attempt ended like this.
    pub(crate) async fn tried(&self, order_ref: &str, minor: i64, news: OpState) -> Payment {
        let payment = self.created(order_ref, minor).await;
        let (now, ctx) = (self.now(), self.house.ctx.clone());
        let ids = [(); 2].map(|()| OperationId::new(now, ctx.rng.as_ref()));
        let card = CardToken::new(now, ctx.rng.as_ref());
        self.change(&payment, move |payment| {
            payment.session = Session::Open;
            payment.attempts = 1;
            payment.card = Some(visa(card));
            payment.operations.push(sent(ids[0], Kind::Authorise, payment.amount, now));
            payment.settle(ids[0], news, Proof::Proven).unwrap();
            if news == OpState::Failed {
                payment.decline = Some(decline("do_not_honour", "other_card", "05", "A"));
            }
            if news == OpState::Success {
                payment.operations.push(sent(ids[1], Kind::Capture, payment.amount, now));
                payment.settle(ids[1], OpState::Success, Proof::Proven).unwrap();
            }
        })
        .await
    }

    /// A payment that was authorised and not yet captured.
    pub(crate) async fn authorised(&self, order_ref: &str, minor: i64) -> Payment {
        let payment = self.created(order_ref, minor).await;
        let (now, ctx) = (self.now(), self.house.ctx.clone());
        let id = OperationId::new(now, ctx.rng.as_ref());
        let card = CardToken::new(now, ctx.rng.as_ref());
        self.change(&payment, move |payment| {
            payment.capture = CapturePlan::MANUAL;
            payment.session = Session::Open;
            payment.attempts = 1;
            payment.card = Some(visa(card));
            payment.operations.push(sent(id, Kind::Authorise, payment.amount, now));
            payment.settle(id, OpState::Success, Proof::Proven).unwrap();
        })
        .await
    }

    /// The payer on a page of a payment, with everything a page may show.
    pub(crate) async fn visit(&self, payment: Payment, locale: Locale) -> Visit {
        let scope = self.house.hotel.scope.clone();
        let read = move |tx: &mut Tx<'_>| merchants::store::merchant(tx, &scope);
        let merchant = self.house.ctx.db.read(read).await.unwrap().unwrap();
        let now = self.now();
        Visit {
            links: Links::new(&payment.page_token, Some(locale)),
            payment,
            merchant,
            subject: full_subject(now),
            words: self.house.ctx.words(locale),
            offered: view::offered(&self.house.ctx),
            demo: false,
            now,
        }
    }
}

fn full_subject(now: Timestamp) -> SubjectPage {
    SubjectPage {
        title: "Séjour du 12 au 14 juin 2026".into(),
        facts: vec![("Arrivée".into(), "12/06/2026".into())],
        next: vec!["Arrivez à partir de 15:00.".into()],
        hold_until: Some(now.plus_minutes(40)),
        back_url: Some("/s/hotel-des-tuffeaux".into()),
        calendar: Some("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".into()),
        mine_url: None,
        staff_url: Some("/reservations/bkg_x".into()),
        number: Some("DOS-2026-000123".into()),
    }
}

pub(crate) fn decline(
    code: &str,
    class: &str,
    raw: &str,
    payer_text: &str,
) -> crate::payment::Decline {
    crate::payment::Decline {
        code: code.into(),
        class: class.into(),
        raw: raw.into(),
        retry: false,
        payer_text: payer_text.into(),
    }
}

pub(crate) fn visa(id: CardToken) -> Card {
    Card {
        id,
        brand: "visa".into(),
        co_brands: Vec::new(),
        preferred_brand: None,
        only: None,
        bin: "49701000".into(),
        last4: "0154".into(),
        exp_month: 3,
        exp_year: 2029,
        country: Some("FR".into()),
        funding: None,
        kept: true,
        single_use: false,
    }
}

pub(crate) fn sent(id: OperationId, kind: Kind, amount: Money, now: Timestamp) -> Operation {
    Operation {
        id,
        kind,
        state: OpState::Sent,
        amount,
        attempt: 1,
        code: None,
        raw: Raw::default(),
        authorisation: Some("A1B2C3".into()),
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

/// Claire, signed in to the back office of the house.
pub(crate) struct Desk {
    pub(crate) shop: Shop,
    pub(crate) pages: axum::Router,
    pub(crate) cookie: String,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let shop = Shop::open().await;
        let pages = shop.staff_pages();
        let cookie = sign_in(&shop.house, &pages, &shop.house.claire).await.unwrap();
        Self { shop, pages, cookie }
    }

    /// A page, in which every message has its words.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let answer = get(&self.pages, As::Browser(&self.cookie), path).await.unwrap();
        for broken in [
            "[lot",
            "[payment-lot",
            "[desk",
            "[list",
            "[run",
            "[approval",
            "[task",
            "[audit",
            "[chargebacks",
            "[vcc",
        ] {
            assert!(!answer.text.contains(broken), "{broken}: {}", answer.text);
        }
        answer
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        post(&self.pages, As::Browser(&self.cookie), path, fields).await.unwrap()
    }
}
