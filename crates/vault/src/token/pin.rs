//! The PIN that opens the device: from a file of the vault's user alone, or typed.
//!
//! Not from the environment: a process shows its environment to whoever may look at it, and passes it
//! on to others.
//!
//! ```text
//! read or typed ──noted, durably──▶ tried ─┬─ taken, or not looked at ─▶ the note is emptied
//!                                          └─ refused, or cut off ─────▶ the note stands
//! ```
//!
//! Cut off counts as refused: nobody knows whether the device has counted that try. The note is locked
//! while a PIN is tried, so that the vault and a command beside it do not take each other's try for a
//! refusal.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use cryptoki::types::AuthPin;
use kernel::Timestamp;
use vault_wire::TokenFault;
use zeroize::Zeroizing;

use super::{TokenError, failing};

/// Longest PIN that is read.
const MOST_BYTES: usize = 256;
/// Rights of others than the owner.
const OTHERS: u32 = 0o077;
/// The file of the vault's folder that names the PIN which the device has refused.
pub(crate) const REFUSED: &str = "pin-refused";
/// What a typed PIN is named in it; the second of its try follows.
const TYPED: &str = "typed:";
/// Between a typed PIN that was refused and the next one.
const WAIT_SECONDS: u64 = 60;

/// A PIN. Wiped when it goes, and never printed.
pub struct Pin {
    text: Zeroizing<String>,
    /// Nothing of one that was typed, until it is to be tried.
    note: Option<Note>,
}

impl Pin {
    /// As somebody has typed it, without the end of the line.
    #[must_use]
    pub fn typed(text: Zeroizing<String>) -> Self {
        Self { text, note: None }
    }

    /// The same, to be tried now beside this folder.
    pub(super) fn noted_in(self, data_dir: &Path, now: Timestamp) -> Self {
        let name = format!("{TYPED}{}", now.as_seconds());
        Self { note: Some(Note { name, dir: data_dir.to_owned() }), ..self }
    }

    /// Whether the device has refused it; where the note cannot be read, it counts as refused.
    pub(super) fn was_refused(&self) -> bool {
        let stands = |note: &Note| note.stands_in(&opened(&note.dir)?);
        self.note.as_ref().is_some_and(|note| stands(note).unwrap_or(true))
    }

    /// Tries it, unless it was refused: noted from before the try until the device has taken it.
    pub(super) fn tried(
        &self,
        log_in: impl FnOnce(&AuthPin) -> Result<(), TokenFault>,
    ) -> Result<(), TokenFault> {
        let pin = AuthPin::from(self.text.as_str());
        let Some(note) = &self.note else { return log_in(&pin) };
        let file = opened(&note.dir).map_err(failing)?;
        if note.stands_in(&file).map_err(failing)? {
            return Err(TokenFault::PinRefused);
        }
        note.write_into(&file).map_err(failing)?;
        let told = log_in(&pin);
        if told != Err(TokenFault::PinRefused)
            && let Err(error) = emptied(&file)
        {
            tracing::error!(%error, "ALARM: the next start will not try the PIN: unseal it then");
        }
        told
    }
}

/// What the vault's folder says of a PIN.
struct Note {
    /// The file as it was when the PIN was read, or when the PIN was typed.
    name: String,
    dir: PathBuf,
}

impl Note {
    fn of(about: &Metadata, data_dir: &Path) -> Self {
        let (seconds, nanos) = (about.mtime(), about.mtime_nsec());
        let name = format!("{}:{}:{seconds}.{nanos:09}", about.ino(), about.size());
        Self { name, dir: data_dir.to_owned() }
    }

    fn stands_in(&self, mut file: &File) -> io::Result<bool> {
        let mut noted = String::new();
        file.read_to_string(&mut noted)?;
        Ok(noted == self.name)
    }

    fn write_into(&self, file: &File) -> io::Result<()> {
        file.set_len(0)?;
        file.write_all_at(self.name.as_bytes(), 0)?;
        file.sync_all()?;
        // The file may be new.
        File::open(&self.dir)?.sync_all()
    }
}

/// The note of this folder, for us alone while it is open.
fn opened(data_dir: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(data_dir.join(REFUSED))?;
    file.lock()?;
    Ok(file)
}

fn emptied(note: &File) -> io::Result<()> {
    note.set_len(0)?;
    note.sync_all()
}

