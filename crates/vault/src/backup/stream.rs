//! A sealed file of lines: parts of 256 KiB, each sealed under the file's key with its number and
//! whether it is the last, so that none can be taken out, put elsewhere or left off.
//!
//! Part: length (u32, big-endian) ‖ nonce (24) ‖ sealed text ‖ tag (16), XAES-256-GCM.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use kernel::Rng;
use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::keys::bytes::hex;
use crate::keys::xaes::{self, NONCE_BYTES, TAG_BYTES};
use crate::keys::{Key, length_prefixed};

const PART_BYTES: usize = 256 * 1024;
/// A line is shorter than this, so a part is, too.
const MOST_PART_BYTES: usize = 4 * 1024 * 1024;
/// Ends the name of a file that is not whole yet.
const UNFINISHED: &str = ".new";

/// What the manifest says of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileMark {
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// Where sealed lines belong: another backup's file, or the other file, does not open.
#[derive(Clone, Copy)]
pub(super) struct Belongs<'b> {
    pub(super) key: &'b Key,
    /// Name of the backup.
    pub(super) backup: &'b str,
    /// Name of the file.
    pub(super) file: &'b str,
}

impl Belongs<'_> {
    fn aad(&self, number: u64, last: Last) -> Vec<u8> {
        let last = if last == Last::Yes { "last" } else { "more" };
        length_prefixed(&["guichet.backup.v1", self.backup, self.file, &number.to_string(), last])
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Yes,
    No,
}

/// A file that gets its name when it is whole and on the disk.
pub(super) struct NewFile {
    file: File,
    path: PathBuf,
    hash: digest::Context,
    bytes: u64,
}

impl NewFile {
    /// Begins a file beside the name it will have.
    pub(super) fn create(path: PathBuf) -> Result<Self, BackupError> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(unfinished(&path));
        let file = file.map_err(BackupError::io(&path))?;
        Ok(Self { file, path, hash: digest::Context::new(&digest::SHA256), bytes: 0 })
    }

    /// Adds bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        self.file.write_all(bytes).map_err(BackupError::io(&self.path))?;
        self.hash.update(bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// On the disk, under its name.
    pub(super) fn finish(self) -> Result<FileMark, BackupError> {
        let io = || BackupError::io(&self.path);
        self.file.sync_all().map_err(io())?;
        std::fs::rename(unfinished(&self.path), &self.path).map_err(io())?;
        let dir = self.path.parent().unwrap_or(Path::new("."));
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(io())?;
        Ok(FileMark { bytes: self.bytes, sha256: hex(self.hash.finish().as_ref()) })
    }
}

/// Removes what a crash has left of a file that was not finished.
pub(super) fn remove_unfinished(path: &Path) -> Result<(), BackupError> {
    match std::fs::remove_file(unfinished(path)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(BackupError::io(path)(error))
        }
        _ => Ok(()),
    }
}

pub(super) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

/// Writes sealed lines.
pub(super) struct SealedWriter<'b> {
    belongs: Belongs<'b>,
    rng: &'b dyn Rng,
    file: NewFile,
    text: Vec<u8>,
    parts: u64,
}

impl<'b> SealedWriter<'b> {
    pub(super) fn new(belongs: Belongs<'b>, file: NewFile, rng: &'b dyn Rng) -> Self {
        Self { belongs, rng, file, text: Vec::new(), parts: 0 }
    }

    /// Adds a line.
    pub(super) fn line(&mut self, line: &str) -> Result<(), BackupError> {
        self.text.extend_from_slice(line.as_bytes());
        self.text.push(b'\n');
        if self.text.len() >= PART_BYTES { self.part(Last::No) } else { Ok(()) }
    }

    fn part(&mut self, last: Last) -> Result<(), BackupError> {
        let mut nonce = [0; NONCE_BYTES];
        self.rng.fill(&mut nonce);
        let aad = self.belongs.aad(self.parts, last);
        let text = std::mem::take(&mut self.text);
        let sealed = xaes::seal(self.belongs.key, &nonce, &aad, text)?;
        let length = sealed.len().saturating_add(NONCE_BYTES);
        let length = u32::try_from(length).map_err(|_| BackupError::Damaged("a part".into()))?;
        for bytes in [length.to_be_bytes().as_slice(), &nonce, &sealed] {
            self.file.write(bytes)?;
        }
        self.parts = self.parts.saturating_add(1);
        Ok(())
    }

