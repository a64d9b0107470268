//! Software vendors that speak with the vault's own origin: their application, their keys, and
//! what each property grants them.
//!
//! A partner belongs to the installation, not to a merchant: the operator decides about him. What
//! he may do with the cards of a property is for that property alone to say, and to take back.

use kernel::{Date, Id, Mode, PartnerId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PartnerScope {
    /// Storing cards.
    #[serde(rename = "cards.write")]
    CardsWrite,
    /// Reading what may be known of a card.
    #[serde(rename = "cards.read")]
    CardsRead,
    /// Destroying cards.
    #[serde(rename = "cards.delete")]
    CardsDelete,
    /// Opening links by which a person sees a card.
    #[serde(rename = "reveal.link")]
    RevealLink,
    /// Enrolling the people who may.
    #[serde(rename = "viewers")]
    Viewers,
    /// Calling hosts through templates.
    #[serde(rename = "relay")]
    Relay,
    /// Passing messages of sales channels through the vault.
    #[serde(rename = "proxy")]
    Proxy,
    /// Charging cards.
    #[serde(rename = "debit")]
    Debit,
}

impl PartnerScope {
    /// All of them, in the order of forms.
    pub const ALL: [Self; 8] = [
        Self::CardsWrite,
        Self::CardsRead,
        Self::CardsDelete,
        Self::RevealLink,
        Self::Viewers,
        Self::Relay,
        Self::Proxy,
        Self::Debit,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CardsWrite => "cards.write",
            Self::CardsRead => "cards.read",
            Self::CardsDelete => "cards.delete",
            Self::RevealLink => "reveal.link",
            Self::Viewers => "viewers",
            Self::Relay => "relay",
            Self::Proxy => "proxy",
            Self::Debit => "debit",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// Where a partner stands: `submitted → in_review → approved → active ⇄ suspended → revoked`, or
/// `in_review → refused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerState {
    /// Sent; nobody has looked yet.
    Submitted,
    /// The operator checks it.
    InReview,
    /// Accepted; there is no live key yet.
    Approved,
    /// Live keys work where properties grant it.
    Active,
    /// Stopped for now; destroying cards alone goes on.
    Suspended,
    /// Ended.
    Revoked,
    /// Not accepted.
    Refused,
}

impl PartnerState {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Refused => "refused",
        }
    }
}

/// A person of the partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerContact {
    /// How he is called.
    pub name: String,
    /// His address.
    pub email: String,
    /// His telephone.
    pub phone: String,
}

/// What the partner expects in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerVolumes {
    /// Cards that he stores.
    pub cards_stored: u32,
    /// Times that a number is shown.
    pub reveals: u32,
    /// Charges.
    pub debits: u32,
}

/// The partner's own attestation (PCI DSS).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerEvidence {
    /// `aoc` or `saq`.
    pub kind: String,
    /// Which one, such as `SAQ D`.
    pub level: String,
    /// Its last day, at most a year ahead.
    pub until: Date,
}

/// What a partner asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerApplication {
    /// His company.
    pub company: String,
    /// Its number in the French register.
    #[serde(default)]
    pub siren: Option<String>,
    /// Its number for value-added tax.
    #[serde(default)]
    pub vat: Option<String>,
    /// Whom to tell about security; also confirms new addresses.
    pub security_contact: PartnerContact,
    /// Whom to ask about the interface.
    pub technical_contact: PartnerContact,
    /// What it is for, 20 to 1,000 characters.
    pub purpose: String,
    /// What he wants to do.
    pub scopes: Vec<PartnerScope>,
    /// How much of it.
    pub volumes: PartnerVolumes,
    /// Fixed networks that he calls from, 1 to 32.
    pub ips: Vec<String>,
    /// Origins that frame pages of a shown card, at most 10.
    #[serde(default)]
    pub frame_origins: Vec<String>,
    /// His attestation.
    pub evidence: PartnerEvidence,
}

/// How often a partner may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerQuotas {
    /// Cards stored, read or destroyed in a minute.
    pub cards_per_minute: u32,
    /// Links and viewers in a minute.
    pub links_per_minute: u32,
    /// Links of one property in a day.
    pub links_per_day: u32,
    /// Relay calls in a minute.
    pub relay_per_minute: u32,
    /// Messages of channels in a minute.
    pub proxy_per_minute: u32,
    /// Requests at the same time.
    pub in_flight: u32,
}

impl Default for PartnerQuotas {
    fn default() -> Self {
        Self {
            cards_per_minute: 60,
            links_per_minute: 10,
            links_per_day: 200,
            relay_per_minute: 60,
            proxy_per_minute: 120,
            in_flight: 16,
        }
    }
}

