//! The envelope: a big-endian length of four bytes, then that many bytes of JSON.
//!
//! Request: `{"v":1,"id","op","scope":{…},"deadline_ms","body":{}}`. Answer: `{"id","ok":{}}` or
//! `{"id","err":{"code","detail","path"}}`. A frame that is too long or not JSON ends the
//! connection: after it nobody knows where the next one starts.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::WireScope;

/// Version of the envelope.
pub const VERSION: u32 = 1;
/// Longest frame.
pub const MAX_FRAME_BYTES: usize = 1 << 20;
/// Requests that may wait for an answer on one connection.
pub const MAX_IN_FLIGHT: usize = 256;

/// A question on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Version of the envelope.
    pub v: u32,
    /// Finds the answer again.
    pub id: String,
    /// Name of the operation.
    pub op: String,
    /// On whose behalf; absent for `hello` and `health`.
    #[serde(default)]
    pub scope: Option<WireScope>,
    /// How long the asker waits.
    pub deadline_ms: u64,
    /// The operation's own fields.
    pub body: Value,
}

/// An answer on the wire: exactly one of `ok` and `err`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// The question's id.
    pub id: String,
    /// What was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<Value>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<Refused>,
}

impl Answer {
    /// What a question came to.
    #[must_use]
    pub fn of(id: String, outcome: Result<Value, Refused>) -> Self {
        match outcome {
            Ok(ok) => Self { id, ok: Some(ok), err: None },
            Err(err) => Self { id, ok: None, err: Some(err) },
        }
    }
}

/// Why the vault refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Stable code.
    pub code: String,
    /// Sentence for people; never an input value.
    pub detail: String,
    /// JSON path of the fault in the body, such as `$.return_url`.
    #[serde(default)]
    pub path: Option<String>,
    /// After which another try makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
}

impl Refused {
    /// Whether the same question would be refused again: not when the vault itself was in trouble,
    /// or is of an older release.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(&*self.code, "internal" | "busy" | "audit_unavailable" | "unknown_op")
    }

    /// A refusal with a stable code and a sentence.
    pub fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), detail: detail.into(), path: None, retry_after_seconds: None }
    }

    /// Says when to come back.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Says where the fault is.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`MAX_FRAME_BYTES`].
    #[error("frame of {0} bytes")]
    TooLong(usize),
    /// Not the JSON of an envelope.
    #[error("not an envelope: {0}")]
    Json(#[from] serde_json::Error),
    /// The connection broke.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The bytes of one frame.
///
/// # Errors
/// [`FrameError`] when the message cannot be written or is too long.
pub fn encode(message: &impl Serialize) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len().saturating_sub(4);
    let prefix = u32::try_from(length)
        .ok()
        .filter(|_| length <= MAX_FRAME_BYTES)
        .ok_or(FrameError::TooLong(length))?;
    for (place, byte) in frame.iter_mut().zip(prefix.to_be_bytes()) {
        *place = byte;
    }
    Ok(frame)
}

/// Reads one frame; `None` when the other side closed between two frames.
///
/// # Errors
/// [`FrameError`]; the connection must be closed then.
pub async fn read<T: serde::de::DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> Result<Option<T>, FrameError> {
    let mut prefix = [0; 4];
    match from.read_exact(&mut prefix).await {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let length = usize::try_from(u32::from_be_bytes(prefix)).unwrap_or(usize::MAX);
    if length > MAX_FRAME_BYTES {
        return Err(FrameError::TooLong(length));
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).await?;
    Ok(Some(serde_json::from_slice(&body)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_now(bytes: &[u8]) -> Result<Option<Request>, FrameError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut from = bytes;
        runtime.block_on(read(&mut from))
    }

    #[test]
    fn v_141_a_frame_reads_back() {
        let request = Request {
            v: VERSION,
            id: "1".into(),
            op: "health".into(),
            scope: None,
            deadline_ms: 5_000,
            body: serde_json::json!({}),
        };
        let bytes = encode(&request).unwrap();
        assert_eq!(bytes.get(..4).unwrap(), u32::try_from(bytes.len() - 4).unwrap().to_be_bytes());
        assert_eq!(read_now(&bytes).unwrap().unwrap().op, "health");
        assert!(read_now(&[]).unwrap().is_none());
    }

    #[test]
    fn v_141_bad_frames_are_errors() {
        assert!(matches!(read_now(&[0xff, 0, 0, 0, 1]), Err(FrameError::TooLong(_))));
        assert!(matches!(read_now(&[0, 0, 0, 2, b'{', b'x']), Err(FrameError::Json(_))));
        assert!(matches!(read_now(&[0, 0, 0, 9, b'{']), Err(FrameError::Io(_))));
        let unknown = br#"{"v":1,"id":"1","op":"health","deadline_ms":1,"body":{},"host":"x"}"#;
        let mut frame = u32::try_from(unknown.len()).unwrap().to_be_bytes().to_vec();
        frame.extend_from_slice(unknown);
        assert!(matches!(read_now(&frame), Err(FrameError::Json(_))));
        let long = "x".repeat(MAX_FRAME_BYTES);
        assert!(matches!(encode(&long), Err(FrameError::TooLong(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = read_now(&bytes);
        }
    }
}
