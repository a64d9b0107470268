//! Charging a virtual card for its booking, without the guest.

use db::{DbError, Route, Tx};
use identity::audit;
use kernel::{CardToken, Money, PointOfSaleId, Scope, ShopId};
use vault_wire::WireError;

use super::board::{self, Entry};
use super::model::{Refusal, VirtualCard};
use super::ops::{self, Seen};
use crate::NewIds;
use crate::contract::place_for;
use crate::engine::charge::ChargeError;
use crate::engine::{AttemptError, CardOffer, Dispatch, Engine, EngineError};
use crate::payment::save::Pen;
use crate::payment::{
    CapturePlan, Channel, Initiator, KeepCard, Line, NewPayment, Parallel, Payer, Payment, Purpose,
    Source, Terms,
};
use crate::subject::{BOOKING, SubjectRef};

/// What is charged, and at whose word.
#[derive(Debug, Clone)]
pub struct Order {
    /// The card.
    pub card: CardToken,
    /// Whose.
    pub shop: ShopId,
    /// How much.
    pub amount: Money,
    /// Names of the payment to be made.
    pub ids: NewIds,
    /// Where the word came from, for the journal.
    pub origin: audit::Origin,
}

impl Order {
    /// An order of now.
    #[must_use]
    pub fn new(
        engine: &Engine,
        (card, shop): (CardToken, ShopId),
        amount: Money,
        origin: audit::Origin,
    ) -> Self {
        let ids = NewIds::new(engine.ctx.now(shop), engine.ctx.rng.as_ref());
        Self { card, shop, amount, ids, origin }
    }
}

/// Why nothing was charged; nothing was sent and no payment was made.
#[derive(Debug, thiserror::Error)]
pub enum NotCharged {
    /// No virtual card of this merchant.
    #[error("no virtual card")]
    Unknown,
    /// The card does not take it.
    #[error("virtual card: {}", .0.code())]
    Card(Refusal),
    /// What is due or left is no longer what was seen, or a payment of the booking is under way.
    #[error("not what was seen")]
    Changed,
    /// No point of sale takes cards without the guest.
    #[error("no point of sale takes orders by telephone")]
    NoPlace,
    /// The vault does not give the card.
    #[error(transparent)]
    Vault(#[from] WireError),
    /// The payment or its attempt was refused.
    #[error(transparent)]
    Charge(ChargeError),
}

impl From<ChargeError> for NotCharged {
    fn from(error: ChargeError) -> Self {
        match error {
            ChargeError::Attempt(AttemptError::Virtual(refusal)) => Self::Card(refusal),
            error => Self::Charge(error),
        }
    }
}

impl From<DbError> for NotCharged {
    fn from(error: DbError) -> Self {
        Self::Charge(error.into())
    }
}

impl From<EngineError> for NotCharged {
    fn from(error: EngineError) -> Self {
        Self::Charge(error.into())
    }
}

impl Engine {
    /// The card of the vault as it is offered to the bank, with its code where one is held.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn virtual_offer(
        &self,
        scope: &Scope,
        (card, shop): (CardToken, ShopId),
    ) -> Result<CardOffer, WireError> {
        let offer = self.card(scope, shop, card).await?;
        Ok(CardOffer { source: Source::Desk, ..offer })
    }

    /// Charges a virtual card with just what it offers.
    ///
    /// # Errors
    /// [`NotCharged`]: nothing was sent.
    pub async fn charge_virtual(&self, scope: &Scope, order: Order) -> Result<Payment, NotCharged> {
        let offer = self.virtual_offer(scope, (order.card, order.shop)).await?;
        let (engine, owned) = (self.clone(), scope.clone());
        let route = Route::of(order.ids.payment.id());
        let begin = move |tx: &mut Tx<'_>| begin_offered(tx, &engine, &owned, (&order, &offer));
        let dispatch = self.ctx.db.write(route, begin).await?;
        Ok(self.run(scope, dispatch).await?)
    }
}

