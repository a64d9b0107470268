//! The promises of the layer, on a real file.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use kernel::rng::SeededRng;
use kernel::scope::Actor;
use kernel::{EventId, JobId, MerchantId, Mode, Scope, ShopId, Timestamp};

use crate::idempotency::{self, Begin, Key};
use crate::jobs::{self, ClockGroup, NewJob};
use crate::lease;
use crate::outbox::{self, NewEvent};
use crate::{Db, DbError, DbOptions, Insert, Migration, Place, Route, Rows, params, testing};

const COUNTER: &[Migration] = &[Migration {
    name: "test/0001_counter",
    sql: "CREATE TABLE counter (\n id BIGINT NOT NULL,\n n BIGINT NOT NULL CHECK (n <= 100),\n PRIMARY KEY (id)\n);",
}];

const PAGES: &[Migration] = &[Migration {
    name: "test/0001_pages",
    sql: "CREATE TABLE pages (\n id BIGINT NOT NULL,\n content BYTES NOT NULL,\n PRIMARY KEY (id)\n);",
}];

static COUNTED: Insert = Insert { table: "counter", columns: &["id", "n"] };

fn open(folder: &tempfile::TempDir) -> Db {
    Db::open(&testing::scratch(folder.path(), "a.db").unwrap(), &[COUNTER]).unwrap()
}

fn scope(rng: &SeededRng) -> Scope {
    let merchant = MerchantId::new(Timestamp::from_micros(1), rng);
    Scope::granted_by_identity(merchant, Mode::Test, Actor::Clock, Vec::new())
}

