//! One connection: statements prepared once, inserts kept back and sent together.
//!
//! Nothing is sent before it must be. `BEGIN`, the inserts that were kept back, and the statement
//! that needs an answer travel in one flight; so do the last inserts and `COMMIT`. A connection
//! has a runtime of its own, because a unit of work is synchronous.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Runtime;
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, Connection, NoTls, Socket, Statement};

use super::flight::{self, Step};
use super::tls::Way;
use super::values::Column;
use crate::{DbError, Insert, Row, Val, params};

/// Statements kept prepared; beyond, all are forgotten and prepared anew.
const PREPARED_STATEMENTS: usize = 1_024;
/// The lock of the turn: a number of our own, and the schema, for a server with several of us.
const TURN: &str = "1735092340, hashtext(current_schema())";
/// Rows of one table that are kept back at most.
const ROWS_PER_INSERT: usize = 2_048;
/// A statement that runs longer is ended by the server; so is a transaction left open. Index
/// lookups are preferred also while a table is small: the plan is kept when it has grown.
const WRITE_SETTINGS: &str = "SET statement_timeout = '60s'; \
    SET idle_in_transaction_session_timeout = '120s'; SET enable_seqscan = off";
const READ_SETTINGS: &str =
    "SET statement_timeout = '120s'; SET idle_in_transaction_session_timeout = '120s'";

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Units of work.
    Write,
    /// One view that does not move, and no right to write.
    Read,
}

impl Purpose {
    const fn begin(self) -> &'static str {
        match self {
            Self::Write => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    const fn settings(self) -> &'static str {
        match self {
            Self::Write => WRITE_SETTINGS,
            Self::Read => READ_SETTINGS,
        }
    }
}

#[derive(Clone)]
struct Prepared {
    statement: Statement,
    columns: Arc<[String]>,
}

/// Rows of one table that were not sent yet.
struct Kept {
    into: &'static Insert,
    rows: Vec<Vec<Val>>,
    /// How many of them belong to units before the one that runs.
    of_others: usize,
}

/// Kept rows as they travel: a statement and its parameters, by column when there are several.
struct Sending<'a> {
    prepared: Prepared,
    columns: Vec<Column<'a>>,
    row: Option<&'a [Val]>,
}

/// Whether rows that were kept back travel with a flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    Send,
    Keep,
}

/// How a commit whose answer was lost had ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    Committed,
    Aborted,
}

/// What ends a flight.
enum Last<'a> {
    Rows(&'a Prepared, &'a [Val]),
    Count(&'a Prepared, &'a [Val]),
    Words(&'static str),
}

/// What came back.
enum Answer {
    Rows(Vec<tokio_postgres::Row>),
    Count(u64),
}

/// One connection and the transaction that is open on it.
pub(crate) struct Session {
    runtime: Option<Runtime>,
    client: Client,
    purpose: Purpose,
    statements: HashMap<String, Prepared>,
    kept: Vec<Kept>,
    begun: bool,
    /// Something that changes rows was sent in this transaction.
    wrote: bool,
    /// The same, by the unit that runs.
    unit_wrote: bool,
    failure: Option<DbError>,
}

/// The near end of a connection whose far end is attended to on the same runtime.
fn attended<T>((client, connection): (Client, Connection<Socket, T>)) -> Client
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "connection to the database lost");
        }
    });
    client
}

