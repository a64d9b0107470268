//! What a list of payments is limited to: the one form that the pages and the API both fill in.

use kernel::{BookingId, Currency, CustomerId, Date, Money, PointOfSaleId, ShopId};
use web::list::Reading;

use crate::payment::{Channel, GuaranteeValue, Source, Status};

/// Which payments are sought; what is left open lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// What was typed into a search, in every way it is meant: one of them has to fit.
    pub readings: Vec<Reading>,
    /// Statuses; all when empty.
    pub statuses: Vec<Status>,
    /// First and last local day on which they were made.
    pub days: (Option<Date>, Option<Date>),
    /// Exact order reference.
    pub order_ref: Option<String>,
    /// Last four digits of the card.
    pub last4: Option<String>,
    /// Exact e-mail address of the payer.
    pub email: Option<String>,
    /// The booking.
    pub booking: Option<BookingId>,
    /// Part of the payer's name, folded.
    pub name: Option<String>,
    /// The bank's authorisation number, in small letters.
    pub authorisation: Option<String>,
    /// Least and most asked amount, in minor units.
    pub amounts: (Option<i64>, Option<i64>),
    /// Brand of the card, in small letters.
    pub brand: Option<String>,
    /// The shop.
    pub shop: Option<ShopId>,
    /// The point of sale.
    pub point_of_sale: Option<PointOfSaleId>,
    /// Where the sale was made.
    pub channel: Option<Channel>,
    /// Result of strong authentication.
    pub threeds: Option<String>,
    /// Who bears the loss of a disputed sale.
    pub guarantee: Option<GuaranteeValue>,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// A key of the merchant's own data and its value.
    pub metadata: Option<(String, String)>,
    /// Through which door the card was charged.
    pub source: Option<Source>,
    /// Only payments accepted too late, or only the others.
    pub late: Option<Late>,
}

/// Whether a payment was accepted when it was too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It was.
    Yes,
    /// It was not.
    No,
}

/// When the sums of a filter are added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Totals {
    /// With the page, when few payments have to be looked at.
    #[default]
    IfFew,
    /// With the page, however many there are.
    Always,
    /// Not at all.
    Never,
}

/// Sums of a whole filter in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// How many payments.
    pub count: i64,
    /// Asked.
    pub asked: Money,
    /// Debited from payers.
    pub captured: Money,
    /// Given back.
    pub refunded: Money,
}

impl Total {
    /// Its currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.asked.currency()
    }
}
