//! Backups: what a hotel needs to go on after its disk is lost, and what a thief of the backup can
//! do nothing with.
//!
//! ```text
//! backup_dir/backup-20261123T051846Z-3f2a/
//!   cards.bak      every row of every table, sealed under the file key
//!   slots.bak      keys of live card numbers: each under its property's key and the backup key
//!                  together, the whole sealed under the file key
//!   heads.txt      the newest signed head of each log
//!   manifest.json  counts, hashes, names of keys, the file key wrapped under the root, the backup
//!                  key sealed to each recipient; authenticated under the file key; written last
//! ```
//!
//! A number needs the files, the root **and** a recipient's secret key, which is kept off the
//! machine. Root, epoch keys, keyring and codes are in no backup. Without `slots.bak`, or without a
//! recipient, tokens and history come back and no number does.
//!
//! # A backup
//!
//! ```text
//! begun ──each file: name.new, synced, renamed──▶ … ──manifest.json──▶ whole ──7 days──▶ outdated
//! a folder without manifest.json is half-written: never restored, destroyed by the next backup
//! outdated: its slots.bak is written over and unlinked, its backup key is gone from the keyring
//! ```
//!
//! Tables are read in one snapshot, and keys of slots do not change meanwhile. A card that is
//! destroyed between the snapshot and the reading of its slot is in the tables and has no key.
//!
//! The vault keeps the backup key of the newest backup in its keyring, wrapped by the root, so that
//! it can try it each day ([`check`]): all hashes, all rows into a scratch database, ten cards opened
//! in memory. The key goes with the next backup, or when the backup is seven days old.
//!
//! # A restore
//!
//! Into an empty folder (and empty tables, on a server), by a process of its own while no vault runs
//! there. What was destroyed since the backup is destroyed again, told by the newest log that was
//! saved and by the app's list; without either it needs two operators who accept that it returns.
//! Codes are lost; links, pages, enrolments, waiting messages and pending resets are void. A folder
//! in which a restore was cut off does not start ([`restore`]).
//!
//! Limits: one folder, written by the vault alone; the table of issuer ranges is imported anew; what
//! was withdrawn after the backup from partners is withdrawn again by hand.

mod check;
mod load;
mod make;
mod manifest;
mod numbers;
mod people;
mod place;
mod recipient;
mod replay;
pub(crate) mod restore;
mod rows;
mod store;
mod stream;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use db::DbError;
use kernel::Timestamp;

use crate::card::KeepError;
use crate::keys::keyring::KeyringError;
use crate::keys::{Corrupt, Root};
use crate::{Config, RootError, ShopError, StartError};

#[cfg(test)]
pub(crate) use restore::restore_here;
pub(crate) use store::former_signers;

pub use recipient::make as make_recipient;
pub use restore::{Accepted, RestoreWish, Restored, restore};

const CARDS: &str = "cards.bak";
const SLOTS: &str = "slots.bak";
const HEADS: &str = "heads.txt";
const MANIFEST: &str = "manifest.json";
/// Keys of cards are in a backup for so long.
pub(crate) const MOST_DAYS: i64 = 7;
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Why there is no backup, or none that can be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The configuration names no folder.
    #[error("vault.backup_dir is not set: the vault writes backups into that folder alone")]
    NoFolder,
    /// The recipients of the configuration.
    #[error("vault.backup_recipients: {0} (guichet vault backup-key FILE makes one)")]
    Recipients(String),
    /// A recipient's secret key.
    #[error("{path}: {why}", path = .0.display(), why = .1)]
    Secret(PathBuf, String),
    /// A file or folder.
    #[error("{path}: {why}", path = .0.display(), why = .1)]
    Io(PathBuf, #[source] std::io::Error),
    /// It is not what was written.
    #[error("{0} is damaged or was changed")]
    Damaged(String),
    /// It is refused as it stands; the sentence names the cure.
    #[error("{0}")]
    Refused(String),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The root key.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The keyring.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The keys of a shop.
    #[error(transparent)]
    Shop(#[from] ShopError),
    /// A card.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The place of the tables.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl From<Corrupt> for BackupError {
    fn from(_: Corrupt) -> Self {
        Self::Damaged("a sealed key".into())
    }
}

impl BackupError {
    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io(path, error)
    }
}

/// Where the backups of a running vault go, and what was found of them.
pub(crate) struct Backups {
    dir: Option<PathBuf>,
    recipients: Vec<String>,
    /// Folder of the vault: the daily trial has its scratch there.
    data_dir: PathBuf,
    root: Arc<Root>,
    last: Mutex<Option<Trial>>,
}

/// A trial of the newest backup.
#[derive(Debug, Clone)]
struct Trial {
    at: Timestamp,
    opened: u64,
    fault: Option<String>,
}

impl Backups {
    /// Those of a configuration.
    pub(crate) fn new(config: &Config, root: &Arc<Root>) -> Self {
        Self {
            dir: config.backup_dir.clone(),
            recipients: config.backup_recipients.clone(),
            data_dir: config.data_dir.clone(),
            root: Arc::clone(root),
            last: Mutex::default(),
        }
    }

    /// Where they are, if anywhere.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        self.dir.clone()
    }

    fn dir(&self) -> Result<&Path, BackupError> {
        self.dir.as_deref().ok_or(BackupError::NoFolder)
    }
}

#[cfg(not(test))]
const fn step(_: &str) {}
#[cfg(test)]
use crate::tests::rotation::step;