impl Session {
    /// Connects. Blocks, so never from a thread of a runtime.
    pub(crate) fn connect(way: &Way, purpose: Purpose) -> Result<Self, DbError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| DbError::Engine(error.to_string()))?;
        let Way { config, tls } = way;
        let client = runtime.block_on(async {
            let client = match tls {
                Some(tls) => attended(config.connect(tls.clone()).await?),
                None => attended(config.connect(NoTls).await?),
            };
            client.batch_execute(purpose.settings()).await?;
            Ok::<Client, tokio_postgres::Error>(client)
        })?;
        Ok(Self {
            runtime: Some(runtime),
            client,
            purpose,
            statements: HashMap::new(),
            kept: Vec::new(),
            begun: false,
            wrote: false,
            unit_wrote: false,
            failure: None,
        })
    }

    /// Whether the server has gone away.
    pub(crate) fn is_closed(&self) -> bool {
        // One turn of the runtime, so that what the server said meanwhile is heard.
        let _ = self.wait(async {
            tokio::task::yield_now().await;
            Ok(())
        });
        self.client.is_closed()
    }

    /// Runs several statements without parameters, as migrations have them.
    pub(crate) fn script(&self, sql: &str) -> Result<(), DbError> {
        self.wait(self.client.batch_execute(sql))
    }

    /// The first column of a query outside any transaction.
    pub(crate) fn lookup<T: for<'r> FromSql<'r>>(
        &self,
        sql: &str,
        params: &[Val],
    ) -> Result<Vec<T>, DbError> {
        let rows = self.wait(self.client.query(sql, &of_row(params)))?;
        rows.iter().map(|row| row.try_get(0).map_err(DbError::from)).collect()
    }

    /// A unit begins: what is kept back so far belongs to others.
    pub(crate) fn begin_unit(&mut self) {
        self.unit_wrote = false;
        for kept in &mut self.kept {
            kept.of_others = kept.rows.len();
        }
    }

    /// Forgets the rows the unit kept back; false when it has sent more than that, so that only
    /// a rollback of the whole transaction undoes it.
    pub(crate) fn forget_unit(&mut self) -> bool {
        if self.unit_wrote || self.failure.is_some() {
            return false;
        }
        for kept in &mut self.kept {
            kept.rows.truncate(kept.of_others);
        }
        true
    }

    /// The first failure since the transaction began.
    pub(crate) const fn failure(&self) -> Option<&DbError> {
        self.failure.as_ref()
    }

    pub(crate) fn insert(&mut self, into: &'static Insert, row: Vec<Val>) -> Result<(), DbError> {
        if row.len() != into.columns.len() {
            return Err(DbError::Engine(format!("{}: one value per column", into.table)));
        }
        let place = self.kept.iter().position(|kept| std::ptr::eq(kept.into, into));
        let rows = match place.and_then(|at| self.kept.get_mut(at)) {
            Some(kept) => {
                kept.rows.push(row);
                kept.rows.len()
            }
            None => {
                self.kept.push(Kept { into, rows: vec![row], of_others: 0 });
                1
            }
        };
        if rows >= ROWS_PER_INSERT { self.fly(Rows::Send, None).map(|_| ()) } else { Ok(()) }
    }

    pub(crate) fn exec(&mut self, sql: &str, params: &[Val]) -> Result<u64, DbError> {
        let prepared = self.statement(sql)?;
        self.note_write(sql);
        match self.fly(self.due(), Some(Last::Count(&prepared, params)))? {
            Some(Answer::Count(changed)) => Ok(changed),
            _ => Ok(0),
        }
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Val]) -> Result<Vec<Row>, DbError> {
        let prepared = self.statement(sql)?;
        self.note_write(sql);
        let answer = self.fly(self.due(), Some(Last::Rows(&prepared, params)))?;
        let Some(Answer::Rows(rows)) = answer else { return Ok(Vec::new()) };
        let read = |row: &tokio_postgres::Row| {
            let values = (0..row.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>();
            values.map(|values| Row::new(Arc::clone(&prepared.columns), values))
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| self.failed(error.into()))
    }

    /// Ends the transaction. One that changes anything leaves a mark of this id.
    pub(crate) fn commit(&mut self, id: [u8; 16], now: i64) -> Result<(), DbError> {
        if self.wrote || self.kept.iter().any(|kept| !kept.rows.is_empty()) {
            self.insert(&super::COMMIT_MARK, params![id, now])?;
        }
        if self.begun || !self.kept.is_empty() {
            self.fly(Rows::Send, Some(Last::Words("COMMIT")))?;
        }
        self.reset();
        Ok(())
    }

    /// Takes the place of a mark, for good; tells whether its commit had left it there. May be
    /// repeated: a claim (a time before zero) is not taken for the commit's own mark. While the
    /// commit still runs on the server, this waits for its end.
    pub(crate) fn claim(&self, id: [u8; 16], now: i64) -> Result<Claim, DbError> {
        let put = "INSERT INTO commit_mark (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.wait(self.client.execute(put, &of_row(&params![id, now.saturating_neg()])))?;
        let committed = "SELECT 1 FROM commit_mark WHERE id = $1 AND at > 0";
        let found: Vec<i32> = self.lookup(committed, &params![id])?;
        Ok(if found.is_empty() { Claim::Aborted } else { Claim::Committed })
    }

    /// Waits for the turn that only one connection of the database has; to be taken outside any
    /// transaction, so that the next one sees all that was done in the turn before.
    pub(crate) fn take_turn(&self) -> bool {
        self.script(&format!("SELECT pg_advisory_lock({TURN})")).is_ok()
    }

    /// Gives the turn to the next in line. A connection that dies gives it too.
    pub(crate) fn leave_turn(&self) {
        if self.script(&format!("SELECT pg_advisory_unlock({TURN})")).is_err() {
            tracing::debug!("the turn went with its connection");
        }
    }

    /// Undoes whatever the transaction did.
    pub(crate) fn rollback(&mut self) {
        if self.begun && self.script("ROLLBACK").is_err() {
            tracing::debug!("nothing to roll back on a lost connection");
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.kept.clear();
        (self.begun, self.wrote, self.unit_wrote, self.failure) = (false, false, false, None);
    }

    /// A unit must see its own rows; those of others may wait for the commit.
    fn due(&self) -> Rows {
        let own = self.kept.iter().any(|kept| kept.rows.len() > kept.of_others);
        if own { Rows::Send } else { Rows::Keep }
    }

    fn note_write(&mut self, sql: &str) {
        let first = sql.trim_start().get(..6).unwrap_or_default();
        let reads = first.eq_ignore_ascii_case("SELECT") || first.starts_with("WITH");
        self.wrote |= !reads;
        self.unit_wrote |= !reads;
    }

    /// Sends what must be sent, in one flight.
    fn fly(&mut self, rows: Rows, last: Option<Last<'_>>) -> Result<Option<Answer>, DbError> {
        let kept = if rows == Rows::Send { std::mem::take(&mut self.kept) } else { Vec::new() };
        let has_rows = |kept: &&Kept| !kept.rows.is_empty();
        let mut sending = Vec::new();
        for kept in kept.iter().filter(has_rows) {
            // A failure here loses rows of other units too: it must fail the whole transaction.
            sending.push(self.load(kept).map_err(|error| self.failed(error))?);
            self.wrote = true;
            self.unit_wrote |= kept.rows.len() > kept.of_others;
        }
        let begin = (!self.begun).then(|| self.purpose.begin());
        self.begun = true;
        let answer = self.wait(async {
            let mut steps: Vec<Step<'_, Answer, tokio_postgres::Error>> = Vec::new();
            steps.extend(begin.map(|words| words_step(&self.client, words)));
            steps.extend(sending.iter().map(|insert| insert.step(&self.client)));
            steps.extend(last.as_ref().map(|last| last.step(&self.client)));
            flight::in_order(steps).await
        });
        answer.map_err(|error| self.failed(error))
    }

    fn load<'k>(&mut self, kept: &'k Kept) -> Result<Sending<'k>, DbError> {
        let one = self.statement(&kept.into.text())?;
        if let [row] = kept.rows.as_slice() {
            return Ok(Sending { prepared: one, columns: Vec::new(), row: Some(row) });
        }
        let prepared = self.statement(&many_text(kept.into, one.statement.params())?)?;
        let column = |at: usize| Column(kept.rows.iter().filter_map(|row| row.get(at)).collect());
        let columns = (0..kept.into.columns.len()).map(column).collect();
        Ok(Sending { prepared, columns, row: None })
    }

    fn statement(&mut self, sql: &str) -> Result<Prepared, DbError> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        if self.statements.len() >= PREPARED_STATEMENTS {
            self.statements.clear();
        }
        let statement = match self.wait(self.client.prepare(sql)) {
            Ok(statement) => statement,
            Err(error) => return Err(self.failed(error)),
        };
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        let prepared = Prepared { statement, columns };
        self.statements.insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }

    fn failed(&mut self, error: DbError) -> DbError {
        self.failure.get_or_insert_with(|| error.clone());
        error
    }

    fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DbError> {
        let runtime = self.runtime.as_ref().ok_or(DbError::Closed)?;
        runtime.block_on(answer).map_err(DbError::from)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A runtime may not be dropped where waiting is forbidden; this does not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Sending<'_> {
    fn step<'s>(&'s self, client: &'s Client) -> Step<'s, Answer, tokio_postgres::Error> {
        let params = match self.row {
            Some(row) => of_row(row),
            None => self.columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect(),
        };
        let statement = &self.prepared.statement;
        Box::pin(async move { client.execute(statement, &params).await.map(Answer::Count) })
    }
}

