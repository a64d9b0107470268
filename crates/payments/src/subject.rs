//! The port through which what is being paid for answers inside the payment's transaction.
//!
//! A booking, an order, a basket implements [`Subject`]; `app` wires the list. The three calls
//! happen in the transaction that writes the payment, so "paid but not confirmed" cannot exist.
//! An implementation writes rows and jobs; it never reaches for the network.

use std::sync::Arc;

use db::{DbError, Tx};
use kernel::{BookingId, Date, Id, Invariant, Locale, Money, Scope, ShopId, Timestamp};

use crate::checkout::SubjectPage;
use crate::payment::Payment;

/// What a payment pays for: the kind chooses the [`Subject`], the id names the thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRef {
    /// [`Subject::kind`] of the implementation, such as `cart` or `booking`.
    pub kind: String,
    /// The basket, booking or order.
    pub id: Id,
}

/// Why the bank must not be asked.
#[derive(Debug, thiserror::Error)]
pub enum SubjectRefusal {
    /// The place is no longer held and could not be taken again.
    #[error("the hold is lost")]
    HoldLost,
    /// The price or content is no longer what the payment was made for.
    #[error("the amount changed")]
    AmountChanged,
    /// The payer has opened another payment of the same thing since.
    #[error("replaced by another payment")]
    Replaced,
    /// The thing is gone, or is paid already.
    #[error("closed")]
    Closed,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule of the house did not hold.
    #[error(transparent)]
    Invariant(#[from] Invariant),
}

/// What became of the thing when the money arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// The booking that now exists; the ledger keeps the money under its name.
    pub booking: Option<BookingId>,
    /// Local day of departure: until then a kept card of the booking stays in the vault.
    pub check_out: Option<Date>,
}

/// Whether what was paid for could be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// Confirmed in this same transaction.
    Yes(Confirmation),
    /// The place went to somebody else: the money goes back within a minute.
    PlaceGone,
}

/// Why a subject could not take the news: the whole transaction rolls back and is tried again.
#[derive(Debug, thiserror::Error)]
pub enum SubjectError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule of the house did not hold.
    #[error(transparent)]
    Invariant(#[from] Invariant),
}

/// When something happened to a payment, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion<'a> {
    /// The instant of the shop's clock.
    pub now: Timestamp,
    /// The address of whoever paid or asked; empty for what happens by itself.
    pub from: &'a str,
}

/// In which language and at which instant of the shop's clock a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// The language.
    pub locale: Locale,
    /// The instant.
    pub now: Timestamp,
}

/// Kind of the payments of a booking that exists.
pub const BOOKING: &str = "booking";

/// Who keeps the bookings, where anybody does.
#[must_use]
pub fn keeper(subjects: &[Arc<dyn Subject>]) -> Option<&Arc<dyn Subject>> {
    subjects.iter().find(|subject| subject.kind() == BOOKING)
}

/// What a booking still owes, and until when it lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub booking: BookingId,
    /// Of which shop.
    pub shop: ShopId,
    /// The number people use.
    pub number: String,
    /// What the program that sent it calls it.
    pub reference: Option<String>,
    /// Who comes.
    pub first_name: String,
    /// His family name.
    pub last_name: String,
    /// What is left to debit.
    pub due: Money,
    /// Whether a payment of it is not decided yet, so that less may be due.
    pub undecided: bool,
    /// Local day of arrival.
    pub check_in: Date,
    /// Local day of departure.
    pub check_out: Date,
    /// Local day on which it was called off.
    pub cancelled: Option<Date>,
}

/// Something that is paid for.
pub trait Subject: Send + Sync {
    /// Which [`SubjectRef`]s this answers for.
    fn kind(&self) -> &'static str;

    /// Whether the scope's merchant has the thing of that id.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn knows(&self, _tx: &mut Tx<'_>, _scope: &Scope, _id: Id) -> Result<bool, DbError> {
        Ok(true)
    }

    /// The thing of a shop, or of any, that people or channels call so, such as the number of a
    /// booking. What is over comes after what is not, the older after the newer.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn named(
        &self,
        _tx: &mut Tx<'_>,
        _scope: &Scope,
        _name: (&str, Option<ShopId>),
    ) -> Result<Option<Id>, DbError> {
        Ok(None)
    }

    /// What the booking of that id still owes; nothing for what is no booking.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn claim(&self, _tx: &mut Tx<'_>, _scope: &Scope, _id: Id) -> Result<Option<Claim>, DbError> {
        Ok(None)
    }

    /// Called in the transaction that stores an attempt, and again in the one that stores its
    /// authorisation after a challenge: extends or retakes what is held, or refuses so that the
    /// bank is not asked. It may be called several times for one payment.
    ///
    /// # Errors
    /// [`SubjectRefusal`]: the bank is not asked. A refusal leaves no row half changed: the
    /// transaction may go on without it.
    fn before_authorise(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        payment: &Payment,
        now: Timestamp,
    ) -> Result<(), SubjectRefusal>;

    /// Called once in the transaction that books the first accepted authorisation.
    ///
    /// # Errors
    /// [`SubjectError`]: nothing of the transaction is kept.
    fn on_paid(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        payment: &Payment,
        occasion: Occasion<'_>,
    ) -> Result<Served, SubjectError>;

    /// Called in the transaction that ends the payment without money: refused for good,
    /// abandoned, cancelled, expired, or given back in full.
    ///
    /// # Errors
    /// [`SubjectError`]: nothing of the transaction is kept.
    fn on_lost(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        payment: &Payment,
        occasion: Occasion<'_>,
    ) -> Result<(), SubjectError>;

    /// What pages and mails say of the thing, beside the lines of the payment.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn page(
        &self,
        _tx: &mut Tx<'_>,
        _scope: &Scope,
        _payment: &Payment,
        _reader: Reader,
    ) -> Result<SubjectPage, DbError> {
        Ok(SubjectPage::default())
    }
}
