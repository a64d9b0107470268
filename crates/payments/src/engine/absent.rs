//! How a charge leaves whose holder is not there: under the agreement he made with his first
//! payment, whose network transaction id it names, or, without one, as an order by telephone.

use db::{DbError, Tx};
use identity::merchants;
use kernel::{PointOfSaleId, Scope};

use super::CardOffer;
use super::attempt::AttemptError;
use super::charge::ChargeError;
use crate::contract::Contract;
use crate::payment::{Channel, Initiator, NewPayment, Reason, store};

/// Turns a charge by the merchant into an order by telephone where the holder agreed to
/// nothing with this card, or where it is called so. Such a card is not the guest's kept one:
/// later charges have no agreement to name either.
///
/// # Errors
/// [`AttemptError::ChainMissing`] when no point of sale takes orders by telephone,
/// [`ChargeError::WithoutMoto`] when the charge is called one; the database.
pub fn as_it_can_leave(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (new, offer): (NewPayment, CardOffer),
) -> Result<(NewPayment, CardOffer), ChargeError> {
    let by_telephone = new.reason == Some(Reason::Moto);
    // One without a reason is refused when it is created, whatever the card.
    let absent = new.initiator == Initiator::Merchant && new.reason.is_some();
    if !absent || !by_telephone && store::chain_of_card(tx, scope, offer.card.id)?.is_some() {
        return Ok((new, offer));
    }
    let Some(place) = telephone(tx, scope, &new)? else {
        return Err(match by_telephone {
            true => ChargeError::WithoutMoto,
            false => AttemptError::ChainMissing.into(),
        });
    };
    let card = crate::payment::Card { kept: false, ..offer.card };
    let new = NewPayment { channel: Channel::MotoTerminal, point_of_sale: place, ..new };
    Ok((new, CardOffer { card, ..offer }))
}

/// The point of sale that takes it as an order by telephone: its own where it does, else the
/// first of the shop.
fn telephone(
    tx: &mut Tx<'_>,
    scope: &Scope,
    new: &NewPayment,
) -> Result<Option<PointOfSaleId>, DbError> {
    let contract = Contract::of(scope, new.shop);
    let mut points = merchants::store::points_of_sale(tx, scope, new.shop)?;
    points.retain(|point| contract.admits(&point.channel, Channel::MotoTerminal).is_ok());
    let own = points.iter().find(|point| point.id == new.point_of_sale);
    Ok(own.or(points.first()).map(|point| point.id))
}
