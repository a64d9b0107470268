//! Booking a cart, moving a booking through its states, and what it has cost so far.

use std::collections::BTreeSet;

use db::jobs::{self, NewJob};
use db::outbox::{self, NewEvent};
use db::{DbError, Tx};
use kernel::money::MoneyError;
use kernel::{AuditId, BookingId, Date, HoldId, Invariant, JobId, Money, Problem, Scope, Zone};
use kernel::{PaymentId, Timestamp, ensure};
use payments::payment::{Payment, store as payment_store};
use serde_json::json;

use super::finish::FINISH;
use super::model::{self, Booking, BookingState, IllegalTransition, Source};
use super::outside::model::{self as outside, Recorded, RecordedKind};
use super::store::{self, JournalLine};
use crate::carts::{Cart, CartState, store as cart_store};
use crate::holds::{self, HoldError};
use crate::moment::Moment;

/// Why a booking was not created or moved.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    /// No such booking here.
    #[error("no such booking")]
    NotFound,
    /// The table of moves does not have this one.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// It has begun, and only a special right may still call it off.
    #[error("the stay has begun")]
    Past,
    /// It has not begun yet.
    #[error("the stay has not begun")]
    Future,
    /// Its cart is not complete.
    #[error("the cart has no contact, number or line")]
    Incomplete,
    /// A hold could not be changed.
    #[error(transparent)]
    Hold(#[from] HoldError),
    /// Amounts out of range.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule did not hold.
    #[error(transparent)]
    Invariant(#[from] Invariant),
}

impl From<BookingError> for Problem {
    fn from(error: BookingError) -> Self {
        let text = error.to_string();
        match error {
            BookingError::NotFound => Self::not_found(),
            BookingError::Illegal(IllegalTransition { from, to }) => {
                Self::new(409, "illegal_transition", text)
                    .with("from", from.as_str())
                    .with("to", to.as_str())
            }
            BookingError::Past => {
                let text = "The stay has begun: calling it off needs a right and a reason.";
                Self::new(409, "past_booking", text)
            }
            BookingError::Future => {
                Self::new(409, "illegal_transition", "The stay has not begun yet.")
            }
            BookingError::Db(error) => Self::from(&error),
            BookingError::Incomplete
            | BookingError::Hold(_)
            | BookingError::Money(_)
            | BookingError::Invariant(_) => Self::internal(),
        }
    }
}

/// Reserves the number of the next booking of a year.
///
/// # Errors
/// [`DbError`].
pub fn reserve_number(tx: &mut Tx, scope: &Scope, today: Date) -> Result<String, DbError> {
    let year = today.year();
    Ok(model::number(year, store::next_count(tx, scope, year)?))
}

/// Makes the firm booking of a cart whose stock is taken by `hold`. A second call gives the
/// booking that exists.
///
/// # Errors
/// [`BookingError::Incomplete`] for a cart without contact, lines or reserved number.
pub fn book(
    tx: &mut Tx,
    scope: &Scope,
    (cart, source): (&Cart, &Source),
    (hold, zone, moment): (HoldId, &Zone, Moment),
) -> Result<Booking, BookingError> {
    let reserved = cart.booking.zip(cart.number.clone()).ok_or(BookingError::Incomplete)?;
    let (id, number) = reserved;
    if let Some(known) = store::find(tx, scope, id)? {
        return Ok(known);
    }
    let (starts, ends) = cart.span().ok_or(BookingError::Incomplete)?;
    let booking = Booking {
        id,
        number,
        shop: cart.shop,
        point_of_sale: cart.point_of_sale,
        state: BookingState::Confirmed,
        provenance: source.provenance,
        reference: source.reference.clone(),
        cart: Some(cart.id),
        hold: Some(hold),
        starts,
        ends,
        total: cart.total()?,
        contact: cart.contact.clone().ok_or(BookingError::Incomplete)?,
        note: String::new(),
        version: 1,
        created_at: moment.now,
        lines: cart.lines.clone(),
    };
    store::insert(tx, scope, &booking)?;
    let ordered = Cart { state: CartState::Ordered, hold: Some(hold), ..cart.clone() };
    cart_store::save(tx, scope, &ordered)?;
    journal(tx, scope, &booking, ("booking.confirmed", "", moment))?;
    for kind in ["booking.created", "booking.confirmed"] {
        tell(tx, scope, &booking, (kind, moment))?;
    }
    plan_end(tx, scope, &booking, (zone, moment))?;
    Ok(booking)
}

/// Calls a booking off: its nights are free again at once. Money is given back by its own
/// actions. A stay that has begun needs `may_override`.
///
/// # Errors
/// [`BookingError::Past`], [`BookingError::Illegal`].
pub fn cancel(
    tx: &mut Tx,
    scope: &Scope,
    id: BookingId,
    (today, reason, moment): (Date, &str, Moment),
) -> Result<Booking, BookingError> {
    let booking = store::find(tx, scope, id)?.ok_or(BookingError::NotFound)?;
    may_cancel(scope, &booking, (today, reason))?;
    let booking = shift(tx, scope, &booking, (BookingState::Cancelled, reason, moment))?;
    if let Some(hold) = booking.hold {
        holds::ops::free_sale(tx, scope, hold)?;
    }
    Ok(booking)
}

/// Whether a booking may be called off on a day, for a reason.
///
/// # Errors
/// [`BookingError::Past`].
pub fn may_cancel(
    scope: &Scope,
    booking: &Booking,
    (today, reason): (Date, &str),
) -> Result<(), BookingError> {
    let may_override = scope.may(kernel::Right::BookingPastOverride);
    let has_a_reason = !reason.trim().is_empty();
    let has_begun = booking.starts < today;
    if has_begun && !(may_override && has_a_reason) { Err(BookingError::Past) } else { Ok(()) }
}

/// Whether it may be said on a day that the guest did not come.
///
/// # Errors
/// [`BookingError::Future`].
pub fn may_miss(booking: &Booking, today: Date) -> Result<(), BookingError> {
    if booking.starts > today { Err(BookingError::Future) } else { Ok(()) }
}

/// Says that the guest did not come; the stay has begun.
///
/// # Errors
/// [`BookingError::Future`], [`BookingError::Illegal`].
pub fn no_show(
    tx: &mut Tx,
    scope: &Scope,
    id: BookingId,
    (today, reason, moment): (Date, &str, Moment),
) -> Result<Booking, BookingError> {
    let booking = store::find(tx, scope, id)?.ok_or(BookingError::NotFound)?;
    may_miss(&booking, today)?;
    shift(tx, scope, &booking, (BookingState::NoShow, reason, moment))
}

/// Ends a firm booking after its last day; nothing for one that is not firm any more.
///
/// # Errors
/// [`BookingError`].
pub fn finish(
    tx: &mut Tx,
    scope: &Scope,
    id: BookingId,
    moment: Moment,
) -> Result<(), BookingError> {
    let Some(booking) = store::find(tx, scope, id)? else { return Ok(()) };
    if booking.state == BookingState::Confirmed {
        shift(tx, scope, &booking, (BookingState::Done, "", moment))?;
    }
    Ok(())
}

fn shift(
    tx: &mut Tx,
    scope: &Scope,
    booking: &Booking,
    (to, note, moment): (BookingState, &str, Moment),
) -> Result<Booking, BookingError> {
    let from = booking.state;
    if !from.may_become(to) {
        return Err(IllegalTransition { from, to }.into());
    }
    let moved_once = store::set_state(tx, scope, booking.id, (from, to, moment.now))?;
    ensure!(moved_once)?;
    let moved =
        Booking { state: to, version: booking.version.saturating_add(1), ..booking.clone() };
    let action = match to {
        BookingState::Cancelled => "booking.cancelled",
        BookingState::NoShow => "booking.no_show",
        BookingState::Done => "booking.done",
        BookingState::Refused => "booking.refused",
        BookingState::Expired => "booking.expired",
        BookingState::Confirmed | BookingState::PreBooked | BookingState::ToValidate => {
            "booking.changed"
        }
    };
    let line = JournalLine {
        at: moment.now,
        actor: scope.actor().text(),
        action: action.into(),
        before: from.as_str().into(),
        after: to.as_str().into(),
        note: note.trim().into(),
        address: moment.from.into(),
    };
    let id = AuditId::new(moment.now, moment.rng);
    store::note(tx, scope, (id, booking.id), &line)?;
    tell(tx, scope, &moved, (action, moment))?;
    Ok(moved)
}

/// Adds a line to the journal of a booking whose state stays.
///
/// # Errors
/// [`DbError`].
pub fn journal(
    tx: &mut Tx,
    scope: &Scope,
    booking: &Booking,
    (action, note, moment): (&str, &str, Moment),
) -> Result<(), DbError> {
    let line = JournalLine {
        at: moment.now,
        actor: scope.actor().text(),
        action: action.into(),
        before: String::new(),
        after: booking.state.as_str().into(),
        note: note.into(),
        address: moment.from.into(),
    };
    store::note(tx, scope, (AuditId::new(moment.now, moment.rng), booking.id), &line)
}

/// Tells the world of a change of a booking.
///
/// # Errors
/// [`DbError`].
pub(super) fn tell(
    tx: &mut Tx,
    scope: &Scope,
    booking: &Booking,
    (kind, moment): (&'static str, Moment),
) -> Result<(), DbError> {
    let event = NewEvent {
        id: moment.event(),
        kind,
        object: booking.id.to_string(),
        shop: booking.shop,
        body: json!({
            "id": booking.id, "object": "booking", "version": booking.version,
            "source": scope.actor().door(), "number": booking.number,
            "reference": booking.reference, "state": booking.state.as_str(),
            "starts": booking.starts.to_string(), "ends": booking.ends.to_string(),
            "total": booking.total,
        }),
    };
    outbox::emit(tx, scope, &event, moment.now)
}

fn plan_end(
    tx: &mut Tx,
    scope: &Scope,
    booking: &Booking,
    (zone, moment): (&Zone, Moment),
) -> Result<(), DbError> {
    let after_the_last_day: Timestamp = zone.last_second_of(booking.ends).plus_seconds(1);
    let job = NewJob {
        id: JobId::new(moment.now, moment.rng),
        merchant: scope.merchant(),
        mode: scope.mode(),
        shop: booking.shop,
        kind: FINISH,
        dedupe: Some(booking.id.to_string()),
        run_at: after_the_last_day,
        payload: json!({"booking": booking.id}),
    };
    jobs::enqueue(tx, &job)
}

/// The payments of a booking, oldest first: those of its cart, its own, and those that a program
/// made for it. What a program took in another currency is not held against it.
///
/// # Errors
/// [`DbError`].
pub fn payments_of(tx: &mut Tx, scope: &Scope, booking: &Booking) -> Result<Vec<Payment>, DbError> {
    let cart = booking.cart.map(|cart| cart.id());
    let subjects: Vec<_> = cart.into_iter().chain([booking.id.id()]).collect();
    let mut payments = payment_store::of_subjects(tx, scope, &subjects)?;
    let known: BTreeSet<PaymentId> = payments.iter().map(|payment| payment.id).collect();
    let named = payment_store::of_booking(tx, scope, booking.id)?;
    let currency = booking.total.currency();
    let more =
        |payment: &Payment| !known.contains(&payment.id) && payment.amount.currency() == currency;
    payments.extend(named.into_iter().filter(more));
    payments.sort_by_key(|payment| payment.id);
    Ok(payments)
}

/// What was debited and not given back, over all payments of a booking and what was written down
/// of others made elsewhere.
///
/// # Errors
/// [`MoneyError`] out of range.
pub fn paid(
    booking: &Booking,
    (payments, recorded): (&[Payment], &[Recorded]),
) -> Result<Money, MoneyError> {
    let zero = Money::zero(booking.total.currency());
    let outside = outside::sum(zero, recorded, RecordedKind::Debit)?.minus(outside::sum(
        zero,
        recorded,
        RecordedKind::Refund,
    )?)?;
    payments.iter().try_fold(outside, |sum, payment| {
        let counters = &payment.counters;
        let kept = payment
            .money(counters.captured)
            .minus(payment.money(counters.refunded))?
            .minus(payment.money(counters.charged_back))?;
        sum.plus(kept)
    })
}
