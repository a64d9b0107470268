//! Networks that a partner calls from or a channel posts from: narrow enough to be somebody's own,
//! and public ones where cards are live.

use std::net::IpAddr;

use kernel::Mode;

use crate::shop::{in_network, network};

const MOST_NETWORKS: usize = 32;

/// What is wrong with `$.ips`, with the path of each fault.
pub(crate) fn faults(networks: &[String]) -> impl Iterator<Item = (String, &'static str)> {
    let counted = (1..=MOST_NETWORKS).contains(&networks.len());
    let count = (!counted).then(|| ("$.ips".to_owned(), "1 to 32 networks."));
    let wide = networks.iter().enumerate().filter(|(_, network)| !is_narrow(network));
    let why = "IPv4 /24 to /32, or IPv6 /48 to /128.";
    count.into_iter().chain(wide.map(move |(at, _)| (format!("$.ips[{at}]"), why)))
}

/// Whether an address is in one of those that count for this mode.
pub(super) fn hold(networks: &[String], mode: Mode, from: IpAddr) -> bool {
    let mut counted = networks.iter().filter(|network| counts_for(network, mode));
    counted.any(|network| in_network(from, network))
}

/// A network narrow enough to be somebody's own.
fn is_narrow(text: &str) -> bool {
    match network(text) {
        Some((IpAddr::V4(_), length)) => length >= 24,
        Some((IpAddr::V6(_), length)) => length >= 48,
        None => false,
    }
}

/// Whether a network counts for keys of this mode: live ones are not used from private, reserved
/// or documentation ranges (IANA special-purpose registries).
pub(crate) fn counts_for(text: &str, mode: Mode) -> bool {
    let Some((address, _)) = network(text) else { return false };
    mode == Mode::Test || is_public(address)
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let special = matches!((a, b, c), (192, 0, 0) | (198, 18..=19, _))
                || (a == 100 && (64..=127).contains(&b))
                || a == 0
                || a >= 224;
            !(special
                || ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_documentation())
        }
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            (0x2000..=0x3fff).contains(&first) && !(first == 0x2001 && second == 0x0db8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_111_networks_are_narrow_and_public_ones_alone_count_for_live_keys() {
        for text in ["203.0.114.0/24", "8.8.8.8", "2a01:e0a::/48", "127.0.0.1/32"] {
            assert!(is_narrow(text), "{text}");
        }
        for text in ["10.0.0.0/8", "203.0.114.0/23", "2a01::/47", "0.0.0.0/0", "x", ""] {
            assert!(!is_narrow(text), "{text}");
        }
        for text in ["8.8.8.0/24", "2a01:e0a::/48"] {
            assert!(counts_for(text, Mode::Live), "{text}");
        }
        let reserved = [
            "10.1.2.0/24",
            "127.0.0.1",
            "192.168.1.0/24",
            "169.254.0.0/24",
            "203.0.113.0/24",
            "100.64.0.0/24",
            "224.0.0.0/24",
            "fe80::/64",
            "fc00::/64",
            "2001:db8::/48",
            "::1",
        ];
        for text in reserved {
            assert!(!counts_for(text, Mode::Live) && counts_for(text, Mode::Test), "{text}");
        }
    }
}
