//! One connection that is kept, as a shop's server or a browser keeps it.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::Outcome;

/// A connection with its key.
pub(crate) struct Wire {
    host: String,
    key: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Wire {
    /// Connects to an origin without TLS.
    pub(crate) async fn open(origin: &str, key: &str) -> Outcome<Self> {
        let host = origin.strip_prefix("http://").ok_or("not an http:// origin")?.to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { host, key: format!("Bearer {key}"), sender })
    }

    /// Sends one request of a program, under an idempotency key of its own, and reads the whole
    /// answer.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        once: &str,
    ) -> Outcome<(u16, Value)> {
        let text = body.map(Value::to_string).unwrap_or_default();
        let headers = [
            ("authorization", self.key.clone()),
            ("content-type", "application/json".to_owned()),
            ("idempotency-key", once.to_owned()),
        ];
        let (status, body) = self.exchange((method, path), &headers, text).await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    /// Opens a page, or posts a form to it, as a browser does. Gives the page.
    pub(crate) async fn browse(
        &mut self,
        path: &str,
        form: Option<String>,
    ) -> Outcome<(u16, String)> {
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let headers = [
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("sec-fetch-dest", "document".to_owned()),
            ("user-agent", "bench".to_owned()),
        ];
        let (status, body) =
            self.exchange((method, path), &headers, form.unwrap_or_default()).await?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    async fn exchange(
        &mut self,
        (method, path): (Method, &str),
        headers: &[(&str, String)],
        body: String,
    ) -> Outcome<(u16, Bytes)> {
        let mut request =
            Request::builder().method(method).uri(path).header(header::HOST, &self.host);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}
