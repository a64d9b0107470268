//! Who is in the demo: ids, keys and passwords, made once per folder and kept in one file.

use std::path::Path;

use identity::keys::model::KeyText;
use identity::users::time_code;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Clock as _, MerchantId, Mode, PointOfSaleId, ShopId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Role of someone who lets visitors in: no page of the back office is his.
pub(crate) const GATE: &str = "controller";

/// All of them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Keys {
    /// The hotel first, the museum second.
    pub(crate) merchants: Vec<MerchantKeys>,
}

/// One merchant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MerchantKeys {
    /// Its id.
    pub(crate) id: MerchantId,
    /// Its name.
    pub(crate) name: String,
    /// Its name in addresses.
    pub(crate) slug: String,
    /// Its one shop.
    pub(crate) shop: ShopId,
    /// That shop's point of sale on the web.
    pub(crate) point_of_sale: PointOfSaleId,
    /// Its point of sale where people stand.
    #[serde(default = "point_of_sale")]
    pub(crate) counter: PointOfSaleId,
    /// Its point of sale for orders by telephone.
    #[serde(default = "point_of_sale")]
    pub(crate) telephone: PointOfSaleId,
    /// Key of the app's API.
    pub(crate) api_key: String,
    /// Key that may only read payments.
    pub(crate) api_key_read: String,
    /// Key that may only let visitors in.
    pub(crate) api_key_scan: String,
    /// Key of the vault's operator.
    #[serde(default = "api_key")]
    pub(crate) api_key_vault: String,
    /// Key of the vault's API.
    pub(crate) vault_key: String,
    /// Its people.
    pub(crate) users: Vec<UserKeys>,
}

/// One person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UserKeys {
    /// His id.
    pub(crate) id: UserId,
    /// How he signs in.
    pub(crate) email: String,
    /// How others call him.
    pub(crate) name: String,
    /// His role.
    pub(crate) role: String,
    /// His password.
    pub(crate) password: String,
    /// Seed of his time codes, as typed into an authenticator.
    pub(crate) totp_secret: String,
    /// The same as 40 hexadecimal digits.
    pub(crate) seed: String,
}

impl Keys {
    /// Reads the file, or makes it when it is not there.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub(crate) fn load_or_make(path: &Path) -> Result<Self, String> {
        if path.exists() {
            return Self::read(path);
        }
        let keys = Self { merchants: vec![hotel(), museum()] };
        let text = serde_json::to_vec_pretty(&keys).map_err(|error| error.to_string())?;
        crate::config::write_private(path, &text)?;
        Ok(keys)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let fault = |error: String| format!("{}: {error}", path.display());
        let text = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
        serde_json::from_slice(&text).map_err(|error| fault(error.to_string()))
    }

    /// What `--json` prints.
    #[must_use]
    pub(crate) fn public_view(&self) -> Value {
        self.merchants.iter().map(MerchantKeys::public_view).collect()
    }
}

impl MerchantKeys {
    fn public_view(&self) -> Value {
        let user = |user: &UserKeys| {
            json!({
                "email": user.email,
                "role": user.role,
                "password": user.password,
                "totp_secret": user.totp_secret,
            })
        };
        json!({
            "id": self.id,
            "name": self.name,
            "slug": self.slug,
            "shop": self.shop,
            "point_of_sale": self.point_of_sale,
            "api_key": self.api_key,
            "api_key_read": self.api_key_read,
            "api_key_scan": self.api_key_scan,
            "api_key_vault": self.api_key_vault,
            "vault_key": self.vault_key,
            "users": self.users.iter().map(user).collect::<Vec<Value>>(),
        })
    }
}

fn hotel() -> MerchantKeys {
    merchant(
        "Hôtel des Tuffeaux",
        "hotel-des-tuffeaux",
        vec![person("Claire", "owner", "tuffeaux"), person("Malik", "reception", "tuffeaux")],
    )
}

fn museum() -> MerchantKeys {
    merchant(
        "Musée de la Batellerie",
        "musee-de-la-batellerie",
        vec![
            person("Yann", "owner", "batellerie"),
            person("Inès", "desk", "batellerie"),
            person("Hugo", GATE, "batellerie"),
        ],
    )
}

fn merchant(name: &str, slug: &str, users: Vec<UserKeys>) -> MerchantKeys {
    let now = SystemClock.now();
    MerchantKeys {
        id: MerchantId::new(now, &OsRng),
        name: name.into(),
        slug: slug.into(),
        shop: ShopId::new(now, &OsRng),
        point_of_sale: point_of_sale(),
        counter: point_of_sale(),
        telephone: point_of_sale(),
        api_key: api_key(),
        api_key_read: api_key(),
        api_key_scan: api_key(),
        api_key_vault: api_key(),
        vault_key: format!("vk_test_{}{}", random_word(), random_word()),
        users,
    }
}

fn point_of_sale() -> PointOfSaleId {
    PointOfSaleId::new(SystemClock.now(), &OsRng)
}

fn api_key() -> String {
    KeyText::new(Mode::Test, &OsRng).expose().to_owned()
}

fn person(name: &str, role: &str, house: &str) -> UserKeys {
    let seed = time_code::new_seed(&OsRng);
    let ascii = name.to_lowercase().replace('è', "e");
    UserKeys {
        id: UserId::new(SystemClock.now(), &OsRng),
        email: format!("{ascii}@{house}.example"),
        name: name.into(),
        role: role.into(),
        password: format!("demo-{}", random_word()),
        totp_secret: time_code::to_base32(&seed),
        seed: seed.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn random_word() -> String {
    kernel::Id::random(&OsRng).text()
}

impl UserKeys {
    /// The seed of the time codes.
    #[must_use]
    pub(crate) fn seed_bytes(&self) -> Vec<u8> {
        let digits = self.seed.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        digits.filter_map(byte).collect()
    }
}
