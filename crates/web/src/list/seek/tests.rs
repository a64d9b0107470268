//! Walks over a real table: nothing twice, nothing left out, and far rows behind a link.

use db::{Db, DbError, DbOptions, Migration, Row, Tx, params};
use kernel::rng::SeededRng;
use kernel::{Actor, Id, MerchantId, Mode, Scope, Timestamp};

use super::store::{chunk, count, few_sums, page, sums};
use super::{Drive, Next, Plan, Reach, Table, WALK_ROWS, beginning_with, first_id};

const TABLE: Table =
    Table { name: "thing", columns: "id, colour, amount, currency", sums: &["amount"] };
const MIGRATION: Migration = Migration {
    name: "test/0001",
    sql: "CREATE TABLE thing (\n  id BYTES NOT NULL,\n  merchant_id BYTES NOT NULL,\n  \
          mode TEXT NOT NULL,\n  colour TEXT NOT NULL,\n  amount BIGINT NOT NULL,\n  \
          currency TEXT NOT NULL,\n  PRIMARY KEY (id, merchant_id)\n);\n\
          CREATE INDEX thing_colour ON thing (merchant_id, mode, colour, id);",
};

struct House {
    db: Db,
    scope: Scope,
    _folder: tempfile::TempDir,
}

/// A merchant's things: every hundredth is red, the very first is blue, all others are grey.
fn house(things: i64) -> House {
    let folder = tempfile::tempdir().unwrap();
    let options = DbOptions::sqlite(folder.path().join("a.db"));
    let db = Db::open(&options, &[&[MIGRATION]]).unwrap();
    let merchant = MerchantId::random(&SeededRng::new(1));
    let scope = Scope::granted_by_identity(merchant, Mode::Test, Actor::Clock, Vec::new());
    let written = scope.clone();
    db.write_blocking(db::Route::any(), move |tx| {
        let rng = SeededRng::new(2);
        let sql = "INSERT INTO thing (id, merchant_id, mode, colour, amount, currency) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        for number in 0..things {
            let at = Timestamp::from_micros(1_700_000_000_000_000 + number * 1_000);
            let colour = match number {
                0 => "blue",
                n if n % 100 == 0 => "red",
                _ => "grey",
            };
            let id = Id::ordered(at, &rng);
            let mode = written.mode().as_str();
            tx.exec(sql, &params![id, written.merchant(), mode, colour, number, "EUR"])?;
        }
        Ok::<(), DbError>(())
    })
    .unwrap();
    House { db, scope, _folder: folder }
}

impl House {
    fn read<T>(&self, read: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError>) -> T {
        self.db.read_blocking(read).unwrap()
    }

    fn plan(&self) -> Plan {
        Plan::everything(&self.scope)
    }

    /// All amounts of a plan, page by page, and how often a link said "look further".
    fn all(&self, plan: &Plan, size: u32) -> (Vec<i64>, u32) {
        let (mut seen, mut further, mut before) = (Vec::new(), 0, None);
        loop {
            let found = self.read(|tx| page(tx, (&TABLE, plan), before, size));
            seen.extend(amounts(&found.rows));
            before = match found.next {
                Next::End => return (seen, further),
                Next::More(id) => Some(id),
                Next::Further(id) => {
                    further += 1;
                    Some(id)
                }
            };
        }
    }
}

fn amounts(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.get("amount").unwrap()).collect()
}

#[test]
fn u_18_pages_show_every_row_once() {
    let house = house(250);
    let (seen, further) = house.all(&house.plan(), 40);
    assert_eq!(seen, (0..250).rev().collect::<Vec<i64>>());
    assert_eq!(further, 0);
}

#[test]
fn q_20_a_rare_row_behind_many_is_one_link_away() {
    let many = i64::from(WALK_ROWS) + 5_000;
    let house = house(many);
    let mut by_test = house.plan();
    by_test.equal("colour", "blue");
    assert_eq!(house.all(&by_test, 50), (vec![0], 1), "one link further");
    let mut by_index = house.plan();
    let mark = by_index.mark("blue");
    by_index.drive(format!("colour = {mark}"));
    assert_eq!(house.all(&by_index, 50), (vec![0], 0), "at once where an index knows it");
    assert_eq!(house.read(|tx| count(tx, (&TABLE, &by_index))), 1);
    let all = house.plan();
    assert_eq!(house.read(|tx| count(tx, (&TABLE, &all))), 1_001, "counts stop");
    assert!(house.read(|tx| few_sums(tx, (&TABLE, &all))).is_none());
    let total = house.read(|tx| sums(tx, (&TABLE, &all)));
    assert_eq!(amounts(&total), [(0..many).sum::<i64>()]);
}

#[test]
fn several_drives_give_one_order_without_repetition() {
    let house = house(1_000);
    let mut plan = house.plan();
    let (red, blue) = (plan.mark("red"), plan.mark("blue"));
    plan.drive(format!("colour = {red}"));
    plan.drive(format!("colour = {blue} OR colour = {red}"));
    let grey = plan.mark("grey");
    plan.drives.push(Drive { on: format!("colour = {grey}"), reach: Reach::Newest(3) });
    let expected = [999, 998, 997, 900, 800, 700, 600, 500, 400, 300, 200, 100, 0];
    for size in [1, 4, 50] {
        assert_eq!(house.all(&plan, size).0, expected, "{size} rows a page");
    }
    let total = house.read(|tx| few_sums(tx, (&TABLE, &plan))).unwrap();
    assert_eq!(amounts(&total), [expected.iter().sum::<i64>()]);
}

#[test]
fn q_10_chunks_of_an_export_bring_every_row_once() {
    let house = house(6_000);
    let mut plan = house.plan();
    plan.equal("colour", "red");
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let (rows, next) = house.read(|tx| chunk(tx, (&TABLE, &plan), before));
        seen.extend(amounts(&rows));
        before = match next {
            Some(id) => Some(id),
            None => break,
        };
    }
    assert_eq!(seen, (1..60).rev().map(|n| n * 100).collect::<Vec<i64>>());
}

#[test]
fn days_are_bounds_of_ids_and_beginnings_bounds_of_texts() {
    let house = house(100);
    let mut plan = house.plan();
    let at = |number: i64| first_id(Timestamp::from_micros(1_700_000_000_000_000 + number * 1_000));
    plan.between(Some(at(10)), Some(at(13)));
    assert_eq!(house.all(&plan, 50).0, [12, 11, 10]);
    let (from, to) = beginning_with("dos");
    let inside = |text: &str| from.as_slice() <= text.as_bytes() && text.as_bytes() < to.as_slice();
    assert!(inside("dos") && inside("dos\u{10ffff}") && !inside("dot") && !inside("do"));
}
