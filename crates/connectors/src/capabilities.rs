//! What a connector can do, as data: drives screens, checks and documents.

use kernel::{Currency, Money};

/// How a payment may flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The browser is sent to the provider.
    RedirectGet,
    /// The browser posts to the provider.
    FormPost,
    /// Fields of the provider in our page.
    HostedFields,
    /// The card goes from our vault.
    DirectCard,
    /// Approval in an application.
    AppApproval,
    /// Mail or telephone order.
    Moto,
}

/// What happens to an amount of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zero {
    /// Confirmed without the provider.
    ConfirmWithoutProvider,
    /// Refused.
    Refuse,
    /// Sent.
    Allowed,
}

/// How amounts are written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireAmount {
    /// Minor units.
    MinorInteger,
    /// Minor units with leading zeros.
    PaddedInteger,
    /// Decimal sign.
    Decimal,
    /// Decimal sign and currency letters.
    DecimalWithCurrency,
}

/// Limits of amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoneyLimits {
    /// Currencies taken; empty: all.
    pub currencies: &'static [&'static str],
    /// How amounts are written.
    pub wire: WireAmount,
    /// Smallest amount, in whole units of the currency (1 is 1.00 EUR or 1 JPY).
    pub minimum_units: i64,
    /// Largest amount, in minor units.
    pub maximum_minor: i64,
    /// What happens to nothing.
    pub zero: Zero,
}

/// Declares the words of a closed choice, as the settings of an account write them.
macro_rules! choices {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// All of them, the most first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word stored.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

choices!(CaptureSupport {
    Several => "several",
    PartOnce => "part",
    WholeOnce => "whole",
    ImmediateOnly => "now",
});
choices!(RefundSupport { Several => "several", Partial => "part", Full => "whole", None => "none" });
choices!(VoidSupport { Rest => "rest", None => "none" });

/// What captures exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureSupport {
    /// Only with the authorisation.
    ImmediateOnly,
    /// Later, the whole amount, once.
    WholeOnce,
    /// Later, a part, once.
    PartOnce,
    /// Later, in parts.
    Several,
}

/// What refunds exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundSupport {
    /// None: a refund made elsewhere is recorded.
    None,
    /// The whole amount.
    Full,
    /// Once, a part.
    Partial,
    /// In several parts.
    Several,
}

/// Whether an authorisation can be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoidSupport {
    /// No.
    None,
    /// What was not captured.
    Rest,
}

/// Whether the provider keeps cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSupport {
    /// No: our vault does.
    None,
    /// On its page only.
    HostedOnly,
    /// By its interface.
    Api,
}

/// How a card is checked without a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountCheck {
    /// By an authorisation of amount zero.
    Zero,
    /// By a small authorisation that is released at once.
    SmallAmount,
}

/// How parts over time are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instalments {
    /// Not at all.
    None,
    /// By the provider, up to so many.
    Native(u8),
    /// By our scheduler, merchant-initiated.
    EngineScheduler,
}

/// How an operation's fate can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryBy {
    /// It cannot.
    None,
    /// By our reference.
    OurReference,
    /// By the provider's name of it.
    ProviderId,
}

/// What our references may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferenceRule {
    /// Characters besides A–Z, a–z and 0–9.
    pub extra_characters: &'static str,
    /// Longest.
    pub max_length: usize,
}

/// How long an answer is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect.
    pub connect_seconds: u32,
    /// For an authorisation, a capture or a void.
    pub authorise_seconds: u32,
    /// For a refund.
    pub refund_seconds: u32,
    /// For a query.
    pub query_seconds: u32,
}

/// Everything a screen or a check may ask about a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// How a payment may flow.
    pub flows: &'static [Flow],
    /// Limits of amounts.
    pub money: MoneyLimits,
    /// Captures.
    pub capture: CaptureSupport,
    /// Latest capture, in days after the authorisation.
    pub capture_days: u32,
    /// Voids.
    pub void: VoidSupport,
    /// Refunds.
    pub refund: RefundSupport,
    /// Refund window in days after the capture.
    pub refund_days: u32,
    /// Checks of cards.
    pub check: AccountCheck,
    /// Cards kept by the provider.
    pub tokens: TokenSupport,
    /// Parts over time.
    pub instalments: Instalments,
    /// How fate is asked.
    pub query: QueryBy,
    /// After how long "unknown reference" means it never arrived.
    pub not_found_final_after_seconds: i64,
    /// What our references may look like.
    pub reference: ReferenceRule,
    /// How long answers are awaited.
    pub timeouts: Timeouts,
}

impl Capabilities {
    /// The smallest amount it takes.
    #[must_use]
    pub fn minimum(&self, currency: Currency) -> Money {
        let unit = 10_i64.saturating_pow(currency.decimals());
        Money::new(self.money.minimum_units.saturating_mul(unit), currency)
    }

    /// Whether it takes the currency.
    #[must_use]
    pub fn takes(&self, currency: Currency) -> bool {
        self.money.currencies.is_empty() || self.money.currencies.contains(&currency.code())
    }
}
