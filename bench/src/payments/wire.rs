//! One connection that is kept, as a shop's server keeps it.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::Outcome;

/// A connection with its key.
pub(super) struct Wire {
    host: String,
    key: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Wire {
    /// Connects to an origin without TLS.
    pub(super) async fn open(origin: &str, key: &str) -> Outcome<Self> {
        let host = origin.strip_prefix("http://").ok_or("not an http:// origin")?.to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { host, key: format!("Bearer {key}"), sender })
    }

    /// Sends one request, under an idempotency key of its own, and reads the whole answer.
    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        once: &str,
    ) -> Outcome<(u16, Value)> {
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::AUTHORIZATION, &self.key)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", once)
            .body(Full::new(Bytes::from(text)))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }
}
