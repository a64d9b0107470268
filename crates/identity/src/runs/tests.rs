//! A long file: stopped in the middle, taken up again, complete.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use db::{DbError, Route, Tx};
use documents::{Cell, Column, Format, Kind};
use http::Words;
use kernel::{Actor, Id, Right, Scope};

use super::model::{NewRun, Run, State};
use super::runner::Runner;
use super::store;
use crate::fixtures::House;
use crate::fixtures::pages::{As, get, sign_in};
use crate::lists::{Chunk, List, Wanted};

const ROWS: i64 = 30_000;
const CHUNK: i64 = 2_500;

/// The numbers from 1 on; says stop when it comes to a number.
struct Numbers {
    house: Arc<House>,
    stop_at: AtomicI64,
}

impl List for Numbers {
    fn name(&self) -> &'static str {
        "numbers"
    }
    fn path(&self) -> &'static str {
        "/nombres"
    }
    fn export_right(&self) -> Right {
        Right::PaymentsExport
    }
    fn columns(&self) -> &'static [&'static str] {
        &["number"]
    }
    fn title(&self, _: &Words) -> String {
        "Nombres".into()
    }
    fn sheet(&self, _: &Wanted) -> Vec<Column> {
        vec![Column { name: "n", title: "N".into(), kind: Kind::Count, width: 8 }]
    }
    fn count(&self, _: &mut Tx<'_>, _: &Scope, _: &Wanted) -> Result<i64, DbError> {
        Ok(ROWS)
    }
    fn chunk(
        &self,
        _: &mut Tx<'_>,
        _: &Scope,
        _: &Wanted,
        after: Option<Id>,
    ) -> Result<Chunk, DbError> {
        let from =
            after.map_or(0, |id| i64::try_from(u128::from_be_bytes(*id.as_bytes())).unwrap());
        if self.stop_at.compare_exchange(from, -1, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            turn(&self.house, State::Running, State::Stopped);
        }
        let to = from + CHUNK;
        let next = (to < ROWS).then(|| Id::from_bytes(u128::try_from(to).unwrap().to_be_bytes()));
        Ok(((from + 1..=to).map(|n| vec![Cell::Count(n)]).collect(), next))
    }
    fn digest(&self, _: &mut Tx<'_>, _: &Scope, _: &Wanted) -> Result<u64, DbError> {
        Ok(0)
    }
}

fn claire(house: &House) -> Scope {
    crate::scope::for_staff(
        house.hotel.scope.merchant(),
        house.hotel.scope.mode(),
        house.claire.id,
        Vec::new(),
    )
}

