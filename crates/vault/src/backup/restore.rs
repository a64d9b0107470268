//! A restore: a process of its own, while no vault runs on the folder.
//!
//! ```text
//! empty ──marker──▶ being restored ──tables, keyring, slots, log──▶ whole (marker gone)
//!                        └─ cut off: the vault does not start; the next restore begins anew
//! ```

use std::fs::File;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use db::{Db, DbOptions, Route, Tx};
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Clock, MerchantId, Rng, Timestamp};
use serde_json::json;

use super::load::{self, Whole};
use super::manifest::{HasKeys, Manifest};
use super::place::{MARKER, destroy_folder, empty, must_be_empty};
use super::place::{tables_must_be_empty, wipe_tables};
use super::recipient::RecipientSecret;
use super::replay::{Replayed, Since};
use super::store::{self, Voided};
use super::stream::{self, NewFile};
use super::{BackupError, MOST_DAYS, manifest, numbers, step};
use crate::environment::LOCK;
use crate::keys::bytes::{hex, sha256, unhex};
use crate::keys::keyring::{self, Keyring};
use crate::keys::{Key, Root, root};
use crate::log::{self, Line, Signer};
use crate::sealing::GatheredRoot;
use crate::{Config, StartError, environment, kernel_calls, storage};

const TRIAL: &str = "restore-trial";
const SHORTEST_NAME: usize = 3;

/// What the operator wants.
#[derive(Debug, Clone, Default)]
pub struct RestoreWish {
    /// A backup, or the folder with all of them: the newest, then.
    pub folder: PathBuf,
    /// Files with recipients' secret keys; the first that fits is used.
    pub keys: Vec<PathBuf>,
    /// The newest log that was saved.
    pub log: Option<PathBuf>,
    /// The app's list of cards that are gone.
    pub gone: Option<PathBuf>,
    /// What the operators accept.
    pub accept: Vec<Accepted>,
    /// Who accepts it.
    pub operators: Vec<String>,
    /// The root, where custodians have brought it together; else its file is read.
    pub root: Option<GatheredRoot>,
    /// Only tells what would return.
    pub trial: bool,
}

/// What two operators may accept together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Cards that were destroyed after the backup return, because nothing tells which.
    Return,
    /// Keys of cards that are older than a week.
    OldSlots,
    /// No number returns: tokens and history only. One operator may.
    NoNumbers,
}

/// What a restore has done, or would do.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Restored {
    /// Name of the backup.
    pub name: String,
    /// When it was made.
    pub at: Option<Timestamp>,
    /// Cards whose number is back.
    pub cards: u64,
    /// Of these, cards whose date has passed: destroyed at the start, before the doors open.
    pub due: u64,
    /// Cards that were destroyed after the backup, and again.
    pub destroyed: u64,
    /// Cards whose number is lost: their tokens and history are back.
    pub without_number: u64,
    /// Security codes that are lost.
    pub codes: u64,
    /// Links that are void.
    pub links: u64,
    /// Open card pages that are void.
    pub pages: u64,
    /// People whose PIN tries or rights were brought up to date.
    pub viewers: u64,
    /// Entries of the log that were taken over from the saved one.
    pub entries: u64,
    /// Up to when the saved log tells of destructions.
    pub log_until: Option<Timestamp>,
}

/// Whether a restore has been cut off in a folder: then its vault must not start.
pub(crate) fn must_be_whole(data_dir: &Path) -> Result<(), StartError> {
    if !data_dir.join(MARKER).exists() {
        return Ok(());
    }
    let named = data_dir.display();
    let why = format!("a restore into {named} was cut off: run guichet vault restore again");
    Err(StartError::Config(why))
}

/// Destroys what a trial that was killed has left in a folder: it holds keys of cards.
pub(crate) fn forget_trial(data_dir: &Path) -> Result<(), StartError> {
    destroy_trial(data_dir).map_err(|error| StartError::Storage(error.to_string()))
}

