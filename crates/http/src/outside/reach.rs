//! Which addresses of the network a request may go to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the public network only (IANA special-purpose registries, RFC 6890), over
    /// TLS.
    Public,
    /// Also this machine and the private network around it, for tests; never addresses that
    /// mean a machine's own services (link-local, where clouds keep their keys), everybody
    /// (broadcast, multicast) or nobody.
    Near,
}

impl Reach {
    /// Whether a request may go there. An IPv4 address inside an IPv6 one is judged as what it
    /// is.
    #[must_use]
    pub fn allows(self, ip: IpAddr) -> bool {
        match plain(ip) {
            IpAddr::V4(ip) => !never_v4(ip) && (self == Self::Near || is_public_v4(ip)),
            IpAddr::V6(ip) => !never_v6(ip) && (self == Self::Near || is_public_v6(ip)),
        }
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped (`::ffff:0:0/96`), compatible (`::/96`),
/// NAT64 (`64:ff9b::/96`) or 6to4 (`2002::/16`).
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let from = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        (0, 0) if c == 0 && d == 0 && e == 0 && (f == 0xffff || f == 0) => {
            if v6 == Ipv6Addr::LOCALHOST || v6 == Ipv6Addr::UNSPECIFIED { ip } else { from(g, h) }
        }
        (0x64, 0xff9b) if c == 0 && d == 0 && e == 0 && f == 0 => from(g, h),
        (0x2002, high) => from(high, c),
        _ => ip,
    }
}

const fn never_v4(ip: Ipv4Addr) -> bool {
    ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast() || ip.is_link_local()
}

const fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && b & 0xc0 == 64;
    let protocol = a == 192 && b == 0 && c == 0;
    let benchmark = a == 198 && b & 0xfe == 18;
    let relay = a == 192 && b == 88 && c == 99;
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || shared
        || protocol
        || benchmark
        || relay)
}

const fn never_v6(ip: Ipv6Addr) -> bool {
    ip.is_unspecified() || ip.is_multicast() || ip.is_unicast_link_local()
}

/// Global unicast is `2000::/3` (RFC 4291), without documentation, benchmarks and Teredo.
const fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let documentation = (a == 0x2001 && b == 0xdb8) || a == 0x3fff;
    let special = a == 0x2001 && b < 0x200;
    a & 0xe000 == 0x2000 && !documentation && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(reach: Reach, text: &str) -> bool {
        reach.allows(text.parse().unwrap())
    }

    #[test]
    fn q_45_only_public_addresses_are_reached_in_live_mode() {
        for public in ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "172.15.0.1", "100.128.0.1"] {
            assert!(allowed(Reach::Public, public), "{public}");
        }
        let private = [
            "127.0.0.1",
            "127.255.0.9",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "2001:db8::1",
            "2001::1",
            "fec0::1",
        ];
        for address in private {
            assert!(!allowed(Reach::Public, address), "{address}");
        }
    }

    #[test]
    fn q_45_not_even_tests_reach_the_keys_of_a_cloud() {
        for near in ["127.0.0.1", "192.168.1.20", "10.0.0.1", "::1", "fd00::5"] {
            assert!(allowed(Reach::Near, near), "{near}");
        }
        for never in ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "::"] {
            assert!(!allowed(Reach::Near, never), "{never}");
        }
    }
}
