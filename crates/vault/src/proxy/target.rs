//! Hosts that messages may go to. Test shops reach the app and the sandbox of this machine and
//! nothing else; live shops reach exact names of the operator's list, over TLS.

use std::net::SocketAddr;

use axum::http::Uri;
use kernel::Mode;

use crate::relay::send::Host;

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Whose.
    pub(crate) host: Host,
    /// Path with query; empty where the caller gives it.
    pub(crate) path: String,
}

/// All that may be reached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts {
    near: Vec<SocketAddr>,
    named: Vec<String>,
}

impl Hosts {
    /// Processes of the house, and the operator's list.
    pub(crate) fn new(sandbox: SocketAddr, app: &str, named: &[String]) -> Self {
        let app: Option<SocketAddr> =
            app.strip_prefix("http://").and_then(|authority| authority.parse().ok());
        let near = [Some(sandbox), app].into_iter().flatten();
        Self {
            near: near.filter(|at| at.ip().to_canonical().is_loopback()).collect(),
            named: named.to_vec(),
        }
    }

    /// The ports of this machine that may be reached.
    pub(crate) fn near_ports(&self) -> impl Iterator<Item = u16> {
        self.near.iter().map(SocketAddr::port)
    }

    /// The target of an address, if a shop of this mode may reach it.
    pub(crate) fn of_url(&self, url: &str, mode: Mode) -> Option<Target> {
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '<' | '>' | '#');
        let uri: Uri = url.parse().ok().filter(|_| url.chars().all(plain))?;
        let authority = uri.authority()?.as_str();
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let host = match uri.scheme_str()? {
            "http" => self.near(authority, mode)?,
            "https" => self.named(authority, mode)?,
            _ => return None,
        };
        Some(Target { host, path })
    }

    /// The target of a host alone.
    pub(crate) fn of_host(&self, host: &str, mode: Mode) -> Option<Target> {
        let host = self.named(host, mode).or_else(|| self.near(host, mode))?;
        Some(Target { host, path: String::new() })
    }

    fn near(&self, authority: &str, mode: Mode) -> Option<Host> {
        let found = match authority {
            "sandbox" => Some(Host::Sandbox),
            _ => authority.parse().ok().filter(|at| self.near.contains(at)).map(Host::Near),
        };
        found.filter(|_| mode == Mode::Test)
    }

    fn named(&self, authority: &str, mode: Mode) -> Option<Host> {
        let name = authority.strip_suffix(":443").unwrap_or(authority);
        let listed = self.named.iter().any(|one| one == name);
        (listed && mode == Mode::Live).then(|| Host::Named(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_92_v_93_test_shops_stay_on_the_machine_and_live_ones_on_the_list() {
        let sandbox: SocketAddr = "127.0.0.1:7702".parse().unwrap();
        let hosts = Hosts::new(sandbox, "http://127.0.0.1:7700", &["app.hotel.example".into()]);
        let test = |url: &str| hosts.of_url(url, Mode::Test).is_some();
        assert!(test("http://127.0.0.1:7700/in?a=b") && test("http://sandbox/in"));
        for url in [
            "http://127.0.0.1:22/",
            "http://127.0.0.1:7700@evil.example/",
            "https://app.hotel.example/in",
            "http://localhost:7700/",
            "ftp://127.0.0.1:7700/",
            "/in",
        ] {
            assert!(!test(url), "{url}");
        }
        let live = |url: &str| hosts.of_url(url, Mode::Live).map(|target| target.path);
        assert_eq!(live("https://app.hotel.example/in"), Some("/in".into()));
        for url in [
            "http://app.hotel.example/in",
            "https://app.hotel.example:444/in",
            "https://app.hotel.example.evil.example/in",
            "https://x@app.hotel.example/in",
            "http://127.0.0.1:7700/in",
            "http://sandbox/in",
        ] {
            assert_eq!(live(url), None, "{url}");
        }
        assert!(hosts.of_host("sandbox", Mode::Test).is_some());
        assert!(hosts.of_host("sandbox", Mode::Live).is_none());
        let remote = Hosts::new("10.0.0.1:80".parse().unwrap(), "https://x.example", &[]);
        assert_eq!(remote.near_ports().count(), 0);
    }
}
