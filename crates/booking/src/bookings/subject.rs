//! The port through which payments ask carts and bookings, inside the payment's transaction.

use db::{DbError, Tx};
use kernel::{BookingId, Id, Invariant, Money, Scope, ShopId, Timestamp};
use payments::checkout::SubjectPage;
use payments::subject::Claim;
use payments::{
    Confirmation, Initiator, Occasion, Payment, Purpose, Reader, Served, Subject, SubjectError,
    SubjectRefusal,
};
use web::Context;

use super::model::{Booking, BookingState, Source};
use super::ops::{self, BookingError};
use super::store;
use super::subject_page::Asker;
use super::{balance, letters, outside};
use crate::carts::error::CartError;
use crate::carts::{Cart, CartState, ops as cart_ops, store as cart_store};
use crate::holds::ops::{self as hold_ops, Confirmed, Placed, Term};
use crate::holds::{HoldError, store as hold_store};
use crate::moment::Moment;

pub use payments::subject::BOOKING;

/// A cart that is paid: its booking becomes firm with the money.
#[derive(Clone)]
pub struct CartSubject {
    /// Words, addresses, randomness.
    pub ctx: Context,
}

/// A booking that is paid further: its balance.
#[derive(Clone)]
pub struct BookingSubject {
    /// Words, addresses, randomness.
    pub ctx: Context,
}

fn refused(error: CartError) -> SubjectRefusal {
    match error {
        CartError::Db(error) | CartError::Hold(HoldError::Db(error)) => error.into(),
        CartError::Invariant(error) | CartError::Hold(HoldError::Invariant(error)) => error.into(),
        CartError::PriceChanged { .. } => SubjectRefusal::AmountChanged,
        _ => SubjectRefusal::HoldLost,
    }
}

fn failed(error: BookingError) -> SubjectError {
    match error {
        BookingError::Db(error) | BookingError::Hold(HoldError::Db(error)) => error.into(),
        BookingError::Invariant(error) | BookingError::Hold(HoldError::Invariant(error)) => {
            error.into()
        }
        other => {
            tracing::error!(error = %other, "a paid cart could not be booked");
            Invariant { rule: "a paid cart can be booked" }.into()
        }
    }
}

fn hold_failed(error: HoldError) -> SubjectError {
    failed(BookingError::Hold(error))
}

fn cart_of(tx: &mut Tx, scope: &Scope, payment: &Payment) -> Result<Option<Cart>, DbError> {
    let Some(subject) = &payment.subject else { return Ok(None) };
    cart_store::find(tx, scope, subject.id.into())
}

fn served(booking: &Booking) -> Served {
    Served::Yes(Confirmation { booking: Some(booking.id), check_out: Some(booking.ends) })
}