/// The same; a trial that runs keeps its folder, and destroys it itself.
fn destroy_trial(data_dir: &Path) -> Result<(), BackupError> {
    let dir = data_dir.join(TRIAL);
    let lock = File::open(dir.join(LOCK)).ok();
    if lock.as_ref().is_some_and(|lock| lock.try_lock().is_err()) {
        return Ok(());
    }
    destroy_folder(&dir)
}

/// Restores a backup, or tells what would return.
///
/// # Errors
/// [`BackupError`]; its sentence names the cure.
pub fn restore(config: &Config, wish: &RestoreWish) -> Result<Restored, BackupError> {
    kernel_calls::wipe_what_is_freed();
    for missing in crate::confine::limits() {
        tracing::warn!(missing, "the process of the restore is not closed in");
    }
    restore_here(config, wish)
}

/// The same, in a process that stays as it is.
pub(crate) fn restore_here(config: &Config, wish: &RestoreWish) -> Result<Restored, BackupError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(BackupError::io(&wish.folder))?;
    runtime.block_on(run(config, wish))
}

async fn run(config: &Config, wish: &RestoreWish) -> Result<Restored, BackupError> {
    let now = SystemClock.now();
    make_dir(&config.data_dir)?;
    environment::ours_alone(&config.data_dir)?;
    let root = match &wish.root {
        Some(gathered) => Arc::clone(&gathered.0),
        None => Arc::new(Root::Here(root::read(&config.root_file, &config.data_dir)?)),
    };
    let (whole, has) = load::whole(&chosen(&wish.folder)?, &root)?;
    clock_is_right(&whole.manifest, now)?;
    let keys = keys(wish, (&whole.manifest, has), now)?;
    let paths = (wish.log.as_deref(), wish.gone.as_deref());
    if paths == (None, None) {
        accepted(wish, Accepted::Return, NOTHING_TELLS)?;
    }
    let since = Arc::new(Since::read(paths, &whole.manifest)?);
    let target = if wish.trial { Target::trial(config)? } else { Target::real(config).await? };
    let work = Work { whole, keys, since, root, now, rng: Arc::new(OsRng), wish };
    let restored = work.into_target(config, &target).await;
    match restored {
        Ok(restored) => target.finish().map(|()| restored),
        Err(error) => {
            target.give_up();
            Err(error)
        }
    }
}

const NOTHING_TELLS: &str = "nothing tells which cards were destroyed after the backup: bring the \
    newest log (--log) or the app's list (--gone). Without either, --accept-return and two \
    operators (--operator NAME twice) accept that destroyed cards return";
const OLD_KEYS: &str = "keys of cards that are so old serve nobody but a thief: make no use of \
    them, or --old-slots and two operators (--operator NAME twice) accept it";
const NO_KEYS: &str = "without a recipient's secret key (--key FILE) no number returns; \
    --without-numbers accepts tokens and history only";

/// A clock that is behind would take old keys for fresh ones, and due cards for live ones.
fn clock_is_right(manifest: &Manifest, now: Timestamp) -> Result<(), BackupError> {
    if manifest.at <= now {
        return Ok(());
    }
    let made = manifest.at;
    let why =
        format!("it is {now} by this machine's clock, the backup is of {made}: set the clock");
    Err(BackupError::Refused(why))
}

