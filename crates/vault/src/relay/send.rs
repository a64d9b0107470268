//! The outgoing role: one request to one allowed host, one try.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Method;
use bytes::Bytes;
use http::client::{Answer, Call, ClientError, MAX_ANSWER_BYTES};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Requests in flight to the bank, and as many messages of channels beside them.
const MAX_IN_FLIGHT: usize = 64;

/// Longest wait for the other side of a message.
const MESSAGE_PATIENCE: Duration = Duration::from_secs(20);

/// Most bytes of a message of a channel, and of what is said to it.
pub(crate) const MOST_MESSAGE_BYTES: usize = 5 * 1024 * 1024;

/// One place on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// What templates call `sandbox`.
    Sandbox,
    /// Another process of the house on this machine.
    Near(SocketAddr),
    /// A name of the operator's list, port 443.
    Named(String),
}

/// A request.
pub(crate) struct Sent {
    pub(crate) host: Host,
    pub(crate) method: Method,
    /// Path with query.
    pub(crate) path: String,
    /// Content type of the body.
    pub(crate) kind: Cow<'static, str>,
    /// The filled body.
    pub(crate) body: Bytes,
    pub(crate) lane: Lane,
}

/// What a request is for: neither kind waits behind the other, and each has its own limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A card goes to the bank.
    Charge,
    /// A message of a sales channel passes.
    Message,
}

/// A request of the core to the relay.
pub(crate) struct ToRelay {
    pub(crate) sent: Sent,
    /// Where the outcome goes.
    pub(crate) reply: oneshot::Sender<Outcome>,
}

/// What became of a request.
pub(crate) enum Outcome {
    /// The host answered, after so many milliseconds.
    Answered(Answer, u64),
    /// No byte left.
    NotSent,
    /// It left; nobody knows more.
    Unknown,
}

/// Addresses that may be reached, and how long an answer may take.
pub(crate) struct RelayRole {
    /// What the host `sandbox` stands for.
    pub(crate) sandbox: SocketAddr,
    /// Longest wait for the bank's answer.
    pub(crate) patience: Duration,
}

impl RelayRole {
    /// Sends what comes, until the core is gone.
    pub(crate) async fn run(self, mut requests: mpsc::Receiver<ToRelay>) {
        let [charges, messages] = [(); 2].map(|()| Arc::new(Semaphore::new(MAX_IN_FLIGHT)));
        while let Some(ToRelay { sent, reply }) = requests.recv().await {
            let (places, patience) = match sent.lane {
                Lane::Charge => (Arc::clone(&charges), self.patience),
                Lane::Message => (Arc::clone(&messages), MESSAGE_PATIENCE),
            };
            let address = match &sent.host {
                Host::Sandbox => Some(self.sandbox),
                Host::Near(address) => Some(*address),
                Host::Named(_) => None,
            };
            tokio::spawn(async move {
                let Ok(place) = places.acquire_owned().await else { return };
                let outcome = match address {
                    Some(address) => send(address, sent, patience).await,
                    None => Outcome::NotSent,
                };
                let _ = reply.send(outcome);
                drop(place);
            });
        }
    }
}

async fn send(address: SocketAddr, sent: Sent, patience: Duration) -> Outcome {
    let started = Instant::now();
    let mut call = Call::get(format!("http://{address}"), sent.path, patience);
    call.method = sent.method;
    call.content_type = sent.kind;
    call.most_bytes = match sent.lane {
        Lane::Charge => MAX_ANSWER_BYTES,
        Lane::Message => MOST_MESSAGE_BYTES,
    };
    call.body = sent.body;
    match call.send().await {
        Ok(answer) => {
            let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            Outcome::Answered(answer, millis)
        }
        Err(ClientError::Address | ClientError::NotSent(_)) => Outcome::NotSent,
        Err(ClientError::NoAnswer(why)) => {
            tracing::warn!(why, "relay: sent without an answer");
            Outcome::Unknown
        }
    }
}
