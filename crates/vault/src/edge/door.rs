//! The vault's own origin reached from within: the same server, routes and pages, through a pipe
//! instead of a socket. Nothing is skipped but the network.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zeroize::Zeroizing;

const PIPE_BYTES: usize = 16 * 1024;
/// An answer is shorter.
const MOST_BYTES: u64 = 256 * 1024;

/// All routes of the vault's origin.
pub(crate) struct Door(Router);

/// An answer.
pub(crate) struct Heard {
    /// HTTP status.
    pub(crate) status: u16,
    /// Header lines.
    head: String,
    /// The body.
    pub(crate) body: Zeroizing<String>,
}

impl Heard {
    /// A header, empty when absent; `name` in lower case.
    pub(crate) fn header(&self, name: &str) -> &str {
        let of_line = |line: &'_ str| line.to_ascii_lowercase().starts_with(&format!("{name}: "));
        let line = self.head.lines().find(|line| of_line(line));
        line.and_then(|line| line.split_once(": ")).map_or("", |(_, value)| value)
    }
}

impl Door {
    pub(crate) const fn new(routes: Router) -> Self {
        Self(routes)
    }

    /// Sends one request, as a program on this machine would: `line` is `POST /v1/cards`, and
    /// `headers` are whole lines.
    pub(crate) async fn ask(
        &self,
        line: &str,
        headers: &[String],
        body: &str,
    ) -> std::io::Result<Heard> {
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (mut here, there) = tokio::io::duplex(PIPE_BYTES);
        let serve = tokio::spawn(http::server::serve_stream(there, peer, self.0.clone()));
        let mut head = format!("{line} HTTP/1.1\r\nhost: vault\r\nconnection: close\r\n");
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        here.write_all(head.as_bytes()).await?;
        here.write_all(body.as_bytes()).await?;
        let mut bytes = Zeroizing::new(Vec::new());
        here.take(MOST_BYTES).read_to_end(&mut bytes).await?;
        serve.await?;
        let text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Ok(Heard { status, head: head.to_owned(), body: Zeroizing::new(body.to_owned()) })
    }
}
