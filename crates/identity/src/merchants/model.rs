//! Merchants, shops, points of sale and the fee of a shop.

use http::page::{Logo, Look};
use http::theme::Theme;
use kernel::money::MoneyError;
use kernel::{
    ContractId, Currency, Email, Locale, MerchantId, Mode, Money, PointOfSaleId, ShopId, Timestamp,
    Zone,
};

const MAX_NAME_CHARACTERS: usize = 120;
const MAX_SLUG_CHARACTERS: usize = 60;
const MIN_SLUG_CHARACTERS: usize = 2;
const BASIS_POINTS_PER_WHOLE: i64 = 10_000;

/// A legal entity that sells.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// Its id.
    pub id: MerchantId,
    /// Its name on pages.
    pub name: String,
    /// Name of its site in addresses, as in `/s/{slug}`: that of the live shop, or of the test one.
    pub slug: String,
    /// Where its dates begin and end.
    pub zone: Zone,
    /// Currency of its books.
    pub currency: Currency,
    /// Language when nobody chose one.
    pub locale: Locale,
    /// Colour of its pages, `#rrggbb`.
    pub accent: Option<String>,
    /// Phone that payers may call.
    pub phone: String,
    /// Address that payers may write to.
    pub email: Email,
    /// Postal address, lines separated by line feeds.
    pub address: String,
    /// His logo, if he has one.
    pub logo: Option<LogoMark>,
}

/// A stored logo, without its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoMark {
    /// Its name in addresses.
    pub hash: String,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// Highest logo on a page, in CSS pixels.
const LOGO_HEIGHT: u32 = 44;

impl Merchant {
    /// The accent made readable, when he chose one.
    #[must_use]
    pub fn theme(&self) -> Option<Theme> {
        self.accent.as_deref().and_then(http::contrast::parse).map(Theme::of)
    }

    /// How his pages look, under the name of one of his shops.
    #[must_use]
    pub fn look(&self, shop: ShopId) -> Look {
        let logo = self.logo.as_ref().map(|mark| {
            let height = mark.height.clamp(1, LOGO_HEIGHT);
            let width = mark.width.saturating_mul(height) / mark.height.max(1);
            Logo { src: format!("/theme/{shop}/{}.png", mark.hash), width: width.max(1), height }
        });
        let theme = self.theme().map(|theme| format!("/theme/{shop}/{}.css", theme.hash()));
        Look { theme, logo }
    }
}

/// Who holds the money of a shop between payer and merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Custody {
    /// The operator, at a licensed institution: the merchant has a wallet.
    Held,
    /// Nobody here: it goes straight to the merchant's bank and is recorded.
    RecordOnly,
}

impl Custody {
    /// The word stored and used in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "custody",
            Self::RecordOnly => "record_only",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Held, Self::RecordOnly].into_iter().find(|custody| custody.as_str() == text)
    }
}

/// What the operator takes of each captured operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeePlan {
    /// Share of the amount, in 1/10,000.
    pub basis_points: i64,
    /// Fixed part, in minor units.
    pub fixed_minor: i64,
}

impl FeePlan {
    /// No fee.
    pub const NONE: Self = Self { basis_points: 0, fixed_minor: 0 };

    /// Fee of one captured operation: the share rounded half up, plus the fixed part.
    ///
    /// # Errors
    /// [`MoneyError`] out of range.
    pub fn fee_of(&self, amount: Money) -> Result<Money, MoneyError> {
        let share = amount.share_basis_points(self.basis_points)?;
        share.plus(Money::new(self.fixed_minor, amount.currency()))
    }

    /// Whether the plan makes sense: no negative part, no share above the whole.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        (0..=BASIS_POINTS_PER_WHOLE).contains(&self.basis_points) && self.fixed_minor >= 0
    }
}

/// A point of acceptance.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Its id.
    pub id: ShopId,
    /// Its name on pages.
    pub name: String,
    /// Whether its money is real.
    pub mode: Mode,
    /// Its acquirer contract.
    pub contract: ContractId,
    /// Who holds its money.
    pub custody: Custody,
    /// What the operator takes.
    pub fee: FeePlan,
    /// Brands its contract accepts, lower case: `cb`, `visa`, `mastercard`, `amex`…
    pub brands: Vec<String>,
    /// Origins to which payers may be sent back, `https://host[:port]`; `http://127.0.0.0/8:*`
    /// stands for every loopback origin (test shops only).
    pub return_origins: Vec<String>,
    /// When a live shop was opened for payments; a test shop needs no opening.
    pub opened_at: Option<Timestamp>,
}

