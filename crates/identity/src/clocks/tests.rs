use axum::http::StatusCode;
use axum::{Extension, Router};
use kernel::{JobId, Timestamp};
use serde_json::json;
use std::sync::{Arc, Mutex};
use web::{Context, JobKind, Next, Worker};

use crate::fixtures::House;
use crate::fixtures::pages::{self, As};

type Seen = Arc<Mutex<Vec<String>>>;

fn routes(ctx: &Context, seen: &Seen) -> Router {
    let (at, seen) = (ctx.clone(), Arc::clone(seen));
    let ring = JobKind {
        kind: "essai.sonner",
        run: Arc::new(move |job| {
            seen.lock().unwrap().push(at.now(job.shop).to_string());
            Box::pin(async { Ok(Next::Done) })
        }),
    };
    let worker = Worker::new(ctx.clone(), vec![ring], Vec::new(), Vec::new());
    crate::api::routes().layer(Extension(worker)).with_state(ctx.clone())
}

async fn plan(house: &House, at: Timestamp) {
    let job = db::jobs::NewJob {
        id: JobId::new(at, house.ctx.rng.as_ref()),
        merchant: house.hotel.scope.merchant(),
        mode: house.hotel.scope.mode(),
        shop: house.hotel.shop.id,
        kind: "essai.sonner",
        dedupe: None,
        run_at: at,
        payload: json!({}),
    };
    let add = move |tx: &mut db::Tx<'_>| db::jobs::enqueue(tx, &job);
    house.ctx.db.write(db::Route::any(), add).await.unwrap();
}

#[tokio::test]
async fn p_161_moving_the_clock_runs_what_falls_due_at_its_own_instant() {
    let house = House::new(&[]).await.unwrap();
    let seen = Seen::default();
    let routes = routes(&house.ctx, &seen);
    let start = house.ctx.real_now();
    plan(&house, start.plus_minutes(60 * 30)).await;
    plan(&house, start.plus_minutes(60 * 10)).await;
    plan(&house, start.plus_minutes(60 * 40)).await;
    let key = As::Key(&house.hotel.key);
    let (shop, path) = (house.hotel.shop.id, "/v1/test/clock");
    let before = pages::get(&routes, key, path).await.unwrap().json();
    assert_eq!(before, json!({ "shop": shop, "now": "2026-11-21T09:00:00Z", "runs": "real" }));
    let moved = json!({ "shop": shop, "by": "PT36H" });
    let moved = pages::post_json(&routes, key, path, &moved).await.unwrap();
    assert_eq!(
        moved.json(),
        json!({ "shop": shop, "now": "2026-11-22T21:00:00Z", "runs": "frozen",
                "ran": [{ "kind": "essai.sonner", "at": "2026-11-21T19:00:00Z" },
                        { "kind": "essai.sonner", "at": "2026-11-22T15:00:00Z" }] })
    );
    assert_eq!(*seen.lock().unwrap(), ["2026-11-21T19:00:00Z", "2026-11-22T15:00:00Z"]);
    house.clock.go_on(600);
    assert_eq!(house.ctx.now(shop).to_string(), "2026-11-22T21:00:00Z");
    assert_eq!(house.ctx.now(house.museum.shop.id), house.ctx.real_now());
    let after = house.restarted().await.unwrap();
    assert_eq!(after.now(shop).to_string(), "2026-11-22T21:00:00Z");

    let follow = json!({ "follow": "real" });
    let follows = pages::post_json(&routes, key, path, &follow).await.unwrap();
    assert_eq!(follows.json()["runs"], "follows");
    house.clock.go_on(60);
    assert_eq!(house.ctx.now(shop).to_string(), "2026-11-22T21:01:00Z");
}

#[tokio::test]
async fn p_161_clocks_moved_together_run_their_jobs_in_one_order() {
    let house = House::new(&[]).await.unwrap();
    let seen = Seen::default();
    let heard = Arc::clone(&seen);
    let ring = JobKind {
        kind: "essai.sonner",
        run: Arc::new(move |job| {
            heard.lock().unwrap().push(job.shop.to_string());
            Box::pin(async { Ok(Next::Done) })
        }),
    };
    let worker = Worker::new(house.ctx.clone(), vec![ring], Vec::new(), Vec::new());
    let start = house.ctx.real_now();
    let (hotel, museum) = (&house.hotel, &house.museum);
    for (minutes, (scope, shop)) in [
        (10, (&hotel.scope, hotel.shop.id)),
        (20, (&museum.scope, museum.shop.id)),
        (30, (&hotel.scope, hotel.shop.id)),
    ] {
        let at = start.plus_minutes(minutes);
        let job = db::jobs::NewJob {
            id: JobId::new(at, house.ctx.rng.as_ref()),
            merchant: scope.merchant(),
            mode: scope.mode(),
            shop,
            kind: "essai.sonner",
            dedupe: None,
            run_at: at,
            payload: json!({}),
        };
        let add = move |tx: &mut db::Tx<'_>| db::jobs::enqueue(tx, &job);
        house.ctx.db.write(db::Route::any(), add).await.unwrap();
    }
    let to = start.plus_minutes(60);
    let ran = worker.move_clocks(&[(hotel.shop.id, to), (museum.shop.id, to)]).await.unwrap();
    let order = [hotel.shop.id, museum.shop.id, hotel.shop.id].map(|id| id.to_string());
    assert_eq!(*seen.lock().unwrap(), order);
    let instants: Vec<Timestamp> = ran.iter().map(|ran| ran.at).collect();
    assert_eq!(instants, [10, 20, 30].map(|minutes| start.plus_minutes(minutes)));
}

#[tokio::test]
async fn wrong_moves_are_refused_and_move_nothing() {
    let house = House::new(&[]).await.unwrap();
    let routes = routes(&house.ctx, &Seen::default());
    let key = As::Key(&house.hotel.key);
    let path = "/v1/test/clock";
    for (body, status, code, at) in [
        (json!({ "to": "2026-11-20T00:00:00Z" }), 422, "clock_backward", "$.to"),
        (json!({ "to": "2028-11-20T00:00:00Z" }), 422, "invalid_field", "$.to"),
        (json!({ "to": "demain" }), 422, "invalid_field", "$.to"),
        (json!({ "by": 36 }), 422, "invalid_field", "$.by"),
        (json!({ "by": "P500D" }), 422, "invalid_field", "$.by"),
        (json!({ "bye": "PT1H" }), 422, "invalid_field", "$.bye"),
        (json!({}), 422, "invalid_field", "$"),
        (json!({ "shop": house.museum.shop.id, "by": "PT1H" }), 404, "not_found", ""),
        (json!("x"), 400, "malformed_json", ""),
    ] {
        let answer = pages::post_json(&routes, key, path, &body).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.json()["code"].clone()), (status, code.into()));
        assert_eq!(answer.json()["errors"][0]["path"].as_str().unwrap_or_default(), at);
    }
    let anyone = pages::post_json(&routes, As::Anyone, path, &json!({})).await.unwrap();
    assert_eq!(anyone.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.ctx.now(house.hotel.shop.id), house.ctx.real_now());
}
