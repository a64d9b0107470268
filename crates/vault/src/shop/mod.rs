//! What the vault knows of a shop: its settings, its zone, its keys and its clock.
//!
//! The app tells it (`shop.put`); the vault keeps it across restarts and believes nothing else the
//! app says about where guests may go or from where its own API may be used.

pub(crate) mod look;
mod registry;
mod renew;
mod settings;
pub(crate) mod store;

pub use registry::ShopError;
pub(crate) use registry::Shops;

use std::net::IpAddr;
use std::sync::Arc;

use kernel::{Date, MerchantId, Mode, ShopId, Timestamp, Zone};
use vault_wire::{CardSettings, ClockSet, Pace, Refused, ShopPut};

use crate::keys::Key;
use crate::keys::versions::Versions;
use crate::origin::{Origin, Pattern};
use crate::slots::Class;

const MAX_RETENTION_DAYS: u8 = 7;
const MAX_ORIGINS: usize = 50;

/// Keys of a shop and its merchant, open in memory.
pub(crate) struct ShopKeys {
    /// Wraps card keys.
    pub(crate) property: Versions,
    /// Wraps code keys.
    pub(crate) code: Versions,
    /// Keys the verifiers of PINs; of the merchant.
    pub(crate) pepper: Key,
    /// Makes fingerprints; of the merchant.
    pub(crate) fingerprint: Key,
    /// Compares bodies and forms without storing them; of the merchant.
    pub(crate) body: Key,
}

impl ShopKeys {
    /// What wraps the keys in slots of a class.
    pub(crate) const fn of(&self, class: Class) -> &Versions {
        match class {
            Class::Number => &self.property,
            Class::Code => &self.code,
        }
    }
}

/// What the clock of a shop shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShopClock {
    /// Real time.
    Real,
    /// This instant, until it is set again.
    Frozen(Timestamp),
    /// From `at` on, since the real instant `real`.
    Running {
        /// What it showed.
        at: Timestamp,
        /// When it was set.
        real: Timestamp,
    },
}

impl ShopClock {
    /// The clock that a request asks for.
    pub(crate) fn asked(request: &ClockSet, real: Timestamp) -> Self {
        match (request.now, request.pace) {
            (None, _) => Self::Real,
            (Some(at), Pace::Frozen) => Self::Frozen(at),
            (Some(at), Pace::Running) => Self::Running { at, real },
        }
    }

    /// The two stored instants.
    pub(crate) const fn stored(self) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            Self::Real => (None, None),
            Self::Frozen(at) => (Some(at), None),
            Self::Running { at, real } => (Some(at), Some(real)),
        }
    }

    /// From the two stored instants.
    pub(crate) const fn of_stored(at: Option<Timestamp>, real: Option<Timestamp>) -> Self {
        match (at, real) {
            (None, _) => Self::Real,
            (Some(at), None) => Self::Frozen(at),
            (Some(at), Some(real)) => Self::Running { at, real },
        }
    }

    /// Whether another setting changes nothing worth writing down: the same pace, and within a
    /// second the same instant.
    pub(crate) fn shows_alike(self, other: Self, real_now: Timestamp) -> bool {
        const ALIKE_MICROS: i64 = 1_000_000;
        let apart = self.shows(real_now).micros_since(other.shows(real_now));
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
            && match self {
                Self::Running { .. } => apart.saturating_abs() < ALIKE_MICROS,
                Self::Real | Self::Frozen(_) => apart == 0,
            }
    }

    /// What it shows at a real instant.
    pub(crate) fn shows(self, real_now: Timestamp) -> Timestamp {
        match self {
            Self::Real => real_now,
            Self::Frozen(at) => at,
            Self::Running { at, real } => {
                let passed = real_now.micros_since(real);
                Timestamp::from_micros(at.as_micros().saturating_add(passed))
            }
        }
    }
}

/// A shop, ready for use.
#[derive(Clone)]
pub(crate) struct Shop {
    /// As told by the app.
    pub(crate) settings: ShopPut,
    /// Where its days begin.
    pub(crate) zone: Zone,
    /// Its open keys.
    pub(crate) keys: Arc<ShopKeys>,
    /// Its clock.
    pub(crate) clock: ShopClock,
    /// How it keeps cards: as its staff set it, else as the app told.
    pub(crate) cards: CardSettings,
    /// Counts the changes of `cards`; 0 while the app's word counts.
    pub(crate) cards_version: u32,
}

impl Shop {
    /// Its merchant and itself, as tables and logs name it.
    pub(crate) const fn place(&self) -> (MerchantId, ShopId) {
        (self.settings.merchant, self.settings.shop)
    }

    /// Whether a security code sent today is held for one view or one authorisation.
    pub(crate) fn keeps_codes(&self, real: Timestamp) -> bool {
        let until = self.cards.view_code_once.as_ref().map(|once| once.until.parse::<Date>());
        matches!(until, Some(Ok(until)) if self.today(real) <= until)
    }

    /// Whether it is a test shop.
    pub(crate) fn is_test(&self) -> bool {
        self.settings.mode == Mode::Test
    }

