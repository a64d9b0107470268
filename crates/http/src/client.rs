//! A small client for machines of the house on loopback: plain HTTP, JSON, one try.
//!
//! What matters to money is said exactly: whether the request may have been heard.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{Method, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Largest answer unless the call says otherwise, in bytes.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;
const CONNECT_SECONDS: u64 = 5;

/// An answer with its body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Content type, empty when absent.
    pub content_type: String,
    /// Where a redirect leads; empty when absent.
    pub location: String,
    /// The body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The address is not one of `http://host:port`.
    #[error("not an address of the house")]
    Address,
    /// No byte left: a retry repeats nothing.
    #[error("not reached: {0}")]
    NotSent(String),
    /// The request left; what it did is unknown.
    #[error("sent without an answer: {0}")]
    NoAnswer(String),
}

/// A request to `origin` (`http://host:port`) and `path`.
#[derive(Debug, Clone)]
pub struct Call {
    /// GET or POST.
    pub method: Method,
    /// `http://host:port`.
    pub origin: String,
    /// Path with query.
    pub path: String,
    /// Body, sent as `content_type`.
    pub body: Bytes,
    /// Content type of the body.
    pub content_type: Cow<'static, str>,
    /// Further headers.
    pub headers: Vec<(header::HeaderName, String)>,
    /// Largest answer, in bytes.
    pub most_bytes: usize,
    /// Longest wait for the answer.
    pub timeout: Duration,
}

impl Call {
    /// A GET.
    pub fn get(origin: impl Into<String>, path: impl Into<String>, timeout: Duration) -> Self {
        Self {
            method: Method::GET,
            origin: origin.into(),
            path: path.into(),
            body: Bytes::new(),
            content_type: Cow::Borrowed("application/json"),
            most_bytes: MAX_ANSWER_BYTES,
            headers: Vec::new(),
            timeout,
        }
    }

    /// A POST of JSON.
    pub fn post_json(
        origin: impl Into<String>,
        path: impl Into<String>,
        body: &serde_json::Value,
        timeout: Duration,
    ) -> Self {
        let call = Self::get(origin, path, timeout);
        Self { method: Method::POST, body: Bytes::from(body.to_string()), ..call }
    }

    /// A POST of an encoded form.
    pub fn post_form(
        origin: impl Into<String>,
        path: impl Into<String>,
        fields: String,
        timeout: Duration,
    ) -> Self {
        let call = Self::get(origin, path, timeout);
        let content_type = Cow::Borrowed("application/x-www-form-urlencoded");
        Self { method: Method::POST, body: Bytes::from(fields), content_type, ..call }
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends it once.
    ///
    /// # Errors
    /// [`ClientError`], which tells whether the request may have been heard.
    pub async fn send(self) -> Result<Answer, ClientError> {
        let authority = self.origin.strip_prefix("http://").ok_or(ClientError::Address)?;
        let not_sent = |error: String| ClientError::NotSent(error);
        let connect = TcpStream::connect(authority.to_owned());
        let stream = tokio::time::timeout(Duration::from_secs(CONNECT_SECONDS), connect)
            .await
            .map_err(|_| not_sent("connect timed out".into()))?
            .map_err(|error| not_sent(error.to_string()))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| not_sent(error.to_string()))?;
        let driver = tokio::spawn(connection);
        let mut request = axum::http::Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header(header::HOST, authority)
            .header(header::CONTENT_TYPE, &*self.content_type);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request =
            request.body(Full::new(self.body)).map_err(|error| not_sent(error.to_string()))?;
        let most_bytes = self.most_bytes;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(|e| e.to_string())?;
            read(response, most_bytes).await
        };
        let answer = tokio::time::timeout(self.timeout, exchange).await;
        driver.abort();
        answer
            .map_err(|_| ClientError::NoAnswer("timed out".into()))?
            .map_err(ClientError::NoAnswer)
    }
}

async fn read(
    response: axum::http::Response<hyper::body::Incoming>,
    most_bytes: usize,
) -> Result<Answer, String> {
    let status = response.status().as_u16();
    let text = |name| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (content_type, location) = (text(header::CONTENT_TYPE), text(header::LOCATION));
    let body = Limited::new(response.into_body(), most_bytes);
    let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
    Ok(Answer { status, content_type, location, body })
}
