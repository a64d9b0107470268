use std::sync::Arc;

use axum::http::StatusCode;
use db::jobs::{self, NewJob};
use db::{Route, Tx};
use kernel::{Id, JobId};
use web::tasks::{self, NewTask, Owner};
use web::{JobKind, Next, Worker};

use crate::fixtures::House;
use crate::fixtures::pages::{self, As};

#[tokio::test]
async fn u_17_tasks_wait_in_the_head_until_somebody_ends_them() {
    let house = House::new(&[]).await.unwrap();
    let routes = crate::pages::routes().with_state(house.ctx.clone());
    let cookie = pages::sign_in(&house, &routes, &house.malik).await.unwrap();
    let malik = As::Browser(&cookie);
    let empty = pages::get(&routes, malik, "/taches").await.unwrap();
    assert!(empty.text.contains("Aucune tâche") && empty.text.contains("Rien à faire"));

    let raise = |scope: &kernel::Scope, kind: &'static str, object: &str| {
        let (owner, now) = (Owner::from(scope), house.ctx.real_now());
        let task = NewTask {
            id: Id::random(house.ctx.rng.as_ref()),
            kind,
            object: object.into(),
            note: "2026-1".into(),
            person: None,
            amount: None,
        };
        let write = move |tx: &mut Tx<'_>| tasks::raise(tx, owner, &task, now);
        house.ctx.db.write(Route::any(), write)
    };
    let hotel = &house.hotel.scope;
    raise(hotel, tasks::PAYMENT_UNKNOWN, "pay_1").await.unwrap();
    raise(hotel, tasks::PAYMENT_UNKNOWN, "pay_1").await.unwrap();
    raise(hotel, tasks::JOB_FAILED, "job_1").await.unwrap();
    raise(&house.museum.scope, tasks::PAYMENT_UNKNOWN, "pay_2").await.unwrap();
    let page = pages::get(&routes, malik, "/taches").await.unwrap().text;
    assert!(page.contains("1 tâche<"), "found out twice, told once; not his own left out: {page}");
    assert!(page.contains("href=\"/caisse/pay_1\"") && !page.contains("job_1"), "{page}");
    assert!(!page.contains("pay_2"), "{page}");

    let action = page.split("action=\"/taches/").nth(1).unwrap().split('"').next().unwrap();
    let action = format!("/taches/{action}");
    let done = pages::post(&routes, malik, &action, &[]).await.unwrap();
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/taches"));
    let page = pages::get(&routes, malik, "/taches").await.unwrap().text;
    assert!(page.contains("Aucune tâche") && page.contains("Faites récemment"), "{page}");
    assert!(page.contains(">Malik<"), "who did it: {page}");
    let again = pages::post(&routes, malik, &action, &[]).await.unwrap();
    assert_eq!(again.location(), "/taches");
    let nothing = pages::post(&routes, malik, "/taches/x/fait", &[]).await.unwrap();
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn u_17_work_given_up_after_its_last_try_becomes_a_task() {
    let house = House::new(&[]).await.unwrap();
    let routes = crate::pages::routes().with_state(house.ctx.clone());
    let cookie = pages::sign_in(&house, &routes, &house.claire).await.unwrap();
    let ctx = &house.ctx;
    let (shop, start) = (house.hotel.shop.id, ctx.now(house.hotel.shop.id));
    let job = NewJob {
        id: JobId::new(start, ctx.rng.as_ref()),
        merchant: house.hotel.scope.merchant(),
        mode: house.hotel.scope.mode(),
        shop,
        kind: "test.mailing",
        dedupe: None,
        run_at: start.plus_minutes(1),
        payload: serde_json::json!({}),
    };
    ctx.db.write(Route::any(), move |tx| jobs::enqueue(tx, &job)).await.unwrap();
    let refuses = JobKind {
        kind: "test.mailing",
        run: Arc::new(|_| Box::pin(async { Err::<Next, _>("no".to_owned()) })),
    };
    let worker = Worker::new(ctx.clone(), vec![refuses], Vec::new(), Vec::new());
    worker.move_clocks(&[(shop, start.plus_minutes(2))]).await.unwrap();
    let page = pages::get(&routes, As::Browser(&cookie), "/taches").await.unwrap().text;
    assert!(page.contains("Aucune tâche"), "it is tried again: {page}");
    worker.move_clocks(&[(shop, start.plus_minutes(60 * 24 * 30))]).await.unwrap();
    let page = pages::get(&routes, As::Browser(&cookie), "/taches").await.unwrap().text;
    assert!(page.contains("1 tâche<") && page.contains("test.mailing"), "{page}");
}
