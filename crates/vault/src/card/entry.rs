//! The other fields a person types: expiry, code, name, e-mail.

use kernel::card_text::holds_card_number;
use kernel::{Date, Email};
use zeroize::Zeroizing;

use super::fault::Fault;
use crate::kernel_calls::Cell;

const MAX_HOLDER_CHARACTERS: usize = 64;
/// The sealed record has a fixed length; a name takes at most this much of it.
const MAX_HOLDER_BYTES: usize = 190;
const MAX_MONTHS_AHEAD: i32 = 20 * 12;
/// Two-digit years are of this century.
const CENTURY: u16 = 2000;
/// A code has at most four digits.
const CODE_ROOM_BYTES: usize = 4;

/// Month and year until whose end a card is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expiry {
    /// 1 to 12.
    pub(crate) month: u8,
    /// Four digits.
    pub(crate) year: u16,
}

impl Expiry {
    /// From two integers, not yet compared with a day.
    pub(crate) const fn new(month: u8, year: u16) -> Option<Self> {
        if month >= 1 && month <= 12 && year >= CENTURY && year <= 9999 {
            Some(Self { month, year })
        } else {
            None
        }
    }

    /// A channel told none that can be read.
    pub(crate) const UNKNOWN: Self = Self { month: 0, year: 0 };

    /// As it stands in a row.
    pub(crate) const fn stored(month: u8, year: u16) -> Option<Self> {
        if month == 0 && year == 0 { Some(Self::UNKNOWN) } else { Self::new(month, year) }
    }

    /// Whether it was told.
    pub(crate) const fn is_known(self) -> bool {
        self.month != 0
    }

    fn months(self) -> i32 {
        i32::from(self.year).saturating_mul(12).saturating_add(i32::from(self.month))
    }

    /// Valid through the last day of its month; not more than twenty years ahead. `today` is the
    /// day in the shop's zone.
    pub(crate) fn check(self, today: Date) -> Result<(), Fault> {
        let now =
            i32::from(today.year()).saturating_mul(12).saturating_add(i32::from(today.month()));
        match self.months().saturating_sub(now) {
            ..0 => Err(Fault::Expired),
            0..=MAX_MONTHS_AHEAD => Ok(()),
            _ => Err(Fault::ExpiryTooFar),
        }
    }

    /// First day after the month.
    pub(crate) fn ends_before(self) -> Option<Date> {
        let (year, month) = if self.month == 12 {
            (self.year.checked_add(1)?, 1)
        } else {
            (self.year, self.month.checked_add(1)?)
        };
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()
    }
}

/// Reads `0329`, `03/29`, `3/29`, `03 29`, `03-29`, `03/2029` or `2029-03`.
pub(crate) fn read_expiry(raw: &str) -> Result<Expiry, Fault> {
    let raw = raw.trim().replace(['\u{a0}', '\u{202f}'], " ");
    let parts: Vec<&str> =
        raw.split(['/', '-', ' ', '.']).map(str::trim).filter(|p| !p.is_empty()).collect();
    let digits = |p: &str| p.bytes().all(|b| b.is_ascii_digit());
    let (month, year) = match parts.as_slice() {
        [one] if digits(one) => match one.len() {
            4 | 6 => one.split_at(2),
            3 => one.split_at(1),
            _ => return Err(Fault::ExpiryFormat),
        },
        [year, month] if year.len() == 4 && digits(year) && digits(month) => (*month, *year),
        [month, year] if digits(month) && digits(year) => (*month, *year),
        _ => return Err(Fault::ExpiryFormat),
    };
    let month = Some(month).filter(|m| m.len() <= 2).and_then(|m| m.parse().ok());
    let year = match year.len() {
        2 => year.parse::<u16>().ok().and_then(|y| y.checked_add(CENTURY)),
        4 => year.parse().ok(),
        _ => None,
    };
    month.zip(year).and_then(|(m, y)| Expiry::new(m, y)).ok_or(Fault::ExpiryFormat)
}

/// A security code, in a cell of the arena. No copy, no print; wiped when dropped.
pub(crate) struct Cvv {
    digits: Cell,
    length: u8,
}

impl Cvv {
    /// The digits; the name is long so that each use is seen in review.
    pub(crate) fn expose(&self) -> &str {
        let digits: &[u8; CODE_ROOM_BYTES] = self.digits.bytes();
        let digits = digits.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }

    fn take(digits: &str, length: u8) -> Self {
        let mut cell = Cell::new();
        for (to, from) in cell.bytes_mut::<CODE_ROOM_BYTES>().iter_mut().zip(digits.bytes()) {
            *to = from;
        }
        Self { digits: cell, length }
    }
}

