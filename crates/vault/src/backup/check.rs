//! The newest backup is tried each day: restored into a scratch file, some cards opened in memory.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use db::{Db, DbError, DbOptions, Route, Tx};
use kernel::{CardToken, MerchantId, Rng, Timestamp};
use serde_json::json;
use vault_wire::BackupState;

use super::load::{self, Whole};
use super::manifest::{self, HasKeys};
use super::{BackupError, DAY_SECONDS, Trial, rows};
use crate::card::{self, Keeper};
use crate::core::Core;
use crate::keys::slot_key::SLOT_BYTES;
use crate::keys::{Key, Root, record};
use crate::log::{self, Line};
use crate::shop::Shops;
use crate::storage;

/// Cards that a trial opens.
const CARDS: usize = 10;
const EVERY: Duration = Duration::from_secs(60);
/// The folder of a trial, in the vault's own.
const SCRATCH: &str = "backup-trial";
const EVENT: &str = "backup.checked";
/// A trial that failed is done again after so long.
const AGAIN_SECONDS: i64 = 60 * 60;

/// A key of a card in a backup.
type Sealed = (MerchantId, CardToken, [u8; SLOT_BYTES]);

/// A folder that is gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    /// What a former trial has left goes first.
    fn new(data_dir: &Path) -> Result<Self, BackupError> {
        let path = data_dir.join(SCRATCH);
        if path.exists() {
            std::fs::remove_dir_all(&path).map_err(BackupError::io(&path))?;
        }
        std::fs::create_dir(&path).map_err(BackupError::io(&path))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::error!(%error, "the scratch folder of a trial is not gone");
        }
    }
}

impl Core {
    /// Looks after the backups beside everything else: a trial takes long, and due cards do not
    /// wait for it.
    pub(crate) async fn try_backups_forever(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY).await;
            self.try_backup_if_due().await;
        }
    }

    /// Destroys keys of cards that are too old, and tries the newest backup if the last trial is a
    /// day old. While a backup is made or keys change, nothing is done: the next turn does it.
    pub(crate) async fn try_backup_if_due(&self) {
        let Ok(dir) = self.backups.dir() else { return };
        let dir = dir.to_owned();
        let Some(turn) = self.rotations.hold_if_free() else { return };
        if let Err(error) = self.tidy_backups(&dir, None).await {
            tracing::error!(%error, "ALARM: outdated backups keep keys of cards");
        }
        drop(turn);
        let now = self.clock.now();
        let last = self.backups.last();
        let rest = if last.as_ref().is_some_and(|trial| trial.fault.is_some()) {
            AGAIN_SECONDS
        } else {
            DAY_SECONDS
        };
        let due = last.is_none_or(|trial| trial.at.plus_seconds(rest) <= now);
        if due && matches!(manifest::newest(&dir), Ok(Some(_))) {
            self.try_backup().await;
        }
    }

    /// Tries the newest backup; how backups stand then.
    pub(crate) async fn try_backup(&self) -> Option<BackupState> {
        let dir = self.backups.dir().ok()?.to_owned();
        // No backup begins, and no key goes, meanwhile.
        let turn = self.rotations.hold().await;
        let (keeper, now) = (Arc::clone(&self.keeper), self.clock.now());
        let (root, data_dir) = (Arc::clone(&self.backups.root), self.backups.data_dir.clone());
        let runtime = tokio::runtime::Handle::current();
        let work = move || runtime.block_on(tried((&dir, &data_dir), (&keeper, &root), now));
        let done = tokio::task::spawn_blocking(work).await;
        drop(turn);
        let done = done.unwrap_or_else(|_| Err(DbError::Panicked.into()));
        let trial = match done {
            Ok(opened) => Trial { at: now, opened, fault: None },
            Err(error) => {
                tracing::error!(%error, "ALARM: the newest backup does not open");
                Trial { at: now, opened: 0, fault: Some(error.to_string()) }
            }
        };
        let place = log::installation();
        let line = Line::new(EVENT, place, "clock", now, &*self.keeper.rng)
            .purpose(if trial.fault.is_none() { "opened" } else { "fault" })
            .details(json!({ "cards": trial.opened }));
        let line = if trial.fault.is_none() { line } else { log::refused(line) };
        let note = move |tx: &mut Tx<'_>| log::append(tx, &line).map(|_| ());
        let noted = self.keeper.db.write::<_, DbError, _>(Route::of(place.0.id()), note).await;
        if let Err(error) = noted {
            tracing::error!(%error, "the trial of a backup was not logged");
        }
        *self.backups.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(trial);
        self.backups.state(now)
    }
}

