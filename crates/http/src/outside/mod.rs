//! Requests to addresses that other people chose: a merchant's programs, a partner's calendar.
//!
//! Whoever may choose an address could make this house knock at its own inner doors. So the name
//! is resolved first, every address it has is judged ([`reach`]), and the connection goes to the
//! very address that was judged: a name that changes its mind in between gains nothing.
//! A redirect is an answer like any other and never followed.
//!
//! **Limits.** One request per connection, HTTP/1.1, plain or TLS 1.2 and 1.3 with the
//! certificate authorities of the operating system. One time-out covers everything from the
//! name to the last byte. Of an answer [`MAX_ANSWER_BYTES`] are read.

pub mod reach;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Request, Response, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub use reach::Reach;

/// Most bytes read of an answer.
pub const MAX_ANSWER_BYTES: usize = 8 * 1024;
/// Longest address, in characters.
pub const MAX_URL_CHARACTERS: usize = 500;
const HTTPS_PORT: u16 = 443;
const HTTP_PORT: u16 = 80;

/// An address that a request may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    is_secure: bool,
    authority: String,
    path: String,
}

/// Why a text is not such an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not `http://host…` or `https://host…`.
    #[error("not an address of the web")]
    NotWeb,
    /// Carries a name and a password.
    #[error("an address with a password")]
    Password,
    /// Without TLS where it is required.
    #[error("https is required")]
    NotSecure,
    /// A private address where only public ones are reached.
    #[error("a private address")]
    Private,
}

impl Address {
    /// Reads an address and judges what can be judged before its name is resolved.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub fn parse(text: &str, reach: Reach) -> Result<Self, BadAddress> {
        let uri: Uri = text.parse().map_err(|_| BadAddress::NotWeb)?;
        let authority = uri.authority().ok_or(BadAddress::NotWeb)?;
        if authority.as_str().contains('@') {
            return Err(BadAddress::Password);
        }
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(BadAddress::NotWeb),
        };
        if !is_secure && reach == Reach::Public {
            return Err(BadAddress::NotSecure);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || text.chars().count() > MAX_URL_CHARACTERS || text.contains('#') {
            return Err(BadAddress::NotWeb);
        }
        let literal: Option<std::net::IpAddr> = host.parse().ok();
        let named_here = host.eq_ignore_ascii_case("localhost") && reach == Reach::Public;
        if named_here || literal.is_some_and(|ip| !reach.allows(ip)) {
            return Err(BadAddress::Private);
        }
        let port = authority.port_u16().unwrap_or(if is_secure { HTTPS_PORT } else { HTTP_PORT });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { host, port, is_secure, authority: authority.as_str().to_owned(), path })
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The name leads nowhere.
    #[error("the name is not known")]
    Name,
    /// The name leads to an address that is not reached from here.
    #[error("the name leads to a private address")]
    Private,
    /// Nobody answers at that address.
    #[error("no connection: {0}")]
    Connection(String),
    /// The certificate is not accepted, or TLS failed otherwise.
    #[error("TLS: {0}")]
    Tls(String),
    /// Too late.
    #[error("no answer in time")]
    Time,
    /// The connection ended, or what came is not HTTP.
    #[error("not an answer: {0}")]
    Broken(String),
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` as sent.
    pub retry_after: Option<String>,
    /// The first bytes of the body.
    pub body: Bytes,
}

/// A POST to an address.
#[derive(Debug, Clone)]
pub struct Post {
    /// Where to.
    pub address: Address,
    /// Headers beside `Host` and `Content-Length`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What is sent.
    pub body: Bytes,
    /// Longest wait, from the name to the last byte.
    pub timeout: Duration,
}

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    tls: TlsConnector,
}

impl Outside {
    /// Trusts the certificate authorities of the operating system.
    ///
    /// # Errors
    /// A sentence for the operator when TLS cannot be set up.
    pub fn new() -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a certificate authority could not be read");
        }
        let (known, _) = roots.add_parsable_certificates(found.certs);
        if known == 0 {
            tracing::warn!("no certificate authority is known: https addresses are not reached");
        }
        Self::trusting(roots)
    }

    /// Trusts these certificate authorities.
    ///
    /// # Errors
    /// As [`Outside::new`].
    pub fn trusting(roots: RootCertStore) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Sends it once.
    ///
    /// # Errors
    /// [`Failure`]; the other side may have heard the request all the same.
    pub async fn post(&self, post: Post, reach: Reach) -> Result<Heard, Failure> {
        let timeout = post.timeout;
        let exchange = self.exchange(post, reach);
        tokio::time::timeout(timeout, exchange).await.unwrap_or(Err(Failure::Time))
    }

    async fn exchange(&self, post: Post, reach: Reach) -> Result<Heard, Failure> {
        let Post { address, headers, body, .. } = post;
        let stream = connect(&address, reach).await?;
        let mut request = Request::post(&address.path).header(header::HOST, &address.authority);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let broken = |error: &dyn std::fmt::Display| Failure::Broken(error.to_string());
        let request = request.body(Full::new(body)).map_err(|error| broken(&error))?;
        if !address.is_secure {
            return speak(stream, request).await;
        }
        let name = ServerName::try_from(address.host).map_err(|_| Failure::Name)?;
        let secure = self.tls.connect(name, stream).await;
        speak(secure.map_err(|error| Failure::Tls(error.to_string()))?, request).await
    }
}

/// Connects to the first address of the name that answers, if all of them may be reached.
async fn connect(address: &Address, reach: Reach) -> Result<TcpStream, Failure> {
    let found = tokio::net::lookup_host((address.host.as_str(), address.port)).await;
    let found: Vec<SocketAddr> = found.map_err(|_| Failure::Name)?.collect();
    if found.is_empty() {
        return Err(Failure::Name);
    }
    if !found.iter().all(|place| reach.allows(place.ip())) {
        return Err(Failure::Private);
    }
    let stream = TcpStream::connect(&found[..]).await;
    let stream = stream.map_err(|error| Failure::Connection(error.to_string()))?;
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

async fn speak<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Heard, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| Failure::Broken(error.to_string());
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let driver = Driver(tokio::spawn(async move {
        let _ = connection.await;
    }));
    let response = sender.send_request(request).await.map_err(broken)?;
    let heard = hear(response).await;
    drop(driver);
    Ok(heard)
}

/// Ends the connection with the exchange, also when its time is over.
struct Driver(tokio::task::JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The status counts; a body that is too long or breaks off is cut.
async fn hear(response: Response<Incoming>) -> Heard {
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status().as_u16();
    let mut body = response.into_body();
    let mut read = Vec::new();
    while read.len() < MAX_ANSWER_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Ok(data) = frame.into_data() {
            let room = MAX_ANSWER_BYTES.saturating_sub(read.len());
            read.extend(data.into_iter().take(room));
        }
    }
    Heard { status, retry_after, body: Bytes::from(read) }
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside")
    }
}

#[cfg(test)]
mod tests;
