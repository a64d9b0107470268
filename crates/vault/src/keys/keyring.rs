//! The keyring: epoch keys and the log's key, beside the slots, wrapped under the root, never in a
//! backup.
//!
//! One line per key: `<kind> <number> <created µs> <wrapped, hexadecimal>`. The file is rewritten
//! whole. The former file is written over and read back before its name goes, so that a key that was
//! taken out is in no file any more.
//!
//! Order: `keyring.new` written and synced; exchanged with `keyring` in one step; the folder synced;
//! what is now called `keyring.new` written over and unlinked. A crash before the exchange leaves the
//! old keyring, after it the new one; a `keyring.new` found at the start is written over first.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use kernel::{Rng, Timestamp};
use rustix::fs::{Advice, CWD, RenameFlags, fadvise, renameat_with};

use super::bytes::hex;
use super::wrap::{self, Purpose};
use super::{Corrupt, Key, Root};
use crate::slots::Class;

const FILE: &str = "keyring";
const FRESH: &str = "keyring.new";
const LOG: &str = "log";
/// The key that seals the keys of cards in the newest backup.
const BACKUP: &str = "backup";
/// Number of the first key of each kind.
const FIRST: u32 = 1;

/// A key of the ring.
pub(crate) struct RingKey {
    /// `epoch_number`, `epoch_code` or `log`.
    pub(crate) kind: String,
    /// Counts the keys of a kind.
    pub(crate) number: u32,
    /// When it was made.
    pub(crate) made: Timestamp,
    /// Its bits.
    pub(crate) key: Key,
    wrapped: String,
}

impl RingKey {
    /// Kind and number, as the inventory and the log name it.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}", self.kind, self.number)
    }

    fn line(&self) -> String {
        format!("{} {} {} {}\n", self.kind, self.number, self.made.as_micros(), self.wrapped)
    }

    fn purpose(kind: &str, number: u32) -> Purpose<'_> {
        Purpose { kind, merchant: "", shop: "", version: number }
    }

    fn new(
        root: &Root,
        (kind, number): (&str, u32),
        rng: &dyn Rng,
        made: Timestamp,
    ) -> Result<Self, Corrupt> {
        let key = Key::random(rng);
        let wrapped = hex(&wrap::wrap(root, &Self::purpose(kind, number), &key, rng)?);
        Ok(Self { kind: kind.to_owned(), number, made, key, wrapped })
    }

    fn parse(line: &str, root: &Root) -> Option<Self> {
        let mut words = line.split(' ');
        let (kind, number) = (words.next()?, words.next()?.parse().ok()?);
        let made = Timestamp::from_micros(words.next()?.parse().ok()?);
        let digits = words.next()?;
        let key = wrap::unwrap_hex(root, &Self::purpose(kind, number), digits).ok()?;
        Some(Self { kind: kind.to_owned(), number, made, key, wrapped: digits.to_owned() })
    }
}

/// The kind of a class's epoch keys.
pub(crate) const fn kind_of(class: Class) -> &'static str {
    match class {
        Class::Number => "epoch_number",
        Class::Code => "epoch_code",
    }
}

/// The keys of this node.
pub(crate) struct Keyring {
    dir: PathBuf,
    root: Arc<Root>,
    keys: RwLock<Vec<Arc<RingKey>>>,
}

/// Why the keyring cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The disk said no.
    #[error("keyring: {0}")]
    Io(#[from] std::io::Error),
    /// It does not open under this root.
    #[error("the keyring does not open: another root key, or a damaged file")]
    Corrupt,
    /// The former file still shows its bytes after it was written over.
    #[error("keyring: what was written over could be read back")]
    NotDestroyed,
}

impl From<Corrupt> for KeyringError {
    fn from(_: Corrupt) -> Self {
        Self::Corrupt
    }
}

/// Makes the keyring of a vault that was restored: its epochs, and the key that signs, come after
/// those of these names, so that no log speaks of two keys under one name.
pub(crate) fn create_after(
    dir: &Path,
    former: &[String],
    root: &Root,
    (rng, now): (&dyn Rng, Timestamp),
) -> Result<(), KeyringError> {
    let last = |kind: &str| {
        let numbers = former.iter().filter_map(|id| id.split_once('/'));
        let of_kind = numbers.filter(|(known, _)| *known == kind);
        of_kind.filter_map(|(_, number)| number.parse::<u32>().ok()).max().unwrap_or(0)
    };
    let kinds = [kind_of(Class::Number), kind_of(Class::Code), LOG];
    let fresh = |kind: &&str| {
        RingKey::new(root, (kind, last(kind).saturating_add(1)), rng, now).map(Arc::new)
    };
    let keys: Result<Vec<_>, Corrupt> = kinds.iter().map(fresh).collect();
    write(dir, &keys?, rng)
}

