use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use http::Refusal;
use http::limit::Limit;
use kernel::{ApiKeyId, Mode, Problem, Right, ShopId};
use web::Context;

use super::{KeyText, Network, NewKey, ops};
use crate::api::{Limits, limited};
use crate::extract::{May, needs};
use crate::fixtures::House;
use crate::fixtures::pages::{self, As};
use crate::{merchants, scope};

async fn shop(
    may: May<needs::PaymentsRead>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Result<String, Refusal> {
    let id: ShopId = id.parse().map_err(|_| Problem::not_found())?;
    let scope = may.scope.clone();
    let found = ctx.db.read(move |tx| merchants::store::shop(tx, &scope, id)).await;
    let shop = found.map_err(crate::extract::api::internal)?;
    shop.map(|shop| shop.name).ok_or(Refusal(Problem::not_found()))
}

fn routes(ctx: &Context) -> Router {
    routes_within(ctx, Limits::default())
}

fn routes_within(ctx: &Context, limits: Limits) -> Router {
    let routes = Router::new().route("/v1/shops/{id}", get(shop));
    limited(routes, ctx, limits).with_state(ctx.clone())
}

async fn issue(house: &House, rights: &[Right], network: &str) -> (ApiKeyId, String) {
    let (rng, now) = (house.ctx.rng.clone(), house.ctx.real_now());
    let text = KeyText::new(Mode::Test, rng.as_ref());
    let new = NewKey {
        id: ApiKeyId::new(now, rng.as_ref()),
        text: text.clone(),
        shop: house.hotel.shop.id,
        name: "Logiciel".into(),
        rights: rights.to_vec(),
        networks: vec![network.parse::<Network>().unwrap()],
    };
    let (id, scope) = (new.id, house.hotel.scope.clone());
    let add = move |tx: &mut db::Tx<'_>| ops::issue(tx, &scope, &new, now);
    house.ctx.db.write(db::Route::any(), add).await.unwrap();
    (id, text.expose().to_owned())
}

#[tokio::test]
async fn q_41_only_an_open_key_with_the_right_gets_in() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let path = format!("/v1/shops/{}", house.hotel.shop.id);
    let of = async |key: &str| pages::get(&routes, As::Key(key), &path).await.unwrap();
    assert_eq!(of(&house.hotel.key).await.text, "Internet");

    let anyone = pages::get(&routes, As::Anyone, &path).await.unwrap();
    assert_eq!(
        (anyone.status, anyone.json()["code"].clone()),
        (StatusCode::UNAUTHORIZED, "unauthorized".into())
    );
    assert!(anyone.header("www-authenticate").starts_with("Bearer"));
    let unknown = KeyText::new(Mode::Test, house.ctx.rng.as_ref());
    assert_eq!(of(unknown.expose()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(of("").await.status, StatusCode::UNAUTHORIZED);

    assert_eq!(of(&house.museum.key).await.status, StatusCode::NOT_FOUND);
    let (_, weak) = issue(&house, &[Right::BookingView], "127.0.0.0/8").await;
    let refused = of(&weak).await;
    assert_eq!(
        (refused.status, refused.json()["right"].clone()),
        (StatusCode::FORBIDDEN, "payments.read".into())
    );
    let (_, elsewhere) = issue(&house, &[Right::PaymentsRead], "192.0.2.0/24").await;
    assert_eq!(of(&elsewhere).await.json()["code"], "ip_not_allowed");
}

#[tokio::test]
async fn p_159_a_key_of_the_other_mode_finds_nothing() {
    let house = House::new(&[]).await.unwrap();
    let (rng, now) = (house.ctx.rng.clone(), house.ctx.real_now());
    let live = scope::for_house(house.hotel.scope.merchant(), Mode::Live);
    let mut twin = house.hotel.shop.clone();
    (twin.id, twin.mode) = (ShopId::new(now, rng.as_ref()), Mode::Live);
    let text = KeyText::new(Mode::Live, rng.as_ref());
    let new = NewKey {
        id: ApiKeyId::new(now, rng.as_ref()),
        text: text.clone(),
        shop: twin.id,
        name: "Réel".into(),
        rights: Right::ALL.to_vec(),
        networks: vec![Network::LOOPBACK],
    };
    let (shop, add) = (twin.id, move |tx: &mut db::Tx<'_>| -> crate::fixtures::Outcome<()> {
        merchants::ops::add_shop(tx, &live, &twin, now)?;
        ops::issue(tx, &live, &new, now)?;
        Ok(())
    });
    house.ctx.db.write(db::Route::any(), add).await.unwrap();
    let routes = routes(&house.ctx);
    let status = async |key: &str, shop: ShopId| {
        pages::get(&routes, As::Key(key), &format!("/v1/shops/{shop}")).await.unwrap().status
    };
    assert!(text.expose().starts_with("gk_live_"));
    assert_eq!(status(text.expose(), shop).await, StatusCode::OK);
    assert_eq!(status(text.expose(), house.hotel.shop.id).await, StatusCode::NOT_FOUND);
    assert_eq!(status(&house.hotel.key, shop).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn p_159_rotation_overlaps_a_day_and_revocation_is_at_once() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let path = format!("/v1/shops/{}", house.hotel.shop.id);
    let works = async |key: &str| {
        pages::get(&routes, As::Key(key), &path).await.unwrap().status == StatusCode::OK
    };
    let (old, old_text) = issue(&house, &[Right::PaymentsRead], "127.0.0.0/8").await;
    let (rng, now) = (house.ctx.rng.clone(), house.ctx.real_now());
    let (new, text) = (ApiKeyId::new(now, rng.as_ref()), KeyText::new(Mode::Test, rng.as_ref()));
    let (scope, fresh) = (house.hotel.scope.clone(), text.clone());
    let rotate = move |tx: &mut db::Tx<'_>| ops::rotate(tx, &scope, old, (new, fresh.clone()), now);
    house.ctx.db.write(db::Route::any(), rotate).await.unwrap();
    assert!(works(&old_text).await && works(text.expose()).await);
    house.clock.go_on(24 * 3600);
    assert!(!works(&old_text).await && works(text.expose()).await);
    let (scope, now) = (house.hotel.scope.clone(), house.ctx.real_now());
    let foreign = house.museum.scope.clone();
    let revoke = move |tx: &mut db::Tx<'_>| ops::revoke(tx, &foreign, new, now);
    assert!(house.ctx.db.write(db::Route::any(), revoke).await.is_err());
    assert!(works(text.expose()).await);
    let revoke = move |tx: &mut db::Tx<'_>| ops::revoke(tx, &scope, new, now);
    house.ctx.db.write(db::Route::any(), revoke).await.unwrap();
    assert!(!works(text.expose()).await);
}

#[tokio::test]
async fn nobody_issues_a_key_above_his_own_rights() {
    let house = House::new(&[]).await.unwrap();
    let (rng, now) = (house.ctx.rng.clone(), house.ctx.real_now());
    let own = &house.hotel.scope;
    let weak =
        scope::for_staff(own.merchant(), own.mode(), house.malik.id, vec![Right::KeysManage]);
    let new = NewKey {
        id: ApiKeyId::new(now, rng.as_ref()),
        text: KeyText::new(Mode::Test, rng.as_ref()),
        shop: house.hotel.shop.id,
        name: "Trop".into(),
        rights: vec![Right::PayoutRequest],
        networks: vec![Network::LOOPBACK],
    };
    let add = move |tx: &mut db::Tx<'_>| ops::issue(tx, &weak, &new, now);
    let refused = house.ctx.db.write(db::Route::any(), add).await;
    assert!(matches!(refused, Err(super::KeyError::AboveOwn(Right::PayoutRequest))));
}

#[tokio::test]
async fn p_159_too_many_calls_are_told_to_wait() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx);
    let path = format!("/v1/shops/{}", house.hotel.shop.id);
    let mut last = None;
    for _ in 0..101 {
        last = Some(pages::get(&routes, As::Key(&house.hotel.key), &path).await.unwrap());
    }
    let last = last.unwrap();
    assert_eq!(
        (last.status, last.json()["code"].clone()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many_requests".into())
    );
    assert_eq!((last.header("retry-after"), last.header("ratelimit")), ("1", "\"key\";r=0;t=2"));
    let other = pages::get(&routes, As::Key(&house.museum.key), &path).await.unwrap();
    assert_eq!(other.header("ratelimit"), "\"key\";r=99;t=1");
    house.clock.go_on(1);
    let later = pages::get(&routes, As::Key(&house.hotel.key), &path).await.unwrap();
    assert_eq!(later.status, StatusCode::OK);
}

#[tokio::test]
async fn q_44_an_address_that_guesses_keys_is_told_to_wait() {
    let house = House::new(&[]).await.unwrap();
    let limits = Limits { address: Limit::new(10, 20), ..Limits::default() };
    let routes = routes_within(&house.ctx, limits);
    let path = format!("/v1/shops/{}", house.hotel.shop.id);
    for _ in 0..20 {
        let answer = pages::get(&routes, As::Key("gk_test_guess"), &path).await.unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let last = pages::get(&routes, As::Key("gk_test_guess"), &path).await.unwrap();
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        (last.header("retry-after"), last.header("ratelimit")),
        ("1", "\"address\";r=0;t=2")
    );
    house.clock.go_on(1);
    let later = pages::get(&routes, As::Key(&house.hotel.key), &path).await.unwrap();
    assert_eq!(later.status, StatusCode::OK);
}

#[tokio::test]
async fn p_159_all_keys_of_a_merchant_share_one_measure() {
    let house = House::new(&[]).await.unwrap();
    let limits = Limits { merchant: Limit::new(5, 10), ..Limits::default() };
    let routes = routes_within(&house.ctx, limits);
    let (_, other) = issue(&house, &[Right::PaymentsRead], "0.0.0.0/0").await;
    let path = format!("/v1/shops/{}", house.hotel.shop.id);
    for key in [&house.hotel.key, &other].into_iter().cycle().take(10) {
        let answer = pages::get(&routes, As::Key(key), &path).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
    }
    let last = pages::get(&routes, As::Key(&other), &path).await.unwrap();
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(last.header("ratelimit"), "\"merchant\";r=0;t=2");
    let museum = format!("/v1/shops/{}", house.museum.shop.id);
    let neighbour = pages::get(&routes, As::Key(&house.museum.key), &museum).await.unwrap();
    assert_eq!(neighbour.status, StatusCode::OK);
}
