//! The one payment of a cart.

use db::Tx;
use kernel::{Money, Scope, format};
use payments::payment::{
    CapturePlan, Channel, Initiator, KeepCard, Line, Parallel, Payer, Purpose, Terms,
};
use payments::{CreateError, NewIds, NewPayment, Payment, SubjectRef, ops as payment_ops};

use super::error::CartError;
use super::model::{Asked, Cart};
use super::ops::{CART, PayWish};
use crate::moment::Moment;

/// The cart's live payment over the amount asked now, or a new one. Two tabs, a reload and a
/// double click reach the same payment.
pub(super) fn payment_of(
    tx: &mut Tx,
    scope: &Scope,
    cart: &Cart,
    (wish, moment): (&PayWish, Moment),
) -> Result<Payment, CartError> {
    let (amount, asked) = cart.asked_now(wish.typology)?;
    let mut new = new_payment(cart, (amount, asked), (wish, moment))?;
    match payment_ops::create(tx, scope, &new, moment.now) {
        Ok(payment) => Ok(payment),
        Err(CreateError::OrderHasLivePayment(first)) => {
            let known = payment_ops::find(tx, scope, first)?.ok_or(CartError::NotFound)?;
            if known.amount == amount || known.counters.authorised > 0 {
                return Ok(known);
            }
            // Another amount was accepted: the first payment is no longer the cart's, so its
            // bank is never asked.
            new.parallel = Parallel::Allow;
            Ok(payment_ops::create(tx, scope, &new, moment.now)?)
        }
        Err(error) => Err(error.into()),
    }
}

fn new_payment(
    cart: &Cart,
    (amount, asked): (Money, Asked),
    (wish, moment): (&PayWish, Moment),
) -> Result<NewPayment, CartError> {
    let contact = cart.contact.as_ref().ok_or(CartError::ContactMissing)?;
    let number = cart.number.as_deref().unwrap_or_default();
    let (purpose, keep_card) = match asked {
        Asked::Deposit => (Purpose::Deposit, KeepCard::Booking),
        Asked::Everything => (Purpose::Plain, KeepCard::None),
    };
    Ok(NewPayment {
        ids: NewIds::new(moment.now, moment.rng),
        shop: cart.shop,
        point_of_sale: cart.point_of_sale,
        channel: Channel::Ecommerce,
        amount,
        order_ref: format!("{number}/1"),
        parallel: Parallel::Refuse,
        purpose,
        subject: Some(SubjectRef { kind: CART.into(), id: cart.id.id() }),
        booking: None,
        capture: CapturePlan::NOW,
        initiator: Initiator::Payer,
        reason: None,
        keep_card,
        payer: Payer {
            email: Some(contact.email.clone()),
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            language: contact.language,
            country: None,
            phone: None,
        },
        customer: None,
        lines: lines(cart),
        terms: Terms::default(),
        return_url: wish.return_url.clone(),
        metadata: serde_json::Map::new(),
    })
}

/// What is bought, in the buyer's language.
fn lines(cart: &Cart) -> Vec<Line> {
    let locale = cart.contact.as_ref().map_or(kernel::Locale::Fr, |contact| contact.language);
    let one = |line: &super::CartLine| Line {
        label: format!(
            "{} · {} · {} – {}",
            line.names.lodging.get(locale),
            line.names.formula.get(locale),
            format::date(line.arrival, locale),
            format::date(line.departure, locale),
        ),
        amount: Some(line.quote.total),
    };
    cart.lines.iter().map(one).collect()
}