/// Makes the payment and stores its first request as sent, in the caller's transaction: as much as
/// a person said who looks at the card.
///
/// # Errors
/// [`NotCharged`]; the transaction must end with it.
pub fn begin(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (order, offer): (&Order, &CardOffer),
) -> Result<Dispatch, NotCharged> {
    let pen = engine.pen(scope, order.shop);
    let seen = ops::look(tx, &pen, order.card)?.ok_or(NotCharged::Unknown)?;
    charge(tx, (engine, &pen), &seen, (order, offer))
}

/// As [`begin`], for what nobody looks at one by one: just what the card and its booking offer now,
/// so that a booking with two cards, or charged meanwhile in another way, is not charged twice.
///
/// # Errors
/// [`NotCharged`]; the transaction must end with it.
pub fn begin_offered(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (order, offer): (&Order, &CardOffer),
) -> Result<Dispatch, NotCharged> {
    let pen = engine.pen(scope, order.shop);
    let Entry { seen, offer: offered, .. } =
        board::entry(tx, &pen, order.card)?.ok_or(NotCharged::Unknown)?;
    let undecided = seen.claim.as_ref().is_some_and(|claim| claim.undecided);
    if undecided || offered != Some(order.amount) {
        return Err(NotCharged::Changed);
    }
    charge(tx, (engine, &pen), &seen, (order, offer))
}

fn charge(
    tx: &mut Tx<'_>,
    (engine, pen): (&Engine, &Pen<'_>),
    seen: &Seen,
    (order, offer): (&Order, &CardOffer),
) -> Result<Dispatch, NotCharged> {
    let scope = pen.scope;
    seen.admit(order.amount, pen.now).map_err(NotCharged::Card)?;
    let place = place_for(tx, scope, (order.shop, Channel::MotoTerminal))?;
    let new = payment(engine, seen, (order, place.ok_or(NotCharged::NoPlace)?));
    Ok(engine.begin_new(tx, scope, (&new, offer), &order.origin)?)
}

/// The payment: keyed in by the property, of the booking when it is one of this house. Its
/// reference counts the payments of the card, so that two presses make one.
fn payment(
    engine: &Engine,
    seen: &Seen,
    (order, point_of_sale): (&Order, PointOfSaleId),
) -> NewPayment {
    let card = &seen.card;
    let name = reference(card, seen.claim.as_ref().map(|claim| claim.number.as_str()));
    let words = engine.ctx.words(kernel::Locale::Fr);
    let booking = seen.claim.as_ref().map(|claim| claim.booking);
    let payer = seen.claim.as_ref().map(|claim| Payer {
        first_name: claim.first_name.clone(),
        last_name: claim.last_name.clone(),
        ..Payer::unknown(kernel::Locale::Fr)
    });
    NewPayment {
        ids: order.ids.clone(),
        shop: order.shop,
        point_of_sale,
        channel: Channel::MotoTerminal,
        amount: order.amount,
        order_ref: format!("{name}/v{}", seen.used.payments.saturating_add(1)),
        parallel: Parallel::Refuse,
        purpose: if booking.is_some() { Purpose::Balance } else { Purpose::Plain },
        subject: booking.map(|id| SubjectRef { kind: BOOKING.into(), id: id.id() }),
        booking,
        capture: CapturePlan::NOW,
        initiator: Initiator::Payer,
        reason: None,
        keep_card: KeepCard::None,
        payer: payer.unwrap_or_else(|| Payer::unknown(kernel::Locale::Fr)),
        customer: None,
        lines: vec![Line {
            label: words.with("vcc-line", &[("booking", &name)]),
            amount: Some(order.amount),
        }],
        terms: Terms::default(),
        return_url: None,
        metadata: serde_json::Map::new(),
    }
}

/// How people call what a card pays for.
#[must_use]
pub fn reference(card: &VirtualCard, number: Option<&str>) -> String {
    let known = number.unwrap_or(&card.booking);
    let name = if known.is_empty() { &card.masked } else { known };
    name.chars().take(REFERENCE_CHARACTERS).collect()
}

/// Characters of a reference that are kept in front of the count.
const REFERENCE_CHARACTERS: usize = 50;
