//! What a backup says of itself, and which backups a folder has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kernel::{MerchantId, Rng, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::recipient::Envelope;
use super::stream::{self, FileMark, NewFile};
use super::{BackupError, CARDS, DAY_SECONDS, HEADS, MANIFEST, MOST_DAYS, SLOTS};
use crate::keys::bytes::{hex, sha256, unhex};
use crate::keys::wrap::{self, Purpose};
use crate::keys::{Corrupt, Key, Root};

const FORM: u32 = 1;
const LEAD: &str = "backup-";
const PURPOSE: Purpose<'static> =
    Purpose { kind: "backup_files", merchant: "", shop: "", version: FORM };
/// Names a root without telling of it.
const ROOT_CHECK: &[u8] = b"guichet.kcv.v1";
const ROOT_ID_BYTES: usize = 4;

/// The manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) v: u32,
    /// Name of the backup and of its folder.
    pub(super) name: String,
    /// When the tables were read.
    pub(super) at: Timestamp,
    /// Release that wrote it.
    pub(super) program: String,
    /// Id of the root under which it opens.
    pub(super) root: String,
    /// Key of the files, wrapped under the root.
    file_key: String,
    /// Number in the keyring of the key that seals the keys of cards.
    pub(super) ring_key: u32,
    /// The same key, sealed to each recipient.
    pub(super) envelopes: Vec<Envelope>,
    /// Names of the keyring's keys at that time; none of them is here.
    pub(super) ring: Vec<String>,
    /// Public key that signed the heads.
    pub(super) log_key: String,
    /// Steps of the schema that the tables had seen.
    pub(super) migrations: Vec<String>,
    /// Rows by table.
    pub(super) rows: BTreeMap<String, u64>,
    /// Cards whose key is there.
    pub(super) cards: u64,
    /// Cards that lived and whose key did not open: their number is lost already.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(super) without_key: u64,
    /// Size of each log.
    pub(super) logs: BTreeMap<MerchantId, u64>,
    pub(super) files: BTreeMap<String, FileMark>,
    /// HMAC-SHA256 of all the rest, under the key of the files.
    mac: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The id of a root, so that two roots can be told apart: the first bytes of an HMAC, or of a hash of
/// the id that the key has in its device.
pub(super) fn root_id(root: &Root) -> String {
    let long = match root {
        Root::Here(key) => key.hmac(&[ROOT_CHECK]),
        Root::Device(token) => sha256(&[ROOT_CHECK, token.id()].concat()),
    };
    hex(long.get(..ROOT_ID_BYTES).unwrap_or_default())
}

/// Wraps the key of a backup's files.
pub(super) fn wrapped(root: &Root, file_key: &Key, rng: &dyn Rng) -> Result<String, Corrupt> {
    Ok(hex(&wrap::wrap(root, &PURPOSE, file_key, rng)?))
}

/// What is known when a manifest is begun.
pub(super) struct Known {
    pub(super) name: String,
    pub(super) at: Timestamp,
    pub(super) root: String,
    pub(super) file_key: String,
    pub(super) ring_key: u32,
    pub(super) envelopes: Vec<Envelope>,
    pub(super) ring: Vec<String>,
    pub(super) log_key: String,
}

impl Manifest {
    /// Without counts and files, which are written first.
    pub(super) fn begin(known: Known) -> Self {
        let Known { name, at, root, file_key, ring_key, envelopes, ring, log_key } = known;
        Self {
            v: FORM,
            name,
            at,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            root,
            file_key,
            ring_key,
            envelopes,
            ring,
            log_key,
            migrations: Vec::new(),
            rows: BTreeMap::new(),
            cards: 0,
            without_key: 0,
            logs: BTreeMap::new(),
            files: BTreeMap::new(),
            mac: String::new(),
        }
    }

    fn tag(&self, file_key: &Key) -> Result<[u8; 32], BackupError> {
        let blank = Self { mac: String::new(), ..self.clone() };
        let text = serde_json::to_string(&blank).map_err(|_| damaged())?;
        Ok(file_key.hmac(&[b"guichet.backup.manifest.v1", text.as_bytes()]))
    }

    /// Writes it: the backup is whole then.
    pub(super) fn write(mut self, folder: &Path, file_key: &Key) -> Result<Self, BackupError> {
        self.mac = hex(&self.tag(file_key)?);
        let text = serde_json::to_string_pretty(&self).map_err(|_| damaged())?;
        let mut file = NewFile::create(folder.join(MANIFEST))?;
        file.write(text.as_bytes())?;
        file.finish()?;
        Ok(self)
    }

