//! How a server is reached: in the clear on the same machine, with TLS and a checked certificate
//! everywhere else.
//!
//! Two parameters of the address decide, named as libpq names them
//! (<https://www.postgresql.org/docs/current/libpq-ssl.html>), but never weaker than they sound:
//! `sslmode=disable` is the clear, `require`, `verify-ca` and `verify-full` all check the
//! certificate and the name in it; without the parameter a server on a loopback address or a Unix
//! socket is reached in the clear and any other one with TLS. `sslrootcert` names a file of
//! certificate authorities (PEM) instead of those of the operating system.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::{TlsConnector, client};

use crate::DbError;

/// Port of a server whose address names none.
const USUAL_PORT: u16 = 5432;
/// Longest wait for one of several addresses of a name.
const ANSWER: Duration = Duration::from_secs(2);

/// What an address says, with everything that a connection needs from the machine.
#[derive(Debug, Clone)]
pub struct Way {
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
    pub(crate) fn of(url: &str) -> Result<Self, DbError> {
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

    /// With the addresses of its names, for a process that soon cannot look them up. They stay
    /// what they are now.
    ///
    /// # Errors
    /// [`DbError::Engine`] when the address names no role or mixes hosts and sockets,
    /// [`DbError::Unavailable`] when a name has no address.
    pub(crate) fn settled(mut self) -> Result<Self, DbError> {
        if self.config.get_user().is_none() {
            let text = "the address names no role: postgres://ROLE@HOST/DATABASE";
            return Err(DbError::Engine(text.to_owned()));
        }
        if !self.config.get_hostaddrs().is_empty() {
            return Ok(self);
        }
        let name = |host: &Host| match host {
            Host::Tcp(name) => Some(name.trim_matches(['[', ']']).to_owned()),
            Host::Unix(_) => None,
        };
        let names: Vec<String> = self.config.get_hosts().iter().filter_map(name).collect();
        if names.is_empty() {
            return Ok(self);
        }
        if names.len() < self.config.get_hosts().len() {
            return Err(DbError::Engine("hosts and sockets in one address".to_owned()));
        }
        for (at, name) in names.iter().enumerate() {
            let address = address_of(name, port(&self.config, at))?;
            self.config.hostaddr(address);
        }
        Ok(self)
    }

    /// Ports to which its connections go; none for a Unix socket.
    pub(crate) fn ports(&self) -> Vec<u16> {
        let hosts = self.config.get_hosts().iter().enumerate();
        let tcp = hosts.filter(|(_, host)| matches!(host, Host::Tcp(_)));
        tcp.map(|(at, _)| port(&self.config, at)).collect()
    }
}

fn port(config: &Config, host: usize) -> u16 {
    let ports = config.get_ports();
    ports.get(host).or_else(|| ports.first()).copied().unwrap_or(USUAL_PORT)
}

/// The address of a name; of several, one that answers.
fn address_of(name: &str, port: u16) -> Result<IpAddr, DbError> {
    let unknown = |error: io::Error| DbError::Unavailable(format!("{name}: {error}"));
    let found: Vec<SocketAddr> = (name, port).to_socket_addrs().map_err(unknown)?.collect();
    let answers = |address: &&SocketAddr| {
        found.len() == 1 || TcpStream::connect_timeout(address, ANSWER).is_ok()
    };
    let chosen = found.iter().find(answers).or_else(|| found.first());
    chosen.map(SocketAddr::ip).ok_or_else(|| DbError::Unavailable(format!("{name} has no address")))
}

/// The role under which one address comes to the server of another; none when that is another
/// server.
pub(crate) fn role_at(url: &str, server: &str) -> Option<String> {
    let read = |url: &str| without_tls(url).0.parse::<Config>().ok();
    let (ours, theirs) = (read(url)?, read(server)?);
    let places = |config: &Config| -> Vec<(String, u16)> {
        let name = |host: &Host| match host {
            host if is_here(host) => String::new(),
            Host::Tcp(name) => name.to_lowercase(),
            Host::Unix(path) => path.display().to_string(),
        };
        let hosts = config.get_hosts().iter().enumerate();
        hosts.map(|(at, host)| (name(host), port(config, at))).collect()
    };
    let theirs = places(&theirs);
    let meets = places(&ours).iter().any(|place| theirs.contains(place));
    meets.then(|| ours.get_user().map(str::to_owned)).flatten()
}

/// The address with a schema for its tables, unless it names one.
pub(crate) fn in_schema(url: &str, name: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    if query.contains("search_path") {
        return url.to_owned();
    }
    let setting = format!("-csearch_path%3D{name}");
    let mut pairs: Vec<String> =
        query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
    match pairs.iter_mut().find(|pair| pair.starts_with("options=")) {
        Some(pair) => pair.push_str(&format!("%20{setting}")),
        None => pairs.push(format!("options={setting}")),
    }
    format!("{place}?{}", pairs.join("&"))
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

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

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
        let session = Way::of(&url).and_then(|way| Session::connect(&way, Purpose::Read));
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
    fn v_135_a_settled_way_needs_no_name_and_knows_its_ports() {
        let settled = |url: &str| Way::of(url).and_then(Way::settled);
        let way = settled("postgres://v@localhost:7/g?sslmode=disable").unwrap();
        assert!(way.config.get_hostaddrs().iter().all(IpAddr::is_loopback));
        assert_eq!((way.config.get_hostaddrs().len(), way.ports()), (1, vec![7]));
        let way = settled("postgres://v@127.0.0.1,[::1]/g").unwrap();
        assert_eq!((way.config.get_hostaddrs().len(), way.ports()), (2, vec![5432, 5432]));
        let way = settled("postgres://v@%2Frun%2Fpostgresql/g").unwrap();
        assert_eq!((way.config.get_hostaddrs().len(), way.ports()), (0, Vec::new()));
        let said = settled("postgres://127.0.0.1/g").unwrap_err().to_string();
        assert!(said.contains("names no role"), "{said}");
        let said = settled("postgres://v@nowhere.invalid/g?sslmode=disable").unwrap_err();
        assert!(said.to_string().contains("nowhere.invalid"), "{said}");
    }

    #[test]
    fn a_schema_is_added_to_what_an_address_says() {
        for (url, with) in [
            ("postgres://v@h/g", "postgres://v@h/g?options=-csearch_path%3Da"),
            ("postgres://v@h/g?x=1", "postgres://v@h/g?x=1&options=-csearch_path%3Da"),
            (
                "postgres://v@h/g?options=-cb%3Dc&x=1",
                "postgres://v@h/g?options=-cb%3Dc%20-csearch_path%3Da&x=1",
            ),
            (
                "postgres://v@h/g?options=-csearch_path%3Db",
                "postgres://v@h/g?options=-csearch_path%3Db",
            ),
        ] {
            assert_eq!(in_schema(url, "a"), with);
        }
    }

    #[test]
    fn a_role_counts_at_its_own_server_alone() {
        let at = |url: &str| role_at(url, "postgres://v@127.0.0.1/g?sslmode=disable");
        assert_eq!(at("postgres://app@localhost:5432/other").as_deref(), Some("app"));
        assert_eq!(at("postgres://app@%2Frun%2Fpostgresql/g").as_deref(), Some("app"));
        assert_eq!(at("postgres://app@127.0.0.1:7900/g"), None);
        assert_eq!(at("postgres://app@db.example.org/g"), None);
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
