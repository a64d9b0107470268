//! PostgreSQL: a few writers with group commit, a pool of readers.
//!
//! A unit of work sees the database as if it ran alone (`SERIALIZABLE`); one that another
//! transaction came before runs again. Units go to the writer of their aggregate.

mod flight;
mod migrate;
mod session;
mod tls;
mod values;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use tokio::sync::Notify;
use tokio_postgres::error::SqlState;

use self::session::Purpose;
pub(crate) use self::session::Session;
pub use self::tls::Way;
pub(crate) use self::tls::{in_schema, role_at};
use self::writer::{Writer, connect_patiently};
use crate::pool::Pool;
use crate::tx::On;
use crate::unit::Queued;
use crate::{DbError, DbOptions, Insert, Migration, Route, Tx};

/// Travels with every commit that writes, so that a lost answer can be settled.
static COMMIT_MARK: Insert = Insert { table: "commit_mark", columns: &["id", "at"] };

/// Table of [`COMMIT_MARK`]; belongs to no merchant.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "db/0002_commit_mark.pg",
    sql: include_str!("../schema/0002_commit_mark.pg.sql"),
}];

/// The two sides of one database.
#[derive(Clone)]
pub(crate) struct Engine {
    way: Arc<Way>,
    queues: Arc<[mpsc::Sender<Queued>]>,
    next: Arc<AtomicUsize>,
    readers: Arc<Pool<Option<Session>>>,
    wake: Arc<Notify>,
}

impl Engine {
    pub(crate) fn open(
        url: &str,
        options: &DbOptions,
        migrations: &[Migration],
    ) -> Result<Self, DbError> {
        let way = options.way.clone().map_or_else(|| Way::of(url), Ok)?;
        let way = Arc::new(way);
        let mut first = Some(apart(|| {
            let mut session = connect_patiently(&way, Purpose::Write)?;
            migrate::apply(&mut session, migrations)?;
            Ok(session)
        })?);
        let wake = Arc::new(Notify::new());
        let mut queues = Vec::new();
        for _ in 0..options.writers.max(1) {
            let (queue, units) = mpsc::channel();
            let writer = Writer::new(Arc::clone(&way), first.take(), units, Arc::clone(&wake));
            let thread = std::thread::Builder::new().name("db-writer".into());
            let thread = thread.spawn(move || writer.run());
            thread.map_err(|error| DbError::Engine(error.to_string()))?;
            queues.push(queue);
        }
        let readers = Pool::new((0..options.readers.max(1)).map(|_| None).collect());
        Ok(Self {
            way,
            queues: queues.into(),
            next: Arc::default(),
            readers: Arc::new(readers),
            wake,
        })
    }

    pub(crate) fn submit(&self, unit: Queued) -> Result<(), DbError> {
        let writers = self.queues.len() as u64;
        let turn = if unit.route == Route::any() {
            self.next.fetch_add(1, Ordering::Relaxed) as u64
        } else {
            unit.route.key()
        };
        let at = usize::try_from(turn % writers.max(1)).unwrap_or(0);
        let queue = self.queues.get(at).ok_or(DbError::Closed)?;
        queue.send(unit).map_err(|_| DbError::Closed)
    }

    pub(crate) fn read_blocking<T, E, F>(&self, read: F) -> Result<T, E>
    where
        E: From<DbError>,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
    {
        let idle = self.readers.take().filter(|session| !session.is_closed());
        let session = match idle {
            Some(session) => Ok(session),
            None => connect_patiently(&self.way, Purpose::Read),
        };
        let mut session = match session {
            Ok(session) => session,
            Err(error) => {
                self.readers.give_back(None);
                return Err(error.into());
            }
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| read_on(&mut session, read)));
        session.rollback();
        self.readers.give_back(Some(session));
        outcome.unwrap_or_else(|_| Err(DbError::Panicked.into()))
    }

    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }
}

/// Reads beside the processes that serve; nothing is migrated or written.
pub(crate) fn read_once<T, E, F>(url: &str, read: F) -> Result<T, E>
where
    E: From<DbError>,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
{
    let mut session = Session::connect(&Way::of(url)?, Purpose::Read)?;
    let outcome = read_on(&mut session, read);
    session.rollback();
    outcome
}

/// The steps a database has not seen.
pub(crate) fn missing(url: &str, list: &[Migration]) -> Result<Vec<Migration>, DbError> {
    apart(|| migrate::missing(&mut Session::connect(&Way::of(url)?, Purpose::Read)?, list))
}

fn read_on<T, E, F>(session: &mut Session, read: F) -> Result<T, E>
where
    E: From<DbError>,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
{
    read(&mut Tx::new(On::Postgres(session)))
}

/// Runs on a thread of its own: a connection may not be made on a thread of a runtime.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, DbError> + Send) -> Result<T, DbError> {
    let done = std::thread::scope(|scope| scope.spawn(work).join());
    done.unwrap_or(Err(DbError::Panicked))
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else {
            // Everything that is not an answer of the server and not a mistake in a value. A
            // handshake that failed is invalid data: another try would not mend a certificate.
            let lost = error.is_closed()
                || std::error::Error::source(&error)
                    .and_then(|cause| cause.downcast_ref::<std::io::Error>())
                    .is_some_and(|cause| cause.kind() != std::io::ErrorKind::InvalidData);
            let text = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
            return if lost { Self::Unavailable(text) } else { Self::Engine(text) };
        };
        // The detail would hold values of the row: it stays out of texts that are logged.
        let text = said.constraint().map_or(said.message(), |name| name).to_owned();
        match *said.code() {
            SqlState::UNIQUE_VIOLATION => Self::Conflict(text),
            SqlState::CHECK_VIOLATION
            | SqlState::NOT_NULL_VIOLATION
            | SqlState::FOREIGN_KEY_VIOLATION
            | SqlState::RAISE_EXCEPTION => Self::Check(text),
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Self::Busy,
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::TOO_MANY_CONNECTIONS => Self::Unavailable(text),
            _ => Self::Engine(format!("{}: {}", said.code().code(), said.message())),
        }
    }
}

/// Makes an empty schema; gives the address whose tables lie in it.
pub(crate) fn scratch_schema(server: &str, name: &str) -> Result<String, DbError> {
    apart(|| {
        let session = Session::connect(&Way::of(server)?, Purpose::Write)?;
        session.script(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))
    })?;
    let joint = if server.contains('?') { '&' } else { '?' };
    Ok(format!("{server}{joint}options=-csearch_path%3D{name}"))
}
