//! The root key's file: one line, outside the data directory, readable by the vault's user alone.
//!
//! `guichet-root-v1:<64 hexadecimal digits>:<CRC-32 of those digits>`, mode 0400.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use kernel::Rng;
use zeroize::Zeroizing;

use super::Key;
use super::bytes::{KEY_BYTES, crc32, hex, unhex};

const MARK: &str = "guichet-root-v1";
const MODE: u32 = 0o400;
const MAX_FILE_BYTES: u64 = 256;

/// Why the root cannot be used. The text names the fault and the cure, never the key.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Not there.
    #[error("root key file {0} is missing: restore it from its safe copy")]
    Missing(PathBuf),
    /// Others could read or replace it.
    #[error("root key file {path} has mode {mode:04o}: it must be 0400 (chmod 0400)")]
    Mode {
        /// The file.
        path: PathBuf,
        /// What it has.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error("root key file {path} belongs to user {owner}, the vault runs as {user}")]
    Owner {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who runs the vault.
        user: u32,
    },
    /// A link or a folder, not a file.
    #[error("root key file {0} is not a regular file")]
    Kind(PathBuf),
    /// It lies where backups would take it along.
    #[error("root key file {0} lies inside the data directory: keep it apart")]
    Inside(PathBuf),
    /// Not our line, or a digit is wrong.
    #[error("root key file {0} is damaged: its check sum does not match")]
    Damaged(PathBuf),
    /// The disk said no.
    #[error("root key file {path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        error: std::io::Error,
    },
}

/// Reads the root, after checking that nobody else can.
///
/// # Errors
/// [`RootError`], naming the fault.
pub(crate) fn read(path: &Path, data_dir: &Path) -> Result<Key, RootError> {
    let io = |error| RootError::Io { path: path.to_owned(), error };
    let about = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(RootError::Missing(path.to_owned()));
        }
        other => other.map_err(io)?,
    };
    if !about.is_file() {
        return Err(RootError::Kind(path.to_owned()));
    }
    let inside = path.canonicalize().map_err(io)?.starts_with(data_dir.canonicalize().map_err(io)?);
    if inside {
        return Err(RootError::Inside(path.to_owned()));
    }
    let file = File::open(path).map_err(io)?;
    rights(path, &file.metadata().map_err(io)?)?;
    let mut line = Zeroizing::new(String::with_capacity(256));
    file.take(MAX_FILE_BYTES).read_to_string(&mut line).map_err(io)?;
    parse(line.trim_end()).ok_or_else(|| RootError::Damaged(path.to_owned()))
}

/// What is wrong with the root's file as it lies there now; its content is not read.
pub(crate) fn fault(path: &Path) -> Option<String> {
    let about = match std::fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) => return Some(RootError::Io { path: path.to_owned(), error }.to_string()),
    };
    rights(path, &about).err().map(|error| error.to_string())
}

/// A file that its owner alone may read, and he is the vault's user.
fn rights(path: &Path, about: &Metadata) -> Result<(), RootError> {
    if !about.is_file() {
        return Err(RootError::Kind(path.to_owned()));
    }
    let mode = about.mode() & 0o7777;
    if mode != MODE {
        return Err(RootError::Mode { path: path.to_owned(), mode });
    }
    let user = rustix::process::geteuid().as_raw();
    if about.uid() != user {
        return Err(RootError::Owner { path: path.to_owned(), owner: about.uid(), user });
    }
    Ok(())
}

/// Makes a new root file; never overwrites one.
///
/// # Errors
/// [`RootError::Io`].
pub(crate) fn create(path: &Path, rng: &dyn Rng) -> Result<(), RootError> {
    let io = |error| RootError::Io { path: path.to_owned(), error };
    let key = Key::random(rng);
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(MODE).open(path).map_err(io)?;
    let line = Zeroizing::new(format!("{}\n", *line(&key)));
    file.write_all(line.as_bytes()).map_err(io)?;
    file.sync_all().map_err(io)
}

fn line(key: &Key) -> Zeroizing<String> {
    let digits = Zeroizing::new(hex(key.expose()));
    Zeroizing::new(format!("{MARK}:{}:{:08x}", *digits, crc32(digits.as_bytes())))
}

fn parse(line: &str) -> Option<Key> {
    let (digits, check) = line.strip_prefix(MARK)?.strip_prefix(':')?.split_once(':')?;
    if u32::from_str_radix(check, 16).ok()? != crc32(digits.as_bytes()) {
        return None;
    }
    Key::take(unhex::<KEY_BYTES>(digits)?.as_mut_slice())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use kernel::rng::SeededRng;

    use crate::keys::bytes::tests::counting;

    use super::*;

    #[test]
    fn ve_05_root_line_of_the_specification() {
        let text = line(&counting(0));
        assert!(text.starts_with("guichet-root-v1:000102") && text.ends_with("1e1f:f0a8f587"));
        assert_eq!(parse(&text).unwrap().expose(), counting(0).expose());
        assert!(parse(&text.replace("0001", "0101")).is_none());
        assert!(parse("guichet-root-v1:00").is_none());
    }

    #[test]
    fn v_124_a_root_file_others_could_read_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let path = dir.path().join("root.key");
        assert!(matches!(read(&path, &data), Err(RootError::Missing(_))));
        create(&path, &SeededRng::new(1)).unwrap();
        assert!(read(&path, &data).is_ok());
        assert!(create(&path, &SeededRng::new(2)).is_err(), "never overwritten");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o440)).unwrap();
        let said = read(&path, &data).err().unwrap().to_string();
        assert!(said.contains("0440") && said.contains("0400"), "{said}");

        let within = data.join("root.key");
        create(&within, &SeededRng::new(1)).unwrap();
        assert!(matches!(read(&within, &data), Err(RootError::Inside(_))));
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(read(&link, &data), Err(RootError::Kind(_))));
    }
}
