//! The environment of the process: a fixed list, and temporary files beside the data.
//!
//! SQLite puts what does not fit in memory (a long sort, the undo of a large unit) into a
//! temporary file, and finds the folder by an environment variable. The usual folders are closed
//! by the sandbox, so the process begins anew as the same program with an environment of its own.
//! What is written there is what the database holds: sealed records.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::StartError;

/// Where SQLite puts temporary files.
pub(crate) const TEMPORARY: &str = "SQLITE_TMPDIR";
const BEGUN: &str = "GUICHET_VAULT_BEGUN";
/// Variables that are kept begin so.
const KEPT: [&str; 2] = ["GUICHET_", "RUST_"];

/// Replaces this process by the same program with a clean environment, once.
pub(crate) fn begin_anew(data_dir: &Path) -> Result<(), StartError> {
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
        .env(TEMPORARY, data_dir)
        .env(BEGUN, "yes")
        .exec();
    Err(io(error))
}
