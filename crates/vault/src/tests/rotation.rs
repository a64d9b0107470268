//! Keys change while cards are stored and charged, and while the machine fails.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use kernel::rng::OsRng;
use kernel::{BookingId, CardToken, ShopId};
use vault_wire::{
    CardDelete, Figures, FiguresGet, InventoryGet, Keep, RelayCall, Rotate, RotateWhat, Rotated,
    ShredCard,
};

use super::house::{House, authorise};
use super::reveal::{card_with_code, view_once};
use super::starting::vault_process;
use crate::keys::slot_key::{self, SLOT_BYTES};

pub(crate) const DIE_AT: &str = "GUICHET_TEST_DIE_AT";
const SLOW: &str = "GUICHET_TEST_SLOW";
const SIGABRT: i32 = 6;
const NUMBER: &str = "4242424242424242";

/// A step of a change. In a process that a test has told to, it ends here at once, or goes on slowly.
pub(crate) fn step(name: &str) {
    static PASSED: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());
    if let Ok(wanted) = std::env::var(DIE_AT) {
        let mut passed = PASSED.lock().unwrap();
        let times = passed.entry(name.to_owned()).or_default();
        *times += 1;
        if wanted == format!("{name}:{times}") {
            std::process::abort();
        }
    }
    if std::env::var_os(SLOW).is_some() {
        std::thread::sleep(Duration::from_millis(20));
    }
}

struct Hotel {
    house: House,
    cards: RefCell<Vec<CardToken>>,
    calls: RefCell<u32>,
}

impl Hotel {
    /// Seven cards with held codes.
    fn open() -> Self {
        let house = House::open();
        view_once(&house);
        let hotel = Self { house, cards: RefCell::default(), calls: RefCell::new(0) };
        for _ in 0..7 {
            hotel.store();
        }
        hotel
    }

    fn store(&self) {
        let card = self.house.card(NUMBER, |request| {
            request.keep = Keep::Booking;
            request.booking = Some(BookingId::random(&OsRng));
        });
        self.cards.borrow_mut().push(card.card.token);
    }

    /// Every card reaches the bank with its number.
    fn charge_all(&self) {
        let cards = self.cards.borrow().clone();
        for card in cards {
            *self.calls.borrow_mut() += 1;
            let name = format!("op_{}", self.calls.borrow());
            let call = RelayCall { use_code: false, ..authorise(card, &name) };
            assert_eq!(self.house.ask(&call).unwrap().http_status, 200, "{card}");
        }
    }

    fn rotate(&self, what: RotateWhat) -> Option<Rotated> {
        self.house.ask_long(&Rotate { what }, Duration::from_secs(60)).ok()
    }

    fn figures(&self) -> Figures {
        self.house.ask(&FiguresGet {}).unwrap()
    }

    /// Ids of keys that are held, and whether each still seals.
    fn keys(&self) -> Vec<(String, String)> {
        let keys = self.house.ask(&InventoryGet {}).unwrap().keys;
        let mut keys: Vec<_> = keys.into_iter().map(|key| (key.id, key.state)).collect();
        keys.retain(|(id, _)| id.starts_with("epoch_") || id.starts_with("property_"));
        keys
    }

