//! The app's door: a Unix socket. Who connects is asked of the kernel, not of the peer.

use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};
use vault_wire::frame::{self, Answer, MAX_IN_FLIGHT, Request};

use crate::core::ToCore;

/// Accepts connections of one user until the process ends.
pub(crate) async fn serve(listener: UnixListener, allowed: u32, core: mpsc::Sender<ToCore>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let peer = stream.peer_cred().map(|peer| peer.uid());
                if peer.as_ref().is_ok_and(|uid| *uid == allowed) {
                    tokio::spawn(converse(stream, core.clone()));
                } else {
                    tracing::error!(?peer, "ALARM: another user at the vault's socket");
                }
            }
            Err(error) => {
                tracing::warn!(%error, "socket");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

/// One connection: many requests at once, answers in any order. A bad frame ends it.
async fn converse(stream: UnixStream, core: mpsc::Sender<ToCore>) {
    let (mut from, to) = stream.into_split();
    let to = Arc::new(Mutex::new(to));
    let places = Arc::new(Semaphore::new(MAX_IN_FLIGHT));
    loop {
        let request = match frame::read::<Request>(&mut from).await {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "ALARM: a bad frame at the vault's socket");
                return;
            }
        };
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (core, to) = (core.clone(), Arc::clone(&to));
        tokio::spawn(async move {
            let (reply, answer) = oneshot::channel();
            if core.send(ToCore::Wire(Box::new(request), reply)).await.is_ok()
                && let Ok(answer) = answer.await
            {
                write(&to, &answer).await;
            }
            drop(place);
        });
    }
}

async fn write(to: &Mutex<OwnedWriteHalf>, answer: &Answer) {
    let bytes = match frame::encode(answer) {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written");
            return;
        }
    };
    if let Err(error) = to.lock().await.write_all(&bytes).await {
        tracing::debug!(%error, "the app is gone");
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn v_139_another_user_at_the_socket_hears_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.sock");
        let own = rustix::process::getuid().as_raw();
        let listener = UnixListener::bind(&path).unwrap();
        let (core, mut asked) = mpsc::channel(1);
        let serving = tokio::spawn(serve(listener, own.wrapping_add(1), core));
        let mut stream = UnixStream::connect(&path).await.unwrap();
        let hello = br#"{"v":1,"id":"1","op":"hello","scope":{},"deadline_ms":5000,"body":{}}"#;
        let length = u32::try_from(hello.len()).unwrap().to_be_bytes();
        let _ = stream.write_all(&length).await;
        let _ = stream.write_all(hello).await;
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        assert!(heard.is_empty(), "not one byte");
        assert!(asked.try_recv().is_err(), "nothing reaches the core");
        serving.abort();
    }
}