pub(super) fn forget_refusal(data_dir: &Path) -> io::Result<()> {
    emptied(&opened(data_dir)?)
}

/// Seconds until another PIN may be typed, where one was refused a moment ago; over restarts, too.
pub(super) fn wait_seconds(data_dir: &Path, now: Timestamp) -> Option<u32> {
    let noted = fs::read_to_string(data_dir.join(REFUSED)).ok()?;
    let tried: i64 = noted.strip_prefix(TYPED)?.parse().ok()?;
    // A clock that was set back makes nobody wait for hours.
    let left = WAIT_SECONDS.checked_sub(now.as_seconds().abs_diff(tried))?;
    u32::try_from(left).ok().filter(|left| *left > 0)
}

/// Reads the PIN, after checking that nobody else can.
pub(super) fn read(path: &Path, data_dir: &Path) -> Result<Pin, TokenError> {
    let wrong = |why: String| TokenError::PinFile(path.to_owned(), why);
    let io = |error: io::Error| TokenError::PinFile(path.to_owned(), error.to_string());
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
    Ok(Pin { text, note: Some(Note::of(&about, data_dir)) })
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
        assert_eq!(read(&path, &data).unwrap().text.as_str(), "9173");
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
            read(&path, &data).unwrap()
        };
        let refused = |_: &AuthPin| Err(TokenFault::PinRefused);
        let wrong = file("1111");
        assert!(!wrong.was_refused());
        assert_eq!(wrong.tried(|_| Err(TokenFault::Failing)), Err(TokenFault::Failing));
        assert!(!wrong.was_refused(), "the device did not look at it");
        assert_eq!(wrong.tried(refused), Err(TokenFault::PinRefused));
        assert!(wrong.was_refused());
        let again = read(&path, &data).unwrap();
        assert!(again.was_refused(), "after a restart, too");
        let told = again.tried(|_| panic!("tried again"));
        assert_eq!(told, Err(TokenFault::PinRefused));
        let other = file("22222");
        assert!(!other.was_refused(), "another PIN is tried");
        assert_eq!(other.tried(|_| Ok(())), Ok(()));
        assert!(!other.was_refused() && !again.was_refused());
        assert_eq!(again.tried(refused), Err(TokenFault::PinRefused));
        forget_refusal(&data).unwrap();
        assert!(!again.was_refused());
    }

    #[test]
    fn v_125_a_try_that_was_cut_off_counts_as_a_refusal() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join(REFUSED);
        let note = Note { name: "7:5:1.000000000".into(), dir: data.path().to_owned() };
        let pin = Pin { text: Zeroizing::new("9173".into()), note: Some(note) };
        let mut at_the_try = String::new();
        let told = pin.tried(|_| {
            at_the_try = fs::read_to_string(&path).unwrap();
            Ok(())
        });
        assert_eq!(told, Ok(()));
        assert!(!pin.was_refused());
        fs::write(&path, at_the_try).unwrap();
        assert!(pin.was_refused(), "as a process leaves it that dies while it tries");
        let nowhere = Note { name: "7".into(), dir: path };
        let pin = Pin { text: Zeroizing::new("9173".into()), note: Some(nowhere) };
        assert!(pin.was_refused(), "what cannot be noted is not tried");
        assert_eq!(pin.tried(|_| panic!("tried")), Err(TokenFault::Failing));
    }

    #[test]
    fn v_125_after_a_typed_pin_that_was_refused_the_next_one_waits() {
        let data = tempfile::tempdir().unwrap();
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let wait = |seconds| wait_seconds(data.path(), at(seconds));
        let typed =
            |seconds| Pin::typed(Zeroizing::new("9173".into())).noted_in(data.path(), at(seconds));
        assert_eq!(wait(1_000), None);
        let refused = typed(1_000).tried(|_| Err(TokenFault::PinRefused));
        assert_eq!(refused, Err(TokenFault::PinRefused));
        assert_eq!([wait(1_000), wait(1_059), wait(1_060)], [Some(60), Some(1), None]);
        assert_eq!(wait(500), None, "a clock that was set back makes nobody wait for hours");
        assert!(!typed(1_060).was_refused(), "another one is another PIN");
        assert_eq!(typed(1_060).tried(|_| Ok(())), Ok(()));
        assert_eq!(wait(1_061), None);
    }
}
