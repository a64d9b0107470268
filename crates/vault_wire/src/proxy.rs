//! Profiles of the tokenising proxy: where a sales channel's messages carry cards, and where the
//! message goes once a token stands in place of each number.

use kernel::{ProxyProfileId, ShopId};
use serde::{Deserialize, Serialize};

/// Who begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyDirection {
    /// The channel posts; the message goes on to the property.
    In,
    /// The property asks the channel; the answer goes back to it.
    Out,
}

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyFormat {
    /// RFC 8259.
    Json,
    /// XML 1.0 in UTF-8, without a document type.
    Xml,
    /// `application/x-www-form-urlencoded` (WHATWG URL).
    Form,
}

/// Where the parts of a card stand: `$.res[*].cc.number`, `/a/b/@c`, `//name`, or a field's name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyPaths {
    /// The number.
    pub number: String,
    /// The expiry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<String>,
    /// How the expiry is written.
    #[serde(default)]
    pub exp_format: ExpFormat,
    /// The security code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The name on the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// The day from which a virtual card may be charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_from: Option<String>,
    /// The brand as the channel calls it; only its placeholders matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// The channel's reference of the booking.
    pub booking: String,
}

/// How an expiry is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExpFormat {
    /// `0630`
    #[default]
    #[serde(rename = "MMYY")]
    Mmyy,
    /// `06/30`
    #[serde(rename = "MM/YY")]
    MmSlashYy,
    /// `062030`
    #[serde(rename = "MMYYYY")]
    Mmyyyy,
    /// `06/2030`
    #[serde(rename = "MM/YYYY")]
    MmSlashYyyy,
    /// `2030-06`
    #[serde(rename = "YYYY-MM")]
    YyyyMm,
}

/// What the channel writes where it has nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProxyPlaceholders {
    /// In place of a number: the card has to be fetched later.
    pub number: Vec<String>,
    /// In place of a brand; it says nothing by itself.
    pub brand: Vec<String>,
    /// In place of a code.
    pub code: Vec<String>,
    /// In place of an expiry.
    pub exp: Vec<String>,
    /// In place of a name.
    pub holder: Vec<String>,
}

/// What stands in the message afterwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProxyReplace {
    /// In place of the number.
    pub number: NumberBecomes,
    /// In place of the code.
    pub code: CodeBecomes,
}

/// What a number becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberBecomes {
    /// The card's token.
    #[default]
    Token,
}

/// What a code becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeBecomes {
    /// Nothing: the field goes with it.
    #[default]
    Remove,
    /// An empty value, for schemas that demand the field.
    Empty,
}

/// What becomes of a card number that no path names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnmapped {
    /// The whole message is refused; nothing goes on.
    #[default]
    Refuse,
    /// `******` and its last four digits; somebody is told.
    Mask,
}

/// The channel's own interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyUpstream {
    /// Its host.
    pub host: String,
}

/// A profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyProfile {
    /// Its name; absent while it is not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ProxyProfileId>,
    /// Whose cards.
    pub shop: ShopId,
    /// The sales channel, as people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Who begins.
    pub direction: ProxyDirection,
    /// How messages are written.
    pub format: ProxyFormat,
    /// Where the parts of a card stand.
    pub paths: ProxyPaths,
    /// What the channel writes where it has nothing.
    #[serde(default)]
    pub placeholders: ProxyPlaceholders,
    /// What stands in the message afterwards.
    #[serde(default)]
    pub replace: ProxyReplace,
    /// Where messages of the channel go on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_to: Option<String>,
    /// Where the channel is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<ProxyUpstream>,
    /// What becomes of a card number that no path names.
    #[serde(default)]
    pub on_unmapped: OnUnmapped,
    /// Networks that the channel posts from, for `in`.
    #[serde(default)]
    pub ips: Vec<String>,
}

/// Adds a profile, for the operator.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileAdd {
    /// The profile, without a name.
    pub profile: ProxyProfile,
}

/// Answer to [`ProfileAdd`]. Its text is never printed by `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct ProfileAdded {
    /// The profile with its name.
    pub profile: ProxyProfile,
    /// Where the channel posts, with the key in the address: told this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl std::fmt::Debug for ProfileAdded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProfileAdded").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// The profiles of all shops, for the operator.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileList {}

/// Answer to [`ProfileList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profiles {
    /// In the order of their names.
    pub profiles: Vec<ProxyProfile>,
}
