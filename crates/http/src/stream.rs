//! Answers that are made while they are sent: files of any length, and events.

use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};

pub use axum::body::Bytes;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderName, header};
pub use axum::response::Response;
use hyper::body::Frame;
use tokio::sync::{mpsc, watch};

use crate::reply::set;

/// Pieces that wait while the reader is slow.
pub const WAITING_PIECES: usize = 4;

/// Why an answer breaks off: the reader must not take a part for the whole.
#[derive(Debug, thiserror::Error)]
#[error("the answer could not be finished")]
pub struct BrokenOff;

/// Sends the pieces of an answer.
pub type Pieces = mpsc::Sender<Result<Bytes, BrokenOff>>;

/// An answer whose pieces are sent later; dropping the sender ends it well, an error cuts the
/// connection.
#[must_use]
pub fn answer() -> (Pieces, Response) {
    let (sender, pieces) = mpsc::channel(WAITING_PIECES);
    (sender, Response::new(Body::new(Waiting(pieces))))
}

/// An answer of server events (WHATWG HTML, section 9.2).
#[must_use]
pub fn events() -> (Pieces, Response) {
    let (sender, mut response) = answer();
    set(&mut response, header::CONTENT_TYPE, "text/event-stream; charset=utf-8");
    // Said to nginx and those who understand it: pass each event on, do not gather them.
    set(&mut response, HeaderName::from_static("x-accel-buffering"), "no");
    (sender, response)
}

/// Makes an answer a file to be kept under a name.
pub fn as_attachment(response: &mut Response, name: &str, media_type: &str) {
    set(response, header::CONTENT_TYPE, media_type);
    set(response, header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""));
}

struct Waiting(mpsc::Receiver<Result<Bytes, BrokenOff>>);

impl HttpBody for Waiting {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

static ENDING: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::channel(false).0);

/// Tells answers without an end of their own that the server ends.
pub(crate) fn end_all() {
    ENDING.send_replace(true);
}

/// Completes when the server ends.
pub async fn ending() {
    let mut ending = ENDING.subscribe();
    let _ = ending.wait_for(|ending| *ending).await;
}
