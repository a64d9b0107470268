//! What a payer reads when he is not typing a card: one wording and one way out per case.
//!
//! "Nothing was debited" belongs to a case only where it is certain.

use crate::payment::page_state::PageState;
use crate::payment::{Decline, Payment};

/// Letter of the sentence about a refusal; the cause itself is never told to the payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// The bank refused; another card.
    A,
    /// The authentication did not end.
    B,
    /// We are asking the bank.
    C,
    /// Check number, date and code.
    E,
    /// Type the security code again; the bank was not asked.
    F,
    /// The vault lends the card to no charge; the bank was not asked.
    G,
    /// The bank does not answer.
    H,
    /// Given up by the payer.
    I,
}

impl Letter {
    /// The sentence for a refusal; without one, the general refusal.
    #[must_use]
    pub fn of(decline: Option<&Decline>) -> Self {
        match decline.map(|d| d.payer_text.as_str()) {
            Some("B") => Self::B,
            Some("C") => Self::C,
            Some("E") => Self::E,
            Some("F") => Self::F,
            Some("G") => Self::G,
            Some("H") => Self::H,
            Some("I") => Self::I,
            _ => Self::A,
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::A => "checkout-text-a",
            Self::B => "checkout-text-b",
            Self::C => "checkout-text-c",
            Self::E => "checkout-text-e",
            Self::F => "checkout-text-f",
            Self::G => "checkout-text-g",
            Self::H => "checkout-text-h",
            Self::I => "checkout-text-i",
        }
    }
}

/// One page a payer may meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Refused; he may try again.
    Refused(Letter),
    /// Refused for the last time.
    NoMoreTries(Letter),
    /// He left the card page and may come back.
    Left,
    /// He went away.
    Abandoned,
    /// The session is over.
    Expired,
    /// Paid before.
    AlreadyPaid,
    /// The merchant cancelled it.
    Cancelled,
    /// Paid and given back.
    Refunded,
    /// Paid too late: the place was gone and the money goes back.
    PlaceGone,
    /// Somebody else has the place; the bank was not asked.
    HoldLost,
    /// The price changed since the page was opened; the bank was not asked.
    AmountChanged,
    /// Another payment was opened for the same thing; the bank was not asked.
    Replaced,
    /// What was to be paid is paid otherwise, or is no more; the bank was not asked.
    Closed,
    /// Something failed before the bank was asked.
    Technical,
    /// Too many refused cards from this address.
    Paused,
    /// The amount is below what any means of the merchant takes.
    NotOffered,
    /// The receipt is no longer kept.
    LinkExpired,
}

/// Where the payer may go from a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the card page, for the same or another card.
    Retry,
    /// To the receipt.
    Receipt,
    /// Back to what he was buying.
    Back,
    /// The same page again.
    Reload,
}

impl Case {
    /// The case of a payment's state; `None` where the state has a page of its own (paying, the
    /// bank's page, waiting).
    #[must_use]
    pub fn of(state: PageState, payment: &Payment) -> Option<Self> {
        let letter = || Letter::of(payment.decline.as_ref());
        Some(match state {
            PageState::Refused => Self::Refused(letter()),
            PageState::NoMoreTries => Self::NoMoreTries(letter()),
            PageState::Abandoned => Self::Abandoned,
            PageState::Expired => Self::Expired,
            PageState::Paid => Self::AlreadyPaid,
            PageState::Cancelled => Self::Cancelled,
            PageState::Refunded => Self::Refunded,
            PageState::PlaceGone => Self::PlaceGone,
            PageState::HoldLost => Self::HoldLost,
            PageState::AmountChanged => Self::AmountChanged,
            PageState::Replaced => Self::Replaced,
            PageState::NothingDue => Self::Closed,
            PageState::Pay | PageState::Challenge | PageState::Waiting | PageState::Unknown => {
                return None;
            }
        })
    }

