//! Backups are made beside traffic and restored on an empty machine; a card that was destroyed
//! stays so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kernel::rng::OsRng;
use kernel::{BookingId, CardToken};
use vault_wire::{
    BackupCheck, BackupMade, BackupMake, CardDelete, CardGet, CodeStatus, Keep, LogSize,
    LogsVerify, NewsGet, RelayCall, Rotate, RotateWhat,
};

use super::house::{House, authorise};
use super::reveal::view_once;
use crate::backup::{Accepted, BackupError, RestoreWish, Restored, make_recipient, restore_here};

const NUMBER: &str = "4242424242424242";

pub(super) struct Hotel {
    pub(super) house: House,
    key: PathBuf,
    calls: u32,
}

impl Hotel {
    pub(super) fn open() -> Self {
        let mut house = House::open();
        view_once(&house);
        house.kill();
        let key = house.dir().join("anne.key");
        house.config.backup_recipients = vec![make_recipient(&key).unwrap()];
        house.config.backup_dir = Some(house.dir().join("backups"));
        house.start();
        Self { house, key, calls: 0 }
    }

    fn store(&self) -> CardToken {
        let card = self.house.card(NUMBER, |request| {
            request.keep = Keep::Booking;
            request.booking = Some(BookingId::random(&OsRng));
        });
        card.card.token
    }

    fn stores<const N: usize>(&self) -> [CardToken; N] {
        [(); N].map(|()| self.store())
    }

    fn backup(&self) -> BackupMade {
        self.house.ask_long(&BackupMake {}, Duration::from_secs(60)).unwrap()
    }

    fn path_of(&self, made: &BackupMade) -> PathBuf {
        self.house.config.backup_dir.as_ref().unwrap().join(&made.name)
    }

    /// Whether the card reaches the bank with its number.
    fn charges(&mut self, card: CardToken) -> bool {
        self.calls += 1;
        let name = format!("op_{}", self.calls);
        let call = RelayCall { use_code: false, ..authorise(card, &name) };
        self.house.ask(&call).is_ok_and(|done| done.http_status == 200)
    }

    /// The log of every merchant, in a file.
    fn save_log(&self) -> PathBuf {
        let news = self.house.ask(&NewsGet { seen: None }).unwrap();
        let path = self.house.dir().join("log.jsonl");
        let text = |log: &LogSize| self.house.saved_log(log);
        std::fs::write(&path, news.logs.iter().map(text).collect::<String>()).unwrap();
        path
    }

    fn wish(&self, folder: &Path) -> RestoreWish {
        RestoreWish {
            folder: folder.to_owned(),
            keys: vec![self.key.clone()],
            ..RestoreWish::default()
        }
    }

    /// The machine is lost: another one, with the root key and nothing else.
    fn lose(&mut self) {
        self.house.kill();
        self.house.move_to_an_empty_machine();
    }

    fn restore(&self, wish: &RestoreWish) -> Result<Restored, BackupError> {
        restore_here(&self.house.config, wish)
    }

    /// What the vault answers to a question about the card: nothing while it lives.
    fn fault(&self, card: CardToken) -> Option<String> {
        let asked = self.house.ask(&CardGet { card });
        asked.err().and_then(|error| error.code().map(str::to_owned))
    }
}

fn refused(outcome: Result<Restored, BackupError>) -> String {
    outcome.unwrap_err().to_string()
}

#[test]
fn ve_18_v_152_monday_s_backup_and_today_s_log() {
    let mut hotel = Hotel::open();
    let [kept, deleted, other] = hotel.stores();
    let made = hotel.backup();
    assert_eq!(made.cards, 3);
    hotel.house.ask(&CardDelete { card: deleted }).unwrap();
    let log = hotel.save_log();
    let folder = hotel.path_of(&made);
    hotel.lose();
    let said = refused(hotel.restore(&hotel.wish(&folder)));
    assert!(said.contains("--log") && said.contains("--accept-return"), "{said}");
    let wish = RestoreWish { log: Some(log), ..hotel.wish(&folder) };
    let would = hotel.restore(&RestoreWish { trial: true, ..wish.clone() }).unwrap();
    assert_eq!((would.cards, would.destroyed, would.codes), (2, 1, 3), "{would:?}");
    let restored = hotel.restore(&wish).unwrap();
    assert_eq!(serde_json::json!(restored), serde_json::json!(would), "as it was told before");
    hotel.house.start();
    assert_eq!(hotel.fault(deleted).as_deref(), Some("gone"));
    for card in [kept, other] {
        assert!(hotel.charges(card), "{card}");
        let code = hotel.house.ask(&CardGet { card }).unwrap().security_code;
        assert_eq!(code.status, CodeStatus::Destroyed);
        assert_eq!(code.destroyed_because.as_deref(), Some("lost"));
    }
    assert!(!hotel.charges(deleted));
    let logs = hotel.house.ask(&LogsVerify {}).unwrap().logs;
    assert!(logs.iter().all(|log| log.found.sound), "{logs:?}");
    let _ = (BackupCheck {}, Rotate { what: RotateWhat::Epoch }, Accepted::Return);
}
