//! A cart and its lines, without storage.

use kernel::money::MoneyError;
use kernel::{
    BookingId, CartId, Currency, Date, FormulaId, HoldId, LodgingId, Money, PaymentId,
    PointOfSaleId, ShopId, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::contact::Contact;
use crate::lodging::{Party, Quote, Texts};
use crate::stock::{Line, Lines, LinesError, Resource, Slot};

/// Most lines of one cart.
pub const MAX_LINES: usize = 20;
/// Less than this is not charged to a card as a deposit: the whole total is asked then.
pub const LEAST_DEPOSIT_MINOR: i64 = 100;

/// Where a cart stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CartState {
    /// Can be changed and paid.
    Open,
    /// Its booking exists.
    Ordered,
}

impl CartState {
    /// The word stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ordered => "ordered",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Ordered].into_iter().find(|state| state.as_str() == text)
    }
}

/// What a line is called, frozen when it was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineNames {
    /// The lodging.
    pub lodging: Texts,
    /// The formula.
    pub formula: Texts,
}

/// One stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartLine {
    /// Where.
    pub lodging: LodgingId,
    /// Under which formula.
    pub formula: FormulaId,
    /// First night.
    pub arrival: Date,
    /// Day of leaving.
    pub departure: Date,
    /// Who comes.
    pub party: Party,
    /// What it is called.
    pub names: LineNames,
    /// Its frozen price.
    pub quote: Quote,
}

/// What a buyer is about to book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    /// Its id.
    pub id: CartId,
    /// Where it is sold.
    pub shop: ShopId,
    /// Through which channel.
    pub point_of_sale: PointOfSaleId,
    /// Where it stands.
    pub state: CartState,
    /// Of all its prices.
    pub currency: Currency,
    /// Who books, once known.
    pub contact: Option<Contact>,
    /// The newest hold.
    pub hold: Option<HoldId>,
    /// The id its booking has or will have, reserved at the first pay click.
    pub booking: Option<BookingId>,
    /// The number its booking has or will have.
    pub number: Option<String>,
    /// The payment that confirms it.
    pub payment: Option<PaymentId>,
    /// The secret in the address of its pages.
    pub token: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// What is booked.
    pub lines: Vec<CartLine>,
}

impl Cart {
    /// The sum of its lines.
    ///
    /// # Errors
    /// [`MoneyError`] out of range.
    pub fn total(&self) -> Result<Money, MoneyError> {
        self.sum(|quote| quote.total)
    }

    /// The sum of the deposits of its lines.
    ///
    /// # Errors
    /// [`MoneyError`] out of range.
    pub fn deposit(&self) -> Result<Money, MoneyError> {
        self.sum(|quote| quote.deposit)
    }

    fn sum(&self, of: impl Fn(&Quote) -> Money) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.currency);
        self.lines.iter().try_fold(zero, |total, line| total.plus(of(&line.quote)))
    }

    /// The nights of all its lines.
    ///
    /// # Errors
    /// [`LinesError`] for an empty cart or too many nights.
    pub fn stock(&self) -> Result<Lines, LinesError> {
        Lines::new(self.lines.iter().flat_map(|line| {
            let nights = kernel::time::nights_between(line.arrival, line.departure);
            let resource = Resource::Lodging(line.lodging);
            (0..nights).map(move |night| Line {
                resource,
                slot: Slot::night(kernel::time::plus_days(line.arrival, night)),
                quantity: 1,
            })
        }))
    }

    /// The first night and the last day of leaving.
    #[must_use]
    pub fn span(&self) -> Option<(Date, Date)> {
        let first = self.lines.iter().map(|line| line.arrival).min()?;
        let last = self.lines.iter().map(|line| line.departure).max()?;
        Some((first, last))
    }

    /// What is asked now: the deposit when the buyer may pay the rest later, else everything.
    ///
    /// # Errors
    /// [`MoneyError`] out of range.
    pub fn asked_now(&self, typology: Typology) -> Result<(Money, Asked), MoneyError> {
        let (total, deposit) = (self.total()?, self.deposit()?);
        let worth_it = deposit.minor() >= LEAST_DEPOSIT_MINOR && deposit.minor() < total.minor();
        match typology {
            Typology::DepositBalance if worth_it => Ok((deposit, Asked::Deposit)),
            Typology::DepositBalance | Typology::Full => Ok((total, Asked::Everything)),
        }
    }
}

/// How the buyer wants to pay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typology {
    /// The deposit now, the rest later.
    #[default]
    DepositBalance,
    /// Everything now.
    Full,
}

/// What the first payment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A deposit.
    Deposit,
    /// The whole total.
    Everything,
}