    /// The last part, and the file's name.
    pub(super) fn finish(mut self) -> Result<FileMark, BackupError> {
        self.part(Last::Yes)?;
        self.file.finish()
    }
}

/// Reads every line of a sealed file, a part in memory at a time.
///
/// # Errors
/// [`BackupError::Damaged`] naming the file when a part does not open, lacks or is too many; what
/// `see` says.
pub(super) fn each_line(
    path: &Path,
    belongs: Belongs<'_>,
    see: &mut dyn FnMut(&str) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let damaged = || BackupError::Damaged(belongs.file.to_owned());
    let mut file = BufReader::new(File::open(path).map_err(BackupError::io(path))?);
    for number in 0_u64.. {
        let mut length = [0; 4];
        file.read_exact(&mut length).map_err(|_| damaged())?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| damaged())?;
        if !(NONCE_BYTES + TAG_BYTES..=MOST_PART_BYTES).contains(&length) {
            return Err(damaged());
        }
        let mut part = vec![0; length];
        file.read_exact(&mut part).map_err(|_| damaged())?;
        let (nonce, sealed) = part.split_first_chunk().ok_or_else(damaged)?;
        let open = |last| xaes::open(belongs.key, nonce, &belongs.aad(number, last), sealed);
        let (text, last) = match open(Last::No) {
            Ok(text) => (text, Last::No),
            Err(_) => (open(Last::Yes).map_err(|_| damaged())?, Last::Yes),
        };
        for line in std::str::from_utf8(&text).map_err(|_| damaged())?.lines() {
            see(line)?;
        }
        if last == Last::Yes {
            let more = file.read(&mut [0]).map_err(BackupError::io(path))?;
            return if more == 0 { Ok(()) } else { Err(damaged()) };
        }
    }
    Err(damaged())
}

/// What a file is now.
pub(super) fn mark(path: &Path) -> Result<FileMark, BackupError> {
    let mut file = File::open(path).map_err(BackupError::io(path))?;
    let (mut hash, mut bytes) = (digest::Context::new(&digest::SHA256), 0_u64);
    let mut part = vec![0; PART_BYTES];
    loop {
        let read = file.read(&mut part).map_err(BackupError::io(path))?;
        if read == 0 {
            return Ok(FileMark { bytes, sha256: hex(hash.finish().as_ref()) });
        }
        hash.update(part.get(..read).unwrap_or_default());
        bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;
    use crate::keys::bytes::tests::counting;

    fn lines(path: &Path, belongs: Belongs<'_>) -> Result<Vec<String>, BackupError> {
        let mut all = Vec::new();
        each_line(path, belongs, &mut |line| {
            all.push(line.to_owned());
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn v_151_no_part_can_be_taken_out_moved_or_left_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cards.bak");
        let (key, rng) = (counting(1), SeededRng::new(4));
        let belongs = Belongs { key: &key, backup: "backup-a", file: "cards.bak" };
        let mut writer = SealedWriter::new(belongs, NewFile::create(path.clone()).unwrap(), &rng);
        let line = "x".repeat(PART_BYTES / 2);
        for _ in 0..5 {
            writer.line(&line).unwrap();
        }
        assert!(!path.exists(), "it has no name before it is whole");
        let told = writer.finish().unwrap();
        assert_eq!(mark(&path).unwrap(), told);
        assert_eq!(lines(&path, belongs).unwrap(), vec![line; 5]);
        for other in [
            Belongs { backup: "backup-b", ..belongs },
            Belongs { file: "slots.bak", ..belongs },
            Belongs { key: &counting(2), ..belongs },
        ] {
            assert!(lines(&path, other).is_err());
        }
        let whole = std::fs::read(&path).unwrap();
        let first = u32::from_be_bytes(*whole.first_chunk().unwrap()) as usize + 4;
        let without_first = whole.get(first..).unwrap().to_vec();
        let doubled = [whole.get(..first).unwrap(), &whole].concat();
        let more = [whole.as_slice(), b"x"].concat();
        let mut cut = whole.clone();
        cut.truncate(first);
        for bent in [without_first, doubled, more, cut, Vec::new()] {
            std::fs::write(&path, bent).unwrap();
            assert!(matches!(lines(&path, belongs), Err(BackupError::Damaged(_))));
        }
    }
}
