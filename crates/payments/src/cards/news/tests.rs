//! The follower, against a socket that speaks as the vault does.

use std::collections::BTreeMap;
use std::sync::Mutex as StdMutex;

use db::outbox::{self, Event};
use db::{Route, Tx};
use kernel::{CardToken, Mode};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use vault_wire::frame::{self, Answer, Request};
use vault_wire::{LogEntries, LogEntry, LogPage, LogSize, Messages, News, Refused, VaultClient};

use super::*;
use crate::cards::facts::store::{self, Place};
use crate::checkout::tests::house::Shop;

/// What the vault has, and what it was asked.
#[derive(Default)]
struct Said {
    logs: BTreeMap<MerchantId, (ShopId, Vec<LogEntry>)>,
    refused: Option<MerchantId>,
    asked: Vec<String>,
}

impl Said {
    fn answer(&mut self, request: &Request) -> Result<Value, Refused> {
        self.asked.push(request.op.clone());
        let merchant = request.scope.as_ref().map(|scope| scope.merchant);
        match request.op.as_str() {
            "news" => {
                let asked: NewsGet = serde_json::from_value(request.body.clone()).unwrap();
                let number: u64 =
                    self.logs.values().map(|log| u64::try_from(log.1.len()).unwrap()).sum();
                let mark = NewsMark { run: "one".into(), number };
                let logs = self.logs.iter().map(|(merchant, (shop, entries))| LogSize {
                    merchant: *merchant,
                    shop: *shop,
                    size: u64::try_from(entries.len()).unwrap(),
                });
                let same = asked.seen.as_ref() == Some(&mark);
                let logs = if same { Vec::new() } else { logs.collect() };
                Ok(json!(News { mark, logs, messages: Vec::new() }))
            }
            "log.entries" if merchant == self.refused => {
                Err(Refused::new("not_found", "Nothing here under this name."))
            }
            "log.entries" => {
                let asked: LogEntries = serde_json::from_value(request.body.clone()).unwrap();
                let log = &self.logs[&merchant.unwrap()].1;
                let (from, limit) = (asked.from, usize::try_from(asked.limit).unwrap());
                let page = log.iter().filter(|entry| entry.seq >= from).take(limit);
                let size = u64::try_from(log.len()).unwrap();
                Ok(json!(LogPage { entries: page.cloned().collect(), size }))
            }
            _ => Ok(json!(Messages { messages: Vec::new() })),
        }
    }
}

async fn speak(stream: UnixStream, said: Arc<StdMutex<Said>>) {
    let (mut from, mut to) = stream.into_split();
    while let Ok(Some(request)) = frame::read::<Request>(&mut from).await {
        let (ok, err) = match said.lock().unwrap().answer(&request) {
            Ok(ok) => (Some(ok), None),
            Err(refused) => (None, Some(refused)),
        };
        to.write_all(&frame::encode(&Answer { id: request.id, ok, err }).unwrap()).await.unwrap();
    }
}

struct Scene {
    shop: Shop,
    engine: Engine,
    card: CardToken,
    dir: tempfile::TempDir,
    said: Arc<StdMutex<Said>>,
    vault: JoinSet<()>,
}

impl Scene {
    async fn open() -> Self {
        let shop = Shop::open().await;
        let dir = tempfile::tempdir().unwrap();
        let client = VaultClient::connect(dir.path().join("vault.sock"));
        let engine = Engine::new(shop.house.ctx.clone(), client, Vec::new());
        let card = CardToken::random(shop.house.ctx.rng.as_ref());
        let mut scene =
            Self { shop, engine, card, dir, said: Arc::default(), vault: JoinSet::new() };
        scene.start();
        scene
    }

    fn start(&mut self) {
        let listener = UnixListener::bind(self.dir.path().join("vault.sock")).unwrap();
        let said = Arc::clone(&self.said);
        self.vault.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(speak(stream, Arc::clone(&said)));
            }
        });
    }

    async fn stop(&mut self) {
        self.vault.shutdown().await;
        std::fs::remove_file(self.dir.path().join("vault.sock")).unwrap();
    }

    fn merchant(&self) -> MerchantId {
        self.shop.house.hotel.scope.merchant()
    }

    /// Writes entries into the log of the hotel.
    fn write(&self, count: u64, seconds_ago: i64) {
        self.write_of(self.merchant(), count, seconds_ago);
    }

    fn write_of(&self, merchant: MerchantId, count: u64, seconds_ago: i64) {
        let shop = self.shop.house.hotel.shop.id;
        let mut said = self.said.lock().unwrap();
        let log = &mut said.logs.entry(merchant).or_insert((shop, Vec::new())).1;
        for _ in 0..count {
            let seq = u64::try_from(log.len()).unwrap();
            let entry = json!({
                "seq": seq, "at": self.shop.now().plus_seconds(-seconds_ago), "ok": true,
                "event": "card.revealed", "shop": shop, "card": self.card,
                "actor": "usr_claire", "purpose": "",
            });
            log.push(LogEntry {
                seq,
                entry: entry.to_string(),
                salt: None,
                details: None,
                single_use: false,
            });
        }
    }

    fn change(&self, change: impl FnOnce(&mut Vec<LogEntry>)) {
        let merchant = self.merchant();
        change(&mut self.said.lock().unwrap().logs.get_mut(&merchant).unwrap().1);
    }

    /// Events that wait to be brought to somebody.
    async fn waiting(&self) -> Vec<Event> {
        let waiting = self.shop.house.ctx.db.read(|tx| outbox::waiting(tx, 1_000)).await.unwrap();
        waiting.into_iter().filter(|event| event.kind == "card.revealed").collect()
    }

    async fn place(&self) -> Option<Place> {
        let scope = self.shop.house.hotel.scope.clone();
        let read = move |tx: &mut Tx<'_>| store::place(tx, &scope);
        self.shop.house.ctx.db.read(read).await.unwrap()
    }

    /// The merchant was there before this house followed logs.
    async fn is_older(&self) {
        let sql = include_str!("../facts/schema/0002_old.sql");
        let insert = &sql[sql.find("INSERT").unwrap()..];
        let unit = move |tx: &mut Tx<'_>| tx.exec(insert.trim_end().trim_end_matches(';'), &[]);
        let rows = self.shop.house.ctx.db.write(Route::any(), unit).await.unwrap();
        assert!(rows > 0, "every merchant there is gets a row");
        assert_eq!(self.place().await, Some(Place { next: 0, old_until: None }));
    }
}

