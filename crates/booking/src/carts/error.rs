//! Why something could not be done with a cart, and the problem that tells it.

use db::DbError;
use kernel::money::MoneyError;
use kernel::{FieldError, Invariant, Money, Problem};
use payments::CreateError;
use serde_json::{Value, json};

use crate::bookings::ops::BookingError;
use crate::holds::HoldError;
use crate::holds::ops::Refusal;
use crate::lodging::Reason;
use crate::lodging::search::QueryError;
use crate::stock::LinesError;

/// Why something could not be done with a cart.
#[derive(Debug, thiserror::Error)]
pub enum CartError {
    /// No such cart here.
    #[error("no such cart")]
    NotFound,
    /// No such lodging or formula in this shop.
    #[error("no such lodging or formula")]
    UnknownStay,
    /// The line at this place of a new cart.
    #[error("line {0}: {1}")]
    Line(usize, Box<Self>),
    /// Nothing, or too many lines.
    #[error("between 1 and 20 lines")]
    LineCount,
    /// Wrong dates.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// It cannot be sold, for all these reasons.
    #[error("not available")]
    NotAvailable(Vec<Reason>),
    /// Wrong contact fields.
    #[error("wrong contact")]
    Contact(Vec<FieldError>),
    /// The contact comes first.
    #[error("the contact is missing")]
    ContactMissing,
    /// Just taken by somebody else.
    #[error("sold out")]
    SoldOut(Refusal),
    /// The price is no longer the one shown; nothing was charged.
    #[error("the price changed")]
    PriceChanged {
        /// The price shown.
        old: Money,
        /// The price now.
        new: Money,
    },
    /// Its booking exists already.
    #[error("ordered already")]
    Ordered,
    /// The hold could not be changed.
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// The payment could not be made.
    #[error(transparent)]
    Payment(#[from] CreateError),
    /// The booking could not be made.
    #[error(transparent)]
    Booking(#[from] BookingError),
    /// Amounts out of range.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Too many nights.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule did not hold.
    #[error(transparent)]
    Invariant(#[from] Invariant),
}

impl CartError {
    /// Says of which line of a new cart it is; a failing database is nobody's line.
    pub(super) fn of_line(self, at: usize) -> Self {
        match self {
            Self::Db(_) | Self::Invariant(_) => self,
            error => Self::Line(at, Box::new(error)),
        }
    }
}

/// Reasons as told by the API.
#[must_use]
pub fn reasons_json(reasons: &[Reason]) -> Value {
    let one = |reason: &Reason| {
        let mut told = json!({"code": reason.code()});
        if let Some(date) = reason.date() {
            told["date"] = date.to_string().into();
        }
        match reason {
            Reason::HeldByOther(_, Some(until)) => told["until"] = until.to_string().into(),
            Reason::CapacityExceeded(limit) => told["limit"] = (*limit).into(),
            _ => {}
        }
        told
    };
    reasons.iter().map(one).collect()
}

fn not_available(reasons: &[Reason]) -> Problem {
    let all = |of: fn(&Reason) -> bool| reasons.iter().all(of);
    let taken = |reason: &Reason| matches!(reason, Reason::SoldOut(_) | Reason::HeldByOther(..));
    let first = reasons.iter().find_map(|reason| match reason {
        Reason::CapacityExceeded(_) | Reason::BracketNotPriced => Some(reason.code()),
        _ => None,
    });
    let (status, code, text) = match first {
        Some(code) => (422, code, "This lodging does not fit this party."),
        None if all(|reason| matches!(reason, Reason::HeldByOther(..))) => {
            (409, "held_by_other", "Another buyer holds it at the moment.")
        }
        None if all(taken) => (409, "sold_out", "It has been booked by someone else."),
        None => (422, "not_available", "It cannot be booked on these dates."),
    };
    let problem = Problem::new(status, code, text).with("reasons", reasons_json(reasons));
    if status != 422 {
        return problem;
    }
    let path = if first.is_some() { "$.guests" } else { "$.arrival" };
    problem.with_error(FieldError::new(path, code, text))
}

/// The same refusal of something that stands deeper in the body: `$.arrival` of the second line is
/// `$.lines[1].arrival`.
#[must_use]
pub fn within(mut problem: Problem, place: &str) -> Problem {
    for fault in &mut problem.errors {
        fault.path = fault.path.replacen('$', place, 1);
    }
    problem
}

/// The problem of a refused row.
#[must_use]
pub fn sold_out(refusal: &Refusal) -> Problem {
    let problem = match refusal.blocked_until {
        Some(until) => {
            let text = "Another buyer holds it at the moment. Nothing was charged.";
            Problem::new(409, "held_by_other", text).with("blocked_until", until.to_string())
        }
        None => {
            let text = "Someone else has just booked this. Nothing was charged.";
            Problem::new(409, "sold_out", text)
        }
    };
    problem
        .with("resource", refusal.line.resource.to_string())
        .with("slot", refusal.line.slot.as_str())
}

impl From<HoldError> for Problem {
    fn from(error: HoldError) -> Self {
        let text = error.to_string();
        match error {
            HoldError::NotFound => Self::not_found(),
            HoldError::Expired => {
                Self::new(409, "hold_expired", "The hold is over. Start again; the basket is kept.")
            }
            HoldError::LifetimeReached => Self::new(409, "hold_lifetime_reached", text),
            HoldError::ProlongedAlready => Self::new(409, "hold_extended_already", text),
            HoldError::OthersWait => Self::new(409, "hold_wanted_by_others", text),
            HoldError::Lines(LinesError::TooLarge) => {
                Self::field("$.lines", "hold_too_large", text)
            }
            HoldError::Lines(_) => Self::field("$.lines", "invalid_field", text),
            HoldError::Db(error) => Self::from(&error),
            HoldError::Invariant(_) => Self::internal(),
        }
    }
}

fn payment_problem(error: CreateError) -> Problem {
    let text = error.to_string();
    match error {
        CreateError::AmountBelowMinimum(minimum) => {
            let text = "The amount is below the minimum of a card payment.";
            Problem::field("$.typology", "amount_below_minimum", text)
                .with("minimum", json!({"amount": minimum.minor(), "currency": minimum.currency()}))
        }
        CreateError::ShopNotOpen => Problem::from(error),
        CreateError::OrderHasLivePayment(first) => {
            Problem::new(409, "order_has_live_payment", text).with("payment", first.to_string())
        }
        CreateError::Db(error) => Problem::from(&error),
        CreateError::Invariant(_) => Problem::internal(),
        _ => Problem::field("$.typology", "payment_not_possible", text),
    }
}

impl From<CartError> for Problem {
    fn from(error: CartError) -> Self {
        let text = error.to_string();
        match error {
            CartError::NotFound => Self::not_found(),
            CartError::UnknownStay => {
                let text = "No such lodging or formula in this shop.";
                Self::field("$.lodging", "invalid_field", text)
            }
            CartError::Line(at, error) => within((*error).into(), &format!("$.lines[{at}]")),
            CartError::LineCount => Self::field("$.lines", "invalid_field", text),
            CartError::Query(error) => error.into(),
            CartError::NotAvailable(reasons) => not_available(&reasons),
            CartError::Contact(faults) => {
                let code = if faults.iter().any(|fault| fault.code == "pan_in_wrong_field") {
                    "pan_in_wrong_field"
                } else {
                    "invalid_field"
                };
                let problem = Self::new(422, code, "Some fields need a correction.");
                faults.into_iter().fold(problem, Self::with_error)
            }
            CartError::ContactMissing => {
                Self::new(409, "contact_missing", "Save the contact first: it starts the hold.")
            }
            CartError::SoldOut(refusal) => sold_out(&refusal),
            CartError::PriceChanged { old, new } => {
                let text = "The price changed while nothing was held. Accept the new one or leave.";
                Self::new(409, "price_changed", text)
                    .with("old", json!({"amount": old.minor(), "currency": old.currency()}))
                    .with("new", json!({"amount": new.minor(), "currency": new.currency()}))
            }
            CartError::Ordered => Self::new(409, "already_ordered", text),
            CartError::Hold(error) => error.into(),
            CartError::Payment(error) => payment_problem(error),
            CartError::Booking(error) => error.into(),
            CartError::Lines(error) => HoldError::Lines(error).into(),
            CartError::Db(error) => Self::from(&error),
            CartError::Money(_) | CartError::Invariant(_) => Self::internal(),
        }
    }
}