/// Reads from a place that may wait or must not.
fn read<T>(house: &House, look: impl FnMut(&mut Tx<'_>) -> Result<T, DbError>) -> T {
    tokio::task::block_in_place(|| house.ctx.db.read_blocking(look)).unwrap()
}

fn only(house: &House) -> Run {
    let scope = claire(house);
    let Actor::User(user) = scope.actor() else { panic!() };
    let mut runs = read(house, |tx| store::latest(tx, &scope, user, 10));
    assert_eq!(runs.len(), 1);
    runs.remove(0)
}

fn turn(house: &House, from: State, to: State) {
    let (scope, id, now) = (claire(house), only(house).id, house.ctx.real_now());
    let write = move |tx: &mut Tx<'_>| store::turn(tx, &scope, id, (from, to, now));
    let db = &house.ctx.db;
    let done = || db.write_blocking::<_, DbError, _>(Route::any(), write);
    assert!(tokio::task::block_in_place(done).unwrap());
}

fn file(house: &House) -> Vec<u8> {
    let (scope, run) = (claire(house), only(house));
    let part = |position| read(house, |tx| store::part(tx, &scope, (run.id, position))).unwrap();
    (0..run.parts).flat_map(part).collect()
}

/// An export of the numbers that stops itself at one of them.
async fn asked(format: Format, stop_at: i64) -> (Arc<House>, Runner) {
    let house = Arc::new(House::new(&[]).await.unwrap());
    let list = Arc::new(Numbers { house: Arc::clone(&house), stop_at: AtomicI64::new(stop_at) });
    let wanted = Wanted {
        query: String::new(),
        columns: vec!["number".into()],
        words: house.ctx.words(kernel::Locale::Fr),
        zone: kernel::Zone::paris(),
        now: house.ctx.real_now(),
    };
    let new = NewRun::export(&house.ctx, (list.as_ref(), &wanted), format);
    let new = NewRun { total: Some(ROWS), ..new };
    let (scope, now) = (claire(&house), house.ctx.real_now());
    let write = move |tx: &mut Tx<'_>| store::insert(tx, &scope, &new, now);
    house.ctx.db.write::<_, DbError, _>(Route::any(), write).await.unwrap();
    let runner = Runner::new(house.ctx.clone(), vec![list]);
    (house, runner)
}

#[tokio::test(flavor = "multi_thread")]
async fn u_33_a_stopped_file_goes_on_and_has_every_line_once() {
    let (house, runner) = asked(Format::CsvComma, 15_000).await;
    runner.run_waiting().await;
    let stopped = only(&house);
    assert_eq!((stopped.state, stopped.done), (State::Stopped, 10_000));
    assert_eq!(stopped.percent(), Some(33));
    turn(&house, State::Stopped, State::Running);
    runner.run_waiting().await;
    let done = only(&house);
    assert_eq!((done.state, done.done, done.percent()), (State::Done, ROWS, Some(100)));
    let text = String::from_utf8(file(&house)).unwrap();
    let numbers: Vec<&str> = text.split("\r\n").filter(|line| !line.is_empty()).collect();
    let expected: Vec<String> =
        std::iter::once("N".to_owned()).chain((1..=ROWS).map(|n| n.to_string())).collect();
    assert_eq!(numbers, expected);
    assert_eq!(i64::try_from(text.len()).unwrap(), done.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn u_33_a_run_whose_process_died_shows_no_speed_and_says_when_it_goes_on() {
    // Long steps are nothing unusual while a workbook is made.
    for (format, longest) in
        [(Format::CsvComma, super::SILENT_SECONDS), (Format::Xlsx, super::LONG_STEP_SECONDS)]
    {
        let (house, _) = asked(format, i64::MAX).await;
        let (scope, now) = (claire(&house), house.ctx.real_now());
        let lease_until = now.plus_seconds(super::LEASE_SECONDS);
        let work = move |tx: &mut Tx<'_>| -> Result<bool, DbError> {
            let run = store::claim(tx, now, lease_until)?.unwrap();
            let (done, took) = (10_000, 1_000_000);
            let step = store::Step { done, place: None, part: None, took, lease_until };
            store::step(tx, &scope, &run, &step)
        };
        assert!(house.ctx.db.write::<_, DbError, _>(Route::any(), work).await.unwrap());
        let routes = crate::pages::routes().with_state(house.ctx.clone());
        let cookie = sign_in(&house, &routes, &house.claire).await.unwrap();
        let path = super::path(only(&house).id);
        let page = async || get(&routes, As::Browser(&cookie), &path).await.unwrap().text;
        let speed_and_end = async || {
            let page = page().await;
            (page.contains("lignes par seconde"), page.contains("Interrompu par un arrêt"))
        };
        assert_eq!(speed_and_end().await, (true, false));
        house.clock.go_on(super::SILENT_SECONDS + 1);
        assert_eq!(speed_and_end().await, (false, longest == super::SILENT_SECONDS));
        house.clock.go_on(super::LONG_STEP_SECONDS - super::SILENT_SECONDS);
        assert_eq!(speed_and_end().await, (false, true));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn u_33_a_stopped_file_is_kept_a_week_and_then_forgotten() {
    let (house, runner) = asked(Format::CsvComma, 15_000).await;
    runner.run_waiting().await;
    let week = super::FILE_DAYS * 86_400;
    let kept = async |seconds| {
        house.clock.go_on(seconds);
        (super::runner::sweeper(&runner).run)().await.unwrap();
        let sql = "SELECT COUNT(*) FROM run_part";
        read(&house, |tx| tx.query(sql, &[])?[0].first::<i64>())
    };
    assert_eq!(kept(week - 10).await, 1);
    assert_eq!(kept(20).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn u_114_the_percent_of_a_workbook_never_falls_though_it_is_begun_anew() {
    let (house, runner) = asked(Format::Xlsx, 15_000).await;
    runner.run_waiting().await;
    let stopped = only(&house);
    assert_eq!((stopped.state, stopped.done), (State::Stopped, 10_000));
    turn(&house, State::Stopped, State::Running);
    runner.run_waiting().await;
    let done = only(&house);
    assert_eq!((done.state, done.done), (State::Done, ROWS));
    assert!(stopped.percent() < done.percent());
    assert!(file(&house).starts_with(b"PK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn u_33_a_run_ends_in_a_task_of_who_asked_and_in_a_mail_after_a_minute() {
    for (waited, mails) in [(60, 0), (61, 1)] {
        let (house, runner) = asked(Format::CsvComma, i64::MAX).await;
        house.clock.go_on(waited);
        runner.run_waiting().await;
        let run = only(&house);
        let (scope, object) = (claire(&house), run.id.to_string());
        let sent = read(&house, |tx| web::mail::of_object(tx, &scope, &object));
        assert_eq!(sent.len(), mails, "after {waited} seconds");
        for mail in sent {
            assert_eq!(mail.to, house.claire.email.to_string());
            assert!(mail.subject.contains("Votre fichier est prêt"), "{mail:?}");
            assert!(mail.link.unwrap().ends_with(&super::path(run.id)));
        }
        let routes = crate::pages::routes().with_state(house.ctx.clone());
        let tasks_of =
            async |cookie: &str| get(&routes, As::Browser(cookie), "/taches").await.unwrap().text;
        let malik = sign_in(&house, &routes, &house.malik).await.unwrap();
        assert!(tasks_of(&malik).await.contains("Aucune tâche"), "it is not his");
        let cookie = sign_in(&house, &routes, &house.claire).await.unwrap();
        let page = tasks_of(&cookie).await;
        assert!(page.contains("1 tâche<") && page.contains("Votre fichier est prêt"), "{page}");
        assert!(page.contains(&format!("href=\"{}\"", super::path(run.id))), "{page}");
        let path = format!("{}/fichier", super::path(run.id));
        assert_eq!(get(&routes, As::Browser(&cookie), &path).await.unwrap().status, 200);
        assert!(tasks_of(&cookie).await.contains("Aucune tâche"), "he has his file");
    }
}
