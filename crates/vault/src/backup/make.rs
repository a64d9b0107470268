//! A backup is made while the vault works.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use db::{DbError, Route, Row, Tx, dump};
use kernel::{CardToken, MerchantId, ShopId, Timestamp};
use serde_json::json;
use vault_wire::{BackupMade, Refused};

use super::manifest::{self, Known, Manifest, Named};
use super::recipient::Recipient;
use super::stream::{Belongs, FileMark, NewFile, SealedWriter, unfinished};
use super::{BackupError, CARDS, DAY_SECONDS, HEADS, SLOTS, rows, step};
use crate::card::Keeper;
use crate::core::Core;
use crate::keys::keyring::{self, RingKey};
use crate::keys::{Key, Root};
use crate::log::{self, Line};
use crate::shop::Shops;
use crate::slots::SlotIndex;

/// Our tables; the database layer's own hold nothing of the vault.
const OURS: &str = "vault_";
const CARD_TABLE: &str = "vault_card";
/// Backups within 24 hours.
const MOST_A_DAY: usize = 24;

/// A card whose number lives.
#[derive(Debug, Clone, Copy)]
struct Live {
    merchant: MerchantId,
    shop: ShopId,
    card: CardToken,
    slot: SlotIndex,
}

/// What the tables gave.
#[derive(Default)]
struct Tables {
    migrations: Vec<String>,
    rows: BTreeMap<String, u64>,
    live: Vec<Live>,
    heads: String,
    logs: BTreeMap<MerchantId, u64>,
}

/// Everything that one backup needs, away from the threads that answer others.
struct Job {
    keeper: Arc<Keeper>,
    shops: Arc<Shops>,
    recipients: Vec<Recipient>,
    root: Arc<Root>,
    ring_key: Arc<RingKey>,
    named: Named,
}

impl Core {
    /// Makes a backup because the operator asks.
    pub(crate) async fn backup(&self) -> Result<BackupMade, Refused> {
        self.make_backup().await.map_err(|error| {
            tracing::error!(%error, "ALARM: no backup was made");
            Refused::new("backup_failed", error.to_string())
        })
    }

    async fn make_backup(&self) -> Result<BackupMade, BackupError> {
        let dir = self.backups.dir()?.to_owned();
        let recipients = Recipient::all(&self.backups.recipients)?;
        // Keys stay what they are until it is done; a second backup waits here.
        let _turn = self.rotations.hold().await;
        let now = self.clock.now();
        let (installation, shop) = log::installation();
        for merchant in self.shops.merchants().into_iter().chain([installation]) {
            self.log.seal(merchant, now).await?;
        }
        enough(&dir, now)?;
        let named = Named::new(&dir, now, &*self.keeper.rng);
        let (keeper, shops) = (Arc::clone(&self.keeper), Arc::clone(&self.shops));
        let (root, to) = (Arc::clone(&self.backups.root), recipients.clone());
        let work = move || {
            let ring_key = keeper.keyring.begin_backup(&*keeper.rng, now)?;
            let job = Job { keeper, shops, recipients: to, root, ring_key, named };
            job.run()
        };
        let made = tokio::task::spawn_blocking(work).await.map_err(|_| DbError::Panicked)??;
        let outdated = self.tidy_backups(&dir, Some(made.ring_key)).await?;
        let line =
            Line::new("backup.made", (installation, shop), "operator", now, &*self.keeper.rng)
                .details(json!({
                    "name": made.name, "cards": made.cards, "without_key": made.without_key,
                }));
        let note = move |tx: &mut Tx<'_>| log::append(tx, &line).map(|_| ());
        self.keeper.db.write::<_, DbError, _>(Route::of(installation.id()), note).await?;
        tracing::info!(name = made.name, cards = made.cards, "a backup was made");
        Ok(BackupMade {
            rows: made.rows.values().sum(),
            cards: made.cards,
            without_key: made.without_key,
            bytes: made.bytes(),
            recipients: recipients.iter().map(Recipient::id).collect(),
            at: made.at,
            name: made.name,
            outdated,
        })
    }