impl Subject for CartSubject {
    fn kind(&self) -> &'static str {
        cart_ops::CART
    }

    /// The hold is live for a quarter of an hour more, or is taken again at the same price.
    fn before_authorise(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        now: Timestamp,
    ) -> Result<(), SubjectRefusal> {
        let moment = Moment::new(now, self.ctx.rng.as_ref());
        let cart = cart_of(tx, scope, payment)?.ok_or(SubjectRefusal::Closed)?;
        if cart.state == CartState::Ordered {
            return Err(SubjectRefusal::Closed);
        }
        if cart.payment != Some(payment.id) {
            return Err(SubjectRefusal::Replaced);
        }
        if let Some(hold) = cart_ops::live_hold(tx, scope, &cart, moment).map_err(refused)? {
            let left = hold_ops::leave_bank_time(tx, scope, hold.id, moment);
            return left.map(|_| ()).map_err(|error| refused(error.into()));
        }
        let priced = cart_ops::priced_again(tx, scope, &cart).map_err(refused)?;
        if priced.and_then(|priced| priced.total().ok()) != cart.total().ok() {
            return Err(SubjectRefusal::AmountChanged);
        }
        let wanted = cart_ops::wanted(&cart, (Term::Bank, moment)).map_err(refused)?;
        match hold_ops::place(tx, scope, &wanted, moment).map_err(|e| refused(e.into()))? {
            Placed::Refused(_) => Err(SubjectRefusal::HoldLost),
            Placed::Held(hold) => {
                let cart = Cart { hold: Some(hold.id), ..cart };
                Ok(cart_store::save(tx, scope, &cart)?)
            }
        }
    }

    /// Confirms the hold; money that came after its end takes the stock directly if it is free.
    fn on_paid(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        occasion: Occasion<'_>,
    ) -> Result<Served, SubjectError> {
        let moment = Moment::new(occasion.now, self.ctx.rng.as_ref()).from(occasion.from);
        let Some(cart) = cart_of(tx, scope, payment)? else { return Ok(Served::PlaceGone) };
        if cart.state == CartState::Ordered {
            // A second payment of a cart that is booked: nothing is left to serve.
            return Ok(Served::PlaceGone);
        }
        let live = match cart.hold {
            Some(hold) => hold_ops::confirm(tx, scope, hold, occasion.now).map_err(hold_failed)?,
            None => Confirmed::TooLate,
        };
        let hold = match (live, cart.hold) {
            (Confirmed::Now | Confirmed::Already, Some(hold)) => hold,
            _ => {
                let wanted = cart_ops::wanted(&cart, (Term::Bank, moment))
                    .map_err(|_| Invariant { rule: "a paid cart has nights" })?;
                let gone = hold_ops::take_directly(tx, scope, &wanted, moment);
                if gone.map_err(hold_failed)?.is_some() {
                    return Ok(Served::PlaceGone);
                }
                wanted.id
            }
        };
        let zone = letters::zone(tx, scope)?;
        let booking = ops::book(tx, scope, (&cart, &Source::OWN_WEB), (hold, &zone, moment))
            .map_err(failed)?;
        note(tx, scope, (booking.id, "payment.received", payment), moment)?;
        letters::confirmed(tx, scope, (&self.ctx, &booking, Some(payment)), moment)?;
        Ok(served(&booking))
    }

    /// The hold stays until its end, so that the payer may try again; a booking that exists is
    /// told.
    fn on_lost(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        occasion: Occasion<'_>,
    ) -> Result<(), SubjectError> {
        let Some(cart) = cart_of(tx, scope, payment)? else { return Ok(()) };
        let Some(id) = cart.booking.filter(|_| cart.state == CartState::Ordered) else {
            return Ok(());
        };
        let moment = Moment::new(occasion.now, self.ctx.rng.as_ref()).from(occasion.from);
        note(tx, scope, (id, "payment.lost", payment), moment)
    }

    fn page(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        reader: Reader,
    ) -> Result<SubjectPage, DbError> {
        let Some(cart) = cart_of(tx, scope, payment)? else { return Ok(SubjectPage::default()) };
        let booking = match (cart.state, cart.booking) {
            (CartState::Ordered, Some(id)) => store::find(tx, scope, id)?,
            _ => None,
        };
        let hold = hold_store::of_cart(tx, scope, cart.id)?;
        let until = hold.filter(|hold| hold.is_live(reader.now)).map(|hold| hold.expires_at);
        let words = self.ctx.words(reader.locale);
        let asker = Asker { ctx: &self.ctx, scope, words: &words };
        asker.cart(tx, (&cart, booking.as_ref()), (payment, until))
    }
}

/// What a guest confirms days after he was asked is still due then: it may have been paid at the
/// desk meanwhile.
fn still_due(
    tx: &mut Tx,
    scope: &Scope,
    (booking, payment): (&Booking, &Payment),
) -> Result<(), SubjectRefusal> {
    if payment.initiator != Initiator::Payer || payment.purpose != Purpose::Balance {
        return Ok(());
    }
    let mut others = ops::payments_of(tx, scope, booking)?;
    others.retain(|other| other.id != payment.id);
    let recorded = outside::store::of(tx, scope, booking.id)?;
    let due = balance::due(booking, (&others, &recorded));
    let due = due.map_err(|error| DbError::Corrupt(error.to_string()))?;
    match due.minor() {
        0 => Err(SubjectRefusal::Closed),
        due if due < payment.amount.minor() => Err(SubjectRefusal::AmountChanged),
        _ => Ok(()),
    }
}

