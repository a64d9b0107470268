//! SQLite: one writer thread with group commit, a pool of readers, checkpoints in background.

pub(crate) mod indexes;
mod migrate;
mod statements;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Notify;

pub(crate) use self::statements::Statements;
use self::statements::Texts;
use crate::pool::Pool;
use crate::tx::On;
use crate::unit::Queued;
use crate::{DbError, DbOptions, Migration, SecureDelete, Tx};

/// Most units that share one commit.
pub const MAX_BATCH_UNITS: usize = 256;
/// Size of the write-ahead log from which the background thread moves it into the file.
const CHECKPOINT_BYTES: u64 = 8 * 1024 * 1024;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(200);
/// Size of the log, in pages, from which the writer pauses to let it begin anew: beside a writer
/// that never rests, the background thread never moves the last page, and the log would grow
/// without end.
const LOG_PAGES: i64 = 8 * 1024;
/// To this size the file of the log shrinks when it begins anew.
const LOG_FILE_BYTES: i64 = 32 * 1024 * 1024;
const BUSY_SECONDS: u64 = 5;
const CACHED_STATEMENTS: usize = 512;
/// Pages that the writer keeps at hand; memory is taken as they are used.
const WRITER_CACHE_KIB: i64 = 32 * 1024;

/// The two sides of one file.
#[derive(Clone)]
pub(crate) struct Engine {
    queue: mpsc::Sender<Queued>,
    readers: Arc<Pool<Connection>>,
    wake: Arc<Notify>,
    path: Arc<Path>,
    /// The checkpointer ends with the last engine that holds this.
    _alive: Arc<()>,
}

impl Engine {
    pub(crate) fn open(
        path: &Path,
        options: &DbOptions,
        migrations: &[Migration],
    ) -> Result<Self, DbError> {
        let mut writer = Connection::open(path)?;
        prepare(&writer, options.secure_delete)?;
        index_again(&writer)?;
        migrate::apply(&mut writer, migrations)?;
        let idle = (0..options.readers.max(1))
            .map(|_| open_reader(path))
            .collect::<Result<Vec<Connection>, DbError>>()?;
        let (queue, units) = mpsc::channel();
        let wake = Arc::new(Notify::new());
        let bell = Arc::clone(&wake);
        let long_log = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&long_log);
        spawn("db-writer", move || write_loop(&writer, &units, (&bell, &told)))?;
        let alive = Arc::new(());
        spawn_checkpointer(path, &alive, long_log)?;
        let readers = Arc::new(Pool::new(idle));
        Ok(Self { queue, readers, wake, path: Arc::from(path), _alive: alive })
    }

    pub(crate) fn submit(&self, unit: Queued) -> Result<(), DbError> {
        self.queue.send(unit).map_err(|_| DbError::Closed)
    }

    pub(crate) fn read_blocking<T, E, F>(&self, read: F) -> Result<T, E>
    where
        E: From<DbError>,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
    {
        let connection = self.readers.take();
        let outcome = catch_unwind(AssertUnwindSafe(|| in_snapshot(&connection, read)));
        if !connection.is_autocommit() {
            // A panicking reader left its snapshot open.
            let _ = connection.execute_batch("ROLLBACK");
        }
        self.readers.give_back(connection);
        outcome.unwrap_or_else(|_| Err(DbError::Panicked.into()))
    }

    pub(crate) fn checkpoint(&self) -> Result<(), DbError> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(Duration::from_secs(BUSY_SECONDS))?;
        let busy: i64 =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 { Ok(()) } else { Err(DbError::Engine("checkpoint held back".into())) }
    }

    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }
}

/// Reads a file that another process may be writing, without touching its tables.
pub(crate) fn read_file<T, E, F>(path: &Path, read: F) -> Result<T, E>
where
    E: From<DbError>,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
{
    in_snapshot(&open_reader(path)?, read)
}

/// The steps a file has not seen.
pub(crate) fn missing(path: &Path, list: &[Migration]) -> Result<Vec<Migration>, DbError> {
    if !path.exists() {
        return Ok(list.to_vec());
    }
    migrate::missing(&open_reader(path)?, list)
}

