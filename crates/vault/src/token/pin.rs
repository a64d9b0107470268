//! The PIN that opens the device: from a file of the vault's user alone, or typed.
//!
//! Not from the environment: a process shows its environment to whoever may look at it, and passes it
//! on to others.

use std::fs::{self, File, Metadata};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use super::TokenError;

/// Longest PIN that is read.
const MOST_BYTES: usize = 256;
/// Rights of others than the owner.
const OTHERS: u32 = 0o077;
/// The file of the vault's folder that names a PIN which the device has refused.
const REFUSED: &str = "pin-refused";

/// A PIN. Wiped when it goes, and never printed.
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// As somebody has typed it, without the end of the line.
    #[must_use]
    pub fn typed(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    pub(super) fn for_the_device(&self) -> AuthPin {
        AuthPin::from(self.0.as_str())
    }
}

/// A file as it was when its PIN was read.
pub(super) struct PinFile(String);

impl PinFile {
    fn of(about: &Metadata) -> Self {
        let (seconds, nanos) = (about.mtime(), about.mtime_nsec());
        Self(format!("{}:{}:{seconds}.{nanos:09}", about.ino(), about.size()))
    }

    /// Whether the device has refused what stood in it; a note that cannot be read, or that a full
    /// disk cut short, counts as one.
    pub(super) fn was_refused(&self, data_dir: &Path) -> bool {
        match fs::read_to_string(data_dir.join(REFUSED)) {
            Ok(noted) => self.0.starts_with(&noted),
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        }
    }

    /// Durable, so that no start tries it again.
    pub(super) fn note_refusal(&self, data_dir: &Path) -> std::io::Result<()> {
        let mut file = File::create(data_dir.join(REFUSED))?;
        file.write_all(self.0.as_bytes())?;
        file.sync_all()?;
        File::open(data_dir)?.sync_all()
    }
}

pub(super) fn forget_refusal(data_dir: &Path) -> std::io::Result<()> {
    match fs::remove_file(data_dir.join(REFUSED)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Reads the PIN, after checking that nobody else can.
pub(super) fn read(path: &Path, data_dir: &Path) -> Result<(PinFile, Pin), TokenError> {
    let wrong = |why: String| TokenError::PinFile(path.to_owned(), why);
    let io = |error: std::io::Error| TokenError::PinFile(path.to_owned(), error.to_string());
    let real = path.canonicalize().map_err(io)?;
    // A vault that has never started has no folder yet.
    if data_dir.canonicalize().is_ok_and(|data_dir| real.starts_with(data_dir)) {
        return Err(wrong("it lies inside the data directory: keep it apart".into()));
    }
    let file = File::open(path).map_err(io)?;
    let about = file.metadata().map_err(io)?;
    if let Some(why) = rights(&about) {
        return Err(wrong(why));
    }
    let mut text = Zeroizing::new(String::with_capacity(MOST_BYTES));
    file.take(MOST_BYTES as u64).read_to_string(&mut text).map_err(io)?;
    let length = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(length);
    if text.is_empty() {
        return Err(wrong("it is empty: one line with the PIN".into()));
    }
    Ok((PinFile::of(&about), Pin(text)))
}

pub(super) fn fault(path: &Path) -> Option<String> {
    fs::metadata(path).map_or_else(|error| Some(error.to_string()), |about| rights(&about))
}

/// What is wrong with whom it belongs to and who may read it.
fn rights(about: &Metadata) -> Option<String> {
    let (mode, user) = (about.mode() & 0o777, rustix::process::geteuid().as_raw());
    if !about.is_file() {
        Some("it is not a regular file".into())
    } else if mode & OTHERS != 0 {
        Some(format!("it has mode {mode:04o}: others may read it (chmod 0400)"))
    } else if about.uid() != user {
        Some(format!("it belongs to user {}, the vault runs as {user}", about.uid()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn v_125_a_pin_file_that_others_may_read_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let (data, path) = (dir.path().join("data"), dir.path().join("pin"));
        fs::create_dir(&data).unwrap();
        let said = |path: &Path| read(path, &data).err().unwrap().to_string();
        assert!(said(&path).contains("pin"), "it is missing");
        fs::write(&path, "9173\n").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(said(&path).contains("0640") && !said(&path).contains("9173"));
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        assert_eq!(read(&path, &data).unwrap().1.0.as_str(), "9173");
        fs::write(&path, "\n").unwrap();
        assert!(said(&path).contains("empty"));
        let within = data.join("pin");
        fs::copy(&path, &within).unwrap();
        assert!(said(&within).contains("apart"));
    }

    #[test]
    fn v_125_a_refused_pin_is_known_until_its_file_changes() {
        let dir = tempfile::tempdir().unwrap();
        let (data, path) = (dir.path().join("data"), dir.path().join("pin"));
        fs::create_dir(&data).unwrap();
        let file = |pin: &str| {
            fs::write(&path, pin).unwrap();
            fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            read(&path, &data).unwrap().0
        };
        let wrong = file("1111");
        assert!(!wrong.was_refused(&data));
        wrong.note_refusal(&data).unwrap();
        assert!(wrong.was_refused(&data));
        let again = read(&path, &data).unwrap().0;
        assert!(again.was_refused(&data), "after a restart, too");
        assert!(!file("22222").was_refused(&data), "another PIN is tried");
        wrong.note_refusal(&data).unwrap();
        forget_refusal(&data).unwrap();
        assert!(!wrong.was_refused(&data));
        forget_refusal(&data).unwrap();
    }
}
