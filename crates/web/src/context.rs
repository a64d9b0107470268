//! What every slice is given.

use std::sync::Arc;

use db::Db;
use http::{Catalogue, Words};
use kernel::{Locale, Rng, Secret, ShopId, Timestamp};

use crate::Clocks;

/// Addresses of the house as browsers see them, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// Pages and API.
    pub app: String,
    /// Card pages.
    pub vault: String,
    /// The simulated bank; empty where there is none.
    pub bank: String,
}

/// Database, clocks, randomness, words, addresses. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The app's database.
    pub db: Db,
    /// Real time and the clocks of test shops.
    pub clocks: Clocks,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Addresses.
    pub urls: Arc<Urls>,
    /// Words of all languages.
    pub catalogue: Catalogue,
    /// Key of the app: pepper of passwords, seal of time-code secrets.
    pub app_key: Arc<Secret<[u8; 32]>>,
    /// Whether this is the demo.
    pub demo: bool,
}

impl Context {
    /// The shop's time.
    #[must_use]
    pub fn now(&self, shop: ShopId) -> Timestamp {
        self.clocks.now(shop)
    }

    /// Real time.
    #[must_use]
    pub fn real_now(&self) -> Timestamp {
        self.clocks.real_now()
    }

    /// The words of a language.
    #[must_use]
    pub fn words(&self, locale: Locale) -> Arc<Words> {
        self.catalogue.words(locale)
    }

    /// A token for a public page: 128 random bits in 26 characters.
    #[must_use]
    pub fn new_token(&self) -> String {
        kernel::Id::random(self.rng.as_ref()).text()
    }

    /// Who may frame payer pages: the demo's own split screen, else nobody.
    #[must_use]
    pub fn frames(&self) -> http::security::Frames {
        if self.demo {
            http::security::Frames::By(self.urls.app.clone())
        } else {
            http::security::Frames::None
        }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Context({})", self.urls.app)
    }
}
