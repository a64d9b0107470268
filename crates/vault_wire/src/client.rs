//! The app's end of the socket: many requests on one connection, reconnecting by itself.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::frame::{self, Answer, Refused, Request};
use crate::{Operation, SEALED, WireScope};

/// How long an ordinary question waits for its answer.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);
/// How long a relay call waits: the host's 30 seconds, and some more.
pub const RELAY_DEADLINE: Duration = Duration::from_secs(40);

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The vault is not there, or went away.
    #[error("the vault cannot be reached")]
    Unreachable {
        /// Whether the request may have left before.
        sent: bool,
    },
    /// The vault is there and holds no key until its custodians open it: nothing was done.
    #[error("the vault is sealed")]
    Sealed,
    /// The vault heard and refused.
    #[error("the vault refused: {} ({})", .0.code, .0.detail)]
    Refused(Refused),
    /// No answer within the deadline.
    #[error("the vault did not answer in time")]
    Timeout,
    /// The request cannot be put on the wire, or the answer has another shape than ours.
    #[error("a message of the wire has an unknown shape")]
    Shape {
        /// Whether the request left.
        sent: bool,
    },
}

impl WireError {
    /// Whether the vault, or the bank behind its relay, may have acted on the request. After a
    /// relay call this means: ask the bank, never send again.
    #[must_use]
    pub fn may_have_been_heard(&self) -> bool {
        match self {
            Self::Unreachable { sent } | Self::Shape { sent } => *sent,
            Self::Timeout => true,
            Self::Sealed => false,
            Self::Refused(refused) => {
                matches!(refused.code.as_str(), "relay_unknown" | "relay_bad_answer")
            }
        }
    }

    /// The vault's stable code, when it refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(refused) => Some(&refused.code),
            Self::Sealed => Some(SEALED),
            _ => None,
        }
    }
}

/// A handle on the vault; cheap to clone, connects when first used.
#[derive(Clone)]
pub struct VaultClient(Arc<Inner>);

struct Inner {
    path: PathBuf,
    connection: tokio::sync::Mutex<Option<Arc<Connection>>>,
    /// Whether the last try to connect failed: only the first of many is worth a line.
    is_away: AtomicBool,
    next: AtomicU64,
}

struct Connection {
    queue: mpsc::Sender<Outgoing>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    places: Semaphore,
    closed: AtomicBool,
}

struct Outgoing {
    bytes: Vec<u8>,
    written: Arc<AtomicBool>,
}

impl VaultClient {
    /// A client of the socket at `path`; nothing is opened yet.
    #[must_use]
    pub fn connect(path: PathBuf) -> Self {
        let connection = tokio::sync::Mutex::new(None);
        let (is_away, next) = (AtomicBool::new(false), AtomicU64::new(1));
        Self(Arc::new(Inner { path, connection, is_away, next }))
    }

    /// Asks and waits at most [`DEFAULT_DEADLINE`], or [`RELAY_DEADLINE`] for a relay call.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn ask<O: Operation>(
        &self,
        scope: &WireScope,
        question: &O,
    ) -> Result<O::Answer, WireError> {
        let wait = if O::OP == "relay.call" { RELAY_DEADLINE } else { DEFAULT_DEADLINE };
        self.ask_within(Some(scope), question, wait).await
    }

    /// Asks without a scope: `hello`, `health`.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn ask_unscoped<O: Operation>(&self, question: &O) -> Result<O::Answer, WireError> {
        self.ask_within(None, question, DEFAULT_DEADLINE).await
    }

    /// Asks with a deadline of one's own.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn ask_within<O: Operation>(
        &self,
        scope: Option<&WireScope>,
        question: &O,
        wait: Duration,
    ) -> Result<O::Answer, WireError> {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed).to_string();
        let request = Request {
            v: frame::VERSION,
            id: id.clone(),
            op: O::OP.to_owned(),
            scope: scope.cloned(),
            deadline_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            body: serde_json::to_value(question).map_err(|_| WireError::Shape { sent: false })?,
        };
        let bytes = frame::encode(&request).map_err(|_| WireError::Shape { sent: false })?;
        let written = Arc::new(AtomicBool::new(false));
        let outgoing = Outgoing { bytes, written: Arc::clone(&written) };
        let answer = tokio::time::timeout(wait, self.exchange(id, outgoing)).await;
        let sent = written.load(Ordering::Acquire);
        match answer {
            Err(_) if sent => Err(WireError::Timeout),
            Err(_) | Ok(None) => Err(WireError::Unreachable { sent }),
            Ok(Some(Answer { err: Some(refused), .. })) if refused.code == SEALED => {
                Err(WireError::Sealed)
            }
            Ok(Some(Answer { err: Some(refused), .. })) => Err(WireError::Refused(refused)),
            Ok(Some(Answer { ok, .. })) => serde_json::from_value(ok.unwrap_or_default())
                .map_err(|_| WireError::Shape { sent: true }),
        }
    }

    /// One exchange; `None` when the connection could not be opened or broke.
    async fn exchange(&self, id: String, outgoing: Outgoing) -> Option<Answer> {
        let connection = self.connection().await?;
        let _place = connection.places.acquire().await.ok()?;
        let (tell, told) = oneshot::channel();
        let guard = connection.expect(id, tell)?;
        connection.queue.send(outgoing).await.ok()?;
        let answer = told.await.ok();
        drop(guard);
        answer
    }

    async fn connection(&self) -> Option<Arc<Connection>> {
        let mut slot = self.0.connection.lock().await;
        if let Some(live) = slot.as_ref().filter(|c| !c.closed.load(Ordering::Acquire)) {
            return Some(Arc::clone(live));
        }
        let (reading, writing) = match UnixStream::connect(&self.0.path).await {
            Ok(stream) => stream.into_split(),
            Err(error) => {
                if !self.0.is_away.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "the vault cannot be reached");
                }
                return None;
            }
        };
        if self.0.is_away.swap(false, Ordering::Relaxed) {
            tracing::info!("the vault can be reached again");
        }
        let (queue, outgoing) = mpsc::channel(frame::MAX_IN_FLIGHT);
        let connection = Arc::new(Connection {
            queue,
            waiting: Mutex::default(),
            places: Semaphore::new(frame::MAX_IN_FLIGHT),
            closed: AtomicBool::new(false),
        });
        tokio::spawn(write_all(Arc::clone(&connection), writing, outgoing));
        tokio::spawn(read_all(Arc::clone(&connection), reading));
        *slot = Some(Arc::clone(&connection));
        Some(connection)
    }
}

