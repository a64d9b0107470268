//! Declines as data: what a raw code means on which network, what follows, who reads what.
//!
//! A code's meaning depends on the network (65 is "authenticate" at Mastercard and "too often"
//! elsewhere), so the key of the table is (network, raw code). The payer never learns the cause
//! (funds, theft and fraud share one text); the merchant does.

use serde::{Deserialize, Serialize};

/// A card network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
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
    /// Any other.
    Other,
}

impl Network {
    /// The word stored and shown.
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
            Self::Other => "other",
        }
    }

    /// Reads a brand in any case.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "cb" => Self::Cb,
            "visa" => Self::Visa,
            "mastercard" | "mc" => Self::Mastercard,
            "amex" | "american_express" => Self::Amex,
            "diners" => Self::Diners,
            "discover" => Self::Discover,
            "jcb" => Self::Jcb,
            _ => Self::Other,
        }
    }
}

/// What follows from a decline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The payer corrects a field.
    FixData,
    /// The payer takes another card.
    OtherCard,
    /// A later retry may succeed.
    RetryLater,
    /// The issuer wants strong authentication.
    ScaRequired,
    /// Never again with this card.
    Never,
    /// The network or the issuer failed.
    Technical,
    /// The merchant's set-up is wrong.
    Config,
    /// A risk rule of ours.
    Risk,
    /// The payer gave up.
    Cancelled,
}

impl Class {
    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FixData => "fix_data",
            Self::OtherCard => "other_card",
            Self::RetryLater => "retry_later",
            Self::ScaRequired => "sca_required",
            Self::Never => "never",
            Self::Technical => "technical",
            Self::Config => "config",
            Self::Risk => "risk",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether trying the same card again later makes sense.
    #[must_use]
    pub const fn retry_useful(self) -> bool {
        matches!(self, Self::FixData | Self::RetryLater | Self::ScaRequired | Self::Technical)
    }
}

/// The kind of refusal, in the six words of the connector model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// May succeed later or after authentication.
    Soft,
    /// Will not succeed.
    Hard,
    /// Fraud is suspected.
    Fraud,
    /// The payer gave up.
    Cancel,
    /// Something failed.
    Technical,
    /// The set-up is wrong.
    Config,
}

/// Which sentence the payer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayerText {
    /// The bank refused; another card.
    A,
    /// The authentication did not end.
    B,
    /// We are asking the bank; do not pay twice.
    C,
    /// Check number, date and code.
    E,
    /// Type the security code again.
    F,
    /// The bank does not answer.
    H,
    /// Cancelled.
    I,
    /// The challenge itself.
    Challenge,
}

impl PayerText {
    /// The letter; the challenge has none.
    #[must_use]
    pub const fn letter(self) -> Option<char> {
        match self {
            Self::A => Some('A'),
            Self::B => Some('B'),
            Self::C => Some('C'),
            Self::E => Some('E'),
            Self::F => Some('F'),
            Self::H => Some('H'),
            Self::I => Some('I'),
            Self::Challenge => None,
        }
    }
}

/// Declares the normalised codes with their class and the payer's sentence.
macro_rules! declines {
    ($($(#[$doc:meta])* $name:ident => $word:literal, $class:ident, $text:ident);+ $(;)?) => {
        /// A normalised decline; a stable word of the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Decline { $($(#[$doc])* $name),+ }

        impl Decline {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable word.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// What follows.
            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Self::$name => Class::$class),+ }
            }

            /// Which sentence the payer reads.
            #[must_use]
            pub const fn payer_text(self) -> PayerText {
                match self { $(Self::$name => PayerText::$text),+ }
            }
        }
    };
}

declines! {
    /// The issuer refused without detail.
    DoNotHonour => "do_not_honour", OtherCard, A;
    /// Balance or ceiling too low.
    InsufficientFunds => "insufficient_funds", RetryLater, A;
    /// Amount or count limit of the card.
    LimitExceeded => "limit_exceeded", RetryLater, A;
    /// The merchant must call the authorisation centre.
    ReferToIssuer => "refer_to_issuer", OtherCard, A;
    /// The card is out of date.
    ExpiredCard => "expired_card", FixData, E;
    /// Number or issuer unknown.
    InvalidCard => "invalid_card", FixData, E;
    /// The security code does not match.
    WrongSecurityCode => "wrong_security_code", FixData, E;
    /// The vault has the security code no more, so the bank was not asked.
    CodeLost => "code_none", FixData, F;
    /// Reported lost or stolen.
    LostOrStolen => "lost_or_stolen", Never, A;
    /// The issuer suspects fraud.
    SuspectedFraud => "suspected_fraud", OtherCard, A;
    /// The card or the contract may not do this.
    NotPermitted => "not_permitted", Never, A;
    /// The holder withdrew his agreement.
    MandateRevoked => "mandate_revoked", Never, A;
    /// Blocked by tries, or not yet unblocked.
    PinOrBlocked => "pin_or_blocked", OtherCard, A;
    /// The issuer wants strong authentication.
    AuthenticationRequired => "authentication_required", ScaRequired, Challenge;
    /// The exemption flag was refused.
    ExemptionMisused => "exemption_misused", Config, B;
    /// The amount was refused.
    AmountInvalid => "amount_invalid", Config, H;
    /// Contract, acceptor or acquirer unknown.
    MerchantConfig => "merchant_config", Config, H;
    /// The message was refused.
    BadMessage => "bad_message", Config, H;
    /// Issuer or network silent.
    IssuerUnavailable => "issuer_unavailable", Technical, H;
    /// The network says it has seen this already.
    DuplicateRequest => "duplicate_request", Technical, C;
    /// The payer gave up.
    CancelledByPayer => "cancelled_by_payer", Cancelled, I;
    /// Authentication failed.
    ThreedsFailed => "threeds_failed", OtherCard, B;
    /// The issuer rejected the authentication.
    ThreedsRejected => "threeds_rejected", OtherCard, B;
    /// The authentication did not end in time.
    ThreedsTimeout => "threeds_timeout", Technical, B;
    /// Authentication impossible, and the policy wants it.
    ThreedsUnavailable => "threeds_unavailable", Technical, B;
    /// A risk rule of ours.
    RiskBlocked => "risk_blocked", Risk, A;
    /// Voucher, credit or limit short.
    StoredValueShort => "stored_value_short", FixData, A;
    /// The provider never received the request.
    NeverReceived => "never_received", Technical, H;
}

