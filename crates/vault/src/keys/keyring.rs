//! The keyring: epoch keys and the log's key, beside the slots, wrapped under the root, never in a
//! backup.
//!
//! One line per key: `<kind> <epoch> <created µs> <wrapped, hexadecimal>`. The file is rewritten
//! whole; today it holds one epoch of each class, which is not changed.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use kernel::{Rng, Timestamp};

use super::bytes::hex;
use super::wrap::{self, Purpose};
use super::{Corrupt, Key};

const FILE: &str = "keyring";
const NUMBER: &str = "epoch_number";
const CODE: &str = "epoch_code";
const LOG: &str = "log";
/// The one epoch there is.
pub(crate) const EPOCH: u32 = 1;

/// The keys of this node.
pub(crate) struct Keyring {
    /// Seals slots of numbers.
    pub(crate) number: Key,
    /// Seals slots of codes.
    pub(crate) code: Key,
    /// Seed of the key that signs the log and the receipts.
    pub(crate) log: Key,
    /// When each of them was made, by its kind.
    pub(crate) made: Vec<(String, Timestamp)>,
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
}

impl From<Corrupt> for KeyringError {
    fn from(_: Corrupt) -> Self {
        Self::Corrupt
    }
}

/// Whether a vault has sealed in this folder before.
pub(crate) fn is_there(dir: &Path) -> bool {
    dir.join(FILE).exists()
}

/// The keys of this node; those that are not there yet are made.
///
/// # Errors
/// [`KeyringError`].
pub(crate) fn open_or_create(
    dir: &Path,
    root: &Key,
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<Keyring, KeyringError> {
    let path = dir.join(FILE);
    let mut text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    let known = text.len();
    let mut key = |kind: &str| -> Result<Key, KeyringError> {
        let purpose = Purpose { kind, merchant: "", shop: "", version: EPOCH };
        let lead = format!("{kind} {EPOCH} ");
        if let Some(line) = text.lines().find(|line| line.starts_with(&lead)) {
            return read(line, root, &purpose).ok_or(KeyringError::Corrupt);
        }
        let key = Key::random(rng);
        let wrapped = hex(&wrap::wrap(root, &purpose, &key, rng)?);
        text.push_str(&format!("{lead}{} {wrapped}\n", now.as_micros()));
        Ok(key)
    };
    let (number, code, log) = (key(NUMBER)?, key(CODE)?, key(LOG)?);
    let keyring = Keyring { number, code, log, made: text.lines().filter_map(made).collect() };
    if text.len() > known {
        write(dir, &path, &text)?;
    }
    Ok(keyring)
}

/// Kind and birth of a line's key.
fn made(line: &str) -> Option<(String, Timestamp)> {
    let mut words = line.split(' ');
    let (kind, _epoch) = (words.next()?, words.next()?);
    let micros = words.next()?.parse().ok()?;
    Some((kind.to_owned(), Timestamp::from_micros(micros)))
}

fn read(line: &str, root: &Key, purpose: &Purpose<'_>) -> Option<Key> {
    let digits = line.rsplit(' ').next()?;
    let pairs = digits.as_bytes().chunks_exact(2);
    let wrapped: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    wrap::unwrap(root, purpose, &wrapped?).ok()
}

/// Written beside, synced, then renamed: a crash leaves the old file or the new one.
fn write(dir: &Path, path: &Path, text: &str) -> Result<(), std::io::Error> {
    let fresh = dir.join("keyring.new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    std::fs::File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use crate::keys::bytes::tests::counting;

    use super::*;

    #[test]
    fn v_123_the_epoch_survives_and_needs_its_root() {
        let dir = tempfile::tempdir().unwrap();
        let now = Timestamp::from_micros(1);
        let rng = SeededRng::new(1);
        let first = open_or_create(dir.path(), &counting(0), &rng, now).unwrap();
        let again = open_or_create(dir.path(), &counting(0), &rng, now).unwrap();
        assert_eq!(first.number.expose(), again.number.expose());
        assert_eq!(first.log.expose(), again.log.expose());
        assert_ne!(first.number.expose(), first.code.expose());
        // A keyring of the first release has one key: the others are added to it.
        let path = dir.path().join(FILE);
        let old = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{}\n", old.lines().next().unwrap())).unwrap();
        let grown = open_or_create(dir.path(), &counting(0), &rng, now).unwrap();
        assert_eq!(first.number.expose(), grown.number.expose());
        assert_ne!(first.log.expose(), grown.log.expose());
        assert!(open_or_create(dir.path(), &counting(1), &rng, now).is_err());
        let mode = std::os::unix::fs::MetadataExt::mode(
            &std::fs::metadata(dir.path().join(FILE)).unwrap(),
        );
        assert_eq!(mode & 0o777, 0o600);
    }
}
