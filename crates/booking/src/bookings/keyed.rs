//! The rest of a stay on a card that a channel or a program sent.
//!
//! The guest paid nothing with it here and agreed to no later charge, so it is charged the way the
//! property would key it in itself: as an order by telephone, without him and without his bank's
//! authentication. The security code goes along where one is held, and is gone with the answer.

use db::{DbError, Route, Tx};
use identity::audit;
use kernel::{Money, Problem, Scope};
use payments::cards::of_booking::Found;
use payments::contract::place_for;
use payments::engine::CardOffer;
use payments::engine::charge::ChargeError;
use payments::payment::{Card, Channel, Initiator, KeepCard, Payment, Source};
use payments::{Engine, NewPayment};

use super::balance::{self, WhyNot};
use super::model::Booking;
use super::{method, ops, store};

/// Why nothing was charged; nothing was sent and no payment was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotKeyed {
    /// What is due is no longer what was seen.
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

impl From<DbError> for NotKeyed {
    fn from(error: DbError) -> Self {
        Self::Charge(error.into())
    }
}

impl From<NotKeyed> for Problem {
    fn from(error: NotKeyed) -> Self {
        match error {
            NotKeyed::Changed | NotKeyed::Already => {
                Self::new(409, "version_conflict", "Look at the booking again.")
            }
            NotKeyed::NoPlace => {
                let text = "No point of sale takes orders by telephone (`moto_terminal`).";
                Self::new(422, "channel_not_allowed", text)
            }
            NotKeyed::Charge(error) => error.into(),
        }
    }
}

/// The card of the booking as it is offered to the bank; nothing when there is none, it is virtual
/// or the vault does not answer.
///
/// # Errors
/// [`DbError`] of this house's own database.
pub(super) async fn offer(
    engine: &Engine,
    scope: &Scope,
    booking: &Booking,
) -> Result<Option<CardOffer>, DbError> {
    let mut cards = engine.cards_of(scope, &[method::asked(booking)]).await?;
    let Some(Found::Card(one, None)) = cards.remove(&booking.id) else { return Ok(None) };
    if one.card.card_virtual {
        return Ok(None);
    }
    match engine.card(scope, booking.shop, one.card.token).await {
        Ok(offer) => {
            // The guest agreed to no later charge: the card is not his kept one from now on.
            let card = Card { kept: false, ..offer.card };
            Ok(Some(CardOffer { card, source: Source::Desk, ..offer }))
        }
        Err(error) => {
            tracing::warn!(%error, booking = %booking.id, "card of a booking");
            Ok(None)
        }
    }
}

/// Charges what is due, if that is still what was seen.
///
/// # Errors
/// [`NotKeyed`]: nothing was sent.
pub(super) async fn charge(
    engine: &Engine,
    scope: &Scope,
    (booking, due): (Booking, Money),
    (offer, origin): (CardOffer, audit::Origin),
) -> Result<Payment, NotKeyed> {
    let (own, house) = (engine.clone(), scope.clone());
    let route = Route::of(booking.id.id());
    let begin = move |tx: &mut Tx<'_>| {
        let found = store::find(tx, &house, booking.id)?.ok_or(NotKeyed::Changed)?;
        let payments = ops::payments_of(tx, &house, &found)?;
        let now = balance::balance(tx, &house, &found, &payments)?;
        match now.why_not {
            Some(WhyNot::InProgress | WhyNot::NothingDue) => return Err(NotKeyed::Already),
            Some(WhyNot::NoCard) if now.due == due => {}
            _ => return Err(NotKeyed::Changed),
        }
        let place = place_for(tx, &house, (found.shop, Channel::MotoTerminal))?;
        let new = NewPayment {
            point_of_sale: place.ok_or(NotKeyed::NoPlace)?,
            channel: Channel::MotoTerminal,
            initiator: Initiator::Payer,
            reason: None,
            keep_card: KeepCard::None,
            ..balance::payment_now(&own.ctx, (&found, &payments), due)
        };
        Ok(own.begin_new(tx, &house, (&new, &offer), &origin)?)
    };
    let first = engine.ctx.db.write(route, begin).await?;
    Ok(engine.run(scope, first).await.map_err(ChargeError::from)?)
}