    /// Stem of its messages: `{stem}-title` and `{stem}-text`.
    #[must_use]
    pub const fn stem(self) -> &'static str {
        match self {
            Self::Refused(Letter::I) | Self::NoMoreTries(Letter::I) => "checkout-given-up",
            Self::Refused(Letter::B) => "checkout-not-verified",
            Self::Refused(Letter::F) => "checkout-code-again",
            Self::Refused(_) => "checkout-refused",
            Self::NoMoreTries(Letter::F) => "checkout-code-not-sent",
            Self::NoMoreTries(_) => "checkout-no-more-tries",
            Self::Left => "checkout-left",
            Self::Abandoned => "checkout-abandoned",
            Self::Expired => "checkout-expired",
            Self::AlreadyPaid => "checkout-already-paid",
            Self::Cancelled => "checkout-cancelled",
            Self::Refunded => "checkout-refunded",
            Self::PlaceGone => "checkout-place-gone",
            Self::HoldLost => "checkout-hold-lost",
            Self::AmountChanged => "checkout-amount-changed",
            Self::Replaced => "checkout-replaced",
            Self::Closed => "checkout-closed",
            Self::Technical => "checkout-technical",
            Self::Paused => "checkout-paused",
            Self::NotOffered => "checkout-not-offered",
            Self::LinkExpired => "checkout-link-expired",
        }
    }

    /// Key of the sentence: by the letter of the refusal, else its own.
    #[must_use]
    pub fn text_key(self) -> String {
        match self {
            Self::NoMoreTries(Letter::F) => format!("{}-text", self.stem()),
            Self::Refused(letter) | Self::NoMoreTries(letter) => letter.key().to_owned(),
            _ => format!("{}-text", self.stem()),
        }
    }

    /// Whether "nothing was debited" stands under the sentence; other sentences say it
    /// themselves or must not.
    #[must_use]
    pub const fn adds_nothing_debited(self) -> bool {
        matches!(self, Self::Refused(Letter::E) | Self::NoMoreTries(Letter::E))
    }

    /// Colour of the page; the words say the same.
    #[must_use]
    pub const fn tone(self) -> &'static str {
        match self {
            Self::AlreadyPaid => "ok",
            Self::Refused(Letter::I) | Self::NoMoreTries(Letter::I) => "info",
            Self::Refunded | Self::Cancelled | Self::Abandoned | Self::Left => "info",
            Self::Refused(Letter::F)
            | Self::Expired
            | Self::LinkExpired
            | Self::Paused
            | Self::NotOffered
            | Self::AmountChanged
            | Self::Replaced
            | Self::Closed => "warn",
            _ => "bad",
        }
    }

    /// The icon beside the title.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::AlreadyPaid => "check",
            Self::Refunded => "refund",
            Self::Expired | Self::LinkExpired | Self::Paused => "clock",
            Self::Refused(Letter::I) | Self::NoMoreTries(Letter::I) => "info",
            Self::Cancelled | Self::Abandoned | Self::Left | Self::NotOffered => "info",
            Self::Refused(Letter::F) => "alert",
            Self::AmountChanged | Self::Replaced | Self::Closed | Self::Technical => "alert",
            _ => "ban",
        }
    }

    /// The ways out, the best first.
    #[must_use]
    pub const fn ways(self) -> &'static [Way] {
        match self {
            Self::Refused(_) | Self::Left => &[Way::Retry, Way::Back],
            Self::AlreadyPaid | Self::Refunded => &[Way::Receipt, Way::Back],
            Self::Technical | Self::Paused => &[Way::Reload, Way::Back],
            _ => &[Way::Back],
        }
    }

    /// HTTP status of the page.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::LinkExpired => 410,
            Self::Paused => 429,
            Self::Technical => 503,
            _ => 200,
        }
    }
}

#[cfg(test)]
pub(crate) const ALL: &[Case] = &[
    Case::Refused(Letter::A),
    Case::Refused(Letter::B),
    Case::Refused(Letter::C),
    Case::Refused(Letter::E),
    Case::Refused(Letter::F),
    Case::Refused(Letter::G),
    Case::Refused(Letter::H),
    Case::Refused(Letter::I),
    Case::NoMoreTries(Letter::A),
    Case::NoMoreTries(Letter::E),
    Case::NoMoreTries(Letter::F),
    Case::NoMoreTries(Letter::I),
    Case::Left,
    Case::Abandoned,
    Case::Expired,
    Case::AlreadyPaid,
    Case::Cancelled,
    Case::Refunded,
    Case::PlaceGone,
    Case::HoldLost,
    Case::AmountChanged,
    Case::Replaced,
    Case::Closed,
    Case::Technical,
    Case::Paused,
    Case::NotOffered,
    Case::LinkExpired,
];