#[tokio::test]
async fn v_42_a_long_log_is_told_page_by_page_each_entry_once_also_after_a_restart() {
    let scene = Scene::open().await;
    let follower = Follower::new(&scene.engine);
    scene.write(450, 0);
    follower.turn().await.unwrap();
    assert_eq!(scene.waiting().await.len(), 450);
    scene.said.lock().unwrap().asked.clear();
    follower.turn().await.unwrap();
    assert_eq!(scene.said.lock().unwrap().asked, ["news"], "an idle turn is one question");
    scene.write(1, 0);
    follower.turn().await.unwrap();
    Follower::new(&scene.engine).turn().await.unwrap();
    let told = scene.waiting().await;
    let entries: std::collections::BTreeSet<u64> =
        told.iter().map(|event| event.body["log_entry"].as_u64().unwrap()).collect();
    assert_eq!((told.len(), entries.len()), (451, 451));
}

#[tokio::test]
async fn v_42_what_a_new_house_writes_before_the_first_look_is_told_whatever_its_clock_shows() {
    let scene = Scene::open().await;
    scene.write(2, 200_000);
    Follower::new(&scene.engine).turn().await.unwrap();
    assert_eq!(scene.waiting().await.len(), 2);
}

#[tokio::test]
async fn v_42_an_older_house_floods_nobody_and_loses_nothing_new() {
    let scene = Scene::open().await;
    scene.is_older().await;
    let follower = Follower::new(&scene.engine);
    scene.write(450, 90_000);
    scene.write(1, 60);
    follower.turn().await.unwrap();
    assert_eq!(scene.waiting().await.len(), 1, "of what stood there, only the last day");
    assert_eq!(scene.place().await, Some(Place { next: 451, old_until: Some(451) }));
    scene.write(1, 90_000);
    follower.turn().await.unwrap();
    assert_eq!(scene.waiting().await.len(), 2, "written since, by a clock that was moved");
}

#[tokio::test]
async fn v_42_an_older_house_with_an_empty_log_is_looked_at_once() {
    let scene = Scene::open().await;
    scene.is_older().await;
    let follower = Follower::new(&scene.engine);
    scene.write(0, 0);
    follower.turn().await.unwrap();
    assert_eq!(scene.place().await, Some(Place { next: 0, old_until: Some(0) }));
    scene.write(1, 200_000);
    follower.turn().await.unwrap();
    assert_eq!(scene.waiting().await.len(), 1);
}

#[tokio::test]
async fn v_42_a_vault_that_is_away_costs_nothing_but_time() {
    let mut scene = Scene::open().await;
    let follower = Follower::new(&scene.engine);
    scene.write(1, 0);
    follower.turn().await.unwrap();
    scene.stop().await;
    scene.write(1, 0);
    assert!(follower.turn().await.unwrap_err().is_away());
    scene.start();
    follower.turn().await.unwrap();
    assert_eq!(scene.waiting().await.len(), 2);
}

#[tokio::test]
async fn v_42_one_bad_entry_or_refused_house_holds_up_no_other() {
    let scene = Scene::open().await;
    let museum = MerchantId::from(kernel::Id::from_bytes([0; 16]));
    scene.write_of(museum, 1, 0);
    scene.said.lock().unwrap().refused = Some(museum);
    scene.write(3, 0);
    scene.change(|log| log[0].entry = "{".into());
    scene.change(|log| log[1].single_use = true);
    let follower = Follower::new(&scene.engine);
    follower.turn().await.unwrap();
    let told = scene.waiting().await;
    assert_eq!(told.iter().map(|event| &event.body["log_entry"]).collect::<Vec<_>>(), [2]);
    assert_eq!(told[0].mode, Mode::Test);
}

#[tokio::test]
async fn v_42_after_a_restore_of_an_older_vault_its_new_entries_are_told() {
    let scene = Scene::open().await;
    let follower = Follower::new(&scene.engine);
    scene.write(5, 0);
    follower.turn().await.unwrap();
    scene.change(|log| log.truncate(3));
    follower.turn().await.unwrap();
    assert_eq!(scene.place().await.map(|place| place.next), Some(3));
    scene.write(1, 0);
    follower.turn().await.unwrap();
    assert_eq!(scene.waiting().await.len(), 6);
}
