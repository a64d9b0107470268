//! Endpoints: addresses of the merchant's own programs. Pure; SQL is in [`store`].

pub mod ops;
pub mod store;

use http::outside::{Address, BadAddress, Reach};
use identity::secrets::{AppKeys, Unreadable};
use kernel::{Mode, Rng, Secret, ShopId, Timestamp, WebhookEndpointId};

use super::sign::Key;

/// Most endpoints of one shop.
pub const MAX_ENDPOINTS: usize = 20;
/// Longest description, in characters.
pub const MAX_DESCRIPTION_CHARACTERS: usize = 100;
/// For so long the old secret signs beside the new one.
pub const ROTATION_HOURS: i64 = 24;

/// Whether an endpoint is told, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is told.
    Enabled,
    /// Switched off by somebody.
    Disabled,
    /// It answered that it is gone (410).
    Gone,
    /// It only failed, for days.
    Failing,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Enabled, Self::Disabled, Self::Gone, Self::Failing];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// How a message is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// As JSON.
    #[default]
    Json,
    /// As flat form fields (`application/x-www-form-urlencoded`).
    Form,
}

impl Format {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Json, Self::Form];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Form => "form",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Live or test.
    pub mode: Mode,
    /// Whose events.
    pub shop: ShopId,
    /// Where to.
    pub url: String,
    /// What its owner calls it.
    pub description: String,
    /// How messages to it are written.
    pub format: Format,
    /// Whether it is told.
    pub state: State,
    /// Since when it only fails, on the shop's clock.
    pub failing_since: Option<Timestamp>,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// The sealed secret before, and until when (shop's clock) it signs too.
    pub old_secret: Option<(Vec<u8>, Timestamp)>,
    /// Counts changes.
    pub version: i64,
    /// When it was made, on the shop's clock.
    pub created_at: Timestamp,
}

impl Endpoint {
    /// The secrets that sign now, the newest first.
    ///
    /// # Errors
    /// [`Unreadable`] when the app's key is another one than it was.
    pub fn keys(&self, keys: &AppKeys, now: Timestamp) -> Result<Vec<Key>, Unreadable> {
        let old = self.old_secret.as_ref().filter(|(_, until)| *until > now);
        let sealed = std::iter::once(&self.secret).chain(old.map(|(sealed, _)| sealed));
        sealed.map(|sealed| keys.open(self.id.as_bytes(), sealed).map(Secret::new)).collect()
    }

    /// Exchanges the secret; the old one signs beside it for a while.
    ///
    /// # Errors
    /// [`Unreadable`], which the cipher's limits make impossible here.
    pub fn rotate(
        &mut self,
        (keys, key): (&AppKeys, &Key),
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<(), Unreadable> {
        let sealed = keys.seal(self.id.as_bytes(), key.expose(), rng)?;
        let old = std::mem::replace(&mut self.secret, sealed);
        let until = now.plus_minutes(ROTATION_HOURS.saturating_mul(60));
        self.old_secret = Some((old, until));
        Ok(())
    }
}

/// How far messages of a mode go: in live mode only public addresses, over TLS.
#[must_use]
pub const fn reach(mode: Mode) -> Reach {
    match mode {
        Mode::Live => Reach::Public,
        Mode::Test => Reach::Near,
    }
}

/// Judges an address before it is kept.
///
/// # Errors
/// [`BadAddress`].
pub fn address(url: &str, mode: Mode) -> Result<Address, BadAddress> {
    Address::parse(url, reach(mode))
}
