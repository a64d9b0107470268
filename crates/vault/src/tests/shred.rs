//! The drill: nothing is left of cards that lived and died; what somebody leaves is found.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::security::Frames;
use http::words::Catalogue;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use vault_wire::{CardDelete, ShredCard, ShredDrill, ShredDrilled, WireError, WireScope};

use super::house::House;
use super::reveal;
use crate::core::{Core, CoreParts};
use crate::edge::Edge;

/// Where the drill's numbers are betrayed to.
#[derive(Debug, Clone)]
enum Betrayal {
    File(PathBuf),
    Memory,
}

static BETRAYAL: Mutex<Option<Betrayal>> = Mutex::new(None);

/// Sees each number of a drill in this process.
pub(crate) fn witness(number: &str) {
    match BETRAYAL.lock().unwrap().take() {
        None => {}
        Some(Betrayal::File(path)) => std::fs::write(path, format!("log: {number}.")).unwrap(),
        Some(Betrayal::Memory) => {
            Box::leak(format!("kept: {number}").into_boxed_str());
        }
    }
}

pub(super) fn drill(house: &House, cards: u32) -> Result<ShredDrilled, WireError> {
    house.ask_long(&ShredDrill { cards }, Duration::from_secs(vault_wire::DRILL_SECONDS))
}

#[test]
fn v_155_nothing_is_left_of_cards_that_lived_and_died() {
    let house = House::open();
    let mine = house.card("4242424242424242", |_| ()).card.token;
    for _ in 0..2 {
        let told = drill(&house, 10).unwrap();
        assert_eq!((told.cards, told.level.as_str()), (10, "C"));
        let memory = &told.places[1];
        assert_eq!(memory.place, "memory of the vault");
        assert!(memory.bytes > 1_000_000 && told.places[0].bytes > 100_000, "{told:?}");
        for place in &told.places {
            assert_eq!(
                (place.hits.as_slice(), place.unread.len()),
                ([].as_slice(), 0),
                "{place:?}"
            );
        }
        assert_eq!(told.places.len(), if house.config.database.is_some() { 3 } else { 2 });
        assert_eq!(told.needles.marks.len(), 10 * 11);
        let text = serde_json::to_string(&told).unwrap();
        assert!(!kernel::card_text::holds_card_number(&text), "{text}");
    }
    let figures = house.ask(&vault_wire::FiguresGet {}).unwrap();
    assert_eq!(figures.modes[1].cards.values().sum::<u64>(), 1, "guests' cards alone are counted");
    assert!(house.relay(mine, "op").is_ok(), "and untouched");
    let of_drills = kernel::Id::from_bytes(*b"guichet's drills");
    let scope = WireScope::of_house(of_drills.into(), of_drills.into());
    let said = house.ask_as(&scope, &vault_wire::CardSettingsGet {}).unwrap_err();
    assert_eq!(said.code(), Some("not_found"), "the app acts for every merchant but the drill's");
    assert_eq!(drill(&house, 4).unwrap_err().code(), Some("invalid_field"));
}

#[test]
fn v_155_what_somebody_wrote_down_is_found_with_its_file_and_place() {
    let house = House::open();
    let path = house.config.data_dir.join("notes.log");
    *BETRAYAL.lock().unwrap() = Some(Betrayal::File(path.clone()));
    let told = drill(&house, 5).unwrap();
    let [hit] = told.places[0].hits.as_slice() else { panic!("{:?}", told.places) };
    assert_eq!((hit.what.as_str(), hit.offset), ("number", 5));
    assert_eq!(hit.part, path.display().to_string());
    let outside = crate::search_outside(&told.needles, ("notes", house.dir()), &path);
    assert_eq!(outside.hits, [], "but for what is left out");
    let outside =
        crate::search_outside(&told.needles, ("notes", house.dir()), &house.config.socket);
    assert_eq!(outside.hits.len(), 1, "the marks find it from outside, too");
}

#[test]
fn v_155_what_somebody_keeps_in_memory_is_found() {
    let house = House::open();
    *BETRAYAL.lock().unwrap() = Some(Betrayal::Memory);
    let told = drill(&house, 5).unwrap();
    let hits: Vec<&str> = told.places[1].hits.iter().map(|hit| hit.what.as_str()).collect();
    assert_eq!(hits, ["number"]);
    assert_eq!(told.places[0].hits, []);
}