    fn wait_for_the_end(&self) {
        let limit = Instant::now() + Duration::from_secs(60);
        while self.keys().iter().any(|(_, state)| state == "retired") {
            assert!(Instant::now() < limit, "{:?}", self.keys());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn command(&self, variable: &str, value: &str) -> Command {
        let mut command = vault_process(&self.house);
        command.env(variable, value);
        command
    }

    /// Epochs of the slots in the files.
    fn epochs(&self, class: &str) -> Vec<u32> {
        let file = self.house.config.data_dir.join(format!("slots.{class}"));
        let bytes = std::fs::read(file).unwrap();
        let slots = bytes.get(4_096..).unwrap().chunks_exact(SLOT_BYTES);
        slots.filter_map(|slot| slot_key::label(slot).map(|label| label.epoch)).collect()
    }
}

#[test]
fn v_128_an_epoch_changes_and_its_old_key_is_nowhere() {
    let hotel = Hotel::open();
    let coded = card_with_code(&hotel.house, "HOP-1");
    let ring = hotel.house.config.data_dir.join("keyring");
    let before = std::fs::read_to_string(&ring).unwrap();
    assert_eq!((hotel.epochs("number"), hotel.epochs("code")), (vec![1; 8], vec![1; 8]));
    let told = hotel.rotate(RotateWhat::Epoch).unwrap();
    assert_eq!(told.made, ["epoch_number/2", "epoch_code/2"]);
    assert_eq!(told.destroyed, ["epoch_number/1", "epoch_code/1"]);
    assert_eq!((told.resealed, told.left), (16, 0));
    assert_eq!((hotel.epochs("number"), hotel.epochs("code")), (vec![2; 8], vec![2; 8]));
    let after = std::fs::read_to_string(&ring).unwrap();
    let of = |text: &str, kind: &str| {
        text.lines().filter(|line| line.starts_with(kind)).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of(&before, "log"), of(&after, "log"));
    assert!(of(&after, "epoch_").iter().all(|line| line.split(' ').nth(1) == Some("2")));
    assert_eq!(hotel.house.logged("key.destroyed"), ["epoch_number/1", "epoch_code/1"]);
    assert_eq!(hotel.figures().epochs["number"], 2);
    hotel.charge_all();
    let heard = hotel.house.bank.heard().len();
    assert_eq!(hotel.house.relay(coded, "with_code").unwrap().http_status, 200);
    assert!(
        hotel.house.bank.heard()[heard].1.to_string().contains("\"123\""),
        "the code opens, too"
    );
}

#[test]
fn v_128_a_card_whose_slot_is_blank_keeps_the_old_keys_alive() {
    use std::os::unix::fs::FileExt as _;
    let hotel = Hotel::open();
    let path = hotel.house.config.data_dir.join("slots.number");
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut whole = [0; SLOT_BYTES];
    file.read_exact_at(&mut whole, 4_096).unwrap();
    assert!(slot_key::label(&whole).is_some());
    file.write_all_at(&[0; SLOT_BYTES], 4_096).unwrap();
    let told = hotel.rotate(RotateWhat::Epoch).unwrap();
    assert_eq!((told.left, told.destroyed), (1, vec!["epoch_code/1".to_owned()]));
    file.write_all_at(&whole, 4_096).unwrap();
    let told = hotel.rotate(RotateWhat::Epoch).unwrap();
    assert_eq!(told.left, 0);
    assert_eq!(told.destroyed, ["epoch_number/1", "epoch_number/2", "epoch_code/2"]);
    hotel.charge_all();
}

#[test]
fn v_87_v_88_a_receipt_says_c_and_is_b_once_its_epoch_is_destroyed() {
    let hotel = Hotel::open();
    let card = *hotel.cards.borrow().first().unwrap();
    hotel.house.ask(&CardDelete { card }).unwrap();
    let levels = || {
        let left = hotel.house.ask(&ShredCard { card }).unwrap();
        let signed = left.receipts.iter().all(|one| one.signed && one.receipt["level"] == "C");
        assert!(signed && left.receipts.len() == 2, "{left:?}");
        left.receipts.iter().map(|one| one.level.clone()).collect::<Vec<_>>()
    };
    assert_eq!(levels(), ["C", "C"]);
    hotel.rotate(RotateWhat::Epoch).unwrap();
    assert_eq!(levels(), ["B", "B"]);
}

#[test]
fn v_128_a_kill_at_any_step_leaves_every_card_readable_and_the_change_ends_by_itself() {
    let mut hotel = Hotel::open();
    let coded = card_with_code(&hotel.house, "HOP-1");
    let shop = hotel.house.scope.shop;
    hotel.house.kill();
    let epoch = RotateWhat::Epoch;
    let property = RotateWhat::Property { shop };
    let steps = [
        (epoch, "begun:1"),
        (epoch, "begun:2"),
        (epoch, "sealing:1"),
        (epoch, "sealing:3"),
        (epoch, "sealed:2"),
        (epoch, "counted:1"),
        (epoch, "epoch_destroyed:1"),
        (epoch, "epoch_destroyed:2"),
        (property, "renewed:1"),
        (property, "begun:1"),
        (property, "sealed:1"),
        (property, "epoch_destroyed:2"),
        (property, "property_destroyed:1"),
    ];
    for (what, at) in steps {
        let command = hotel.command(DIE_AT, at);
        hotel.house.start_process(command);
        hotel.wait_for_the_end();
        assert_eq!(hotel.rotate(what), None, "{at}");
        let died = std::os::unix::process::ExitStatusExt::signal(&hotel.house.died());
        assert_eq!(died, Some(SIGABRT), "{at}: it dies on its way");

        let command = hotel.command(SLOW, "1");
        hotel.house.start_process(command);
        hotel.charge_all();
        hotel.store();
        hotel.wait_for_the_end();
        hotel.charge_all();
        let figures = hotel.figures();
        assert_eq!(figures.under_old_keys, 0, "{at}");
        for class in ["number", "code"] {
            let newest = figures.epochs[class];
            assert!(hotel.epochs(class).iter().all(|epoch| *epoch == newest), "{at}");
            let kind = format!("epoch_{class}/");
            let held: Vec<_> =
                hotel.keys().into_iter().filter(|(id, _)| id.starts_with(&kind)).collect();
            assert_eq!(held, [(format!("{kind}{newest}"), "active".to_owned())], "{at}");
            let mut gone = hotel.house.logged("key.destroyed");
            gone.retain(|id| id.starts_with(&kind));
            let all: Vec<String> = (1..newest).map(|number| format!("{kind}{number}")).collect();
            assert_eq!(gone, all, "{at}: each is logged once");
        }
        hotel.house.kill();
    }
    let command = hotel.command(SLOW, "1");
    hotel.house.start_process(command);
    assert_eq!(hotel.house.relay(coded, "with_code").unwrap().http_status, 200);
}

#[test]
fn v_128_a_property_s_keys_change_beside_traffic_and_seal_no_more() {
    let mut hotel = Hotel::open();
    hotel.house.kill();
    let command = hotel.command(SLOW, "1");
    hotel.house.start_process(command);
    let shop = hotel.house.scope.shop;
    let socket = hotel.house.config.socket.clone();
    let asked = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let client = vault_wire::VaultClient::connect(socket);
        let what = RotateWhat::Property { shop };
        let wait = Duration::from_secs(60);
        runtime.block_on(client.ask_within(None, &Rotate { what }, wait)).unwrap()
    });
    while !asked.is_finished() {
        hotel.store();
        hotel.charge_all();
    }
    let told = asked.join().unwrap();
    assert_eq!(told.left, 0);
    for key in ["property_number", "property_code"] {
        assert!(told.made.contains(&format!("{key}/{shop}/2")), "{told:?}");
        assert!(told.destroyed.contains(&format!("{key}/{shop}/1")), "{told:?}");
        let held: Vec<_> = hotel.keys().into_iter().filter(|(id, _)| id.starts_with(key)).collect();
        assert_eq!(held, [(format!("{key}/{shop}/2"), "active".to_owned())]);
    }
    hotel.charge_all();
    hotel.house.kill();
    let command = hotel.command(SLOW, "1");
    hotel.house.start_process(command);
    hotel.charge_all();
    let none = ShopId::random(&OsRng);
    assert_eq!(hotel.rotate(RotateWhat::Property { shop: none }), None, "no such property");
}