impl Connection {
    /// Remembers who waits for `id`; `None` if the connection has just ended.
    fn expect(&self, id: String, tell: oneshot::Sender<Answer>) -> Option<Forget<'_>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.closed.load(Ordering::Acquire) {
            return None;
        }
        waiting.insert(id.clone(), tell);
        Some(Forget { connection: self, id })
    }

    /// Ends the connection: everybody who waits is told by the drop of his channel.
    fn close(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.closed.store(true, Ordering::Release);
        waiting.clear();
    }
}

/// Takes a request out of the waiting list when its asker leaves, answered or not.
struct Forget<'c> {
    connection: &'c Connection,
    id: String,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        let waiting = &self.connection.waiting;
        waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

async fn write_all(
    connection: Arc<Connection>,
    mut to: OwnedWriteHalf,
    mut queue: mpsc::Receiver<Outgoing>,
) {
    while let Some(outgoing) = queue.recv().await {
        if connection.closed.load(Ordering::Acquire) {
            break;
        }
        outgoing.written.store(true, Ordering::Release);
        if to.write_all(&outgoing.bytes).await.is_err() {
            break;
        }
    }
    connection.close();
}

async fn read_all(connection: Arc<Connection>, mut from: OwnedReadHalf) {
    loop {
        match frame::read::<Answer>(&mut from).await {
            Ok(Some(answer)) => {
                let mut waiting = connection.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(tell) = waiting.remove(&answer.id) {
                    let _ = tell.send(answer);
                }
            }
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(%error, "the vault's answers cannot be read");
                break;
            }
        }
    }
    connection.close();
}

#[cfg(test)]
mod tests {
    use tokio::net::UnixListener;

    use crate::{Health, Healthy};

    use super::*;

    /// A vault that answers `health` in the reverse order of the questions, `count` at a time.
    async fn serve_reversed(listener: UnixListener, count: usize) {
        let (stream, _) = listener.accept().await.unwrap();
        let (mut from, mut to) = stream.into_split();
        let mut asked = Vec::new();
        while asked.len() < count {
            asked.push(frame::read::<Request>(&mut from).await.unwrap().unwrap());
        }
        for request in asked.into_iter().rev() {
            let ok = serde_json::to_value(Healthy { status: request.id.clone() }).unwrap();
            let answer = Answer { id: request.id, ok: Some(ok), err: None };
            to.write_all(&frame::encode(&answer).unwrap()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn v_141_answers_come_in_any_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let server = tokio::spawn(serve_reversed(listener, 50));
        let client = VaultClient::connect(path);
        let asks = (0..50).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.ask_unscoped(&Health {}).await.unwrap().status })
        });
        let mut seen = std::collections::HashSet::new();
        for ask in asks.collect::<Vec<_>>() {
            seen.insert(ask.await.unwrap());
        }
        server.await.unwrap();
        assert_eq!(seen.len(), 50);
    }

    #[tokio::test]
    async fn the_caller_knows_whether_the_vault_may_have_heard() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.sock");
        let client = VaultClient::connect(path.clone());
        let error = client.ask_unscoped(&Health {}).await.unwrap_err();
        assert_eq!(error, WireError::Unreachable { sent: false });
        assert!(!error.may_have_been_heard());

        let listener = UnixListener::bind(&path).unwrap();
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (mut from, _to) = stream.into_split();
            let _ = frame::read::<Request>(&mut from).await.unwrap();
            listener
        });
        let error = client.ask_unscoped(&Health {}).await.unwrap_err();
        assert_eq!(error, WireError::Unreachable { sent: true });
        assert!(error.may_have_been_heard());

        let listener = server.await.unwrap();
        let server = tokio::spawn(serve_reversed(listener, 1));
        assert!(client.ask_unscoped(&Health {}).await.is_ok(), "it connects again");
        server.await.unwrap();
    }

    #[tokio::test]
    async fn a_silent_vault_is_a_timeout() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.sock");
        let _listener = UnixListener::bind(&path).unwrap();
        let client = VaultClient::connect(path);
        let short = Duration::from_millis(30);
        let error = client.ask_within(None, &Health {}, short).await.unwrap_err();
        assert_eq!(error, WireError::Timeout);
    }
}
