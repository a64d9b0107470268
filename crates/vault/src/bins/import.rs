//! The table in use, and how another takes its place.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest;
use db::{Db, DbError};
use kernel::{MerchantId, Rng, ShopId};
use tokio::sync::Mutex;
use vault_wire::{BinBegun, BinLines, BinReport, Done, Refused};

use super::lines::{self, Faults};
use super::stored;
use super::table::{Table, count};
use crate::capture::internal;
use crate::keys::bytes::hex;

const FILE: &str = "bins.csv";
const PART: &str = "bins.part";
/// Characters of the file's SHA-256 that name a table.
const VERSION_CHARACTERS: usize = 16;
/// More than the longest lines of a whole table.
const MAX_FILE_BYTES: u64 = 1 << 30;
const NAME_BYTES: usize = 16;

/// An import that was begun.
struct Upload {
    name: String,
    file: File,
    bytes: u64,
}

/// The table in use.
pub(crate) struct Bins {
    dir: PathBuf,
    current: RwLock<Arc<Table>>,
    upload: Mutex<Option<Upload>>,
}

impl Bins {
    /// The table that was imported last, if any.
    ///
    /// # Errors
    /// The file cannot be read, or is not what was imported.
    pub(crate) fn open(dir: &Path) -> Result<Self, String> {
        let path = dir.join(FILE);
        let table = if path.exists() {
            let read = read_file(&path).map_err(|error| format!("{FILE}: {error}"))?;
            read.map_err(|_| format!("{FILE} is damaged: import it again"))?
        } else {
            Table::default()
        };
        let current = RwLock::new(Arc::new(table));
        Ok(Self { dir: dir.to_owned(), current, upload: Mutex::new(None) })
    }

    /// The table as it stands.
    pub(crate) fn current(&self) -> Arc<Table> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins an import; one that was begun before is over.
    pub(crate) async fn begin(&self, rng: &dyn Rng) -> Result<BinBegun, Refused> {
        let mut random = [0; NAME_BYTES];
        rng.fill(&mut random);
        let name = hex(&random);
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(true).write(true).mode(0o600);
        let file = file.open(self.dir.join(PART)).map_err(internal)?;
        let mut upload = self.upload.lock().await;
        *upload = Some(Upload { name: name.clone(), file, bytes: 0 });
        Ok(BinBegun { import: name })
    }

    /// Adds a piece of the file.
    pub(crate) async fn add(&self, piece: BinLines) -> Result<Done, Refused> {
        let mut upload = self.upload.lock().await;
        let upload = upload.as_mut().filter(|one| one.name == piece.import).ok_or_else(unknown)?;
        upload.bytes = upload.bytes.saturating_add(count(piece.lines.len()));
        if upload.bytes > MAX_FILE_BYTES {
            return Err(Refused::new("too_large", "The file is longer than any table."));
        }
        upload.file.write_all(piece.lines.as_bytes()).map_err(internal)?;
        Ok(Done {})
    }

    /// Reads what was sent; a good file takes the place of the table, a bad one changes nothing.
    pub(crate) async fn finish(
        &self,
        import: &str,
        (db, shops): (&Db, &[(MerchantId, ShopId)]),
    ) -> Result<BinReport, Refused> {
        let mut place = self.upload.lock().await;
        let upload = place.take_if(|one| one.name == import).ok_or_else(unknown)?;
        upload.file.sync_all().map_err(internal)?;
        let part = self.dir.join(PART);
        let path = part.clone();
        let read = tokio::task::spawn_blocking(move || read_file(&path)).await;
        let table = match read.map_err(internal)?.map_err(internal)? {
            Ok(table) => table,
            Err(faults) => {
                std::fs::remove_file(&part).map_err(internal)?;
                return Ok(refusal(faults, &self.current()));
            }
        };
        let older = self.current();
        let differences = table.against(&older);
        let moved = stored::count_moves(db, &table, shops).await.map_err(internal)?;
        std::fs::rename(&part, self.dir.join(FILE)).map_err(internal)?;
        File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(internal)?;
        let table = Arc::new(table);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&table);
        stored::relabel(db, &table, shops).await.map_err(internal)?;
        tracing::warn!(version = table.version, ranges = table.ranges.len(), "issuer table");
        Ok(BinReport {
            applied: true,
            version: table.version.clone(),
            ranges: count(table.ranges.len()),
            added: differences.added,
            changed: differences.changed,
            removed: differences.removed,
            cards_changing_country: moved,
            fault_count: 0,
            faults: Vec::new(),
        })
    }

    /// Makes up for an end between a new table and the cards under it.
    pub(crate) async fn catch_up(
        &self,
        db: &Db,
        shops: &[(MerchantId, ShopId)],
    ) -> Result<(), DbError> {
        let table = self.current();
        if table.version.is_empty() {
            return Ok(());
        }
        stored::relabel(db, &table, shops).await
    }
}

fn unknown() -> Refused {
    Refused::new("import_unknown", "This import was not begun, or another one was begun since.")
}

fn refusal(faults: Faults, current: &Table) -> BinReport {
    BinReport {
        applied: false,
        version: current.version.clone(),
        ranges: count(current.ranges.len()),
        added: 0,
        changed: 0,
        removed: 0,
        cards_changing_country: 0,
        fault_count: faults.count,
        faults: faults.told,
    }
}

fn read_file(path: &Path) -> std::io::Result<Result<Table, Faults>> {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut hashed = BufReader::new(File::open(path)?);
    loop {
        let buffer = std::io::BufRead::fill_buf(&mut hashed)?;
        if buffer.is_empty() {
            break;
        }
        context.update(buffer);
        let used = buffer.len();
        std::io::BufRead::consume(&mut hashed, used);
    }
    let version = hex(context.finish().as_ref()).chars().take(VERSION_CHARACTERS).collect();
    lines::read(version, BufReader::new(File::open(path)?))
}