/// Entry of [`Shop::return_origins`] that allows loopback origins of any port.
pub const ANY_LOOPBACK: &str = "http://127.0.0.0/8:*";

impl Shop {
    /// Whether it takes payments.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.mode, Mode::Test) || self.opened_at.is_some()
    }

    /// Whether a payer may be sent back to this address.
    #[must_use]
    pub fn may_return_to(&self, url: &str) -> bool {
        let Some(origin) = origin_of(url) else { return false };
        self.return_origins.iter().any(|allowed| match allowed.as_str() {
            ANY_LOOPBACK => self.mode == Mode::Test && is_loopback(origin),
            allowed => allowed == origin,
        })
    }
}

/// A channel of sale of a shop.
#[derive(Debug, Clone)]
pub struct PointOfSale {
    /// Its id.
    pub id: PointOfSaleId,
    /// Where it belongs.
    pub shop: ShopId,
    /// Its name on pages.
    pub name: String,
    /// Its channel: `ecommerce`, `desk`, `phone`…
    pub channel: String,
}

/// Whether a text may be the merchant's name in addresses: lower-case ASCII words with hyphens.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    (MIN_SLUG_CHARACTERS..=MAX_SLUG_CHARACTERS).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
}

/// Whether a text may be a name shown to people.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let length = text.chars().count();
    (1..=MAX_NAME_CHARACTERS).contains(&length)
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

/// Whether a text is a colour `#rrggbb`.
#[must_use]
pub fn is_colour(text: &str) -> bool {
    text.len() == 7
        && text.strip_prefix('#').is_some_and(|hex| hex.bytes().all(|c| c.is_ascii_hexdigit()))
}

/// Scheme, host and port of an absolute http(s) address; nothing for anything unusual.
fn origin_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let host_length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest.get(..host_length)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let fine = !host.is_empty()
        && host.chars().all(plain)
        && !url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    if fine { url.get(..url.len() - rest.len() + host_length) } else { None }
}

fn is_loopback(origin: &str) -> bool {
    let Some(host) = origin.strip_prefix("http://") else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost"
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use kernel::Rng;
    use kernel::rng::SeededRng;

    use super::*;

    fn shop(mode: Mode, origins: &[&str]) -> Shop {
        let rng: &dyn Rng = &SeededRng::new(3);
        Shop {
            id: ShopId::random(rng),
            name: "Internet".into(),
            mode,
            contract: ContractId::random(rng),
            custody: Custody::Held,
            fee: FeePlan { basis_points: 180, fixed_minor: 20 },
            brands: vec!["cb".into()],
            return_origins: origins.iter().map(|o| (*o).to_owned()).collect(),
            opened_at: None,
        }
    }

    #[test]
    fn s_34_fee_of_the_hotel() {
        let fee = FeePlan { basis_points: 180, fixed_minor: 20 };
        for (amount, expected) in [(16_800, 322), (9_800, 196), (24_050, 453), (6_200, 132)] {
            assert_eq!(fee.fee_of(Money::eur(amount)), Ok(Money::eur(expected)));
        }
        assert!(fee.is_sound() && !FeePlan { basis_points: -1, fixed_minor: 0 }.is_sound());
    }

    #[test]
    fn payers_are_sent_back_to_registered_origins_only() {
        let live = shop(Mode::Live, &["https://www.exemple.fr", ANY_LOOPBACK]);
        assert!(live.may_return_to("https://www.exemple.fr/merci?a=1"));
        for bad in [
            "https://www.exemple.fr.evil.org/",
            "https://www.exemple.fr@evil.org/",
            "http://www.exemple.fr/",
            "//www.exemple.fr/",
            "javascript:alert(1)",
            "http://127.0.0.1:4000/",
            "https://www.exemple.fr\\@evil.org",
        ] {
            assert!(!live.may_return_to(bad), "{bad}");
        }
        let test = shop(Mode::Test, &[ANY_LOOPBACK]);
        assert!(test.may_return_to("http://127.0.0.9:4000/x"));
        assert!(test.may_return_to("http://localhost:4000/x"));
        assert!(!test.may_return_to("http://127.0.0.1.evil.org/x"));
        assert!(!test.may_return_to("http://10.0.0.1/x"));
    }

    #[test]
    fn slugs_names_and_colours() {
        assert!(is_slug("hotel-des-tuffeaux") && !is_slug("Hôtel") && !is_slug("-a"));
        assert!(is_name("Hôtel des Tuffeaux") && !is_name("") && !is_name(" a"));
        assert!(is_colour("#0b5a6e") && !is_colour("0b5a6e") && !is_colour("#ééé"));
    }
}