    /// Destroys halves of backups, keys of cards that are too old, and the keys that opened them;
    /// names of the backups whose keys went. `newest` is the key of a backup made just now. The
    /// caller has the turn: a backup that is being made looks like a half. Nothing goes while the
    /// machine's clock was set forward.
    pub(super) async fn tidy_backups(
        &self,
        dir: &Path,
        newest: Option<u32>,
    ) -> Result<Vec<String>, BackupError> {
        if !self.watch.may_purge() {
            return Ok(Vec::new());
        }
        let (dir, now, keeper) = (dir.to_owned(), self.clock.now(), Arc::clone(&self.keeper));
        let work = move || -> Result<_, BackupError> {
            let outdated = tidy(&dir, now, &*keeper.rng)?;
            let fresh = |named: Named| !named.is_outdated(now);
            let keep = match newest {
                None if !manifest::newest(&dir)?.is_some_and(fresh) => Some(0),
                newest => newest,
            };
            let gone = match keep {
                Some(number) => keeper.keyring.keep_backup(number, &*keeper.rng)?,
                None => Vec::new(),
            };
            Ok((outdated, gone))
        };
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| DbError::Panicked)?;
        let (outdated, gone) = done?;
        if gone.is_empty() {
            return Ok(outdated);
        }
        let (place, now) = (log::installation(), self.clock.now());
        let line = |key: &String| {
            Line::new("key.destroyed", place, "clock", now, &*self.keeper.rng).purpose(key)
        };
        let lines: Vec<Line> = gone.iter().map(line).collect();
        let note = move |tx: &mut Tx<'_>| {
            lines.iter().try_for_each(|line| log::append(tx, line).map(|_| ()))
        };
        self.keeper.db.write::<_, DbError, _>(Route::of(place.0.id()), note).await?;
        Ok(outdated)
    }
}

impl Job {
    fn run(self) -> Result<Manifest, BackupError> {
        let path = &self.named.path;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(BackupError::io(path))?;
        if let Some(dir) = path.parent() {
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(BackupError::io(dir))?;
        }
        step("backup_begun");
        let rng = &*self.keeper.rng;
        let file_key = Key::random(rng);
        let sealed = |one: &Recipient| one.seal(&self.ring_key.key, &self.named.name);
        let mut manifest = Manifest::begin(Known {
            name: self.named.name.clone(),
            at: self.ring_key.made,
            root: manifest::root_id(&self.root),
            file_key: manifest::wrapped(&self.root, &file_key, rng)?,
            ring_key: self.ring_key.number,
            envelopes: self.recipients.iter().map(sealed).collect::<Result<_, _>>()?,
            ring: self.keeper.keyring.all().iter().map(|key| key.id()).collect(),
            log_key: self.keeper.signer.public(),
        });
        let (tables, cards) = self.cards(&file_key)?;
        step("backup_cards");
        let (slots, count, without) = self.slots(&file_key, &tables.live)?;
        step("backup_slots");
        let mut heads = NewFile::create(path.join(HEADS))?;
        heads.write(tables.heads.as_bytes())?;
        let heads = heads.finish()?;
        step("backup_heads");
        manifest.files =
            [(CARDS, cards), (SLOTS, slots), (HEADS, heads)].map(|(n, f)| (n.to_owned(), f)).into();
        (manifest.cards, manifest.without_key) = (count, without);
        let Tables { migrations, rows, logs, .. } = tables;
        (manifest.migrations, manifest.rows, manifest.logs) = (migrations, rows, logs);
        let manifest = manifest.write(path, &file_key)?;
        step("backup_whole");
        Ok(manifest)
    }

