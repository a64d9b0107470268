//! The database layer: one interface, two engines.
//!
//! A **unit of work** is a synchronous closure over [`Tx`]. It can be run again, so it takes ids,
//! `now` and random bytes from outside and touches nothing but the transaction. On SQLite one
//! writer thread runs the units that queued during the previous commit inside one transaction,
//! each in its own savepoint, and answers only after the commit is durable (**group commit**):
//! a failing or panicking unit harms no other. On PostgreSQL a few writers do the same, each with
//! the units of its aggregates; see [`postgres`].
//!
//! Beside transactions the layer owns what every slice needs in the same commit: the
//! [`outbox`] of events, the [`jobs`] queue and the [`idempotency`] row; and the [`lease`] of work
//! that one process of many does.
//!
//! Limits: a batch takes at most [`sqlite::MAX_BATCH_UNITS`] units (64 on PostgreSQL); a reader
//! sees what was committed before it began.

pub mod dump;
pub mod error;
pub mod idempotency;
pub mod jobs;
pub mod lease;
pub mod migrate;
pub mod outbox;
mod pool;
pub mod postgres;
pub mod rights;
mod rows;
pub mod sqlite;
pub mod testing;
pub mod tx;
mod unit;
pub mod value;
pub mod wipe;

pub use error::DbError;
pub use migrate::Migration;
pub use postgres::Way;
pub use rows::Rows;
pub use tx::{Insert, Tx};
pub use value::{FromVal, Row, Val};

use std::path::PathBuf;

use kernel::Id;

/// Tables of this layer.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "db/0001_base", sql: include_str!("schema/0001_base.sql") },
    Migration { name: "db/0003_lease", sql: include_str!("schema/0003_lease.sql") },
];

/// Where data is kept, written as [`Place::parse`] reads it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Place {
    /// An SQLite file; created with its folder's rights when absent.
    File(PathBuf),
    /// A PostgreSQL database: `postgres://user@host/name`, or the words `host=… dbname=…`.
    Server(String),
}

impl Place {
    /// Reads `postgres://…` as a server and everything else as a file.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let is_server = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if is_server { Self::Server(text.to_owned()) } else { Self::File(text.into()) }
    }

    /// With its tables in a schema of this name, which is made at the first start; an address
    /// that names one keeps it, and a file has none.
    #[must_use]
    pub fn in_schema(self, name: &str) -> Self {
        match self {
            Self::Server(url) => Self::Server(postgres::in_schema(&url, name)),
            file @ Self::File(_) => file,
        }
    }

    /// The role under which this address comes to the server of `other`; none when one of them
    /// is a file or they are two servers.
    #[must_use]
    pub fn role_at(&self, other: &Self) -> Option<String> {
        match (self, other) {
            (Self::Server(url), Self::Server(server)) => postgres::role_at(url, server),
            _ => None,
        }
    }
}

impl From<String> for Place {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        match place {
            Place::File(path) => path.to_string_lossy().into_owned(),
            Place::Server(url) => url,
        }
    }
}

/// Where and how data is kept.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// The file or the server.
    pub place: Place,
    /// How many connections read at the same time.
    pub readers: usize,
    /// How many connections write at the same time, on PostgreSQL.
    pub writers: usize,
    /// Overwrites deleted content with zeros (the vault).
    pub secure_delete: SecureDelete,
    /// How the server is reached, where that was settled beforehand.
    pub way: Option<Way>,
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
    /// The usual settings.
    #[must_use]
    pub const fn at(place: Place) -> Self {
        Self { place, readers: 4, writers: 2, secure_delete: SecureDelete::Off, way: None }
    }

    /// Looks up names and reads certificates now, for a process that soon may do neither.
    ///
    /// # Errors
    /// [`DbError`] naming what is in the way.
    pub fn settled(mut self) -> Result<Self, DbError> {
        if let Place::Server(url) = &self.place {
            self.way = Some(Way::of(url)?.settled()?);
        }
        Ok(self)
    }

    /// Ports to which connections go; none to a file or a Unix socket, or before it is settled.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        self.way.as_ref().map_or_else(Vec::new, Way::ports)
    }

    /// An SQLite file with the usual settings.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::at(Place::File(path.into()))
    }
}

/// Which units must never run at the same time: those of one aggregate.
///
/// SQLite has one writer and ignores it; PostgreSQL hashes it to one of its writers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// Reads a database beside the process that serves it; nothing is migrated or written.
///
/// # Errors
/// What the closure returned, or a [`DbError`] when the database cannot be opened.
pub fn read_once<T, E, F>(place: &Place, read: F) -> Result<T, E>
where
    E: From<DbError>,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
{
    match place {
        Place::File(path) => sqlite::read_file(path, read),
        Place::Server(url) => postgres::read_once(url, read),
    }
}