    /// What its clock shows. Live shops have real time whatever was stored.
    pub(crate) fn now(&self, real: Timestamp) -> Timestamp {
        if self.is_test() { self.clock.shows(real) } else { real }
    }

    /// Whether its clock is the machine's.
    pub(crate) fn follows_machine(&self) -> bool {
        !self.is_test() || self.clock == ShopClock::Real
    }

    /// The day it is there.
    pub(crate) fn today(&self, real: Timestamp) -> Date {
        self.zone.date(self.now(real))
    }

    /// Whether guests may be sent to this address.
    pub(crate) fn may_return_to(&self, url: &str, app: &Origin) -> bool {
        Origin::of_url(url).is_some_and(|origin| self.has_registered(&origin, app))
    }

    /// Whether an origin is the app's or one of the shop's own.
    pub(crate) fn has_registered(&self, origin: &Origin, app: &Origin) -> bool {
        let mut known = self.settings.origins.iter().filter_map(|text| Pattern::parse(text));
        origin == app || known.any(|pattern| pattern.matches(origin, self.settings.mode))
    }

    /// Whether a key of the vault's API may be used from an address.
    pub(crate) fn key_allows(&self, hash: &str, from: IpAddr) -> Option<bool> {
        let key = self.settings.vault_keys.iter().find(|key| key.hash == hash)?;
        Some(key.ips.iter().any(|network| in_network(from, network)))
    }
}

/// Checks what the app tells of a shop; the first fault is named.
pub(crate) fn check(settings: &ShopPut) -> Result<Zone, Refused> {
    let refuse = |path: &str, why: &str| Err(Refused::new("invalid_field", why).at(path));
    let Ok(zone) = Zone::named(&settings.zone) else {
        return refuse("$.zone", "The zone is not an IANA name such as Europe/Paris.");
    };
    if settings.brands.is_empty() {
        return refuse("$.brands", "At least one brand must be accepted.");
    }
    if settings.retention_days > MAX_RETENTION_DAYS
        || settings.cancel_retention_days > MAX_RETENTION_DAYS
    {
        return Err(
            Refused::new("retention_range", "Cards are kept 0 to 7 days.").at("$.retention_days")
        );
    }
    let origins_fine = settings.origins.len() <= MAX_ORIGINS
        && settings.origins.iter().all(|text| Pattern::parse(text).is_some());
    if !origins_fine {
        return refuse("$.origins", "An origin is like https://example.org, at most 50.");
    }
    if !look::is_sound(&settings.look) {
        return refuse("$.look", "An accent is #rrggbb, a logo a PNG in Base64 of 192 KiB.");
    }
    let keys_fine = settings.vault_keys.iter().all(|key| {
        let hash = key.hash.len() == 64 && key.hash.bytes().all(|b| b.is_ascii_hexdigit());
        hash && key.ips.len() <= 32 && key.ips.iter().all(|ip| network(ip).is_some())
    });
    if !keys_fine {
        return refuse("$.vault_keys", "A key has a SHA-256 and at most 32 networks.");
    }
    Ok(zone)
}

/// The address and length of a network, or of one address.
pub(crate) fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/').unwrap_or((text, ""));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = if length.is_empty() { most } else { length.parse().ok()? };
    (length <= most).then_some((address, length))
}

/// Whether an address is of a network.
pub(crate) fn in_network(from: IpAddr, text: &str) -> bool {
    let same_head = |a: u128, b: u128, bits: u32, length: u32| {
        length == 0 || (a ^ b).checked_shr(bits.saturating_sub(length)).unwrap_or(0) == 0
    };
    match (from.to_canonical(), network(text)) {
        (IpAddr::V4(a), Some((IpAddr::V4(b), length))) => {
            same_head(u32::from(a).into(), u32::from(b).into(), 32, length)
        }
        (IpAddr::V6(a), Some((IpAddr::V6(b), length))) => {
            same_head(u128::from(a), u128::from(b), 128, length)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_22_addresses_are_compared_with_networks() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(in_network(ip("127.0.0.9"), "127.0.0.0/8"));
        assert!(in_network(ip("192.0.2.7"), "192.0.2.7"));
        assert!(!in_network(ip("198.51.100.9"), "192.0.2.0/24"));
        assert!(in_network(ip("2001:db8::7"), "2001:db8::/48"));
        assert!(!in_network(ip("2001:db9::7"), "2001:db8::/48"));
        assert!(in_network(ip("::ffff:127.0.0.1"), "127.0.0.0/8"));
        assert!(network("10.0.0.0/33").is_none() && network("x").is_none());
    }

    #[test]
    fn a_test_clock_stands_or_runs() {
        let at = Timestamp::from_micros;
        assert_eq!(ShopClock::Frozen(at(5)).shows(at(99)), at(5));
        assert_eq!(ShopClock::Running { at: at(5), real: at(90) }.shows(at(99)), at(14));
        for clock in [ShopClock::Real, ShopClock::Running { at: at(5), real: at(6) }] {
            let (a, b) = clock.stored();
            assert_eq!(ShopClock::of_stored(a, b), clock);
        }
    }
}