/// What is to be done needs an acceptance by two people.
fn accepted(wish: &RestoreWish, what: Accepted, why: &str) -> Result<(), BackupError> {
    let mut names: Vec<String> =
        wish.operators.iter().map(|name| name.trim().to_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    let two = names.iter().filter(|name| name.chars().count() >= SHORTEST_NAME).count() >= 2;
    if two && wish.accept.contains(&what) {
        return Ok(());
    }
    Err(BackupError::Refused(why.to_owned()))
}

/// The backup of a folder, or the newest whole one in it.
fn chosen(folder: &Path) -> Result<PathBuf, BackupError> {
    if folder.join(super::MANIFEST).exists() {
        return Ok(folder.to_owned());
    }
    Ok(manifest::newest(folder)?.map_or_else(|| folder.to_owned(), |named| named.path))
}

/// The backup key, if numbers are to return.
fn keys(
    wish: &RestoreWish,
    (manifest, has): (&Manifest, HasKeys),
    now: Timestamp,
) -> Result<Option<Key>, BackupError> {
    if has == HasKeys::No || wish.accept.contains(&Accepted::NoNumbers) {
        return Ok(None);
    }
    if manifest.is_outdated(now) {
        let why = format!("the backup is older than {MOST_DAYS} days: {OLD_KEYS}");
        accepted(wish, Accepted::OldSlots, &why)?;
    }
    if wish.keys.is_empty() {
        return Err(BackupError::Refused(NO_KEYS.to_owned()));
    }
    for path in &wish.keys {
        let secret = RecipientSecret::read(path)?;
        let ours = manifest.envelopes.iter().find(|envelope| envelope.recipient == secret.id());
        if let Some(envelope) = ours {
            return Ok(Some(secret.open(envelope, &manifest.name)?));
        }
    }
    let ids: Vec<&str> =
        manifest.envelopes.iter().map(|envelope| envelope.recipient.as_str()).collect();
    let why = format!("none of these keys is a recipient's: the backup has {}", ids.join(", "));
    Err(BackupError::Refused(why))
}

fn make_dir(path: &Path) -> Result<(), BackupError> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(BackupError::io(path))
}

fn sync_dir(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(BackupError::io(path))
}

/// Where the vault comes to life again.
struct Target {
    dir: PathBuf,
    tables: DbOptions,
    /// Only to tell what would return.
    is_trial: bool,
    /// Held by whoever works on the folder.
    _alone: File,
}

impl Target {
    /// A scratch folder beside nothing that lives.
    fn trial(config: &Config) -> Result<Self, BackupError> {
        let dir = config.data_dir.join(TRIAL);
        make_dir(&dir)?;
        let alone = environment::alone(&dir)?;
        empty(&dir)?;
        let tables = DbOptions::sqlite(dir.join(storage::FILE));
        Ok(Self { dir, tables, is_trial: true, _alone: alone })
    }

    /// The data folder, which must be empty but for what a restore that was cut off has left.
    async fn real(config: &Config) -> Result<Self, BackupError> {
        let dir = config.data_dir.clone();
        let alone = environment::alone(&dir)?;
        destroy_trial(&dir)?;
        let tables = storage::options(config)?;
        let place = hex(&sha256(String::from(tables.place.clone()).as_bytes()));
        let marker = dir.join(MARKER);
        if marker.exists() {
            let told = std::fs::read_to_string(&marker).map_err(BackupError::io(&marker))?;
            if told != place {
                let why = "the restore that was cut off went to other tables: bring database back";
                return Err(BackupError::Refused(why.into()));
            }
            wipe_tables(&tables).await?;
            empty(&dir)?;
        } else {
            // A marker that was never finished: nothing else was written then.
            stream::remove_unfinished(&marker)?;
            must_be_empty(&dir)?;
            tables_must_be_empty(&tables)?;
            let mut file = NewFile::create(marker)?;
            file.write(place.as_bytes())?;
            step("restore_marker");
            file.finish()?;
        }
        step("restore_begun");
        Ok(Self { dir, tables, is_trial: false, _alone: alone })
    }

    /// From now on the vault may start; a trial leaves nothing.
    fn finish(self) -> Result<(), BackupError> {
        if self.is_trial {
            return destroy_folder(&self.dir);
        }
        let marker = self.dir.join(MARKER);
        sync_dir(&self.dir)?;
        std::fs::remove_file(&marker).map_err(BackupError::io(&marker))?;
        sync_dir(&self.dir)
    }

    /// A trial leaves nothing; a restore leaves its marker, and the next one begins anew.
    fn give_up(self) {
        if self.is_trial
            && let Err(error) = destroy_folder(&self.dir)
        {
            tracing::error!(%error, "the scratch folder of a trial is not gone");
        }
    }
}

/// A restore with everything that it needs.
struct Work<'w> {
    whole: Whole,
    keys: Option<Key>,
    since: Arc<Since>,
    root: Arc<Root>,
    now: Timestamp,
    rng: Arc<dyn Rng>,
    wish: &'w RestoreWish,
}

