//! A key and its text.

use kernel::{ApiKeyId, Id, MerchantId, Mode, Right, Rng, Secret, ShopId, Timestamp};

use super::network::Network;
use crate::secrets;

const PREFIX: &str = "gk_";
/// Characters after the mode: 256 random bits in two blocks.
const SECRET_CHARACTERS: usize = 2 * kernel::id::TEXT_LENGTH;

/// `gk_test_…` or `gk_live_…`, shown once.
#[derive(Debug, Clone)]
pub struct KeyText(Secret<String>);

impl KeyText {
    /// A new key of a mode.
    #[must_use]
    pub fn new(mode: Mode, rng: &dyn Rng) -> Self {
        let (one, two) = (Id::random(rng).text(), Id::random(rng).text());
        Self(Secret::new(format!("{PREFIX}{}_{one}{two}", mode.as_str())))
    }

    /// Reads what a program sent; anything that cannot be a key is nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (mode, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        Mode::parse(mode)?;
        let fine = secret.len() == SECRET_CHARACTERS
            && secret.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        fine.then(|| Self(Secret::new(text.to_owned())))
    }

    /// The text itself, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is stored.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        secrets::hash(self.0.expose())
    }
}

/// A stored key.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// The shop it acts for.
    pub shop: ShopId,
    /// The mode of that shop.
    pub mode: Mode,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub rights: Vec<Right>,
    /// From where it works; none means nowhere.
    pub networks: Vec<Network>,
    /// When it stops, if it was revoked or rotated.
    pub ends_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
}

/// The longest that the recorded last use may lag behind, in seconds.
pub const USE_RECORDED_EVERY_SECONDS: i64 = 60;

impl ApiKey {
    /// Whether it still works.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// Whether it works from this address.
    #[must_use]
    pub fn works_from(&self, address: std::net::IpAddr) -> bool {
        self.networks.iter().any(|network| network.holds(address))
    }

    /// Whether its last use should be written down again.
    #[must_use]
    pub fn use_is_stale(&self, now: Timestamp) -> bool {
        self.used_at.is_none_or(|used| used.plus_seconds(USE_RECORDED_EVERY_SECONDS) <= now)
    }
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn keys_name_their_mode_and_hold_256_bits() {
        let key = KeyText::new(Mode::Test, &SeededRng::new(5));
        assert!(key.expose().starts_with("gk_test_"));
        assert_eq!(key.expose().len(), 8 + 52);
        assert_eq!(KeyText::parse(key.expose()).unwrap().hash(), key.hash());
        assert_eq!(format!("{key:?}"), "KeyText(•••)");
        for bad in ["", "gk_test_", "gk_demo_abc", "vk_test_abc", "gk_test_ABC"] {
            assert!(KeyText::parse(bad).is_none(), "{bad}");
        }
    }
}
