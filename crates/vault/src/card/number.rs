//! The number of a card.

use kernel::Mode;
use kernel::card_text::luhn_valid;
use vault_wire::Brand;
use zeroize::Zeroizing;

use super::brands::{self, Scheme};
use super::fault::Fault;
use crate::bins::Table;
use crate::kernel_calls::Cell;

/// Characters a form may send for a number.
const MAX_RAW_CHARACTERS: usize = 32;
const MIN_DIGITS: usize = 12;
const MAX_DIGITS: usize = 19;

/// A card number that was checked, in a cell of the arena. No copy, no print; wiped when dropped.
pub(crate) struct Pan {
    digits: Cell,
    length: usize,
    scheme: Scheme,
}

impl Pan {
    /// Reads what was typed: blanks and hyphens are ignored, then 12 to 19 digits, a known
    /// scheme, its length, the check digit.
    pub(crate) fn read(raw: &str, table: &Table) -> Result<Self, Fault> {
        let skipped = |c: &char| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-');
        if raw.chars().count() > MAX_RAW_CHARACTERS {
            return Err(Fault::NumberFormat);
        }
        let mut digits = Zeroizing::new(String::with_capacity(MAX_RAW_CHARACTERS));
        for c in raw.chars().filter(skipped) {
            if !c.is_ascii_digit() {
                return Err(Fault::NumberFormat);
            }
            digits.push(c);
        }
        Self::of_digits(digits, table)
    }

    fn of_digits(digits: Zeroizing<String>, table: &Table) -> Result<Self, Fault> {
        if digits.is_empty() {
            return Err(Fault::NumberMissing);
        }
        if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) {
            return Err(Fault::NumberLength);
        }
        let scheme = brands::of_digits(&digits, table);
        let fits = scheme.is_none_or(|scheme| brands::length_fits(&digits, scheme, table));
        if !fits {
            return Err(Fault::NumberLength);
        }
        let values = Zeroizing::new(digits.bytes().map(|b| b & 0x0f).collect::<Vec<u8>>());
        if !luhn_valid(&values) {
            return Err(Fault::NumberLuhn);
        }
        let scheme = scheme.ok_or(Fault::BrandUnknown)?;
        let mut cell = Cell::new();
        for (to, from) in cell.bytes_mut::<MAX_DIGITS>().iter_mut().zip(digits.bytes()) {
            *to = from;
        }
        Ok(Self { digits: cell, length: digits.len(), scheme })
    }

    /// A number read back from the vault's own record.
    pub(crate) fn stored(digits: &str, table: &Table) -> Option<Self> {
        Self::of_digits(Zeroizing::new(digits.to_owned()), table).ok()
    }

    /// Test shops take test numbers only, live shops none of them; one of the card's schemes
    /// must be among the accepted ones.
    pub(crate) fn check(&self, mode: Mode, accepted: &[Brand]) -> Result<(), Fault> {
        match (mode, self.scheme.test) {
            (Mode::Test, false) => return Err(Fault::TestCardRequired),
            (Mode::Live, true) => return Err(Fault::TestCardInLive),
            _ => {}
        }
        if self.scheme.all().iter().any(|brand| accepted.contains(brand)) {
            Ok(())
        } else {
            Err(Fault::BrandNotAccepted(self.scheme.brand))
        }
    }

    /// Its scheme or schemes.
    pub(crate) const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The digits; the name is long so that each use is seen in review.
    pub(crate) fn expose(&self) -> &str {
        let digits: &[u8; MAX_DIGITS] = self.digits.bytes();
        std::str::from_utf8(digits.get(..self.length).unwrap_or_default()).unwrap_or_default()
    }

    /// First 8 digits of a 16-digit number, first 6 of any other: the only truncation there is.
    pub(crate) fn bin(&self) -> String {
        let kept = if self.length == 16 { 8 } else { 6 };
        self.expose().chars().take(kept).collect()
    }

    /// Last 4 digits.
    pub(crate) fn last4(&self) -> String {
        self.expose().chars().skip(self.length.saturating_sub(4)).collect()
    }

    /// Digits of its security code.
    pub(crate) const fn code_length(&self) -> u8 {
        brands::code_length(self.scheme.brand)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(raw: &str) -> Result<Pan, Fault> {
        Pan::read(raw, &Table::default())
    }

    fn fault(raw: &str) -> Option<Fault> {
        read(raw).err()
    }

    #[test]
    fn ve_01_v_32_one_truncation_per_card() {
        let cut = |raw| {
            let pan = read(raw).ok().unwrap();
            (pan.bin(), pan.last4())
        };
        let text = str::to_owned;
        assert_eq!(cut("5207000000000000"), (text("52070000"), text("0000")));
        assert_eq!(cut("378282246310005"), (text("378282"), text("0005")));
        assert_eq!(cut("36227206271667"), (text("362272"), text("1667")));
        assert_eq!(fault("5207000000000001"), Some(Fault::NumberLuhn));
        let spaced = read("5207\u{202f}0000-0000 0000").ok().unwrap();
        assert_eq!(spaced.expose(), "5207000000000000");
    }

    #[test]
    fn v_21_each_fault_has_its_code() {
        assert_eq!(fault("  "), Some(Fault::NumberMissing));
        assert_eq!(fault("4242 4242 4242 424x"), Some(Fault::NumberFormat));
        assert_eq!(fault(&"4".repeat(33)), Some(Fault::NumberFormat));
        assert_eq!(fault("42424242424"), Some(Fault::NumberLength));
        assert_eq!(fault("42424242424242"), Some(Fault::NumberLength));
        assert_eq!(fault("1000000000009"), Some(Fault::BrandUnknown));
    }

    #[test]
    fn v_06_test_numbers_stay_in_test_shops() {
        let all = Brand::ALL;
        for raw in [
            "4242424242424242",
            "4111111111111111",
            "4000002760003184",
            "4000000000000002",
            "4970100100000054",
            "4970100100001003",
            "4970100000000154",
            "5100010100000006",
            "375900010000006",
            "6011111111111117",
        ] {
            let pan = read(raw).ok().unwrap();
            assert_eq!(pan.check(Mode::Test, &all), Ok(()), "{raw}");
            assert_eq!(pan.check(Mode::Live, &all), Err(Fault::TestCardInLive));
        }
        let real = read("4539578763621486").ok().unwrap();
        assert_eq!(real.check(Mode::Test, &all), Err(Fault::TestCardRequired));
        assert_eq!(real.check(Mode::Live, &all), Ok(()));
    }

    #[test]
    fn v_33_a_co_badged_card_passes_by_either_scheme() {
        let both = read("4970100000000154").ok().unwrap();
        assert_eq!(both.check(Mode::Test, &[Brand::Cb]), Ok(()));
        assert_eq!(both.check(Mode::Test, &[Brand::Visa]), Ok(()));
        let jcb = read("3566002020360505").ok().unwrap();
        assert_eq!(
            jcb.check(Mode::Test, &[Brand::Cb, Brand::Visa]),
            Err(Fault::BrandNotAccepted(Brand::Jcb))
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(raw in "\\PC{0,40}") {
            let _ = read(&raw);
        }
    }
}