/// Raw codes and their meaning; a line for some networks stands before the line for all.
const RAW: &[(&[Network], &[&str], Decline)] = &[
    (&[Network::Visa], &["1A"], Decline::AuthenticationRequired),
    (&[Network::Mastercard], &["65"], Decline::AuthenticationRequired),
    (&[Network::Cb], &["81"], Decline::AuthenticationRequired),
    (&[], &["1A", "81"], Decline::AuthenticationRequired),
    (&[], &["05", "86"], Decline::DoNotHonour),
    (&[], &["51"], Decline::InsufficientFunds),
    (&[], &["61", "65"], Decline::LimitExceeded),
    (&[], &["02", "08", "60"], Decline::ReferToIssuer),
    (&[], &["33", "38", "54"], Decline::ExpiredCard),
    (&[], &["14", "15", "56"], Decline::InvalidCard),
    (&[], &["82", "N7"], Decline::WrongSecurityCode),
    (&[], &["04", "07", "41", "43"], Decline::LostOrStolen),
    (&[], &["34", "59", "63"], Decline::SuspectedFraud),
    (&[], &["57", "58", "62"], Decline::NotPermitted),
    (&[], &["R0", "R1", "R3", "83", "84", "90"], Decline::MandateRevoked),
    (&[], &["55", "75", "76", "78"], Decline::PinOrBlocked),
    (&[], &["88"], Decline::ExemptionMisused),
    (&[], &["13"], Decline::AmountInvalid),
    (&[], &["03", "12", "31"], Decline::MerchantConfig),
    (&[], &["20", "24", "25", "26", "27", "28", "29", "30"], Decline::BadMessage),
    (&[], &["19", "68", "91", "96", "97", "98", "99"], Decline::IssuerUnavailable),
    (&[], &["94"], Decline::DuplicateRequest),
    (&[], &["17"], Decline::CancelledByPayer),
];

impl Decline {
    /// The meaning of a raw code; a code nobody listed is a refusal without detail.
    #[must_use]
    pub fn of(network: Network, raw: &str) -> Self {
        RAW.iter()
            .find(|(networks, codes, _)| {
                (networks.is_empty() || networks.contains(&network)) && codes.contains(&raw)
            })
            .map_or(Self::DoNotHonour, |(_, _, decline)| *decline)
    }

    /// Reads the stable word.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|decline| decline.code() == code)
    }

    /// Key of the merchant's explanation in the message files.
    #[must_use]
    pub fn merchant_key(self) -> String {
        format!("decline-{}", self.code().replace('_', "-"))
    }

    /// The kind of refusal.
    #[must_use]
    pub const fn refusal(self) -> Refusal {
        match (self, self.class()) {
            (Self::SuspectedFraud | Self::LostOrStolen, _) | (_, Class::Risk) => Refusal::Fraud,
            (_, Class::RetryLater | Class::ScaRequired | Class::FixData) => Refusal::Soft,
            (_, Class::OtherCard | Class::Never) => Refusal::Hard,
            (_, Class::Technical) => Refusal::Technical,
            (_, Class::Config) => Refusal::Config,
            (_, Class::Cancelled) => Refusal::Cancel,
        }
    }
}

impl Serialize for Decline {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Decline {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("unknown decline"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_87_the_meaning_of_a_code_depends_on_the_network() {
        assert_eq!(Decline::of(Network::Mastercard, "65"), Decline::AuthenticationRequired);
        assert_eq!(Decline::of(Network::Cb, "65"), Decline::LimitExceeded);
        assert_eq!(Decline::of(Network::Visa, "1A"), Decline::AuthenticationRequired);
        assert_eq!(Decline::of(Network::Cb, "81"), Decline::AuthenticationRequired);
        assert_eq!(Decline::of(Network::Visa, "51"), Decline::InsufficientFunds);
        assert_eq!(Decline::of(Network::Amex, "??"), Decline::DoNotHonour);
    }

    #[test]
    fn p_88_stolen_cards_are_never_tried_again() {
        assert_eq!(Decline::of(Network::Cb, "43").class(), Class::Never);
        assert!(!Class::Never.retry_useful());
        assert!(Decline::of(Network::Cb, "51").class().retry_useful());
    }

    #[test]
    fn p_94_funds_theft_and_fraud_read_alike_to_the_payer() {
        for raw in ["51", "43", "59", "05"] {
            assert_eq!(Decline::of(Network::Visa, raw).payer_text(), PayerText::A);
        }
        assert_eq!(Decline::of(Network::Visa, "82").payer_text(), PayerText::E);
    }

    #[test]
    fn p_92_each_code_is_explained_in_french_and_english() {
        for decline in Decline::ALL {
            let line = format!("{} = ", decline.merchant_key());
            for file in [crate::MESSAGES_FR, crate::MESSAGES_EN] {
                assert!(file.lines().any(|l| l.starts_with(&line)), "{line}");
            }
            assert_eq!(Decline::parse(decline.code()), Some(*decline));
        }
    }
}
