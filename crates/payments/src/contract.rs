//! What the acquirer's contract of a shop allows: data read by the rules of payments.

use kernel::{Currency, Scope, ShopId};

/// The contract of one shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Family of the connector that reaches the acquirer.
    pub connector: &'static str,
    /// Currencies it takes.
    pub currencies: Vec<Currency>,
    /// Smallest amount, in minor units.
    pub minimum_minor: i64,
    /// Longest capture delay inside the validity of an authorisation.
    pub longest_deferral_days: u32,
    /// How long after the capture a refund is taken, in months.
    pub refund_window_months: u32,
}

/// Smallest amount of the simulated contract: 1.00.
pub const MINIMUM_MINOR: i64 = 100;
/// Days of validity every network grants at least.
pub const LONGEST_DEFERRAL_DAYS: u32 = 6;
/// Months in which networks take a refund of a capture.
pub const REFUND_WINDOW_MONTHS: u32 = 15;

impl Contract {
    /// The contract of a shop. Until other providers exist each shop has the simulated one,
    /// in euros.
    #[must_use]
    pub fn of(_scope: &Scope, _shop: ShopId) -> Self {
        Self {
            connector: "sandbox",
            currencies: vec![Currency::EUR],
            minimum_minor: MINIMUM_MINOR,
            longest_deferral_days: LONGEST_DEFERRAL_DAYS,
            refund_window_months: REFUND_WINDOW_MONTHS,
        }
    }
}
