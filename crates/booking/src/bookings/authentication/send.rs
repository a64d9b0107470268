//! A payment of what is due, and the link that asks for it, in one commit.

use db::{DbError, Route, Tx};
use identity::audit;
use kernel::{Money, Problem, Scope};
use payments::authentication_links::ops::{self as links, Ask, AskError};
use payments::contract::place_for;
use payments::payment::{Channel, ThreedsWish};
use payments::{CreateError, Engine, Initiator, NewPayment, Payer};
use web::forms::{self, Submit};

use crate::bookings::balance::{self, Balance, WhyNot};
use crate::bookings::model::Booking;
use crate::bookings::{ops, store};
use crate::moment::Moment;

/// Why nobody was asked; nothing was written and nothing is sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAsked {
    /// What is due is no longer what was seen.
    #[error("not what was seen")]
    Changed,
    /// The form was sent before, or somebody else charges it.
    #[error("asked already")]
    Already,
    /// The payment was not made.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// The link was not made.
    #[error(transparent)]
    Ask(#[from] AskError),
}

impl From<DbError> for NotAsked {
    fn from(error: DbError) -> Self {
        Self::Create(error.into())
    }
}

impl From<NotAsked> for Problem {
    fn from(error: NotAsked) -> Self {
        match error {
            NotAsked::Changed | NotAsked::Already => {
                Self::new(409, "version_conflict", "Look at the booking again.")
            }
            NotAsked::Create(error) => error.into(),
            NotAsked::Ask(error) => error.into(),
        }
    }
}

/// What a person decided on.
#[derive(Debug, Clone)]
pub(super) struct Order {
    /// The booking.
    pub(super) booking: Booking,
    /// What was due when he was asked.
    pub(super) due: Money,
    /// How much of it is to be confirmed.
    pub(super) amount: Money,
    /// The most that he may charge in one operation, in minor units; none is no limit.
    pub(super) ceiling: Option<i64>,
    /// The link.
    pub(super) ask: Ask,
    /// From where it is asked.
    pub(super) origin: audit::Origin,
    /// The token of the form, and where it leads.
    pub(super) form: (String, String),
}

/// Asks once per form, if what was due is still due.
///
/// # Errors
/// [`NotAsked`].
pub(super) async fn ask(engine: &Engine, scope: &Scope, order: Order) -> Result<(), NotAsked> {
    let (own, house) = (engine.clone(), scope.clone());
    let route = Route::of(order.booking.id.id());
    let unit = move |tx: &mut Tx<'_>| {
        let (token, there) = &order.form;
        if forms::begin(tx, &house, there, token, own.ctx.real_now())? != Submit::First {
            return Err(NotAsked::Already);
        }
        forms::finish(tx, &house, there, token, there)?;
        let found = store::find(tx, &house, order.booking.id)?.ok_or(NotAsked::Changed)?;
        let payments = ops::payments_of(tx, &house, &found)?;
        let now = balance::balance(tx, &house, &found, &payments)?;
        as_seen(&order, &now)?;
        let asked = super::mandated(&payments);
        links::not_too_often(tx, &house, (&asked, own.ctx.now(found.shop)))?;
        let place = place_for(tx, &house, (found.shop, Channel::Ecommerce))?;
        let due = balance::payment_now(&own.ctx, (&found, &payments), order.amount);
        let new = NewPayment {
            point_of_sale: place.unwrap_or(due.point_of_sale),
            channel: Channel::Ecommerce,
            initiator: Initiator::Payer,
            reason: None,
            payer: Payer {
                phone: Some(found.contact.phone.clone()).filter(|phone| !phone.is_empty()),
                ..due.payer.clone()
            },
            ..due
        };
        own.create(tx, &house, (&new, ThreedsWish::Mandate), &order.origin)?;
        let id = new.ids.payment;
        let line = audit::Line::new("payment.ask_holder", id, &order.origin);
        links::ask(tx, &own, &house, (id, &order.ask), &line)?;
        let moment = Moment::new(own.ctx.now(found.shop), own.ctx.rng.as_ref());
        let moment = moment.from(&order.origin.address);
        ops::journal(tx, &house, &found, ("booking.authentication_requested", "", moment))?;
        Ok(())
    };
    engine.ctx.db.write(route, unit).await
}

/// The booking still owes what was seen, nobody else charges it, and he may charge as much. A card
/// that came without a payment here may be the one that is named.
fn as_seen(order: &Order, now: &Balance) -> Result<(), NotAsked> {
    match now.why_not {
        Some(WhyNot::InProgress | WhyNot::NothingDue) => return Err(NotAsked::Already),
        None | Some(WhyNot::NoCard) => {}
        Some(_) => return Err(NotAsked::Changed),
    }
    let within = order.amount.minor() <= now.most(order.ceiling).minor();
    if within && now.due == order.due { Ok(()) } else { Err(NotAsked::Changed) }
}