impl Last<'_> {
    fn step<'s>(&'s self, client: &'s Client) -> Step<'s, Answer, tokio_postgres::Error> {
        match *self {
            Last::Rows(prepared, params) => Box::pin(async move {
                client.query(&prepared.statement, &of_row(params)).await.map(Answer::Rows)
            }),
            Last::Count(prepared, params) => Box::pin(async move {
                client.execute(&prepared.statement, &of_row(params)).await.map(Answer::Count)
            }),
            Last::Words(words) => words_step(client, words),
        }
    }
}

fn words_step<'s>(
    client: &'s Client,
    words: &'static str,
) -> Step<'s, Answer, tokio_postgres::Error> {
    Box::pin(async move { client.batch_execute(words).await.map(|()| Answer::Count(0)) })
}

fn of_row(row: &[Val]) -> Vec<&(dyn ToSql + Sync)> {
    row.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// The insert of many rows: one array per column, unfolded in the select list.
fn many_text(into: &Insert, types: &[Type]) -> Result<String, DbError> {
    let unfold = |(at, ty): (usize, &Type)| match *ty {
        Type::INT8 => Ok(format!("unnest(${}::bigint[])", at + 1)),
        Type::TEXT => Ok(format!("unnest(${}::text[])", at + 1)),
        Type::BYTEA => Ok(format!("unnest(${}::bytea[])", at + 1)),
        _ => Err(DbError::Engine(format!("{}: a column of type {ty}", into.table))),
    };
    let arrays = types.iter().enumerate().map(unfold).collect::<Result<Vec<_>, _>>()?.join(", ");
    Ok(format!("INSERT INTO {} ({}) SELECT {arrays}", into.table, into.columns.join(", ")))
}
