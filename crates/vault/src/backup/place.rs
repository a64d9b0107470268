//! Where a restore goes: a folder and tables that are empty before, and emptied when one that was cut
//! off begins anew.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use db::{Db, DbError, DbOptions, Place, Route};
use kernel::rng::OsRng;

use super::{BackupError, store};
use crate::MIGRATIONS;
use crate::environment::LOCK;
use crate::keys::keyring;
use crate::token::PIN_NOTE;

/// Says that a restore has begun and is not whole yet.
pub(super) const MARKER: &str = "restoring";
/// Files that hold keys begin so.
const KEYS: [&str; 2] = ["keyring", "slots."];

fn entries(dir: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let all = std::fs::read_dir(dir).map_err(BackupError::io(dir))?;
    let path = |entry: std::io::Result<std::fs::DirEntry>| entry.map(|entry| entry.path());
    all.map(path).collect::<Result<_, _>>().map_err(BackupError::io(dir))
}

/// Whether it is of whoever works on the folder, and of no vault.
fn is_beside(path: &Path) -> bool {
    path.ends_with(LOCK) || path.ends_with(PIN_NOTE)
}

/// Refuses a folder with something in it.
pub(super) fn must_be_empty(dir: &Path) -> Result<(), BackupError> {
    let found = entries(dir)?.into_iter().find(|path| !is_beside(path));
    found.map_or(Ok(()), |path| {
        let why = format!(
            "{} is not empty ({}): a restore never writes over a vault; move it aside first",
            dir.display(),
            path.file_name().unwrap_or_default().to_string_lossy()
        );
        Err(BackupError::Refused(why))
    })
}

/// Refuses tables on a server with something in them; a file goes with its folder.
pub(super) fn tables_must_be_empty(tables: &DbOptions) -> Result<(), BackupError> {
    let Place::Server(_) = &tables.place else { return Ok(()) };
    let missing = db::missing_migrations(&tables.place, &[MIGRATIONS])?;
    if MIGRATIONS.iter().all(|step| missing.contains(&step.name)) {
        return Ok(());
    }
    let empty = db::read_once::<_, DbError, _>(&tables.place, |tx| {
        let all = db::dump::tables(tx)?;
        store::is_empty(tx, &all)
    })?;
    let why = "the vault's tables are not empty: give the new vault an empty schema";
    if empty { Ok(()) } else { Err(BackupError::Refused(why.into())) }
}

/// Empties the tables that a restore had begun to fill; a file goes with its folder.
pub(super) async fn wipe_tables(tables: &DbOptions) -> Result<(), BackupError> {
    let Place::Server(_) = &tables.place else { return Ok(()) };
    let db = Db::open(tables, &[MIGRATIONS])?;
    Ok(db.write::<_, DbError, _>(Route::any(), db::wipe::all_rows).await?)
}

/// Removes what a restore had written; keys are written over first.
pub(super) fn empty(dir: &Path) -> Result<(), BackupError> {
    for path in entries(dir)? {
        if is_beside(&path) || path.ends_with(MARKER) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            std::fs::remove_dir_all(&path).map_err(BackupError::io(&path))?;
        } else if KEYS.iter().any(|lead| name.starts_with(lead)) {
            keyring::wipe(&path, &OsRng)?;
        } else {
            match std::fs::remove_file(&path) {
                // SQLite removes its own files when the last reader of a trial goes.
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(BackupError::io(&path)(error));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Removes a folder with all that a restore had written into it.
pub(super) fn destroy_folder(dir: &Path) -> Result<(), BackupError> {
    if !dir.exists() {
        return Ok(());
    }
    empty(dir)?;
    std::fs::remove_dir_all(dir).map_err(BackupError::io(dir))
}
