//! The outgoing role: one request to one allowed host, one try.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Method;
use bytes::Bytes;
use http::client::{Answer, Call, ClientError};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Requests in flight to the bank, and as many messages of channels beside them.
const MAX_IN_FLIGHT: usize = 64;

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
    /// Longest wait for the answer, where it is not the usual one.
    pub(crate) patience: Option<Duration>,
    /// Largest answer.
    pub(crate) most_bytes: usize,
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
    /// Longest wait for an answer.
    pub(crate) patience: Duration,
}

impl RelayRole {
    /// Sends what comes, until the core is gone.
    pub(crate) async fn run(self, mut requests: mpsc::Receiver<ToRelay>) {
        let [charges, messages] = [(); 2].map(|()| Arc::new(Semaphore::new(MAX_IN_FLIGHT)));
        while let Some(ToRelay { sent, reply }) = requests.recv().await {
            let places = if sent.patience.is_none() { &charges } else { &messages };
            let places = Arc::clone(places);
            let address = match &sent.host {
                Host::Sandbox => Some(self.sandbox),
                Host::Near(address) => Some(*address),
                Host::Named(_) => None,
            };
            let patience = sent.patience.unwrap_or(self.patience);
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
    call.most_bytes = sent.most_bytes;
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