/// The keys of the keyring, sealed under another root; they stay what they are. Nothing is written.
pub(crate) fn under_another(
    dir: &Path,
    (former, root): (&Root, &Root),
    rng: &dyn Rng,
) -> Result<Vec<Arc<RingKey>>, KeyringError> {
    let text = std::fs::read_to_string(dir.join(FILE))?;
    let mut keys = Vec::new();
    for line in text.lines() {
        let mut key = RingKey::parse(line, former).ok_or(KeyringError::Corrupt)?;
        let purpose = RingKey::purpose(&key.kind, key.number);
        key.wrapped = hex(&wrap::wrap_anew(root, &purpose, &key.key, rng)?);
        keys.push(Arc::new(key));
    }
    Ok(keys)
}

/// Whether a vault has sealed in this folder before; one that cannot be looked into counts as such.
pub(crate) fn is_there(dir: &Path) -> bool {
    dir.join(FILE).try_exists().unwrap_or(true)
}

/// Whether the keyring of this folder is of this root; nothing is changed. One without a key is of
/// none.
pub(crate) fn opens(dir: &Path, root: &Root) -> std::io::Result<bool> {
    let text = std::fs::read_to_string(dir.join(FILE))?;
    let mut lines = text.lines().peekable();
    Ok(lines.peek().is_some() && lines.all(|line| RingKey::parse(line, root).is_some()))
}

impl Keyring {
    /// The keys of this node; those that are not there yet are made.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub(crate) fn open_or_create(
        dir: &Path,
        root: &Arc<Root>,
        rng: &dyn Rng,
        now: Timestamp,
    ) -> Result<Self, KeyringError> {
        wipe(&dir.join(FRESH), rng)?;
        let text = match std::fs::read_to_string(dir.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error.into()),
        };
        let mut keys = Vec::new();
        for line in text.lines() {
            keys.push(Arc::new(RingKey::parse(line, root).ok_or(KeyringError::Corrupt)?));
        }
        let known = keys.len();
        for kind in [kind_of(Class::Number), kind_of(Class::Code), LOG] {
            if !keys.iter().any(|key| key.kind == kind) {
                keys.push(Arc::new(RingKey::new(root, (kind, FIRST), rng, now)?));
            }
        }
        if keys.len() > known {
            write(dir, &keys, rng)?;
        }
        Ok(Self { dir: dir.to_owned(), root: Arc::clone(root), keys: RwLock::new(keys) })
    }

    /// The key that wraps them.
    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    /// Every key, in the order of their making.
    pub(crate) fn all(&self) -> Vec<Arc<RingKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn newest_of(&self, kind: &str) -> Result<Arc<RingKey>, Corrupt> {
        let keys = self.all();
        keys.into_iter().filter(|key| key.kind == kind).max_by_key(|key| key.number).ok_or(Corrupt)
    }

    /// The one epoch key that seals slots of a class.
    pub(crate) fn newest(&self, class: Class) -> Result<Arc<RingKey>, Corrupt> {
        self.newest_of(kind_of(class))
    }

    /// Seed of the key that signs the log and the receipts.
    pub(crate) fn log(&self) -> Result<Arc<RingKey>, Corrupt> {
        self.newest_of(LOG)
    }

    /// An epoch key of a class that is still held.
    pub(crate) fn of(&self, class: Class, number: u32) -> Option<Arc<RingKey>> {
        let keys = self.all();
        keys.into_iter().find(|key| key.kind == kind_of(class) && key.number == number)
    }

    /// The epoch keys of a class that seal nothing any more.
    pub(crate) fn retired(&self, class: Class) -> Vec<Arc<RingKey>> {
        let Ok(newest) = self.newest(class) else { return Vec::new() };
        let mut keys = self.all();
        keys.retain(|key| key.kind == kind_of(class) && key.number < newest.number);
        keys
    }

    /// Begins an epoch: its key is durable, then it seals. Blocks.
    pub(crate) fn begin(
        &self,
        class: Class,
        rng: &dyn Rng,
        now: Timestamp,
    ) -> Result<Arc<RingKey>, KeyringError> {
        self.add((kind_of(class), FIRST), rng, now)
    }

    /// Makes the key of a backup, beside the one before; numbered by the second, so that none comes
    /// twice. Blocks.
    pub(crate) fn begin_backup(
        &self,
        rng: &dyn Rng,
        now: Timestamp,
    ) -> Result<Arc<RingKey>, KeyringError> {
        self.add((BACKUP, u32::try_from(now.as_seconds()).unwrap_or(FIRST)), rng, now)
    }

    /// The key of a backup, if it is still held.
    pub(crate) fn backup(&self, number: u32) -> Option<Arc<RingKey>> {
        let keys = self.all();
        keys.into_iter().find(|key| key.kind == BACKUP && key.number == number)
    }

    /// Destroys the keys of all backups but one; which they were. Blocks.
    pub(crate) fn keep_backup(
        &self,
        number: u32,
        rng: &dyn Rng,
    ) -> Result<Vec<String>, KeyringError> {
        let goes = |key: &RingKey| key.kind == BACKUP && key.number != number;
        if self.all().iter().any(|key| goes(key)) {
            self.destroy(goes, rng)
        } else {
            Ok(Vec::new())
        }
    }

    /// A key of a kind, at least with this number.
    fn add(
        &self,
        (kind, least): (&str, u32),
        rng: &dyn Rng,
        now: Timestamp,
    ) -> Result<Arc<RingKey>, KeyringError> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let numbers = keys.iter().filter(|key| key.kind == kind).map(|key| key.number);
        let number = numbers.max().unwrap_or(0).saturating_add(1).max(least);
        let fresh = Arc::new(RingKey::new(&self.root, (kind, number), rng, now)?);
        let mut next = keys.clone();
        next.push(Arc::clone(&fresh));
        write(&self.dir, &next, rng)?;
        *keys = next;
        Ok(fresh)
    }

    /// Takes the retired epoch keys of a class out of the file, then out of memory; which they were.
    /// For when no slot is sealed under them. Blocks.
    pub(crate) fn destroy_retired(
        &self,
        class: Class,
        rng: &dyn Rng,
    ) -> Result<Vec<String>, KeyringError> {
        let retired: Vec<String> = self.retired(class).iter().map(|key| key.id()).collect();
        self.destroy(|key| retired.contains(&key.id()), rng)
    }

    /// Takes keys out of the file, then out of memory; which they were. The file is written over
    /// even when there are none.
    fn destroy(
        &self,
        goes: impl Fn(&RingKey) -> bool,
        rng: &dyn Rng,
    ) -> Result<Vec<String>, KeyringError> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let (gone, next): (Vec<_>, Vec<_>) = keys.iter().cloned().partition(|key| goes(key));
        write(&self.dir, &next, rng)?;
        *keys = next;
        Ok(gone.iter().map(|key| key.id()).collect())
    }
}

