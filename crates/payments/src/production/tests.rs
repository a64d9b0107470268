//! From the test shop to the live one, through the routes.

use db::{Route, Tx};
use identity::fixtures::pages::{As, get, post, sign_in};
use identity::fixtures::{self, Seller};
use identity::merchants;
use kernel::{DeliveryId, WebhookEndpointId};

use super::{model, ops};
use crate::checkout::tests::house::Shop;
use crate::payment::{CreateError, OpState};

const PATH: &str = "/parametres/production";

/// A hotel with a live shop beside its test shop, and its owner at the desk.
struct Town {
    shop: Shop,
    live: Seller,
    pages: axum::Router,
    cookie: String,
}

impl Town {
    async fn open() -> Self {
        let shop = Shop::open().await;
        let live = fixtures::live_twin(&shop.house.ctx, &shop.house.hotel).await.unwrap();
        let pages = shop.staff_pages();
        let cookie = sign_in(&shop.house, &pages, &shop.house.claire).await.unwrap();
        Self { shop, live, pages, cookie }
    }

    async fn get(&self, path: &str) -> String {
        get(&self.pages, As::Browser(&self.cookie), path).await.unwrap().text
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> axum::http::StatusCode {
        post(&self.pages, As::Browser(&self.cookie), path, fields).await.unwrap().status
    }

    async fn found(&self) -> model::Found {
        let scope = self.live.scope.clone();
        let look = move |tx: &mut Tx<'_>| ops::look(tx, &scope);
        self.shop.house.ctx.db.read(look).await.unwrap()
    }

    /// A program of the merchant takes a message of the test shop.
    async fn told(&self) {
        let (ctx, hotel) = (&self.shop.house.ctx, &self.shop.house.hotel);
        let (now, rng) = (ctx.real_now(), ctx.rng.as_ref());
        let (endpoint, id) = (WebhookEndpointId::new(now, rng), DeliveryId::new(now, rng));
        let (merchant, shop) = (hotel.scope.merchant(), hotel.shop.id);
        let write = move |tx: &mut Tx<'_>| {
            tx.exec(
                "INSERT INTO webhook_endpoint (id, merchant_id, mode, shop_id, url, description, \
                 secret, state, version, created_at) \
                 VALUES ($1, $2, 'test', $3, 'http://a', '', $4, 'enabled', 1, $5)",
                &db::params![endpoint, merchant, shop, vec![0_u8; 4], now],
            )?;
            tx.exec(
                "INSERT INTO webhook_delivery (id, merchant_id, mode, shop_id, endpoint_id, \
                 event_id, kind, object, state, step, tries, due_at, due_shop, lease_until, \
                 created_at) VALUES ($1, $2, 'test', $3, $4, $1, 'ping', '', 'delivered', 0, 1, \
                 $5, $5, 0, $5)",
                &db::params![id, merchant, shop, endpoint, now],
            )
        };
        ctx.db.write(Route::any(), write).await.unwrap();
    }
}

#[tokio::test]
async fn p_160_the_checklist_is_read_from_what_happened() {
    let town = Town::open().await;
    let page = town.get(PATH).await;
    assert_eq!(page.matches("À faire").count(), 5, "Malik has shown no second factor: {page}");
    assert!(page.contains("Il reste 5 points"), "{page}");
    assert!(page.contains("pas encore de connecteur vers une vraie banque"), "{page}");
    town.shop.tried("DOS-1", 8_400, OpState::Success).await;
    town.told().await;
    sign_in(&town.shop.house, &town.pages, &town.shop.house.malik).await.unwrap();
    assert_eq!(town.post(&format!("{PATH}/page"), &[]).await, 303);
    let page = town.get(&format!("{PATH}?lang=en")).await;
    assert!(page.contains("1 point is left") && page.contains("Claire checked"), "{page}");
    let found = town.found().await;
    assert!(!found.is_done(model::Point::Contract) && !found.may_open());
    assert!(model::Found { has_live_connector: true, ..found }.may_open());
}

#[tokio::test]
async fn p_160_a_live_shop_is_not_opened_before_all_is_done_and_takes_no_payment() {
    let town = Town::open().await;
    let asked = async || post(&town.pages, As::Browser(&town.cookie), PATH, &[]).await.unwrap();
    let from_test = asked().await;
    assert_eq!(from_test.status, 409);
    assert!(from_test.text.contains("Passez au réel"), "{}", from_test.text);
    assert_eq!(town.post("/mode", &[("mode", "live")]).await, 303);
    let from_live = asked().await;
    assert_eq!(from_live.status, 409);
    assert!(from_live.text.contains("tous les points ne sont pas faits"), "{}", from_live.text);
    assert_eq!(town.post("/mode", &[("mode", "test")]).await, 303);
    assert_eq!(town.found().await.opened_at, None);
    let refused = town.shop.create_for(&town.live, "DOS-1", 8_400).await;
    assert!(matches!(refused, Err(CreateError::ShopNotOpen)), "{refused:?}");
    for (seller, slug) in [(&town.live, "en-vrai"), (&town.shop.house.hotel, "hotel-des-tuffeaux")]
    {
        let scope = seller.scope.clone();
        let read = move |tx: &mut Tx<'_>| merchants::store::merchant(tx, &scope);
        let merchant = town.shop.house.ctx.db.read(read).await.unwrap().unwrap();
        assert_eq!(merchant.slug, slug, "each has a site of its own");
    }
    let site = |tx: &mut Tx<'_>| merchants::ops::site(tx, "en-vrai");
    assert!(town.shop.house.ctx.db.read(site).await.unwrap().is_none(), "no public site");
}

#[tokio::test]
async fn p_160_nothing_of_the_test_shop_is_seen_live() {
    let town = Town::open().await;
    let paid = town.shop.tried("DOS-TEST-7", 8_400, OpState::Success).await;
    let own = format!("/caisse/{}", paid.id);
    let export = "/caisse/export?format=csv-virgule";
    for path in ["/caisse", export, own.as_str()] {
        assert!(town.get(path).await.contains("DOS-TEST-7"), "{path}");
    }
    assert_eq!(town.post("/mode", &[("mode", "live")]).await, 303);
    for path in ["/caisse", "/caisse?q=DOS-TEST-7", export, own.as_str(), "/journal", "/taches"] {
        let page = town.get(path).await;
        assert!(!page.contains("DOS-TEST-7") || path.contains("q="), "{path}: {page}");
        assert!(!page.contains(&paid.id.to_string()), "{path}: {page}");
    }
    let merchant = town.live.scope.merchant();
    let books = move |tx: &mut Tx<'_>| {
        tx.query(
            "SELECT DISTINCT mode FROM ledger_tx WHERE merchant_id = $1",
            &db::params![merchant],
        )
    };
    let books = town.shop.house.ctx.db.read(books).await.unwrap();
    let modes: Vec<String> = books.iter().map(|row| row.get("mode").unwrap()).collect();
    assert_eq!(modes, ["test"]);
}
