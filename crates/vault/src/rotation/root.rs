//! The root changes: every key below it is sealed anew under the new one, before the doors open.
//!
//! | step | written | a crash after it leaves |
//! |---|---|---|
//! | 1 | every row of `vault_key`, in one commit | rows under the new root, the keyring under the former: the next start goes on |
//! | 2 | the keyring, exchanged; the former file written over | the new root alone opens the vault |
//! | 3 | the log: `root.changed` | the same; the line is missing |
//!
//! The keys themselves stay what they are, so that no record and no slot is touched. Whether a root is
//! the vault's is decided by the keyring, which is therefore last.
//!
//! Limits: at a start, from a file into a device. Backups of before stay under the former root.

use std::path::Path;
use std::sync::Arc;

use db::{Db, DbError, Route};
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Clock as _, Id, ShopId};

use super::step;
use crate::StartError;
use crate::keys::wrap::{Purpose, unwrap, wrap};
use crate::keys::{Corrupt, Root, keyring};
use crate::log::{self, Line};
use crate::shop::store::{self, StoredKey};

/// Seals every key of the vault anew, from under the former root.
pub(crate) async fn change(
    (db, data_dir): (&Db, &Path),
    former: Arc<Root>,
    root: &Arc<Root>,
) -> Result<(), StartError> {
    let failed = |error: DbError| StartError::Storage(error.to_string());
    let rows = db.read::<_, DbError, _>(store::all_keys).await.map_err(failed)?;
    let (old, new) = (Arc::clone(&former), Arc::clone(root));
    // The device is asked on a thread that may wait for it.
    let anew = tokio::task::spawn_blocking(move || {
        rows.into_iter().filter_map(|row| anew(row, &old, &new).transpose()).collect()
    });
    let anew: Result<Vec<(StoredKey, Vec<u8>)>, String> =
        anew.await.map_err(|error| StartError::Storage(error.to_string()))?;
    let anew = anew.map_err(StartError::Storage)?;
    let count = anew.len();
    let write = move |tx: &mut db::Tx<'_>| {
        anew.iter().try_for_each(|(row, wrapped)| store::seal_key_anew(tx, row, wrapped))
    };
    db.write::<_, DbError, _>(Route::any(), write).await.map_err(failed)?;
    step("root_rows");
    keyring::change_root(data_dir, (&former, root), &OsRng)?;
    step("root_keyring");
    let now = SystemClock.now();
    let line = Line::new("root.changed", log::installation(), "operator", now, &OsRng);
    let append = move |tx: &mut db::Tx<'_>| log::append(tx, &line);
    db.write::<_, DbError, _>(Route::any(), append).await.map_err(failed)?;
    tracing::warn!(keys = count, "the root has changed: make a backup, destroy the former root");
    Ok(())
}

/// A row with its key sealed under the new root; nothing where it is so already.
fn anew(
    row: StoredKey,
    former: &Root,
    root: &Root,
) -> Result<Option<(StoredKey, Vec<u8>)>, String> {
    let none = Id::from_bytes([0; 16]);
    let shop = if row.shop == none { String::new() } else { ShopId::from(row.shop).to_string() };
    let merchant = row.merchant.to_string();
    let (kind, version) = (row.kind.as_str(), row.version);
    let purpose = Purpose { kind, merchant: &merchant, shop: &shop, version };
    let named = || format!("key {kind}/{merchant}{shop}/{version} opens under neither root");
    let wrapped = match unwrap(former, &purpose, &row.wrapped) {
        Ok(key) => {
            wrap(root, &purpose, &key, &OsRng).map_err(|error: Corrupt| error.to_string())?
        }
        Err(Corrupt) if unwrap(root, &purpose, &row.wrapped).is_ok() => return Ok(None),
        Err(Corrupt) => return Err(named()),
    };
    Ok(Some((row, wrapped)))
}
