//! The outgoing role: one request to one allowed host, one try.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::client::{Answer, Call, ClientError};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

/// Requests in flight to a host.
const MAX_IN_FLIGHT: usize = 64;

/// A request of the core to the relay.
pub(crate) struct ToRelay {
    /// Name of the host.
    pub(crate) host: String,
    /// Path there.
    pub(crate) path: String,
    /// The filled body.
    pub(crate) body: Zeroizing<Vec<u8>>,
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

/// Addresses that templates may reach, and how long an answer may take.
pub(crate) struct RelayRole {
    /// What the host `sandbox` stands for.
    pub(crate) sandbox: SocketAddr,
    /// Longest wait for an answer.
    pub(crate) patience: Duration,
}

impl RelayRole {
    /// Sends what comes, until the core is gone.
    pub(crate) async fn run(self, mut requests: mpsc::Receiver<ToRelay>) {
        let places = std::sync::Arc::new(tokio::sync::Semaphore::new(MAX_IN_FLIGHT));
        while let Some(request) = requests.recv().await {
            let address = (request.host == "sandbox").then_some(self.sandbox);
            let Ok(place) = std::sync::Arc::clone(&places).acquire_owned().await else { return };
            let patience = self.patience;
            tokio::spawn(async move {
                let ToRelay { path, body, reply, .. } = request;
                let outcome = match address {
                    Some(address) => send(address, path, body, patience).await,
                    None => Outcome::NotSent,
                };
                let _ = reply.send(outcome);
                drop(place);
            });
        }
    }
}

async fn send(
    address: SocketAddr,
    path: String,
    body: Zeroizing<Vec<u8>>,
    patience: Duration,
) -> Outcome {
    let started = Instant::now();
    let mut call = Call::get(format!("http://{address}"), path, patience);
    call.method = axum::http::Method::POST;
    call.body = Bytes::from_owner(body);
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
