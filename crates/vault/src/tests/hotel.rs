//! A hotel that makes backups, whose machine is lost.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kernel::rng::OsRng;
use kernel::{BookingId, CardToken};
use vault_wire::{BackupMade, BackupMake, CardGet, Keep, LogSize, NewsGet, RelayCall};

use super::backup::{NUMBER, WISH};
use super::house::{House, authorise};
use super::reveal::view_once;
use crate::backup::{BackupError, RestoreWish, Restored, make_recipient, restore_here};

pub(super) struct Hotel {
    pub(super) house: House,
    pub(super) key: PathBuf,
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

    pub(super) fn store(&self) -> CardToken {
        let card = self.house.card(NUMBER, |request| {
            request.keep = Keep::Booking;
            request.booking = Some(BookingId::random(&OsRng));
        });
        card.card.token
    }

    pub(super) fn stores<const N: usize>(&self) -> [CardToken; N] {
        [(); N].map(|()| self.store())
    }

    pub(super) fn backup(&self) -> BackupMade {
        self.house.ask_long(&BackupMake {}, Duration::from_secs(60)).unwrap()
    }

    pub(super) fn path_of(&self, made: &BackupMade) -> PathBuf {
        self.house.config.backup_dir.as_ref().unwrap().join(&made.name)
    }

    /// Whether the card reaches the bank with its number.
    pub(super) fn charges(&mut self, card: CardToken) -> bool {
        self.calls += 1;
        let name = format!("op_{}", self.calls);
        let call = RelayCall { use_code: false, ..authorise(card, &name) };
        self.house.ask(&call).is_ok_and(|done| done.http_status == 200)
    }

    /// The log of every merchant, in a file.
    pub(super) fn save_log(&self) -> PathBuf {
        let news = self.house.ask(&NewsGet { seen: None }).unwrap();
        let path = self.house.dir().join("log.jsonl");
        let text = |log: &LogSize| self.house.saved_log(log);
        std::fs::write(&path, news.logs.iter().map(text).collect::<String>()).unwrap();
        path
    }

    pub(super) fn wish(&self, folder: &Path) -> RestoreWish {
        RestoreWish {
            folder: folder.to_owned(),
            keys: vec![self.key.clone()],
            ..RestoreWish::default()
        }
    }

    /// The machine is lost: another one, with the root key and nothing else.
    pub(super) fn lose(&mut self) {
        self.house.kill();
        self.house.move_to_an_empty_machine();
    }

    pub(super) fn restore(&self, wish: &RestoreWish) -> Result<Restored, BackupError> {
        restore_here(&self.house.config, wish)
    }

    /// A restore in a process of its own that is killed at a step.
    pub(super) fn restore_until(&self, at: &str, (folder, log): (&Path, &Path)) {
        let lines = [folder, &self.key, log].map(|path| path.to_str().unwrap().to_owned());
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "tests::backup::restore_child", "--nocapture"])
            .env(super::starting::CONFIG, serde_json::to_string(&self.house.config).unwrap())
            .env(WISH, lines.join("\n"))
            .env(super::rotation::DIE_AT, format!("restore_{at}:1"));
        let status = command.status().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(6), "{at}");
    }

    /// What the vault answers to a question about the card: nothing while it lives.
    pub(super) fn fault(&self, card: CardToken) -> Option<String> {
        let asked = self.house.ask(&CardGet { card });
        asked.err().and_then(|error| error.code().map(str::to_owned))
    }
}

pub(super) fn refused(outcome: Result<Restored, BackupError>) -> String {
    outcome.unwrap_err().to_string()
}