    /// Reads the manifest of a backup and checks that this root's vault wrote it and every file is
    /// what it was; the key of the files comes with it.
    ///
    /// # Errors
    /// [`BackupError`] naming what is in the way.
    pub(super) fn read(folder: &Path, root: &Root) -> Result<(Self, Key), BackupError> {
        let path = folder.join(MANIFEST);
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let named = folder.display();
                let why = format!("{named} has no {MANIFEST}: it is no backup, or half of one");
                return Err(BackupError::Refused(why));
            }
            other => other.map_err(BackupError::io(&path))?,
        };
        let manifest: Self = serde_json::from_str(&text).map_err(|_| damaged())?;
        if manifest.v != FORM {
            let why = format!("a backup of form {}; this release reads {FORM}", manifest.v);
            return Err(BackupError::Refused(why));
        }
        let own = root_id(root);
        if manifest.root != own {
            let theirs = &manifest.root;
            let why = format!(
                "the backup was made under the root key {theirs}, the root at hand is {own}: bring \
                 the root key of that time"
            );
            return Err(BackupError::Refused(why));
        }
        let opened = wrap::unwrap_hex(root, &PURPOSE, &manifest.file_key);
        let key = opened.map_err(|_| damaged())?;
        let told = unhex::<32>(&manifest.mac).ok_or_else(damaged)?;
        if !bool::from(manifest.tag(&key)?.ct_eq(told.as_slice())) {
            return Err(damaged());
        }
        Ok((manifest, key))
    }

    /// Compares the files with what was written. A missing `slots.bak` is told, not an error.
    pub(super) fn compare(&self, folder: &Path) -> Result<HasKeys, BackupError> {
        for name in [CARDS, HEADS, SLOTS] {
            let told = self.files.get(name).ok_or_else(damaged)?;
            let path = folder.join(name);
            if name == SLOTS && !path.exists() {
                return Ok(HasKeys::No);
            }
            if stream::mark(&path)? != *told {
                return Err(BackupError::Damaged(path.display().to_string()));
            }
        }
        Ok(HasKeys::Yes)
    }

    /// Whether its keys of cards are too old to be used.
    pub(super) fn is_outdated(&self, now: Timestamp) -> bool {
        outdated(self.at, now)
    }

    /// Bytes of its files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.values().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }
}

/// Whether a backup still has the keys of its cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HasKeys {
    Yes,
    No,
}

fn damaged() -> BackupError {
    BackupError::Damaged(MANIFEST.into())
}

fn outdated(at: Timestamp, now: Timestamp) -> bool {
    at.plus_seconds(MOST_DAYS * DAY_SECONDS) <= now
}

/// A folder of a backup, by its name alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// When it was begun.
    pub(super) at: Timestamp,
    pub(super) name: String,
    pub(super) path: PathBuf,
}

impl Named {
    /// A new name in a folder.
    pub(super) fn new(dir: &Path, at: Timestamp, rng: &dyn Rng) -> Self {
        let mut mark = [0; 2];
        rng.fill(&mut mark);
        let at = Timestamp::from_micros(at.as_seconds().saturating_mul(1_000_000));
        let stamp: String = at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let name = format!("{LEAD}{stamp}-{}", hex(&mark));
        Self { at, path: dir.join(&name), name }
    }

    fn read(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_owned();
        let (stamp, mark) = name.strip_prefix(LEAD)?.split_once('-')?;
        let (day, time) = stamp.strip_suffix('Z')?.split_once('T')?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if day.len() != 8 || time.len() != 6 || !digits(day) || !digits(time) || mark.len() != 4 {
            return None;
        }
        let (year, rest) = day.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        let (hour, rest) = time.split_at_checked(2)?;
        let (minute, second) = rest.split_at_checked(2)?;
        let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
        Some(Self { at: Timestamp::parse_rfc3339(&text).ok()?, name, path })
    }

    /// Whether it was finished.
    pub(super) fn is_whole(&self) -> bool {
        self.path.join(MANIFEST).is_file()
    }

    /// Whether its keys of cards are too old.
    pub(super) fn is_outdated(&self, now: Timestamp) -> bool {
        outdated(self.at, now)
    }
}

/// The backups in a folder, oldest first, halves among them.
pub(super) fn list(dir: &Path) -> Result<Vec<Named>, BackupError> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(BackupError::io(dir))?,
    };
    let mut all: Vec<Named> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| Named::read(entry.path()))
        .collect();
    all.sort();
    Ok(all)
}

/// The newest whole backup in a folder.
pub(super) fn newest(dir: &Path) -> Result<Option<Named>, BackupError> {
    Ok(list(dir)?.into_iter().rev().find(Named::is_whole))
}