/// Reads a code of exactly `length` digits; `None` when nothing was typed.
pub(crate) fn read_code(raw: &str, length: u8) -> Result<Option<Cvv>, Fault> {
    let raw = raw.trim();
    if raw.is_empty() {
        return Ok(None);
    }
    if raw.len() == usize::from(length) && raw.bytes().all(|b| b.is_ascii_digit()) {
        Ok(Some(Cvv::take(raw, length)))
    } else {
        Err(Fault::CodeFormat(length))
    }
}

/// Reads a name of 1 to 64 characters; digits do not belong there, card numbers least of all.
pub(crate) fn read_holder(raw: &str) -> Result<Zeroizing<String>, Fault> {
    let name = raw.trim();
    if holds_card_number(name) {
        return Err(Fault::NumberInWrongField);
    }
    let written = Zeroizing::new(serde_json::to_string(name).unwrap_or_default());
    let fine = !name.is_empty()
        && name.chars().count() <= MAX_HOLDER_CHARACTERS
        && written.len() <= MAX_HOLDER_BYTES
        && !name.chars().any(|c| c.is_control() || c.is_numeric());
    if fine { Ok(Zeroizing::new(name.to_owned())) } else { Err(Fault::HolderFormat) }
}

/// Reads an address that holds no card number.
pub(crate) fn read_email(raw: &str) -> Result<Email, Fault> {
    if holds_card_number(raw) {
        return Err(Fault::NumberInWrongField);
    }
    raw.parse().map_err(|_| Fault::EmailFormat)
}

/// `F.` for Francois, `A. M.` for Anne Martin.
pub(crate) fn initials(holder: &str) -> Option<String> {
    let letters: Vec<String> = holder
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter_map(|word| word.chars().find(|c| c.is_alphabetic()))
        .take(3)
        .map(|c| format!("{}.", c.to_uppercase()))
        .collect();
    (!letters.is_empty()).then(|| letters.join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn v_21_every_way_to_write_a_month() {
        for raw in
            ["0329", "03/29", "3/29", "03 29", "03-29", "03/2029", "2029-03", " 03 / 29 ", "032029"]
        {
            assert_eq!(read_expiry(raw), Ok(Expiry { month: 3, year: 2029 }), "{raw}");
        }
        for raw in ["", "13/29", "00/29", "3", "03/", "aa/bb", "03/029", "29/03/2029", "0x/29"] {
            assert_eq!(read_expiry(raw), Err(Fault::ExpiryFormat), "{raw}");
        }
    }

    #[test]
    fn v_21_a_card_is_good_to_the_end_of_its_month() {
        let expiry = Expiry { month: 3, year: 2029 };
        assert_eq!(expiry.check(day("2029-03-31")), Ok(()));
        assert_eq!(expiry.check(day("2029-04-01")), Err(Fault::Expired));
        assert_eq!(expiry.check(day("2009-03-01")), Ok(()));
        assert_eq!(expiry.check(day("2009-02-28")), Err(Fault::ExpiryTooFar));
        assert_eq!(expiry.ends_before(), Some(day("2029-04-01")));
        assert_eq!(Expiry { month: 12, year: 2029 }.ends_before(), Some(day("2030-01-01")));
    }

    #[test]
    fn v_21_codes_have_the_length_of_their_scheme() {
        assert!(read_code("123", 3).is_ok_and(|c| c.is_some()));
        assert!(read_code(" ", 3).is_ok_and(|c| c.is_none()));
        assert_eq!(read_code("1234", 3).err(), Some(Fault::CodeFormat(3)));
        assert_eq!(read_code("12a4", 4).err(), Some(Fault::CodeFormat(4)));
    }

    #[test]
    fn v_05_a_number_typed_as_name_or_address_is_refused() {
        assert_eq!(read_holder("4242 4242 4242 4242").err(), Some(Fault::NumberInWrongField));
        assert_eq!(read_holder("Anne 2").err(), Some(Fault::HolderFormat));
        assert_eq!(read_holder("").err(), Some(Fault::HolderFormat));
        assert_eq!(read_holder(&"é".repeat(65)).err(), Some(Fault::HolderFormat));
        assert!(read_holder("Anne-Marie d'Été").is_ok());
        let typed = "a4242424242424242@example.org";
        assert_eq!(read_email(typed).err(), Some(Fault::NumberInWrongField));
        assert_eq!(initials("Anne-Marie  d'Été"), Some("A. M. D.".into()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(raw in "\\PC{0,80}") {
            let _ = (read_expiry(&raw), read_holder(&raw), read_email(&raw), initials(&raw));
        }
    }
}
