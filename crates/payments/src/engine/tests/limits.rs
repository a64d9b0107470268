//! Cards and addresses that were refused too often.

use std::net::IpAddr;

use db::{Route, Tx};
use kernel::{Mode, Problem};

use super::{CapturePlan, CardOffer, Fate, Initiator, World};
use crate::attempts::{self, limits};
use crate::engine::attempt::Begun;

impl World {
    /// Tries a card on a new payment; gives what the bank or the house said.
    async fn refused(&mut self, offer: &CardOffer, code: &'static str) -> &'static str {
        let id = self.create(6_000, CapturePlan::NOW).await;
        self.refused_on(id, offer, code).await
    }

    async fn refused_on(
        &mut self,
        id: kernel::PaymentId,
        offer: &CardOffer,
        code: &'static str,
    ) -> &'static str {
        let (engine, scope, offer) = (self.engine.clone(), self.scope.clone(), offer.clone());
        let begin = move |tx: &mut Tx<'_>| engine.begin_attempt(tx, &scope, id, &offer);
        let first = match self.house.ctx.db.write(Route::any(), begin).await {
            Ok(Begun::Go(first)) => first,
            Ok(_) => panic!("no capture is used here"),
            Err(error) => return Problem::from(error).code,
        };
        let authorise = self.exchange(&first, Fate::Answered).await.unwrap();
        self.bank.next_code = Some(code);
        self.exchange(&authorise, Fate::Answered).await;
        "refused"
    }

    /// What follows when a card is destroyed, and each night for what is older than so many days.
    async fn forget(&self, offer: &CardOffer, days: i64) {
        let (scope, card) = (self.scope.clone(), offer.card.id);
        let now = self.house.ctx.now(self.house.hotel.shop.id);
        let work = move |tx: &mut Tx<'_>| {
            attempts::store::forget_card(tx, &scope, card)?;
            if days < 0 {
                attempts::store::forget_before(tx, scope.merchant(), now.plus_seconds(1))?;
            }
            Ok::<(), db::DbError>(())
        };
        self.house.ctx.db.write(Route::any(), work).await.unwrap();
    }

    async fn fingerprints(&self) -> Vec<String> {
        let read = |tx: &mut Tx<'_>| {
            let sql = "SELECT fingerprint FROM payment_attempt WHERE fingerprint IS NOT NULL";
            tx.query(sql, &[])?.iter().map(|row| row.get("fingerprint")).collect()
        };
        self.house.ctx.db.read::<_, db::DbError, _>(read).await.unwrap()
    }

    async fn is_paused(&self, mode: Mode, from: IpAddr) -> bool {
        let scope = identity::scope::for_house(self.scope.merchant(), mode);
        let shop = self.house.hotel.shop.id;
        self.engine.is_paused(&scope, shop, from).await.unwrap()
    }
}

#[tokio::test]
async fn p_76_ten_refused_cards_from_an_address_make_a_pause_that_survives_a_restart() {
    let mut world = World::new().await;
    let from = IpAddr::from([192, 0, 2, 7]);
    for refused in 0..limits::ADDRESS_REFUSALS_LIVE {
        assert!(!world.is_paused(Mode::Live, from).await, "after {refused}");
        let offer = CardOffer { from: Some(from), ..world.card() };
        assert_eq!(world.refused(&offer, "05").await, "refused");
    }
    assert!(world.is_paused(Mode::Live, from).await);
    assert!(!world.is_paused(Mode::Test, from).await, "test numbers exist to be refused");
    assert!(!world.is_paused(Mode::Live, IpAddr::from([192, 0, 2, 8])).await);
    world.wait(i64::from(limits::PAUSE_SECONDS));
    assert!(!world.is_paused(Mode::Live, from).await, "a quarter of an hour later");
}

#[tokio::test]
async fn p_76_a_silent_bank_counts_against_no_card() {
    let mut world = World::new().await;
    let offer = world.card();
    for _ in 0..5 {
        assert_eq!(world.refused(&offer, "91").await, "refused");
    }
}