impl Work<'_> {
    async fn into_target(self, config: &Config, target: &Target) -> Result<Restored, BackupError> {
        let manifest = Arc::clone(&self.whole.manifest);
        let db = self.whole.tables_at(&target.tables).await?;
        step("restore_loaded");
        keyring::create_after(&target.dir, &manifest.ring, &self.root, (&*self.rng, self.now))?;
        let keyring = Keyring::open_or_create(&target.dir, &self.root, &*self.rng, self.now)?;
        let signer = Signer::new(&keyring.log()?.key, log::host_of(&config.public_url))?;
        storage::claim(&db, &signer, self.now).await?;
        step("restore_keyring");
        let (merchants, voided, replayed) = self.bring_up_to_date(&db).await?;
        step("restore_replayed");
        let parts = numbers::Parts {
            db: db.clone(),
            dir: &target.dir,
            keyring,
            signer,
            root: &self.root,
            rng: &self.rng,
            now: self.now,
        };
        numbers::put(parts, (&self.whole, self.keys.as_ref())).await?;
        step("restore_slots");
        let mut restored = Restored {
            name: manifest.name.clone(),
            at: Some(manifest.at),
            destroyed: replayed.destroyed,
            codes: voided.codes,
            links: voided.links,
            pages: voided.pages,
            viewers: replayed.viewers,
            entries: replayed.entries,
            log_until: self.since.until,
            ..Restored::default()
        };
        self.close(&db, &merchants, &mut restored).await?;
        step("restore_whole");
        Ok(restored)
    }

    /// What was valid then and is not now; what was destroyed since.
    async fn bring_up_to_date(
        &self,
        db: &Db,
    ) -> Result<(Vec<MerchantId>, Voided, Replayed), BackupError> {
        let (now, since) = (self.now, Arc::clone(&self.since));
        let unit = move |tx: &mut Tx<'_>| -> Result<_, BackupError> {
            let merchants = store::merchants(tx)?;
            let mut sum = Voided::default();
            for merchant in &merchants {
                sum.add(store::void(tx, *merchant, now)?);
            }
            let replayed = since.replay(tx, (&merchants, now))?;
            Ok((merchants, sum, replayed))
        };
        db.write::<_, BackupError, _>(Route::any(), unit).await
    }

    /// Cards without a key are lost; the log says what was done, and by whose word.
    async fn close(
        &self,
        db: &Db,
        merchants: &[MerchantId],
        restored: &mut Restored,
    ) -> Result<(), BackupError> {
        let (now, manifest) = (self.now, Arc::clone(&self.whole.manifest));
        let place = log::installation();
        let line = |event| Line::new(event, place, "operator", now, &*self.rng);
        let lost: Vec<Line> = {
            let logged = manifest.ring.iter();
            logged.map(|key| line("key.lost").purpose(key)).collect()
        };
        let accepted: Vec<String> =
            self.wish.accept.iter().map(|accepted| format!("{accepted:?}")).collect();
        let told = line("vault.restored").purpose(&manifest.name).details(json!({
            "made": manifest.at, "operators": self.wish.operators, "accepted": accepted,
            "destroyed": restored.destroyed, "log_until": restored.log_until,
        }));
        let public = unhex::<32>(&manifest.log_key).map(|public| public.to_vec());
        let merchants = merchants.to_vec();
        let unit = move |tx: &mut Tx<'_>| -> Result<_, BackupError> {
            let (mut without, mut cards, mut due) = (0_u64, 0_u64, 0_u64);
            for merchant in &merchants {
                without = without.saturating_add(store::lose_numbers(tx, *merchant, now)?);
                let (all, over) = store::count(tx, *merchant, now)?;
                (cards, due) = (cards.saturating_add(all), due.saturating_add(over));
            }
            if let Some(public) = &public {
                store::put_former_signer(tx, public, now)?;
            }
            for line in lost.iter().chain([&told]) {
                log::append(tx, line)?;
            }
            Ok((without, cards, due))
        };
        let counted = db.write::<_, BackupError, _>(Route::any(), unit).await?;
        (restored.without_number, restored.cards, restored.due) = counted;
        Ok(())
    }
}
