//! The card of a booking as it is offered to the bank, and the charge itself.

use db::{DbError, Route, Tx};
use identity::audit;
use kernel::{CardToken, Money, Problem, Scope};
use payments::cards::of_booking::Found;
use payments::contract::place_for;
use payments::engine::CardOffer;
use payments::engine::charge::ChargeError;
use payments::payment::{Card, Channel, KeepCard, Reason, Source};
use payments::{Engine, NewPayment};
use vault_wire::CodeStatus;
use web::forms::{self, Submit};

use super::model;
use crate::bookings::balance::{self, Balance, WhyNot};
use crate::bookings::model::Booking;
use crate::bookings::{method, ops, store};

/// How the card of a booking can be charged.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// Under the agreement that the guest made when he paid with it.
    Kept(CardOffer),
    /// As an order by telephone; with whether the vault holds its security code.
    Keyed(CardOffer, bool),
}

impl Way {
    /// The card as it is offered.
    pub(super) const fn offer(&self) -> &CardOffer {
        match self {
            Self::Kept(offer) | Self::Keyed(offer, _) => offer,
        }
    }

    /// Whether a security code is held that the charge can use.
    pub(super) const fn has_code(&self) -> bool {
        matches!(self, Self::Keyed(_, true))
    }
}

/// Why nothing was charged; nothing was sent and no payment was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotCharged {
    /// What is due or the card is no longer what was seen.
    #[error("not what was seen")]
    Changed,
    /// Somebody else charges it, or has charged it.
    #[error("charged already")]
    Already,
    /// No point of sale takes orders by telephone.
    #[error("no point of sale takes orders by telephone")]
    NoPlace,
    /// The payment or its attempt was refused.
    #[error(transparent)]
    Charge(#[from] ChargeError),
}

impl From<DbError> for NotCharged {
    fn from(error: DbError) -> Self {
        Self::Charge(error.into())
    }
}

impl From<NotCharged> for Problem {
    fn from(error: NotCharged) -> Self {
        match error {
            NotCharged::Changed | NotCharged::Already => {
                Self::new(409, "version_conflict", "Look at the booking again.")
            }
            NotCharged::NoPlace => {
                let text = "No point of sale takes orders by telephone (`moto_terminal`).";
                Self::new(422, "channel_not_allowed", text)
            }
            NotCharged::Charge(error) => error.into(),
        }
    }
}

/// The card of the booking that is charged without an agreement: one that came without a payment
/// here, or that the guest gave beside the one he paid with, `kept`. Nothing when there is none, it
/// is virtual or the vault does not answer; why not, when the card that counts cannot be charged.
///
/// # Errors
/// [`DbError`] of this house's own database.
pub(super) async fn offer(
    engine: &Engine,
    scope: &Scope,
    (booking, kept): (&Booking, Option<CardToken>),
) -> Result<Result<Option<Way>, WhyNot>, DbError> {
    let mut cards = engine.cards_of(scope, &[method::asked(booking)]).await?;
    let Some(Found::Card(one, None)) = cards.remove(&booking.id) else { return Ok(Ok(None)) };
    let is_kept = kept == Some(one.card.token);
    let counts = is_kept || kept.is_none_or(|kept| model::was_given(&one.card, kept));
    if one.card.card_virtual || !counts {
        return Ok(Ok(None));
    }
    if let Some(why) = model::stopped(&one.card) {
        return Ok(Err(why));
    }
    if is_kept {
        return Ok(Ok(None));
    }
    let held = matches!(one.card.security_code.status, CodeStatus::Available | CodeStatus::Transit);
    match engine.card(scope, booking.shop, one.card.token).await {
        Ok(offer) => {
            // The guest agreed to no later charge: the card is not his kept one from now on.
            let card = Card { kept: false, ..offer.card };
            Ok(Ok(Some(Way::Keyed(CardOffer { card, source: Source::Desk, ..offer }, held))))
        }
        Err(error) => {
            tracing::warn!(%error, booking = %booking.id, "card of a booking");
            Ok(Ok(None))
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
    /// How much of it to charge.
    pub(super) amount: Money,
    /// The most that he may charge in one operation, in minor units; none is no limit.
    pub(super) ceiling: Option<i64>,
    /// Why without the guest.
    pub(super) reason: Reason,
    /// The card.
    pub(super) way: Way,
    /// From where it is asked.
    pub(super) origin: audit::Origin,
    /// The token of the form, and where it leads.
    pub(super) form: (String, String),
}

/// Charges once per form, if what was due is still due and the card still the one that was named.
///
/// # Errors
/// [`NotCharged`]: nothing was sent.
pub(super) async fn charge(engine: &Engine, scope: &Scope, order: Order) -> Result<(), NotCharged> {
    let (own, house) = (engine.clone(), scope.clone());
    let route = Route::of(order.booking.id.id());
    let begin = move |tx: &mut Tx<'_>| {
        let (token, there) = &order.form;
        let real_now = own.ctx.real_now();
        if forms::begin(tx, &house, there, token, real_now)? != Submit::First {
            return Err(NotCharged::Already);
        }
        forms::finish(tx, &house, there, token, there)?;
        let found = store::find(tx, &house, order.booking.id)?.ok_or(NotCharged::Changed)?;
        let payments = ops::payments_of(tx, &house, &found)?;
        let now = balance::balance(tx, &house, &found, &payments)?;
        as_seen(&order, &now)?;
        let new = NewPayment {
            reason: Some(order.reason),
            ..balance::payment_now(&own.ctx, (&found, &payments), order.amount)
        };
        let new = match order.way {
            Way::Kept(_) => new,
            Way::Keyed(..) => {
                let place = place_for(tx, &house, (found.shop, Channel::MotoTerminal))?;
                let point_of_sale = place.ok_or(NotCharged::NoPlace)?;
                let (channel, keep_card) = (Channel::MotoTerminal, KeepCard::None);
                NewPayment { point_of_sale, channel, keep_card, ..new }
            }
        };
        Ok(own.begin_new(tx, &house, (&new, order.way.offer()), &order.origin)?)
    };
    let first = engine.ctx.db.write(route, begin).await?;
    engine.run(scope, first).await.map_err(ChargeError::from)?;
    Ok(())
}

/// The booking still owes what was seen, on the card that was seen, and he may charge as much.
fn as_seen(order: &Order, now: &Balance) -> Result<(), NotCharged> {
    let card = order.way.offer().card.id;
    let fits = match (&order.way, now.why_not) {
        (_, Some(WhyNot::InProgress | WhyNot::NothingDue)) => return Err(NotCharged::Already),
        (Way::Kept(_), None) => now.card.as_ref().is_some_and(|kept| kept.id == card),
        (Way::Keyed(..), Some(WhyNot::NoCard)) => true,
        // The guest gave another card than the one he paid with.
        (Way::Keyed(..), None) => now.card.as_ref().is_some_and(|kept| kept.id != card),
        _ => false,
    };
    let within = order.amount.minor() <= now.most(order.ceiling).minor();
    if fits && within && now.due == order.due { Ok(()) } else { Err(NotCharged::Changed) }
}
