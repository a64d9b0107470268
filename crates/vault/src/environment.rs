//! The environment of the process: a fixed list, and temporary files beside the data.
//!
//! SQLite puts what does not fit in memory (a long sort, the undo of a large unit) into a
//! temporary file, and finds the folder by an environment variable. The usual folders are closed
//! by the sandbox, so the process begins anew as the same program with an environment of its own.
//! What is written there is what the database holds: sealed records.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::StartError;

/// Where SQLite puts temporary files.
pub(crate) const TEMPORARY: &str = "SQLITE_TMPDIR";
/// The file of the vault's folder that whoever works on it holds.
pub(crate) const LOCK: &str = "lock";
/// The former process has five seconds to end.
const TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);
const BEGUN: &str = "GUICHET_VAULT_BEGUN";
/// Variables that are kept begin so.
const KEPT: [&str; 2] = ["GUICHET_", "RUST_"];

/// Replaces this process by the same program with a clean environment, once; `more` are in it.
pub(crate) fn begin_anew(
    data_dir: &Path,
    more: &BTreeMap<String, String>,
) -> Result<(), StartError> {
    if std::env::var_os(BEGUN).is_some() {
        return Ok(());
    }
    let io = |error| StartError::Io("beginning with a clean environment".into(), error);
    let data_dir = data_dir.canonicalize().map_err(io)?;
    let kept = std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        KEPT.iter().any(|lead| name.starts_with(lead))
    });
    // The running program itself, also when its file was replaced meanwhile.
    let error = Command::new("/proc/self/exe")
        .args(std::env::args_os().skip(1))
        .env_clear()
        .envs(kept)
        .envs(more)
        .env(TEMPORARY, data_dir)
        .env(BEGUN, "yes")
        .exec();
    Err(io(error))
}

/// Replaces this process by the same program with these variables, unless it has them.
pub(crate) fn begin_with(more: &BTreeMap<String, String>) -> std::io::Result<()> {
    if more.iter().all(|(name, value)| std::env::var(name).is_ok_and(|known| known == *value)) {
        return Ok(());
    }
    Err(Command::new("/proc/self/exe").args(std::env::args_os().skip(1)).envs(more).exec())
}

/// One byte of the kernel's generator, without waiting.
pub(crate) fn kernel_generator() -> rustix::io::Result<()> {
    rustix::rand::getrandom(&mut [0; 1], rustix::rand::GetRandomFlags::NONBLOCK).map(|_| ())
}

/// Keys must not be drawn before the generator of the operating system is seeded, which a machine
/// may reach only some time after its start.
pub(crate) fn generator_is_seeded(
    draw: impl FnOnce() -> rustix::io::Result<()>,
) -> Result<(), StartError> {
    draw().map_err(|error| {
        StartError::Io("the random generator of the system is not seeded yet".into(), error.into())
    })
}

/// The data folder is the vault's own and nobody else may enter it: the app's user has no right
/// on the database, whatever the modes of the files in it.
pub(crate) fn ours_alone(data_dir: &Path) -> Result<(), StartError> {
    let named = data_dir.display();
    let about =
        std::fs::metadata(data_dir).map_err(|error| StartError::Io(named.to_string(), error))?;
    let (mode, user) = (about.mode() & 0o777, rustix::process::geteuid().as_raw());
    if about.uid() != user {
        let owner = about.uid();
        let why = format!("{named} belongs to user {owner}; the vault runs as {user}");
        return Err(StartError::Config(why));
    }
    if mode & 0o077 != 0 {
        let why = format!("{named} has mode {mode:04o}: others may enter it (needed: 0700)");
        return Err(StartError::Config(why));
    }
    Ok(())
}

/// Takes the data folder for this process alone, for as long as the file is open: two vaults would
/// write the same slots. The former process may still be ending.
pub(crate) fn alone(data_dir: &Path) -> Result<File, StartError> {
    let path = data_dir.join(LOCK);
    let io = |error| StartError::Io(path.display().to_string(), error);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&path).map_err(io)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
    }
    let why = format!("{} is in use by another vault that runs", data_dir.display());
    Err(StartError::Config(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_129_a_generator_that_is_not_seeded_ends_the_start() {
        assert!(generator_is_seeded(kernel_generator).is_ok());
        let said = generator_is_seeded(|| Err(rustix::io::Errno::AGAIN)).unwrap_err();
        assert!(said.to_string().contains("not seeded"), "{said}");
    }
}