#[test]
fn v_155_of_one_card_slot_record_and_receipts_are_told() {
    let house = House::open();
    reveal::view_once(&house);
    let card = reveal::card_with_code(&house, "bkg_1");
    let left = house.ask(&ShredCard { card }).unwrap();
    assert_eq!((left.destroyed, left.slots, left.record), (false, 2, true));
    house.ask(&CardDelete { card }).unwrap();
    let left = house.ask(&ShredCard { card }).unwrap();
    assert_eq!((left.destroyed, left.slots, left.record), (true, 0, false));
    assert_eq!(left.receipts.len(), 2);
    assert!(left.receipts.iter().all(|one| one.signed && one.proof.is_some()), "{left:?}");
    let key = house.ask(&vault_wire::LogCheckpoint {}).unwrap().key;
    for mut one in left.receipts {
        assert!(signed(&one.receipt, &key), "checkable without the vault");
        one.receipt["because"] = "other".into();
        assert!(!signed(&one.receipt, &key));
    }
    let unknown = kernel::CardToken::random(&OsRng);
    assert_eq!(house.ask(&ShredCard { card: unknown }).unwrap_err().code(), Some("not_found"));
}

/// Runs the vault's core in a house whose vault has ended, at a time of the machine's clock.
pub(super) fn with_core<T>(house: &House, days: i64, work: impl AsyncFnOnce(Arc<Core>) -> T) -> T {
    let (config, at) = (house.config.clone(), kernel::Clock::now(&SystemClock));
    let clock = TestClock(at.plus_seconds(days * 24 * 60 * 60));
    let run = async move {
        let options = crate::storage::options(&config).unwrap();
        let db = crate::storage::open(&config, &options).await.unwrap();
        // Days pass here and back again: the vault forgets what its clock has shown.
        let tables = db.clone();
        let forget = || {
            let unit = |tx: &mut db::Tx<'_>| tx.exec("DELETE FROM vault_clock", &[]);
            tables.write::<_, db::DbError, _>(db::Route::any(), unit)
        };
        forget().await.unwrap();
        let root = crate::keys::root::read(&config.root_file, &config.data_dir).unwrap();
        let words = Catalogue::new(&[http::MESSAGES, crate::MESSAGES]).unwrap();
        let (relay, _requests) = tokio::sync::mpsc::channel(1);
        let app = crate::origin::Origin::of_url(&config.app_origin).unwrap();
        let gate = Arc::new(crate::sealing::Gate::opened());
        let parts = CoreParts {
            config: &house.config,
            hosts: crate::proxy::Hosts::default(),
            dir: &config.data_dir,
            db,
            root: Arc::new(crate::keys::Root::Here(root)),
            machine: crate::clock::Machine::here(Arc::new(clock)),
            rng: Arc::new(OsRng),
            public_url: config.public_url.clone(),
            app,
            relay,
            sandbox_missing: Vec::new(),
            words: words.clone(),
            memory: crate::shred::OwnMemory::open().ok().map(Arc::new),
            gate: Arc::clone(&gate),
        };
        let core = Core::open(parts).await.unwrap();
        let (app, own) = (config.app_origin.clone(), None);
        let (to_core, messages) = tokio::sync::mpsc::channel(1);
        core.start(messages);
        let edge = Edge { core: to_core, words, app, own, frames: Frames::None, gate };
        core.opened(crate::edge::Door::new(crate::edge::routes(edge)));
        let answer = work(core).await;
        forget().await.unwrap();
        answer
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer = runtime.block_on(run);
    runtime.shutdown_timeout(Duration::from_secs(5));
    answer
}

/// A clock that stands.
struct TestClock(kernel::Timestamp);

impl kernel::Clock for TestClock {
    fn now(&self) -> kernel::Timestamp {
        self.0
    }
}

#[test]
fn v_155_a_drill_a_month_runs_by_itself() {
    let days_later = |house: &House, days| {
        with_core(house, days, async |core| {
            core.drill_if_due().await;
            core.last_drill().await.unwrap().map(|drill| drill.at)
        })
    };
    let mut house = House::open();
    house.kill();
    assert_eq!(days_later(&house, 0), None, "a new vault is left alone");
    let first = days_later(&house, 2).unwrap();
    assert_eq!(days_later(&house, 31), Some(first), "a month is not over");
    let second = days_later(&house, 33).unwrap();
    assert!(second > first);
}

/// Whether a receipt was signed with a key, as somebody without the vault finds out.
fn signed(receipt: &serde_json::Value, key: &str) -> bool {
    vault_wire::proof::LogKey::parse(key).unwrap().receipt(receipt)
}