/// Why an application is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerRefusal {
    /// Who he is could not be verified.
    Identity,
    /// His attestation does not hold.
    Evidence,
    /// Too little to be worth the risk.
    VolumeLow,
    /// More than the installation carries.
    VolumeHigh,
    /// What it is for.
    Purpose,
    /// His side is not ready.
    Technical,
}

impl PartnerRefusal {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Identity,
        Self::Evidence,
        Self::VolumeLow,
        Self::VolumeHigh,
        Self::Purpose,
        Self::Technical,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Evidence => "evidence",
            Self::VolumeLow => "volume_low",
            Self::VolumeHigh => "volume_high",
            Self::Purpose => "purpose",
            Self::Technical => "technical",
        }
    }
}

/// A key, without itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerKey {
    /// Its name.
    pub id: Id,
    /// For live shops or for test shops.
    pub mode: Mode,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops by itself.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// A partner, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// His name in the vault.
    pub id: PartnerId,
    /// Where he stands.
    pub status: PartnerState,
    /// What he asked for.
    pub application: PartnerApplication,
    /// How often he may call.
    pub quotas: PartnerQuotas,
    /// Networks that count.
    pub ips: Vec<String>,
    /// Networks that wait for the security contact and the operator.
    pub ips_waiting: Vec<String>,
    /// All his keys.
    pub keys: Vec<PartnerKey>,
    /// Why he was refused, suspended or ended.
    pub because: Option<String>,
    /// When he applied.
    pub submitted_at: Timestamp,
    /// When he was last decided about.
    pub decided_at: Option<Timestamp>,
}

/// Asks for all partners.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerList {}

/// Answer to [`PartnerList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partners {
    /// Newest first.
    pub partners: Vec<Partner>,
}

/// Asks for one partner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerGet {
    /// Which.
    pub partner: PartnerId,
}

/// What the operator decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerDecision {
    /// Somebody looks at it.
    Review,
    /// It is accepted, with these quotas instead of the usual ones.
    Approve {
        /// Absent: the usual ones.
        quotas: Option<PartnerQuotas>,
    },
    /// It is not accepted; a new request may come after 30 days.
    Refuse {
        /// Why.
        code: PartnerRefusal,
    },
    /// Everything but destroying cards stops at once.
    Suspend {
        /// Why, 3 to 500 characters.
        reason: String,
    },
    /// It goes on.
    Resume,
    /// It ends for good: his keys and grants with it.
    Revoke {
        /// Why, 3 to 500 characters.
        reason: String,
    },
    /// Networks that wait count from now on.
    ApproveNetworks {
        /// The security contact's address, who has said that they are his.
        confirmed_by: String,
        /// The networks that he and the operator have looked at: exactly those that wait.
        networks: Vec<String>,
    },
}

/// Decides about a partner.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerDecide {
    /// About whom.
    pub partner: PartnerId,
    /// What.
    pub decision: PartnerDecision,
    /// Who decides, for the log: `usr_…`, or `operator` at the machine.
    pub by: String,
}

/// Makes a key; at most two of each mode work at the same time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerKeyMake {
    /// For whom.
    pub partner: PartnerId,
    /// For live shops or for test shops.
    pub mode: Mode,
    /// Who makes it.
    pub by: String,
}

/// Answer to [`PartnerKeyMake`]: the one time that the key is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerKeyMade {
    /// Its name.
    pub id: Id,
    /// The key.
    pub key: String,
    /// When it stops by itself.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for PartnerKeyMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartnerKeyMade").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Ends a key at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerKeyEnd {
    /// Whose.
    pub partner: PartnerId,
    /// Which.
    pub key: Id,
    /// Who ends it.
    pub by: String,
}

/// What the scope's shop grants a partner, or grants anew with other scopes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantPut {
    /// Whom.
    pub partner: PartnerId,
    /// What; at least one, each of those he applied for.
    pub scopes: Vec<PartnerScope>,
}

/// Takes a grant of the scope's shop back, at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantEnd {
    /// Whose.
    pub partner: PartnerId,
}

/// Asks for the grants of the scope's shop.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantList {}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// To whom.
    pub partner: PartnerId,
    /// His company.
    pub company: String,
    /// Where he stands with the operator.
    pub status: PartnerState,
    /// What he may do here.
    pub scopes: Vec<PartnerScope>,
    /// What he applied for.
    pub wanted: Vec<PartnerScope>,
    /// Since when.
    pub since: Timestamp,
    /// Who gave it: `usr_…` or `key_…`.
    pub given_by: String,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Answer to [`GrantList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// Oldest first.
    pub grants: Vec<Grant>,
}
