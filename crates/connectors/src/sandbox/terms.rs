//! What a simulated account declares less than the simulated bank can do, so that screens and
//! programs can be tried as with a provider that has no refunds, voids or later captures, or takes
//! nothing below an amount.

use super::CAPABILITIES;
use crate::capabilities::{Capabilities, CaptureSupport, MoneyLimits, RefundSupport, VoidSupport};
use crate::settings::Settings;

/// Setting: a word of [`CaptureSupport`].
pub const CAPTURE: &str = "capture";
/// Setting: a word of [`RefundSupport`].
pub const REFUND: &str = "refund";
/// Setting: a word of [`VoidSupport`].
pub const VOID: &str = "void";
/// Setting: the smallest amount, in whole units of the currency.
pub const MINIMUM: &str = "minimum";
/// Largest value of [`MINIMUM`].
pub const MAX_MINIMUM_UNITS: i64 = 10_000;

/// What an account with these settings can do. A value that is absent or cannot be read declares
/// nothing less.
#[must_use]
pub fn declared(settings: &Settings) -> Capabilities {
    let word = |name: &str| settings.get(name).unwrap_or_default();
    let minimum = word(MINIMUM).parse::<i64>().ok();
    let minimum = minimum.filter(|units| (1..=MAX_MINIMUM_UNITS).contains(units));
    Capabilities {
        capture: CaptureSupport::parse(word(CAPTURE)).unwrap_or(CAPABILITIES.capture),
        void: VoidSupport::parse(word(VOID)).unwrap_or(CAPABILITIES.void),
        refund: RefundSupport::parse(word(REFUND)).unwrap_or(CAPABILITIES.refund),
        money: MoneyLimits {
            minimum_units: minimum.unwrap_or(CAPABILITIES.money.minimum_units),
            ..CAPABILITIES.money
        },
        ..CAPABILITIES
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};

    use super::*;

    #[test]
    fn c_10_an_account_declares_what_it_cannot_do() {
        let less = Settings::new([(REFUND, "none"), (VOID, "none"), (MINIMUM, "20")]);
        let caps = declared(&less);
        assert_eq!((caps.refund, caps.void), (RefundSupport::None, VoidSupport::None));
        assert_eq!(caps.minimum(Currency::EUR), Money::eur(2_000));
        assert_eq!(caps.capture, CAPABILITIES.capture);
        let odd = Settings::new([(REFUND, "sometimes"), (MINIMUM, "-3"), (CAPTURE, "")]);
        assert_eq!(declared(&odd), CAPABILITIES);
    }
}