/// Whether keys of it are sealed under a root that was in memory, and not under a device's.
pub(crate) fn is_under_bits(dir: &Path) -> std::io::Result<bool> {
    let text = std::fs::read_to_string(dir.join(FILE))?;
    let digits = |line: &str| line.rsplit(' ').next().map_or(0, str::len);
    Ok(text.lines().any(|line| digits(line) == 2 * wrap::HERE_BYTES))
}

/// Exchanges the file for one with these keys; the former one is written over.
pub(crate) fn write(dir: &Path, keys: &[Arc<RingKey>], rng: &dyn Rng) -> Result<(), KeyringError> {
    let (path, fresh) = (dir.join(FILE), dir.join(FRESH));
    wipe(&fresh, rng)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    file.write_all(keys.iter().map(|key| key.line()).collect::<String>().as_bytes())?;
    file.sync_all()?;
    if path.exists() {
        renameat_with(CWD, &fresh, CWD, &path, RenameFlags::EXCHANGE)
            .map_err(std::io::Error::from)?;
    } else {
        std::fs::rename(&fresh, &path)?;
    }
    File::open(dir)?.sync_all()?;
    wipe(&fresh, rng)
}

/// Writes random bytes over a file, syncs, reads them back from the disk, and unlinks it.
pub(crate) fn wipe(path: &Path, rng: &dyn Rng) -> Result<(), KeyringError> {
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let length = usize::try_from(file.metadata()?.len()).map_err(|_| KeyringError::Corrupt)?;
    let mut noise = vec![0; length];
    rng.fill(&mut noise);
    file.write_all_at(&noise, 0)?;
    file.sync_all()?;
    fadvise(&file, 0, None, Advice::DontNeed).map_err(std::io::Error::from)?;
    let mut back = Vec::with_capacity(length);
    file.read_to_end(&mut back)?;
    if back != noise {
        return Err(KeyringError::NotDestroyed);
    }
    std::fs::remove_file(path)?;
    let dir = path.parent().unwrap_or(Path::new("."));
    Ok(File::open(dir)?.sync_all()?)
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use crate::keys::bytes::tests::counting;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1);

    fn open(dir: &Path, first: u8) -> Result<Keyring, KeyringError> {
        let seed = u64::from(first) + 7;
        Keyring::open_or_create(
            dir,
            &Arc::new(Root::Here(counting(first))),
            &SeededRng::new(seed),
            NOW,
        )
    }

    fn bits(key: &RingKey) -> [u8; 32] {
        *key.key.expose()
    }

    #[test]
    fn v_123_the_epoch_survives_and_needs_its_root() {
        let dir = tempfile::tempdir().unwrap();
        let first = open(dir.path(), 0).unwrap();
        let again = open(dir.path(), 0).unwrap();
        let number = |ring: &Keyring| bits(&ring.newest(Class::Number).unwrap());
        let log = |ring: &Keyring| bits(&ring.log().unwrap());
        assert_eq!(number(&first), number(&again));
        assert_eq!(log(&first), log(&again));
        assert_ne!(number(&first), bits(&first.newest(Class::Code).unwrap()));
        // A keyring of the first release has one key: the others are added to it.
        let path = dir.path().join(FILE);
        let old = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{}\n", old.lines().next().unwrap())).unwrap();
        let seed = Arc::new(Root::Here(counting(0)));
        let grown = Keyring::open_or_create(dir.path(), &seed, &SeededRng::new(99), NOW).unwrap();
        assert_eq!(number(&first), number(&grown));
        assert_ne!(log(&first), log(&grown));
        assert!(matches!(open(dir.path(), 1), Err(KeyringError::Corrupt)));
        assert!(opens(dir.path(), &Root::Here(counting(0))).unwrap());
        assert!(is_under_bits(dir.path()).unwrap());
        assert!(!opens(dir.path(), &Root::Here(counting(1))).unwrap());
        let mode = std::os::unix::fs::MetadataExt::mode(
            &std::fs::metadata(dir.path().join(FILE)).unwrap(),
        );
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&path, "").unwrap();
        assert!(is_there(dir.path()));
        assert!(
            !opens(dir.path(), &Root::Here(counting(0))).unwrap(),
            "a file without a key proves no root"
        );
        std::fs::write(&path, format!("log 1 1 {}\n", "0".repeat(2 * (12 + 32 + 16)))).unwrap();
        assert!(!is_under_bits(dir.path()).unwrap(), "a device's nonce is shorter");
    }

    #[test]
    fn v_128_an_epoch_begins_beside_the_old_one_and_the_old_one_goes_from_every_file() {
        let dir = tempfile::tempdir().unwrap();
        let ring = open(dir.path(), 0).unwrap();
        let old = ring.newest(Class::Number).unwrap();
        let rng = SeededRng::new(3);
        let new = ring.begin(Class::Number, &rng, NOW).unwrap();
        assert_eq!((old.number, new.number), (1, 2));
        let again = open(dir.path(), 0).unwrap();
        assert_eq!(bits(&again.of(Class::Number, 1).unwrap()), bits(&old), "both are held");
        assert_eq!(bits(&again.newest(Class::Number).unwrap()), bits(&new));
        assert_eq!(again.retired(Class::Code).len(), 0);
        // A link keeps the file that is exchanged, as a disk might.
        let kept = dir.path().join("kept");
        std::fs::hard_link(dir.path().join(FILE), &kept).unwrap();
        assert!(std::fs::read_to_string(&kept).unwrap().contains(&old.wrapped));
        assert_eq!(ring.destroy_retired(Class::Number, &rng).unwrap(), ["epoch_number/1"]);
        assert!(ring.of(Class::Number, 1).is_none());
        let remains = std::fs::read(&kept).unwrap();
        assert!(!remains.windows(64).any(|part| old.wrapped.as_bytes().starts_with(part)));
        std::fs::remove_file(&kept).unwrap();
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(text.contains(&new.wrapped) && !text.contains(&old.wrapped));
        }
    }

    #[test]
    fn v_123_a_file_of_a_change_that_was_cut_off_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let ring = open(dir.path(), 0).unwrap();
        let before = std::fs::read_to_string(dir.path().join(FILE)).unwrap();
        // Before the exchange: a new file beside the old one. After it: the old one, so called.
        let kept = dir.path().join("kept");
        std::fs::write(dir.path().join(FRESH), &before).unwrap();
        std::fs::hard_link(dir.path().join(FRESH), &kept).unwrap();
        let again = open(dir.path(), 0).unwrap();
        assert!(!dir.path().join(FRESH).exists());
        assert_ne!(std::fs::read(&kept).unwrap(), before.as_bytes());
        assert_eq!(bits(&again.log().unwrap()), bits(&ring.log().unwrap()));
    }
}