async fn count(db: &Db) -> i64 {
    let total = "SELECT COUNT(*) FROM counter";
    db.read(move |tx| tx.query(total, &[])?[0].first::<i64>()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failing_unit_harms_no_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let mut tasks = Vec::new();
    for id in 0..200_i64 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            db.write(Route::any(), move |tx| {
                let value = if id % 10 == 0 { 101 } else { 1 };
                tx.exec("INSERT INTO counter (id, n) VALUES ($1, $2)", &params![id, 1])?;
                assert!(id % 10 != 5, "a unit may panic");
                tx.exec("UPDATE counter SET n = $1 WHERE id = $2", &params![value, id])
            })
            .await
        }));
    }
    let mut ends = [0; 3];
    for task in tasks {
        match task.await.unwrap() {
            Ok(1) => ends[0] += 1,
            Err(DbError::Check(_)) => ends[1] += 1,
            Err(DbError::Panicked) => ends[2] += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ends, [160, 20, 20]);
    assert_eq!(count(&db).await, 160);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_made_apart_are_added_as_one_unit_and_can_ask_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let made = |ids: std::ops::Range<i64>| {
        let insert = |tx: &mut crate::Tx<'_>, id| tx.insert(&COUNTED, params![id, 1]);
        Rows::of(|tx| ids.into_iter().try_for_each(|id| insert(tx, id))).unwrap()
    };
    let add = |rows: Rows| {
        let db = db.clone();
        async move { db.write(Route::any(), move |tx| tx.insert_rows(&rows)).await }
    };
    add(made(0..1_000)).await.unwrap();
    let twice = add(made(999..2_000)).await;
    assert!(matches!(twice, Err(DbError::Conflict(_))), "{twice:?}");
    assert_eq!(count(&db).await, 1_000);
    let asks = Rows::of(|tx| tx.exec("DELETE FROM counter", &[]).map(|_| ()));
    assert!(matches!(asks, Err(DbError::Engine(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lost_connections_lose_nothing_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = testing::scratch(folder.path(), "a.db").unwrap();
    let Place::Server(url) = &options.place else { return };
    let name = format!("lost{}", std::process::id());
    let place = Place::Server(format!("{url}&application_name={name}"));
    let killer = Db::open(&options, &[COUNTER]).unwrap();
    let db = Db::open(&DbOptions::at(place), &[COUNTER]).unwrap();
    let tasks: Vec<_> = (0..8_i64)
        .map(|caller| {
            let db = db.clone();
            tokio::spawn(async move {
                for n in 0..400_i64 {
                    let id = caller * 1_000 + n;
                    let add = move |tx: &mut crate::Tx<'_>| {
                        tx.insert(&COUNTED, params![id, 1])?;
                        Ok::<(), DbError>(())
                    };
                    db.write(Route::any(), add).await.unwrap();
                }
            })
        })
        .collect();
    let mut killed = 0;
    while !tasks.iter().all(tokio::task::JoinHandle::is_finished) {
        let name = name.clone();
        let kill = move |tx: &mut crate::Tx<'_>| {
            let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE application_name = $1";
            tx.query(sql, &params![name])
        };
        killed += killer.read(kill).await.unwrap().len();
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert!(killed > 3, "the connections were never cut");
    assert_eq!(count(&killer).await, 3_200);
}

#[tokio::test]
async fn acknowledged_rows_are_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let insert = |tx: &mut crate::Tx<'_>| tx.exec("INSERT INTO counter VALUES (1, 1)", &[]);
    open(&folder).write::<_, DbError, _>(Route::any(), insert).await.unwrap();
    let db = open(&folder);
    assert_eq!(count(&db).await, 1);
    let again = db.write::<_, DbError, _>(Route::any(), insert).await;
    assert!(matches!(again, Err(DbError::Conflict(_))));
    assert!(db.read::<_, DbError, _>(insert).await.is_err(), "a reader cannot write");
}

#[test]
fn an_older_program_leaves_newer_tables_alone() {
    let folder = tempfile::tempdir().unwrap();
    let options = testing::scratch(folder.path(), "a.db").unwrap();
    drop(Db::open(&options, &[COUNTER, PAGES]).unwrap());
    let refused = Db::open(&options, &[COUNTER]).err();
    assert_eq!(refused, Some(DbError::Newer("test/0001_pages".into())));
    assert!(Db::open(&options, &[COUNTER, PAGES]).is_ok());
}

/// Three writers that never rest rewrite a megabyte each, 100 times.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_log_stays_short_beside_writers_that_never_rest() {
    const MEGABYTE: usize = 1 << 20;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let db = Db::open(&DbOptions::sqlite(&file), &[PAGES]).unwrap();
    let writers = (0..3_i64).map(|id| {
        let db = db.clone();
        tokio::spawn(async move {
            for round in 0..100 {
                let rewrite = "INSERT INTO pages (id, content) VALUES ($1, $2) \
                    ON CONFLICT (id) DO UPDATE SET content = excluded.content";
                let content = vec![round; MEGABYTE];
                let write =
                    move |tx: &mut crate::Tx<'_>| tx.exec(rewrite, &params![id, content.clone()]);
                db.write::<_, DbError, _>(Route::any(), write).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let log = std::fs::read(folder.path().join("a.db-wal")).unwrap().len();
    assert!(log < 250 * MEGABYTE, "{} MB of log", log / MEGABYTE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_equal_requests_do_the_work_once() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let scope = scope(&SeededRng::new(1));
    let work = Arc::new(AtomicU32::new(0));
    let mut tasks = Vec::new();
    for _ in 0..64 {
        let (db, scope, work) = (db.clone(), scope.clone(), Arc::clone(&work));
        tasks.push(tokio::spawn(async move {
            db.write(Route::any(), move |tx| {
                let key = Key { key: "k".into(), path: "/a".into(), fingerprint: [7; 32] };
                let now = Timestamp::from_micros(10);
                let begin = idempotency::begin(tx, &scope, &key, now, now.plus_seconds(30))?;
                if begin == Begin::Fresh {
                    work.fetch_add(1, Ordering::SeqCst);
                    idempotency::finish(tx, &scope, &key, 201, "made")?;
                }
                Ok::<Begin, DbError>(begin)
            })
            .await
            .unwrap()
        }));
    }
    let mut replays = 0;
    for task in tasks {
        let begin = task.await.unwrap();
        replays += u32::from(begin == Begin::Replay { status: 201, body: "made".into() });
    }
    assert_eq!((work.load(Ordering::SeqCst), replays), (1, 63));
}

#[test]
fn a_key_tells_running_from_abandoned_and_from_another_body() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let scope = scope(&SeededRng::new(1));
    let start = Timestamp::from_micros(0);
    let begin = |fingerprint: u8, now: Timestamp| {
        let scope = scope.clone();
        db.write_blocking(Route::any(), move |tx| {
            let key = Key { key: "k".into(), path: "/a".into(), fingerprint: [fingerprint; 32] };
            let begin = idempotency::begin(tx, &scope, &key, now, now.plus_seconds(30))?;
            if begin == Begin::Fresh {
                idempotency::attach_object(tx, &scope, &key, "pay_1")?;
            }
            Ok::<Begin, DbError>(begin)
        })
        .unwrap()
    };
    assert_eq!(begin(1, start), Begin::Fresh);
    assert_eq!(begin(2, start), Begin::Mismatch);
    assert_eq!(begin(1, start.plus_seconds(29)), Begin::InFlight);
    let object = Some("pay_1".to_owned());
    assert_eq!(begin(1, start.plus_seconds(30)), Begin::Abandoned { object });
}

#[test]
fn jobs_wait_for_their_clock_and_come_back_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let rng = SeededRng::new(3);
    let start = Timestamp::from_micros(0);
    let (merchant, shop) = (MerchantId::new(start, &rng), ShopId::new(start, &rng));
    let plan = |run_at: Timestamp| {
        let job = NewJob {
            id: JobId::new(start, &rng),
            merchant,
            mode: Mode::Test,
            shop,
            kind: "test.job",
            dedupe: Some("one".into()),
            run_at,
            payload: serde_json::json!({"n": 1}),
        };
        db.write_blocking(Route::any(), move |tx| jobs::enqueue(tx, &job)).unwrap();
    };
    plan(start.plus_seconds(60));
    plan(start.plus_seconds(1));
    let claim = |now: Timestamp, real: Timestamp| {
        db.write_blocking(Route::any(), move |tx| {
            jobs::claim(tx, ClockGroup::Test(shop), now, real, real.plus_seconds(30))
        })
        .unwrap()
    };
    assert!(claim(start.plus_seconds(59), start).is_none(), "the first plan stands");
    assert_eq!(claim(start.plus_seconds(60), start).unwrap().attempts, 1);
    assert!(claim(start.plus_seconds(60), start.plus_seconds(29)).is_none(), "leased");
    let again = claim(start.plus_seconds(60), start.plus_seconds(30)).unwrap();
    assert_eq!(again.attempts, 2);
    db.write_blocking(Route::any(), move |tx| jobs::done(tx, again.merchant, again.id)).unwrap();
    assert!(claim(start.plus_seconds(999), start.plus_seconds(999)).is_none());
}

#[test]
fn a_lease_has_one_holder_until_it_runs_out() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let now = Timestamp::from_micros(0);
    let take = |holder: u8, from: Timestamp, until: Timestamp| {
        db.write_blocking(Route::any(), move |tx| lease::take(tx, "a", &[holder; 16], from, until))
            .unwrap()
    };
    let open_for = |holder: u8, at: Timestamp| {
        db.read_blocking(move |tx| lease::is_open(tx, "a", &[holder; 16], at)).unwrap()
    };
    assert!(open_for(1, now) && take(1, now, now.plus_seconds(10)));
    assert!(!open_for(2, now.plus_seconds(9)), "held by the first");
    assert!(!take(2, now.plus_seconds(9), now.plus_seconds(19)));
    assert!(take(1, now.plus_seconds(9), now.plus_seconds(19)), "renewed");
    assert!(!take(2, now.plus_seconds(18), now.plus_seconds(28)));
    assert!(open_for(2, now.plus_seconds(19)));
    assert!(take(2, now.plus_seconds(19), now.plus_seconds(29)), "the first is gone");
    assert!(!take(1, now.plus_seconds(20), now.plus_seconds(30)));
    let give_back = |holder: u8| {
        db.write_blocking(Route::any(), move |tx| lease::give_back(tx, "a", &[holder; 16]))
            .unwrap();
    };
    give_back(1);
    assert!(!open_for(1, now.plus_seconds(21)), "not the first one's to give");
    give_back(2);
    assert!(take(1, now.plus_seconds(21), now.plus_seconds(31)));
}

#[test]
fn events_are_handed_over_once_and_only_when_committed() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder);
    let rng = SeededRng::new(4);
    let scope = scope(&rng);
    let start = Timestamp::from_micros(0);
    let emit = |fails: u32| {
        let scope = scope.clone();
        let event = NewEvent {
            id: EventId::new(start, &rng),
            kind: "test.happened",
            object: "obj_1".into(),
            shop: ShopId::new(start, &rng),
            body: serde_json::json!({}),
        };
        db.write_blocking(Route::any(), move |tx| {
            outbox::emit(tx, &scope, &event, start)?;
            if fails == 1 { Err(DbError::Closed) } else { Ok(()) }
        })
    };
    assert!(emit(1).is_err());
    emit(0).unwrap();
    let waiting = || db.read_blocking(|tx| outbox::waiting(tx, 10)).unwrap();
    assert_eq!(waiting().len(), 1);
    let event = waiting().remove(0);
    let mark = || {
        let (merchant, id) = (event.merchant, event.id);
        db.write_blocking(Route::any(), move |tx| outbox::mark_handled(tx, merchant, id)).unwrap()
    };
    assert_eq!((mark(), mark(), waiting().len()), (true, false, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn indexes_set_aside_come_back_also_after_a_filling_that_was_cut_short() {
    const MARKED: &[Migration] = &[Migration {
        name: "test/0002_marks",
        sql: "CREATE TABLE mark (\n id BIGINT NOT NULL,\n word TEXT NOT NULL\n);\n\
              CREATE INDEX mark_word ON mark (word) WHERE word IS NOT NULL;\n\
              CREATE INDEX mark_waits ON mark (id) WHERE word = 'waits';\n\
              CREATE UNIQUE INDEX mark_once ON mark (id);",
    }];
    let folder = tempfile::tempdir().unwrap();
    let options = DbOptions::sqlite(folder.path().join("a.db"));
    let indexes = |db: Db| async move {
        let sql = "SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'mark' AND type = 'index'";
        let read = move |tx: &mut crate::Tx<'_>| {
            tx.query(sql, &[])?.iter().map(|row| row.get::<String>("sql")).collect()
        };
        let mut texts: Vec<String> = db.read::<_, DbError, _>(read).await.unwrap();
        texts.sort();
        texts
    };
    let db = Db::open(&options, &[MARKED]).unwrap();
    let whole = indexes(db.clone()).await;
    assert_eq!(whole.len(), 3);
    db.set_indexes_aside(&["mark"]).await.unwrap();
    let left = indexes(db.clone()).await;
    assert!(left.len() == 2 && left[0].contains("mark_waits"), "{left:?}");
    assert!(left[1].contains("UNIQUE"), "{left:?}");
    let same = |tx: &mut crate::Tx<'_>| tx.exec("INSERT INTO mark VALUES (1, 'a')", &[]);
    db.write(Route::any(), same).await.unwrap();
    assert!(matches!(db.write(Route::any(), same).await, Err(DbError::Conflict(_))));
    db.index_again().await.unwrap();
    assert_eq!(indexes(db.clone()).await, whole);
    db.set_indexes_aside(&["mark"]).await.unwrap();
    drop(db);
    let db = Db::open(&options, &[MARKED]).unwrap();
    assert_eq!(indexes(db).await, whole);
}