/// Names of the migrations that a database has not seen, in the order they would be applied.
///
/// # Errors
/// [`DbError`] when the database cannot be opened.
pub fn missing_migrations(
    place: &Place,
    migrations: &[&[Migration]],
) -> Result<Vec<&'static str>, DbError> {
    let list = in_order(migrations);
    let missing = match place {
        Place::File(path) => sqlite::missing(path, &migrate::for_sqlite(&list)),
        Place::Server(url) => postgres::missing(url, &migrate::for_postgres(&list)),
    };
    Ok(missing?.iter().map(|step| step.name).collect())
}

fn in_order(migrations: &[&[Migration]]) -> Vec<Migration> {
    let own = [MIGRATIONS, postgres::MIGRATIONS];
    own.iter().chain(migrations).flat_map(|list| list.iter().copied()).collect()
}

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(postgres::Engine),
}

/// A database: queues of writers and a pool of readers. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    holder: lease::Holder,
}

impl Db {
    /// Opens or creates the database and brings its tables up to date.
    ///
    /// # Errors
    /// [`DbError`] when it cannot be opened or a migration fails; nothing is half migrated.
    pub fn open(options: &DbOptions, migrations: &[&[Migration]]) -> Result<Self, DbError> {
        let list = in_order(migrations);
        let engine = match &options.place {
            Place::File(path) => {
                let steps = migrate::for_sqlite(&list);
                Engine::Sqlite(sqlite::Engine::open(path, options, &steps)?)
            }
            Place::Server(url) => {
                let steps = migrate::for_postgres(&list);
                Engine::Postgres(postgres::Engine::open(url, options, &steps)?)
            }
        };
        let mut holder = lease::Holder::default();
        kernel::Rng::fill(&kernel::rng::OsRng, &mut holder);
        Ok(Self { engine, holder })
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
        let answer = self.submit(route, unit)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Closed.into()))
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
        let answer = self.submit(route, unit)?;
        answer.blocking_recv().unwrap_or_else(|_| Err(DbError::Closed.into()))
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
        let db = self.clone();
        tokio::task::spawn_blocking(move || db.read_blocking(read))
            .await
            .unwrap_or_else(|_| Err(DbError::Panicked.into()))
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
        match &self.engine {
            Engine::Sqlite(engine) => engine.read_blocking(read),
            Engine::Postgres(engine) => engine.read_blocking(read),
        }
    }

    /// Moves the whole write-ahead log into the file and empties it; a server does so itself.
    ///
    /// # Errors
    /// [`DbError`] when a reader holds it back or the disk fails.
    pub fn checkpoint(&self) -> Result<(), DbError> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.checkpoint(),
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// Sets the indexes of tables aside while very much is written to them, but for those that
    /// refuse a second row or hold only rows that wait: made afterwards they cost a fraction. Until
    /// [`Db::index_again`], or the next opening, questions that need them are slow. A server keeps
    /// its indexes, because other processes may be asking.
    ///
    /// # Errors
    /// [`DbError`]; then none is set aside.
    pub async fn set_indexes_aside(&self, tables: &'static [&'static str]) -> Result<(), DbError> {
        if self.is_shared() {
            return Ok(());
        }
        let unit = |tx: &mut Tx<'_>| {
            tables.iter().try_for_each(|table| sqlite::indexes::set_aside(tx, table))
        };
        self.write(Route::any(), unit).await
    }

    /// Makes the indexes that were set aside, one commit each.
    ///
    /// # Errors
    /// [`DbError`]; what is left is made at the next opening.
    pub async fn index_again(&self) -> Result<(), DbError> {
        if self.is_shared() {
            return Ok(());
        }
        while self.write(Route::any(), sqlite::indexes::make_one).await? {}
        Ok(())
    }

    /// This process among those that share the database, as leases know it.
    #[must_use]
    pub const fn holder(&self) -> lease::Holder {
        self.holder
    }

    /// Whether other processes may work on the same data.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Completes after the next commit that wrote an event or a job.
    pub async fn woken(&self) {
        match &self.engine {
            Engine::Sqlite(engine) => engine.woken().await,
            Engine::Postgres(engine) => engine.woken().await,
        }
    }

    fn submit<T, E, F>(
        &self,
        route: Route,
        work: F,
    ) -> Result<tokio::sync::oneshot::Receiver<Result<T, E>>, DbError>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (queued, answer) = unit::queue(route, work);
        match &self.engine {
            Engine::Sqlite(engine) => engine.submit(queued)?,
            Engine::Postgres(engine) => engine.submit(queued)?,
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
