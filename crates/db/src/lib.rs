//! The database layer: one interface, two engines.
//!
//! A **unit of work** is a synchronous closure over [`Tx`]. It can be run again, so it takes ids,
//! `now` and random bytes from outside and touches nothing but the transaction. On SQLite one
//! writer thread runs the units that queued during the previous commit inside one transaction,
//! each in its own savepoint, and answers only after the commit is durable (**group commit**):
//! a failing or panicking unit harms no other. PostgreSQL follows behind the same types.
//!
//! Beside transactions the layer owns what every slice needs in the same commit: the
//! [`outbox`] of events, the [`jobs`] queue and the [`idempotency`] row.
//!
//! Limits: a batch takes at most [`sqlite::MAX_BATCH_UNITS`] units; a reader sees what was
//! committed before it began.

pub mod error;
pub mod idempotency;
pub mod jobs;
pub mod migrate;
pub mod outbox;
pub mod sqlite;
pub mod tx;
pub mod value;

pub use error::DbError;
pub use migrate::Migration;
pub use tx::{Insert, Tx};
pub use value::{FromVal, Row, Val};

use std::path::PathBuf;

use kernel::Id;

/// Tables of this layer.
pub const MIGRATIONS: &[Migration] =
    &[Migration { name: "db/0001_base", sql: include_str!("schema/0001_base.sql") }];

/// Where and how data is kept.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// The SQLite file; created with its folder's rights when absent.
    pub path: PathBuf,
    /// How many connections read at the same time.
    pub readers: usize,
    /// Overwrites deleted content with zeros (the vault).
    pub secure_delete: SecureDelete,
}

/// Whether deleted rows are overwritten in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecureDelete {
    /// Overwritten with zeros.
    On,
    /// Left to be reused.
    Off,
}

impl DbOptions {
    /// An SQLite file with the usual settings.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readers: 4, secure_delete: SecureDelete::Off }
    }
}

/// Which units must never run at the same time: those of one aggregate.
///
/// SQLite has one writer and ignores it; PostgreSQL hashes it to one of its writers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route(u64);

impl Route {
    /// Units of one aggregate (a payment, a booking, a session of a concert).
    #[must_use]
    pub fn of(id: Id) -> Self {
        let number = u128::from_be_bytes(*id.as_bytes());
        Self(u64::try_from(number & u128::from(u64::MAX)).unwrap_or(0))
    }

    /// A unit that shares no aggregate with another.
    #[must_use]
    pub const fn any() -> Self {
        Self(0)
    }

    /// The number that is hashed to a writer.
    #[must_use]
    pub const fn key(&self) -> u64 {
        self.0
    }
}

/// Reads a database file beside the process that serves it; nothing is migrated or written.
///
/// # Errors
/// What the closure returned, or a [`DbError`] when the file cannot be opened.
pub fn read_file<T, E, F>(path: &std::path::Path, read: F) -> Result<T, E>
where
    E: From<DbError>,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
{
    sqlite::read_file(path, read)
}

/// A database: one writer queue and a pool of readers. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: sqlite::Engine,
}

impl Db {
    /// Opens or creates the file and brings its tables up to date.
    ///
    /// # Errors
    /// [`DbError`] when the file cannot be opened or a migration fails; nothing is half migrated.
    pub fn open(options: &DbOptions, migrations: &[&[Migration]]) -> Result<Self, DbError> {
        let all = std::iter::once(MIGRATIONS).chain(migrations.iter().copied());
        let list: Vec<Migration> = all.flat_map(|m| m.iter().copied()).collect();
        Ok(Self { engine: sqlite::Engine::open(options, &list)? })
    }

    /// Runs a unit of work and answers once its commit is durable.
    ///
    /// # Errors
    /// What the unit returned, after its changes were rolled back; or a [`DbError`].
    pub async fn write<T, E, F>(&self, route: Route, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.engine.write(route, unit).await
    }

    /// Like [`Db::write`], for threads without a runtime.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_blocking<T, E, F>(&self, route: Route, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.engine.write_blocking(route, unit)
    }

    /// Reads on a connection that cannot write.
    ///
    /// # Errors
    /// What the closure returned, or a [`DbError`].
    pub async fn read<T, E, F>(&self, read: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.engine.read(read).await
    }

    /// Like [`Db::read`], for threads without a runtime.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_blocking<T, E, F>(&self, read: F) -> Result<T, E>
    where
        E: From<DbError>,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
    {
        self.engine.read_blocking(read)
    }

    /// Moves the whole write-ahead log into the file and empties it.
    ///
    /// # Errors
    /// [`DbError`] when a reader holds it back or the disk fails.
    pub fn checkpoint(&self) -> Result<(), DbError> {
        self.engine.checkpoint()
    }

    /// Completes after the next commit that wrote an event or a job.
    pub async fn woken(&self) {
        self.engine.woken().await;
    }
}

#[cfg(test)]
mod tests;