impl super::Backups {
    fn last(&self) -> Option<Trial> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How backups stand; nothing where there is no folder for them.
    pub(crate) fn state(&self, now: Timestamp) -> Option<BackupState> {
        let newest = manifest::newest(self.dir.as_deref()?).ok().flatten();
        let last = self.last();
        let age = newest.as_ref().map_or(0, |named| {
            u64::try_from(now.as_seconds().saturating_sub(named.at.as_seconds())).unwrap_or(0)
        });
        Some(BackupState {
            newest: newest.map(|named| named.name),
            age_seconds: age,
            checked_at: last.as_ref().map(|trial| trial.at),
            opened: last.as_ref().map_or(0, |trial| trial.opened),
            fault: last.and_then(|trial| trial.fault),
        })
    }
}

/// Opens cards of the newest backup; how many.
async fn tried(
    (dir, data_dir): (&Path, &Path),
    (keeper, root): (&Keeper, &Arc<Root>),
    now: Timestamp,
) -> Result<u64, BackupError> {
    let refused = |why: &str| BackupError::Refused(why.to_owned());
    let newest = manifest::newest(dir)?.ok_or_else(|| refused("there is no whole backup"))?;
    let (whole, has) = load::whole(&newest.path, root)?;
    let ring_key = keeper.keyring.backup(whole.manifest.ring_key);
    let ring_key = match (has, ring_key) {
        (HasKeys::Yes, Some(key)) => key,
        _ => return Err(refused("the newest backup has no keys of cards any more: make one")),
    };
    let scratch = Scratch::new(data_dir)?;
    let db = whole.tables_at(&DbOptions::sqlite(scratch.0.join(storage::FILE))).await?;
    let shops = Shops::open(db.clone(), Arc::clone(root), Arc::clone(&keeper.rng), now).await?;
    let (sample, count) = sample(&whole, &*keeper.rng)?;
    if count != whole.manifest.cards {
        return Err(BackupError::Damaged(format!("{}: the number of keys", super::SLOTS)));
    }
    let mut opened = 0_u64;
    for sealed in &sample {
        open_one(&db, &shops, sealed, &ring_key.key)?;
        opened = opened.saturating_add(1);
    }
    match whole.manifest.without_key {
        0 => Ok(opened),
        lost => Err(refused(&format!(
            "the keys of {lost} cards did not open when it was made: their numbers are lost"
        ))),
    }
}

/// Some keys of cards, any as likely as any other, and how many there are.
fn sample(whole: &Whole, rng: &dyn Rng) -> Result<(Vec<Sealed>, u64), BackupError> {
    let (mut chosen, mut count) = (Vec::with_capacity(CARDS), 0_u64);
    whole.each_slot(&mut |line| {
        let sealed = rows::read_slot(line)?;
        count = count.saturating_add(1);
        let mut bytes = [0; 8];
        rng.fill(&mut bytes);
        let place = u64::from_be_bytes(bytes).checked_rem(count).unwrap_or(0);
        if chosen.len() < CARDS {
            chosen.push(sealed);
        } else if let Some(slot) =
            usize::try_from(place).ok().and_then(|place| chosen.get_mut(place))
        {
            *slot = sealed;
        }
        Ok(())
    })?;
    Ok((chosen, count))
}

/// Opens a card with its key of the backup; the text is dropped at once.
fn open_one(
    db: &Db,
    shops: &Shops,
    (merchant, card, slot): &Sealed,
    backup: &Key,
) -> Result<(), BackupError> {
    let (merchant, token) = (*merchant, *card);
    let find = |tx: &mut Tx<'_>| card::store::card(tx, merchant, token);
    let row = db.read_blocking::<_, DbError, _>(find)?;
    let damaged = || BackupError::Damaged(token.to_string());
    let row = row.ok_or_else(damaged)?;
    let shop = shops.get(merchant, row.shop).ok_or_else(damaged)?;
    let (key, _) = Keeper::key_of_backup(&shop, token, (slot, backup)).ok_or_else(damaged)?;
    let sealed = row.record.as_deref().ok_or_else(damaged)?;
    record::open(&key, &card::place(&row), sealed).map(drop).map_err(|_| damaged())
}
