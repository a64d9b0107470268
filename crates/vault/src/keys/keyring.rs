//! The keyring: epoch keys beside the slots, wrapped under the root, never in a backup.
//!
//! One line per key: `<kind> <epoch> <created µs> <wrapped, hexadecimal>`. The file is rewritten
//! whole; today it holds one epoch of class `number`, which is not changed.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use kernel::{Rng, Timestamp};

use super::bytes::hex;
use super::wrap::{self, Purpose};
use super::{Corrupt, Key};

const FILE: &str = "keyring";
const KIND: &str = "epoch_number";
/// The one epoch there is.
pub(crate) const EPOCH: u32 = 1;

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

/// The epoch's key, made on the first start.
///
/// # Errors
/// [`KeyringError`].
pub(crate) fn open_or_create(
    dir: &Path,
    root: &Key,
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<Key, KeyringError> {
    let path = dir.join(FILE);
    let purpose = Purpose { kind: KIND, merchant: "", shop: "", version: EPOCH };
    match std::fs::read_to_string(&path) {
        Ok(text) => read(&text, root, &purpose).ok_or(KeyringError::Corrupt),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = Key::random(rng);
            let wrapped = hex(&wrap::wrap(root, &purpose, &key, rng)?);
            let line = format!("{KIND} {EPOCH} {} {wrapped}\n", now.as_micros());
            write(dir, &path, &line)?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

fn read(text: &str, root: &Key, purpose: &Purpose<'_>) -> Option<Key> {
    let line = text.lines().find(|line| line.starts_with(&format!("{KIND} {EPOCH} ")))?;
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
        assert_eq!(first.expose(), again.expose());
        assert!(open_or_create(dir.path(), &counting(1), &rng, now).is_err());
        let mode = std::os::unix::fs::MetadataExt::mode(
            &std::fs::metadata(dir.path().join(FILE)).unwrap(),
        );
        assert_eq!(mode & 0o777, 0o600);
    }
}
