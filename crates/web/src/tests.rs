//! The worker on a real file: order, instants, crashes of handlers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use db::jobs::{self, NewJob};
use db::{Db, DbError, Route};
use kernel::rng::SeededRng;
use kernel::time::SystemClock;
use kernel::{JobId, MerchantId, Mode, Secret, ShopId, Timestamp};

use crate::{
    Clocks, Context, JobKind, Next, Progress, ShopClock, Sweeper, Timetable, Urls, Worker,
};

fn context(folder: &tempfile::TempDir) -> Context {
    let options = db::testing::scratch(folder.path(), "a.db").unwrap();
    let urls = Urls { app: "http://a".into(), vault: "http://v".into(), bank: String::new() };
    Context {
        db: Db::open(&options, &[crate::SLICE.migrations]).unwrap(),
        clocks: Clocks::new(Arc::new(SystemClock)),
        rng: Arc::new(SeededRng::new(1)),
        urls: Arc::new(urls),
        catalogue: http::Catalogue::new(&[
            http::MESSAGES,
            crate::PAYER_MESSAGES,
            crate::SLICE.messages,
        ])
        .unwrap(),
        app_key: Arc::new(Secret::new([0; 32])),
        demo: false,
    }
}

#[tokio::test]
async fn moving_a_test_clock_runs_what_falls_due_in_order_each_at_its_instant() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(&folder);
    let start = Timestamp::parse_rfc3339("2026-06-15T09:00:00+02:00").unwrap();
    let rng = ctx.rng.as_ref();
    let (merchant, shop) = (MerchantId::new(start, rng), ShopId::new(start, rng));
    ctx.clocks.set(shop, ShopClock::Frozen(start));
    for minutes in [30, 10, 90] {
        let job = NewJob {
            id: JobId::new(start, rng),
            merchant,
            mode: Mode::Test,
            shop,
            kind: "test.ring",
            dedupe: None,
            run_at: start.plus_minutes(minutes),
            payload: serde_json::json!({ "minutes": minutes }),
        };
        ctx.db.write(Route::any(), move |tx| jobs::enqueue(tx, &job)).await.unwrap();
    }
    let seen: Arc<Mutex<Vec<(i64, Timestamp)>>> = Arc::default();
    let (log, clocks) = (Arc::clone(&seen), ctx.clocks.clone());
    let ring = JobKind {
        kind: "test.ring",
        run: Arc::new(move |job| {
            let minutes = job.payload["minutes"].as_i64().unwrap();
            let mut seen = log.lock().unwrap();
            let first = !seen.iter().any(|(m, _)| *m == minutes);
            seen.push((minutes, clocks.now(job.shop)));
            // The first try of the job at 10 minutes fails, as a bank that does not answer.
            let fails = first && minutes == 10;
            Box::pin(async move { if fails { Err("silent".into()) } else { Ok(Next::Done) } })
        }),
    };
    let worker = Worker::new(ctx.clone(), vec![ring], Vec::new(), Vec::new());
    let ran = worker.move_clocks(&[(shop, start.plus_minutes(60))]).await.unwrap();
    assert_eq!(ran.len(), 3);
    let at = |minutes: i64| start.plus_minutes(minutes);
    let expected = [(10, at(10)), (10, at(10).plus_seconds(5)), (30, at(30))];
    assert_eq!(*seen.lock().unwrap(), expected);
    assert_eq!(ctx.now(shop), at(60));
}

#[tokio::test]
async fn a_timetable_that_hangs_holds_up_a_whole_move_once_however_much_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(&folder);
    let start = Timestamp::parse_rfc3339("2026-06-15T09:00:00+02:00").unwrap();
    let shop = ShopId::new(start, ctx.rng.as_ref());
    ctx.clocks.set(shop, ShopClock::Frozen(start));
    let (clocks, calls) = (ctx.clocks.clone(), Arc::new(Mutex::new(0)));
    let seen = Arc::clone(&calls);
    let hourly = Timetable {
        next: Arc::new(move |_, shop| Ok(Some(clocks.now(shop).plus_minutes(60)))),
        run: Arc::new(move |_, _| {
            let mut calls = seen.lock().unwrap();
            *calls += 1;
            let silent = *calls > 2;
            Box::pin(async move {
                if silent {
                    std::future::pending::<()>().await;
                }
                Progress::Done
            })
        }),
        patience: Duration::from_millis(50),
    };
    let worker = Worker::new(ctx.clone(), Vec::new(), Vec::new(), Vec::new());
    let to = start.plus_minutes(100_000 * 60);
    worker.with_timetable(hourly).move_clocks(&[(shop, to)]).await.unwrap();
    assert_eq!(*calls.lock().unwrap(), 3, "not asked again after it kept the call waiting");
    assert_eq!(ctx.now(shop), to, "the clock arrives all the same");
}

