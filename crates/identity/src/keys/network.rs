//! Networks in the notation of RFC 4632: `127.0.0.0/8`, `2001:db8::/48`, or one address.

use std::net::IpAddr;

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u32,
}

/// A text that is not a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a network such as 192.0.2.0/24")]
pub struct BadNetwork;

impl Network {
    /// Every loopback address of version 4.
    pub const LOOPBACK: Self =
        Self { base: IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 0)), prefix: 8 };

    /// Whether the address lies in the network; an IPv4 address written as IPv6 counts as IPv4.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let (base, base_bits) = bits(self.base);
        let (address, address_bits) = bits(address.to_canonical());
        let host = base_bits.saturating_sub(self.prefix);
        let cut = |value: u128| value.checked_shr(host).unwrap_or(0);
        base_bits == address_bits && cut(base) == cut(address)
    }
}

/// The address as a number, with its length in bits.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

impl std::str::FromStr for Network {
    type Err = BadNetwork;
    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let (base, prefix) = match text.split_once('/') {
            Some((base, prefix)) => (base, Some(prefix)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| BadNetwork)?;
        let (_, most) = bits(base);
        let prefix = prefix.map_or(Ok(most), str::parse::<u32>).map_err(|_| BadNetwork)?;
        if prefix <= most { Ok(Self { base, prefix }) } else { Err(BadNetwork) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().holds(address.parse().unwrap())
    }

    #[test]
    fn addresses_lie_in_their_network_only() {
        assert!(holds("127.0.0.0/8", "127.9.9.9") && !holds("127.0.0.0/8", "128.0.0.1"));
        assert!(holds("127.0.0.0/8", "::ffff:127.0.0.1") && !holds("127.0.0.0/8", "::1"));
        assert!(
            holds("2001:db8::/48", "2001:db8:0:1::1") && !holds("2001:db8::/48", "2001:db9::1")
        );
        assert!(holds("192.0.2.7", "192.0.2.7") && !holds("192.0.2.7", "192.0.2.8"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && holds("::/0", "2001:db8::1"));
        for bad in ["", "127.0.0.0/33", "127.0.0/8", "::/129", "10.0.0.0/-1", "a/8"] {
            assert_eq!(bad.parse::<Network>(), Err(BadNetwork), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_network_reads_back_and_holds_its_base(bytes: [u8; 4], prefix in 0_u32..=32) {
            let network = Network { base: IpAddr::from(bytes), prefix };
            prop_assert_eq!(network.to_string().parse(), Ok(network));
            prop_assert!(network.holds(IpAddr::from(bytes)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<Network>();
        }
    }
}
