//! The port through which what is being paid for answers inside the payment's transaction.
//!
//! A booking, an order, a basket implements [`Subject`]; `app` wires the list. The three calls
//! happen in the transaction that writes the payment, so "paid but not confirmed" cannot exist.
//! An implementation writes rows and jobs; it never reaches for the network.

use db::{DbError, Tx};
use kernel::{BookingId, Date, Id, Invariant, Scope, Timestamp};

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
    /// The thing is gone or may no longer be paid.
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

/// Something that is paid for.
pub trait Subject: Send + Sync {
    /// Which [`SubjectRef`]s this answers for.
    fn kind(&self) -> &'static str;

    /// Called in the transaction that commits the first request to the bank of each attempt:
    /// extends or retakes what is held, or refuses so that nothing is asked.
    ///
    /// # Errors
    /// [`SubjectRefusal`]: the attempt does not start.
    fn before_authorise(
        &self,
        tx: &mut Tx,
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
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        now: Timestamp,
    ) -> Result<Served, SubjectError>;

    /// Called in the transaction that ends the payment without money: refused for good,
    /// abandoned, cancelled, expired, or given back in full.
    ///
    /// # Errors
    /// [`SubjectError`]: nothing of the transaction is kept.
    fn on_lost(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        now: Timestamp,
    ) -> Result<(), SubjectError>;
}