/// Makes what a filling that was cut short had set aside.
fn index_again(connection: &Connection) -> Result<(), DbError> {
    let texts = Texts::default();
    loop {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let made = indexes::make_one(&mut unit_on(connection, &texts))?;
        connection.execute_batch("COMMIT")?;
        if !made {
            return Ok(());
        }
    }
}

/// One consistent view for the whole closure.
fn in_snapshot<T, E, F>(connection: &Connection, read: F) -> Result<T, E>
where
    E: From<DbError>,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
{
    connection.execute_batch("BEGIN").map_err(DbError::from)?;
    let result = read(&mut unit_on(connection, &Texts::default()));
    connection.execute_batch("COMMIT").map_err(DbError::from)?;
    result
}

const fn unit_on<'c>(connection: &'c Connection, texts: &'c Texts) -> Tx<'c> {
    Tx::new(On::Sqlite(Statements::new(connection, texts)))
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), DbError> {
    let thread = std::thread::Builder::new().name(name.into()).spawn(body);
    thread.map(|_| ()).map_err(|error| DbError::Engine(error.to_string()))
}

fn prepare(connection: &Connection, secure_delete: SecureDelete) -> Result<(), DbError> {
    connection.busy_timeout(Duration::from_secs(BUSY_SECONDS))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", LOG_FILE_BYTES)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    // Savepoints keep old pages in a temporary store: in memory (measured: +19 to 40 %).
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // One plan per statement whatever its values are, or each new `LIMIT` compiles it again
    // (14 % of the samples of a busy app).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if secure_delete == SecureDelete::On {
        connection.pragma_update(None, "secure_delete", "ON")?;
    }
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(BUSY_SECONDS))?;
    connection.pragma_update(None, "query_only", "ON")?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

/// Runs what queued, commits once, then answers all; ends with the last sender.
fn write_loop(
    connection: &Connection,
    units: &mpsc::Receiver<Queued>,
    (bell, long_log): (&Notify, &AtomicBool),
) {
    let texts = Texts::default();
    while let Ok(first) = units.recv() {
        let mut batch = vec![first];
        while batch.len() < MAX_BATCH_UNITS
            && let Ok(next) = units.try_recv()
        {
            batch.push(next);
        }
        let failed = run_batch(connection, &texts, &mut batch).err();
        if let Some(error) = &failed {
            tracing::error!(%error, "a batch of writes failed");
        }
        bell.notify_one();
        for unit in batch {
            unit.unit.answer(failed.clone());
        }
        if long_log.swap(false, Ordering::Relaxed) {
            // What is left of the log; the next commit begins it anew unless a reader needs it.
            let _ = move_log(connection);
        }
    }
}

/// Moves the log into the file as far as readers allow; gives its pages.
fn move_log(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
}

fn run_batch(connection: &Connection, texts: &Texts, batch: &mut [Queued]) -> Result<(), DbError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let outcome = run_units(connection, texts, batch)
        .and_then(|()| connection.execute_batch("COMMIT").map_err(DbError::from));
    if outcome.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    outcome
}

fn run_units(connection: &Connection, texts: &Texts, batch: &mut [Queued]) -> Result<(), DbError> {
    for unit in batch {
        connection.prepare_cached("SAVEPOINT unit")?.execute([])?;
        if !unit.unit.run(&mut unit_on(connection, texts)) {
            connection.prepare_cached("ROLLBACK TO unit")?.execute([])?;
        }
        connection.prepare_cached("RELEASE unit")?.execute([])?;
    }
    Ok(())
}

/// Moves the log into the file beside the writer, so that commits rarely wait for it.
fn spawn_checkpointer(
    path: &Path,
    alive: &Arc<()>,
    long_log: Arc<AtomicBool>,
) -> Result<(), DbError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(BUSY_SECONDS))?;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let life = Arc::downgrade(alive);
    spawn("db-checkpoint", move || {
        while life.upgrade().is_some() {
            std::thread::sleep(CHECKPOINT_EVERY);
            if std::fs::metadata(&log).is_ok_and(|file| file.len() >= CHECKPOINT_BYTES) {
                // Another checkpoint may be running; the next round comes soon.
                let pages = move_log(&connection).unwrap_or(0);
                long_log.store(pages >= LOG_PAGES, Ordering::Relaxed);
            }
        }
    })
}