    fn belongs<'b>(&'b self, key: &'b Key, file: &'b str) -> Belongs<'b> {
        Belongs { key, backup: &self.named.name, file }
    }

    /// Every row of our tables, in one snapshot.
    fn cards(&self, file_key: &Key) -> Result<(Tables, FileMark), BackupError> {
        let file = NewFile::create(self.named.path.join(CARDS))?;
        let rng = &*self.keeper.rng;
        let mut writer = SealedWriter::new(self.belongs(file_key, CARDS), file, rng);
        let (installation, _) = log::installation();
        let merchants = self.shops.merchants();
        let read = |tx: &mut Tx<'_>| -> Result<Tables, BackupError> {
            let mut tables = Tables { migrations: dump::migrations(tx)?, ..Tables::default() };
            for table in dump::tables(tx)?.iter().filter(|table| table.starts_with(OURS)) {
                read_table(tx, table, &mut writer, &mut tables)?;
            }
            for merchant in merchants.into_iter().chain([installation]) {
                tables.logs.insert(merchant, log::store::next(tx, merchant)?);
                if let Some((_, note)) = log::store::newest_head(tx, merchant)? {
                    tables.heads.push_str(&note);
                    tables.heads.push('\n');
                }
            }
            Ok(tables)
        };
        let tables = self.keeper.db.read_blocking::<_, BackupError, _>(read)?;
        Ok((tables, writer.finish()?))
    }

    /// The keys of live numbers, each sealed anew under its property's key and the backup's; how
    /// many there are, and how many cards that live have none.
    fn slots(&self, file_key: &Key, live: &[Live]) -> Result<(FileMark, u64, u64), BackupError> {
        let file = NewFile::create(self.named.path.join(SLOTS))?;
        let rng = &*self.keeper.rng;
        let mut writer = SealedWriter::new(self.belongs(file_key, SLOTS), file, rng);
        let (mut count, mut missing) = (0_u64, Vec::new());
        for one in live {
            let shop = self.shops.get(one.merchant, one.shop);
            let copy = shop.and_then(|shop| {
                self.keeper.slot_for_backup(&shop, (one.card, one.slot), &self.ring_key.key)
            });
            match copy {
                Some(slot) => {
                    writer.line(&rows::slot_line(one.merchant, one.card, &slot))?;
                    count = count.saturating_add(1);
                }
                None => missing.push(*one),
            }
        }
        let file = writer.finish()?;
        Ok((file, count, self.tell_of(missing)?))
    }

    /// A card that was destroyed meanwhile has no key; one that lives and has none is an alarm. How
    /// many live.
    fn tell_of(&self, missing: Vec<Live>) -> Result<u64, BackupError> {
        let mut without = 0_u64;
        for one in missing {
            let find = |tx: &mut Tx<'_>| crate::card::store::card(tx, one.merchant, one.card);
            let row = self.keeper.db.read_blocking::<_, DbError, _>(find)?;
            if row.is_some_and(|row| row.purged.is_none()) {
                tracing::error!(card = %one.card, "ALARM: a card's key does not open for the backup");
                without = without.saturating_add(1);
            }
        }
        Ok(without)
    }
}

fn read_table(
    tx: &mut Tx<'_>,
    table: &str,
    writer: &mut SealedWriter<'_>,
    tables: &mut Tables,
) -> Result<(), BackupError> {
    let (mut count, mut failed) = (0_u64, None);
    let mut see = |row: &Row| -> Result<(), BackupError> {
        if count == 0 {
            writer.line(&rows::head(table, row.columns()))?;
        }
        count = count.saturating_add(1);
        if table == CARD_TABLE {
            tables.live.extend(live(row)?);
        }
        writer.line(&rows::line(row))
    };
    let read = dump::each_row(tx, table, &mut |row| {
        see(row).map_err(|error| {
            failed = Some(error);
            DbError::Closed
        })
    });
    if let Some(error) = failed {
        return Err(error);
    }
    read?;
    tables.rows.insert(table.to_owned(), count);
    Ok(())
}

fn live(row: &Row) -> Result<Option<Live>, DbError> {
    let (state, slot): (String, Option<i64>) = (row.get("state")?, row.get("slot")?);
    let slot = slot.filter(|_| state == "active").and_then(|slot| u64::try_from(slot).ok());
    let Some(slot) = slot else { return Ok(None) };
    Ok(Some(Live {
        merchant: row.get("merchant_id")?,
        shop: row.get("shop_id")?,
        card: row.get("id")?,
        slot: SlotIndex(slot),
    }))
}

/// Whoever has the socket may not fill the disk.
fn enough(dir: &Path, now: Timestamp) -> Result<(), BackupError> {
    let since = now.plus_seconds(-DAY_SECONDS);
    let today = manifest::list(dir)?.iter().filter(|named| named.at > since).count();
    if today < MOST_A_DAY {
        return Ok(());
    }
    Err(BackupError::Refused(format!("{MOST_A_DAY} backups in 24 hours are enough")))
}

/// Destroys keys of cards that are too old, and halves of backups; names of those whose keys went.
fn tidy(dir: &Path, now: Timestamp, rng: &dyn kernel::Rng) -> Result<Vec<String>, BackupError> {
    let mut outdated = Vec::new();
    for named in manifest::list(dir)? {
        let slots = named.path.join(SLOTS);
        if !named.is_whole() {
            for part in [unfinished(&slots), slots] {
                keyring::wipe(&part, rng)?;
            }
            std::fs::remove_dir_all(&named.path).map_err(BackupError::io(&named.path))?;
            tracing::warn!(name = named.name, "half a backup was removed");
        } else if named.is_outdated(now) && slots.exists() {
            keyring::wipe(&slots, rng)?;
            outdated.push(named.name);
        }
    }
    Ok(outdated)
}
