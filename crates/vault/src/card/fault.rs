//! What can be wrong with a field, with its stable code. The words live in message files.

use vault_wire::Brand;

/// A field of the card form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    /// The number.
    Number,
    /// Month and year.
    Expiry,
    /// The security code.
    Code,
    /// The name on the card.
    Holder,
    /// The e-mail address.
    Email,
}

impl Field {
    /// Id of the input, where the error summary leads.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Number => "cardNumber",
            Self::Expiry => "cardExpiry",
            Self::Code => "cardCode",
            Self::Holder => "cardHolder",
            Self::Email => "email",
        }
    }

    /// Path among the fields of the form, for a script that posted them.
    pub(crate) const fn form_path(self) -> &'static str {
        match self {
            Self::Number => "$.number",
            Self::Expiry => "$.exp",
            Self::Code => "$.code",
            Self::Holder => "$.holder",
            Self::Email => "$.email",
        }
    }

    /// Path in the body of the API.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Number => "$.card.number",
            Self::Expiry => "$.card.exp_month",
            Self::Code => "$.card.security_code",
            Self::Holder => "$.card.holder",
            Self::Email => "$.email",
        }
    }
}

/// Why a field is refused. Never holds what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing typed.
    NumberMissing,
    /// Something else than digits.
    NumberFormat,
    /// Too short or too long for its scheme.
    NumberLength,
    /// Check digit.
    NumberLuhn,
    /// No scheme has such numbers.
    BrandUnknown,
    /// The shop does not take it.
    BrandNotAccepted(Brand),
    /// A number that is not in the test table, in a test shop.
    TestCardRequired,
    /// A test number in a live shop.
    TestCardInLive,
    /// Not month and year.
    ExpiryFormat,
    /// In the past.
    Expired,
    /// More than twenty years ahead.
    ExpiryTooFar,
    /// Not as many digits as the scheme has.
    CodeFormat(u8),
    /// Needed and not typed.
    CodeRequired,
    /// Empty, too long, or with digits.
    HolderFormat,
    /// A card number typed into another field.
    NumberInWrongField,
    /// Not an address.
    EmailFormat,
}

impl Fault {
    /// Stable code of API and tests.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NumberMissing => "card_number_missing",
            Self::NumberFormat => "card_number_format",
            Self::NumberLength => "card_number_length",
            Self::NumberLuhn => "card_number_luhn",
            Self::BrandUnknown => "brand_unknown",
            Self::BrandNotAccepted(_) => "brand_not_accepted",
            Self::TestCardRequired => "test_card_required",
            Self::TestCardInLive => "test_card_in_live",
            Self::ExpiryFormat => "expiry_format",
            Self::Expired => "card_expired",
            Self::ExpiryTooFar => "expiry_too_far",
            Self::CodeFormat(_) => "code_format",
            Self::CodeRequired => "code_required",
            Self::HolderFormat => "holder_format",
            Self::NumberInWrongField => "pan_in_wrong_field",
            Self::EmailFormat => "email_format",
        }
    }

    /// Key of the sentence with the cure.
    pub(crate) fn message_key(self) -> String {
        format!("vault-fault-{}", self.code().replace('_', "-"))
    }
}

/// A refused field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FieldFault {
    /// Which.
    pub(crate) field: Field,
    /// Why.
    pub(crate) fault: Fault,
}

impl FieldFault {
    /// A fault of a field.
    pub(crate) const fn new(field: Field, fault: Fault) -> Self {
        Self { field, fault }
    }
}
