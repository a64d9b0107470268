//! The root changes: every key below it is sealed anew under the new one, before the doors open.
//!
//! | step | written | a crash after it leaves |
//! |---|---|---|
//! | 1 | nothing: all keys sealed anew in memory, and opened again in the device | the former root opens the vault |
//! | 2 | every row of `vault_key`, in one commit | rows under the new root, the keyring under the former: the next start goes on |
//! | 3 | the keyring, exchanged; the former file written over | the new root alone opens the vault |
//! | 4 | the log: `root.changed` | the same; the line is missing |
//!
//! Between 2 and 3 the vault needs both roots; only what the disk refuses can be in the way then.
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
use crate::keys::keyring::{self, RingKey};
use crate::keys::wrap::{Purpose, unwrap, wrap_anew};
use crate::keys::{Corrupt, Root};
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
    let (root, dir) = (Arc::clone(root), data_dir.to_owned());
    // The device is asked on a thread that may wait for it.
    let sealed = tokio::task::spawn_blocking(move || sealed_anew(rows, &dir, (&former, &root)));
    let sealed = sealed.await.map_err(|error| StartError::Storage(error.to_string()))?;
    let (anew, ring) = sealed?;
    step("root_sealed");
    let count = anew.len();
    let write = move |tx: &mut db::Tx<'_>| {
        anew.iter().try_for_each(|(row, wrapped)| store::seal_key_anew(tx, row, wrapped))
    };
    db.write::<_, DbError, _>(Route::any(), write).await.map_err(failed)?;
    step("root_rows");
    keyring::write(data_dir, &ring, &OsRng)?;
    step("root_keyring");
    let now = SystemClock.now();
    let line = Line::new("root.changed", log::installation(), "operator", now, &OsRng);
    let append = move |tx: &mut db::Tx<'_>| log::append(tx, &line);
    db.write::<_, DbError, _>(Route::any(), append).await.map_err(failed)?;
    tracing::warn!(keys = count, "the root has changed: make a backup, destroy the former root");
    Ok(())
}

/// The rows that change, and the whole keyring.
type Anew = (Vec<(StoredKey, Vec<u8>)>, Vec<Arc<RingKey>>);

fn sealed_anew(
    rows: Vec<StoredKey>,
    data_dir: &Path,
    (former, root): (&Root, &Root),
) -> Result<Anew, StartError> {
    let changed = rows.into_iter().filter_map(|row| anew(row, former, root).transpose());
    let changed: Result<Vec<_>, String> = changed.collect();
    let ring = keyring::under_another(data_dir, (former, root), &OsRng)?;
    Ok((changed.map_err(StartError::Storage)?, ring))
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
            let failed = |Corrupt| format!("the new root does not seal {kind}/{merchant}{shop}");
            wrap_anew(root, &purpose, &key, &OsRng).map_err(failed)?
        }
        Err(Corrupt) if unwrap(root, &purpose, &row.wrapped).is_ok() => return Ok(None),
        Err(Corrupt) => return Err(named()),
    };
    Ok(Some((row, wrapped)))
}
