//! Making a firm booking in one commit.

use db::{DbError, Tx};
use kernel::{BookingId, HoldId, Problem, Scope};

use crate::bookings::model::{Booking, Source};
use crate::bookings::ops::{self, BookingError};
use crate::bookings::store;
use crate::carts::error::CartError;
use crate::carts::ops::{self as carts, Calendar, NewCart};
use crate::carts::{Cart, Contact};
use crate::holds::ops::{self as holds, Confirmed, Refusal, Term};
use crate::moment::Moment;

/// The code of a reference that is another booking's.
pub const REFERENCE_TAKEN: &str = "reference_taken";

/// A booking to be made.
#[derive(Debug, Clone)]
pub struct NewBooking {
    /// What is booked, and through which channel.
    pub cart: NewCart,
    /// Who comes.
    pub contact: Contact,
    /// From where it comes.
    pub source: Source,
}

/// What became of it. A refusal of stock is not an error: what is remembered of it stays.
#[derive(Debug, Clone)]
pub enum Created {
    /// It is firm.
    Booked(Box<Booking>),
    /// Its nights are not free.
    SoldOut(Refusal),
}

/// Why a booking was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreatingError {
    /// Another booking of the shop has its reference: which, where that is known.
    #[error("the reference is another booking's")]
    ReferenceTaken(Option<BookingId>),
    /// As of every basket.
    #[error(transparent)]
    Cart(#[from] CartError),
    /// The booking could not be written.
    #[error(transparent)]
    Booking(#[from] BookingError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<CreatingError> for Problem {
    fn from(error: CreatingError) -> Self {
        match error {
            CreatingError::ReferenceTaken(first) => {
                let text = "Another booking has this reference: read that one, or give another.";
                let problem = Self::new(409, REFERENCE_TAKEN, text);
                match first {
                    Some(booking) => problem.with("booking", booking.to_string()),
                    None => problem,
                }
            }
            CreatingError::Cart(error) => error.into(),
            CreatingError::Booking(error) => error.into(),
            CreatingError::Db(error) => Self::from(&error),
        }
    }
}

/// Takes the nights at the price of now and makes the booking.
///
/// # Errors
/// [`CreatingError`]; nothing is written.
pub fn create(
    tx: &mut Tx,
    scope: &Scope,
    new: &NewBooking,
    (calendar, moment): (&Calendar, Moment),
) -> Result<Created, CreatingError> {
    if !payments::account::store::is_open(tx, scope, new.cart.shop)? {
        return Err(CartError::from(payments::CreateError::ShopNotOpen).into());
    }
    if let Some(reference) = &new.source.reference
        && let Some(first) = store::holder_of(tx, scope, (reference, new.cart.shop))?
    {
        return Err(CreatingError::ReferenceTaken(Some(first)));
    }
    let mut cart = carts::create(tx, scope, &new.cart, (calendar, moment))?;
    cart.contact = Some(new.contact.clone());
    let hold = match take(tx, scope, &cart, moment)? {
        Ok(hold) => hold,
        Err(refusal) => return Ok(Created::SoldOut(refusal)),
    };
    cart.number = Some(ops::reserve_number(tx, scope, calendar.today)?);
    cart.booking = Some(BookingId::new(moment.now, moment.rng));
    match ops::book(tx, scope, (&cart, &new.source), (hold, &calendar.zone, moment)) {
        Ok(booking) => Ok(Created::Booked(Box::new(booking))),
        // Another process wrote the same reference meanwhile.
        Err(BookingError::Db(error)) if store::is_reference_taken(&error) => {
            Err(CreatingError::ReferenceTaken(None))
        }
        Err(error) => Err(error.into()),
    }
}

/// The nights of a cart for good; of a shop whose holds begin with the basket they are held already.
fn take(
    tx: &mut Tx,
    scope: &Scope,
    cart: &Cart,
    moment: Moment,
) -> Result<Result<HoldId, Refusal>, CreatingError> {
    if let Some(held) = cart.hold {
        let confirmed = holds::confirm(tx, scope, held, moment.now).map_err(CartError::from)?;
        if confirmed != Confirmed::TooLate {
            return Ok(Ok(held));
        }
    }
    let wanted = carts::wanted(cart, (Term::Bank, moment))?;
    let gone = holds::take_directly(tx, scope, &wanted, moment).map_err(CartError::from)?;
    Ok(gone.map_or(Ok(wanted.id), Err))
}
