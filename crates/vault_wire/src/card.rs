//! A card as the world outside the vault sees it: token, truncation, brand, dates.

use kernel::{CardToken, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Suspension;

/// A card scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Brand {
    /// Cartes Bancaires.
    Cb,
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express.
    Amex,
    /// Diners Club.
    Diners,
    /// Discover.
    Discover,
    /// JCB.
    Jcb,
    /// UnionPay.
    Unionpay,
    /// Maestro.
    Maestro,
}

impl Brand {
    /// All brands, in the order of forms.
    pub const ALL: [Self; 9] = [
        Self::Cb,
        Self::Visa,
        Self::Mastercard,
        Self::Amex,
        Self::Diners,
        Self::Discover,
        Self::Jcb,
        Self::Unionpay,
        Self::Maestro,
    ];

    /// The word on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cb => "cb",
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::Amex => "amex",
            Self::Diners => "diners",
            Self::Discover => "discover",
            Self::Jcb => "jcb",
            Self::Unionpay => "unionpay",
            Self::Maestro => "maestro",
        }
    }

    /// The name as people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cb => "CB",
            Self::Visa => "Visa",
            Self::Mastercard => "Mastercard",
            Self::Amex => "American Express",
            Self::Diners => "Diners Club",
            Self::Discover => "Discover",
            Self::Jcb => "JCB",
            Self::Unionpay => "UnionPay",
            Self::Maestro => "Maestro",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|brand| brand.as_str() == text)
    }
}

/// Where a card stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardStatus {
    /// Usable.
    Active,
    /// Waiting for its booking.
    Pending,
    /// Blocked for a reason.
    Suspended,
    /// Past the end of its expiry month.
    Expired,
    /// Destroyed.
    Purged,
    /// There is no card.
    None,
}

/// Why there is no card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingReason {
    /// The booking is older than the storage of cards.
    BeforeActivation,
    /// Storage is off.
    StorageOff,
    /// The channel sent none.
    NotSent,
    /// The channel sent a placeholder.
    RetrievalFailed,
    /// Its brand is not taken.
    BrandNotAccepted,
    /// Not a valid card.
    Invalid,
    /// Deleted by somebody.
    Deleted,
    /// Destroyed at its date.
    Purged,
    /// The vault was restored without the keys of its number.
    Lost,
    /// Who asks was not given the right to know.
    NotGranted,
}

/// Where a security code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeStatus {
    /// Never received, not kept, or lost with the memory that held it.
    None,
    /// In the vault's memory, for an authorisation within minutes.
    Transit,
    /// Held until its first view or authorisation answer.
    Available,
    /// Being used by somebody right now.
    Reserved,
    /// It was sent and no answer came.
    Unknown,
    /// Destroyed.
    Destroyed,
}

/// The code's line of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityCode {
    /// Where it stands.
    pub status: CodeStatus,
    /// Who used it.
    pub actor: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// Why it is gone.
    pub destroyed_because: Option<String>,
    /// Proof of the destruction.
    pub receipt: Option<Value>,
}

/// What a check with the issuer said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// `unverified`, `pending`, `verified` or `failed`.
    pub status: String,
    /// How.
    pub method: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// What the issuer answered.
    pub decline_code: Option<String>,
}

/// The bank that issued the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// Its name, unknown without an imported table.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// How often the number was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveals {
    /// Times so far.
    pub count: u32,
    /// Times at most.
    pub max: u32,
    /// The last one.
    pub last_at: Option<Timestamp>,
}

/// A card, without its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Its outside name.
    pub token: CardToken,
    /// Whether it is a virtual card of a sales channel.
    #[serde(rename = "cardVirtual")]
    pub card_virtual: bool,
    /// Where it stands.
    pub status: CardStatus,
    /// Why it is missing, for `none` and `purged`.
    pub missing_reason: Option<MissingReason>,
    /// Its scheme.
    pub brand: Brand,
    /// Further schemes on the same card.
    pub co_brands: Vec<Brand>,
    /// The scheme its holder chose.
    pub preferred_brand: Option<Brand>,
    /// First 8 digits of a 16-digit number, else the first 6.
    pub bin: String,
    /// Last 4 digits.
    pub last4: String,
    /// `******` and the last 4 digits.
    pub masked: String,
    /// 1 to 12; 0 when the channel told no expiry that can be read.
    pub exp_month: u8,
    /// Four digits; 0 as well then.
    pub exp_year: u16,
    /// `F.`
    pub holder_initials: Option<String>,
    /// Same number, same merchant: same value.
    pub fingerprint: String,
    /// `credit`, `debit`, `prepaid`, `charge`; unknown without an imported table.
    pub funding: Option<String>,
    /// The issuer's product.
    pub product: Option<String>,
    /// A company card.
    pub commercial: Option<bool>,
    /// Who issued it.
    pub issuer: Issuer,
    /// The table of issuer ranges that said so.
    #[serde(default)]
    pub bin_table_version: Option<String>,
    /// `page`, `api`, `phone`, `feed` or `import`.
    pub entry: String,
    /// The sales channel it came by.
    pub channel: Option<String>,
    /// When it was first stored.
    pub received_at: Timestamp,
    /// The issuer's check.
    pub verification: Verification,
    /// The code, never its digits.
    pub security_code: SecurityCode,
    /// Window and balance of a virtual card.
    #[serde(rename = "virtual")]
    pub virtual_card: Option<Value>,
    /// Processors that may not charge it again.
    pub consumption: Vec<Value>,
    /// How often it was shown.
    pub reveals: Reveals,
    /// When it will be destroyed.
    pub purge_at: Option<Timestamp>,
    /// Serves one payment only.
    pub single_use: bool,
    /// Why it is blocked; nothing while it is not.
    #[serde(default)]
    pub suspension: Option<Suspension>,
    /// Counts its changes.
    pub version: u32,
}