#[tokio::test]
async fn a_sweeper_that_hangs_holds_up_neither_jobs_nor_other_sweepers_nor_a_clock() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(&folder);
    let (rung, rings) = tokio::sync::mpsc::unbounded_channel::<&str>();
    let mut rings = rings;
    let (job_rung, sweep_rung) = (rung.clone(), rung);
    let ring = JobKind {
        kind: "test.ring",
        run: Arc::new(move |_| {
            job_rung.send("job").unwrap();
            Box::pin(async { Ok(Next::Done) })
        }),
    };
    let hangs = Sweeper { name: "hangs", run: Arc::new(|| Box::pin(std::future::pending())) };
    let sweeps = Sweeper {
        name: "sweeps",
        run: Arc::new(move || {
            let _ = sweep_rung.send("sweep");
            Box::pin(async { Ok(()) })
        }),
    };
    let worker = Worker::new(ctx.clone(), vec![ring], Vec::new(), vec![hangs, sweeps]);
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(worker.clone().run(async move {
        let _ = ended.await;
    }));
    while rings.recv().await != Some("sweep") {}
    let now = ctx.real_now();
    let rng = ctx.rng.as_ref();
    let shop = ShopId::new(now, rng);
    ctx.clocks.set(shop, ShopClock::Frozen(now));
    let job = NewJob {
        id: JobId::new(now, rng),
        merchant: MerchantId::new(now, rng),
        mode: Mode::Test,
        shop,
        kind: "test.ring",
        dedupe: None,
        run_at: now,
        payload: serde_json::json!({}),
    };
    ctx.db.write(Route::any(), move |tx| jobs::enqueue(tx, &job)).await.unwrap();
    while rings.recv().await != Some("job") {}
    worker.move_clocks(&[(shop, now.plus_minutes(1))]).await.unwrap();
    assert_eq!(ctx.now(shop), now.plus_minutes(1));
    end.send(()).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn u_26_a_form_token_does_the_work_once() {
    use crate::forms::{self, Submit};
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(&folder);
    let now = ctx.real_now();
    let merchant = MerchantId::new(now, ctx.rng.as_ref());
    let actor = kernel::scope::Actor::Payer;
    let scope = kernel::Scope::granted_by_identity(merchant, Mode::Test, actor, Vec::new());
    let token = forms::new_token(ctx.rng.as_ref());
    let submit = |location: &'static str| {
        let (db, scope, token) = (ctx.db.clone(), scope.clone(), token.clone());
        async move {
            db.write(Route::any(), move |tx| {
                let submit = forms::begin(tx, &scope, "/a", &token, now)?;
                if submit == Submit::First {
                    forms::finish(tx, &scope, "/a", &token, location)?;
                }
                Ok::<Submit, DbError>(submit)
            })
            .await
            .unwrap()
        }
    };
    assert_eq!(submit("/first").await, Submit::First);
    assert_eq!(submit("/second").await, Submit::Again("/first".into()));
}

#[tokio::test]
async fn u_27_error_pages_say_what_happened_whether_money_moved_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = context(&folder);
    for locale in kernel::Locale::ALL {
        let words = ctx.words(locale);
        for status in [400, 403, 404, 409, 410, 413, 422, 429, 500, 503] {
            let answer = crate::oops::page(&words, &kernel::Problem::new(status, "any", "any"));
            assert_eq!(answer.status().as_u16(), status);
            let body = axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            let money = if status < 500 { "oops-money" } else { "oops-money-unsure" };
            let said = [format!("oops-{status}"), money.into(), "oops-cure".into()];
            for key in said {
                let sentence = words.say(&key).replace('\'', "&#39;");
                assert!(text.contains(&sentence), "{status} {key}: {text}");
            }
            assert!(text.contains("<h1>"), "{text}");
        }
    }
}

#[test]
fn u_17_the_search_for_payments_is_shown_to_who_may_read_them() {
    use kernel::Right;
    let catalogue = http::Catalogue::new(&[crate::SLICE.messages]).unwrap();
    let words = catalogue.words(kernel::Locale::Fr);
    let person = |rights| crate::shell::Person {
        merchant: "Musée".into(),
        logo: None,
        name: "Hugo".into(),
        role: "Contrôle".into(),
        rights,
        mode: Mode::Test,
        tasks: 2,
        twin: None,
    };
    let searches = |rights| crate::shell::Shell::new(&words, &[], &person(rights), "/").searches;
    assert!(searches(vec![Right::PaymentsRead]));
    assert!(!searches(vec![Right::HomeView]));
}