#[tokio::test]
async fn p_88_another_card_on_the_payment_does_not_lift_the_block_of_the_first() {
    let mut world = World::new().await;
    let (stolen, other) = (world.card(), world.card());
    let id = world.create(6_000, CapturePlan::NOW).await;
    assert_eq!(world.refused_on(id, &stolen, "43").await, "refused");
    assert_eq!(world.refused_on(id, &other, "05").await, "refused");
    assert_eq!(world.refused_on(id, &stolen, "05").await, "card_blocked_by_issuer");
}

#[tokio::test]
async fn p_89_a_card_without_its_holder_is_not_tried_more_than_ten_times_a_month() {
    let mut world = World::new().await;
    let offer = world.card();
    let mut said = Vec::new();
    for _ in 0..=limits::MAX_ABSENT_REFUSALS {
        world.wait(86_400);
        let mut new = world.new_payment(6_000, CapturePlan::NOW);
        new.initiator = Initiator::Merchant;
        new.reason = Some(crate::Reason::Instalment);
        let id = world.store(new).await;
        said.push(world.absent(id, &offer).await);
    }
    let last = said.pop();
    assert!(said.iter().all(|word| *word == "refused"), "{said:?}");
    assert_eq!(last, Some("too_many_requests"));
}

impl World {
    /// A charge without the holder, refused by the bank.
    async fn absent(&mut self, id: kernel::PaymentId, offer: &CardOffer) -> &'static str {
        self.give_chain(offer).await;
        let (engine, scope, offer) = (self.engine.clone(), self.scope.clone(), offer.clone());
        let begin = move |tx: &mut Tx<'_>| engine.begin_attempt(tx, &scope, id, &offer);
        match self.house.ctx.db.write(Route::any(), begin).await {
            Ok(Begun::Go(authorise)) => {
                self.bank.next_code = Some("51");
                self.exchange(&authorise, Fate::Answered).await;
                "refused"
            }
            Ok(_) => panic!("no capture is used here"),
            Err(error) => Problem::from(error).code,
        }
    }

    /// A first payment of the holder, so that later charges have something to cite.
    async fn give_chain(&mut self, offer: &CardOffer) {
        let (db, scope, card) = (self.house.ctx.db.clone(), self.scope.clone(), offer.card.id);
        let known = move |tx: &mut Tx<'_>| crate::payment::store::chain_of_card(tx, &scope, card);
        if db.read(known).await.unwrap().is_some() {
            return;
        }
        let id = self.create(6_000, CapturePlan::NOW).await;
        let (engine, scope, offer) = (self.engine.clone(), self.scope.clone(), offer.clone());
        let begin = move |tx: &mut Tx<'_>| engine.begin_attempt(tx, &scope, id, &offer);
        match db.write(Route::any(), begin).await.unwrap() {
            Begun::Go(first) => drop(self.follow(*first).await),
            Begun::Already(_) => unreachable!("no capture is used here"),
        }
    }
}

#[tokio::test]
async fn p_88_a_barred_number_typed_again_is_known_by_its_fingerprint_for_thirty_days() {
    let mut world = World::new().await;
    let number = |world: &World, print: &str| {
        let fingerprint = Some(print.to_owned());
        CardOffer { fingerprint, ..world.card() }
    };
    let stolen = number(&world, "fp_a");
    assert_eq!(world.refused(&stolen, "43").await, "refused");
    world.forget(&stolen, 0).await;
    let (again, other) = (number(&world, "fp_a"), number(&world, "fp_b"));
    assert_eq!(world.refused(&again, "05").await, "card_blocked_by_issuer");
    assert_eq!(world.refused(&other, "05").await, "refused");
    world.forget(&other, 0).await;
    assert_eq!(world.fingerprints().await, ["fp_a"], "only a bar outlives its card");
    world.wait(limits::BLOCKED_DAYS * 86_400 + 1);
    assert_eq!(world.refused(&again, "05").await, "refused");
    world.forget(&again, -1).await;
    assert!(world.fingerprints().await.is_empty(), "and that one thirty days");
}