fn note(
    tx: &mut Tx,
    scope: &Scope,
    (id, action, payment): (kernel::BookingId, &str, &Payment),
    moment: Moment,
) -> Result<(), SubjectError> {
    if let Some(booking) = store::find(tx, scope, id)? {
        ops::journal(tx, scope, &booking, (action, &payment.order_ref, moment))?;
    }
    Ok(())
}

impl Subject for BookingSubject {
    fn kind(&self) -> &'static str {
        BOOKING
    }

    fn knows(&self, tx: &mut Tx, scope: &Scope, id: Id) -> Result<bool, DbError> {
        Ok(store::find(tx, scope, id.into())?.is_some())
    }

    fn named(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        (name, shop): (&str, Option<ShopId>),
    ) -> Result<Option<Id>, DbError> {
        if let Ok(id) = name.parse::<BookingId>() {
            return Ok(Some(id.id()));
        }
        Ok(store::id_of(tx, scope, (name, shop))?.map(|id| id.id()))
    }

    fn claim(&self, tx: &mut Tx, scope: &Scope, id: Id) -> Result<Option<Claim>, DbError> {
        let Some(booking) = store::find(tx, scope, id.into())? else { return Ok(None) };
        let payments = ops::payments_of(tx, scope, &booking)?;
        let recorded = outside::store::of(tx, scope, booking.id)?;
        let due = balance::due(&booking, (&payments, &recorded));
        let due = due.map_err(|error| DbError::Corrupt(error.to_string()))?;
        let zero = Money::zero(due.currency());
        let cancelled = match booking.state {
            BookingState::Cancelled => {
                let zone = letters::zone(tx, scope)?;
                let lines = store::journal(tx, scope, booking.id)?;
                let ended = lines.into_iter().find(|line| line.action == "booking.cancelled");
                ended.map(|line| zone.date(line.at))
            }
            _ => None,
        };
        Ok(Some(Claim {
            booking: booking.id,
            shop: booking.shop,
            number: booking.number,
            reference: booking.reference,
            first_name: booking.contact.first_name,
            last_name: booking.contact.last_name,
            due: if cancelled.is_some() { zero } else { due },
            undecided: balance::is_undecided(&payments),
            check_in: booking.starts,
            check_out: booking.ends,
            cancelled,
        }))
    }

    fn before_authorise(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        _now: Timestamp,
    ) -> Result<(), SubjectRefusal> {
        let own = payment.subject.as_ref().map(|subject| subject.id.into());
        let id: BookingId = own.or(payment.booking).ok_or(SubjectRefusal::Closed)?;
        let booking = store::find(tx, scope, id)?.ok_or(SubjectRefusal::Closed)?;
        let payable = matches!(
            booking.state,
            BookingState::PreBooked
                | BookingState::ToValidate
                | BookingState::Confirmed
                | BookingState::NoShow
                | BookingState::Done
        );
        if !payable {
            return Err(SubjectRefusal::Closed);
        }
        still_due(tx, scope, (&booking, payment))
    }

    fn on_paid(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        occasion: Occasion<'_>,
    ) -> Result<Served, SubjectError> {
        let moment = Moment::new(occasion.now, self.ctx.rng.as_ref()).from(occasion.from);
        let Some(subject) = &payment.subject else { return Ok(Served::PlaceGone) };
        let Some(booking) = store::find(tx, scope, subject.id.into())? else {
            return Ok(Served::PlaceGone);
        };
        note(tx, scope, (booking.id, "payment.received", payment), moment)?;
        Ok(served(&booking))
    }

    fn on_lost(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        occasion: Occasion<'_>,
    ) -> Result<(), SubjectError> {
        let moment = Moment::new(occasion.now, self.ctx.rng.as_ref()).from(occasion.from);
        let Some(subject) = &payment.subject else { return Ok(()) };
        note(tx, scope, (subject.id.into(), "payment.lost", payment), moment)
    }

    fn page(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        payment: &Payment,
        reader: Reader,
    ) -> Result<SubjectPage, DbError> {
        let Some(subject) = &payment.subject else { return Ok(SubjectPage::default()) };
        let Some(booking) = store::find(tx, scope, subject.id.into())? else {
            return Ok(SubjectPage::default());
        };
        let words = self.ctx.words(reader.locale);
        let asker = Asker { ctx: &self.ctx, scope, words: &words };
        asker.booking(tx, &booking, payment)
    }
}
