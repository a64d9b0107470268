//! Money given back without Guichet, as it is written down here.
//!
//! The merchant refunded with his own terminal, in the desk of his provider, by transfer, cash or
//! cheque: the money did not pass through us. What is written down lowers what may still be given
//! back, as a refund of ours does, and the books credit the merchant's own till or account instead
//! of what the provider owes.

use kernel::{Date, card_text};
use ledger::Tender;
use serde::{Deserialize, Serialize};

use crate::fields::Word;

/// Longest reference, in characters.
pub const MAX_REFERENCE_CHARACTERS: usize = 64;

/// How money was given back without Guichet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// By what means.
    pub means: Tender,
    /// The merchant's own reference: number of the terminal's slip, of the transfer, of the cheque.
    pub reference: String,
    /// The day on which it was done.
    pub on: Date,
}

/// What cannot be right about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsound {
    /// Empty, too long, or with a card number.
    Reference,
    /// In the future, or before the payment was debited.
    Day,
}

impl Elsewhere {
    /// Whether it can have happened: with a reference, and between the debit and today.
    ///
    /// # Errors
    /// [`Unsound`], the first fault.
    pub fn check(&self, (debited, today): (Date, Date)) -> Result<(), Unsound> {
        if !is_reference(&self.reference) {
            return Err(Unsound::Reference);
        }
        if self.on > today || self.on < debited { Err(Unsound::Day) } else { Ok(()) }
    }
}

/// Whether a text may be the reference.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    (1..=MAX_REFERENCE_CHARACTERS).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
        && !card_text::holds_card_number(text)
}

impl Word for Tender {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn all() -> Vec<&'static str> {
        Self::ALL.map(Self::as_str).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_98_what_is_written_down_can_have_happened() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let paid = |reference: &str, on: &str| {
            let what = Elsewhere { means: Tender::Bank, reference: reference.into(), on: day(on) };
            what.check((day("2026-11-01"), day("2026-11-20")))
        };
        assert_eq!(paid("VIR 2026-17", "2026-11-20"), Ok(()));
        assert_eq!(paid("VIR 2026-17", "2026-11-21"), Err(Unsound::Day));
        assert_eq!(paid("VIR 2026-17", "2026-10-31"), Err(Unsound::Day));
        for text in ["", " T-9", "4970 1000 0000 0154", &"x".repeat(65)] {
            assert_eq!(paid(text, "2026-11-20"), Err(Unsound::Reference), "{text}");
        }
    }
}
