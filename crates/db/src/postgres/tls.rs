//! How a server is reached: in the clear on the same machine, with TLS and a checked certificate
//! everywhere else.
//!
//! Two parameters of the address decide, named as libpq names them
//! (<https://www.postgresql.org/docs/current/libpq-ssl.html>), but never weaker than they sound:
//! `sslmode=disable` is the clear, `require`, `verify-ca` and `verify-full` all check the
//! certificate and the name in it; without the parameter a server on a loopback address or a Unix
//! socket is reached in the clear and any other one with TLS. `sslrootcert` names a file of
//! certificate authorities (PEM) instead of those of the operating system.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::{TlsConnector, client};

use crate::DbError;

/// What an address says.
pub(super) struct Way {
    /// Where, as whom.
    pub(super) config: Config,
    /// Authorities to check the server against; none when it is reached in the clear.
    pub(super) tls: Option<Tls>,
}

impl Way {
    /// Reads an address.
    ///
    /// # Errors
    /// [`DbError::Engine`] naming the parameter and its cure.
    pub(super) fn of(url: &str) -> Result<Self, DbError> {
        let (rest, mode, authorities) = without_tls(url);
        let mut config: Config = rest.parse()?;
        let tls = match mode {
            Some("disable") => None,
            Some("require" | "verify-ca" | "verify-full") => Some(Tls::trusting(authorities)?),
            Some(other) => {
                let text = format!("sslmode={other}: write disable or verify-full");
                return Err(DbError::Engine(text));
            }
            None if authorities.is_none() && config.get_hosts().iter().all(is_here) => None,
            None => Some(Tls::trusting(authorities)?),
        };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        if config.get_application_name().is_none() {
            config.application_name("guichet");
        }
        Ok(Self { config, tls })
    }
}

/// The address without the parameters of this page, and their values.
fn without_tls(url: &str) -> (String, Option<&str>, Option<&Path>) {
    let Some((place, query)) = url.split_once('?') else { return (url.to_owned(), None, None) };
    let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => authorities = Some(Path::new(value)),
            _ => others.push(pair),
        }
    }
    let joint = if others.is_empty() { "" } else { "?" };
    (format!("{place}{joint}{}", others.join("&")), mode, authorities)
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

/// Makes connections with TLS.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    fn trusting(authorities: Option<&Path>) -> Result<Self, DbError> {
        let roots = match authorities {
            Some(file) => authorities_in(file)?,
            None => authorities_of_the_system()?,
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| DbError::Engine(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }
}

fn authorities_in(file: &Path) -> Result<RootCertStore, DbError> {
    let bad = |cause: String| DbError::Engine(format!("sslrootcert={}: {cause}", file.display()));
    let mut roots = RootCertStore::empty();
    for found in CertificateDer::pem_file_iter(file).map_err(|error| bad(error.to_string()))? {
        let certificate = found.map_err(|error| bad(error.to_string()))?;
        roots.add(certificate).map_err(|error| bad(error.to_string()))?;
    }
    if roots.is_empty() { Err(bad("no certificate in it".to_owned())) } else { Ok(roots) }
}

fn authorities_of_the_system() -> Result<RootCertStore, DbError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        let text = "the system knows no certificate authority: install ca-certificates, or name \
                    a file with sslrootcert=";
        return Err(DbError::Engine(text.to_owned()));
    }
    Ok(roots)
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Stream<S>;
    type TlsConnect = Greeting;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Greeting> {
        let server = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Greeting { connector: self.0.clone(), server })
    }
}

/// One handshake that is to be made.
pub(super) struct Greeting {
    connector: TlsConnector,
    server: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Greeting {
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { Ok(Stream(self.connector.connect(self.server, stream).await?)) })
    }
}

/// A connection with TLS.
pub(super) struct Stream<S>(client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
    /// The certificate is checked against a name, so the password needs no tie to it.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::session::{Purpose, Session};

    fn way(url: &str) -> Result<bool, String> {
        Way::of(url).map(|way| way.tls.is_some()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_leaves_the_machine_has_tls_unless_it_is_switched_off() {
        for (url, has_tls) in [
            ("postgres://g@127.0.0.1/g", false),
            ("postgres://g@localhost:5432/g?options=-csearch_path%3Da", false),
            ("postgres://g@%2Frun%2Fpostgresql/g", false),
            ("postgres://g@[::1]/g", false),
            ("postgres://g@db.example.org/g?sslmode=disable", false),
            ("postgres://g@10.0.0.7/g", true),
            ("postgres://g@localhost,db.example.org/g", true),
            ("postgres://g@127.0.0.1/g?sslmode=require&connect_timeout=3", true),
            ("postgres://g@db.example.org/g?sslmode=verify-full", true),
        ] {
            assert_eq!(way(url), Ok(has_tls), "{url}");
        }
    }

    /// Whether a connection to the server of the tests has TLS.
    fn reached(parameters: &str) -> Option<Result<bool, DbError>> {
        let server = std::env::var(crate::testing::SERVER_VARIABLE).ok()?;
        let url = format!("{server}?{parameters}");
        let session = Session::connect(&url, Purpose::Read);
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        Some(session.and_then(|session| Ok(session.lookup::<bool>(sql, &[])? == [true])))
    }

    #[test]
    fn a_server_shows_a_certificate_that_is_trusted_or_is_not_spoken_to() {
        let Ok(authority) = std::env::var(crate::testing::AUTHORITY_VARIABLE) else { return };
        let trusting = format!("sslmode=verify-full&sslrootcert={authority}");
        assert_eq!(reached(&trusting), Some(Ok(true)));
        assert_eq!(reached("sslmode=disable"), Some(Ok(false)));
        let foreign = reached("sslmode=require").unwrap().unwrap_err();
        assert!(!foreign.may_pass() && foreign.to_string().contains("certificate"), "{foreign}");
    }

    #[test]
    fn a_wrong_parameter_is_named_with_its_cure() {
        let refused = way("postgres://g@db.example.org/g?sslmode=prefer").unwrap_err();
        assert!(refused.contains("sslmode=prefer: write disable or verify-full"), "{refused}");
        let refused = way("postgres://g@127.0.0.1/g?sslrootcert=/nowhere.pem").unwrap_err();
        assert!(refused.contains("sslrootcert=/nowhere.pem"), "{refused}");
        let empty = tempfile::NamedTempFile::new().unwrap();
        let url = format!("postgres://g@127.0.0.1/g?sslrootcert={}", empty.path().display());
        assert!(way(&url).unwrap_err().contains("no certificate in it"));
    }
}
