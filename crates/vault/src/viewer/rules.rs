//! Which PINs are refused because others would guess them first.

use std::collections::BTreeSet;

use kernel::Date;

/// Digits of a PIN.
pub(super) const PIN_DIGITS: usize = 8;
const CENTURIES: std::ops::RangeInclusive<i16> = 1900..=2099;

/// What is wrong with a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PinFault {
    /// Not eight digits.
    Format,
    /// One or two different digits.
    Repeat,
    /// Each digit one more or one less than the one before.
    Sequence,
    /// The same four digits twice, or the same read backwards.
    Mirror,
    /// A date.
    Date,
    /// Cut from a phone or company number.
    Contact,
    /// The code of the text message, or one of the last four.
    History,
    /// The two fields differ.
    Mismatch,
    /// The code of the authenticator is wrong.
    Factor,
}

impl PinFault {
    /// The stable code, also the end of its message's name.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Format => "pin-format",
            Self::Repeat => "pin-repeat",
            Self::Sequence => "pin-sequence",
            Self::Mirror => "pin-mirror",
            Self::Date => "pin-date",
            Self::Contact => "pin-contact",
            Self::History => "pin-history",
            Self::Mismatch => "pin-mismatch",
            Self::Factor => "pin-factor-wrong",
        }
    }
}

/// Refuses what is easily guessed; `numbers` are phones and company numbers.
pub(super) fn check(pin: &str, numbers: &[String]) -> Result<(), PinFault> {
    let digits: Vec<u8> = pin.bytes().filter(u8::is_ascii_digit).map(|b| b & 0x0f).collect();
    if pin.len() != PIN_DIGITS || digits.len() != PIN_DIGITS {
        return Err(PinFault::Format);
    }
    let step = |by: u8| digits.windows(2).all(|two| matches!(two, [a, b] if (a + by) % 10 == *b));
    if step(1) || step(9) {
        return Err(PinFault::Sequence);
    }
    if digits.iter().collect::<BTreeSet<_>>().len() <= 2 {
        return Err(PinFault::Repeat);
    }
    let (first, second) = digits.split_at(PIN_DIGITS / 2);
    if first == second || first.iter().eq(second.iter().rev()) {
        return Err(PinFault::Mirror);
    }
    if is_date(pin) {
        return Err(PinFault::Date);
    }
    let within = |number: &String| {
        let bare: String = number.chars().filter(char::is_ascii_digit).collect();
        bare.contains(pin)
    };
    if numbers.iter().any(within) { Err(PinFault::Contact) } else { Ok(()) }
}

/// Day, month, year in one of the three usual orders.
fn is_date(pin: &str) -> bool {
    let part = |from: usize, to: usize| pin.get(from..to).and_then(|text| text.parse().ok());
    let day = |year: Option<i16>, month: Option<i8>, day: Option<i8>| match (year, month, day) {
        (Some(year), Some(month), Some(day)) => {
            CENTURIES.contains(&year) && Date::new(year, month, day).is_ok()
        }
        _ => false,
    };
    let small =
        |from: usize| part(from, from.saturating_add(2)).and_then(|n: i16| i8::try_from(n).ok());
    day(part(4, 8), small(2), small(0))
        || day(part(4, 8), small(0), small(2))
        || day(part(0, 4), small(4), small(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ve_07_pins_of_the_specification() {
        let none: &[String] = &[];
        for (pin, fault) in [
            ("12345678", PinFault::Sequence),
            ("87654321", PinFault::Sequence),
            ("90123456", PinFault::Sequence),
            ("11111111", PinFault::Repeat),
            ("12121212", PinFault::Repeat),
            ("10101011", PinFault::Repeat),
            ("12341234", PinFault::Mirror),
            ("12211221", PinFault::Repeat),
            ("12344321", PinFault::Mirror),
            ("24121985", PinFault::Date),
            ("12241985", PinFault::Date),
            ("19851224", PinFault::Date),
            ("1234567", PinFault::Format),
            ("1234567a", PinFault::Format),
            ("１２３４５６７８", PinFault::Format),
        ] {
            assert_eq!(check(pin, none), Err(fault), "{pin}");
        }
        assert_eq!(check("47120938", none), Ok(()));
        let phone = ["02 41 50 12 34".to_owned()];
        assert_eq!(check("24150123", &phone), Err(PinFault::Contact));
        assert_eq!(check("41501234", &phone), Err(PinFault::Contact));
        assert_eq!(check("47120938", &phone), Ok(()));
    }

    /// Every PIN that one of the rules refuses, built from the rules' own words.
    fn refused() -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for a in 0..10_u8 {
            for b in 0..10_u8 {
                for mask in 0..256_u32 {
                    let digit = |n: u32| if mask >> n & 1 == 1 { a } else { b };
                    all.insert((0..8).map(|n| char::from(b'0' + digit(n))).collect());
                }
            }
            for by in [1, 9] {
                all.insert((0..8_u8).map(|n| char::from(b'0' + (a + by * n) % 10)).collect());
            }
        }
        for half in 0..10_000_u32 {
            let half = format!("{half:04}");
            all.insert(format!("{half}{half}"));
            all.insert(format!("{half}{}", half.chars().rev().collect::<String>()));
        }
        let mut day = Date::new(1900, 1, 1).unwrap();
        while day.year() < 2100 {
            let (y, m, d) = (day.year(), day.month(), day.day());
            all.insert(format!("{d:02}{m:02}{y:04}"));
            all.insert(format!("{m:02}{d:02}{y:04}"));
            all.insert(format!("{y:04}{m:02}{d:02}"));
            day = day.tomorrow().unwrap();
        }
        all
    }

    #[test]
    fn v_57_the_rules_refuse_220416_pins_and_no_other() {
        let refused = refused();
        assert_eq!(refused.len(), 220_416);
        assert!(refused.iter().all(|pin| check(pin, &[]).is_err()));
        // Every 997th of all PINs: refused exactly when a rule names it.
        for number in (0..100_000_000_u32).step_by(997) {
            let pin = format!("{number:08}");
            assert_eq!(check(&pin, &[]).is_err(), refused.contains(&pin), "{pin}");
        }
    }
}
