//! Origins that guests may be sent back to, and that may post to or frame a card page.

use axum::http::Uri;
use kernel::Mode;

/// Scheme, host and port of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute http(s) address without credentials; `None` for anything else.
    pub(crate) fn of_url(url: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '<' | '>' | '#');
        if !url.chars().all(plain) {
            return None;
        }
        let uri: Uri = url.parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let authority = uri.authority()?;
        let standard = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        if authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().to_ascii_lowercase();
        let port = authority.port_u16().unwrap_or(standard);
        // It is written into policies, where `*` and `;` would have a meaning of their own.
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let numbered = |inner: &str| inner.parse::<std::net::Ipv6Addr>().is_ok();
        let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let fine = inner.map_or_else(|| host.chars().all(named), numbered);
        (fine && !host.is_empty()).then_some(Self { scheme, host, port })
    }

    /// An origin and nothing more: no path, no query.
    pub(crate) fn bare(text: &str) -> Option<Self> {
        Self::of_url(text).filter(|origin| origin.text() == text.trim_end_matches('/'))
    }

    /// `https://example.org`, with the port where it is not the usual one.
    pub(crate) fn text(&self) -> String {
        match (self.scheme.as_str(), self.port) {
            ("https", 443) | ("http", 80) => format!("{}://{}", self.scheme, self.host),
            _ => format!("{}://{}:{}", self.scheme, self.host, self.port),
        }
    }

    fn is_loopback(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        self.host == "localhost" || address.is_ok_and(|ip| ip.is_loopback())
    }
}

/// A registered origin; `*` as port stands for any port of a loopback host in test shops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// This one.
    Exact(Origin),
    /// Any port of this loopback host.
    AnyPort(String),
}

impl Pattern {
    /// Reads `https://example.org` or `http://127.0.0.1:*`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(bare) = text.strip_suffix(":*") {
            let origin = Origin::of_url(bare).filter(Origin::is_loopback)?;
            return (origin.scheme == "http").then_some(Self::AnyPort(origin.host));
        }
        Origin::bare(text).map(Self::Exact)
    }

    /// Whether an origin is the registered one. Plain HTTP counts in test shops only.
    pub(crate) fn matches(&self, origin: &Origin, mode: Mode) -> bool {
        let test = mode == Mode::Test;
        let allowed = origin.scheme == "https" || (test && origin.is_loopback());
        allowed
            && match self {
                Self::Exact(registered) => registered == origin,
                Self::AnyPort(host) => *host == origin.host && test,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_registered_origins_match() {
        let shop = Pattern::parse("https://hotel.example").unwrap();
        let fits = |url: &str| Origin::of_url(url).is_some_and(|o| shop.matches(&o, Mode::Test));
        assert!(fits("https://hotel.example/retour?x=1") && fits("https://HOTEL.example:443/"));
        for url in [
            "http://hotel.example/",
            "https://hotel.example.evil.example/",
            "https://hotel.example@evil.example/",
            "https://hotel.example:444/",
            "//hotel.example/",
            "/retour",
            "javascript:alert(1)",
            "https://hotel.example\\@evil.example/",
        ] {
            assert!(!fits(url), "{url}");
        }
        for wild in
            ["https://*", "https://*.example", "https://a.example;script-src", "https://[*]"]
        {
            assert!(Origin::of_url(wild).is_none(), "{wild}");
        }
        let any = Pattern::parse("http://127.0.0.1:*").unwrap();
        let loopback = Origin::of_url("http://127.0.0.1:9/x").unwrap();
        assert!(any.matches(&loopback, Mode::Test) && !any.matches(&loopback, Mode::Live));
        assert!(Pattern::parse("http://example.org:*").is_none());
        assert!(Pattern::parse("https://hotel.example/path").is_none());
    }
}
